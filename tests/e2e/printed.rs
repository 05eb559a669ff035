//! Papers as PDF: the protocol of a result, and the slip for a payment code.

use anyhow::Context as _;
use reqwest::header::{CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use toruk_server::auction::{Error, OfficialAction};
use toruk_server::identity::{Official, Role};
use toruk_server::pdf::{AuctionProtocol, Decision, LossReason, ProtocolOutcome};
use toruk_sync::domain::auction::{ContractFault, Failure, Rejection, Status, SuspensionCause};
use toruk_sync::domain::deposit::{Channel, Intent};
use toruk_sync::domain::id::{ApplicationId, IntentId};
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt;
use toruk_sync::verify::Replay;
use toruk_tests::world::api_client::{ApiClient, random_uuid};
use toruk_tests::world::clock::Clock as _;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

/// The official paper over HTTP, once it is made: its tag and its bytes.
async fn fetched(stage: &OpenAuction, query: &str) -> anyhow::Result<(String, Vec<u8>)> {
    until("the protocol", || async {
        Ok(stage.view().await?.auction.current_protocol().map(|_| ()))
    })
    .await?;
    let path = format!("{}/v1/auctions/{}/protocol.pdf", stage.world.origin, stage.auction);
    let answer = stage.world.http()?.get(format!("{path}{query}")).send().await?;
    let answer = answer.error_for_status()?;
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/pdf");
    let expected = query.strip_prefix("?language=").unwrap_or("ky");
    assert_eq!(answer.headers()[CONTENT_LANGUAGE], expected);
    let tag = answer.headers()[ETAG].to_str()?.to_owned();
    let bytes = answer.bytes().await?.to_vec();
    assert!(bytes.starts_with(b"%PDF-1.7"), "no PDF");
    assert!(bytes.ends_with(b"%%EOF\n"), "no room for a signature");
    let kept = stage.world.http()?.get(format!("{path}{query}")).header(IF_NONE_MATCH, &tag);
    assert_eq!(kept.send().await?.status(), 304);
    Ok((tag, bytes))
}

/// The head of the log after the records that a protocol names.
async fn head_of(stage: &OpenAuction, protocol: &AuctionProtocol) -> anyhow::Result<String> {
    let log = stage.log().await?;
    let head = Replay::of(&log)?.head(protocol.log_records).context("a longer log")?;
    Ok(hex::encode(head))
}

async fn reached(stage: &OpenAuction, status: Status) -> anyhow::Result<()> {
    until("the status", || async {
        Ok((stage.view().await?.auction.status == status).then_some(()))
    })
    .await
}

/// An act that one official proposes and another one approves.
async fn together(
    stage: &OpenAuction,
    one: &Official,
    other: &Official,
    act: JointAct,
) -> anyhow::Result<()> {
    let auctions = &stage.world.state().auctions;
    auctions.propose(one, stage.auction, act).await?;
    let auction = stage.view().await?.auction;
    let pending = auctions.proposals(other, &auction).await?.pop().context("nothing waits")?;
    Ok(auctions.approve(other, stage.auction, pending.id).await?)
}

/// An auction with a proposed winner, the second of two bidders.
async fn qualified() -> anyhow::Result<(OpenAuction, Vec<ApiClient>)> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let view = stage.view().await?;
    clients[1].bid(&view, &clients[1].raise(&view)?).await?;
    let end = stage.view().await?.auction.wake_at().context("no deadline")?;
    stage.play_until(end).await?;
    reached(&stage, Status::Qualification).await?;
    Ok((stage, clients))
}

async fn confirm(stage: &OpenAuction, winner: &ApiClient) -> anyhow::Result<()> {
    let path = format!("/v1/auctions/{}", stage.auction);
    let text: ProtocolView = winner.get(&format!("{path}/protocol")).await?.json()?;
    let answer = AnswerAward::Confirm { confirmation: winner.confirm(&text.protocol)? };
    assert_eq!(winner.post(&format!("{path}/award"), &answer).await?.status, 204);
    Ok(())
}

#[tokio::test]
async fn a_result_has_a_protocol_whose_bytes_change_only_with_it() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let auctions = &stage.world.state().auctions;
    let path = format!("/v1/auctions/{}", stage.auction);
    let winner = &clients[1];
    let early = winner.get(&format!("{path}/protocol.pdf")).await?;
    assert_eq!(early.problem()?, (409, ProblemCode::WrongState));
    for client in [&clients[0], winner] {
        let view = stage.view().await?;
        client.bid(&view, &client.raise(&view)?).await?;
    }
    let end = stage.view().await?.auction.wake_at().context("no deadline")?;
    stage.play_until(end).await?;
    reached(&stage, Status::Qualification).await?;

    let unknown = winner.get(&format!("{path}/protocol.pdf?language=de")).await?;
    assert_eq!(unknown.problem()?.1, ProblemCode::Malformed);
    let (mut tags, mut papers) = (Vec::new(), Vec::new());
    for query in ["", "?language=ru", "?language=en"] {
        let (tag, bytes) = fetched(&stage, query).await?;
        assert!(fetched(&stage, query).await? == (tag.clone(), bytes.clone()), "other bytes");
        tags.push(tag);
        papers.push(bytes);
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "the tag does not name the language");

    let text: ProtocolView = winner.get(&format!("{path}/protocol")).await?.json()?;
    let proposed = auctions.result_protocol(stage.auction).await?;
    assert_eq!(proposed.signed.as_ref(), Some(&text.protocol), "another text than is signed");
    assert_eq!((proposed.raises, proposed.last_raises.len()), (2, 2));
    assert_eq!(proposed.log_head, head_of(&stage, &proposed).await?);
    let answer = AnswerAward::Confirm { confirmation: winner.confirm(&text.protocol)? };
    assert_eq!(winner.post(&format!("{path}/award"), &answer).await?.status, 204);

    let (_, confirmed) = fetched(&stage, "").await?;
    assert!(confirmed == papers[0], "another protocol than the winner has signed");
    let public = auctions.result_protocol(stage.auction).await?;
    assert!(matches!(public.outcome, ProtocolOutcome::AwardConfirmed { .. }));
    assert_eq!(public.winner_name, None);
    let official =
        auctions.official_protocol(&stage.officials.organiser.official, stage.auction).await?;
    assert_eq!(official.winner_name.as_deref(), Some("Аида Токтогулова"));
    assert_eq!(official.json(), public.json(), "the attached data name nobody");
    let sysadmin = stage.world.official(Role::Sysadmin, "Тилек Асанов").await?.official;
    let refused = auctions.official_protocol(&sysadmin, stage.auction).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn an_auction_that_failed_has_a_protocol_that_says_why() -> anyhow::Result<()> {
    for (bidders, expected) in [
        (0, Failure::NoApplications),
        (1, Failure::InsufficientParticipants),
        (2, Failure::NoFirstOffer),
    ] {
        let stage = OpenAuction::published().await?;
        let auctions = &stage.world.state().auctions;
        let early = auctions.result_protocol(stage.auction).await;
        assert!(matches!(early, Err(Error::Rejected(Rejection::WrongState))), "{early:?}");
        for number in 0..bidders {
            stage.eligible(&format!("Bidder {number}")).await?;
        }
        while let Some(wake) = stage.view().await?.auction.wake_at() {
            stage.play_until(wake).await?;
        }
        reached(&stage, Status::Unsuccessful).await?;
        for query in ["", "?language=ru", "?language=en"] {
            fetched(&stage, query).await?;
        }
        let protocol = auctions.result_protocol(stage.auction).await?;
        assert_eq!(protocol.outcome, ProtocolOutcome::Unsuccessful { reason: expected });
        assert_eq!((usize::from(protocol.participants), protocol.signed), (bidders / 2 * 2, None));
        let officials = &stage.officials;
        let named = auctions.official_protocol(&officials.organiser.official, stage.auction).await;
        assert!(matches!(named, Err(Error::Rejected(Rejection::WrongState))), "{named:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_winner_who_refuses_is_in_the_protocol_by_number() -> anyhow::Result<()> {
    let (stage, clients) = qualified().await?;
    let auctions = &stage.world.state().auctions;
    let proposed = auctions.result_protocol(stage.auction).await?;
    let path = format!("/v1/auctions/{}/award", stage.auction);
    assert_eq!(clients[1].post(&path, &AnswerAward::Refuse {}).await?.status, 204);
    fetched(&stage, "").await?;
    let refused = auctions.result_protocol(stage.auction).await?;
    let reason = Failure::WinnerDefault;
    assert_eq!(refused.outcome, ProtocolOutcome::Unsuccessful { reason });
    assert!(refused.winner.is_none() && refused.signed.is_none(), "nobody has won");
    assert_eq!(lost(&refused, &proposed)?, LossReason::Refused);
    Ok(())
}

/// Why the proposed winner lost the lot.
fn lost(ended: &AuctionProtocol, proposed: &AuctionProtocol) -> anyhow::Result<LossReason> {
    let winner = proposed.winner.as_ref().context("no winner")?;
    let [lapse] = &ended.lapsed[..] else { panic!("not one: {:?}", ended.lapsed) };
    assert_eq!((lapse.bidder, lapse.price), (winner.bidder, winner.price));
    Ok(lapse.reason.clone())
}

/// What becomes of an auction after its award.
enum End {
    Cancelled { confirmed: bool },
    ContractFailed(ContractFault),
    Disqualified,
}

#[tokio::test]
async fn an_auction_that_ends_without_a_sale_after_its_award_names_no_winner() -> anyhow::Result<()>
{
    let (reason, document) = ("Соттун чечими".to_owned(), "ab".repeat(32));
    let by_contract = |fault| LossReason::ContractNotConcluded { fault: Some(fault) };
    let decision = Decision { reason: reason.clone(), document: document.clone() };
    for (end, expected) in [
        (End::Cancelled { confirmed: false }, LossReason::Cancelled),
        (End::Cancelled { confirmed: true }, LossReason::Cancelled),
        (End::ContractFailed(ContractFault::Bidder), by_contract(ContractFault::Bidder)),
        (End::ContractFailed(ContractFault::Other), by_contract(ContractFault::Other)),
        (End::Disqualified, LossReason::Disqualified(Some(decision))),
    ] {
        let (stage, clients) = qualified().await?;
        let auctions = &stage.world.state().auctions;
        let proposed = auctions.result_protocol(stage.auction).await?;
        if matches!(end, End::Cancelled { confirmed: true } | End::ContractFailed(_)) {
            confirm(&stage, &clients[1]).await?;
        }
        let organiser = &stage.officials.organiser.official;
        let moderator = &stage.officials.moderator.official;
        let (reason, document) = (reason.clone(), document.clone());
        match end {
            End::Cancelled { .. } => {
                let other = stage.world.official(Role::Moderator, "Нурлан Базаров").await?;
                let act = JointAct::Cancel { reason, document };
                together(&stage, moderator, &other.official, act).await?;
            }
            End::ContractFailed(fault) => {
                let act = OfficialAction::FailContract { fault };
                auctions.act(organiser, stage.auction, act).await?;
            }
            End::Disqualified => {
                let act = JointAct::DisqualifyWinner { reason, document };
                together(&stage, organiser, moderator, act).await?;
            }
        }
        for query in ["", "?language=ru", "?language=en"] {
            fetched(&stage, query).await?;
        }
        let ended = auctions.result_protocol(stage.auction).await?;
        assert!(ended.winner.is_none() && ended.signed.is_none(), "{:?}", ended.outcome);
        assert_eq!(lost(&ended, &proposed)?, expected);
        assert!(ended.closed_at.is_some() && ended.closed_at == proposed.closed_at, "{expected:?}");
        assert_eq!(ended.log_head, head_of(&stage, &ended).await?);
        let text = clients[1].get(&format!("/v1/auctions/{}/protocol", stage.auction)).await?;
        assert_eq!(text.problem()?.1, ProblemCode::WrongState, "offered for a signature");
        let log = stage.log().await?;
        let verdict = Replay::of(&log)?.verdict();
        assert_eq!(verdict.winner, None, "{expected:?}");
        let named = auctions.official_protocol(organiser, stage.auction).await;
        assert!(matches!(named, Err(Error::Rejected(Rejection::WrongState))), "{named:?}");
    }
    Ok(())
}

#[tokio::test]
async fn refused_bids_take_no_raises_place_in_the_protocol() -> anyhow::Result<()> {
    /// With four refusals each, more records than any page of them.
    const RAISES: usize = 52;
    let (stage, clients) = OpenAuction::open(2).await?;
    for number in 0..RAISES {
        let (leader, other) = (&clients[number % 2], &clients[(number + 1) % 2]);
        let former = stage.view().await?;
        let raised = leader.bid(&former, &leader.raise(&former)?).await?;
        assert_eq!(raised.body.decision, receipt::Decision::Accepted, "{number}");
        let view = stage.view().await?;
        let mut wrong = other.raise(&view)?;
        wrong.amount = stage.terms().await?.value;
        for (client, view, bid) in [
            (leader, &former, leader.raise(&former)?),
            (leader, &view, leader.raise(&view)?),
            (other, &former, other.raise(&former)?),
            (other, &view, other.sign(&view, wrong)),
        ] {
            let refused = client.bid(view, &bid).await?;
            assert_ne!(refused.body.decision, receipt::Decision::Accepted, "{number}");
        }
        stage.clock.advance(TimeSpan::seconds(30));
    }
    assert!(stage.view().await?.seq > 250, "not all were logged");
    let end = stage.view().await?.auction.wake_at().context("no deadline")?;
    stage.play_until(end).await?;
    reached(&stage, Status::Qualification).await?;
    let protocol = stage.world.state().auctions.result_protocol(stage.auction).await?;
    assert_eq!((protocol.raises, protocol.last_raises.len()), (RAISES as u64, RAISES));
    assert!(protocol.last_raises.is_sorted_by(|one, other| one.amount < other.amount));
    Ok(())
}

#[tokio::test]
async fn a_suspended_auctions_protocol_changes_only_with_an_announcement() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let auctions = &stage.world.state().auctions;
    let (one, other) = (&stage.officials.organiser.official, &stage.officials.moderator.official);
    together(&stage, one, other, JointAct::Suspend { reason: "dark".to_owned() }).await?;
    let before = fetched(&stage, "?language=ru").await?;
    let protocol = auctions.result_protocol(stage.auction).await?;
    let ProtocolOutcome::Suspended { cause, .. } = protocol.outcome else {
        panic!("not suspended: {:?}", protocol.outcome)
    };
    assert_eq!(cause, SuspensionCause::TechnicalFault);
    // A refused bid is in the log, and no part of the result.
    stage.clock.advance(TimeSpan::minutes(1));
    let stopped = stage.view().await?;
    clients[0].bid(&stopped, &clients[0].raise(&stopped)?).await?;
    assert!(stage.view().await?.seq > stopped.seq, "not logged");
    assert!(fetched(&stage, "?language=ru").await? == before, "another paper");
    let at = stage.clock.now() + TimeSpan::hours(1);
    together(&stage, one, other, JointAct::Resume { at }).await?;
    assert!(fetched(&stage, "?language=ru").await?.0 != before.0, "the same paper");
    let announced = auctions.result_protocol(stage.auction).await?;
    assert_eq!(announced.log_head, head_of(&stage, &announced).await?);
    Ok(())
}

async fn begun(
    client: &ApiClient,
    application: ApplicationId,
    channel: Channel,
) -> anyhow::Result<Intent> {
    client.begin_payment(application, IntentId(random_uuid()?), channel).await?.json()
}

#[tokio::test]
async fn a_code_for_a_branch_has_a_slip_for_its_owner_while_it_can_be_paid() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let payer = ApiClient::register(&stage.world, "payer").await?;
    let other = ApiClient::register(&stage.world, "other").await?;
    let application = payer.apply(&stage.view().await?).await?;
    let foreign = other.apply(&stage.view().await?).await?;
    let code = begun(&payer, application, Channel::BranchCode).await?;
    let wallet = begun(&payer, application, Channel::WalletCode).await?;
    let slip = |application: ApplicationId, intent: IntentId| {
        format!("/v1/applications/{application}/payments/{intent}/slip.pdf?language=ru")
    };
    let own = payer.get(&slip(application, code.id)).await?;
    assert_eq!((own.status, own.content_type.as_str()), (200, "application/pdf"));
    assert!(own.body.starts_with("%PDF-1.7"));
    for (client, application, intent, expected) in [
        (&other, application, code.id, (404, ProblemCode::NotFound)),
        (&other, foreign, code.id, (404, ProblemCode::NotFound)),
        (&payer, foreign, code.id, (404, ProblemCode::NotFound)),
        (&payer, application, IntentId(random_uuid()?), (404, ProblemCode::NotFound)),
        (&payer, application, wallet.id, (409, ProblemCode::WrongState)),
    ] {
        let refused = client.get(&slip(application, intent)).await?;
        assert_eq!(refused.problem()?, expected, "{application} {intent}");
    }
    stage.clock.advance(TimeSpan::hours(1));
    let late = payer.get(&slip(application, code.id)).await?;
    assert_eq!(late.problem()?.1, ProblemCode::DeadlinePassed);

    let next = begun(&payer, application, Channel::BranchCode).await?;
    let guarantee = stage.terms().await?.guarantee.get();
    stage.world.payments.pay_code(&next.code.context("no code")?, guarantee)?;
    until("the payment", || async {
        let paid = payer.get(&slip(application, next.id)).await?;
        Ok((paid.status == 409).then_some(()))
    })
    .await
}

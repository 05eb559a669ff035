//! Decisions that two officials make together at the console: stop the clock and let it go on,
//! cancel, exclude a winner.

use anyhow::{Context as _, ensure};
use reqwest::header::{ACCEPT, COOKIE, ORIGIN};
use toruk_server::identity::Role;
use toruk_sync::domain::auction::award::LapseReason;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::auction::{Event, Failure, Status, SuspendedBy, SuspensionCause};
use toruk_sync::domain::deposit::Status as DepositStatus;
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::receipt::Decision;
use toruk_sync::verify::verify;
use toruk_tests::world::api_client::hash;
use toruk_tests::world::clock::Clock as _;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::{Staff, until};

const MINUTE: TimeSpan = TimeSpan::minutes(1);
/// The document that a decision rests on.
const DOCUMENT: &str = "%PDF-1.4 the court's order";

/// A form as a browser sends it; the answer's status and text.
async fn post(
    stage: &OpenAuction,
    by: &Staff,
    path: &str,
    form: &str,
) -> anyhow::Result<(u16, String)> {
    let url = format!("{}/console/auctions/{}/{path}", stage.world.origin, stage.auction);
    let request = stage.world.http()?.post(url).body(form.to_owned());
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let request = request.header(ACCEPT, "text/html").header(ORIGIN, &stage.world.origin);
    let answer = request.header(COOKIE, format!("toruk_session={}", by.token)).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

/// The proposal that waits for a second official, as the live page shows it to `by`.
async fn waiting(stage: &OpenAuction, by: &Staff) -> anyhow::Result<String> {
    let url = format!("{}/console/auctions/{}/proposals", stage.world.origin, stage.auction);
    let request = stage.world.http()?.get(url).header(ACCEPT, "text/html");
    let answer = request.header(COOKIE, format!("toruk_session={}", by.token)).send().await?;
    Ok(answer.error_for_status()?.text().await?)
}

/// The address that approves the one proposal in `html`.
fn approval(html: &str) -> Option<&str> {
    let (_, rest) = html.split_once("action=\"")?;
    let address = rest.split('"').next()?;
    address.ends_with("/approve").then(|| address.split("/proposals/").nth(1)).flatten()
}

/// Every stop in the log: by whom, and since when.
pub async fn suspensions(stage: &OpenAuction) -> anyhow::Result<Vec<(SuspendedBy, Timestamp)>> {
    let log = stage.log().await?.into_iter();
    let stops = log.filter_map(|record| match record.event {
        Event::Suspended { by, cause, since } => {
            let outage = cause == SuspensionCause::Outage;
            assert_eq!(outage, by == SuspendedBy::Watchdog, "{cause:?}");
            Some((by, since))
        }
        _ => None,
    });
    Ok(stops.collect())
}

#[tokio::test]
async fn two_officials_stop_the_clock_and_who_led_before_wins_if_nobody_raises()
-> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let [aida, bek] = &clients[..] else { panic!("two bidders") };
    let (organiser, moderator) = (&stage.officials.organiser, &stage.officials.moderator);
    let open = stage.view().await?;
    let led = aida.bid(&open, &aida.raise(&open)?).await?;
    stage.clock.advance(MINUTE);
    let seen_at = stage.clock.now();

    // One proposes: nothing changes, and only the other finds a button.
    let (status, _) = post(&stage, organiser, "suspend", "reason=no+bids+arrive").await?;
    assert_eq!(status, 303);
    assert!(stage.view().await?.auction.suspension.is_none(), "one person stopped the clock");
    assert_eq!(approval(&waiting(&stage, organiser).await?), None, "their own to approve");
    let page = waiting(&stage, moderator).await?;
    let path = approval(&page).context("no button")?;
    assert!(page.contains("no bids arrive"));
    let path = format!("proposals/{path}");
    let (status, text) = post(&stage, organiser, &path, "").await?;
    ensure!(status == 409, "approved their own proposal: {status} {text}");
    stage.clock.advance(TimeSpan::seconds(20));
    assert_eq!(post(&stage, moderator, &path, "").await?.0, 303);
    assert_eq!(post(&stage, moderator, &path, "").await?.0, 404, "approved twice");
    let [(SuspendedBy::Operators(both), since)] = suspensions(&stage).await?[..] else {
        panic!("not stopped by two");
    };
    assert_eq!(
        (both.proposed, both.approved),
        (organiser.official.person, moderator.official.person)
    );
    assert_eq!(since, seen_at);

    // No bid, no deadline.
    let stopped = stage.view().await?;
    let refused = bek.bid(&stopped, &bek.raise(&stopped)?).await?;
    assert_eq!(refused.body.decision, Decision::Refused(BidRejection::Suspended));
    stage.clock.advance(TimeSpan::hours(2));
    assert_eq!(stage.view().await?.auction.status, Status::Bidding);

    // It goes on at an announced time, a quarter of an hour ahead at least.
    let now = stage.clock.now();
    let form = |at: Timestamp| format!("at={}", at.bishkek_field());
    let soon = post(&stage, moderator, "resume", &form(now + MINUTE)).await?;
    assert_eq!(soon.0, 409, "announced too soon");
    // Forms have no seconds.
    let resume_at = (now + TimeSpan::minutes(20)).bishkek_field();
    let resume_at = Timestamp::parse_bishkek(&resume_at).context("a moment")?;
    assert_eq!(post(&stage, moderator, "resume", &form(resume_at)).await?.0, 303);
    let page = waiting(&stage, organiser).await?;
    let path = format!("proposals/{}", approval(&page).context("no button to resume")?);
    assert_eq!(post(&stage, organiser, &path, "").await?.0, 303);
    let announced = stage.view().await?.auction.suspension.context("not stopped")?;
    assert_eq!(announced.resume_at, Some(resume_at));
    stage.play_until(resume_at).await?;

    // A bid made before the stop is not taken after it; a new one is.
    let resumed = stage.view().await?;
    assert_eq!(resumed.auction.epoch, stopped.auction.epoch + 1);
    let old = bek.bid(&resumed, &bek.raise(&stopped)?).await?;
    assert_eq!(old.body.decision, Decision::Refused(BidRejection::Suspended));
    let leader = resumed.auction.round.and_then(|round| round.leader);
    assert_eq!(leader, Some(led.body.bidder.context("no number")?));
    let deadline = resumed.auction.closes_at().context("no window")?;
    assert_eq!(deadline, resume_at + resumed.auction.birth.rules.raise_window);
    stage.play_until(deadline + resumed.auction.birth.rules.drain).await?;
    let award = stage.view().await?.auction.awards.pop().context("nobody won")?;
    assert_eq!(Some(award.bidder), leader, "the leader of before");
    Ok(())
}

#[tokio::test]
async fn after_a_resumption_a_new_bid_is_taken() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let [aida, bek] = &clients[..] else { panic!("two bidders") };
    let open = stage.view().await?;
    aida.bid(&open, &aida.raise(&open)?).await?;
    let (organiser, moderator) = (&stage.officials.organiser, &stage.officials.moderator);
    // Both saw it at once: the second one's proposal is consent.
    assert_eq!(post(&stage, organiser, "suspend", "reason=dark").await?.0, 303);
    assert_eq!(post(&stage, moderator, "suspend", "reason=no+light").await?.0, 303);
    assert_eq!(suspensions(&stage).await?.len(), 1);
    let resume_at = stage.clock.now() + TimeSpan::minutes(30);
    announce(&stage, resume_at).await?;
    stage.play_until(resume_at).await?;
    let resumed = stage.view().await?;
    let taken = bek.bid(&resumed, &bek.raise(&resumed)?).await?;
    assert_eq!(taken.body.decision, Decision::Accepted);
    Ok(())
}

#[tokio::test]
async fn a_proposal_that_nobody_approves_lapses_and_one_that_is_declined_is_gone()
-> anyhow::Result<()> {
    let (stage, _clients) = OpenAuction::open(2).await?;
    let (organiser, moderator) = (&stage.officials.organiser, &stage.officials.moderator);
    assert_eq!(post(&stage, organiser, "suspend", "reason=+").await?.0, 422, "without a reason");
    post(&stage, organiser, "suspend", "reason=dark").await?;
    let page = waiting(&stage, moderator).await?;
    let path = format!("proposals/{}", approval(&page).context("no button")?);
    stage.clock.advance(TimeSpan::minutes(15));
    assert_eq!(approval(&waiting(&stage, moderator).await?), None, "a lapsed proposal is shown");
    assert_eq!(post(&stage, moderator, &path, "").await?.0, 409, "approved when it had lapsed");

    post(&stage, organiser, "suspend", "reason=dark").await?;
    let page = waiting(&stage, moderator).await?;
    let path = format!("proposals/{}", approval(&page).context("no button")?);
    let decline = path.replace("/approve", "/decline");
    assert_eq!(post(&stage, moderator, &decline, "").await?.0, 303);
    assert_eq!(approval(&waiting(&stage, moderator).await?), None);
    assert_eq!(post(&stage, moderator, &path, "").await?.0, 404);
    assert!(suspensions(&stage).await?.is_empty());
    Ok(())
}

/// Two officials announce the resumption.
pub async fn announce(stage: &OpenAuction, at: Timestamp) -> anyhow::Result<()> {
    let auctions = &stage.world.state().auctions;
    let (one, other) = (&stage.officials.organiser.official, &stage.officials.moderator.official);
    auctions.propose(one, stage.auction, JointAct::Resume { at }).await?;
    let auction = stage.view().await?.auction;
    let pending = auctions.proposals(other, &auction).await?.pop().context("nothing waits")?;
    ensure!(pending.may_decide, "the second person may not decide");
    Ok(auctions.approve(other, stage.auction, pending.id).await?)
}

#[tokio::test]
async fn who_has_no_part_in_the_bidding_stops_nothing() -> anyhow::Result<()> {
    let (stage, _clients) = OpenAuction::open(2).await?;
    for role in [Role::Finance, Role::Auditor, Role::Sysadmin] {
        let who = stage.world.official(role, role.key()).await?;
        assert_eq!(post(&stage, &who, "suspend", "reason=dark").await?.0, 403, "{role}");
    }
    Ok(())
}

/// A reason and a document as a browser sends them.
async fn upload(stage: &OpenAuction, by: &Staff, path: &str) -> anyhow::Result<u16> {
    let url = format!("{}/console/auctions/{}/{path}", stage.world.origin, stage.auction);
    let part = |head: &str, body: &str| {
        format!("--part\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    let body = part("name=\"text\"", "by the court's order")
        + &part("name=\"file\"; filename=\"order.pdf\"", DOCUMENT)
        + "--part--\r\n";
    let request = stage.world.http()?.post(url).body(body);
    let request = request.header("Content-Type", "multipart/form-data; boundary=part");
    let request = request.header(ACCEPT, "text/html").header(ORIGIN, &stage.world.origin);
    let answer = request.header(COOKIE, format!("toruk_session={}", by.token)).send().await?;
    Ok(answer.status().as_u16())
}

/// `by` approves the one proposal that waits for this official.
async fn approve(stage: &OpenAuction, by: &Staff) -> anyhow::Result<u16> {
    let page = waiting(stage, by).await?;
    let path = approval(&page).context("no button")?;
    Ok(post(stage, by, &format!("proposals/{path}"), "").await?.0)
}

#[tokio::test]
async fn an_auction_is_cancelled_by_two_on_a_document_and_the_deposits_go_back()
-> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let (organiser, moderator) = (&stage.officials.organiser, &stage.officials.moderator);
    let second = stage.world.official(Role::Moderator, "Айнура Садырова").await?;
    let open = stage.view().await?;
    clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    // From the opening on it is the moderators' alone.
    assert_eq!(upload(&stage, organiser, "cancel").await?, 403);
    assert_eq!(upload(&stage, moderator, "cancel").await?, 303);
    assert_eq!(approval(&waiting(&stage, organiser).await?), None);
    assert_eq!(approve(&stage, &second).await?, 303);
    assert_eq!(stage.view().await?.auction.status, Status::Cancelled);
    let log = stage.log().await?;
    let cancelled = log.iter().find_map(|record| match &record.event {
        Event::Cancelled { by, document, .. } => Some((*by, document.clone())),
        _ => None,
    });
    let (by, document) = cancelled.context("not in the log")?;
    assert_eq!((by.proposed, by.approved), (moderator.official.person, second.official.person));
    assert_eq!(document, hash(DOCUMENT.as_bytes()));
    for client in &clients {
        until("the deposit's release", || async {
            let applications = client.applications().await?;
            let deposit = applications.first().and_then(|own| own.deposit.clone());
            let status = deposit.context("no deposit")?.status;
            Ok(matches!(status, DepositStatus::Releasing | DepositStatus::Released).then_some(()))
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_proposed_winner_is_excluded_by_two_on_a_document() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let (organiser, moderator) = (&stage.officials.organiser, &stage.officials.moderator);
    assert_eq!(upload(&stage, organiser, "disqualify").await?, 409, "there is no winner yet");
    let open = stage.view().await?;
    let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    stage.play_until(deadline + open.auction.birth.rules.drain).await?;
    assert_eq!(upload(&stage, organiser, "disqualify").await?, 303);
    assert_eq!(approve(&stage, moderator).await?, 303);
    let auction = stage.view().await?.auction;
    assert_eq!(auction.status, Status::Unsuccessful);
    assert_eq!(auction.failure, Some(Failure::WinnerDefault));
    Ok(())
}

#[tokio::test]
async fn a_winners_refusal_in_writing_is_recorded_by_two_on_their_letter() -> anyhow::Result<()> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let (organiser, moderator) = (&stage.officials.organiser, &stage.officials.moderator);
    assert_eq!(upload(&stage, organiser, "refusal").await?, 409, "there is no winner yet");
    let open = stage.view().await?;
    let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    stage.play_until(deadline + open.auction.birth.rules.drain).await?;
    assert_eq!(upload(&stage, organiser, "refusal").await?, 303);
    let still = stage.view().await?.auction;
    assert!(still.pending_award().is_some(), "one official recorded it alone");
    assert_eq!(approval(&waiting(&stage, organiser).await?), None, "their own to approve");
    assert_eq!(approve(&stage, moderator).await?, 303);
    let auction = stage.view().await?.auction;
    assert_eq!(auction.failure, Some(Failure::WinnerDefault));
    let log = stage.log().await?;
    let lapsed = log.iter().any(|record| {
        let refused = LapseReason::Refused;
        matches!(&record.event, Event::AwardLapsed { reason, .. } if *reason == refused)
    });
    assert!(lapsed, "the log does not say that the winner refused");
    verify(&log)?;
    Ok(())
}

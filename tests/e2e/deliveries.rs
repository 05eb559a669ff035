//! Deliveries that go wrong: late, cut off, signed out, by a phone whose clock is wrong, and such
//! as no phone would send. Nothing a person prepared is lost.

use anyhow::{Context as _, ensure};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use toruk_mobile_core::api::SyncReason;
use toruk_mobile_core::api::application::SubmitStatus;
use toruk_mobile_core::api::live::BidState;
use toruk_mobile_core::api::records::PaymentChannel;
use toruk_server::clock::Clock as _;
use toruk_server::entity::{application, session};
use toruk_sync::domain::id::{ApplicationId, PersonId};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::draft::{DeltaFault, Draft, draft_id};
use toruk_sync::protocol::limits::{PUSH_BODY_BYTES_MAX, PUSH_OPS_MAX};
use toruk_sync::protocol::operations::{
    Op, Operation, OperationRejection, Push, PushReply, Verdict,
};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_tests::world::api_client::{ANSWERS, ApiClient};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::phone::Phone;
use toruk_tests::world::until;
use toruk_tests::world::wire::Wire;

/// A file that takes a while.
const LARGE_FILE_BYTES: usize = 1_000_000;

/// A registered phone that has seen the auction.
async fn signed_up(stage: &OpenAuction, phone: &Phone) -> anyhow::Result<String> {
    phone.core.register(phone.name.clone()).await?;
    let id = stage.auction.to_string();
    phone.core.auction(id.clone()).await?;
    Ok(id)
}

/// Fills in everything and attaches a document of so many bytes.
fn fill_in(phone: &Phone, auction: &str, size_bytes: usize) -> anyhow::Result<()> {
    for (field, answer) in ANSWERS {
        phone.core.draft_set(auction.to_owned(), field.to_owned(), Some(answer.to_owned()))?;
    }
    let mut file = format!("%PDF-1.4\n% {}\n", phone.name).into_bytes();
    file.resize(size_bytes, b' ');
    let (slot, name) = ("identity_document".to_owned(), "паспорт.pdf".to_owned());
    let mime = "application/pdf".to_owned();
    Ok(phone.core.draft_attach(auction.to_owned(), slot, name, mime, file)?)
}

/// Tries until a submit is decided.
async fn decided(phone: &Phone, auction: &str) -> anyhow::Result<SubmitStatus> {
    until("a decided submit", || async {
        phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        let status = phone.core.draft_status(auction.to_owned())?.submit;
        Ok(status.filter(|status| status.state != "saved_not_submitted"))
    })
    .await
}

/// Acts of this kind in the audit trail.
async fn acts(stage: &OpenAuction, action: &str) -> anyhow::Result<usize> {
    let moderator = &stage.officials.moderator.official;
    let rows = stage.world.state().audit.page(moderator, None).await?;
    Ok(rows.iter().filter(|row| row.action == action).count())
}

#[tokio::test]
async fn a_submit_that_comes_late_is_refused_for_good_and_the_draft_is_kept() -> anyhow::Result<()>
{
    let stage = OpenAuction::published().await?;
    let mut phone = stage.world.phone("Аида")?;
    let id = signed_up(&stage, &phone).await?;
    phone.core.set_online(false)?;
    fill_in(&phone, &id, 1_000)?;
    let status = phone.core.submit(id.clone()).await?;
    ensure!(status.state == "saved_not_submitted", "offline it says {status:?}");
    stage.play_until(stage.terms().await?.tender_end).await?;
    phone.core.set_online(true)?;
    let late = decided(&phone, &id).await?;
    let op_no = late.outcome.as_ref().context("no outcome")?.op_no;
    for reopened in [false, true] {
        if reopened {
            phone.kill_and_reopen()?;
        }
        let status = phone.core.draft_status(id.clone())?;
        let submit = status.submit.context("the submit is forgotten")?;
        assert_eq!(submit.state, "refused");
        let outcome = submit.outcome.context("no outcome")?;
        assert_eq!(outcome.code.as_deref(), Some("deadline_passed"), "{outcome:?}");
        assert_eq!(status.answers.len(), ANSWERS.len(), "answers were lost");
        assert_eq!(status.files.len(), 1, "a file was lost");
        assert!(phone.core.outcomes().iter().any(|outcome| outcome.op_no == op_no));
    }
    // Acknowledged, it does not come again, and the server holds no application.
    phone.core.ack_outcome(op_no)?;
    phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
    assert!(phone.core.outcomes().iter().all(|outcome| outcome.op_no != op_no));
    assert!(phone.core.my_auctions().await?.items.is_empty());
    // Signed again it is as late, no matter who sends it.
    let again = phone.core.submit(id).await?;
    let outcome = again.outcome.context("no outcome")?;
    assert_eq!(
        (again.state.as_str(), outcome.code.as_deref()),
        ("refused", late.outcome.context("no outcome")?.code.as_deref())
    );
    Ok(())
}

#[tokio::test]
async fn a_submit_whose_answer_was_lost_is_decided_once() -> anyhow::Result<()> {
    let mut stage = OpenAuction::published().await?;
    for (round, (name, restart)) in [("Аида", false), ("Бек", true)].into_iter().enumerate()
    {
        let wire = Wire::to(&stage.world.origin).await?;
        let mut phone = stage.world.phone_behind(&wire, name)?;
        let id = signed_up(&stage, &phone).await?;
        phone.core.set_online(false)?;
        fill_in(&phone, &id, 1_000)?;
        phone.core.submit(id.clone()).await?;
        // The draft's parts go ahead of the submit; whichever answer is lost, nothing is twice.
        wire.cut_after("POST /v1/sync/push", round);
        phone.core.set_online(true)?;
        until("the cut", || async {
            phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
            Ok((wire.cuts() == 1).then_some(()))
        })
        .await?;
        if restart {
            stage.world.stop_server().await;
            phone.kill_and_reopen()?;
            stage.world.start_server().await?;
        }
        let status = decided(&phone, &id).await?;
        assert_eq!(status.state, "submitted", "{status:?}");
        let db = stage.world.state().context.db.read();
        let applications = application::Entity::find().count(db).await?;
        assert_eq!(applications, round as u64 + 1, "not exactly one application more");
        assert_eq!(acts(&stage, "application.submit").await?, round + 1);
        let report = phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        assert_eq!((report.state.as_str(), report.waiting, report.files_waiting), ("done", 0, 0));
    }
    Ok(())
}

#[tokio::test]
async fn an_upload_whose_session_ends_in_the_middle_goes_on_after_the_next_sign_in()
-> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let wire = Wire::to(&stage.world.origin).await?;
    let phone = stage.world.phone_behind(&wire, "Аида")?;
    let id = signed_up(&stage, &phone).await?;
    phone.core.set_online(false)?;
    fill_in(&phone, &id, LARGE_FILE_BYTES)?;
    phone.core.submit(id.clone()).await?;
    wire.cut_within("PATCH /v1/blobs", LARGE_FILE_BYTES / 2);
    phone.core.set_online(true)?;
    until("the cut", || async { Ok((wire.cuts() == 1).then_some(())) }).await?;
    let file = phone.core.draft_status(id.clone())?.files.remove(0);
    let person: PersonId = phone.core.account().context("nobody")?.person.parse()?;
    let blobs = &stage.world.state().blobs;
    let arrived = blobs.view(person, &file.sha256).await?;
    assert!(arrived.offset > 0 && !arrived.stored, "not in the middle: {arrived:?}");

    let db = &stage.world.state().context.db;
    let txn = db.begin().await?;
    let ended = session::Entity::update_many()
        .col_expr(session::Column::ExpiresAt, Expr::value(stage.clock.now().0));
    ended.exec(&txn).await?;
    db.commit(txn).await?;
    // Ended behind the server's back: it finds out within a second.
    stage.clock.advance(TimeSpan::seconds(1));
    let report = until("the 401", || async {
        let report = phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        Ok((report.state == "signed_out").then_some(report))
    });
    let report = report.await?;
    assert_eq!((report.waiting > 0, report.files_waiting), (true, 1), "something was lost");
    let kept = phone.core.draft_status(id.clone())?;
    assert_eq!(kept.submit.context("no submit")?.state, "saved_not_submitted");
    assert_eq!(kept.answers.len(), ANSWERS.len());

    let account = phone.core.sign_in().await?;
    assert!(account.signed_in && account.person == person.to_string());
    let status = decided(&phone, &id).await?;
    assert_eq!(status.state, "submitted", "{status:?}");
    assert_eq!(wire.seen("upload-offset: 0"), 1, "the upload began again");
    assert_eq!(blobs.content(person, &file.sha256).await?.len(), LARGE_FILE_BYTES);
    Ok(())
}

#[tokio::test]
async fn a_phone_whose_clock_is_a_day_wrong_submits_pays_and_bids_in_time() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let phones = [("slow", -1), ("fast", 1)].map(|(name, days)| {
        let phone = stage.world.phone(name).unwrap();
        phone.set_wall_error_us(TimeSpan::days(days).0);
        phone
    });
    for phone in &phones {
        let id = signed_up(&stage, phone).await?;
        fill_in(phone, &id, 1_000)?;
        let status = phone.core.submit(id.clone()).await?;
        assert_eq!(status.state, "submitted", "{}: {status:?}", phone.name);
        assert_eq!(status.received_at, Some(stage.clock.now().0), "{}", phone.name);
        let code = phone.core.begin_payment(id.clone(), PaymentChannel::WalletCode).await?;
        stage.world.payments.pay_code(&code.code.context("no code")?, code.amount)?;
        until("an eligible application", || async {
            let mine = phone.core.my_auctions().await?.items;
            Ok(mine.iter().any(|mine| mine.status == "eligible").then_some(()))
        })
        .await
        .with_context(|| phone.name.clone())?;
        phone.core.watch(id)?;
    }
    stage.play_until(stage.terms().await?.start).await?;
    let id = stage.auction.to_string();
    for (round, phone) in phones.iter().enumerate() {
        until("a bid button", || async {
            // Three hours in a moment look to a phone like a stream that fell silent: it follows
            // again, which takes a little of its time.
            stage.clock.advance(TimeSpan::milliseconds(100));
            phone.core.my_auctions().await?;
            let state = phone.core.live_state(id.clone())?;
            Ok((state.amount.is_some() && state.round == round as u64).then_some(()))
        })
        .await
        .with_context(|| format!("{}: {:?}", phone.name, phone.core.live_state(id.clone())))?;
        let told = phone.core.live_state(id.clone())?.server_time.context("no server time")?;
        let off = (told - stage.clock.now().0).abs();
        assert!(off < TimeSpan::minutes(1).0, "{}: off by {off} µs", phone.name);
        let quote = phone.core.quote(id.clone())?;
        let result = phone.core.place_bid(quote).await?;
        assert_eq!(result.state, BidState::Accepted, "{}: {result:?}", phone.name);
        stage.clock.advance(TimeSpan::seconds(2));
    }
    Ok(())
}

/// The route of deliveries.
const PATH: &str = "/v1/sync/push";

/// An edit of the one field a person changes again and again.
fn edit(stage: &OpenAuction, client: &ApiClient, answer: &str) -> Operation {
    let part = Draft::default().set("full_name", Some(answer.to_owned()), client.session.actor);
    let draft = draft_id(client.session.person, stage.auction);
    Operation::EditDraft { draft, auction: stage.auction, part }
}

#[tokio::test]
async fn what_no_phone_would_deliver_is_refused_by_its_type() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let other = ApiClient::register(&stage.world, "Бек").await?;
    let op = client.op(1, edit(&stage, &client, "Аида"));
    let good = serde_json::to_string(&Push { ops: vec![op.clone()] })?;
    let malformed = [
        String::new(),
        "{}".to_owned(),
        "{\"ops\":{}}".to_owned(),
        good.replacen('{', "{\"dry_run\":true,", 1),
        good.replacen("{\"op_no\"", "{\"urgent\":1,\"op_no\"", 1),
        good.replacen("\"op_no\":1", "\"op_no\":-1", 1),
        good.replacen("edit_draft", "place_bid", 1),
        good.replacen("\"auction\"", "\"at\":0,\"auction\"", 1),
        "[".repeat(100_000),
    ];
    for body in malformed {
        let shown: String = body.chars().take(60).collect();
        let problem = client.post_raw(PATH, body).await?.problem()?;
        assert_eq!(problem, (400, ProblemCode::Malformed), "{shown}");
    }
    let too_large = (413, ProblemCode::TooLarge);
    let padded = format!("{good}{}", " ".repeat(PUSH_BODY_BYTES_MAX));
    assert_eq!(client.post_raw(PATH, padded).await?.problem()?, too_large);
    let many = Push { ops: vec![op.clone(); PUSH_OPS_MAX + 1] };
    assert_eq!(client.post(PATH, &many).await?.problem()?, too_large);
    let borrowed = Push { ops: vec![op.clone(), other.op(2, edit(&stage, &client, "Бек"))] };
    assert_eq!(client.post(PATH, &borrowed).await?.problem()?, (403, ProblemCode::Forbidden));
    let mut nobody = ApiClient::register(&stage.world, "Чыңгыз").await?;
    nobody.session.token.push('x');
    let signed_out = (401, ProblemCode::SignedOut);
    assert_eq!(nobody.post_raw(PATH, good.as_str()).await?.problem()?, signed_out);
    Ok(())
}

#[tokio::test]
async fn an_operation_keeps_its_number_and_a_foreign_or_forged_one_is_refused() -> anyhow::Result<()>
{
    let stage = OpenAuction::published().await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let other = ApiClient::register(&stage.world, "Бек").await?;
    let op = client.op(1, edit(&stage, &client, "Аида"));
    let push = async |ops: Vec<Op>| -> anyhow::Result<PushReply> {
        client.post(PATH, &Push { ops }).await?.json()
    };
    let gap = push(vec![client.op(2, edit(&stage, &client, "Аида"))]).await?;
    assert_eq!((gap.outcomes.len(), gap.next_op_no), (0, 1), "something before was decided");
    let first = push(vec![op.clone(), client.op(3, edit(&stage, &client, "Аида"))]).await?;
    assert_eq!((first.outcomes.len(), first.next_op_no), (1, 2));
    assert!(matches!(first.outcomes[0].verdict, Verdict::Merged { .. }), "{first:?}");
    stage.clock.advance(TimeSpan::minutes(1));
    assert_eq!(push(vec![op]).await?.outcomes, first.outcomes, "one number, two outcomes");
    let conflict = push(vec![client.op(1, edit(&stage, &client, "Бек"))]).await?;
    assert_eq!(conflict.outcomes[0].verdict, Verdict::Refused(OperationRejection::OpConflict));

    let theirs = Operation::EditDraft {
        draft: draft_id(other.session.person, stage.auction),
        auction: stage.auction,
        part: Draft::default().set("full_name", Some("Аида".to_owned()), client.session.actor),
    };
    let nothing = ApplicationId(uuid::Uuid::from_u128(7));
    let ops = vec![
        client.op(2, theirs),
        client.op(3, Operation::WithdrawApplication { application: nothing }),
        // A phone counts its writes: this is another one under the first's count.
        client.op(4, edit(&stage, &client, "Айда")),
    ];
    let reply = push(ops).await?;
    let verdicts: Vec<_> = reply.outcomes.into_iter().map(|outcome| outcome.verdict).collect();
    let refused = [
        OperationRejection::NotFound,
        OperationRejection::NotFound,
        OperationRejection::Draft(DeltaFault::ForgedClock),
    ];
    assert_eq!(verdicts, refused.map(Verdict::Refused));
    assert!(stage.world.state().drafts.of(other.session.person).await?.is_empty());
    Ok(())
}

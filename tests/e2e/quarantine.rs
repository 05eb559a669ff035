//! Files wait for the scanner, and nobody is late for it: with a `clamd` that is well, that is
//! down, and that lies.

use anyhow::Context as _;
use reqwest::{Method, Response};
use std::sync::Arc;
use std::time::Duration;
use toruk_mobile_core::api::SyncReason;
use toruk_mobile_core::api::application::SubmitStatus;
use toruk_server::blob::Scan;
use toruk_server::blob::clamav::{Address, Clamd};
use toruk_server::clock::Clock as _;
use toruk_server::ports::{ScanError, Scanned, Scanner as _};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::operations::{
    Op, Operation, OperationRejection, Push, PushReply, Verdict,
};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_tests::outside::clamd::{ClamDaemon, Fault, eicar};
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::{ANSWERS, ApiClient, hash};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::phone::Phone;
use toruk_tests::world::until;

/// A scan in a test takes no longer, whatever the daemon does.
const PATIENCE: Duration = Duration::from_secs(1);

fn clamd(daemon: &ClamDaemon) -> anyhow::Result<Clamd> {
    Ok(Clamd::new(daemon.address.parse::<Address>()?).with_patience(PATIENCE))
}

/// A stage whose server has every file scanned by `daemon`.
async fn scanned_by(daemon: &ClamDaemon) -> anyhow::Result<OpenAuction> {
    let mut stage = OpenAuction::published().await?;
    stage.world.stop_server().await;
    stage.world.scanner = Some(Arc::new(clamd(daemon)?));
    stage.world.start_server().await?;
    Ok(stage)
}

/// Waits until the scanner's state of a file is this, moving the clock over the retries' waits.
async fn scanned(
    stage: &OpenAuction,
    client: &ApiClient,
    content: &[u8],
    wanted: Option<Scan>,
) -> anyhow::Result<()> {
    until("a verdict on the file", || async {
        stage.clock.advance(TimeSpan::milliseconds(100));
        let blobs = &stage.world.state().blobs;
        let scan = match blobs.view(client.session.person, &hash(content)).await {
            Ok(view) => Some(view.scan),
            Err(toruk_server::blob::Error::Infected) => None,
            Err(error) => return Err(error.into()),
        };
        Ok((scan == wanted).then_some(()))
    })
    .await
}

async fn head(client: &ApiClient, content: &[u8]) -> anyhow::Result<Response> {
    let path = format!("/v1/blobs/{}", hash(content));
    let request = client.request(Method::HEAD, &path).header("tus-resumable", "1.0.0");
    Ok(request.send().await?)
}

async fn state(client: &ApiClient, content: &[u8]) -> anyhow::Result<String> {
    let answer = head(client, content).await?;
    let state = answer.headers().get("upload-state").context("no state")?;
    Ok(state.to_str()?.to_owned())
}

async fn push(client: &ApiClient, ops: Vec<Op>) -> anyhow::Result<Answer> {
    client.post("/v1/sync/push", &Push { ops }).await
}

#[tokio::test]
async fn the_adapter_believes_only_a_whole_verdict() -> anyhow::Result<()> {
    let daemon = ClamDaemon::start().await?;
    let clamd = clamd(&daemon)?;
    clamd.ping().await?;
    let clean = vec![7_u8; 300_000];
    let infected = [clean.as_slice(), eicar().as_bytes(), &clean].concat();
    let scan = async |content: &[u8]| match clamd.scan(&mut &content[..]).await {
        Ok(Scanned::Clean) => "clean".to_owned(),
        Ok(Scanned::Infected(name)) => name,
        Err(ScanError::Refused(_)) => "refused".to_owned(),
        Err(ScanError::Unavailable(_)) => "unavailable".to_owned(),
        Err(ScanError::Unreadable(_)) => "unreadable".to_owned(),
    };
    assert_eq!(scan(&clean).await, "clean");
    assert_eq!(scan(b"").await, "clean");
    assert_eq!(scan(&infected).await, "Eicar-Test-Signature");
    for (fault, expected) in [
        (Fault::ClosesInTheMiddle, "unavailable"),
        (Fault::Hangs, "unavailable"),
        (Fault::Garbage, "unavailable"),
        (Fault::HalfAnAnswer, "unavailable"),
        (Fault::SizeLimit, "refused"),
    ] {
        daemon.fail_next(&[fault]);
        assert_eq!(scan(&infected).await, expected, "{fault:?}");
    }
    assert_eq!(scan(&clean).await, "clean");
    let address = daemon.address.clone();
    drop(daemon);
    let gone = Clamd::new(address.parse::<Address>()?);
    until("the daemon's end", || async { Ok(gone.ping().await.is_err().then_some(())) }).await?;
    let verdict = gone.scan(&mut &clean[..]).await;
    assert!(matches!(verdict, Err(ScanError::Unavailable(_))), "{verdict:?}");
    Ok(())
}

#[tokio::test]
async fn a_file_is_of_no_use_until_it_is_found_harmless() -> anyhow::Result<()> {
    let daemon = ClamDaemon::start().await?;
    daemon.fail_always(Some(Fault::Hangs));
    let stage = scanned_by(&daemon).await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let operation = client.application(&stage.view().await?).await?;
    let document = client.document();
    assert_eq!(state(&client, &document).await?, "scanning");
    let blobs = &stage.world.state().blobs;
    let person = client.session.person;
    assert!(blobs.content(person, &hash(&document)).await.is_err(), "it can be opened");

    let op = client.op(1, operation);
    let received_at = stage.clock.now();
    let waits = push(&client, vec![op.clone()]).await?;
    assert_eq!(waits.problem()?, (503, ProblemCode::Busy));
    assert_eq!(client.applications().await?, []);

    // Everything a daemon can do wrong, and then it is well.
    daemon.fail_next(&[Fault::ClosesInTheMiddle, Fault::Garbage, Fault::SizeLimit]);
    daemon.fail_always(None);
    scanned(&stage, &client, &document, Some(Scan::Clean)).await?;
    assert_eq!(state(&client, &document).await?, "stored");
    let reply: PushReply = push(&client, vec![op]).await?.json()?;
    match &reply.outcomes[..] {
        [outcome] => match &outcome.verdict {
            Verdict::Submitted { received_at: at, .. } => assert_eq!(*at, received_at),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
    assert_eq!(blobs.content(person, &hash(&document)).await?, document);
    Ok(())
}

#[tokio::test]
async fn who_was_in_time_is_not_late_for_a_slow_scanner() -> anyhow::Result<()> {
    let daemon = ClamDaemon::start().await?;
    daemon.fail_always(Some(Fault::Garbage));
    let stage = scanned_by(&daemon).await?;
    let in_time = ApiClient::register(&stage.world, "Аида").await?;
    let late = ApiClient::register(&stage.world, "Бек").await?;
    let view = stage.view().await?;
    let tender_end = stage.terms().await?.tender_end;
    let ops = [in_time.application(&view).await?, late.application(&view).await?];
    let [op, late_op] = [in_time.op(1, ops[0].clone()), late.op(1, ops[1].clone())];
    until("a scan that failed", || async { Ok((daemon.scans() >= 2).then_some(())) }).await?;

    let received_at = tender_end - TimeSpan(1);
    stage.clock.set(received_at);
    assert_eq!(push(&in_time, vec![op.clone()]).await?.status, 503);
    daemon.fail_always(None);
    // Past the deadline, before the auction's clock closes the tendering.
    stage.clock.set(tender_end + TimeSpan::milliseconds(1));
    let blobs = &stage.world.state().blobs;
    until("both verdicts", || async {
        let mut clean = 0;
        for client in [&in_time, &late] {
            let view = blobs.view(client.session.person, &hash(&client.document())).await?;
            clean += usize::from(view.scan == Scan::Clean);
        }
        Ok((clean == 2).then_some(()))
    })
    .await?;
    let late: PushReply = push(&late, vec![late_op]).await?.json()?;
    let refused = format!("{:?}", late.outcomes[0].verdict);
    assert!(refused.contains("DeadlinePassed"), "{refused}");
    let reply: PushReply = push(&in_time, vec![op]).await?.json()?;
    match &reply.outcomes[0].verdict {
        Verdict::Submitted { received_at: at, .. } => assert_eq!(*at, received_at),
        other => panic!("{other:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn what_comes_before_a_package_that_is_scanned_is_decided() -> anyhow::Result<()> {
    let daemon = ClamDaemon::start().await?;
    daemon.fail_always(Some(Fault::Garbage));
    let stage = scanned_by(&daemon).await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let submit = client.application(&stage.view().await?).await?;
    let nothing = toruk_sync::domain::id::ApplicationId(uuid::Uuid::from_u128(7));
    let withdraw = Operation::WithdrawApplication { application: nothing };
    let ops = vec![client.op(1, withdraw.clone()), client.op(2, submit), client.op(3, withdraw)];
    let reply: PushReply = push(&client, ops.clone()).await?.json()?;
    assert_eq!((reply.outcomes.len(), reply.next_op_no), (1, 2), "{reply:?}");
    assert_eq!(push(&client, ops[1..].to_vec()).await?.status, 503);
    daemon.fail_always(None);
    scanned(&stage, &client, &client.document(), Some(Scan::Clean)).await?;
    let reply: PushReply = push(&client, ops[1..].to_vec()).await?.json()?;
    assert_eq!((reply.outcomes.len(), reply.next_op_no), (2, 4), "{reply:?}");
    assert!(matches!(reply.outcomes[0].verdict, Verdict::Submitted { .. }), "{reply:?}");
    Ok(())
}

#[tokio::test]
async fn malware_is_deleted_and_its_sender_told() -> anyhow::Result<()> {
    let daemon = ClamDaemon::start().await?;
    let stage = scanned_by(&daemon).await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let malware = format!("%PDF-1.4\n{}\n%%EOF\n", eicar()).into_bytes();
    assert_eq!(client.announce(&malware).send().await?.status(), 201);
    assert_eq!(client.append(&malware).send().await?.status(), 204);
    scanned(&stage, &client, &malware, None).await?;
    let folder = stage.world.config.data_dir.join("blobs");
    let path = folder.join(client.session.person.to_string()).join(hash(&malware));
    until("the file's end", || async { Ok((!path.exists()).then_some(())) }).await?;

    assert_eq!(head(&client, &malware).await?.status(), 410);
    let infected = (410, ProblemCode::Infected);
    for request in [client.announce(&malware), client.append(&malware)] {
        assert_eq!(Answer::read(request.send().await?).await?.problem()?, infected);
    }
    // Another account learns nothing of it before it sends the bytes itself.
    let other = ApiClient::register(&stage.world, "Бек").await?;
    assert_eq!(head(&other, &malware).await?.status(), 404);
    assert_eq!(other.announce(&malware).send().await?.status(), 201);

    // A package that names it is refused with the reason, for this file and no other.
    let mut submit = client.application(&stage.view().await?).await?;
    scanned(&stage, &client, &client.document(), Some(Scan::Clean)).await?;
    if let Operation::SubmitApplication { package, confirmation } = &mut submit {
        let mut file = package.files[0].clone();
        file.sha256 = hash(&malware);
        file.size_bytes = malware.len() as u64;
        package.files.push(file);
        *confirmation = client.confirm(package)?;
    }
    let verdict = client.deliver(submit).await?;
    let refusal = OperationRejection::FilesInfected { sha256: vec![hash(&malware)] };
    assert_eq!(verdict, Verdict::Refused(refusal));
    // It takes no room; the row is forgotten in time.
    stage.clock.advance(TimeSpan::days(31));
    stage.world.state().blobs.sweep().await?;
    let again = client.announce(&malware).send().await?;
    assert_eq!(again.status(), 401, "a month later the session is over");
    Ok(())
}

#[tokio::test]
async fn a_server_whose_scanner_is_taken_away_lets_go_of_what_waited() -> anyhow::Result<()> {
    let daemon = ClamDaemon::start().await?;
    daemon.fail_always(Some(Fault::Garbage));
    let mut stage = scanned_by(&daemon).await?;
    let client = ApiClient::register(&stage.world, "Аида").await?;
    let op = client.op(1, client.application(&stage.view().await?).await?);
    assert_eq!(push(&client, vec![op.clone()]).await?.status, 503);
    // A restart with the scanner changes nothing.
    stage.world.stop_server().await;
    stage.world.start_server().await?;
    assert_eq!(push(&client, vec![op.clone()]).await?.status, 503);
    stage.world.stop_server().await;
    stage.world.scanner = None;
    stage.world.start_server().await?;
    scanned(&stage, &client, &client.document(), Some(Scan::Unscanned)).await?;
    let reply: PushReply = push(&client, vec![op]).await?.json()?;
    assert!(matches!(reply.outcomes[0].verdict, Verdict::Submitted { .. }), "{reply:?}");
    Ok(())
}

/// A registered phone with a complete application whose document is `content`.
async fn prepared(
    stage: &OpenAuction,
    name: &str,
    content: &[u8],
) -> anyhow::Result<(Phone, String)> {
    let phone = stage.world.phone(name)?;
    phone.core.register(name.to_owned()).await?;
    let id = stage.auction.to_string();
    phone.core.auction(id.clone()).await?;
    for (field, answer) in ANSWERS {
        phone.core.draft_set(id.clone(), field.to_owned(), Some(answer.to_owned()))?;
    }
    let (slot, file) = ("identity_document".to_owned(), "паспорт.pdf".to_owned());
    let mime = "application/pdf".to_owned();
    phone.core.draft_attach(id.clone(), slot, file, mime, content.to_vec())?;
    Ok((phone, id))
}

fn upload(phone: &Phone, auction: &str) -> anyhow::Result<String> {
    Ok(phone.core.draft_status(auction.to_owned())?.files.remove(0).upload)
}

/// Synchronises until the submit is decided, moving the clock over everybody's waits.
async fn decided(
    stage: &OpenAuction,
    phone: &Phone,
    auction: &str,
) -> anyhow::Result<SubmitStatus> {
    until("a decided submit", || async {
        stage.clock.advance(TimeSpan::milliseconds(100));
        phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        let status = phone.core.draft_status(auction.to_owned())?.submit;
        Ok(status.filter(|status| status.state != "saved_not_submitted"))
    })
    .await
}

#[tokio::test]
async fn a_phone_submits_while_its_file_is_scanned_and_hears_of_it_by_itself() -> anyhow::Result<()>
{
    let daemon = ClamDaemon::start().await?;
    daemon.fail_always(Some(Fault::Garbage));
    let stage = scanned_by(&daemon).await?;
    let (phone, id) = prepared(&stage, "Аида", b"%PDF-1.4\n%%EOF\n").await?;
    until("a file that is scanned", || async {
        phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        Ok((upload(&phone, &id)? == "scanning").then_some(()))
    })
    .await?;
    let received_at = stage.clock.now();
    let status = phone.core.submit(id.clone()).await?;
    assert_eq!(status.state, "saved_not_submitted", "{status:?}");
    stage.clock.advance(TimeSpan::minutes(1));
    daemon.fail_always(None);
    let status = decided(&stage, &phone, &id).await?;
    assert_eq!(status.state, "submitted", "{status:?}");
    assert_eq!(status.received_at, Some(received_at.0), "it was late for the scanner");
    until("a stored file", || async {
        phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        Ok((upload(&phone, &id)? == "stored").then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_phone_says_that_its_file_holds_malware_and_keeps_the_rest() -> anyhow::Result<()> {
    let daemon = ClamDaemon::start().await?;
    daemon.fail_always(Some(Fault::Garbage));
    let stage = scanned_by(&daemon).await?;
    let malware = format!("%PDF-1.4\n{}\n%%EOF\n", eicar()).into_bytes();
    let (phone, id) = prepared(&stage, "Аида", &malware).await?;
    let status = phone.core.submit(id.clone()).await?;
    assert_eq!(status.state, "saved_not_submitted", "{status:?}");
    until("a file that is scanned", || async {
        phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        Ok((upload(&phone, &id)? == "scanning").then_some(()))
    })
    .await?;
    daemon.fail_always(None);
    until("the bad news", || async {
        stage.clock.advance(TimeSpan::milliseconds(100));
        phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        Ok((upload(&phone, &id)? == "infected").then_some(()))
    })
    .await?;
    let status = decided(&stage, &phone, &id).await?;
    let outcome = status.outcome.context("no outcome")?;
    assert_eq!(
        (status.state.as_str(), outcome.code.as_deref()),
        ("refused", Some("files_infected"))
    );
    let kept = phone.core.draft_status(id.clone())?;
    assert_eq!(kept.answers.len(), ANSWERS.len(), "answers were lost");
    // Another document in its place, and the application is in.
    let slot = "identity_document".to_owned();
    phone.core.draft_detach(id.clone(), slot.clone())?;
    let clean = b"%PDF-1.4\n% clean\n%%EOF\n".to_vec();
    let mime = "application/pdf".to_owned();
    phone.core.draft_attach(id.clone(), slot, "паспорт.pdf".to_owned(), mime, clean)?;
    phone.core.submit(id.clone()).await?;
    let status = decided(&stage, &phone, &id).await?;
    assert_eq!(status.state, "submitted", "{status:?}");
    Ok(())
}

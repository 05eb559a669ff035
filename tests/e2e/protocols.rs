//! Official protocols: made once for each decision, named in the log by their hashes, signed by the
//! winner and the organiser, and checked by those who trust nobody.

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use toruk_server::auction::{Error, OfficialAction};
use toruk_server::identity::{Official, Role};
use toruk_sync::domain::auction::{
    Event, Failure, KeptProtocol, ProtocolFile, ProtocolSubject, Rejection, Status,
};
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::{ProtocolFilesPayload, SignedPayload};
use toruk_sync::verify::{FaultKind, verify};
use toruk_tests::proof::evidence::CertificateDay;
use toruk_tests::world::answer::Answer;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::clock::Clock as _;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::{Staff, until};

const AWARD: ProtocolSubject = ProtocolSubject::Award { number: 1 };

/// The protocol of the decision that stands, once it is made.
async fn made(stage: &OpenAuction) -> anyhow::Result<KeptProtocol> {
    until("the protocol", || async {
        Ok(stage.view().await?.auction.current_protocol().map(|_| ()))
    })
    .await?;
    stage.view().await?.auction.current_protocol().cloned().context("no protocol")
}

/// A file of a protocol as everybody gets it.
async fn file(stage: &OpenAuction, sha256: &str) -> anyhow::Result<Vec<u8>> {
    let url = format!("{}/v1/auctions/{}/protocols/{sha256}", stage.world.origin, stage.auction);
    let answer = stage.world.http()?.get(url).send().await?.error_for_status()?;
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/pdf");
    Ok(answer.bytes().await?.to_vec())
}

/// All files are there, whole, and each in its own language.
async fn is_whole(stage: &OpenAuction, kept: &KeptProtocol) -> anyhow::Result<()> {
    let languages: Vec<_> = kept.files.iter().map(|file| file.language.as_str()).collect();
    assert_eq!(languages, ["ky", "ru", "en"]);
    for ProtocolFile { sha256, size_bytes, language } in &kept.files {
        let content = file(stage, sha256).await?;
        assert_eq!(hex::encode(Sha256::digest(&content)), *sha256, "{language}");
        assert_eq!(content.len() as u64, *size_bytes);
        let path = format!("{}/v1/auctions/{}/protocol.pdf", stage.world.origin, stage.auction);
        let shown = stage.world.http()?.get(format!("{path}?language={language}"));
        assert!(shown.send().await?.bytes().await? == content, "{language}: another file");
    }
    Ok(())
}

/// An auction whose bidding is over, with a proposed winner: the first client.
async fn won() -> anyhow::Result<(OpenAuction, Vec<ApiClient>)> {
    let (stage, clients) = OpenAuction::open(2).await?;
    let open = stage.view().await?;
    let led = clients[0].bid(&open, &clients[0].raise(&open)?).await?;
    let deadline = led.body.deadline.context("no deadline")?;
    stage.play_until(deadline + open.auction.birth.rules.drain).await?;
    Ok((stage, clients))
}

/// The passkey of an official signs what is to be signed.
fn by_official(staff: &Staff, package: &impl SignedPayload) -> anyhow::Result<Confirmation> {
    let options = json!({ "publicKey": {
        "challenge": URL_SAFE_NO_PAD.encode(package.digest()),
        "rpId": "localhost",
        "userVerification": "required",
    }});
    let credential: Value =
        serde_json::from_str(&staff.passkeys.assert(&options.to_string()).unwrap())?;
    Ok(Confirmation::Passkey { credential })
}

#[tokio::test]
async fn a_winner_whose_phone_knows_no_files_confirms_the_result_without_them() -> anyhow::Result<()>
{
    let (stage, clients) = won().await?;
    made(&stage).await?;
    let path = format!("/v1/auctions/{}", stage.auction);
    let old = |method, path: &str| clients[0].request(method, path).header("sync-protocol", "1");
    let asked = Answer::read(old(Method::GET, &format!("{path}/protocol")).send().await?).await?;
    let text: ProtocolView = asked.json()?;
    ensure!(text.protocol.files.is_empty(), "{:?}", text.protocol);
    let answer = AnswerAward::Confirm { confirmation: clients[0].confirm(&text.protocol)? };
    let path = format!("{path}/award");
    // The same signature says less than a newer phone's has to.
    assert_eq!(clients[0].post(&path, &answer).await?.status, 422);
    assert_eq!(old(Method::POST, &path).json(&answer).send().await?.status(), 204);
    verify(&stage.log().await?)?;
    // The paper prints the hash of what was signed.
    let paper = stage.world.state().auctions.result_protocol(stage.auction).await?;
    assert_eq!(paper.signed, Some(text.protocol));
    Ok(())
}

#[tokio::test]
async fn a_result_is_made_once_and_signed_by_the_winner_and_the_organiser() -> anyhow::Result<()> {
    let (stage, clients) = won().await?;
    let (auctions, id) = (&stage.world.state().auctions, stage.auction);
    let staff = &stage.officials.organiser;
    let path = format!("/v1/auctions/{id}");
    let text: ProtocolView = clients[0].get(&format!("{path}/protocol")).await?.json()?;
    let kept = made(&stage).await?;
    assert_eq!((kept.of, kept.signed.clone()), (AWARD, None));
    assert_eq!(text.protocol.files, kept.files, "the winner signs other files");
    is_whole(&stage, &kept).await?;

    // A signature of the result without its files is none of this one.
    let mut bare = text.protocol.clone();
    bare.files.clear();
    let answer = AnswerAward::Confirm { confirmation: clients[0].confirm(&bare)? };
    assert_eq!(clients[0].post(&format!("{path}/award"), &answer).await?.status, 422);
    let answer = AnswerAward::Confirm { confirmation: clients[0].confirm(&text.protocol)? };
    assert_eq!(clients[0].post(&format!("{path}/award"), &answer).await?.status, 204);
    is_whole(&stage, &kept).await?;

    let payload = auctions.protocol_to_sign(&staff.official, id).await?;
    assert_eq!(payload.files, kept.files);
    let other = ProtocolFilesPayload { of: ProtocolSubject::Failure, ..payload.clone() };
    for (signed, why) in [
        (by_official(staff, &other)?, "another decision"),
        (by_official(&stage.officials.moderator, &payload)?, "another's passkey"),
    ] {
        let refused = auctions.sign_protocol(&staff.official, id, &signed).await;
        assert!(matches!(refused, Err(Error::BadSignature)), "{why}: {refused:?}");
    }
    let moderator = &stage.officials.moderator;
    let refused =
        auctions.sign_protocol(&moderator.official, id, &by_official(moderator, &payload)?).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    let signed = by_official(staff, &payload)?;
    auctions.sign_protocol(&staff.official, id, &signed).await?;
    let again = by_official(staff, &payload)?;
    let again = auctions.sign_protocol(&staff.official, id, &again).await;
    assert!(matches!(again, Err(Error::Rejected(Rejection::WrongState))), "{again:?}");
    let after = made(&stage).await?;
    let signature = after.signed.clone().context("not signed")?;
    assert_eq!(signature.by, staff.official.person);
    assert_eq!(signature.document, hex::encode(payload.digest()));

    // Nothing makes it again: not the worker, and no later act.
    assert_eq!(auctions.keep_protocols().await?, 0);
    let contract = OfficialAction::SignContract { document: "9f".repeat(32) };
    auctions.act(&staff.official, id, contract).await?;
    assert_eq!(stage.view().await?.auction.status, Status::Complete);
    is_whole(&stage, &after).await?;

    log_follows_from_the_rules(&stage).await?;
    let auditor = stage.world.official(Role::Auditor, "Нурлан Базаров").await?.official;
    let trail = stage.world.state().audit.page(&auditor, None).await?;
    let count = |action: &str| trail.iter().filter(|row| row.action == action).count();
    assert_eq!((count("auction.protocol"), count("auction.sign_protocol")), (1, 1));
    Ok(())
}

/// The log follows from the rules, and one with another document or another file does not.
async fn log_follows_from_the_rules(stage: &OpenAuction) -> anyhow::Result<()> {
    let log = stage.log().await?;
    verify(&log)?;
    let place = |is_it: fn(&Event) -> bool| log.iter().position(|record| is_it(&record.event));
    let kept_at = place(|event| matches!(event, Event::ProtocolKept { .. })).context("kept")?;
    let signed_at =
        place(|event| matches!(event, Event::ProtocolSigned { .. })).context("signed")?;
    for (place, why) in [(signed_at, "another document"), (kept_at, "another file")] {
        let mut touched = log.clone();
        match &mut touched[place].event {
            Event::ProtocolSigned { document, .. } => *document = "ab".repeat(32),
            Event::ProtocolKept { files, .. } => files[0].sha256 = "ab".repeat(32),
            _ => {}
        }
        // A file that was exchanged shows in what was signed after it.
        let fault = verify(&touched).err().context(why)?;
        assert_eq!((fault.seq, fault.why), (signed_at as u64 + 1, FaultKind::Differs), "{why}");
    }
    let mut twice = log[..=kept_at].to_vec();
    twice.push(twice[kept_at].clone());
    twice[kept_at + 1].seq += 1;
    let fault = verify(&twice).err().context("made twice")?;
    assert_eq!(fault.why, FaultKind::Refused(Rejection::WrongState));
    Ok(())
}

/// An act that one official proposes and another one approves.
async fn together(
    stage: &OpenAuction,
    (one, other): (&Official, &Official),
    act: JointAct,
) -> anyhow::Result<()> {
    let auctions = &stage.world.state().auctions;
    auctions.propose(one, stage.auction, act).await?;
    let auction = stage.view().await?.auction;
    let pending = auctions.proposals(other, &auction).await?.pop().context("nothing waits")?;
    Ok(auctions.approve(other, stage.auction, pending.id).await?)
}

#[tokio::test]
async fn each_decision_has_a_protocol_that_the_organiser_signs() -> anyhow::Result<()> {
    // Nobody applied.
    let stage = OpenAuction::published().await?;
    while let Some(wake) = stage.view().await?.auction.wake_at() {
        stage.play_until(wake).await?;
    }
    assert_eq!(stage.view().await?.auction.failure, Some(Failure::NoApplications));
    let kept = made(&stage).await?;
    assert_eq!(kept.of, ProtocolSubject::Failure);
    is_whole(&stage, &kept).await?;
    sign(&stage).await?;

    // The clock is stopped, goes on at an announced moment, and two officials cancel it.
    let (stage, _clients) = OpenAuction::open(2).await?;
    let two = (&stage.officials.organiser.official, &stage.officials.moderator.official);
    together(&stage, two, JointAct::Suspend { reason: "dark".to_owned() }).await?;
    let stopped = made(&stage).await?;
    sign(&stage).await?;
    let at = stage.clock.now() + TimeSpan::hours(1);
    together(&stage, two, JointAct::Resume { at }).await?;
    let announced = made(&stage).await?;
    let since = stage.view().await?.auction.suspension.context("goes on")?.since;
    let of = |resume_at| ProtocolSubject::Suspension { since, resume_at };
    assert_eq!((stopped.of, announced.of), (of(None), of(Some(at))));
    let other = stage.world.official(Role::Moderator, "Нурлан Базаров").await?;
    let (reason, document) = ("Соттун чечими".to_owned(), "ab".repeat(32));
    let two = (&stage.officials.moderator.official, &other.official);
    together(&stage, two, JointAct::Cancel { reason, document }).await?;
    let cancelled = made(&stage).await?;
    assert_eq!(cancelled.of, ProtocolSubject::Cancellation);
    for kept in [&cancelled, &stopped, &announced] {
        // Earlier ones stay, though they are not what stands.
        for file_of in &kept.files {
            file(&stage, &file_of.sha256).await?;
        }
    }
    is_whole(&stage, &cancelled).await?;
    sign(&stage).await?;
    verify(&stage.log().await?)?;
    Ok(())
}

/// The organiser signs the protocol that stands.
async fn sign(stage: &OpenAuction) -> anyhow::Result<()> {
    let (auctions, staff) = (&stage.world.state().auctions, &stage.officials.organiser);
    let payload = auctions.protocol_to_sign(&staff.official, stage.auction).await?;
    let signed = by_official(staff, &payload)?;
    Ok(auctions.sign_protocol(&staff.official, stage.auction, &signed).await?)
}

/// A page of the auction by the organiser's session, in English.
async fn asked(
    day: &CertificateDay,
    path: &str,
    form: Option<Vec<u8>>,
) -> anyhow::Result<(u16, Vec<u8>)> {
    let world = &day.stage.world;
    let url = format!("{}/console/auctions/{}{path}", world.origin, day.stage.auction);
    let request = match form {
        Some(form) => {
            let kind = "multipart/form-data; boundary=part";
            world.http()?.post(url).header(CONTENT_TYPE, kind).body(form)
        }
        None => world.http()?.get(url),
    };
    let session = format!("toruk_session={}; toruk_lang=en", day.stage.officials.organiser.token);
    let answer = request.header(COOKIE, session).header(ORIGIN, &world.origin).send().await?;
    Ok((answer.status().as_u16(), answer.bytes().await?.to_vec()))
}

#[tokio::test]
async fn a_protocol_is_signed_by_certificate_and_both_sides_take_the_evidence() -> anyhow::Result<()>
{
    let day = CertificateDay::play(None).await?;
    let (world, id) = (&day.stage.world, day.stage.auction);
    let (found, text) = asked(&day, "/protocol/text", None).await?;
    ensure!(found == 200 && text.starts_with(b"toruk/protocol-files/v1\n"), "{found}");
    let kept = made(&day.stage).await?;
    for file in &kept.files {
        let text = String::from_utf8_lossy(&text);
        ensure!(text.contains(&file.sha256), "{} is not signed", file.language);
    }
    let (_, page) = asked(&day, "", None).await?;
    ensure!(String::from_utf8(page)?.contains("/protocol/certificate"), "no way to sign");
    let head =
        "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.p7s\"\r\n\r\n";
    let sent = |file: Vec<u8>| [head.as_bytes(), &file, b"\r\n--part--\r\n"].concat();
    let own = day.authority.by_list(world, "Асанова Нургүл", "22004198554321", 20);
    let changed = [&text[..], b" "].concat();
    for (file, words) in [
        (b"%PDF-1.7".to_vec(), "not a detached electronic signature"),
        (own.sign(world, &changed), "over another document"),
    ] {
        let (status, page) = asked(&day, "/protocol/certificate", Some(sent(file))).await?;
        let page = String::from_utf8(page)?;
        assert!(status == 422 && page.contains(words), "{status} {words}: {page}");
    }
    let signature = own.sign(world, &text);
    let (status, page) = asked(&day, "/protocol/certificate", Some(sent(signature))).await?;
    assert_eq!(status, 303, "{}", String::from_utf8_lossy(&page));
    assert!(made(&day.stage).await?.signed.is_some());

    let (found, container) = asked(&day, "/protocol/evidence", None).await?;
    assert_eq!((found, &container[30..38]), (200, &b"mimetype"[..]));
    let has = |part: &[u8]| container.windows(part.len()).any(|at| at == part);
    assert!(has(b"protocol.txt") && has(b"META-INF/signature.p7s"), "another container");
    let winner = day.winner.as_ref().context("no winner")?;
    let path = format!("/v1/auctions/{id}/protocol/signatures");
    for side in ["winner", "organiser"] {
        let taken = winner.request(reqwest::Method::GET, &format!("{path}/{side}"));
        let taken = taken.send().await?;
        assert_eq!(taken.status(), 200, "{side}");
        assert_eq!(taken.headers()[CONTENT_TYPE], "application/vnd.etsi.asic-s+zip");
    }
    assert_eq!(winner.get(&format!("{path}/anybody")).await?.status, 404);
    let rival = ApiClient::register(world, "rival").await?;
    assert_eq!(rival.get(&format!("{path}/organiser")).await?.status, 403);
    Ok(())
}

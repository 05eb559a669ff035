//! An application that its applicant confirms by certificate (ЭЦП).

use crate::applicants::{prove, submitted};
use crate::certificate_door::{AIDA, BEK, Door};
use crate::certificates::authority::Holder;
use crate::certificates::message::Message;
use crate::certificates::responder::Reply;
use crate::ground::sale::official;
use crate::people::recorded;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sea_orm::EntityTrait as _;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read as _;
use toruk_server::application;
use toruk_server::config::Config;
use toruk_server::entity::{revocation_list, signature_evidence};
use toruk_server::identity::{Role, UNUSED_KEPT};
use toruk_server::signature::cms::{Certificates, DOCUMENT_AGE_MAX};
use toruk_sync::domain::application::Rejection;
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::operations::{
    Confirmation, Operation, OperationRejection, Push, Verdict,
};
use toruk_sync::protocol::signature::SignatureFault as Fault;
use toruk_sync::signing::SignedPayload as _;

/// An application of the sale's bidder, signed by a certificate.
async fn signed(door: &Door, signer: &Holder) -> Operation {
    let mut package = door.sale.package().await;
    package.answers.insert("pin".to_owned(), AIDA.to_owned());
    let signature = Message::of(signer, door.now()).sign(&package.canonical());
    Operation::SubmitApplication { package, confirmation: Confirmation::Cms { signature } }
}

fn fault(verdict: Verdict) -> Fault {
    match verdict {
        Verdict::Refused(OperationRejection::SignatureRefused { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_application_is_confirmed_by_its_applicants_certificate_alone() {
    let door = Door::new(|_| {}).await;
    door.sale.upload().await;
    let aida = door.person("Асанова Айгүл", AIDA, 10);
    let operation = signed(&door, &aida).await;
    let verdict = door.sale.push_one(1, operation).await;
    assert_eq!(fault(verdict), Fault::OtherPerson, "an account that no door has proven");
    prove(&door.sale, AIDA).await.unwrap();

    let bek = door.person("Бек", BEK, 11);
    let operation = signed(&door, &bek).await;
    assert_eq!(fault(door.sale.push_one(2, operation).await), Fault::OtherPerson);

    let Operation::SubmitApplication { mut package, confirmation } = signed(&door, &aida).await
    else {
        unreachable!()
    };
    package.answers.insert("address".to_owned(), "Ош".to_owned());
    let operation = Operation::SubmitApplication { package, confirmation };
    assert_eq!(fault(door.sale.push_one(3, operation).await), Fault::ContentDiffers);

    let gost = Message { algorithm: "1.2.643.7.1.1.3.2", ..Message::of(&aida, door.now()) };
    let Operation::SubmitApplication { package, .. } = signed(&door, &aida).await else {
        unreachable!()
    };
    let confirmation = Confirmation::Cms { signature: gost.sign(&package.canonical()) };
    let operation = Operation::SubmitApplication { package, confirmation };
    let verdict = door.sale.push_one(4, operation).await;
    let unsupported = OperationRejection::SignatureRefused {
        fault: Fault::AlgorithmUnsupported,
        oid: Some("1.2.643.7.1.1.3.2".to_owned()),
    };
    assert_eq!(verdict, Verdict::Refused(unsupported));
    let rows = recorded(door.state(), "signature.refuse").await;
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|(object, _)| *object == format!("auction:{}", door.sale.auction)));

    let operation = signed(&door, &aida).await;
    let application = submitted(door.sale.push_one(5, operation).await);
    let own = door.state().applications.of(door.sale.bidder.person).await.unwrap();
    let taken = own.iter().find(|own| own.id == application).unwrap();
    assert_eq!(taken.signed_with, ConfirmationMethod::Eds);
    evidence_is_whole(&door, application, &aida).await;
}

/// A moderator gets all that is needed to verify the signature elsewhere; nobody else does, and
/// nothing of it is stored in clear.
async fn evidence_is_whole(door: &Door, application: ApplicationId, signer: &Holder) {
    let moderator = official(2, Role::Moderator);
    let applications = &door.state().applications;
    let stranger = applications.evidence(&official(3, Role::Finance), application).await;
    assert!(matches!(stranger, Err(application::Error::Forbidden)), "{stranger:?}");
    let file = applications.evidence(&moderator, application).await.unwrap();
    let (container, ending) = file.into_parts();
    assert_eq!(ending, "asics");
    assert_eq!(recorded(door.state(), "application.evidence").await.len(), 1);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(container)).unwrap();
    let mut read = |name: &str| {
        let mut content = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut content).unwrap();
        content
    };
    assert_eq!(read("mimetype"), b"application/vnd.etsi.asic-s+zip");
    assert!(read("application.txt").starts_with(b"toruk/application/v1\n"));
    assert_eq!(read("META-INF/certificates/1.cer"), signer.certificate);
    assert_eq!(read("META-INF/certificates/2.cer"), door.root.certificate);
    // With what it rests on inside, and as it was sent.
    let (package, at) = (read("application.txt"), door.now());
    let verifier = Certificates::of(&door.state().context.config).unwrap().unwrap();
    for name in ["META-INF/signature.p7s", "META-INF/as-sent.p7s"] {
        let signature = STANDARD.encode(read(name));
        verifier.verify(&package, &signature, (at, at), DOCUMENT_AGE_MAX).await.unwrap();
    }
    let sent = Message::of(signer, at).der(&package);
    assert_eq!(read("META-INF/as-sent.p7s"), sent);
    let inside = read("META-INF/signature.p7s");
    let has = |part: &[u8]| inside.windows(part.len()).any(|bytes| bytes == part);
    assert!(has(&read("META-INF/revocation/1.crl")) && has(&door.root.certificate));
    // Deterministic ECDSA: the same list again.
    let list = door.root.list(&[], at, at + TimeSpan::days(7));
    assert_eq!(read("META-INF/revocation/1.crl"), list);
    let report: Value = serde_json::from_slice(&read("META-INF/report.json")).unwrap();
    assert_eq!(report["result"], "valid");

    // What names the person is found nowhere but sealed.
    let rows = signature_evidence::Entity::find().all(door.state().context.db.read()).await;
    let rows = rows.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(rows[0].content.starts_with("sealed:"));
}

/// Sizes of the lists that are kept.
async fn lists(door: &Door) -> usize {
    let db = door.state().context.db.read();
    revocation_list::Entity::find().all(db).await.unwrap().len()
}

/// A list is kept for the evidence that rests on it, and no longer.
#[tokio::test]
async fn a_list_is_kept_while_evidence_rests_on_it() {
    let door = Door::new(|_| {}).await;
    let (identity, clock) = (&door.state().identity, door.sale.clock());
    door.sale.upload().await;
    prove(&door.sale, AIDA).await.unwrap();
    let aida = door.person("Асанова Айгүл", AIDA, 10);
    // Refused after it was verified: of a form that is not complete.
    let Operation::SubmitApplication { mut package, .. } = signed(&door, &aida).await else {
        unreachable!()
    };
    package.answers.remove("address");
    let signature = Message::of(&aida, door.now()).sign(&package.canonical());
    let confirmation = Confirmation::Cms { signature };
    let verdict =
        door.sale.push_one(1, Operation::SubmitApplication { package, confirmation }).await;
    assert!(matches!(verdict, Verdict::Refused(OperationRejection::Incomplete { .. })));
    clock.pass(UNUSED_KEPT);
    assert_eq!((identity.sweep_lists().await.unwrap(), lists(&door).await), (0, 1));
    clock.pass(TimeSpan::seconds(1));
    assert_eq!((identity.sweep_lists().await.unwrap(), lists(&door).await), (1, 0));

    let operation = signed(&door, &aida).await;
    let application = submitted(door.sale.push_one(2, operation).await);
    clock.pass(UNUSED_KEPT);
    clock.pass(UNUSED_KEPT);
    assert_eq!((identity.sweep_lists().await.unwrap(), lists(&door).await), (0, 1));
    let moderator = official(2, Role::Moderator);
    door.state().applications.evidence(&moderator, application).await.unwrap();
    // What the person's evidence rested on goes with it.
    door.sale.push_one(3, Operation::WithdrawApplication { application }).await;
    door.state().applications.forget(None, door.sale.bidder.person).await.unwrap();
    assert_eq!((identity.sweep_lists().await.unwrap(), lists(&door).await), (1, 0));
}

#[tokio::test]
async fn an_application_waits_while_nobody_says_whether_its_certificate_was_revoked() {
    let door = Door::new(|_| {}).await;
    door.sale.upload().await;
    prove(&door.sale, AIDA).await.unwrap();
    let aida = door.person("Асанова Айгүл", AIDA, 10);
    door.responder.publish_list(Reply::Away);
    let operation = signed(&door, &aida).await;
    let arrived = door.now();
    let push = Push { ops: vec![door.sale.op(1, operation.clone())] };
    let bidder = &door.sale.bidder;
    let applications = &door.state().applications;
    let outcome = applications.push(bidder, push, arrived, true).await;
    assert!(matches!(outcome, Err(application::Error::RevocationUnknown)), "{outcome:?}");
    door.sale.clock().pass(TimeSpan::hours(2));
    door.publish(&[]);
    match door.sale.push_one(1, operation.clone()).await {
        Verdict::Submitted { received_at, .. } => assert_eq!(received_at, arrived),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_application_is_signed_by_certificate_only_where_its_rules_say_so() {
    let only = |config: &mut Config| {
        config.rules.application_confirmation = BTreeSet::from([ConfirmationMethod::Passkey]);
    };
    let door = Door::new(only).await;
    door.sale.upload().await;
    prove(&door.sale, AIDA).await.unwrap();
    let operation = signed(&door, &door.person("Асанова Айгүл", AIDA, 10)).await;
    let verdict = door.sale.push_one(1, operation).await;
    let expected = OperationRejection::Application(Rejection::MethodNotAccepted);
    assert_eq!(verdict, Verdict::Refused(expected));
}

//! What an authority says of a certificate, or does not.

use crate::certificates::authority::{Holder, OCSP_SIGNING, OcspStatus, SIGNS, Template, root};
use crate::certificates::message::Message;
use crate::certificates::responder::Reply;
use crate::signatures::{Ground, PIN, now};
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpListener;
use toruk_server::signature::cms::{
    AnswerKind, CHECK_TIMEOUT, DOCUMENT_AGE_MAX, FAILURE_KEPT, FRESH,
};
use toruk_sync::domain::time::{TimeSpan, Timestamp};

const DOCUMENT: &[u8] = b"toruk/application/v1\n{}";
const DAY: TimeSpan = TimeSpan::days(1);

async fn outcome(ground: &Ground, signer: &Holder, at: Timestamp) -> String {
    let signature = Message::of(signer, now()).sign(DOCUMENT);
    let verified = ground.verifier.verify(DOCUMENT, &signature, (at, at), DOCUMENT_AGE_MAX).await;
    match verified {
        Ok(signed) => {
            let kinds: Vec<_> = signed.answers.iter().map(|answer| answer.kind).collect();
            format!("holds {kinds:?}")
        }
        Err(refusal) => refusal.fault.key().to_owned(),
    }
}

#[tokio::test]
async fn a_list_counts_by_its_signature_and_in_its_time() {
    let mut ground = Ground::new().await;
    let signer = ground.person(10);
    let stranger = root(&Template::authority("Root", 5, now()));
    let named = root(&Template::authority("Stranger", 6, now()));
    let week = now() + TimeSpan::days(7);
    let good = ground.root.list(&[11, 12], now(), week);
    let mut changed = good.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    let cases = [
        ("holds [Crl]", Reply::Bytes(good)),
        ("revoked", Reply::Bytes(ground.root.list(&[9, 10], now(), week))),
        ("revocation_unknown", Reply::Bytes(stranger.list(&[], now(), week))),
        ("revocation_unknown", Reply::Bytes(named.list(&[], now(), week))),
        ("revocation_unknown", Reply::Bytes(changed)),
        ("revocation_unknown", Reply::Bytes(ground.root.list(&[], now() - DAY, now() - DAY))),
        ("revocation_unknown", Reply::Bytes(ground.root.list(&[], now() + DAY, week))),
        ("revocation_unknown", Reply::Bytes(b"-----BEGIN X509 CRL-----".to_vec())),
        ("revocation_unknown", Reply::Bytes(Vec::new())),
        ("revocation_unknown", Reply::Huge(16 * 1024 * 1024 + 1)),
        ("revocation_unknown", Reply::Away),
    ];
    for (place, (expected, reply)) in cases.into_iter().enumerate() {
        ground.forget();
        ground.responder.publish_list(reply);
        assert_eq!(outcome(&ground, &signer, now()).await, expected, "case {place}");
    }
}

/// An authority may keep its list in parts, each named by the certificates it is about. Another
/// part says nothing of this certificate, and must not be sent in its place.
#[tokio::test]
async fn a_part_of_a_list_counts_for_those_who_name_it() {
    let mut ground = Ground::new().await;
    let signer = ground.person(10);
    let moments = (now(), now() + TimeSpan::days(7));
    let own = ground.responder.list_url();
    for (address, revoked, expected) in [
        (own.as_str(), 11, "holds [Crl]"),
        (own.as_str(), 10, "revoked"),
        ("http://ca.example/part-7.crl", 11, "revocation_unknown"),
    ] {
        ground.forget();
        let part = ground.root.part_of_list(&[revoked], moments, address);
        ground.responder.publish_list(Reply::Bytes(part));
        assert_eq!(outcome(&ground, &signer, now()).await, expected, "{address}");
    }
}

/// Plain HTTP may be answered by somebody else, with what the issuer said last week.
#[tokio::test]
async fn an_older_list_takes_nothing_back() {
    let ground = Ground::new().await;
    let signer = ground.person(10);
    let week = TimeSpan::days(7);
    let later = now() + TimeSpan::minutes(30);
    ground.responder.publish_list(Reply::Bytes(ground.root.list(&[10], now(), now() + week)));
    assert_eq!(outcome(&ground, &signer, now()).await, "revoked");
    let older = ground.root.list(&[], now() - DAY, now() + week);
    ground.responder.publish_list(Reply::Bytes(older));
    assert_eq!(outcome(&ground, &signer, later).await, "revoked");
}

#[tokio::test]
async fn an_ocsp_answer_counts_by_its_signature_for_its_certificate() {
    let mut ground = Ground::new().await;
    let asked = |ground: &Ground, serial| {
        let responder = Some(ground.responder.ocsp_url());
        ground.root.certify(&Template { list: None, responder, ..ground.template(serial) })
    };
    let (signer, other) = (asked(&ground, 10), asked(&ground, 11));
    let person = Template::person("OCSP", PIN, 3, now());
    let delegate = Template { purposes: vec![OCSP_SIGNING], usage: Some(SIGNS), ..person };
    let past = (now() - DAY - DAY, now() - DAY);
    let late = ground.root.certify(&Template { valid: past, ..delegate.clone() });
    let unfit = ground.root.certify(&Template { purposes: Vec::new(), ..delegate.clone() });
    let delegate = ground.root.certify(&delegate);
    let stranger = root(&Template::authority("Root", 5, now()));
    let fresh = (now(), now() + TimeSpan::hours(1));
    let about = (&signer, &ground.root);
    let good = OcspStatus::Good;
    let by = |who: &Holder, status, moments| {
        Reply::Bytes(who.ocsp(about, status, moments, Some(&who.certificate)))
    };
    let cases = [
        ("holds [Ocsp]", by(&ground.root, good, fresh)),
        ("holds [Ocsp]", by(&delegate, good, fresh)),
        ("revoked", by(&delegate, OcspStatus::Revoked, fresh)),
        ("revocation_unknown", by(&ground.root, OcspStatus::Unknown, fresh)),
        ("revocation_unknown", by(&stranger, good, fresh)),
        ("revocation_unknown", by(&unfit, good, fresh)),
        ("revocation_unknown", by(&late, good, fresh)),
        // By the signer's own key: nobody vouches for themselves.
        ("revocation_unknown", by(&signer, good, fresh)),
        ("revocation_unknown", by(&ground.root, good, (now() - DAY - DAY, now() - DAY))),
        ("revocation_unknown", by(&ground.root, good, (now() + DAY, now() + DAY + DAY))),
        (
            "revocation_unknown",
            Reply::Bytes(ground.root.ocsp((&other, &ground.root), good, fresh, None)),
        ),
        ("revocation_unknown", Reply::Bytes(vec![0x30, 3, 0x0a, 1, 6])),
        ("revocation_unknown", Reply::Bytes(b"<html>".to_vec())),
        ("revocation_unknown", Reply::Huge(64 * 1024 + 1)),
        ("revocation_unknown", Reply::Away),
    ];
    for (place, (expected, reply)) in cases.into_iter().enumerate() {
        ground.forget();
        ground.responder.answer_ocsp(reply);
        assert_eq!(outcome(&ground, &signer, now()).await, expected, "case {place}");
    }
    // A certificate that names both is looked up in the list when OCSP fails.
    let responder = Some(ground.responder.ocsp_url());
    let both = ground.root.certify(&Template { responder, ..ground.template(12) });
    assert_eq!(outcome(&ground, &both, now()).await, "holds [Crl]");
    // But not when its issuer denies it.
    ground.forget();
    let denied = ground.root.ocsp((&both, &ground.root), OcspStatus::Unknown, fresh, None);
    ground.responder.answer_ocsp(Reply::Bytes(denied));
    assert_eq!(outcome(&ground, &both, now()).await, "revocation_unknown");
    // And one that names neither is unknown.
    let neither = ground.root.certify(&Template { list: None, ..ground.template(13) });
    assert_eq!(outcome(&ground, &neither, now()).await, "revocation_unknown");
}

#[tokio::test]
async fn a_kept_list_is_used_while_its_authority_stands_by_it() {
    let ground = Ground::new().await;
    let signer = ground.person(10);
    assert_eq!(outcome(&ground, &signer, now()).await, "holds [Crl]");
    assert_eq!(ground.responder.asked(), 1);
    let soon = now() + FRESH - TimeSpan::seconds(1);
    assert_eq!(outcome(&ground, &signer, soon).await, "holds [Crl]");
    assert_eq!(ground.responder.asked(), 1, "a fresh list is not fetched again");
    // A revocation counts as soon as the list is not fresh any more.
    let later = now() + FRESH;
    ground.responder.publish_list(Reply::Away);
    assert_eq!(outcome(&ground, &signer, later).await, "holds [Crl]");
    assert_eq!(ground.responder.asked(), 2);
    let end = now() + TimeSpan::days(7);
    assert_eq!(outcome(&ground, &signer, end).await, "holds [Crl]");
    assert_eq!(outcome(&ground, &signer, end + Timestamp::TICK).await, "revocation_unknown");
    ground.publish(&[10]);
    assert_eq!(outcome(&ground, &signer, later).await, "revoked");
    assert_eq!(ground.responder.asked(), 4, "the last failure was not repeated at once");
    // What was published for evidence is the answer's own bytes.
    ground.publish(&[]);
    let signature = Message::of(&signer, now()).sign(DOCUMENT);
    let at = later + FRESH;
    let verified = ground.verifier.verify(DOCUMENT, &signature, (at, at), DOCUMENT_AGE_MAX).await;
    let verified = verified.unwrap();
    assert_eq!(verified.chain.len(), 2);
    assert_eq!(verified.answers.len(), 1);
    assert_eq!(verified.answers[0].kind, AnswerKind::Crl);
    assert_eq!(verified.answers[0].next_update, end);
}

#[tokio::test]
async fn an_authority_below_the_root_is_asked_about_too() {
    let ground = Ground::new().await;
    let responder = Some(ground.responder.ocsp_url());
    let template = Template { list: None, responder, ..ground.template(10) };
    let signer = ground.middle.certify(&template);
    let fresh = (now(), now() + TimeSpan::hours(1));
    let good = ground.middle.ocsp((&signer, &ground.middle), OcspStatus::Good, fresh, None);
    ground.responder.answer_ocsp(Reply::Bytes(good));
    let certificates = vec![signer.certificate.clone(), ground.middle.certificate.clone()];
    let message = Message { certificates, ..Message::of(&signer, now()) };
    let verified = ground.verify(DOCUMENT, &message.sign(DOCUMENT)).await.unwrap();
    let kinds: Vec<_> = verified.answers.iter().map(|answer| answer.kind).collect();
    assert_eq!(kinds, [AnswerKind::Ocsp, AnswerKind::Crl]);

    let mut ground = ground;
    ground.forget();
    ground.publish(&[ground.middle.serial]);
    let refused = ground.verify(DOCUMENT, &message.sign(DOCUMENT)).await.err().unwrap();
    assert_eq!(refused.fault.key(), "revoked");
}

#[tokio::test]
async fn all_who_need_a_list_wait_for_one() {
    let ground = Ground::new().await;
    let signers: Vec<_> = (10..26).map(|serial| ground.person(serial)).collect();
    let outcomes = signers.iter().map(|signer| outcome(&ground, signer, now()));
    let outcomes = futures_util::future::join_all(outcomes).await;
    assert!(outcomes.iter().all(|outcome| outcome == "holds [Crl]"), "{outcomes:?}");
    assert_eq!(ground.responder.asked(), 1);
}

#[tokio::test]
async fn an_address_that_failed_is_left_alone_for_a_while() {
    let ground = Ground::new().await;
    let signer = ground.person(10);
    for (reply, place) in [Reply::Away, Reply::Bytes(b"<html>".to_vec())].into_iter().zip(0_i64..) {
        let at = now() + TimeSpan::minutes(place);
        let asked = ground.responder.asked();
        ground.responder.publish_list(reply);
        let outcomes = (0..8).map(|_| outcome(&ground, &signer, at));
        let outcomes = futures_util::future::join_all(outcomes).await;
        assert!(outcomes.iter().all(|outcome| outcome == "revocation_unknown"), "{outcomes:?}");
        let soon = at + FAILURE_KEPT - TimeSpan::seconds(1);
        assert_eq!(outcome(&ground, &signer, soon).await, "revocation_unknown");
        assert_eq!(ground.responder.asked(), asked + 1, "nobody asked again");
    }
    ground.publish(&[]);
    let at = now() + TimeSpan::minutes(1) + FAILURE_KEPT + TimeSpan::seconds(9);
    assert_eq!(outcome(&ground, &signer, at).await, "holds [Crl]");
}

/// A verification begins and is given up. What it has asked for is there for the next one.
#[tokio::test]
async fn a_list_on_its_way_arrives_also_if_nobody_waits_any_more() {
    let ground = Ground::new().await;
    let signer = ground.person(10);
    let mut given_up = Box::pin(outcome(&ground, &signer, now()));
    while ground.responder.asked() == 0 {
        let polled = futures_util::poll!(&mut given_up);
        assert!(polled.is_pending());
        tokio::task::yield_now().await;
    }
    drop(given_up);
    assert_eq!(outcome(&ground, &signer, now()).await, "holds [Crl]");
    assert_eq!(ground.responder.asked(), 1);
}

/// Each address is silent for as long as one may be; together they are silent for no longer than a
/// person waits.
#[tokio::test]
async fn one_deadline_is_for_all_answers_about_a_signature() {
    let mut ground = Ground::new().await;
    let silent = Silent::start(8).await;
    ground.forget_with(silent.addresses());
    let responder = Some(silent.addresses()[0].clone());
    let signer = ground.root.certify(&Template { responder, ..ground.template(10) });
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    assert_eq!(outcome(&ground, &signer, now()).await, "revocation_unknown");
    let took = began.elapsed();
    assert!(took <= CHECK_TIMEOUT + Duration::from_secs(1), "{took:?}");
}

/// Addresses that take connections and never answer.
struct Silent(Vec<TcpListener>);

impl Silent {
    async fn start(count: usize) -> Self {
        let listeners = (0..count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        Self(futures_util::future::try_join_all(listeners).await.unwrap())
    }

    fn addresses(&self) -> Vec<String> {
        let address =
            |listener: &TcpListener| format!("http://{}/ca.crl", listener.local_addr().unwrap());
        self.0.iter().map(address).collect()
    }
}

//! Which signatures by certificate hold: those of another program, and those of an authority that
//! makes each mistake.

use crate::certificates::authority::{Holder, Template, root};
use crate::certificates::message::Message;
use crate::certificates::responder::{Reply, Responder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::{Path, PathBuf};
use toruk_server::config::Config;
use toruk_server::signature::cms::{
    CHALLENGE_AGE_MAX, CertificateSignature, Certificates, DOCUMENT_AGE_MAX, INTERMEDIATES_MAX,
    SignatureRefusal,
};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::signature::{SIGNATURE_BYTES_MAX, SignatureFault as Fault};

pub const PIN: &str = "21503199077777";
/// The document of these signatures.
pub const DOCUMENT: &[u8] = b"toruk/application/v1\n{}";

pub fn now() -> Timestamp {
    Timestamp::parse("2026-11-23T10:00:00+06:00").unwrap()
}

/// An authority with one below it, its publications, and a verifier that accepts its root.
pub struct Ground {
    pub root: Holder,
    pub middle: Holder,
    pub responder: Responder,
    pub verifier: Certificates,
    pub folder: tempfile::TempDir,
}

impl Ground {
    pub async fn new() -> Self {
        // An error only means that a provider is there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let responder = Responder::start().await.unwrap();
        let top = root(&Template::authority("Root", 1, now()));
        let list = Some(responder.list_url());
        let below = Template { list: list.clone(), ..Template::authority("Middle", 2, now()) };
        let middle = top.certify(&below);
        let folder = tempfile::tempdir().unwrap();
        let verifier = verifier(folder.path(), &top, Vec::new());
        let ground = Self { root: top, middle, responder, verifier, folder };
        ground.publish(&[]);
        ground
    }

    /// A verifier that has fetched nothing yet.
    pub fn forget(&mut self) {
        self.verifier = verifier(self.folder.path(), &self.root, Vec::new());
    }

    /// As [`Self::forget`], with lists of the operator's.
    pub fn forget_with(&mut self, lists: Vec<String>) {
        self.verifier = verifier(self.folder.path(), &self.root, lists);
    }

    /// Publishes the root's list.
    pub fn publish(&self, revoked: &[u64]) {
        let list = self.root.list(revoked, now(), now() + TimeSpan::days(7));
        self.responder.publish_list(Reply::Bytes(list));
    }

    /// A person of the root, with this serial number.
    pub fn person(&self, serial: u64) -> Holder {
        self.root.certify(&self.template(serial))
    }

    pub fn template(&self, serial: u64) -> Template {
        let list = Some(self.responder.list_url());
        Template { list, ..Template::person("Асанова Айгүл", PIN, serial, now()) }
    }

    pub async fn verify(
        &self,
        content: &[u8],
        signature: &str,
    ) -> Result<CertificateSignature, SignatureRefusal> {
        self.verifier.verify(content, signature, (now(), now()), DOCUMENT_AGE_MAX).await
    }
}

fn verifier(folder: &Path, root: &Holder, lists: Vec<String>) -> Certificates {
    let file = folder.join("root.der");
    std::fs::write(&file, &root.certificate).unwrap();
    let mut config = Config::local(folder, 8080);
    config.signature_roots = vec![file];
    config.signature_crls = lists;
    Certificates::of(&config).unwrap().unwrap()
}

pub fn fault(outcome: Result<CertificateSignature, SignatureRefusal>) -> String {
    match outcome {
        Ok(signed) => format!("holds, {}", signed.subject.pin.digits()),
        Err(SignatureRefusal { fault, oid: Some(oid), .. }) => format!("{} {oid}", fault.key()),
        Err(refusal) => refusal.fault.key().to_owned(),
    }
}

#[tokio::test]
async fn what_another_program_signs_holds_and_its_weak_ways_do_not() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cms"));
    let base64 = |name: &str| {
        let text = std::fs::read_to_string(folder.join(format!("{name}.b64"))).unwrap();
        text.lines().collect::<String>()
    };
    let list = |name: &str| Reply::Bytes(STANDARD.decode(base64(name)).unwrap());
    let (of_root, of_middle) =
        (Responder::start().await.unwrap(), Responder::start().await.unwrap());
    of_root.publish_list(list("root.crl"));
    of_middle.publish_list(list("middle.crl"));
    let mut config = Config::local(&folder, 8080);
    config.signature_roots = vec![folder.join("root.pem")];
    config.signature_crls = vec![of_root.list_url(), of_middle.list_url()];
    let verifier = Certificates::of(&config).unwrap().unwrap();
    let document = std::fs::read(folder.join("document")).unwrap();
    let at = Timestamp::parse("2026-11-30T05:00:00Z").unwrap();
    for (name, expected) in [
        ("rsa-sha256", "holds, 21503199077777"),
        ("rsa-sha512", "holds, 21503199077777"),
        ("rsa-keyid", "holds, 21503199077777"),
        ("p256-cades", "holds, 21503199077777"),
        ("p256-sha512", "holds, 21503199077777"),
        ("p384-cades", "holds, 21503199077777"),
        ("p384-sha256", "holds, 21503199077777"),
        ("below-cades", "holds, 21503199077777"),
        ("below-alone", "chain_untrusted"),
        ("revoked", "revoked"),
        ("short", "key_weak"),
        ("sha1", "digest_weak"),
        ("pss", "algorithm_unsupported 1.2.840.113549.1.1.10"),
        ("p521", "algorithm_unsupported 1.3.132.0.35"),
        ("attached", "attached"),
        ("bare", "attributes_missing"),
        ("uncertified", "certificate_missing"),
        ("two", "signer_count"),
    ] {
        let signature = base64(&format!("{name}.p7s"));
        let outcome = verifier.verify(&document, &signature, (at, at), DOCUMENT_AGE_MAX).await;
        if name == "p256-cades" {
            let firm = outcome.as_ref().unwrap().subject.firm.clone().unwrap();
            assert_eq!((&*firm.identifier, &*firm.name), ("01234567890123", "ОсОО Ак-Суу"));
        }
        assert_eq!(fault(outcome), expected, "{name}");
        let outcome = verifier.verify(b"another", &signature, (at, at), DOCUMENT_AGE_MAX).await;
        assert!(outcome.is_err(), "{name} over another document");
    }
}

type Wrong = fn(Message<'_>) -> Message<'_>;

#[tokio::test]
async fn a_message_that_says_too_little_or_too_much_is_refused() {
    let ground = Ground::new().await;
    let (aida, bek) = (ground.person(10), ground.person(11));
    let message = Message::of(&aida, now());
    let cases: &[(&str, Wrong)] = &[
        ("holds, 21503199077777", |of| of),
        ("holds, 21503199077777", |of| Message { reference: None, ..of }),
        ("attached", |of| Message { attached: true, ..of }),
        ("signer_count", |of| Message { signers: 2, ..of }),
        ("signer_count", |of| Message { signers: 0, ..of }),
        ("attributes_missing", |of| Message { attributes: false, ..of }),
        ("signing_time_missing", |of| Message { signed_at: None, ..of }),
        ("signing_time_off", |of| Message { signed_at: Some(now() + TimeSpan::minutes(6)), ..of }),
        ("holds, 21503199077777", |of| Message {
            signed_at: Some(now() + TimeSpan::minutes(4)),
            ..of
        }),
        ("signing_time_off", |of| Message { signed_at: Some(now() - TimeSpan::days(31)), ..of }),
        // Before the certificate was valid.
        ("not_yet_valid", |of| Message { signed_at: Some(now() - TimeSpan::days(2)), ..of }),
        ("certificate_missing", |of| Message { certificates: Vec::new(), ..of }),
        ("digest_weak", |of| Message { digest: "1.3.14.3.2.26", ..of }),
        ("digest_weak", |of| Message { algorithm: "1.2.840.10045.4.1", ..of }),
        // GOST R 34.11-2012 and 34.10-2012, and the state's CIS names.
        ("algorithm_unsupported 1.2.643.7.1.1.2.2", |of| Message {
            digest: "1.2.643.7.1.1.2.2",
            ..of
        }),
        ("algorithm_unsupported 1.2.643.7.1.1.3.2", |of| Message {
            algorithm: "1.2.643.7.1.1.3.2",
            ..of
        }),
        ("algorithm_unsupported 1.2.398.3.10.1.1.1.2", |of| Message {
            algorithm: "1.2.398.3.10.1.1.1.2",
            ..of
        }),
        // Another digest than the signature's algorithm names.
        ("content_differs", |of| Message { digest: "2.16.840.1.101.3.4.2.2", ..of }),
    ];
    for (place, (expected, wrong)) in cases.iter().enumerate() {
        let signature = wrong(message.clone()).sign(DOCUMENT);
        assert_eq!(fault(ground.verify(DOCUMENT, &signature).await), *expected, "case {place}");
    }
    let honest = message.sign(DOCUMENT);
    assert_eq!(fault(ground.verify(b"another", &honest).await), "content_differs");
    let referred = Message { reference: Some(bek.certificate.clone()), ..message.clone() };
    let outcome = ground.verify(DOCUMENT, &referred.sign(DOCUMENT)).await;
    assert_eq!(fault(outcome), "certificate_differs");
    // A certificate of somebody else under the same issuer and number.
    let posing = Holder { key: bek.key.clone(), ..aida.clone() };
    let outcome = ground.verify(DOCUMENT, &Message::of(&posing, now()).sign(DOCUMENT)).await;
    assert_eq!(fault(outcome), "signature_wrong");
}

#[tokio::test]
async fn no_bit_of_a_signature_may_change() {
    let ground = Ground::new().await;
    let aida = ground.person(10);
    let der = Message::of(&aida, now()).der(DOCUMENT);
    ground.verify(DOCUMENT, &STANDARD.encode(&der)).await.unwrap();
    let mut held = Vec::new();
    for place in 0..der.len() * 8 {
        let mut changed = der.clone();
        changed[place / 8] ^= 1 << (place % 8);
        if ground.verify(DOCUMENT, &STANDARD.encode(&changed)).await.is_ok() {
            held.push(place / 8);
        }
    }
    held.dedup();
    // What nobody signs and nothing rests on: the version, and the digests' names before the
    // signer's own. No key nor content can be changed by it.
    let insignificant = der.windows(3).position(|bytes| bytes == [2, 1, 1]).unwrap();
    let end = insignificant + 3 + 2 + 2 + 11;
    let odd: Vec<_> =
        held.iter().filter(|place| !(insignificant + 2..end).contains(place)).collect();
    assert!(odd.is_empty(), "bytes {odd:?} of {} may change", der.len());
}

#[tokio::test]
async fn what_is_no_signature_is_refused_as_that() {
    let ground = Ground::new().await;
    let huge = STANDARD.encode(vec![0x30; SIGNATURE_BYTES_MAX + 1]);
    let endless = "A".repeat(SIGNATURE_BYTES_MAX * 2);
    // A length that promises four gigabytes.
    let promising = STANDARD.encode([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x06]);
    let nested = STANDARD.encode([0x30, 0x80].repeat(30_000));
    for (text, expected) in [
        ("", "malformed"),
        ("not base64!", "malformed"),
        ("AAAA", "malformed"),
        (&*promising, "malformed"),
        (&*nested, "malformed"),
        (&*huge, "too_large"),
        (&*endless, "too_large"),
    ] {
        assert_eq!(fault(ground.verify(DOCUMENT, text).await), expected, "{:.20}", text);
    }
    let aida = ground.person(10);
    let crowd = vec![aida.certificate.clone(); 200];
    let crowded = Message { certificates: crowd, ..Message::of(&aida, now()) };
    assert_eq!(fault(ground.verify(DOCUMENT, &crowded.sign(DOCUMENT)).await), "too_large");
    let wrapped = Message::of(&aida, now()).sign(DOCUMENT);
    let wrapped: Vec<_> = wrapped.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    ground.verify(DOCUMENT, &wrapped.join("\r\n")).await.unwrap();
}

#[tokio::test]
async fn a_chain_leads_to_an_accepted_root_through_authorities_alone() {
    let ground = Ground::new().await;
    let chained = |signer: &Holder, others: &[&Holder]| {
        let mut certificates = vec![signer.certificate.clone()];
        certificates.extend(others.iter().map(|other| other.certificate.clone()));
        Message { certificates, ..Message::of(signer, now()) }.sign(DOCUMENT)
    };
    // Its authority has published no list, so that a chain that counts ends there.
    let by_middle = ground.middle.certify(&Template::person("Бек", PIN, 30, now()));
    let stranger = root(&Template::authority("Root", 5, now()));
    let of_stranger = stranger.certify(&Template::person("Чужой", PIN, 31, now()));
    let by_person = ground.person(32).certify(&Template::person("Дитя", PIN, 33, now()));
    let narrow = Template { authority: Some(Some(0)), ..Template::authority("Narrow", 6, now()) };
    let narrow = ground.root.certify(&narrow);
    let below = narrow.certify(&Template::authority("Below", 7, now()));
    let too_deep = below.certify(&Template::person("Эне", PIN, 34, now()));
    let past = (now() - TimeSpan::days(9), now() - TimeSpan::days(1));
    let ended = Template { valid: past, ..Template::authority("Ended", 8, now()) };
    let ended = ground.root.certify(&ended);
    let of_ended = ended.certify(&Template::person("Ата", PIN, 35, now()));
    let mut long = vec![ground.root.clone()];
    for depth in 0..=INTERMEDIATES_MAX as u64 {
        let next = Template::authority(&format!("Link {depth}"), 40 + depth, now());
        long.push(long.last().unwrap().certify(&next));
    }
    let of_long = long.last().unwrap().certify(&Template::person("Алыс", PIN, 36, now()));
    let links: Vec<&Holder> = long[1..].iter().collect();
    let cases = [
        ("revocation_unknown", chained(&by_middle, &[&ground.middle])),
        ("chain_untrusted", chained(&by_middle, &[])),
        ("chain_untrusted", chained(&of_stranger, &[&stranger])),
        ("usage_wrong", chained(&by_person, &[&ground.person(32)])),
        ("usage_wrong", chained(&too_deep, &[&below, &narrow])),
        ("expired", chained(&of_ended, &[&ended])),
        ("chain_untrusted", chained(&of_long, &links)),
    ];
    for (place, (expected, signature)) in cases.iter().enumerate() {
        assert_eq!(fault(ground.verify(DOCUMENT, signature).await), *expected, "case {place}");
    }
}

#[tokio::test]
async fn a_challenge_is_signed_when_it_is_answered() {
    let ground = Ground::new().await;
    let signer = ground.person(10);
    for (age, expected) in [(TimeSpan::minutes(14), None), (TimeSpan::minutes(16), Some(()))] {
        let signature = Message::of(&signer, now() - age).sign(DOCUMENT);
        let moments = (now(), now());
        let outcome =
            ground.verifier.verify(DOCUMENT, &signature, moments, CHALLENGE_AGE_MAX).await;
        let refused = outcome.err().map(|refusal| refusal.fault);
        assert_eq!(refused, expected.map(|()| Fault::SigningTimeOff));
    }
}

#[test]
fn roots_that_are_none_are_not_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roots");
    let opened = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        let mut config = Config::local(folder.path(), 8080);
        config.signature_roots = vec![file.clone()];
        Certificates::of(&config).map(|_| ()).map_err(|error| error.to_string())
    };
    let top = root(&Template::authority("Root", 1, now()));
    let middle = top.certify(&Template::authority("Middle", 2, now()));
    let _ = rustls::crypto::ring::default_provider().install_default();
    assert_eq!(opened(&top.certificate), Ok(()));
    for bytes in [&b""[..], b"-----BEGIN CERTIFICATE-----\n", &middle.certificate] {
        assert!(opened(bytes).is_err());
    }
    let none = Config::local(folder.path(), 8080);
    assert!(Certificates::of(&none).unwrap().is_none());
}

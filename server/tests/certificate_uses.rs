//! What a certificate may be used for, and when.

use crate::certificates::authority::Template;
use crate::certificates::message::Message;
use crate::signatures::{DOCUMENT, Ground, fault, now};
use toruk_server::config::Config;
use toruk_server::signature::cms::Certificates;
use toruk_sync::domain::time::TimeSpan;

type Change = fn(Template) -> Template;

const TLS_SERVER: &str = "1.3.6.1.5.5.7.3.1";
const TLS_CLIENT: &str = "1.3.6.1.5.5.7.3.2";
const MAIL: &str = "1.3.6.1.5.5.7.3.4";
/// A purpose that a state has made up, of its own arc.
const NATIONAL: &str = "1.2.417.1.1";

#[tokio::test]
async fn a_certificate_counts_for_its_use_in_its_time() {
    let ground = Ground::new().await;
    let cases: &[(&str, Change)] = &[
        ("holds, 21503199077777", |of| of),
        ("holds, 21503199077777", |of| Template { usage: Some(0x40), ..of }),
        ("holds, 21503199077777", |of| Template { purposes: vec![MAIL], ..of }),
        ("expired", |of| Template {
            valid: (now() - TimeSpan::days(9), now() - TimeSpan::seconds(1)),
            ..of
        }),
        ("not_yet_valid", |of| Template {
            valid: (now() + TimeSpan::seconds(1), now() + TimeSpan::days(9)),
            ..of
        }),
        ("usage_wrong", |of| Template { usage: None, ..of }),
        ("usage_wrong", |of| Template { usage: Some(0x20), ..of }),
        ("usage_wrong", |of| Template { authority: Some(None), ..of }),
        ("usage_wrong", |of| Template { purposes: vec![TLS_SERVER], ..of }),
        ("usage_wrong", |of| Template { purposes: vec![TLS_CLIENT], ..of }),
        ("usage_wrong", |of| Template { purposes: vec![TLS_SERVER, TLS_CLIENT], ..of }),
        ("usage_wrong", |of| Template { purposes: vec![NATIONAL], ..of }),
        ("holds, 21503199077777", |of| Template { purposes: vec![TLS_CLIENT, MAIL], ..of }),
        ("holds, 21503199077777", |of| Template { purposes: vec!["1.3.6.1.5.5.7.3.36"], ..of }),
        ("holds, 21503199077777", |of| Template { purposes: vec!["2.5.29.37.0"], ..of }),
        // Usage, authority, purposes, and the two that name keys.
        ("extension_unknown 2.5.29.15", |of| Template {
            usage: None,
            unreadable_extension: Some("2.5.29.15"),
            ..of
        }),
        ("extension_unknown 2.5.29.19", |of| Template {
            unreadable_extension: Some("2.5.29.19"),
            ..of
        }),
        ("extension_unknown 2.5.29.37", |of| Template {
            unreadable_extension: Some("2.5.29.37"),
            ..of
        }),
        ("extension_unknown 2.5.29.35", |of| Template {
            unreadable_extension: Some("2.5.29.35"),
            ..of
        }),
        ("extension_unknown 2.5.29.14", |of| Template {
            unreadable_extension: Some("2.5.29.14"),
            ..of
        }),
        ("extension_unknown 1.2.3.4", |of| Template { unknown_extension: Some("1.2.3.4"), ..of }),
        ("number_missing", |of| Template { subject: of.subject[..1].to_vec(), ..of }),
        ("number_missing", |of| {
            let twice = [of.subject.clone(), of.subject[1..].to_vec()].concat();
            Template { subject: twice, ..of }
        }),
        ("number_missing", |of| {
            let number = ("2.5.4.5", "2150319907777A".to_owned());
            Template { subject: vec![of.subject[0].clone(), number], ..of }
        }),
    ];
    for (place, (expected, change)) in cases.iter().enumerate() {
        let signer = ground.root.certify(&change(ground.template(20 + place as u64)));
        let signature = Message::of(&signer, now()).sign(DOCUMENT);
        assert_eq!(fault(ground.verify(DOCUMENT, &signature).await), *expected, "case {place}");
    }
}

#[tokio::test]
async fn a_purpose_that_an_authority_has_made_up_counts_where_the_operator_names_it() {
    let mut ground = Ground::new().await;
    let purposes = vec![TLS_CLIENT, NATIONAL];
    let signer = ground.root.certify(&Template { purposes, ..ground.template(20) });
    let signature = Message::of(&signer, now()).sign(DOCUMENT);
    assert_eq!(fault(ground.verify(DOCUMENT, &signature).await), "usage_wrong");
    let mut config = Config::local(ground.folder.path(), 8080);
    config.signature_roots = vec![ground.folder.path().join("root.der")];
    config.signature_purposes = vec![NATIONAL.to_owned()];
    ground.verifier = Certificates::of(&config).unwrap().unwrap();
    assert_eq!(fault(ground.verify(DOCUMENT, &signature).await), "holds, 21503199077777");
    config.signature_purposes = vec!["e-mail".to_owned()];
    assert!(Certificates::of(&config).is_err());
}

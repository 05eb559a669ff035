//! The receipt of an act on an application is valid for the operator's statement, and contradicts a
//! log that the rules did not make it after.

use crate::world::{self, START};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use toruk_sync::domain::application::Status;
use toruk_sync::domain::auction::apply;
use toruk_sync::domain::id::{ApplicationId, AuctionId};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::receipt::{
    ACT_TEXT_BYTES_MAX, ActDecision, ApplicationAct, ApplicationReceipt, ApplicationReceiptBody,
    BadReceipt, GENESIS, Receipt, Record, Signer, link,
};
use toruk_sync::verify::{ReceiptFault, Replay};
use uuid::Uuid;

fn signer(byte: u8) -> Signer {
    Signer::new("toruk.example", SigningKey::from_bytes(&[byte; 32])).unwrap()
}

fn plain() -> ApplicationReceiptBody {
    ApplicationReceiptBody {
        auction: AuctionId(Uuid::from_u128(10)),
        application: Some(ApplicationId(Uuid::from_u128(30))),
        act: ApplicationAct::Submit,
        decision: ActDecision::Accepted,
        status: Some(Status::Admitted),
        package: Some("cd".repeat(32)),
        terms_version: Some(1),
        reason: None,
        received_at: START - TimeSpan::days(2),
        decided_at: START - TimeSpan::days(2) + TimeSpan(7),
        seq: 3,
        head: "ef".repeat(32),
    }
}

fn act() -> impl Strategy<Value = ApplicationAct> {
    use ApplicationAct as A;
    let all = [A::Submit, A::Reconfirm, A::Withdraw, A::Admit, A::NotAdmit, A::Disqualify];
    prop::sample::select(all.to_vec())
}

fn body() -> impl Strategy<Value = ApplicationReceiptBody> {
    let decision = prop_oneof![
        Just(ActDecision::Accepted),
        "[a-z_]{1,40}".prop_map(ActDecision::Refused),
        "[a-z_]{1,40} [a-z0-9-]{1,40}".prop_map(ActDecision::Refused),
    ];
    let what = (act(), decision, any::<Option<u64>>(), any::<Option<String>>());
    let which = (any::<u128>(), any::<Option<u128>>(), any::<Option<[u8; 32]>>());
    (what, which, any::<[i64; 2]>(), any::<u64>(), any::<[u8; 32]>()).prop_map(
        |(what, which, [received, decided], seq, head)| {
            let (act, decision, terms_version, reason) = what;
            let (auction, application, package) = which;
            ApplicationReceiptBody {
                auction: AuctionId(Uuid::from_u128(auction)),
                application: application.map(|id| ApplicationId(Uuid::from_u128(id))),
                act,
                decision,
                status: application.map(|_| Status::Eligible),
                package: package.map(hex::encode),
                terms_version,
                reason,
                received_at: Timestamp(received),
                decided_at: Timestamp(decided),
                seq,
                head: hex::encode(head),
            }
        },
    )
}

#[test]
fn any_flipped_bit_of_a_receipt_of_an_act_is_noticed() {
    let signer = signer(7);
    let reason = Some("Документ \"жок\"\nэкинчи сап".to_owned());
    let sound = signer.sign_act(ApplicationReceiptBody { reason, ..plain() });
    let text = sound.to_text().unwrap();
    assert_eq!(ApplicationReceipt::from_text(&text).as_ref(), Ok(&sound));
    let holds = |text: &str| {
        let read = ApplicationReceipt::from_text(text);
        read.is_ok_and(|receipt| receipt.verify(signer.verifier()).is_ok())
    };
    assert!(holds(&text));
    for place in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(!holds(&changed), "bit {bit} of byte {place} of\n{text}");
        }
        assert!(!text.is_char_boundary(place) || !holds(&text[..place]));
    }
}

#[test]
fn a_receipt_of_an_act_is_no_receipt_of_a_bid_and_only_the_trusted_key_counts() {
    let sound = signer(7).sign_act(plain());
    let text = sound.to_text().unwrap();
    assert!(Receipt::from_text(&text).is_err());
    assert_eq!(sound.verify(signer(8).verifier()), Err(BadReceipt::Signature));
    let other = signer(7).sign_act(ApplicationReceiptBody { seq: 4, ..plain() });
    let swapped = ApplicationReceipt { note: other.note, ..sound };
    assert_eq!(swapped.verify(signer(7).verifier()), Err(BadReceipt::Inclusion));
    for head in ["EF".repeat(32), "ef\nseq 7".to_owned(), "ef".repeat(1 << 20)] {
        let bad = signer(7).sign_act(ApplicationReceiptBody { head, ..plain() });
        assert_eq!(bad.verify(signer(7).verifier()), Err(BadReceipt::Body));
    }
    for word in ["", "Late", "late \n", "late 1 2", &"x".repeat(200)] {
        let decision = ActDecision::Refused(word.to_owned());
        let bad = signer(7).sign_act(ApplicationReceiptBody { decision, ..plain() });
        assert_eq!(bad.verify(signer(7).verifier()), Err(BadReceipt::Body), "{word}");
    }
}

/// The reference for other implementations of a verifier: the bytes may never change.
#[test]
fn the_golden_receipt_of_an_act_reads_as_it_always_did() {
    let refused = ApplicationReceiptBody {
        application: None,
        status: None,
        decision: ActDecision::Refused("deadline_passed 1795399200000000".to_owned()),
        ..plain()
    };
    let excluded = ApplicationReceiptBody {
        act: ApplicationAct::Disqualify,
        status: Some(Status::Disqualified),
        reason: Some("Документ жараксыз:\nмөөнөтү өткөн".to_owned()),
        ..plain()
    };
    insta::with_settings!({
        snapshot_path => "../golden", prepend_module_to_snapshot => false, omit_expression => true,
    }, {
        let text = |body| signer(7).sign_act(body).to_text().unwrap();
        insta::assert_snapshot!("act_receipt_file", text(plain()));
        insta::assert_snapshot!("act_receipt_file_of_a_refusal", text(refused));
        insta::assert_snapshot!("act_receipt_file_of_an_exclusion", text(excluded));
    });
}

/// The log of an auction whose applications are closed, and its head after each record.
fn closed() -> (Vec<Record>, Vec<String>) {
    let (mut auction, mut events) = world::published(RuleProfile::standard());
    for before in [TimeSpan::days(14), TimeSpan::hours(1)] {
        let (next, more) = apply(&auction, &world::tick(), START - before).unwrap();
        auction = next;
        events.extend(more);
    }
    let (mut head, mut log, mut heads) = (GENESIS, Vec::new(), Vec::new());
    for (seq, event) in (1..).zip(events) {
        let at = if seq < 4 { START - TimeSpan::days(16) } else { START - TimeSpan::hours(1) };
        let at = if seq == 4 { START - TimeSpan::days(14) } else { at };
        let record = Record { auction: auction.birth.id, seq, at, event };
        head = link(&head, &record);
        log.push(record);
        heads.push(hex::encode(head));
    }
    (log, heads)
}

#[test]
fn a_log_contradicts_a_receipt_whose_decision_its_rules_did_not_make() {
    use ActDecision::{Accepted, Refused};
    use ApplicationAct as A;
    let (log, heads) = closed();
    let replay = Replay::of(&log).unwrap();
    let end = START - TimeSpan::hours(2);
    let (signer, last) = (signer(7), log.len() as u64);
    let late = format!("deadline_passed {}", end.0);
    let check = |seq: u64, act, decision, received_at, terms| {
        let head = heads[usize::try_from(seq).unwrap() - 1].clone();
        let terms_version = Some(terms);
        let body = ApplicationReceiptBody {
            act,
            decision,
            received_at,
            terms_version,
            seq,
            head,
            ..plain()
        };
        replay.check_act(&signer.sign_act(body), signer.verifier())
    };
    let (early, wrong) = (end - TimeSpan(1), |seq| Err(ReceiptFault::WronglyDecided(seq)));
    for (seq, act, decision, received_at, terms, expected) in [
        (4, A::Submit, Accepted, early, 1, Ok(())),
        (4, A::Submit, Accepted, end, 1, wrong(4)),
        (4, A::Submit, Accepted, early, 2, wrong(4)),
        (last, A::Submit, Accepted, early, 1, wrong(last)),
        (4, A::Reconfirm, Accepted, early, 1, Ok(())),
        (4, A::Withdraw, Accepted, early, 1, Ok(())),
        (last, A::Withdraw, Accepted, early, 1, wrong(last)),
        (last, A::Admit, Accepted, early, 1, wrong(last)),
        (last, A::Disqualify, Accepted, end, 1, Ok(())),
        (4, A::Submit, Refused(late.clone()), end, 1, Ok(())),
        (4, A::Submit, Refused(late.clone()), early, 1, wrong(4)),
        (4, A::Submit, Refused("deadline_passed 7".to_owned()), end, 1, wrong(4)),
        (4, A::Submit, Refused("terms_changed 1".to_owned()), early, 1, Ok(())),
        (4, A::Submit, Refused("terms_changed 2".to_owned()), early, 1, wrong(4)),
        (4, A::Submit, Refused("not_tendering".to_owned()), early, 1, wrong(4)),
        (4, A::Submit, Refused("bad_signature".to_owned()), early, 1, Ok(())),
    ] {
        let context = format!("{act:?} {decision:?} at {received_at:?} for {terms} after {seq}");
        assert_eq!(check(seq, act, decision, received_at, terms), expected, "{context}");
    }
    let other = signer.sign_act(ApplicationReceiptBody { seq: 4, ..plain() });
    let checked = replay.check_act(&other, signer.verifier());
    assert_eq!(checked, Err(ReceiptFault::OtherHistory(4)));
    let beyond = signer.sign_act(ApplicationReceiptBody { seq: 99, ..plain() });
    let checked = replay.check_act(&beyond, signer.verifier());
    assert_eq!(checked, Err(ReceiptFault::LogTooShort(99)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_statement_has_one_text_and_survives_json_and_files(body in body(), other in body()) {
        let text = body.text("toruk.example");
        let read = ApplicationReceiptBody::parse(&text);
        prop_assert_eq!(read, Some(("toruk.example", body.clone())));
        prop_assert_eq!(text == other.text("toruk.example"), body == other);
        prop_assert!(text.len() < ACT_TEXT_BYTES_MAX);
        let receipt = signer(7).sign_act(body);
        let json = serde_json::to_string(&receipt).unwrap();
        prop_assert_eq!(serde_json::from_str::<ApplicationReceipt>(&json).unwrap(), receipt.clone());
        prop_assert_eq!(receipt.verify(signer(7).verifier()), Ok(()));
        prop_assert_eq!(ApplicationReceipt::from_text(&receipt.to_text().unwrap()), Ok(receipt));
    }

    #[test]
    fn no_text_makes_a_reader_of_acts_panic(
        text in any::<String>(), place in 0usize..700, with in any::<char>(),
    ) {
        let _ = ApplicationReceiptBody::parse(&text);
        let _ = ApplicationReceipt::from_text(&text);
        let file = signer(7).sign_act(plain()).to_text().unwrap();
        let mut file: Vec<char> = file.chars().collect();
        let place = place.min(file.len() - 1);
        file[place] = with;
        if let Ok(receipt) = ApplicationReceipt::from_text(&file.into_iter().collect::<String>()) {
            let _ = receipt.verify(signer(7).verifier());
            let _ = receipt.to_text();
        }
    }
}

//! A receipt is valid for the operator's statement, and for nothing else.

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::{
    BODY_TEXT_BYTES_MAX, BadReceipt, Decision, PATH_HASHES_MAX, Receipt, ReceiptBody, Signer,
    VerifierKey,
};
use uuid::Uuid;

fn signer(byte: u8) -> Signer {
    Signer::new("toruk.example", SigningKey::from_bytes(&[byte; 32])).unwrap()
}

fn plain(no: u64) -> ReceiptBody {
    let price = Tyiyn::new(105_000).unwrap();
    ReceiptBody {
        auction: AuctionId(Uuid::from_u128(10)),
        bid: BidId(Uuid::from_u128(u128::from(no) + 60)),
        bidder: Some(BidderNo(1)),
        amount: price,
        decision: Decision::Accepted,
        received_at: Timestamp(1_795_406_400_000_000),
        decided_at: Timestamp(1_795_406_400_000_007),
        seq: 8,
        head: "ef".repeat(32),
        round: 1,
        price,
        deadline: Some(Timestamp(1_795_406_700_000_000)),
    }
}

fn amount() -> impl Strategy<Value = Tyiyn> {
    (0..=Tyiyn::MAX.get()).prop_map(|amount| Tyiyn::new(amount).unwrap())
}

fn decision() -> impl Strategy<Value = Decision> {
    use BidRejection as B;
    let plain = [
        B::NotEligible,
        B::NotStarted,
        B::Suspended,
        B::DeadlinePassed,
        B::Closed,
        B::StaleBasis,
        B::AlreadyLeading,
        B::PriceLimit,
        B::RateLimited,
    ];
    prop_oneof![
        Just(Decision::Accepted),
        prop::sample::select(plain.to_vec()).prop_map(Decision::Refused),
        amount().prop_map(|required| Decision::Refused(B::WrongAmount { required })),
    ]
}

fn body() -> impl Strategy<Value = ReceiptBody> {
    let who = (any::<[u128; 2]>(), any::<Option<u16>>(), amount(), decision());
    let what = (any::<[i64; 2]>(), any::<[u64; 2]>(), any::<[u8; 32]>(), amount());
    (who, what, any::<Option<i64>>()).prop_map(|(who, what, deadline)| {
        let ([auction, bid], bidder, amount, decision) = who;
        let ([received, decided], [seq, round], head, price) = what;
        ReceiptBody {
            auction: AuctionId(Uuid::from_u128(auction)),
            bid: BidId(Uuid::from_u128(bid)),
            bidder: bidder.map(BidderNo),
            amount,
            decision,
            received_at: Timestamp(received),
            decided_at: Timestamp(decided),
            seq,
            head: hex::encode(head),
            round,
            price,
            deadline: deadline.map(Timestamp),
        }
    })
}

#[test]
fn every_receipt_of_every_batch_holds() {
    let signer = signer(7);
    assert!(signer.sign(Vec::new()).is_empty());
    for size in 1..=300 {
        let receipts = signer.sign((0..size).map(plain).collect());
        assert_eq!(receipts.len() as u64, size);
        for (no, receipt) in (0..size).zip(&receipts) {
            assert_eq!((receipt.body.clone(), receipt.index), (plain(no), no));
            assert_eq!(receipt.note, receipts[0].note);
            assert_eq!(receipt.verify(signer.verifier()), Ok(()), "{no} of {size}");
        }
    }
}

#[test]
fn a_receipt_of_one_batch_has_no_place_in_another() {
    let signer = signer(7);
    let (one, other) = (signer.sign((0..5).map(plain).collect()), signer.sign_one(plain(9)));
    let swapped = Receipt { note: other.note, ..one[2].clone() };
    assert_eq!(swapped.verify(signer.verifier()), Err(BadReceipt::Inclusion));
    let neighbour = Receipt { body: one[3].body.clone(), ..one[2].clone() };
    assert_eq!(neighbour.verify(signer.verifier()), Err(BadReceipt::Inclusion));
}

#[test]
fn any_flipped_bit_of_a_receipt_is_noticed() {
    let signer = signer(7);
    let sound = signer.sign((0..6).map(plain).collect()).swap_remove(2);
    let text = sound.to_text().unwrap();
    assert_eq!(Receipt::from_text(&text).as_ref(), Ok(&sound));
    for place in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let read = Receipt::from_text(&changed);
            let holds = read.is_ok_and(|receipt| receipt.verify(signer.verifier()).is_ok());
            assert!(!holds, "bit {bit} of byte {place} of\n{text}");
        }
    }
    let file = text.as_bytes();
    for end in 0..file.len() {
        let Ok(cut) = std::str::from_utf8(&file[..end]) else { continue };
        let read = Receipt::from_text(cut);
        assert!(!read.is_ok_and(|receipt| receipt.verify(signer.verifier()).is_ok()), "{cut}");
    }
}

#[test]
fn while_a_key_is_replaced_both_verify_and_what_is_derived_stays() {
    let (old, new) = (signer(7), signer(8));
    let both = signer(8).replacing(SigningKey::from_bytes(&[7; 32])).unwrap();
    assert_eq!(both.verifier(), new.verifier());
    assert_eq!(both.former_verifier(), Some(old.verifier()));
    for receipt in both.sign((0..5).map(plain).collect()) {
        assert_eq!(receipt.verify(old.verifier()), Ok(()));
        assert_eq!(receipt.verify(new.verifier()), Ok(()));
        assert_eq!(receipt.verify(signer(9).verifier()), Err(BadReceipt::Signature));
        assert_eq!(Receipt::from_text(&receipt.to_text().unwrap()), Ok(receipt));
    }
    assert_eq!(both.derived_key("tokens"), old.derived_key("tokens"));
    assert_ne!(new.derived_key("tokens"), old.derived_key("tokens"));
    assert!(signer(7).replacing(SigningKey::from_bytes(&[7; 32])).is_err(), "by itself");
}

#[test]
fn only_the_trusted_key_counts() {
    let (signer, stranger) = (signer(7), signer(8));
    let sound = signer.sign_one(plain(1));
    assert_eq!(sound.verify(stranger.verifier()), Err(BadReceipt::Signature));
    let elsewhere = Signer::new("toruk.other", SigningKey::from_bytes(&[7; 32])).unwrap();
    assert_eq!(sound.verify(elsewhere.verifier()), Err(BadReceipt::Origin));
    // A witness's line beside the operator's is skipped, in either order.
    let line = "— witness.example aGVsbG8=\n";
    let (text, own) = sound.note.split_once("\n\n").unwrap();
    for note in [format!("{text}\n\n{line}{own}"), format!("{text}\n\n{own}{line}")] {
        let witnessed = Receipt { note, ..sound.clone() };
        assert_eq!(witnessed.verify(signer.verifier()), Ok(()));
    }
    let without = Receipt { note: format!("{text}\n\n{line}"), ..sound.clone() };
    assert_eq!(without.verify(signer.verifier()), Err(BadReceipt::Signature));
    let crowd = Receipt { note: format!("{text}\n\n{}{own}", line.repeat(16)), ..sound };
    assert_eq!(crowd.verify(signer.verifier()), Err(BadReceipt::TooLong));
}

#[test]
fn what_is_no_receipt_is_refused_with_its_reason() {
    let signer = signer(7);
    let sound = signer.sign((0..3).map(plain).collect()).swap_remove(1);
    let with = |change: &dyn Fn(&mut Receipt)| {
        let mut receipt = sound.clone();
        change(&mut receipt);
        receipt.verify(signer.verifier())
    };
    let hash = sound.path[0].clone();
    assert_eq!(with(&|_| ()), Ok(()));
    assert_eq!(with(&|r| r.body.head = "EF".repeat(32)), Err(BadReceipt::Body));
    assert_eq!(with(&|r| r.body.head = "ef\nround 7".to_owned()), Err(BadReceipt::Body));
    assert_eq!(with(&|r| r.body.head = "ef".repeat(1 << 20)), Err(BadReceipt::Body));
    assert_eq!(
        with(&|r| r.path = vec![hash.clone(); PATH_HASHES_MAX + 1]),
        Err(BadReceipt::TooLong)
    );
    assert_eq!(with(&|r| r.path = vec![hash.clone(); 2]), Err(BadReceipt::Inclusion));
    assert_eq!(with(&|r| r.path[0].clear()), Err(BadReceipt::Path));
    assert_eq!(with(&|r| r.path[0] = "=".repeat(1 << 20)), Err(BadReceipt::Path));
    assert_eq!(with(&|r| r.path.clear()), Err(BadReceipt::Inclusion));
    assert_eq!(with(&|r| r.index = 3), Err(BadReceipt::Inclusion));
    assert_eq!(with(&|r| r.index = u64::MAX), Err(BadReceipt::Inclusion));
    assert_eq!(with(&|r| r.note.clear()), Err(BadReceipt::Note));
    assert_eq!(with(&|r| r.note = "\n".repeat(1 << 20)), Err(BadReceipt::TooLong));
    assert_eq!(with(&|r| r.note = r.note.replace("\n3\n", "\n03\n")), Err(BadReceipt::Note));
    assert_eq!(with(&|r| r.note = r.note.replace("\n3\n", "\n4\n")), Err(BadReceipt::Signature));
}

/// The reference for other implementations of a verifier: the bytes may never change.
#[test]
fn the_golden_receipt_reads_as_it_always_did() {
    let signer = signer(7);
    let mut late = plain(1);
    late.decision = Decision::Refused(BidRejection::WrongAmount { required: late.price });
    (late.bidder, late.deadline) = (None, None);
    let receipts = signer.sign(vec![plain(0), late, plain(2)]);
    insta::with_settings!({
        snapshot_path => "../golden", prepend_module_to_snapshot => false, omit_expression => true,
    }, {
        insta::assert_snapshot!("receipt_key", signer.verifier().to_string());
        insta::assert_snapshot!("receipt_file", receipts[0].to_text().unwrap());
        insta::assert_snapshot!("receipt_file_of_a_refusal", receipts[1].to_text().unwrap());
    });
}

#[test]
fn a_key_has_one_text() {
    let signer = signer(7);
    let text = signer.verifier().to_string();
    let key: VerifierKey = text.parse().unwrap();
    assert_eq!((&key, key.origin()), (signer.verifier(), "toruk.example"));
    let weak = "toruk.example/receipt/x+00000000+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for wrong in [
        "",
        "++",
        weak,
        &text.replace("/receipt/", "/checkpoint/"),
        &text.replace('+', " "),
        &text.to_uppercase(),
        &format!("{text}\n"),
        &format!("x{text}"),
        &"+".repeat(1 << 20),
    ] {
        assert!(wrong.parse::<VerifierKey>().is_err(), "{wrong:.80}");
    }
    for origin in ["", "two words", "a+b", "a\nb", &"x".repeat(300)] {
        assert!(Signer::new(origin, SigningKey::from_bytes(&[7; 32])).is_err(), "{origin}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_body_has_one_text_and_a_text_one_body(body in body(), other in body()) {
        let text = body.text("toruk.example");
        prop_assert_eq!(ReceiptBody::parse(&text), Some(("toruk.example", body.clone())));
        prop_assert_eq!(text == other.text("toruk.example"), body == other);
        prop_assert!(text.len() < BODY_TEXT_BYTES_MAX);
    }

    #[test]
    fn receipts_survive_json_and_files(bodies in prop::collection::vec(body(), 1..20)) {
        let signer = signer(7);
        for receipt in signer.sign(bodies) {
            let json = serde_json::to_string(&receipt).unwrap();
            let read: Receipt = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(&read, &receipt);
            prop_assert_eq!(read.verify(signer.verifier()), Ok(()));
            let text = receipt.to_text().unwrap();
            prop_assert_eq!(Receipt::from_text(&text), Ok(receipt));
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>(), place in 0usize..700, with in any::<char>()) {
        let signer = signer(7);
        let _ = text.parse::<VerifierKey>();
        let _ = ReceiptBody::parse(&text);
        let _ = Receipt::from_text(&text);
        let mut file: Vec<char> = signer.sign_one(plain(1)).to_text().unwrap().chars().collect();
        let place = place.min(file.len() - 1);
        file[place] = with;
        let file: String = file.into_iter().collect();
        if let Ok(receipt) = Receipt::from_text(&file) {
            let _ = receipt.verify(signer.verifier());
            let _ = receipt.to_text();
        }
    }
}

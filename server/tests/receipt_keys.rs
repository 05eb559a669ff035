//! The key that signs receipts is replaced while phones go on.

use crate::ground::TestServices;
use crate::ground::phone::Phone;
use toruk_server::cli::receipt_key::{self, KeyAct};
use toruk_server::config::write_secret;
use toruk_server::identity::Error;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::{Decision, Receipt, ReceiptBody, VerifierKey};
use uuid::Uuid;

fn act(ground: &TestServices, act: KeyAct) -> anyhow::Result<String> {
    let context = &ground.state.context;
    receipt_key::run(&context.config, &*context.ports.ids, act)
}

fn receipt(ground: &TestServices) -> Receipt {
    ground.state.context.signer.sign_one(ReceiptBody {
        auction: AuctionId(Uuid::from_u128(1)),
        bid: BidId(Uuid::from_u128(2)),
        bidder: None,
        amount: Tyiyn::new(1).unwrap(),
        decision: Decision::Accepted,
        received_at: Timestamp(1),
        decided_at: Timestamp(2),
        seq: 1,
        head: "ef".repeat(32),
        round: 1,
        price: Tyiyn::new(1).unwrap(),
        deadline: None,
    })
}

fn holds(receipt: &Receipt, key: &str) -> bool {
    receipt.verify(&key.parse::<VerifierKey>().unwrap()).is_ok()
}

#[tokio::test]
async fn a_key_is_replaced_in_service_and_withdrawn() {
    let ground = TestServices::new().await;
    let mut phone = Phone::new(0xA);
    let first = phone.register(&ground.state.identity).await;
    assert_eq!(act(&ground, KeyAct::Show).unwrap(), first.receipt_key);
    let early = act(&ground, KeyAct::Withdraw).unwrap_err();
    assert!(early.to_string().contains("no key is being replaced"), "{early}");

    let new = act(&ground, KeyAct::Replace).unwrap();
    assert_ne!(new, first.receipt_key);
    let twice = act(&ground, KeyAct::Replace).unwrap_err();
    assert!(twice.to_string().contains("withdraw that key"), "{twice}");
    let ground = ground.restarted().await.unwrap();
    // Who is signed in stays so, and verifies as before; who signs in gets the new key.
    let identity = &ground.state.identity;
    assert!(identity.bidder(&first.token).await.is_ok());
    let between = receipt(&ground);
    assert!(holds(&between, &first.receipt_key) && holds(&between, &new));
    let second = phone.sign_in(identity, &first.credential_id).await.unwrap();
    assert_eq!(second.receipt_key, new);
    assert_eq!(second.former_receipt_keys, std::slice::from_ref(&first.receipt_key));

    assert_eq!(act(&ground, KeyAct::Withdraw).unwrap(), new);
    let ground = ground.restarted().await.unwrap();
    let identity = &ground.state.identity;
    assert!(matches!(identity.bidder(&second.token).await, Err(Error::SignedOut)));
    let third = phone.sign_in(identity, &first.credential_id).await.unwrap();
    assert_eq!((&third.receipt_key, third.former_receipt_keys.len()), (&new, 1));
    let after = receipt(&ground);
    assert!(holds(&after, &new) && !holds(&after, &first.receipt_key));
}

#[tokio::test]
async fn a_key_that_replaces_no_known_one_does_not_start() {
    let ground = TestServices::new().await;
    let folder = ground.state.context.config.data_dir.clone();
    let present = folder.join("receipt.key");
    write_secret(&folder.join("receipt.key.former"), &"05".repeat(32)).unwrap();
    write_secret(&present, &"06".repeat(32)).unwrap();
    let refused = ground.restarted().await.err().expect("a stranger's key signs");
    assert!(refused.to_string().contains("share a data folder"), "{refused}");
}

/// A machine that stops in the middle of the replacement leaves a key, and no second one is made.
#[tokio::test]
async fn an_interrupted_replacement_is_repeated() {
    let ground = TestServices::new().await;
    let folder = ground.state.context.config.data_dir.clone();
    let (present, former) = (folder.join("receipt.key"), folder.join("receipt.key.former"));
    std::fs::copy(&present, &former).unwrap();
    let before = std::fs::read_to_string(&present).unwrap();
    let refused = act(&ground, KeyAct::Show).unwrap_err();
    assert!(refused.to_string().contains("the same key"), "{refused}");
    act(&ground, KeyAct::Replace).unwrap();
    assert_eq!(std::fs::read_to_string(&former).unwrap(), before);
    assert_ne!(std::fs::read_to_string(&present).unwrap(), before);

    std::fs::remove_file(&present).unwrap();
    let refused = ground.restarted().await.err().expect("a new key was made");
    assert!(refused.to_string().contains("receipt.key.former is there"), "{refused}");
    assert!(!present.exists());
}

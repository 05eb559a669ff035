//! The terminal's software passkey, tested against the server's real WebAuthn library.

use super::terminal::FilePasskeys;
use toruk_mobile_core::platform::Passkeys as _;
use webauthn_rs::prelude::{Url, Uuid, Webauthn, WebauthnBuilder};

const ORIGIN: &str = "http://localhost:8080";

fn relying_party() -> Webauthn {
    let origin = Url::parse(ORIGIN).unwrap();
    WebauthnBuilder::new("localhost", &origin).unwrap().build().unwrap()
}

#[tokio::test]
async fn a_terminal_registers_and_signs_in_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = || FilePasskeys::new(folder.path().join("passkeys.json"), ORIGIN.to_owned());
    let party = relying_party();
    let person = Uuid::from_u128(7);
    let (options, state) = party.start_passkey_registration(person, "aida", "Aida", None).unwrap();
    let options = serde_json::to_string(&options).unwrap();
    let credential = open().register(options).await.unwrap();
    let credential = serde_json::from_str(&credential).unwrap();
    let passkey = party.finish_passkey_registration(&credential, &state).unwrap();

    let (options, state) = party.start_passkey_authentication(&[passkey]).unwrap();
    let options = serde_json::to_string(&options).unwrap();
    let credential = open().assert(options).await.unwrap();
    let credential = serde_json::from_str(&credential).unwrap();
    let result = party.finish_passkey_authentication(&credential, &state).unwrap();
    assert!(result.user_verified());
}

#[tokio::test]
async fn a_passkey_of_another_party_is_not_offered() {
    let folder = tempfile::tempdir().unwrap();
    let passkeys = FilePasskeys::new(folder.path().join("passkeys.json"), ORIGIN.to_owned());
    let options = r#"{"publicKey":{"challenge":"AAAA","rpId":"example.org"}}"#;
    assert!(passkeys.assert(options.to_owned()).await.is_err());
}

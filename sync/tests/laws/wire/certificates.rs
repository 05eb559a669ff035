//! Messages of the door of certificates.

use super::golden;
use toruk_sync::domain::id::DeviceId;
use toruk_sync::protocol::identity::NewDevice;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::protocol::signature::{
    CertificateChallenge, FinishCertificate, ProveByCertificate,
};
use uuid::Uuid;

#[test]
fn certificates_on_the_wire() {
    let challenge = CertificateChallenge {
        ceremony: Uuid::from_u128(7),
        challenge: "dG9ydWsvY2VydGlmaWNhdGUtc2lnbi1pbi92MQo=".to_owned(),
    };
    golden("certificate_challenge", &challenge);
    let CertificateChallenge { ceremony, challenge } = challenge;
    let signature = "MIIBgAYJKoZIhvcNAQcC".to_owned();
    let device = NewDevice {
        id: DeviceId(Uuid::from_u128(9)),
        platform: "android".to_owned(),
        public_key: "BAEC".to_owned(),
    };
    golden("confirmation_cms", &Confirmation::Cms { signature: signature.clone() });
    golden(
        "finish_certificate",
        &FinishCertificate {
            ceremony,
            challenge: challenge.clone(),
            signature: signature.clone(),
            device,
            proof: "cHJvb2Y=".to_owned(),
        },
    );
    golden("prove_by_certificate", &ProveByCertificate { ceremony, challenge, signature });
}

//! The core opens only for a server that it can talk to safely.

use super::script::{ScriptedPhone, SystemClock};
use std::sync::Arc;
use std::time::Instant;
use toruk_mobile_core::platform::Platform;
use toruk_mobile_core::transport::{Builtin, Transport};
use toruk_mobile_core::{Core, CoreConfig, CoreError};

const PIN: &str = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn open(
    folder: &std::path::Path,
    server_url: &str,
    pins: &[&str],
    transport: Option<Arc<dyn Transport>>,
) -> Result<Arc<Core>, CoreError> {
    #[allow(clippy::disallowed_methods)] // Plays the platform, whose clock is real.
    let clock = Arc::new(SystemClock(Instant::now()));
    let phone = Arc::new(ScriptedPhone::default());
    let platform = Platform { transport, ..Platform::new(phone.clone(), phone, clock) };
    let config = CoreConfig {
        server_url: server_url.to_owned(),
        data_dir: folder.display().to_string(),
        language: "ky".to_owned(),
        pins: pins.iter().map(|pin| (*pin).to_owned()).collect(),
    };
    Core::open(config, platform)
}

#[tokio::test]
async fn the_core_opens_for_https_and_for_plain_http_on_this_machine_alone() {
    let built: Arc<dyn Transport> = Arc::new(Builtin::new().unwrap());
    for (address, expected) in [
        ("https://auction.example.kg", true),
        ("http://localhost:8080", true),
        ("http://127.0.0.1:8080", true),
        ("http://[::1]:8080", true),
        ("http://example.org", false),
        ("http://10.0.2.2:8080", false),
        ("http://localhost@example.org", false),
        ("ftp://auction.example.kg", false),
        ("auction.example.kg", false),
    ] {
        for transport in [None, Some(Arc::clone(&built))] {
            let folder = tempfile::tempdir().unwrap();
            let opened = open(folder.path(), address, &[], transport);
            let is_empty = folder.path().read_dir().unwrap().next().is_none();
            match expected {
                true => assert!(opened.is_ok(), "{address}"),
                false => {
                    assert_eq!(opened.err(), Some(CoreError::UnsafeAddress), "{address}");
                    assert!(is_empty, "{address}: something was written");
                }
            }
        }
    }
}

#[tokio::test]
async fn pins_are_checked_by_the_built_in_transport_or_are_an_error() {
    let built: Arc<dyn Transport> = Arc::new(Builtin::new().unwrap());
    let open = |pins: &[&str], transport| {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), "https://auction.example.kg", pins, transport).err()
    };
    assert_eq!(open(&[PIN, PIN], None), None);
    for (pins, transport) in [(["sha256/short"], None), ([PIN], Some(built))] {
        let refused = open(&pins, transport);
        assert!(matches!(refused, Some(CoreError::Internal { .. })), "{pins:?}: {refused:?}");
    }
}

//! Pins against a server with TLS on this machine.

#![allow(clippy::unwrap_used, reason = "a test, with its helpers")]

use super::builtin::provider;
use super::pins::PinnedVerifier;
use super::{Builtin, HttpBody, HttpRequest, Pin, Transport as _, TransportError};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const AUTHORITY: &[u8] = include_bytes!("../../tests/tls/authority.pem");
const SERVER: &[u8] = include_bytes!("../../tests/tls/server.pem");
const SERVER_KEY: &[u8] = include_bytes!("../../tests/tls/server.key");

/// `openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary`
const SERVER_PIN: &str = "sha256/3xF1OF7Mwnf23hRhpK35qfm+2Ev4CLOIdLJ8en9Wiog=";
const AUTHORITY_PIN: &str = "sha256/omTEbERfkZCzxhfPG0r5RMjJuQ4a3ZnkSHEaWKaBFx4=";
const OTHER_PIN: &str = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Answers each connection whose handshake succeeds; returns the port.
async fn serving() -> u16 {
    let certificates = [SERVER, AUTHORITY].map(|pem| CertificateDer::from_pem_slice(pem).unwrap());
    let key = PrivateKeyDer::from_pem_slice(SERVER_KEY).unwrap();
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates.to_vec(), key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 1024];
            if stream.read(&mut request).await.is_ok_and(|count| count > 0) {
                let answer = b"HTTP/1.1 204 x\r\nconnection: close\r\n\r\n";
                stream.write_all(answer).await.unwrap();
                let _ = stream.shutdown().await;
            }
        }
    });
    port
}

/// Trusts this authority, as a phone would trust the system's.
fn trusting(authority: Option<&[u8]>) -> Arc<dyn ServerCertVerifier> {
    let mut roots = RootCertStore::empty();
    let known = authority.unwrap_or(AUTHORITY);
    roots.add(CertificateDer::from_pem_slice(known).unwrap()).unwrap();
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build().unwrap()
}

async fn ask(transport: &Builtin, host: &str, port: u16) -> Result<u16, TransportError> {
    let url = format!("https://{host}:{port}/");
    let request =
        HttpRequest { method: "GET".to_owned(), url, headers: vec![], body: HttpBody::Empty };
    transport.send(request).await.map(|response| response.status)
}

fn pins(of: &[&str]) -> Vec<Pin> {
    Pin::read_all(&of.iter().map(|pin| (*pin).to_owned()).collect::<Vec<_>>()).unwrap()
}

#[tokio::test]
async fn only_a_server_with_a_pinned_key_is_talked_to() {
    let port = serving().await;
    for (host, trusted, pinned, expected) in [
        ("localhost", true, &[SERVER_PIN][..], true),
        ("localhost", true, &[OTHER_PIN, SERVER_PIN], true),
        ("localhost", true, &[OTHER_PIN], false),
        // The server appends its authority's certificate, as anybody could.
        ("localhost", true, &[AUTHORITY_PIN], false),
        // The right key is not enough: the name and the authority are checked as ever.
        ("127.0.0.1", true, &[SERVER_PIN], false),
        ("localhost", false, &[SERVER_PIN], false),
    ] {
        let inner = trusting((!trusted).then_some(SERVER));
        let pinned_to = pins(pinned);
        let verifier = Arc::new(PinnedVerifier { inner, pins: pinned_to });
        let answer = ask(&Builtin::verified_by(verifier).unwrap(), host, port).await;
        match expected {
            true => assert_eq!(answer, Ok(204), "{host} {pinned:?}"),
            false => assert!(
                matches!(answer, Err(TransportError::Untrusted { .. })),
                "{host} {pinned:?}: {answer:?}"
            ),
        }
    }
    // The system trusts nobody of these.
    let system = Builtin::pinned(pins(&[SERVER_PIN])).unwrap();
    assert!(matches!(ask(&system, "localhost", port).await, Err(TransportError::Untrusted { .. })));
}

#[test]
fn a_pin_is_a_hash_in_base64_or_nothing() {
    for (pin, expected) in [
        (SERVER_PIN, true),
        ("3xF1OF7Mwnf23hRhpK35qfm+2Ev4CLOIdLJ8en9Wiog=", false),
        ("sha1/3xF1OF7Mwnf23hRhpK35qfm+2Ev4CLOIdLJ8en9Wiog=", false),
        ("sha256/3xF1", false),
        ("sha256/", false),
        ("", false),
    ] {
        assert_eq!(Pin::read_all(&[pin.to_owned()]).is_ok(), expected, "{pin}");
    }
    let many = vec![SERVER_PIN.to_owned(); super::PINS_MAX + 1];
    assert!(Pin::read_all(&many).is_err());
}

//! The client of a payment system, against a server that wants to know by a certificate who asks.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use toruk_server::deposit::gateway::client;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn file(name: &str) -> PathBuf {
    Path::new(HERE).join(name)
}

fn authority() -> PathBuf {
    file("../mobile-core/tests/tls/authority.pem")
}

fn server() -> PathBuf {
    file("../mobile-core/tests/tls/server.pem")
}

/// The authority of the clients.
fn clients() -> PathBuf {
    file("tests/tls/clients.pem")
}

/// A client's certificate with its key.
fn merchant() -> PathBuf {
    file("tests/tls/merchant.pem")
}

/// Answers each client that this server knows; returns its URL.
async fn payment_system() -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut known = RootCertStore::empty();
    known.add(CertificateDer::from_pem_file(clients()).unwrap()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(known)).build().unwrap();
    let certificates =
        [server(), authority()].map(|pem| CertificateDer::from_pem_file(pem).unwrap());
    let key = PrivateKeyDer::from_pem_file(file("../mobile-core/tests/tls/server.key")).unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(verifier)
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
    format!("https://localhost:{port}/")
}

#[tokio::test]
async fn a_payment_system_knows_the_server_by_its_certificate() {
    let url = payment_system().await;
    let known = client(Some(&authority()), Some(&merchant())).unwrap();
    assert_eq!(known.get(&url).send().await.unwrap().status(), 204);
    // Without one, or where another authority vouches for the server, nothing is sent.
    let nobody = client(Some(&authority()), None).unwrap();
    assert!(nobody.get(&url).send().await.is_err());
    let elsewhere = client(Some(&clients()), Some(&merchant())).unwrap();
    assert!(elsewhere.get(&url).send().await.is_err());
}

#[test]
fn files_that_are_no_certificates_are_refused_at_the_start() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // The last one is a certificate without its key.
    for wrong in [file("Cargo.toml"), file("none.pem"), server()] {
        let refused = client(None, Some(&wrong)).unwrap_err().to_string();
        assert!(refused.contains(wrong.to_str().unwrap()), "{refused}");
    }
    for wrong in [file("Cargo.toml"), file("none.pem")] {
        let refused = client(Some(&wrong), None).unwrap_err().to_string();
        assert!(refused.contains(wrong.to_str().unwrap()), "{refused}");
    }
}

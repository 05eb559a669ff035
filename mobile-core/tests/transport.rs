//! The requirements on every transport, tested on the built-in one. The bindings' scenario tests an
//! app's own in the same way.

use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use toruk_mobile_core::transport::{
    Builtin, HttpBody, HttpHeader, HttpRequest, RequestBody, Transport, TransportError,
};

fn request(method: &str, url: String, body: HttpBody) -> HttpRequest {
    let header = HttpHeader { name: "x-asked".to_owned(), value: "yes".to_owned() };
    HttpRequest { method: method.to_owned(), url, headers: vec![header], body }
}

/// A server that answers one connection with these bytes, once the request is complete, and
/// disconnects on command. Returns the request.
async fn answering(answer: &'static [u8]) -> (String, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/path?x=1", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let received = whole_request(&mut stream).await;
        stream.write_all(answer).await.unwrap();
        received
    });
    (url, served)
}

async fn whole_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return bytes;
            }
        }
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "hung up");
    }
}

async fn all(body: &dyn toruk_mobile_core::transport::ResponseBody) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(piece) = body.next().await.unwrap() {
        all.extend(piece);
    }
    all
}

#[tokio::test]
async fn any_status_is_an_answer_and_redirects_are_not_followed() {
    let answer = b"HTTP/1.1 307 x\r\nlocation: /elsewhere\r\ncontent-length: 2\r\n\r\nhi";
    let (url, served) = answering(answer).await;
    let asked = request("GET", url, HttpBody::Empty);
    let response = Builtin::new().unwrap().send(asked).await.unwrap();
    let location = HttpHeader { name: "location".to_owned(), value: "/elsewhere".to_owned() };
    assert!(response.headers.contains(&location));
    assert_eq!((response.status, all(response.body.as_ref()).await), (307, b"hi".to_vec()));
    let received = String::from_utf8(served.await.unwrap()).unwrap();
    assert!(received.starts_with("GET /path?x=1 HTTP/1.1\r\n"), "{received}");
    assert!(received.contains("x-asked: yes"), "{received}");
}

#[tokio::test]
async fn what_reached_nobody_was_not_sent_and_what_broke_off_is_lost() {
    let way = Builtin::new().unwrap();
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let refused = way.send(request("GET", closed, HttpBody::Empty)).await;
    assert!(matches!(refused, Err(TransportError::NotSent { .. })));

    let (url, _served) = answering(b"").await;
    let cut = way.send(request("GET", url, HttpBody::Empty)).await;
    assert!(matches!(cut, Err(TransportError::Lost { .. })));

    let (url, _served) = answering(b"HTTP/1.1 200 x\r\ncontent-length: 9\r\n\r\nhalf").await;
    let response = way.send(request("GET", url, HttpBody::Empty)).await.unwrap();
    assert_eq!(response.body.next().await, Ok(Some(b"half".to_vec())));
    assert!(matches!(response.body.next().await, Err(TransportError::Lost { .. })));
    response.body.close();
}

#[tokio::test]
async fn a_stream_comes_piece_by_piece_and_closing_it_frees_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (next, mut told) = tokio::sync::mpsc::channel::<()>(1);
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        whole_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 x\r\n\r\nfirst").await.unwrap();
        told.recv().await.unwrap();
        stream.write_all(b"second").await.unwrap();
        // Ends when the other side has disconnected.
        stream.read(&mut [0]).await.unwrap_or(0)
    });
    let asked = request("GET", url, HttpBody::Empty);
    let response = Builtin::new().unwrap().send(asked).await.unwrap();
    assert_eq!(response.body.next().await, Ok(Some(b"first".to_vec())));
    next.send(()).await.unwrap();
    assert_eq!(response.body.next().await, Ok(Some(b"second".to_vec())));
    response.body.close();
    assert_eq!(served.await.unwrap(), 0);
}

#[tokio::test]
async fn a_body_is_read_as_it_leaves_with_its_length_and_a_source_that_fails_ends_it() {
    let pieces = |last: io::Result<Vec<u8>>| vec![Ok(b"one".to_vec()), last].into_iter();
    let (url, served) = answering(b"HTTP/1.1 204 x\r\n\r\n").await;
    let (source, taken) = RequestBody::new(pieces(Ok(b"two".to_vec())));
    let body = HttpBody::Stream { length: 6, source: Arc::clone(&source) };
    let response = Builtin::new().unwrap().send(request("PATCH", url, body)).await.unwrap();
    assert_eq!(response.status, 204);
    assert!(String::from_utf8(served.await.unwrap()).unwrap().ends_with("\r\n\r\nonetwo"));
    assert_eq!(source.next(), Ok(None), "read to its end");
    assert!(taken.has_changed().is_err(), "the receiver sees the end");

    let (url, _served) = answering(b"").await;
    let (source, _) = RequestBody::new(pieces(Err(io::ErrorKind::NotFound.into())));
    let body = HttpBody::Stream { length: 6, source };
    let failed = Builtin::new().unwrap().send(request("PATCH", url, body)).await;
    assert!(matches!(failed, Err(TransportError::Lost { .. })));
}

//! Two connections of one person for one file.

use crate::ground::sale::{DOCUMENT, HERE, Sale, hash, stream};
use futures_util::StreamExt as _;
use futures_util::stream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc;
use toruk_server::blob::Error;

/// Bytes that arrive before the phone's network changes.
const BEGUN: usize = 7;

/// A connection that brings the first bytes and then stays open without a word; and a notification
/// of its silence.
fn half_open() -> (impl futures_util::Stream<Item = Result<&'static [u8], ()>> + Unpin, Arc<Notify>)
{
    let silent = Arc::new(Notify::new());
    let told = Arc::clone(&silent);
    let silence = stream::once(Box::pin(async move {
        told.notify_one();
        std::future::pending().await
    }));
    (stream::iter([Ok(&DOCUMENT[..BEGUN])]).chain(silence), silent)
}

#[tokio::test]
async fn a_newer_connection_takes_over_what_a_half_open_one_began() {
    // The offset that the phone knows: the server's, or the one of before the bytes in flight.
    for (offset, checked) in [(0, false), (BEGUN, false), (0, true)] {
        let sale = Sale::new().await;
        let (blobs, person) = (sale.state().blobs.clone(), sale.bidder.person);
        let (sha256, size) = (hash(DOCUMENT), DOCUMENT.len() as u64);
        blobs.announce(person, HERE, &sha256, size, "application/pdf").await.unwrap();
        let (bytes, silent) = half_open();
        let (first, name) = (blobs.clone(), sha256.clone());
        let checksum = checked.then_some([0; 32]);
        let former =
            tokio::spawn(async move { first.append(person, &name, 0, checksum, bytes).await });
        silent.notified().await;
        let rest = stream(&DOCUMENT[offset..]);
        let whole = blobs.append(person, &sha256, offset as u64, None, rest).await.unwrap();
        assert!(whole.stored, "{offset}");
        let former = former.await.unwrap().unwrap();
        assert!(!former.stored, "it ended as if it were lost");
        assert_eq!(blobs.content(person, &sha256).await.unwrap(), DOCUMENT);
    }
}

#[tokio::test]
async fn a_connection_that_still_sends_is_not_taken_over() {
    let sale = Sale::new().await;
    let (blobs, person) = (sale.state().blobs.clone(), sale.bidder.person);
    let (sha256, size) = (hash(DOCUMENT), DOCUMENT.len() as u64);
    blobs.announce(person, HERE, &sha256, size, "application/pdf").await.unwrap();
    let (sender, receiver) = mpsc::channel::<Result<&'static [u8], ()>>(1);
    let (first, name) = (blobs.clone(), sha256.clone());
    let begun = Arc::new(Notify::new());
    let told = Arc::clone(&begun);
    let former = tokio::spawn(async move {
        let bytes = Box::pin(stream::unfold(receiver, |mut receiver| {
            told.notify_one();
            async move { receiver.recv().await.map(|chunk| (chunk, receiver)) }
        }));
        first.append(person, &name, 0, None, bytes).await
    });
    begun.notified().await;
    let steady = tokio::spawn(async move {
        let mut drops = tokio::time::interval(Duration::from_millis(300));
        for chunk in DOCUMENT.chunks(2) {
            sender.send(Ok(chunk)).await.unwrap();
            drops.tick().await;
        }
    });
    let newer = blobs.append(person, &sha256, 0, None, stream(DOCUMENT)).await;
    assert!(matches!(newer, Err(Error::Mismatch { .. })), "{newer:?}");
    steady.await.unwrap();
    assert!(former.await.unwrap().unwrap().stored);
}

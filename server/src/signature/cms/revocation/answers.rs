//! Answers that are kept, and failures: who asks an address, and how often.
//!
//! # Why one asks for all
//! A list may have megabytes, and everybody who signs with a certificate of its authority needs it.
//! Those who come while it is on its way wait for it; it arrives and is kept also if the one who
//! began has left. An address that has failed is not asked by each of them in turn.

use super::answer::RevocationAnswer;
use super::usable::Unusable;
use crate::clock::stopwatch::{Stopwatch as _, SystemStopwatch};
use crate::lock::lock;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Time after a failure in which an address is not asked again. Clients are told to come back
/// later than that.
pub const FAILURE_KEPT: TimeSpan = TimeSpan::seconds(30);
/// Most answers and failures that are kept.
const PLACES_MAX: usize = 4_096;
/// Most bytes of answers that are kept: a few large lists, or each authority's small one.
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Age from which a kept answer gives way to others.
const KEPT_LONG: TimeSpan = TimeSpan::minutes(10);

/// A verified answer and what it says: the revoked serial numbers, for OCSP at most the one.
#[derive(Clone)]
pub struct Kept {
    pub answer: RevocationAnswer,
    pub fetched_at: Timestamp,
    pub revoked: Arc<HashSet<Vec<u8>>>,
    /// Set for a list of a part of its issuer's certificates: the addresses at which these name it.
    pub part: Option<Arc<[String]>>,
}

/// What is known of one question.
#[derive(Default)]
struct Place {
    kept: Option<Kept>,
    /// The end of the last attempt, if it failed.
    failure: Option<(Timestamp, Unusable)>,
    /// Held by the one who asks.
    flight: Arc<tokio::sync::Mutex<()>>,
}

impl Place {
    fn kept_at(&self, at: Timestamp) -> Option<&Kept> {
        self.kept.as_ref().filter(|kept| at <= kept.answer.next_update)
    }

    /// The answer without asking, if there need be no other yet.
    fn known(&self, fresh: TimeSpan, at: Timestamp) -> Option<Result<Kept, Unusable>> {
        let kept = self.kept_at(at);
        if let Some(kept) = kept.filter(|kept| at - kept.fetched_at < fresh) {
            return Some(Ok(kept.clone()));
        }
        let (failed_at, error) = self.failure.as_ref()?;
        // A clock may be set back.
        let is_recent = (at - *failed_at).0.abs() < FAILURE_KEPT.0;
        is_recent.then(|| settled(error.clone(), kept))
    }

    fn is_in_use(&self, at: Timestamp) -> bool {
        let is_asked = Arc::strong_count(&self.flight) > 1;
        let is_kept = self.kept_at(at).is_some_and(|kept| at - kept.fetched_at < KEPT_LONG);
        is_asked || is_kept || self.known(TimeSpan::seconds(0), at).is_some()
    }
}

/// What was answered, by the question.
#[derive(Default)]
pub struct Answers(Mutex<HashMap<Vec<u8>, Place>>);

impl Answers {
    /// The kept answer while it is fresh; else a new one; else the kept one while its issuer stands
    /// by it.
    pub async fn get(
        self: &Arc<Self>,
        question: Vec<u8>,
        fresh: TimeSpan,
        at: Timestamp,
        fetch: impl Future<Output = Result<Kept, Unusable>> + Send + 'static,
    ) -> Result<Kept, Unusable> {
        if let Some(known) = self.known(&question, fresh, at) {
            return known;
        }
        let flight = self.flight(&question, at).lock_owned().await;
        if let Some(known) = self.known(&question, fresh, at) {
            return known;
        }
        let answers = Arc::clone(self);
        let fetched = tokio::spawn(async move {
            let stopwatch = SystemStopwatch::start();
            let outcome = fetch.await;
            let took = i64::try_from(stopwatch.elapsed().as_micros()).unwrap_or(i64::MAX);
            let taken_in = answers.take_in(&question, outcome, (at, at + TimeSpan(took)));
            drop(flight);
            taken_in
        });
        fetched.await.unwrap_or_else(|error| Err(Unusable::Unreachable(error.to_string())))
    }

    fn known(
        &self,
        question: &[u8],
        fresh: TimeSpan,
        at: Timestamp,
    ) -> Option<Result<Kept, Unusable>> {
        lock(&self.0).get(question)?.known(fresh, at)
    }

    /// The lock of those who ask. While there are too many questions each asks alone.
    fn flight(&self, question: &[u8], at: Timestamp) -> Arc<tokio::sync::Mutex<()>> {
        let mut all = lock(&self.0);
        if all.len() >= PLACES_MAX && !all.contains_key(question) {
            all.retain(|_, place| place.is_in_use(at));
            if all.len() >= PLACES_MAX {
                return Arc::default();
            }
        }
        all.entry(question.to_owned()).or_default().flight.clone()
    }

    fn take_in(
        &self,
        question: &[u8],
        outcome: Result<Kept, Unusable>,
        (at, ended_at): (Timestamp, Timestamp),
    ) -> Result<Kept, Unusable> {
        let mut all = lock(&self.0);
        let Some(place) = all.get_mut(question) else { return outcome };
        // Somebody on the way sends what the issuer said before.
        let is_older = |kept: &Kept| {
            let newer = place.kept_at(at);
            newer.is_some_and(|newer| kept.answer.this_update < newer.answer.this_update)
        };
        let outcome = outcome.and_then(|kept| match is_older(&kept) {
            true => Err(Unusable::Older),
            false => Ok(kept),
        });
        match outcome {
            Ok(kept) => {
                (place.kept, place.failure) = (Some(kept.clone()), None);
                make_room(&mut all, question);
                Ok(kept)
            }
            Err(error) => {
                place.failure = Some((ended_at, error.clone()));
                settled(error, place.kept_at(at))
            }
        }
    }
}

/// Lets go of the answers that were fetched first until the others, and this one, fit.
fn make_room(all: &mut HashMap<Vec<u8>, Place>, own: &[u8]) {
    let size = |place: &Place| place.kept.as_ref().map_or(0, |kept| kept.answer.der.len());
    let mut bytes: usize = all.values().map(size).sum();
    while bytes > KEPT_BYTES_MAX {
        let others = all.iter_mut().filter(|(question, _)| question.as_slice() != own);
        let first = others
            .filter_map(|(_, place)| Some((place.kept.as_ref()?.fetched_at, place)))
            .min_by_key(|(fetched_at, _)| *fetched_at);
        let Some((_, place)) = first else { return };
        bytes -= size(place);
        place.kept = None;
    }
}

/// What counts after a failure: the kept answer, unless there was an answer that is wrong.
fn settled(error: Unusable, kept: Option<&Kept>) -> Result<Kept, Unusable> {
    match (error, kept) {
        (error @ (Unusable::Unreachable(_) | Unusable::Older), Some(kept)) => {
            tracing::warn!(%error, "a kept answer about revocation is used");
            Ok(kept.clone())
        }
        (error, _) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::AnswerKind;
    use super::*;

    fn kept(fetched_at: i64, bytes: usize) -> Kept {
        let (this_update, next_update) = (Timestamp(0), Timestamp(i64::MAX));
        let der = vec![0; bytes].into();
        let (kind, sha256) = (AnswerKind::Crl, String::new());
        let answer = RevocationAnswer { kind, der, sha256, this_update, next_update };
        Kept { answer, fetched_at: Timestamp(fetched_at), revoked: Arc::default(), part: None }
    }

    #[tokio::test]
    async fn what_is_kept_has_a_bound_in_bytes_and_the_oldest_goes_first() {
        let answers = Arc::new(Answers::default());
        let third = KEPT_BYTES_MAX / 3;
        for (place, at) in [(1, 10), (2, 20), (3, 30), (4, 40)] {
            let fetched = async move { Ok(kept(at, third)) };
            let got = answers.get(vec![place], FAILURE_KEPT, Timestamp(at), fetched).await;
            assert!(got.is_ok());
        }
        let left: Vec<_> = (1..=4)
            .map(|place| answers.known(&[place], FAILURE_KEPT, Timestamp(40)).is_some())
            .collect();
        assert_eq!(left, [false, true, true, true]);
    }

    #[tokio::test]
    async fn questions_have_a_bound_and_those_in_use_stay() {
        let answers = Arc::new(Answers::default());
        for number in 0..PLACES_MAX + 10 {
            let fetched = async { Ok(kept(0, 1)) };
            let question = number.to_be_bytes().to_vec();
            assert!(answers.get(question, FAILURE_KEPT, Timestamp(0), fetched).await.is_ok());
        }
        assert_eq!(lock(&answers.0).len(), PLACES_MAX);
        let later = Timestamp(0) + KEPT_LONG;
        let fetched = async move { Ok(kept(later.0, 1)) };
        assert!(answers.get(vec![1], FAILURE_KEPT, later, fetched).await.is_ok());
        assert_eq!(lock(&answers.0).len(), 1, "what is old gives way");
    }
}

//! The push services, and whether they answer. Each subscriber names one, so one that never answers must not hold up
//! what others wait for.

use crate::lock::lock;
use std::collections::BTreeMap;
use std::sync::Mutex;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Push services that are remembered.
const HOSTS_MAX: usize = 1_000;
/// Messages that are under way at once to push services that have never answered well.
const UNPROVEN_AT_ONCE: usize = 4;
/// Failures in a row of a push service that has answered well before, after which it rests.
const FAULTS_MAX: u32 = 3;
/// Longest rest.
const REST_MAX: TimeSpan = TimeSpan::minutes(5);
/// Wait when too many that never answered are asked already.
const CROWDED_WAIT_S: u64 = 2;

/// The push services that were asked lately, by their origins.
#[derive(Debug, Default)]
pub struct Hosts(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    each: BTreeMap<String, Host>,
    /// Messages under way to those that have never answered well.
    unproven: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Host {
    /// It has answered well before.
    is_proven: bool,
    /// Failures in a row.
    faults: u32,
    rests_until: Option<Timestamp>,
}

impl Host {
    /// The end of its rest. One further away than any rest is of a clock that was set back.
    fn rest(self, now: Timestamp) -> Option<Timestamp> {
        self.rests_until.filter(|until| now < *until && *until - now <= REST_MAX)
    }
}

/// Leave to ask a push service once. Dropped, it makes room for another.
pub struct Leave<'a> {
    hosts: &'a Hosts,
    origin: String,
    is_proven: bool,
}

impl Hosts {
    /// Leave to ask a push service at `now`.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn enter(&self, origin: &str, now: Timestamp) -> Result<Leave<'_>, u64> {
        let mut known = lock(&self.0);
        let host = known.each.get(origin).copied().unwrap_or_default();
        if let Some(until) = host.rest(now) {
            return Err(u64::try_from((until - now).as_seconds()).unwrap_or(0) + 1);
        }
        if !host.is_proven {
            if known.unproven >= UNPROVEN_AT_ONCE {
                return Err(CROWDED_WAIT_S);
            }
            known.unproven += 1;
        }
        Ok(Leave { hosts: self, origin: origin.to_owned(), is_proven: host.is_proven })
    }
}

impl Leave<'_> {
    /// Takes in whether it answered, and not with a failure of its own.
    pub fn answered(self, well: bool, now: Timestamp) {
        let mut known = lock(&self.hosts.0);
        let mut host = known.each.get(&self.origin).copied().unwrap_or_default();
        if well {
            host = Host { is_proven: true, ..Host::default() };
        } else if host.rest(now).is_none() {
            // Those that were under way when it began to rest say nothing new.
            host.faults = host.faults.saturating_add(1);
            if !host.is_proven || host.faults >= FAULTS_MAX {
                let rest = TimeSpan::seconds(1 << host.faults.min(16)).min(REST_MAX);
                host.rests_until = Some(now + rest);
            }
        }
        if !known.each.contains_key(&self.origin) && known.each.len() >= HOSTS_MAX {
            // Names are made easily; those that answer are few, and stay.
            known.each.retain(|_, host| host.is_proven);
            if known.each.len() >= HOSTS_MAX {
                known.each.clear();
            }
        }
        known.each.insert(self.origin.clone(), host);
        drop(known);
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if !self.is_proven {
            lock(&self.hosts.0).unproven -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(0);

    #[test]
    fn one_that_never_answers_is_asked_ever_more_rarely_and_one_that_did_is_borne_with() {
        let hosts = Hosts::default();
        let mut waits = Vec::new();
        let mut now = NOW;
        for _ in 0..10 {
            hosts.enter("https://silent.example", now).unwrap().answered(false, now);
            let wait = hosts.enter("https://silent.example", now).err().unwrap();
            waits.push(wait - 1);
            now = now + TimeSpan::seconds(i64::try_from(wait).unwrap());
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        let good = || hosts.enter("https://good.example", NOW);
        good().unwrap().answered(true, NOW);
        for _ in 1..FAULTS_MAX {
            good().unwrap().answered(false, NOW);
        }
        good().unwrap().answered(true, NOW);
        for _ in 0..FAULTS_MAX {
            good().unwrap().answered(false, NOW);
        }
        assert_eq!(good().err(), Some(9));
    }

    #[test]
    fn what_was_under_way_when_a_push_service_failed_makes_no_longer_rest() {
        let hosts = Hosts::default();
        let good = || hosts.enter("https://good.example", NOW);
        good().unwrap().answered(true, NOW);
        let under_way: Vec<_> = (0..16).map(|_| good().ok().unwrap()).collect();
        under_way.into_iter().for_each(|leave| leave.answered(false, NOW));
        assert_eq!(good().err(), Some(9));
        // The clock is set back: nobody rests for that hour.
        assert!(hosts.enter("https://good.example", NOW - TimeSpan::hours(1)).is_ok());
    }

    #[test]
    fn strangers_share_few_places_and_those_who_answer_are_not_among_them() {
        let hosts = Hosts::default();
        hosts.enter("https://good.example", NOW).unwrap().answered(true, NOW);
        let enter = |name: usize| hosts.enter(&format!("https://{name}.example"), NOW);
        let held: Vec<_> = (0..UNPROVEN_AT_ONCE).map(|name| enter(name).ok().unwrap()).collect();
        assert_eq!(enter(99).err(), Some(CROWDED_WAIT_S));
        assert!(hosts.enter("https://good.example", NOW).is_ok());
        drop(held);
        assert!(enter(99).is_ok());
        for name in 0..2 * HOSTS_MAX {
            enter(name).ok().unwrap().answered(false, NOW);
        }
        assert!(lock(&hosts.0).each.len() <= HOSTS_MAX);
        assert!(lock(&hosts.0).each.contains_key("https://good.example"));
        assert_eq!(lock(&hosts.0).unproven, 0);
    }
}

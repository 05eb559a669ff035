//! The registered phones, and the messages that wait for those that are offline. Pure but for the
//! channel.

use super::message::Message;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use tokio::sync::mpsc;
use toruk_sync::domain::time::Timestamp;

/// A phone that does not read keeps this many messages in its channel; the rest wait here.
pub const PHONE_MESSAGES_MAX: usize = 1_000;
/// Most messages that may wait for one phone; above it, FCM drops them all, and so does this.
pub const WAITING_MESSAGES_MAX: usize = 100;
/// Most collapse keys for one phone that is offline. FCM keeps this many and does not say which;
/// this drops the oldest.
pub const COLLAPSE_KEYS_MAX: usize = 4;

/// The token belongs to no phone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unregistered;

#[derive(Default)]
pub(super) struct Mailbox {
    phones: BTreeMap<String, RegisteredPhone>,
    registered: u64,
}

struct RegisteredPhone {
    channel: mpsc::Sender<Message>,
    online: bool,
    waiting: VecDeque<Message>,
}

impl Mailbox {
    /// A new phone, online: its token and where its messages arrive.
    pub(super) fn register(&mut self) -> (String, mpsc::Receiver<Message>) {
        self.registered += 1;
        let token = format!("{}:APA91b{}", self.registered, opaque("phone", self.registered));
        let (channel, messages) = mpsc::channel(PHONE_MESSAGES_MAX);
        let phone = RegisteredPhone { channel, online: true, waiting: VecDeque::new() };
        self.phones.insert(token.clone(), phone);
        (token, messages)
    }

    pub(super) fn unregister(&mut self, token: &str) {
        self.phones.remove(token);
    }

    /// Sets the phone online or offline. Returns the number of messages delivered by it.
    pub(super) fn set_online(&mut self, token: &str, online: bool, now: Timestamp) -> u64 {
        let Some(phone) = self.phones.get_mut(token) else { return 0 };
        phone.online = online;
        phone.deliver(now)
    }

    /// Takes a message; how many were delivered by it.
    pub(super) fn accept(
        &mut self,
        token: &str,
        message: Message,
        now: Timestamp,
    ) -> Result<u64, Unregistered> {
        self.check(token)?;
        let phone = self.phones.get_mut(token).ok_or(Unregistered)?;
        if let Some(key) = &message.collapse_key {
            phone.waiting.retain(|older| older.collapse_key.as_ref() != Some(key));
        }
        // Of life zero: now or never.
        if message.expires_at > now || phone.online {
            phone.waiting.push_back(message);
        }
        let delivered = phone.deliver(now);
        phone.forget_keys();
        if phone.waiting.len() > WAITING_MESSAGES_MAX {
            phone.waiting.clear();
        }
        Ok(delivered)
    }

    /// Requires that the token is a phone's. An app whose end of the channel is gone was removed.
    pub(super) fn check(&mut self, token: &str) -> Result<(), Unregistered> {
        self.phones.retain(|_, phone| !phone.channel.is_closed());
        self.phones.contains_key(token).then_some(()).ok_or(Unregistered)
    }
}

impl RegisteredPhone {
    /// Drops messages until they have at most [`COLLAPSE_KEYS_MAX`] keys: one for each key waits.
    fn forget_keys(&mut self) {
        let keyed = |message: &Message| message.collapse_key.is_some();
        while self.waiting.iter().filter(|message| keyed(message)).count() > COLLAPSE_KEYS_MAX {
            let Some(oldest) = self.waiting.iter().position(keyed) else { return };
            self.waiting.remove(oldest);
        }
    }

    fn deliver(&mut self, now: Timestamp) -> u64 {
        let mut delivered = 0;
        while self.online {
            let Some(message) = self.waiting.pop_front() else { break };
            if message.expires_at <= now && message.sent_at < now {
                continue;
            }
            if let Err(mpsc::error::TrySendError::Full(message)) = self.channel.try_send(message) {
                self.waiting.push_front(message);
                break;
            }
            delivered += 1;
        }
        delivered
    }
}

/// Long and without meaning, as FCM's names are; the same in every run.
pub(super) fn opaque(kind: &str, number: u64) -> String {
    hex::encode(Sha256::digest(format!("{kind} {number}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use toruk_sync::domain::time::TimeSpan;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn message(name: &str, collapse_key: Option<&str>, life_s: i64) -> Message {
        Message {
            name: name.to_owned(),
            data: BTreeMap::new(),
            collapse_key: collapse_key.map(str::to_owned),
            high_priority: true,
            sent_at: NOW,
            expires_at: NOW + TimeSpan::seconds(life_s),
        }
    }

    fn arrived(messages: &mut mpsc::Receiver<Message>) -> Vec<String> {
        std::iter::from_fn(|| messages.try_recv().ok()).map(|message| message.name).collect()
    }

    #[test]
    fn a_phone_back_online_gets_the_newest_of_each_key_that_is_still_of_use() {
        let mut mailbox = Mailbox::default();
        let (token, mut messages) = mailbox.register();
        mailbox.set_online(&token, false, NOW);
        for (name, key, life_s) in [
            ("first raise", Some("a"), 300),
            ("other auction", Some("b"), 300),
            ("soon over", None, 10),
            ("second raise", Some("a"), 300),
            ("now or never", None, 0),
        ] {
            assert_eq!(mailbox.accept(&token, message(name, key, life_s), NOW), Ok(0));
        }
        let later = NOW + TimeSpan::seconds(10);
        assert_eq!(mailbox.set_online(&token, true, later), 2);
        assert_eq!(arrived(&mut messages), ["other auction", "second raise"]);
    }

    #[test]
    fn four_keys_wait_for_a_phone_and_messages_without_a_key_beside_them() {
        let mut mailbox = Mailbox::default();
        let (token, mut messages) = mailbox.register();
        mailbox.set_online(&token, false, NOW);
        for key in ["a", "b", "c", "d", "e", "b"] {
            let _ = mailbox.accept(&token, message(key, Some(key), 300), NOW);
            let _ = mailbox.accept(&token, message("free", None, 300), NOW);
        }
        mailbox.set_online(&token, true, NOW);
        let arrived = arrived(&mut messages);
        let keyed: Vec<_> = arrived.iter().filter(|name| *name != "free").collect();
        assert_eq!(keyed, ["c", "d", "e", "b"]);
        assert_eq!(arrived.len() - keyed.len(), 6);
    }

    #[test]
    fn an_online_phone_gets_every_message_even_one_of_life_zero() {
        let mut mailbox = Mailbox::default();
        let (token, mut messages) = mailbox.register();
        for name in ["one", "two"] {
            assert_eq!(mailbox.accept(&token, message(name, Some("a"), 0), NOW), Ok(1));
        }
        assert_eq!(arrived(&mut messages), ["one", "two"]);
    }

    #[test]
    fn a_removed_app_is_unregistered() {
        let mut mailbox = Mailbox::default();
        let (token, messages) = mailbox.register();
        drop(messages);
        assert_eq!(mailbox.accept(&token, message("late", None, 1), NOW), Err(Unregistered));
        assert_eq!(mailbox.accept("nobody", message("late", None, 1), NOW), Err(Unregistered));
    }

    #[test]
    fn too_many_waiting_messages_are_dropped_together() {
        let mut mailbox = Mailbox::default();
        let (token, mut messages) = mailbox.register();
        mailbox.set_online(&token, false, NOW);
        for count in 0..=WAITING_MESSAGES_MAX {
            let _ = mailbox.accept(&token, message(&count.to_string(), None, 300), NOW);
        }
        assert_eq!(mailbox.set_online(&token, true, NOW), 0);
        assert_eq!(arrived(&mut messages), [""; 0]);
    }
}

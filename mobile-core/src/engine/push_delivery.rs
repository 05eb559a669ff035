//! Tells the server the address for push messages, once for each session.

use super::clock::Mono;
use super::failure::Failure;
use super::load::PUSH_SENT;
use super::push_token::{PushAddress, PushRegistration};
use super::{Effect, Engine};
use crate::store::{Table, Write};

impl Engine {
    /// The progress of telling the server the address for push messages.
    pub fn push_registration(&self) -> &PushRegistration {
        &self.push
    }

    /// Takes in the address that the app said.
    pub(super) fn want_pushes(&mut self, address: PushAddress) {
        self.push.wanted = Some(address);
        self.push.refused = None;
        self.push.pace.reset();
    }

    /// A new session has no address yet.
    pub(super) fn forget_sent_address(&mut self) {
        (self.push.sent, self.push.refused) = (None, None);
        self.writes.push(Write::delete(Table::Meta, PUSH_SENT));
    }

    pub(super) fn plan_push_token(&mut self, now: Mono, at: &mut impl FnMut(Mono)) {
        let wanted = self.push.wanted.clone().filter(|_| !self.push.is_settled());
        let Some(address) = wanted.filter(|_| !self.push.is_asked) else { return };
        if now < self.push.pace.not_before() {
            at(self.push.pace.not_before());
            return;
        }
        self.push.is_asked = true;
        self.effects.push(Effect::SetPushToken(address));
    }

    pub(super) fn push_token_set(
        &mut self,
        address: PushAddress,
        answer: Result<(), Failure>,
        now: Mono,
    ) {
        self.push.is_asked = false;
        match answer {
            Ok(()) => {
                self.push.pace.reset();
                self.writes.push(Write::json(Table::Meta, PUSH_SENT, &address));
                self.push.sent = Some(address);
            }
            Err(failure) if failure.is_final() => self.push.refused = Some(address),
            Err(failure) => self.push.pace.failed(now, failure.retry_after_s()),
        }
    }
}

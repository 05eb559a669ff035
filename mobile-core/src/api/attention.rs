//! What needs the person: operations that were refused, with all he had put into them.

use super::records::reason;
use super::{Core, auction_id};
use crate::engine::{Attention, AttentionAction, UserCommand};
use crate::error::CoreError;
use std::collections::HashMap;

/// One refused operation. Nothing is sent again by itself.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AttentionItem {
    /// Its name here.
    pub id: u64,
    /// Which auction it is about.
    pub auction: Option<String>,
    /// `edit_draft`, `edit_followed`, `submit_application` or `withdraw_application`.
    pub operation: String,
    /// Why: a refusal's code, or `sign_again` when this phone became a new device.
    pub code: String,
    /// What the code's translation needs.
    pub params: HashMap<String, String>,
    /// When the server decided, if it did.
    pub decided_at: Option<i64>,
    /// What can be done: `retry`, `edit`, `discard`.
    pub actions: Vec<String>,
}

impl From<(&u64, &Attention)> for AttentionItem {
    fn from((id, item): (&u64, &Attention)) -> Self {
        let verdict = item.outcome.as_ref().map(|outcome| &outcome.verdict);
        let (code, params) = verdict.map(reason).unwrap_or_default();
        let is_form = item.row.auction.is_some();
        let actions = [("retry", verdict.is_some()), ("edit", is_form), ("discard", true)];
        let possible = actions.into_iter().filter(|(_, possible)| *possible);
        Self {
            id: *id,
            auction: item.row.auction.map(|auction| auction.to_string()),
            operation: item.row.operation.name().to_owned(),
            code: code.unwrap_or_else(|| "sign_again".to_owned()),
            params,
            decided_at: item.outcome.as_ref().map(|outcome| outcome.decided_at.0),
            actions: possible.map(|(action, _)| action.to_owned()).collect(),
        }
    }
}

#[uniffi::export]
impl Core {
    /// The refused operations, the oldest first.
    pub fn attention(&self) -> Vec<AttentionItem> {
        self.driver.read(|engine| engine.attention().iter().map(Into::into).collect())
    }

    /// Sends one again as it is, under a new number.
    ///
    /// # Errors
    /// `not_found`; `outbox_full`; `sign_again` when only signing anew helps.
    pub fn attention_retry(&self, id: u64) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::ResolveAttention(id, AttentionAction::Retry)).map(drop)
    }

    /// The person goes on editing the draft, which is as he left it; the item is dealt with.
    ///
    /// # Errors
    /// `not_found`.
    pub fn attention_edit(&self, id: u64) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::ResolveAttention(id, AttentionAction::Edit)).map(drop)
    }

    /// Gives one up. Of a refused edit, the draft goes back to what the server has.
    ///
    /// # Errors
    /// `not_found`.
    pub fn attention_discard(&self, id: u64) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::ResolveAttention(id, AttentionAction::Discard)).map(drop)
    }

    /// Follows an auction on all phones of the person: its rows are pulled, also without a draft.
    ///
    /// # Errors
    /// `too_large` when too many are followed; [`CoreError::SignedOut`] when nobody ever signed in.
    pub fn follow(&self, auction: String) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::Follow(auction_id(&auction)?)).map(drop)
    }

    /// Follows it no more.
    ///
    /// # Errors
    /// As [`Self::follow`].
    pub fn unfollow(&self, auction: String) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::Unfollow(auction_id(&auction)?)).map(drop)
    }

    /// The followed auctions.
    pub fn followed(&self) -> Vec<String> {
        self.driver.read(|engine| engine.followed().iter().map(ToString::to_string).collect())
    }
}

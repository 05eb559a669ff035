//! Operations that the server refused, with everything the person had entered, until the person
//! deals with them.

use super::records::reason;
use super::{Core, auction_id};
use crate::engine::{Attention, AttentionAction, UserCommand};
use crate::error::CoreError;
use std::collections::HashMap;

/// One refused operation. It is not sent again unless the person asks for it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AttentionItem {
    /// Identifies the item in calls to this core.
    pub id: u64,
    /// The auction's id; absent for the list of followed auctions.
    pub auction: Option<String>,
    /// `edit_draft`, `edit_followed`, `submit_application` or `withdraw_application`.
    pub operation: String,
    /// The rejection code; `sign_again` if this phone became a new device; or why the server
    /// refused a file of an application that was never sent, such as `infected`.
    pub code: String,
    /// Values for the placeholders of the code's translation.
    pub params: HashMap<String, String>,
    /// The server's time of the decision, Unix µs; absent if nothing was sent.
    pub decided_at: Option<i64>,
    /// The possible actions: `retry`, `edit`, `discard`.
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
            code: code
                .or_else(|| item.file.as_ref().map(|file| file.code.clone()))
                .unwrap_or_else(|| "sign_again".to_owned()),
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

    /// Sends a refused operation again unchanged, under a new number.
    ///
    /// # Errors
    /// `not_found`; `outbox_full`; `sign_again` if the application must be signed again instead.
    pub fn attention_retry(&self, id: u64) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::ResolveAttention(id, AttentionAction::Retry)).map(drop)
    }

    /// Closes the item: the person continues editing the draft, which is unchanged.
    ///
    /// # Errors
    /// `not_found`.
    pub fn attention_edit(&self, id: u64) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::ResolveAttention(id, AttentionAction::Edit)).map(drop)
    }

    /// Discards a refused operation. A refused edit is undone: the draft goes back to the server's
    /// state.
    ///
    /// # Errors
    /// `not_found`.
    pub fn attention_discard(&self, id: u64) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::ResolveAttention(id, AttentionAction::Discard)).map(drop)
    }

    /// Follows an auction on all phones of the person: its rows are pulled even without a draft.
    ///
    /// # Errors
    /// `too_large` if too many auctions are followed; [`CoreError::SignedOut`] if nobody has ever
    /// signed in.
    pub fn follow(&self, auction: String) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::Follow(auction_id(&auction)?)).map(drop)
    }

    /// Stops following an auction.
    ///
    /// # Errors
    /// As [`Self::follow`].
    pub fn unfollow(&self, auction: String) -> Result<(), CoreError> {
        self.driver.execute(UserCommand::Unfollow(auction_id(&auction)?)).map(drop)
    }

    /// The ids of the auctions that this person follows.
    pub fn followed(&self) -> Vec<String> {
        self.driver.read(|engine| engine.followed().iter().map(ToString::to_string).collect())
    }
}

//! Commands of the person: each returns at once, and is durable when its effects are performed.

use super::bids::Quoted;
use super::clock::Mono;
use super::load::FOLLOWED;
use super::local_rejection::LocalRejection;
use super::outbox::attention::AttentionAction;
use super::{Effect, Engine};
use crate::store::{Table, Write};
use std::collections::BTreeSet;
use toruk_sync::domain::file::{FileFault, FileKind, check_size};
use toruk_sync::domain::form::{FIELD_BYTES_MAX, FILES_MAX, Form};
use toruk_sync::domain::id::{ApplicationId, AuctionId};
use toruk_sync::domain::text;
use toruk_sync::draft::{DraftState, FOLLOWED_MAX, FileRef, GROUPS_MAX, Group, draft_id};
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::limits::ACCOUNT_PENDING_BYTES_MAX;
use toruk_sync::protocol::operations::{Confirmation, Operation};
use toruk_sync::signing::{ApplicationPayload, terms_hash};

/// A command of the person.
#[derive(Debug)]
pub enum UserCommand {
    /// Set a field's answer in a draft; `None` clears it.
    SetField(AuctionId, String, Option<String>),
    /// Attach a file to a draft. Its content goes into the store with the same effects.
    Attach(AuctionId, FileRef, Vec<Write>),
    /// Remove the file from a slot.
    Detach(AuctionId, String),
    /// Deliver a signed application.
    Submit(Box<ApplicationPayload>, Confirmation),
    /// Withdraw an application.
    Withdraw(AuctionId, ApplicationId),
    /// Acknowledge an outcome.
    Acknowledge(u64),
    /// Add an empty group of answers.
    AddGroup(AuctionId, Group),
    /// Remove a group with its answers.
    RemoveGroup(AuctionId, Group),
    /// Follow an auction, on all phones of the person.
    Follow(AuctionId),
    /// Stop following an auction.
    Unfollow(AuctionId),
    /// Deal with a refused operation.
    ResolveAttention(u64, AttentionAction),
}

impl Engine {
    /// Executes a command. Returns the outbox ticket of the queued operation, 0 if none was queued.
    ///
    /// # Errors
    /// [`LocalRejection`]; nothing changed.
    pub fn execute(
        &mut self,
        command: UserCommand,
        now: Mono,
    ) -> Result<(u64, Vec<Effect>), LocalRejection> {
        let ticket = match command {
            UserCommand::SetField(auction, field, value) => {
                self.set_field(auction, &field, value)?
            }
            UserCommand::Attach(auction, file, content) => self.attach(auction, file, content)?,
            UserCommand::Detach(auction, slot) => {
                self.account()?;
                let (part, write) =
                    self.drafts.detach(auction, &slot).ok_or(LocalRejection::NotFound)?;
                self.writes.push(write);
                self.queue_part(auction, part)?
            }
            UserCommand::Submit(package, confirmation) => self.submit(*package, confirmation)?,
            UserCommand::Withdraw(auction, application) => {
                let operation = Operation::WithdrawApplication { application };
                self.queue(Some(auction), operation, BTreeSet::new())?
            }
            UserCommand::Acknowledge(op_no) => self.acknowledge(op_no)?,
            UserCommand::AddGroup(auction, group) => self.add_group(auction, group)?,
            UserCommand::RemoveGroup(auction, group) => {
                self.account()?;
                let removed = self.drafts.remove_group(auction, &group);
                let (part, write) = removed.ok_or(LocalRejection::NotFound)?;
                self.writes.push(write);
                self.queue_part(auction, part)?
            }
            UserCommand::Follow(auction) => self.edit_followed(auction, true)?,
            UserCommand::Unfollow(auction) => self.edit_followed(auction, false)?,
            UserCommand::ResolveAttention(id, action) => self.resolve_attention(id, action)?,
        };
        self.delivery.reset();
        self.upload_pace.reset();
        Ok((ticket, self.finish(now)))
    }

    /// The complete application as it would be signed now.
    ///
    /// # Errors
    /// [`LocalRejection`] if the form has faults, conflicts, or no terms.
    pub fn package(
        &self,
        auction: AuctionId,
        now: Mono,
    ) -> Result<ApplicationPayload, LocalRejection> {
        let profile = self.profile.as_ref().ok_or(LocalRejection::NoAccount)?;
        let view = self.view(auction).ok_or(LocalRejection::AuctionUnknown)?;
        let terms = view.auction.terms.as_ref().ok_or(LocalRejection::AuctionUnknown)?;
        // The phone refuses early if it knows that the deadline has passed.
        if self.server_now(now).is_some_and(|server| {
            server.time.0.saturating_sub(server.uncertainty.0) >= terms.tender_end.0
        }) {
            return Err(LocalRejection::DeadlinePassed);
        }
        let draft = self.drafts.get(auction).ok_or(LocalRejection::Incomplete)?;
        let (answers, files) = (draft.answers(), draft.files());
        let critical = |id: &String| view.form.is_critical(id);
        let conflicts: Vec<_> = draft.conflicts().into_keys().filter(critical).collect();
        if !conflicts.is_empty() {
            return Err(LocalRejection::UnresolvedConflicts(conflicts));
        }
        let filled = files.iter().map(|file| file.slot.clone()).collect();
        if !view.form.faults(&answers, &filled).is_empty() {
            return Err(LocalRejection::Incomplete);
        }
        // Nothing that can never be sent is signed.
        if let Some(file) = files.iter().find(|file| !self.is_usable(file)) {
            return Err(LocalRejection::UnusableFile(file.slot.clone()));
        }
        Ok(ApplicationPayload {
            auction,
            person: profile.person,
            device: profile.device,
            terms_version: view.auction.version,
            terms_hash: terms_hash(terms),
            form: view.form.id.clone(),
            form_version: view.form.version,
            answers,
            files,
        })
    }

    /// Shows the price and the cost of raising it, in place of any other quote.
    ///
    /// # Errors
    /// [`LocalRejection::CannotBid`] with the button's state;
    /// [`LocalRejection::HistoryContradicted`].
    pub fn quote(&mut self, auction: AuctionId, now: Mono) -> Result<Quoted, LocalRejection> {
        if self.contradiction(auction).is_some() {
            return Err(LocalRejection::HistoryContradicted);
        }
        let button = self.button(auction, now).ok_or(LocalRejection::AuctionUnknown)?;
        let offer = button.offer().ok_or(LocalRejection::CannotBid(button.code()))?;
        let state = self.live.get(auction).and_then(|follower| follower.auction());
        let state = state.ok_or(LocalRejection::CannotBid("offline"))?;
        self.bids.quote(auction, state, offer.amount).ok_or(LocalRejection::StaleQuote)
    }

    /// Takes out a quote to make a bid of it.
    ///
    /// # Errors
    /// [`LocalRejection::StaleQuote`] if the auction has changed since, or the quote was used.
    pub fn take_quote(
        &mut self,
        auction: AuctionId,
        id: u64,
        now: Mono,
    ) -> Result<Quoted, LocalRejection> {
        let quoted = self.bids.take_quote(auction, id).ok_or(LocalRejection::StaleQuote)?;
        if self.contradiction(auction).is_some() {
            return Err(LocalRejection::HistoryContradicted);
        }
        let view = self.view(auction).ok_or(LocalRejection::AuctionUnknown)?;
        if !quoted.holds(&view.auction) {
            return Err(LocalRejection::StaleQuote);
        }
        let button = self.button(auction, now).ok_or(LocalRejection::AuctionUnknown)?;
        match button.offer() {
            Some(offer) if offer.amount == quoted.amount => Ok(quoted),
            Some(_) => Err(LocalRejection::StaleQuote),
            None => Err(LocalRejection::CannotBid(button.code())),
        }
    }

    /// Saves a signed bid, then sends it, once.
    pub fn send_bid(&mut self, auction: AuctionId, bid: PlaceBid, now: Mono) -> Vec<Effect> {
        self.writes.extend(self.bids.begin(auction, bid.clone()));
        self.effects.push(Effect::SendBid(auction, Box::new(bid)));
        self.finish(now)
    }

    fn submit(
        &mut self,
        package: ApplicationPayload,
        confirmation: Confirmation,
    ) -> Result<u64, LocalRejection> {
        let auction = package.auction;
        let known = |sha256: &String| self.uploads.get(sha256).is_some();
        let hashes = package.files.iter().map(|file| file.sha256.clone());
        let needs = hashes.filter(known).collect();
        // A second signing replaces a first that was never sent.
        self.writes.extend(self.outbox.void_submit(auction));
        let operation = Operation::SubmitApplication { package, confirmation };
        self.queue(Some(auction), operation, needs)
    }

    /// Acknowledges an outcome; each pull repeats it until the server knows.
    pub(super) fn acknowledge(&mut self, op_no: u64) -> Result<u64, LocalRejection> {
        self.outcomes.remove(&op_no).ok_or(LocalRejection::NotFound)?;
        self.writes.push(Write::delete(Table::Outcome, format!("{op_no:020}")));
        self.writes.push(self.pulls.acknowledge(op_no));
        self.want_pull();
        Ok(0)
    }

    fn add_group(&mut self, auction: AuctionId, group: Group) -> Result<u64, LocalRejection> {
        let actor = self.account()?;
        let known = self.view(auction).map(|view| &view.form.groups);
        if known.is_some_and(|groups| groups.iter().all(|known| known.id != group.kind)) {
            return Err(LocalRejection::NotFound);
        }
        let held = self.drafts.get(auction).map_or(0, |draft| draft.groups().len());
        if held >= GROUPS_MAX {
            return Err(LocalRejection::TooLarge);
        }
        let (part, write) = self.drafts.add_group(auction, group, actor);
        self.writes.push(write);
        self.queue_part(auction, part)
    }

    fn edit_followed(&mut self, auction: AuctionId, follows: bool) -> Result<u64, LocalRejection> {
        let actor = self.account()?;
        let held = self.followed.auctions();
        if held.contains(&auction) == follows {
            return Ok(0);
        }
        if follows && held.len() >= FOLLOWED_MAX {
            return Err(LocalRejection::TooLarge);
        }
        match follows {
            true => self.followed.follow(auction, actor),
            false => self.followed.unfollow(auction),
        }
        let followed = self.followed.state();
        self.writes.push(Write::json(Table::Meta, FOLLOWED, &followed));
        self.queue(None, Operation::EditFollowed { followed }, BTreeSet::new())
    }

    fn set_field(
        &mut self,
        auction: AuctionId,
        field: &str,
        value: Option<String>,
    ) -> Result<u64, LocalRejection> {
        let actor = self.account()?;
        if value.as_ref().is_some_and(|value| value.len() > FIELD_BYTES_MAX) {
            return Err(LocalRejection::TooLarge);
        }
        // The person sees what will be signed, and signs what they see.
        let form = Form::standard();
        let value = value.map(|value| form.cleaned(field, &value));
        let (part, write) = self.drafts.set(auction, field, value, actor);
        self.writes.push(write);
        self.queue_part(auction, part)
    }

    fn attach(
        &mut self,
        auction: AuctionId,
        mut file: FileRef,
        content: Vec<Write>,
    ) -> Result<u64, LocalRejection> {
        let actor = self.account()?;
        let kind = FileKind::of_mime(&file.mime).ok_or(LocalRejection::UnknownFile)?;
        check_size(file.size_bytes, &self.file_limits).map_err(|fault| match fault {
            FileFault::Empty => LocalRejection::EmptyFile,
            _ => LocalRejection::TooLarge,
        })?;
        file.mime = kind.mime().to_owned();
        file.name = text::file_name(&file.name, &file.mime);
        let pending = self.uploads.pending_bytes().saturating_add(file.size_bytes);
        let others = self.drafts.get(auction).map_or(0, |draft| {
            draft.files().iter().filter(|other| other.slot != file.slot).count()
        });
        let crowded = others >= FILES_MAX || pending > ACCOUNT_PENDING_BYTES_MAX;
        if crowded {
            return Err(LocalRejection::TooLarge);
        }
        self.writes.extend(content);
        let (sha256, mime) = (file.sha256.clone(), file.mime.clone());
        self.writes.extend(self.uploads.add(sha256, file.size_bytes, mime));
        let (part, write) = self.drafts.attach(auction, file, actor);
        self.writes.push(write);
        self.queue_part(auction, part)
    }

    fn queue_part(&mut self, auction: AuctionId, part: DraftState) -> Result<u64, LocalRejection> {
        let profile = self.profile.as_ref().ok_or(LocalRejection::NoAccount)?;
        let draft = draft_id(profile.person, auction);
        // The signed content is no longer that of the draft.
        self.writes.extend(self.outbox.void_submit(auction));
        let operation = Operation::EditDraft { draft, auction, part };
        self.queue(Some(auction), operation, BTreeSet::new())
    }

    pub(super) fn queue(
        &mut self,
        auction: Option<AuctionId>,
        operation: Operation,
        needs: BTreeSet<String>,
    ) -> Result<u64, LocalRejection> {
        let person = self.profile.as_ref().ok_or(LocalRejection::NoAccount)?.person;
        let queued = self.outbox.queue(person, auction, operation, needs);
        let (ticket, writes) = queued.map_err(|_| LocalRejection::OutboxFull)?;
        self.writes.extend(writes);
        Ok(ticket)
    }

    /// The account's actor for drafts, if drafting is possible. Checked before anything changes: a
    /// full outbox must not leave a draft that changed only here.
    fn account(&self) -> Result<toruk_sync::draft::Actor, LocalRejection> {
        let profile = self.profile.as_ref().ok_or(LocalRejection::NoAccount)?;
        if self.outbox.is_full() {
            return Err(LocalRejection::OutboxFull);
        }
        Ok(profile.actor)
    }
}

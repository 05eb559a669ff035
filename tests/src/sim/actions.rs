//! Actions of a story's person on their phones.

use super::camera;
use super::scenario::{Scenario, Stats};
use sha2::{Digest as _, Sha256};
use toruk_mobile_core::engine::uploads::chunk_key;
use toruk_mobile_core::engine::{AttentionAction, UserCommand};
use toruk_mobile_core::store::{Table, Write};
use toruk_sync::domain::file;
use toruk_sync::draft::FileRef;
use toruk_sync::protocol::operations::Operation;

impl Scenario<'_> {
    pub(super) fn edit(&mut self, which: usize, tally: &mut Stats) -> anyhow::Result<()> {
        tally.edits += 1;
        self.edits += 1;
        let sound = crate::world::api_client::ANSWERS;
        let now = self.passed;
        // Either one answer of one's own, or the whole form as it may be submitted.
        if self.chance.below(4) == 0 {
            for (field, answer) in sound {
                let answer = Some(answer.to_owned());
                let _ = self.phones[which].execute(
                    UserCommand::SetField(self.auction.auction.birth.id, field.to_owned(), answer),
                    now,
                )?;
            }
            return self.attach(which, tally);
        }
        let field = ["full_name", "address", "purpose"][usize::try_from(self.chance.below(3))?];
        let value = match self.chance.below(6) {
            0 => None,
            _ => Some(format!("жооп {}", self.edits)),
        };
        let command = UserCommand::SetField(self.id(), field.to_owned(), value);
        let _ = self.phones[which].execute(command, now)?;
        Ok(())
    }

    /// Attaches a file as a phone makes it: what the app's check does not accept stays outside.
    pub(super) fn attach(&mut self, which: usize, tally: &mut Stats) -> anyhow::Result<()> {
        tally.photos += 1;
        let content = camera::file(&mut self.chance);
        let limits = self.phones[which].engine.file_limits();
        let Ok(kind) = file::check(&content, &limits) else {
            tally.photos_refused += 1;
            return Ok(());
        };
        let sha256 = hex::encode(Sha256::digest(&content));
        let file = FileRef {
            slot: "identity_document".to_owned(),
            sha256: sha256.clone(),
            size_bytes: content.len() as u64,
            mime: kind.mime().to_owned(),
            name: "паспорт.jpeg".to_owned(),
        };
        let key = chunk_key(&sha256, 0);
        let write = Write::Put { table: Table::Content, key, value: content };
        let command = UserCommand::Attach(self.id(), file, vec![write]);
        let _ = self.phones[which].execute(command, self.passed)?;
        Ok(())
    }

    pub(super) async fn submit(&mut self, which: usize, tally: &mut Stats) -> anyhow::Result<()> {
        let (id, now) = (self.id(), self.passed);
        let Ok(package) = self.phones[which].engine.package(id, now) else { return Ok(()) };
        tally.submits += 1;
        let confirmation = self.yard.people[self.person].confirm(&package)?;
        let command = UserCommand::Submit(Box::new(package), confirmation);
        let _ = self.phones[which].execute(command, now)?;
        Ok(())
    }

    pub(super) fn withdraw(&mut self, which: usize) -> anyhow::Result<()> {
        let (id, now) = (self.id(), self.passed);
        let phone = &mut self.phones[which];
        let mine = phone.engine.mine().map(|mine| mine.applications.clone()).unwrap_or_default();
        if let Some(own) = mine.iter().find(|own| own.application.auction == id) {
            let _ = phone.execute(UserCommand::Withdraw(id, own.application.id), now)?;
        }
        Ok(())
    }

    pub(super) fn acknowledge(&mut self, which: usize) -> anyhow::Result<()> {
        let now = self.passed;
        let phone = &mut self.phones[which];
        let seen = phone.engine.outcomes().keys().next().copied();
        if let Some(op_no) = seen {
            let _ = phone.execute(UserCommand::Acknowledge(op_no), now)?;
        }
        Ok(())
    }

    /// The person deals with what was refused.
    pub(super) fn resolve_attention(&mut self, which: usize) -> anyhow::Result<()> {
        let (now, way) = (self.passed, self.chance.below(3));
        let phone = &mut self.phones[which];
        let first = phone.engine.attention().iter().next();
        let Some((id, is_edit)) = first.map(|(id, attention)| {
            (*id, matches!(attention.row.operation, Operation::EditDraft { .. }))
        }) else {
            return Ok(());
        };
        let way = match way {
            0 => AttentionAction::Retry,
            // An answer that is written and given up would be missed in the end.
            _ if is_edit => return Ok(()),
            1 => AttentionAction::Edit,
            _ => AttentionAction::Discard,
        };
        let _ = phone.execute(UserCommand::ResolveAttention(id, way), now)?;
        Ok(())
    }

    pub(super) fn follow(&mut self, which: usize) -> anyhow::Result<()> {
        let (id, now) = (self.id(), self.passed);
        let command = match self.chance.below(2) {
            0 => UserCommand::Follow(id),
            _ => UserCommand::Unfollow(id),
        };
        let _ = self.phones[which].execute(command, now)?;
        Ok(())
    }
}

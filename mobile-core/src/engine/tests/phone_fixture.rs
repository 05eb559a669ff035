//! An engine on a store, and the actions of its person.

use super::fixtures::{auction_id, fresh, mine, pushes, reply, session};
use crate::engine::{Effect, Engine, EventKind, Input, Saved, UserCommand};
use crate::store::{MemoryStore, Store};
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::draft::DeltaFault;
use toruk_sync::protocol::operations::{Op, Operation, OperationRejection, Verdict};
use toruk_sync::protocol::pull::PullReply;
use uuid::Uuid;

pub fn set(no: u128, field: &str, value: &str) -> UserCommand {
    UserCommand::SetField(auction_id(no), field.to_owned(), Some(value.to_owned()))
}

pub fn withdraw(no: u128) -> UserCommand {
    UserCommand::Withdraw(auction_id(no), ApplicationId(Uuid::from_u128(no)))
}

pub fn refused() -> Verdict {
    Verdict::Refused(OperationRejection::Draft(DeltaFault::TooLarge))
}

pub fn notified(effects: &[Effect]) -> Vec<EventKind> {
    let what = |effect: &Effect| match effect {
        Effect::Notify(event) => Some(event.what.clone()),
        _ => None,
    };
    effects.iter().filter_map(what).collect()
}

/// An engine on a store in memory.
pub struct EnginePhone {
    pub engine: Engine,
    pub store: MemoryStore,
}

impl EnginePhone {
    pub fn new() -> Self {
        let mut phone = Self { engine: fresh(), store: MemoryStore::default() };
        phone.handle(Input::SignedIn(Box::new(session())));
        phone.handle(Input::Pulled(Ok(mine(1))));
        phone
    }

    pub fn kept(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        for effect in &effects {
            if let Effect::Persist(writes) = effect {
                self.store.apply(writes).unwrap();
            }
        }
        effects
    }

    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        let effects = self.engine.handle(input, 0);
        self.kept(effects)
    }

    pub fn execute(&mut self, command: UserCommand) -> Vec<Effect> {
        let effects = self.engine.execute(command, 0).unwrap().1;
        self.kept(effects)
    }

    pub fn push(&mut self, verdicts: &[(u64, Verdict)], next: u64) -> Vec<Effect> {
        self.handle(Input::Pushed(Ok(reply(verdicts, next))))
    }

    pub fn pull(&mut self, reply: PullReply) -> Vec<Effect> {
        if !self.engine.pulls().is_asked() {
            self.handle(Input::Refresh);
        }
        self.handle(Input::Pulled(Ok(reply)))
    }

    pub fn restart(&mut self) -> Vec<Effect> {
        self.engine = Engine::load(Saved::read(&self.store, true).unwrap(), 8);
        self.handle(Input::Woken)
    }

    pub fn merge(&mut self, op: &Op) -> Verdict {
        let Operation::EditDraft { part, .. } = &op.operation else { panic!("an edit") };
        Verdict::Merged { draft: part.clone() }
    }
}

pub fn ops(effects: &[Effect]) -> Vec<Op> {
    pushes(effects).into_iter().flatten().collect()
}

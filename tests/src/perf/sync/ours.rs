//! Our drafts as one of the ways to merge, in the form that travels and in denser ones that do not.

use super::drafts::Replica;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use toruk_sync::draft::{Actor, Draft, DraftState};

/// A serialisation of a draft, or of a part of one.
pub trait Form {
    /// As it is called in the table.
    const NAME: &'static str;
    /// To bytes.
    ///
    /// # Errors
    /// When it can't be written.
    fn encode(state: &DraftState) -> anyhow::Result<Vec<u8>>;
    /// And back.
    ///
    /// # Errors
    /// When they are not of this form.
    fn decode(bytes: &[u8]) -> anyhow::Result<DraftState>;
}

/// As it travels and is stored.
pub struct Json;

impl Form for Json {
    const NAME: &'static str = "toruk";

    fn encode(state: &DraftState) -> anyhow::Result<Vec<u8>> {
        Ok(serde_json::to_vec(state)?)
    }

    fn decode(bytes: &[u8]) -> anyhow::Result<DraftState> {
        Ok(serde_json::from_slice(bytes)?)
    }
}

/// One phone with one draft.
pub struct Ours<F> {
    draft: Draft,
    actor: Actor,
    /// Answers to be sent: of each field the last one alone.
    unsent: DraftState,
    form: PhantomData<F>,
}

impl<F: Form> Replica for Ours<F> {
    const NAME: &'static str = F::NAME;

    fn begin(actor: Actor) -> anyhow::Result<Self> {
        let (draft, unsent) = Default::default();
        Ok(Self { draft, actor, unsent, form: PhantomData })
    }

    fn open(stored: &[u8], actor: Actor) -> anyhow::Result<Self> {
        let draft = Draft::from(&F::decode(stored)?);
        Ok(Self { draft, ..Self::begin(actor)? })
    }

    fn set(&mut self, field: &str, answer: &str) -> anyhow::Result<()> {
        let part = self.draft.set(field, Some(answer.to_owned()), self.actor);
        self.unsent.fields.extend(part.fields);
        Ok(())
    }

    fn delta(&mut self) -> anyhow::Result<Vec<u8>> {
        F::encode(&std::mem::take(&mut self.unsent))
    }

    fn merge(&mut self, delta: &[u8]) -> anyhow::Result<()> {
        self.draft.merge(&F::decode(delta)?);
        Ok(())
    }

    fn stored(&mut self) -> anyhow::Result<Vec<u8>> {
        F::encode(&self.draft.state())
    }

    fn answers(&self) -> anyhow::Result<BTreeMap<String, String>> {
        Ok(self.draft.answers())
    }

    /// Checks the clocks as well, as the server does; the peers do not.
    fn serve(stored: &[u8], delta: &[u8], from: Actor) -> anyhow::Result<Vec<u8>> {
        let (mut draft, part) = (Draft::from(&F::decode(stored)?), F::decode(delta)?);
        draft.check(&part, from).context("our own server refuses it")?;
        draft.merge(&part);
        F::encode(&draft.state())
    }
}

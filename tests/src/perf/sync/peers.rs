//! Other CRDTs with the same drafts: one map of texts each, a field's name to its answer, in their
//! own compact encodings, incremental updates. They commit once for each time without a connection,
//! which is the cheapest for them, and get our short numbers of phones instead of their own long
//! random names.

use super::drafts::Replica;
use super::ours::Form;
use anyhow::Context as _;
use automerge::transaction::Transactable as _;
use automerge::{ActorId, AutoCommit, ChangeHash, ROOT, ReadDoc as _};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use loro::{ExportMode, LoroDoc, LoroValue, VersionVector};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::marker::PhantomData;
use toruk_sync::draft::{Actor, Clock, DraftState, MemberSet, Sibling};
use yrs::updates::decoder::Decode as _;
use yrs::{Any, Doc, Map as _, MapRef, Out, ReadTxn as _, StateVector, Transact as _, Update};

/// The map that holds a draft.
const MAP: &str = "draft";

/// A draft as an Automerge document.
pub struct Automerge {
    document: AutoCommit,
    sent: Vec<ChangeHash>,
}

impl Automerge {
    fn of(document: AutoCommit, actor: Actor) -> Self {
        let mut document = document.with_actor(ActorId::from(actor.to_be_bytes().to_vec()));
        let sent = document.get_heads();
        Self { document, sent }
    }
}

impl Replica for Automerge {
    const NAME: &'static str = "automerge";

    fn begin(actor: Actor) -> anyhow::Result<Self> {
        Ok(Self::of(AutoCommit::new(), actor))
    }

    fn open(stored: &[u8], actor: Actor) -> anyhow::Result<Self> {
        Ok(Self::of(AutoCommit::load(stored)?, actor))
    }

    fn set(&mut self, field: &str, answer: &str) -> anyhow::Result<()> {
        Ok(self.document.put(ROOT, field, answer)?)
    }

    fn delta(&mut self) -> anyhow::Result<Vec<u8>> {
        let delta = self.document.save_after(&self.sent);
        self.sent = self.document.get_heads();
        Ok(delta)
    }

    fn merge(&mut self, delta: &[u8]) -> anyhow::Result<()> {
        self.document.load_incremental(delta)?;
        self.sent = self.document.get_heads();
        Ok(())
    }

    fn stored(&mut self) -> anyhow::Result<Vec<u8>> {
        Ok(self.document.save())
    }

    fn answers(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut answers = BTreeMap::new();
        for field in self.document.keys(ROOT) {
            let (value, _) = self.document.get(ROOT, &field)?.context("a key without a value")?;
            answers.insert(field, value.into_string().ok().context("not a text")?);
        }
        Ok(answers)
    }
}

/// The choice between Yjs' two encodings.
pub trait YrsEncoding {
    /// As it is called in the table.
    const NAME: &'static str;
    /// The changes that the document has and `seen` has not.
    fn encode(transaction: &yrs::Transaction<'_>, seen: &StateVector) -> Vec<u8>;
    /// And back.
    ///
    /// # Errors
    /// When it is not one.
    fn decode(bytes: &[u8]) -> Result<Update, yrs::encoding::read::Error>;
}

/// The first version of the encoding, the usual one.
pub struct V1;
/// The denser one, for large documents.
pub struct V2;

impl YrsEncoding for V1 {
    const NAME: &'static str = "yrs v1";

    fn encode(transaction: &yrs::Transaction<'_>, seen: &StateVector) -> Vec<u8> {
        transaction.encode_diff_v1(seen)
    }

    fn decode(bytes: &[u8]) -> Result<Update, yrs::encoding::read::Error> {
        Update::decode_v1(bytes)
    }
}

impl YrsEncoding for V2 {
    const NAME: &'static str = "yrs v2";

    fn encode(transaction: &yrs::Transaction<'_>, seen: &StateVector) -> Vec<u8> {
        transaction.encode_diff_v2(seen)
    }

    fn decode(bytes: &[u8]) -> Result<Update, yrs::encoding::read::Error> {
        Update::decode_v2(bytes)
    }
}

/// Yrs; it collects what was replaced, as is its default.
pub struct Yrs<E> {
    document: Doc,
    map: MapRef,
    sent: StateVector,
    encoding: PhantomData<E>,
}

impl<E: YrsEncoding> Replica for Yrs<E> {
    const NAME: &'static str = E::NAME;

    fn begin(actor: Actor) -> anyhow::Result<Self> {
        let document = Doc::with_client_id(u64::from(actor));
        let map = document.get_or_insert_map(MAP);
        Ok(Self { document, map, sent: StateVector::default(), encoding: PhantomData })
    }

    fn open(stored: &[u8], actor: Actor) -> anyhow::Result<Self> {
        let mut replica = Self::begin(actor)?;
        replica.merge(stored)?;
        Ok(replica)
    }

    fn set(&mut self, field: &str, answer: &str) -> anyhow::Result<()> {
        self.map.insert(&mut self.document.transact_mut(), field, answer);
        Ok(())
    }

    fn delta(&mut self) -> anyhow::Result<Vec<u8>> {
        let transaction = self.document.transact();
        let delta = E::encode(&transaction, &self.sent);
        self.sent = transaction.state_vector();
        Ok(delta)
    }

    fn merge(&mut self, delta: &[u8]) -> anyhow::Result<()> {
        let mut transaction = self.document.transact_mut();
        transaction.apply_update(E::decode(delta)?)?;
        self.sent = transaction.state_vector();
        Ok(())
    }

    fn stored(&mut self) -> anyhow::Result<Vec<u8>> {
        Ok(E::encode(&self.document.transact(), &StateVector::default()))
    }

    fn answers(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let transaction = self.document.transact();
        let text = |(field, value): (&str, Out)| match value {
            Out::Any(Any::String(answer)) => Ok((field.to_owned(), answer.to_string())),
            other => anyhow::bail!("not a text: {other:?}"),
        };
        self.map.iter(&transaction).map(text).collect()
    }
}

/// Loro with its whole history; its form without history can't merge what was written before it.
pub struct Loro {
    document: LoroDoc,
    sent: VersionVector,
}

impl Loro {
    fn of(document: LoroDoc, actor: Actor) -> anyhow::Result<Self> {
        document.set_peer_id(u64::from(actor))?;
        let sent = document.oplog_vv();
        Ok(Self { document, sent })
    }
}

impl Replica for Loro {
    const NAME: &'static str = "loro";

    fn begin(actor: Actor) -> anyhow::Result<Self> {
        Self::of(LoroDoc::new(), actor)
    }

    fn open(stored: &[u8], actor: Actor) -> anyhow::Result<Self> {
        Self::of(LoroDoc::from_snapshot(stored)?, actor)
    }

    fn set(&mut self, field: &str, answer: &str) -> anyhow::Result<()> {
        Ok(self.document.get_map(MAP).insert(field, answer)?)
    }

    fn delta(&mut self) -> anyhow::Result<Vec<u8>> {
        self.document.commit();
        let delta = self.document.export(ExportMode::updates(&self.sent))?;
        self.sent = self.document.oplog_vv();
        Ok(delta)
    }

    fn merge(&mut self, delta: &[u8]) -> anyhow::Result<()> {
        self.document.import(delta)?;
        self.sent = self.document.oplog_vv();
        Ok(())
    }

    fn stored(&mut self) -> anyhow::Result<Vec<u8>> {
        self.document.commit();
        Ok(self.document.export(ExportMode::Snapshot)?)
    }

    fn answers(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let LoroValue::Map(map) = self.document.get_map(MAP).get_deep_value() else {
            anyhow::bail!("not a map");
        };
        let text = |(field, value): (&String, &LoroValue)| match value {
            LoroValue::String(answer) => Ok((field.clone(), answer.to_string())),
            other => anyhow::bail!("not a text: {other:?}"),
        };
        map.iter().map(text).collect()
    }
}

/// Our JSON through deflate, as an HTTP server would send it.
pub struct Deflated;

impl Form for Deflated {
    const NAME: &'static str = "toruk deflated";

    fn encode(state: &DraftState) -> anyhow::Result<Vec<u8>> {
        deflate(&serde_json::to_vec(state)?)
    }

    fn decode(bytes: &[u8]) -> anyhow::Result<DraftState> {
        let mut json = Vec::new();
        ZlibDecoder::new(bytes).read_to_end(&mut json)?;
        Ok(serde_json::from_slice(&json)?)
    }
}

/// Through deflate, at its usual effort.
///
/// # Errors
/// None, in memory.
pub fn deflate(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// A form that we could send instead of JSON.
pub struct Postcard;

/// The answers that stand beside each other in a field.
type Siblings = Vec<(Clock, Option<String>)>;

/// The parts of [`DraftState`] in their order. Its own serialisation leaves out what is empty, which
/// a form without names can't.
#[derive(Serialize, Deserialize)]
struct Plain {
    fields: Vec<(String, Siblings)>,
    files: Option<MemberSet<toruk_sync::draft::FileRef>>,
    groups: Option<MemberSet<toruk_sync::draft::Group>>,
}

impl Form for Postcard {
    const NAME: &'static str = "toruk postcard";

    fn encode(state: &DraftState) -> anyhow::Result<Vec<u8>> {
        let plain = |sibling: &Sibling| (sibling.clock.clone(), sibling.value.clone());
        let fields = state.fields.iter().map(|(field, siblings)| {
            (field.clone(), siblings.iter().map(plain).collect::<Siblings>())
        });
        let (files, groups) = (state.files.clone(), state.groups.clone());
        Ok(postcard::to_stdvec(&Plain { fields: fields.collect(), files, groups })?)
    }

    fn decode(bytes: &[u8]) -> anyhow::Result<DraftState> {
        let Plain { fields, files, groups } = postcard::from_bytes(bytes)?;
        let fields = fields.into_iter().map(|(field, siblings)| {
            let sibling = |(clock, value)| Sibling { clock, value };
            (field, siblings.into_iter().map(sibling).collect())
        });
        Ok(DraftState { fields: fields.collect(), files, groups })
    }
}

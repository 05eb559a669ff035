//! People's keys in a file of their own, apart from the copies of the database that they open.
//!
//! # Why apart
//! A person is forgotten by destroying their key. A backup of the database is kept for years, and
//! would have the key of its day beside what it sealed. So a backup leaves the keys out, and they are
//! backed up by themselves: only the newest file is needed, with any older database. Once the files
//! from before a person was forgotten are removed, their data is readable nowhere.
//!
//! # Why a server does not start without them
//! It would take everybody for forgotten, and seal new data under nothing.

use crate::db::{Db, StoreError};
use crate::entity::{person, person_key, person_secret};
use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sea_orm::prelude::Expr;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use toruk_sync::domain::id::PersonId;
use uuid::Uuid;

/// The file's first line says so.
const FORMAT: &str = "toruk/person-keys/v1";
/// Rows read at a time.
const PAGE: u64 = 1_000;

/// The first line of a file of keys.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    /// Of the key that wraps these: `person.key` of the same server.
    fingerprint: String,
}

/// The last line: a file that lacks it was not written to its end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Footer {
    /// Number of the lines between.
    keys: usize,
}

/// Each line between. It opens nothing without `person.key`.
#[derive(Debug, Serialize, Deserialize)]
struct KeptLine {
    person: Uuid,
    /// Base64; absent once it was destroyed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    wrapped: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    destroyed_at: Option<i64>,
}

/// What was put back into a database.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RestoredKeys {
    /// Keys that were missing.
    pub restored: usize,
    /// People who were forgotten after this database was copied: what it still has of them is to be
    /// removed once more.
    pub forgotten: Vec<PersonId>,
}

/// Writes all keys into a new file of mode 0600, on disk when this returns; returns their number.
///
/// # Errors
/// When the file is there already or can't be written, or the database lacks keys or fails.
pub async fn write(db: &impl ConnectionTrait, to: &Path) -> anyhow::Result<usize> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(to);
    let mut file = BufWriter::new(file.with_context(|| format!("{} can't be made", to.display()))?);
    let mut line = |line: &str| writeln!(file, "{line}");
    line(&serde_json::to_string(&Header {
        format: FORMAT.to_owned(),
        fingerprint: fingerprint(db).await?,
    })?)?;
    let (mut written, mut after) = (0, None);
    loop {
        let mut page = person_key::Entity::find().order_by_asc(person_key::Column::Person);
        if let Some(after) = after {
            page = page.filter(person_key::Column::Person.gt(after));
        }
        let rows = page.limit(PAGE).all(db).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.person);
        for person_key::Model { person, wrapped, destroyed_at } in rows {
            let is_apart = wrapped.is_none() && destroyed_at.is_none();
            ensure!(!is_apart, "this database lacks its keys itself: restore them first");
            let wrapped = wrapped.map(|wrapped| STANDARD_NO_PAD.encode(wrapped));
            line(&serde_json::to_string(&KeptLine { person, wrapped, destroyed_at })?)?;
            written += 1;
        }
    }
    line(&serde_json::to_string(&Footer { keys: written })?)?;
    file.into_inner().context("the keys can't be written")?.sync_all()?;
    Ok(written)
}

/// Takes all keys out of a copy of a database. What was destroyed stays marked so.
///
/// # Errors
/// When the database fails.
pub async fn take_out(db: &impl ConnectionTrait) -> anyhow::Result<()> {
    person_key::Entity::update_many()
        .col_expr(person_key::Column::Wrapped, Expr::value(None::<Vec<u8>>))
        .exec(db)
        .await?;
    Ok(())
}

/// Refuses a database whose keys are apart from it.
///
/// # Errors
/// When keys are missing, with their number and what to do; when the database fails.
pub async fn require(db: &Db) -> anyhow::Result<()> {
    let taken = person_key::Entity::find().filter(is_taken()).count(db.read()).await?;
    let mut with_key = Query::select();
    with_key.column(person_key::Column::Person).from(person_key::Entity);
    let without = person::Entity::find()
        .filter(person::Column::PinSealed.is_not_null())
        .filter(person::Column::Id.not_in_subquery(with_key));
    let missing = taken + without.count(db.read()).await?;
    ensure!(
        missing == 0,
        "the keys of {missing} people are apart from this database, as a backup leaves them: put the \
         newest ones back by `toruk person restore-keys --from FILE`"
    );
    Ok(())
}

/// Puts keys back into a database that lacks them; those of people who were forgotten since stay
/// destroyed. All or nothing.
///
/// # Errors
/// When the file is none of these, is older than the database, or was made with another
/// `person.key`; when the database fails.
pub async fn restore(db: &Db, from: &Path) -> anyhow::Result<RestoredKeys> {
    let (header, kept) = read(from)?;
    let txn = db.begin().await?;
    ensure!(
        header.fingerprint == fingerprint(&txn).await?,
        "{} has the keys of another server: its person.key is another one",
        from.display()
    );
    let rows = person_key::Entity::find().all(&txn).await?;
    let known: BTreeMap<Uuid, person_key::Model> =
        rows.into_iter().map(|row| (row.person, row)).collect();
    let is_missing = |row: &&person_key::Model| row.wrapped.is_none() && row.destroyed_at.is_none();
    let lost = known.values().filter(is_missing).filter(|row| !kept.contains_key(&row.person));
    let lost = lost.count();
    ensure!(lost == 0, "{} is older than the database: it lacks {lost} keys", from.display());
    let mut done = RestoredKeys::default();
    for (person, (wrapped, destroyed_at)) in kept {
        let row = known.get(&person);
        let is_destroyed = row.is_some_and(|row| row.destroyed_at.is_some());
        let has_key = row.is_some_and(|row| row.wrapped.is_some());
        if is_destroyed || (has_key && destroyed_at.is_none()) {
            continue;
        }
        // Somebody who came after the copy is not in it.
        if row.is_none() && person::Entity::find_by_id(person).one(&txn).await?.is_none() {
            continue;
        }
        match destroyed_at {
            Some(_) => done.forgotten.push(PersonId(person)),
            None => done.restored += 1,
        }
        let row = person_key::ActiveModel {
            person: Set(person),
            wrapped: Set(wrapped),
            destroyed_at: Set(destroyed_at),
        };
        let columns = [person_key::Column::Wrapped, person_key::Column::DestroyedAt];
        let same =
            OnConflict::column(person_key::Column::Person).update_columns(columns).to_owned();
        person_key::Entity::insert(row).on_conflict(same).exec_without_returning(&txn).await?;
    }
    db.commit(txn).await?;
    Ok(done)
}

type KeptKeys = BTreeMap<Uuid, (Option<Vec<u8>>, Option<i64>)>;

fn read(from: &Path) -> anyhow::Result<(Header, KeptKeys)> {
    let file = File::open(from).with_context(|| format!("{} can't be read", from.display()))?;
    let lines = BufReader::new(file).lines().collect::<Result<Vec<_>, _>>()?;
    let (first, lines) = lines.split_first().context("an empty file")?;
    let header: Header = serde_json::from_str(first)
        .ok()
        .filter(|header: &Header| header.format == FORMAT)
        .with_context(|| format!("{} is no file of people's keys", from.display()))?;
    let unfinished = || format!("{} has no end: it was not written whole", from.display());
    let (last, lines) = lines.split_last().with_context(unfinished)?;
    let end: Footer = serde_json::from_str(last).with_context(unfinished)?;
    ensure!(end.keys == lines.len(), unfinished());
    let mut kept = KeptKeys::new();
    for (no, line) in lines.iter().enumerate() {
        let damaged = || format!("{}, line {}: damaged", from.display(), no + 2);
        let line: KeptLine = serde_json::from_str(line).with_context(damaged)?;
        let wrapped = line.wrapped.map(|wrapped| STANDARD_NO_PAD.decode(wrapped));
        let wrapped = wrapped.transpose().with_context(damaged)?;
        ensure!(wrapped.is_some() != line.destroyed_at.is_some(), damaged());
        kept.insert(line.person, (wrapped, line.destroyed_at));
    }
    Ok((header, kept))
}

/// A key that was taken out, and not destroyed.
fn is_taken() -> Condition {
    let without = Condition::all().add(person_key::Column::Wrapped.is_null());
    without.add(person_key::Column::DestroyedAt.is_null())
}

/// Of the key that this database's people are sealed with; empty before there is one.
async fn fingerprint(db: &impl ConnectionTrait) -> Result<String, StoreError> {
    let row = person_secret::Entity::find().one(db).await?;
    Ok(row.map(|row| row.fingerprint).unwrap_or_default())
}

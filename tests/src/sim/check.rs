//! Invariants of every story. The server's side is read from its tables, not asked of the code that
//! syncs.

use super::phone::SimPhone;
use super::server::SimServer;
use crate::world::api_client::ApiClient;
use anyhow::{Context as _, ensure};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use std::collections::BTreeSet;
use toruk_mobile_core::engine::outbox::Waiting;
use toruk_server::entity::{application, blob, device, draft, followed, op_receipt, sync_row};
use toruk_server::person_texts::TextColumn;
use toruk_sync::domain::application::Application;
use toruk_sync::draft::{DeltaFault, Draft, DraftState, Followed, FollowedSet, draft_id};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::operations::{Operation, OperationRejection, Outcome, Verdict};
use toruk_sync::protocol::pull::{Scope, kind};
use toruk_sync::signing::ApplicationPayload;

/// I4: what waits and could go is under way, or has a time at which it will be looked at again.
pub fn no_wake_up_is_lost(phone: &SimPhone) -> anyhow::Result<()> {
    let engine = &phone.engine;
    let stored = |sha256: &str| engine.uploads().is_stored(sha256);
    let waits = engine.outbox().has_ready(stored) || engine.uploads().pending() > 0;
    let could = engine.is_online() && engine.is_signed_in();
    let will = !phone.asked.is_empty() || phone.wake.is_some();
    ensure!(!waits || !could || will, "I4: something waits, and nobody will look at it again");
    Ok(())
}

/// Everything that must hold when the world is whole and the phones have come to rest.
pub async fn all(
    yard: &SimServer,
    person: &ApiClient,
    phones: &[SimPhone],
    auction: &AuctionView,
) -> anyhow::Result<()> {
    let id = auction.auction.birth.id;
    let db = yard.state().context.db.read();
    let rows = application::Entity::find()
        .filter(application::Column::Auction.eq(id.0))
        .filter(application::Column::Person.eq(person.session.person.0))
        .all(db)
        .await?;
    ensure!(rows.len() <= 1, "I3: {} applications of one person to one auction", rows.len());
    let applied = rows.first();
    if let Some(row) = applied {
        in_time(row, auction)?;
        whole(yard, row).await?;
    }
    let name = draft_id(person.session.person, id);
    let stored = draft::Entity::find_by_id(name.0).one(db).await?;
    for phone in phones {
        decided_once(yard, phone).await?;
        same_rows(yard, person, phone).await?;
        files_taken(phone)?;
        let waiting = phone.engine.outbox().waiting().count();
        ensure!(waiting == 0, "I4: {waiting} operations wait in a whole world");
        let shown = phone.engine.mine().context("I1: the phone has not heard of itself")?;
        let shown = shown.applications.iter().find(|own| own.application.auction == id);
        let shown = shown.map(|own| &own.application);
        let held =
            applied.map(|row| serde_json::from_str::<Application>(&row.state)).transpose()?;
        ensure!(shown == held.as_ref(), "I1: the phone shows {shown:?}, the server has {held:?}");
        let server = match &stored {
            Some(stored) if stored.closed => None,
            Some(stored) => {
                let text = yard.opened(stored.person, TextColumn::Draft, &stored.state).await?;
                Some(serde_json::from_str(&text)?)
            }
            None => Some(DraftState::default()),
        };
        if let Some(server) = server {
            nothing_lost(phone, &server, auction)?;
        }
        nothing_forged(phone)?;
        same_followed(yard, person, phone).await?;
    }
    Ok(())
}

/// I12: what the app took from the camera, the server takes too, no matter who answered meanwhile. Only an
/// account that is full is a reason.
fn files_taken(phone: &SimPhone) -> anyhow::Result<()> {
    let other = phone.engine.uploads().refused().find(|(_, code)| *code != "limit_reached");
    ensure!(other.is_none(), "I12: a file was refused: {other:?}");
    let on_the_way = phone.engine.uploads().to_go().count();
    ensure!(on_the_way == 0, "I4: {on_the_way} files wait in a whole world");
    Ok(())
}

/// I13: nothing late was taken.
fn in_time(row: &application::Model, auction: &AuctionView) -> anyhow::Result<()> {
    let terms = auction.auction.terms.as_ref().context("no terms")?;
    ensure!(
        row.received_at <= terms.tender_end.0,
        "I13: received {} µs after the end",
        row.received_at - terms.tender_end.0
    );
    Ok(())
}

/// I15: each file of an application is whole, verified and its person's.
async fn whole(yard: &SimServer, row: &application::Model) -> anyhow::Result<()> {
    let canonical = yard.opened(row.person, TextColumn::Package, &row.package).await?;
    let (_, package) = canonical.split_once('\n').context("a package without its kind")?;
    let package: ApplicationPayload = serde_json::from_str(package)?;
    for file in &package.files {
        let stored = blob::Entity::find_by_id((row.person, file.sha256.clone()))
            .one(yard.state().context.db.read())
            .await?;
        let stored = stored.is_some_and(|blob| blob.stored);
        ensure!(stored, "I15: {} is not there", file.sha256);
    }
    Ok(())
}

/// I3: each number of a phone was decided once, without a gap.
async fn decided_once(yard: &SimServer, phone: &SimPhone) -> anyhow::Result<()> {
    let db = yard.state().context.db.read();
    let device = phone.session.device.0;
    let next = device::Entity::find_by_id(device).one(db).await?.context("no device")?.next_op_no;
    let receipts = op_receipt::Entity::find()
        .filter(op_receipt::Column::Device.eq(device))
        .order_by_asc(op_receipt::Column::OpNo)
        .all(db)
        .await?;
    let numbers: Vec<i64> = receipts.iter().map(|receipt| receipt.op_no).collect();
    ensure!(numbers == (1..next).collect::<Vec<_>>(), "I3: decided {numbers:?}, next {next}");
    Ok(())
}

/// The server's decisions about a phone's operations.
pub async fn verdicts(yard: &SimServer, phone: &SimPhone) -> anyhow::Result<Vec<Verdict>> {
    let of_phone = op_receipt::Column::Device.eq(phone.session.device.0);
    let receipts = op_receipt::Entity::find().filter(of_phone);
    let receipts = receipts.all(yard.state().context.db.read()).await?;
    let outcome = |receipt: op_receipt::Model| serde_json::from_str::<Outcome>(&receipt.outcome);
    Ok(receipts
        .into_iter()
        .map(outcome)
        .map(|outcome| Ok(outcome?.verdict))
        .collect::<Result<Vec<_>, serde_json::Error>>()?)
}

/// I1, I6, I8: the phone has each row of its person that is not removed, of its newest change, and
/// no other.
async fn same_rows(yard: &SimServer, person: &ApiClient, phone: &SimPhone) -> anyhow::Result<()> {
    let scope = format!("person:{}", person.session.person);
    let rows = sync_row::Entity::find()
        .filter(sync_row::Column::Scope.eq(scope))
        .filter(sync_row::Column::Deleted.eq(false))
        .all(yard.state().context.db.read())
        .await?;
    let held: BTreeSet<(String, String, u64)> = rows
        .into_iter()
        .map(|row| Ok((row.kind, row.id, u64::try_from(row.seq)?)))
        .collect::<anyhow::Result<_>>()?;
    let pulls = phone.engine.pulls();
    let mut shown = BTreeSet::new();
    let kinds = [kind::APPLICATION, kind::DRAFT, kind::OUTCOME, kind::FOLLOWED, kind::RECEIPT];
    for kind in kinds {
        let rows = pulls.of_kind(Scope::Person, kind);
        shown.extend(rows.map(|(id, row)| (kind.to_owned(), id.to_owned(), row.seq)));
    }
    ensure!(
        shown == held,
        "I1: only here {:?}, only there {:?}",
        shown.difference(&held).collect::<Vec<_>>(),
        held.difference(&shown).collect::<Vec<_>>()
    );
    Ok(())
}

/// I2, I1: the server has every write of the phone's draft, or the phone shows the refused part to
/// its person; and the phone has every write of the server's.
fn nothing_lost(
    phone: &SimPhone,
    server: &DraftState,
    auction: &AuctionView,
) -> anyhow::Result<()> {
    let own = phone.engine.drafts().get(auction.auction.birth.id);
    let own = own.map(Draft::state).unwrap_or_default();
    let mut both = Draft::from(server);
    both.merge(&own);
    let both = both.state();
    let is_part = |row: &Waiting| matches!(row.operation, Operation::EditDraft { .. });
    let told = phone.engine.attention().values().any(|attention| is_part(&attention.row));
    ensure!(
        told || is_same(&both, server),
        "I2: the server has {server:?}, the phone wrote {own:?}"
    );
    let mut both = Draft::from(&own);
    both.merge(server);
    ensure!(both.state() == own, "I1: the phone has {own:?}, the server {server:?}");
    // Agreement: one answer is shown everywhere, and the same conflicts.
    let shown = |state: &DraftState| {
        let draft = Draft::from(state);
        (draft.answers(), draft.conflicts(), draft.files(), draft.groups())
    };
    ensure!(told || shown(&own) == shown(server), "I1: the phone shows {own:?}, not {server:?}");
    Ok(())
}

/// Returns `true` if two drafts hold the same; one that nobody has written has no files yet.
fn is_same(one: &DraftState, other: &DraftState) -> bool {
    Draft::from(one).state() == Draft::from(other).state()
}

/// I1: no honest phone is refused as forged for good, whatever the server has lost.
fn nothing_forged(phone: &SimPhone) -> anyhow::Result<()> {
    let forged = Verdict::Refused(OperationRejection::Draft(DeltaFault::ForgedClock));
    for attention in phone.engine.attention().values() {
        let verdict = attention.outcome.as_ref().map(|outcome| &outcome.verdict);
        ensure!(verdict != Some(&forged), "I1: refused as forged: {:?}", attention.row);
    }
    Ok(())
}

/// I1: the phone follows what the server has, unless it holds a refused change of it.
async fn same_followed(
    yard: &SimServer,
    person: &ApiClient,
    phone: &SimPhone,
) -> anyhow::Result<()> {
    let is_change = |row: &Waiting| matches!(row.operation, Operation::EditFollowed { .. });
    if phone.engine.attention().values().any(|attention| is_change(&attention.row)) {
        return Ok(());
    }
    let db = yard.state().context.db.read();
    let stored = followed::Entity::find_by_id(person.session.person.0).one(db).await?;
    let stored = stored.map(|row| serde_json::from_str::<Followed>(&row.state)).transpose()?;
    let there = stored.as_ref().map(FollowedSet::from).unwrap_or_default().auctions();
    let here = phone.engine.followed();
    ensure!(here == there, "I1: the phone follows {here:?}, the server has {there:?}");
    Ok(())
}

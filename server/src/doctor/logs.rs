//! The chains: auctions' logs and the audit trail.

use super::findings::{Damage, Examination};
use crate::db::StoreError;
use crate::entity::{auction, auction_event, audit_event};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::auction::{Auction, Event};
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::{GENESIS, Record, link};
use toruk_sync::signing::canonical_json;
use toruk_sync::verify::Replay;

/// Rows that are read at a time.
const ROWS: u64 = 1_000;

pub async fn auctions(
    db: &impl ConnectionTrait,
    found: &mut Examination,
) -> Result<(), StoreError> {
    let query = auction::Entity::find().order_by_asc(auction::Column::Id);
    let mut pages = query.paginate(db, ROWS);
    while let Some(rows) = pages.fetch_and_next().await? {
        for row in rows {
            found.auctions += 1;
            one_auction(db, &row, found).await?;
        }
    }
    Ok(())
}

async fn one_auction(
    db: &impl ConnectionTrait,
    row: &auction::Model,
    found: &mut Examination,
) -> Result<(), StoreError> {
    let rows = auction_event::Entity::find()
        .filter(auction_event::Column::Auction.eq(row.id))
        .order_by_asc(auction_event::Column::Seq)
        .all(db)
        .await?;
    let (mut log, mut head) = (Vec::with_capacity(rows.len()), GENESIS);
    for event in &rows {
        let Ok(read) = serde_json::from_str::<Event>(&event.event) else {
            let why = format!("record {} can't be read", event.seq);
            found.wrong(Damage::AuctionLog, row.id, why);
            return Ok(());
        };
        let seq = u64::try_from(event.seq).unwrap_or_default();
        let auction = AuctionId(row.id);
        let record = Record { auction, seq, at: Timestamp(event.at), event: read };
        head = link(&head, &record);
        if head[..] != event.hash[..] {
            let why = format!("the hash of record {seq} is not that of its content");
            found.wrong(Damage::AuctionLog, row.id, why);
            return Ok(());
        }
        log.push(record);
    }
    if row.head[..] != head[..] || usize::try_from(row.seq) != Ok(log.len()) {
        let why = format!("the log has {} records, the auction counts {}", log.len(), row.seq);
        found.wrong(Damage::AuctionHead, row.id, why);
        return Ok(());
    }
    match Replay::of(&log) {
        Ok(replay) => {
            let state = serde_json::from_str::<Auction>(&row.state);
            if state.ok().as_ref() != Some(replay.auction()) {
                found.wrong(Damage::AuctionHead, row.id, "its state is not what its log makes");
            }
        }
        Err(fault) => found.wrong(Damage::AuctionLog, row.id, fault),
    }
    Ok(())
}

pub async fn audit_trail(
    db: &impl ConnectionTrait,
    found: &mut Examination,
) -> Result<(), StoreError> {
    let query = audit_event::Entity::find().order_by_asc(audit_event::Column::Seq);
    let mut pages = query.paginate(db, ROWS);
    let (mut previous, mut expected) = (vec![0; 32], 1);
    while let Some(rows) = pages.fetch_and_next().await? {
        for row in rows {
            found.acts += 1;
            let hash = hash_of(&row, &previous);
            if row.seq != expected || row.hash != hash {
                let why = format!("act {expected} was changed or removed");
                found.wrong(Damage::AuditChain, "audit trail", why);
                return Ok(());
            }
            (previous, expected) = (hash, expected + 1);
        }
    }
    Ok(())
}

fn hash_of(row: &audit_event::Model, previous: &[u8]) -> Vec<u8> {
    let actor = row.actor.map(PersonId);
    let at = Timestamp(row.at);
    let content = json!([row.seq, at, actor, row.role, row.action, row.object, row.detail]);
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(canonical_json(&content));
    hasher.finalize().to_vec()
}

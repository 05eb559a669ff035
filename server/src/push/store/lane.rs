//! Rows of notices of bids on PostgreSQL: one statement for all of a batch.

use super::super::notice::{GroupNotice, PersonNotice};
use super::{KIND, body, groups, key};
use crate::db::StoreError;
use crate::db::lane::LaneTxn;
use sea_orm::sqlx::query;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Inserts notices, each with the ids of its row and of its push, and notices to groups.
pub async fn insert_all(
    txn: &mut LaneTxn,
    people: &[(Uuid, Uuid, PersonNotice)],
    all: &[(Uuid, GroupNotice)],
    at: Timestamp,
) -> Result<(), StoreError> {
    const SQL: &str = "\
        WITH made AS (INSERT INTO notification (id, person, kind, auction, seq, expires_at, \
            created_at) SELECT n.id, n.person, n.kind, n.auction, n.seq, n.expires_at, $10 \
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::int8[], $6::int8[]) \
            AS n (id, person, kind, auction, seq, expires_at)) \
        INSERT INTO outbox (id, kind, body, attempts, next_at, created_at) \
            SELECT n.id, n.kind, n.body, 0, $10, $10 \
            FROM unnest($7::uuid[], $8::text[], $9::text[]) AS n (id, kind, body)";
    let (mut kinds, mut seqs) = (Vec::new(), Vec::new());
    let (mut ids, mut outbox_kinds, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for (id, push, notice) in people {
        kinds.push(key(notice.kind)?);
        seqs.push(i64::try_from(notice.seq).map_err(StoreError::damaged("notification"))?);
        ids.push(*push);
        outbox_kinds.push(KIND);
        bodies.push(body(*id, None)?);
    }
    for (id, notice) in all {
        ids.push(*id);
        outbox_kinds.push(groups::KIND);
        bodies.push(groups::first_body(*notice)?);
    }
    let statement = query(SQL)
        .bind(people.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
        .bind(people.iter().map(|(_, _, notice)| notice.person.0).collect::<Vec<_>>())
        .bind(kinds)
        .bind(people.iter().map(|(_, _, notice)| notice.auction.0).collect::<Vec<_>>())
        .bind(seqs)
        .bind(people.iter().map(|(_, _, notice)| notice.expires_at.0).collect::<Vec<_>>())
        .bind(ids)
        .bind(outbox_kinds)
        .bind(bodies)
        .bind(at.0);
    statement.execute(txn.connection()).await?;
    Ok(())
}

//! Reads, without the server, the state that it has left in its database.

use super::history::{Demands, Finding, Kind, Operation, check};
use anyhow::Context as _;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, Statement,
};
use toruk_server::config::Config;
use toruk_server::db::Db;
use toruk_server::entity::{auction, auction_event};
use toruk_sync::domain::auction::{Auction, Event, create, evolve};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::{GENESIS, Record, link};

/// Reads an auction's log and checks what the rows say of themselves: the stored hashes are the
/// chain's, the auction's row is the fold of its log, the database is whole.
///
/// # Errors
/// When the database can't be read, or a row is not what it must be.
pub async fn read(config: &Config, id: AuctionId) -> anyhow::Result<(Vec<Record>, Vec<Finding>)> {
    let db = Db::open(&config.database_url).await?;
    let mut findings = Vec::new();
    let rows = auction_event::Entity::find()
        .filter(auction_event::Column::Auction.eq(id.0))
        .order_by_asc(auction_event::Column::Seq)
        .all(db.read())
        .await?;
    let (mut log, mut head) = (Vec::with_capacity(rows.len()), GENESIS);
    for row in rows {
        let event = serde_json::from_str(&row.event)?;
        let (seq, at) = (u64::try_from(row.seq)?, Timestamp(row.at));
        let record = Record { auction: id, seq, at, event };
        head = link(&head, &record);
        if row.hash != head {
            findings.push(Finding::new(Kind::Damaged, format!("the hash of record {seq}")));
        }
        log.push(record);
    }
    let row = auction::Entity::find_by_id(id.0).one(db.read()).await?.context("no auction")?;
    let folded = fold(&log).context("an empty log")?;
    let length = i64::try_from(log.len())?;
    let stored: Auction = serde_json::from_str(&row.state)?;
    if row.seq != length || row.head != head || stored != folded {
        let detail = format!("the auction's row, at {} of {length}, is not its log's", row.seq);
        findings.push(Finding::new(Kind::Damaged, detail));
    }
    if db.backend() == DbBackend::Sqlite {
        let statement = Statement::from_string(DbBackend::Sqlite, "PRAGMA quick_check");
        let said = db.read().query_one_raw(statement).await?.context("no answer")?;
        let said: String = said.try_get_by_index(0)?;
        if said != "ok" {
            findings.push(Finding::new(Kind::Damaged, said));
        }
    }
    // Closed later, it would write its log of changes into whatever is there by then.
    db.close().await?;
    Ok((log, findings))
}

/// Holds what all bidders did in one auction against what the server has left.
///
/// # Errors
/// As [`read`].
pub async fn audit(
    config: &Config,
    id: AuctionId,
    operations: &[Operation],
    demands: Demands,
) -> anyhow::Result<Vec<Finding>> {
    let (log, mut findings) = read(config, id).await?;
    findings.extend(check(operations, &log, demands));
    Ok(findings)
}

fn fold(log: &[Record]) -> Option<Auction> {
    let (first, rest) = log.split_first()?;
    let Event::Created { birth } = &first.event else { return None };
    let born = create(birth.clone()).0;
    Some(rest.iter().fold(born, |auction, record| evolve(auction, &record.event)))
}

//! The server of a benchmark, in a process of its own, with a catalogue written into its database.

use crate::outside::listening::any_port;
use crate::perf::server::BenchServer;
use crate::world::seed::seed;
use crate::world::seed::{SeedPlan, SeededBidder, unhurried};
use crate::world::until;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
};
use std::sync::Arc;
use tempfile::TempDir;
use toruk_server::clock::{Clock as _, SystemClock};
use toruk_server::config::Config;
use toruk_server::db::Db;
use toruk_server::db::change_counter::SyncScope;
use toruk_server::entity::{auction, catalogue_entry};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::pull::kind;

/// Longer than any benchmark.
const WINDOW: TimeSpan = TimeSpan::hours(20);
/// From the start of the benchmark until bidding opens.
const UNTIL_START: TimeSpan = TimeSpan::minutes(160);
/// From the end of applications to the start: they are closed when a benchmark begins, and nothing
/// else happens to an auction before its start.
const TENDER_END_BEFORE_START: TimeSpan = TimeSpan::minutes(165);
/// Number of bidders in every auction: enough that none fails.
const BIDDERS: usize = 2;
/// Names in one statement.
const NAMES_AT_ONCE: usize = 500;
/// Titles as long as those of the portal, and public numbers of their real form.
const AS_PUBLISHED: [&str; 2] = [
    r#"UPDATE lot SET address = '{"region":"Чүй","settlement":"Кант"}', title =
       '{"ky":"№ ' || rowid || ' жер участогу, айыл чарба багытындагы",'
       || '"ru":"Земельный участок № ' || rowid || ' сельскохозяйственного назначения"}'"#,
    "UPDATE auction SET number = printf('TRK-KG-20261115-%06d-7', rowid)",
];

/// A card's state after one more record.
const NEXT_CARD: &str = "json_set(state_card, '$.seq', card_seq + 1)";

/// A seeded server in a process of its own.
pub struct SyncServer {
    /// Its port on loopback.
    pub port: u16,
    /// The process that serves.
    pub process: BenchServer,
    /// Ids of the seeded auctions.
    pub auctions: Vec<AuctionId>,
    /// Phones that are signed in, of people who take part in nothing.
    pub seats: Vec<SeededBidder>,
    db: Db,
    /// Goes away with the site.
    _folder: TempDir,
}

impl SyncServer {
    /// Writes so many auctions and phones, and serves them.
    ///
    /// # Errors
    /// When it can't.
    pub async fn open(auctions: usize, phones: usize) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        // Free again at once, for the process.
        let port = any_port().await?.local_addr()?.port();
        let config = Config::local(folder.path(), port);
        let clock = Arc::new(SystemClock::start());
        let now = clock.now();
        let tender_end_before_start = TENDER_END_BEFORE_START;
        let rules = RuleProfile { tender_end_before_start, ..unhurried(WINDOW) };
        let plan = SeedPlan::new(auctions, BIDDERS, rules, now + UNTIL_START);
        let seeded = seed(&config, &SeedPlan { onlookers: phones, ..plan }, now).await?;
        let db = Db::open(&config.database_url).await?.with_clock(clock);
        let txn = db.begin().await?;
        for statement in AS_PUBLISHED {
            txn.execute_unprepared(statement).await?;
        }
        db.commit(txn).await?;
        let process = BenchServer::start_on(folder.path(), port).await?;
        // The server writes the entries of the catalogue while it serves.
        until("the catalogue's entries", || async {
            let written = catalogue_entry::Entity::find()
                .filter(catalogue_entry::Column::CardSeq.is_not_null())
                .count(db.read())
                .await?;
            Ok((written >= auctions as u64).then_some(()))
        })
        .await?;
        let (auctions, seats) = (seeded.auctions, seeded.onlookers);
        Ok(Self { port, process, auctions, seats, db, _folder: folder })
    }

    /// Changes the cards of these auctions, in one transaction. Beside the rules: only the log's
    /// length in the auction's row and in its card rises.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn change(&self, auctions: &[AuctionId]) -> anyhow::Result<()> {
        use catalogue_entry::Column;
        let txn = self.db.begin().await?;
        for some in auctions.chunks(NAMES_AT_ONCE) {
            auction::Entity::update_many()
                .col_expr(auction::Column::Seq, Expr::col(auction::Column::Seq).add(1))
                .filter(auction::Column::Id.is_in(some.iter().map(|id| id.0)))
                .exec(&txn)
                .await?;
            let entry = catalogue_entry::Entity::update_many()
                .col_expr(Column::Seq, Expr::col(Column::Seq).add(1))
                .col_expr(Column::CardSeq, Expr::col(Column::CardSeq).add(1))
                .col_expr(Column::StateCard, Expr::cust(NEXT_CARD))
                .filter(Column::Auction.is_in(some.iter().map(|id| id.0)));
            entry.exec(&txn).await?;
            some.iter().for_each(|id| txn.touch(SyncScope::Catalogue, kind::CARD, id));
        }
        Ok(self.db.commit(txn).await?)
    }
}

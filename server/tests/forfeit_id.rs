//! A database of each released version gets the column of an opinion's id.

use crate::postgres;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, EntityTrait as _,
};
use toruk_migrations::{pending, up};
use toruk_server::entity::forfeit_proposal;
use uuid::Uuid;

/// The table's columns as released versions made them, and whether what waits in it stays.
const RELEASED: [(&str, bool); 2] = [
    ("deposit {id} NOT NULL PRIMARY KEY, content text NOT NULL, created_at bigint NOT NULL", false),
    (
        "deposit {id} NOT NULL PRIMARY KEY, id {id} NOT NULL, content text NOT NULL, \
            created_at bigint NOT NULL",
        true,
    ),
];

/// A migrated database, by the login that owns its tables, and the one that serves.
struct Migrated {
    owner: DatabaseConnection,
    node: DatabaseConnection,
    _database: Option<postgres::Database>,
}

impl Migrated {
    async fn new() -> Self {
        if postgres::is_chosen() {
            let database = postgres::Database::fresh().await.unwrap();
            let owner = postgres::connect(&database.owner_url).await.unwrap();
            let node = postgres::connect(&database.url).await.unwrap();
            return Self { owner, node, _database: Some(database) };
        }
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let owner = Database::connect(options).await.unwrap();
        up(&owner).await.unwrap();
        Self { node: owner.clone(), owner, _database: None }
    }

    async fn run(&self, statement: &str) {
        self.owner.execute_unprepared(statement).await.unwrap();
    }
}

#[tokio::test]
async fn opinions_have_an_id_whichever_version_made_their_table() {
    for (columns, stays) in RELEASED {
        let database = Migrated::new().await;
        let kind = if postgres::is_chosen() { "uuid" } else { "uuid_text" };
        database.run("DROP TABLE forfeit_proposal").await;
        let columns = columns.replace("{id}", kind);
        database.run(&format!("CREATE TABLE forfeit_proposal ({columns})")).await;
        database.run("DELETE FROM seaql_migrations WHERE version LIKE '%_000068_%'").await;
        let row = |deposit: u128| forfeit_proposal::Model {
            deposit: Uuid::from_u128(deposit),
            id: Uuid::from_u128(7),
            content: "{}".to_owned(),
            created_at: 0,
        };
        let put = async |deposit: u128, db: &DatabaseConnection| {
            let row = forfeit_proposal::ActiveModel::from(row(deposit));
            forfeit_proposal::Entity::insert(row).exec_without_returning(db).await
        };
        assert_eq!(put(1, &database.owner).await.is_ok(), stays, "the form of another version");
        assert_eq!(pending(&database.owner).await.unwrap().len(), 1);
        up(&database.owner).await.unwrap();
        put(2, &database.node).await.unwrap();
        let mut rows = forfeit_proposal::Entity::find().all(&database.node).await.unwrap();
        rows.sort_by_key(|row| row.deposit);
        let expected = if stays { vec![row(1), row(2)] } else { vec![row(2)] };
        assert_eq!(rows, expected);
    }
}

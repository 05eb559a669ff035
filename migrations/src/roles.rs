//! Roles on PostgreSQL and their rights: roles without a password, of which an operator's logins
//! are members. The owner of the tables migrates; the server, once granted its rights, only reads
//! and writes.
//!
//! # Why privileges beside triggers
//! The owner of a table can drop its triggers, so the server must not own it: an attacker who
//! controls the server can append to a log, but neither change nor remove its records.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// The role of a serving node: reads and writes rows, but never changes or removes a row of an
/// append-only table, and never changes a table.
pub const APP: &str = "toruk_app";
/// The role of an auditor's login: reads the logs, and nothing else.
pub const AUDITOR: &str = "toruk_auditor";

/// Tables that the auditor reads: the state of auctions, their logs, receipts and their keys, the
/// audit trail, the ledger. No names, no files, no sessions.
const AUDITED: &[&str] =
    &["auction", "auction_event", "bid_receipt", "receipt_key", "audit_event", "ledger_entry"];
/// Table of the applied migrations.
const HISTORY: &str = "seaql_migrations";

/// Creates missing roles and grants their rights. May run again at any time; on SQLite, which has
/// no roles, it does nothing.
///
/// # Errors
/// [`DbErr`], also if the connection's user may not create roles or does not own the tables.
pub async fn grant(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    if connection.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for role in [APP, AUDITOR] {
        if !exists(connection, role).await? {
            run(connection, &format!("CREATE ROLE {role} NOLOGIN")).await?;
        }
        run(connection, &format!("GRANT USAGE ON SCHEMA public TO {role}")).await?;
    }
    run(connection, "REVOKE CREATE ON SCHEMA public FROM PUBLIC").await?;
    for (table, only_grows) in tables(connection).await? {
        let app = match (table.as_str(), only_grows) {
            (HISTORY, _) => "SELECT",
            (_, true) => "SELECT, INSERT",
            (_, false) => "SELECT, INSERT, UPDATE, DELETE",
        };
        run(connection, &format!("REVOKE ALL ON {table} FROM PUBLIC, {APP}, {AUDITOR}")).await?;
        run(connection, &format!("GRANT {app} ON {table} TO {APP}")).await?;
        if AUDITED.contains(&table.as_str()) {
            run(connection, &format!("GRANT SELECT ON {table} TO {AUDITOR}")).await?;
        }
    }
    Ok(())
}

/// Grants the roles' rights again, if an operator uses the roles.
pub(crate) async fn renew(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let is_postgres = connection.get_database_backend() == DbBackend::Postgres;
    if is_postgres && exists(connection, APP).await? {
        grant(connection).await?;
    }
    Ok(())
}

async fn exists(connection: &impl ConnectionTrait, role: &str) -> Result<bool, DbErr> {
    let known = "SELECT 1 FROM pg_roles WHERE rolname = $1";
    let known = Statement::from_sql_and_values(DbBackend::Postgres, known, [role.into()]);
    Ok(connection.query_one_raw(known).await?.is_some())
}

/// All tables, each with `true` if a trigger makes it append-only.
async fn tables(connection: &impl ConnectionTrait) -> Result<Vec<(String, bool)>, DbErr> {
    let tables = "SELECT c.relname::text AS name, EXISTS (SELECT 1 FROM pg_trigger t \
        WHERE t.tgrelid = c.oid AND t.tgname = c.relname || '_append_only') AS only_grows \
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' \
        ORDER BY c.relname";
    let tables = Statement::from_string(DbBackend::Postgres, tables);
    let rows = connection.query_all_raw(tables).await?;
    rows.iter().map(|row| Ok((row.try_get("", "name")?, row.try_get("", "only_grows")?))).collect()
}

async fn run(connection: &impl ConnectionTrait, statement: &str) -> Result<(), DbErr> {
    connection.execute_unprepared(statement).await.map(|_| ())
}

//! `toruk-migrations --database URL up|down|fresh|status|roles`: applies and reverts migrations by
//! hand. The server applies them by itself at start, if its login owns the tables.

use anyhow::Result;
use clap::{Parser, ValueEnum};
use sea_orm_migration::sea_orm::Database;
use toruk_migrations::{Migrator, MigratorTrait as _, roles, up};

#[derive(Parser)]
#[command(about = "Apply or revert database migrations")]
struct Arguments {
    /// Address of the database: `sqlite://FILE?mode=rwc` or `postgres://…`
    #[arg(long, env = "TORUK_DATABASE_URL")]
    database: String,
    /// The action to take.
    action: Action,
}

#[derive(Clone, Copy, ValueEnum)]
enum Action {
    /// Apply the pending migrations.
    Up,
    /// Revert the last migration.
    Down,
    /// Drop everything and apply all migrations.
    Fresh,
    /// List the applied migrations.
    Status,
    /// Create the roles `toruk_app` and `toruk_auditor`, and grant their permissions (PostgreSQL).
    Roles,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let database = Database::connect(&arguments.database).await?;
    match arguments.action {
        Action::Up => up(&database).await?,
        Action::Down => Migrator::down(&database, Some(1)).await?,
        Action::Fresh => Migrator::fresh(&database).await?,
        Action::Status => Migrator::status(&database).await?,
        Action::Roles => roles::grant(&database).await?,
    }
    Ok(())
}

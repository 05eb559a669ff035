//! `toruk-migrations --database URL up|down|fresh|status|roles`: the history by hand. The server
//! applies it by itself at start, when its login owns the tables.

use anyhow::Result;
use clap::{Parser, ValueEnum};
use sea_orm_migration::sea_orm::Database;
use toruk_migrations::{Migrator, MigratorTrait as _, roles, up};

#[derive(Parser)]
#[command(about = "Apply or revert database migrations")]
struct Arguments {
    /// `sqlite://FILE?mode=rwc` or `postgres://…`
    #[arg(long, env = "TORUK_DATABASE_URL")]
    database: String,
    /// What to do.
    action: Action,
}

#[derive(Clone, Copy, ValueEnum)]
enum Action {
    /// Apply pending migrations.
    Up,
    /// Revert the last migration.
    Down,
    /// Drop everything and apply all.
    Fresh,
    /// List applied migrations.
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

//! `toruk-migrations --database URL up|down|fresh|status|roles`: applies and reverts migrations by
//! hand. The server applies them by itself at start, if its login owns the tables.

use anyhow::{Result, ensure};
use clap::{Parser, ValueEnum};
use sea_orm_migration::sea_orm::Database;
use toruk_migrations::{Migrator, MigratorTrait as _, pending, roles, up};

#[derive(Parser)]
#[command(about = "Apply or revert database migrations")]
struct Arguments {
    /// Address of the database: `sqlite://FILE?mode=rwc` or `postgres://…`
    #[arg(long, env = "TORUK_DATABASE_URL")]
    database: String,
    /// The action to take.
    action: Action,
    /// Do not ask before data is deleted.
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Action {
    /// Apply the pending migrations.
    Up,
    /// Revert the last migration, with the data that it made room for. Asks before.
    Down,
    /// Drop everything and apply all migrations. Asks before.
    Fresh,
    /// List all migrations, applied or pending.
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
        Action::Down => {
            agreed(&arguments, "down", "deletes what the last migration added")?;
            Migrator::down(&database, Some(1)).await?;
        }
        Action::Fresh => {
            agreed(&arguments, "fresh", "deletes EVERYTHING in this database")?;
            Migrator::fresh(&database).await?;
        }
        Action::Status => {
            let pending = pending(&database).await?;
            for migration in Migrator::migrations() {
                let name = migration.name();
                let is_pending = pending.iter().any(|pending| pending == name);
                println!("{} {name}", if is_pending { "pending" } else { "applied" });
            }
        }
        Action::Roles => roles::grant(&database).await?,
    }
    Ok(())
}

/// Passes if the operator has typed the action's name, or given `--yes`.
fn agreed(arguments: &Arguments, word: &str, consequence: &str) -> Result<()> {
    if arguments.yes {
        return Ok(());
    }
    eprint!("`{word}` {consequence}, for good. Type `{word}` to go on: ");
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed)?;
    ensure!(typed.trim() == word, "nothing was changed: `{word}` was not typed");
    Ok(())
}

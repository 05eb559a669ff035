//! Accounts of officials and of bidders are apart, and passkeys can be revoked.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            ("person", text("kind").default("bidder").take()),
            ("credential", uuid_null("device").take()),
            ("credential", big_integer_null("revoked_at").take()),
        ];
        // SQLite accepts one column at a time.
        for (table, column) in columns {
            let table = Table::alter().table(table).add_column(column).take();
            manager.alter_table(table).await?;
        }
        let connection = manager.get_connection();
        for statement in [OFFICIALS, PHONES_OF_OFFICIALS, OPEN_CEREMONIES] {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [("credential", "revoked_at"), ("credential", "device"), ("person", "kind")];
        for (table, column) in columns {
            let table = Table::alter().table(table).drop_column(column).take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}

/// Everyone who has or had a role.
const OFFICIALS: &str = "UPDATE person SET kind = 'official' WHERE \
    id IN (SELECT person FROM role_grant) OR \
    id IN (SELECT used_by FROM invitation WHERE used_by IS NOT NULL)";
/// An official's passkey may have opened a phone's session before.
const PHONES_OF_OFFICIALS: &str = "DELETE FROM session WHERE device IS NOT NULL AND \
    person IN (SELECT id FROM person WHERE kind = 'official')";
/// From now on the table holds finished ceremonies; open ones are only in their challenges.
const OPEN_CEREMONIES: &str = "DELETE FROM ceremony";

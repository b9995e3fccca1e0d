//! What the owner of a site decides about its page: the browser's wishes, the consent banner, what is told to `dataLayer`; and the
//! secret by which the site's own server tells events.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer_null, boolean},
};

/// Adds the columns.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn columns() -> Vec<(&'static str, ColumnDef)> {
    let hash = || {
        ColumnDef::new(Alias::new("api_secret_hash"))
            .binary()
            .take()
    };
    vec![
        ("sites", boolean("honours_dnt").default(true).take()),
        ("sites", boolean("follows_banner").default(true).take()),
        ("sites", boolean("tells_data_layer").default(false).take()),
        ("sites", hash()),
        ("sites", big_integer_null("api_secret_at")),
        ("visits", boolean("is_told").default(false).take()),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in columns() {
            let change = Table::alter()
                .table(Alias::new(table))
                .add_column(&mut column)
                .take();
            manager.alter_table(change).await?;
        }
        let index = "CREATE UNIQUE INDEX sites_secret ON sites (api_secret_hash) WHERE api_secret_hash IS NOT NULL";
        manager.get_connection().execute_unprepared(index).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP INDEX sites_secret")
            .await?;
        for (table, column) in columns() {
            let change = Table::alter()
                .table(Alias::new(table))
                .drop_column(Alias::new(column.get_column_name()))
                .take();
            manager.alter_table(change).await?;
        }
        Ok(())
    }
}

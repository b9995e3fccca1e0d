//! Sums of kinds of visits tell which reasons these could be asked for, so that a reason speaks for nobody else.

use sea_orm_migration::prelude::*;

use super::m20261123_000650_tell_offers::settle_again;

/// Takes all visits out of the sums, into which they are then put with what they could be asked.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A part of it must never stay.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        settle_again(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        settle_again(manager).await
    }
}

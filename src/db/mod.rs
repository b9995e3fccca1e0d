//! Opens the database, brings its schema up to date, and says in one clear line when it cannot.
//!
//! Reads have a pool of their own. On SQLite everything that writes goes through one connection, so `SQLITE_BUSY` cannot occur;
//! on PostgreSQL the same handle is a small pool.

pub mod entity;
mod open;

pub use open::{OpenError, open, open_beside};

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

/// The two ways to the database.
#[derive(Clone, Debug)]
pub struct Db {
    /// For reports and pages.
    pub read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Db {
    /// Which engine answers.
    pub fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once, so it can never fail half-way for want of it.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.write
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await
    }

    /// Begins a transaction that reads, all of it at one moment: figures of a page must agree with each other.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        if self.backend() == DbBackend::Postgres {
            let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
            return self
                .read
                .begin_with_config(Some(isolation), Some(access))
                .await;
        }
        self.read.begin().await
    }

    /// Tells PostgreSQL's planner of rows that were written in bulk. Of a site that it does not know it expects one row in every table,
    /// and then joins in ways that take minutes; by itself it looks once a minute. SQLite plans without statistics.
    pub async fn analyze(&self) {
        if self.backend() != DbBackend::Postgres {
            return;
        }
        // What was written stays, whatever becomes of this.
        if let Err(error) = self.write.execute_unprepared("ANALYZE").await {
            tracing::warn!(error = %error, "the tables could not be analyzed; the server does so by itself in a minute");
        }
    }

    /// Waits for what is under way and closes every connection.
    pub async fn close(self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.write.close().await
    }
}

//! What an error of the database means for the tasks whose transaction it ended.

use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// Why a transaction failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The database itself does not answer: no half of the tasks would fare better.
    Outage,
    /// Another transaction was in the way: the same tasks may succeed when they are tried again.
    Conflict,
    /// One of the tasks cannot be written.
    Content,
}

impl Failure {
    pub(super) fn of(error: &DbErr) -> Self {
        let (DbErr::Conn(cause) | DbErr::Exec(cause) | DbErr::Query(cause)) = error else {
            return match error {
                DbErr::ConnectionAcquire(_) => Self::Outage,
                _ => Self::Content,
            };
        };
        match cause {
            RuntimeErr::SqlxError(error) => Self::of_sqlx(error),
            _ if matches!(error, DbErr::Conn(_)) => Self::Outage,
            _ => Self::Content,
        }
    }

    fn of_sqlx(error: &SqlxError) -> Self {
        let SqlxError::Database(said) = error else {
            let is_outage = matches!(
                error,
                SqlxError::Io(_)
                    | SqlxError::Tls(_)
                    | SqlxError::Protocol(_)
                    | SqlxError::PoolTimedOut
                    | SqlxError::PoolClosed
                    | SqlxError::WorkerCrashed
            );
            return if is_outage {
                Self::Outage
            } else {
                Self::Content
            };
        };
        // SQLite: held by another process, for a copy perhaps; or the disk, the memory or the file gave in.
        let is_file = [
            "database is locked",
            "disk is full",
            "disk I/O error",
            "readonly database",
            "unable to open database",
            "out of memory",
            "image is malformed",
        ]
        .iter()
        .any(|text| said.message().contains(text));
        let code = said.code().unwrap_or_default();
        // PostgreSQL: connection lost, out of resources, lock not to be had, cancelled or shutting down, disk, a fault of its own.
        let is_server = ["08", "53", "55P", "57", "58", "XX"]
            .iter()
            .any(|class| code.len() == 5 && code.starts_with(class));
        if is_file || is_server {
            Self::Outage
        } else if said.is_unique_violation() || matches!(&*code, "40001" | "40P01") {
            // The key was taken, could not be put in an order, or would have waited for each other.
            Self::Conflict
        } else {
            Self::Content
        }
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, ConnectionTrait, Database};

    use super::*;

    #[tokio::test]
    async fn a_file_that_another_process_holds_is_an_outage_and_no_fault_of_the_tasks() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("held.db");
        let open = async || {
            let url = format!("sqlite://{}?mode=rwc", file.display());
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(1)
                .map_sqlx_sqlite_opts(|options| options.pragma("busy_timeout", "0"));
            Database::connect(options).await.unwrap()
        };
        let (holder, writer) = (open().await, open().await);
        holder.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();

        let error = writer
            .execute_unprepared("BEGIN IMMEDIATE")
            .await
            .unwrap_err();

        assert_eq!(Failure::of(&error), Failure::Outage, "{error}");
    }
}

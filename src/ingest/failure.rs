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
        let is_full = ["disk is full", "disk I/O error", "readonly database"]
            .iter()
            .any(|text| said.message().contains(text));
        let code = said.code().unwrap_or_default();
        // PostgreSQL: connection lost, out of resources, shutting down.
        if is_full
            || ["08", "53", "57P"]
                .iter()
                .any(|class| code.starts_with(class))
        {
            Self::Outage
        } else if said.is_unique_violation() || matches!(&*code, "40001" | "40P01") {
            // The key was taken, could not be put in an order, or would have waited for each other.
            Self::Conflict
        } else {
            Self::Content
        }
    }
}

//! What can go wrong, in words without HTTP. `web::error` is the only place that maps these to a status.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Result of everything that a request may ask for.
pub type AppResult<T> = Result<T, AppError>;

/// One field and what would be right, in the words of the screen.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// Name of the field as it was sent.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Everything wrong with one form or payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// Notes that `field` is wrong.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
    }

    /// What the checks of a derived `Validate` found. Their messages are ours; the submitted values they carry go no further.
    pub fn of_checks(found: Result<(), validator::ValidationErrors>) -> Self {
        let mut errors = Self::default();
        for (field, wrong) in found.err().iter().flat_map(|found| found.field_errors()) {
            for error in wrong {
                errors.add(
                    field.to_string(),
                    error.message.clone().unwrap_or_else(|| error.code.clone()),
                );
            }
        }
        errors
    }

    /// One wrong field.
    pub fn one(field: impl Into<String>, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// `Ok(value)` when nothing is wrong.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    /// The message for `field`, if it is wrong.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.message.as_str())
    }
}

/// Everything that a request can fail with.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Not readable at all.
    #[error("the request cannot be read: {0}")]
    Malformed(String),
    /// Readable but wrong; names the fields.
    #[error("some fields are wrong")]
    Invalid(FieldErrors),
    /// Readable, but the database takes it in no way; a retry is useless. The cause went to the log.
    #[error("what was sent cannot be stored; do not send it again")]
    Unwritable,
    /// Nobody is signed in.
    #[error("sign in first")]
    Unauthenticated,
    /// A program without the site's API secret.
    #[error("send the site's API secret as `Authorization: Bearer …`; it is made under Settings")]
    NoSecret,
    /// Signed in, or known, but not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// Not there, or another tenant's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Clashes with what is stored.
    #[error("{0}")]
    Conflict(String),
    /// Body over the limit, in bytes.
    #[error("the body may have at most {0} bytes")]
    TooLarge(usize),
    /// The body came too slowly.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// Body in an encoding that is not taken.
    #[error("send the body uncompressed (Content-Encoding: identity)")]
    UnsupportedEncoding,
    /// Over a rate limit.
    #[error("too many requests; try again in {retry_after_s} s")]
    TooManyRequests {
        /// Whole seconds to wait.
        retry_after_s: u64,
    },
    /// The service cannot do it now; a retry is right.
    #[error("the service is busy; try again shortly")]
    Unavailable,
    /// A fault of ours; the cause goes to the log only.
    #[error("something went wrong on our side")]
    Internal(#[source] anyhow::Error),
}

impl AppError {
    /// What it is for the log: a fault of ours with all that led to it.
    pub fn for_log(&self) -> String {
        match self {
            Self::Internal(cause) => format!("{cause:#}"),
            other => other.to_string(),
        }
    }

    /// Stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Invalid(_) => "invalid",
            Self::Unwritable => "unwritable",
            Self::Unauthenticated => "unauthenticated",
            Self::NoSecret => "no_secret",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Conflict(_) => "conflict",
            Self::TooLarge(_) => "too_large",
            Self::TooSlow => "too_slow",
            Self::UnsupportedEncoding => "unsupported_encoding",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::Unavailable => "unavailable",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<FieldErrors> for AppError {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<anyhow::Error> for AppError {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<DbErr> for AppError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(_)) = error.sql_err() {
            return Self::Conflict("this already exists; reload the page to see it".into());
        }
        match error {
            DbErr::RecordNotFound(_) => Self::NotFound("record"),
            DbErr::ConnectionAcquire(_) | DbErr::Conn(RuntimeErr::SqlxError(_)) => {
                Self::Unavailable
            }
            other => Self::Internal(other.into()),
        }
    }
}

//! Identifiers shared by every feature. Pure: no storage, no HTTP.
//!
//! Uuid-based ids are time-ordered (`UUIDv7`), so that rows written together lie together in every index.

use std::{fmt, str::FromStr};

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Deserializer, Serialize, de};
use uuid::Uuid;

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = i64;

/// Reads milliseconds as browsers measure them: with a fraction, which is rounded away.
pub fn rounded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Millis, D::Error> {
    struct Number;
    impl de::Visitor<'_> for Number {
        type Value = Millis;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("i64")
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<Millis, E> {
            Ok(value)
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<Millis, E> {
            Ok(Millis::try_from(value).unwrap_or(Millis::MAX))
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<Millis, E> {
            Ok(value.round() as Millis)
        }
    }
    deserializer.deserialize_i64(Number)
}

/// A number, text or truth value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(String),
}

impl Scalar {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, also of a text that is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Bool(_) => None,
            Self::Whole(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The number of a site: the tenant of every row. Never leaves the server; the public name is [`SiteKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
pub struct SiteId(pub i64);

/// The public name of a site, as it stands in the snippet: `site_` and 20 letters or digits.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType,
)]
pub struct SiteKey(pub String);

impl SiteKey {
    /// A new random key.
    pub fn random() -> Self {
        Self(format!("site_{}", &crate::secret::random_text()[..20]))
    }

    /// The key as it stands in the snippet.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not an identifier.
#[derive(Debug, thiserror::Error)]
#[error("not a valid identifier: it would start with `{prefix}`")]
pub struct IdError {
    prefix: &'static str,
}

/// Declares a time-ordered id with a public text form: the prefix and 32 hexadecimal digits.
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id whose first bits are `at` (ms since the epoch).
            pub fn new(at: Millis) -> Self {
                Self(crate::secret::uuid_at(at))
            }

            /// When it was made, by the clock of whoever made it; `None` when it does not say.
            pub fn made_at(self) -> Option<Millis> {
                let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
                Some(Millis::try_from(seconds).ok()? * 1_000 + Millis::from(nanos / 1_000_000))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .and_then(|digits| Uuid::parse_str(digits).ok())
                    .map(Self)
                    .ok_or(IdError { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    };
}

id_type!(
    /// One visit: a visitor's activity with gaps under 30 minutes, at most 24 hours.
    VisitId, "vis_"
);
id_type!(
    /// One page load, minted by the widget.
    ViewId, "view_"
);
id_type!(
    /// A goal, whatever its version.
    GoalId, "gl_"
);
id_type!(
    /// A prompt, whatever its version.
    PromptId, "prm_"
);
id_type!(
    /// An entry of a site's codebook.
    ReasonId, "rsn_"
);
impl ReasonId {
    /// Stands behind the choices of a question whose choices are no reasons; no row has it.
    pub const NONE: Self = Self(Uuid::nil());
}

id_type!(
    /// One eligibility decision, and the submission that may follow from it.
    ImpressionId, "imp_"
);
id_type!(
    /// A word of a site's own for answers.
    TagId, "tag_"
);
id_type!(
    /// A person who signs in.
    MemberId, "mem_"
);
id_type!(
    /// A message to the webhook of a site.
    DeliveryId, "msg_"
);

impl VisitId {
    /// The least id that a visit which began at `at` can have.
    pub fn first_of(at: Millis) -> Self {
        let time = u128::try_from(at).unwrap_or_default();
        Self(Uuid::from_u128(time << 80))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_an_id_reads_back_as_the_same_id() {
        let id = GoalId::new(1_700_000_000_000);

        assert_eq!(id.to_string().parse::<GoalId>().unwrap(), id);
        assert!(
            id.to_string()
                .replace("gl_", "prm_")
                .parse::<GoalId>()
                .is_err()
        );
    }

    #[test]
    fn ids_sort_by_time() {
        assert!(VisitId::new(1_000) < VisitId::new(2_000));
        assert!(VisitId::first_of(1_000) < VisitId::new(1_000));
        assert!(VisitId::new(1_000) < VisitId::first_of(1_001));
    }
}

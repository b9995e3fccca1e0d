//! The time, as the only thing that may be asked for it.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::types::Millis;

/// The present instant, ms since the epoch.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn now() -> Millis {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| {
            i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
        })
}

/// One second, minute, hour and day in ms.
pub const SECOND: Millis = 1_000;
/// A minute in ms.
pub const MINUTE: Millis = 60 * SECOND;
/// An hour in ms.
pub const HOUR: Millis = 60 * MINUTE;
/// A day of 24 hours in ms.
pub const DAY: Millis = 24 * HOUR;

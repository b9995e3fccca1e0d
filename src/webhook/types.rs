//! What a webhook is, what a message to it is, and when it is tried again. Pure.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::DeriveValueType;

use crate::{
    clock::{DAY, HOUR, MINUTE, SECOND},
    secret, text_enum,
    types::{DeliveryId, ImpressionId, Millis, SiteId},
};

/// How long after its last change an answer that was not sent off is told as it is.
pub const PARTIAL_AFTER: Millis = 30 * MINUTE;
/// How long messages carry the signature of the old secret too, after a new one was made.
pub const OLD_SECRET_FOR: Millis = DAY;
/// How long the log keeps a message.
pub const KEPT_FOR: Millis = 30 * DAY;
/// Waits after the first attempt that failed, the second and so on, as Standard Webhooks proposes: about three days.
const RETRIES: [Millis; 9] = [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];

/// How long to wait after so many attempts, ms; `None` when there have been enough. `share` (0 to 1) adds up to a tenth, so that
/// messages that failed together do not come back together.
pub fn retry_after(attempts: i32, share: f64) -> Option<Millis> {
    let failed = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let wait = *RETRIES.get(failed)?;
    Some(wait + (wait as f64 * share / 10.0) as Millis)
}

text_enum!(
    /// What a message tells.
    DeliveryKind {
        /// An answer was sent off.
        Completed = "answer.completed", "Answer";
        /// An answer was begun and left alone.
        Partial = "answer.partial", "Answer in part";
        /// The owner tries the address.
        Test = "test", "Test";
    }
);

text_enum!(
    /// Life of a message.
    DeliveryState {
        /// To be sent, or to be tried again.
        Waiting = "waiting", "Waiting";
        /// Answered with a 2xx status.
        Delivered = "delivered", "Delivered";
        /// Not tried again by itself.
        Failed = "failed", "Not delivered";
    }
);

/// Where the answers of a site are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// The tenant.
    pub site_id: SiteId,
    /// Where to.
    pub url: String,
    /// Signs messages.
    pub secret: WebhookSecret,
    /// The secret before it, and until when it signs too.
    pub old_secret: Option<(WebhookSecret, Millis)>,
    /// Whether answers are sent.
    pub is_enabled: bool,
    /// When the address said that it wants no more.
    pub gone_at: Option<Millis>,
}

/// What signs messages: `whsec_` and the base64 of 32 random bytes. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct WebhookSecret(String);

impl WebhookSecret {
    const PREFIX: &str = "whsec_";

    /// A new random one.
    pub fn random() -> Self {
        let key = STANDARD.encode(secret::random_bytes::<32>());
        Self(format!("{}{key}", Self::PREFIX))
    }

    /// As the owner's program needs it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes that sign.
    pub(super) fn key(&self) -> Vec<u8> {
        let text = self.0.strip_prefix(Self::PREFIX).unwrap_or(&self.0);
        STANDARD.decode(text).unwrap_or_default()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// One message, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The tenant.
    pub site_id: SiteId,
    /// Names the message, in all its attempts.
    pub id: DeliveryId,
    /// What it tells.
    pub kind: DeliveryKind,
    /// The answer that it tells of.
    pub impression_id: Option<ImpressionId>,
    /// The state of the answer that it tells.
    pub answer_seq: Option<i32>,
    /// What is sent; written when it is first sent, removed when it was taken.
    pub body: Option<String>,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: i32,
    /// When it is sent next.
    pub next_attempt_at: Option<Millis>,
    /// When it was last sent.
    pub last_attempt_at: Option<Millis>,
    /// How long the answer to that took, ms.
    pub last_ms: Option<Millis>,
    /// The HTTP status of that answer.
    pub last_status: Option<i32>,
    /// Why it was not taken.
    pub last_error: Option<String>,
    /// When there was something to tell.
    pub created_at: Millis,
}

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this status.
    Answered(u16),
    /// No answer, for this reason.
    Unanswered(String),
}

impl Outcome {
    /// The status of the answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answered(status) => Some(*status),
            Self::Unanswered(_) => None,
        }
    }

    /// Whether the message was taken.
    pub fn is_taken(&self) -> bool {
        self.status()
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the address wants no message any more.
    pub fn is_gone(&self) -> bool {
        self.status() == Some(410)
    }

    /// Why the message was not taken, in words for the owner; `None` when it was.
    pub fn trouble(&self) -> Option<String> {
        match self {
            taken if taken.is_taken() => None,
            Self::Answered(status @ 300..400) => Some(format!(
                "Answered {status}: redirects are not followed, so enter the address that it leads to"
            )),
            Self::Answered(410) => Some("Answered 410: it wants no more messages".into()),
            Self::Answered(status) => Some(format!("Answered {status} instead of 200")),
            Self::Unanswered(why) => Some(why.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_for_three_days_and_then_no_more() {
        let waits: Vec<Millis> = (1..=9)
            .map(|attempts| retry_after(attempts, 0.0).unwrap())
            .collect();

        assert_eq!(waits, RETRIES);
        let all: Millis = waits.iter().sum();
        assert!((3 * DAY..4 * DAY).contains(&all), "{all}");
        assert_eq!(retry_after(10, 0.0), None);
        assert_eq!(retry_after(2, 1.0), Some(5 * MINUTE + 30 * SECOND));
    }

    #[test]
    fn a_secret_is_long_and_hides_itself() {
        let secret = WebhookSecret::random();

        assert_eq!(secret.key().len(), 32);
        assert!(!format!("{secret:?}").contains(&secret.as_str()[6..]));
    }

    #[test]
    fn only_a_2xx_is_taken_and_the_rest_says_why() {
        for (status, is_taken) in [(200, true), (204, true), (301, false), (410, false)] {
            let outcome = Outcome::Answered(status);
            assert_eq!(outcome.is_taken(), is_taken, "{status}");
            assert_eq!(outcome.trouble().is_none(), is_taken, "{status}");
        }
        assert!(Outcome::Answered(410).is_gone());
        let silent = Outcome::Unanswered("No answer within 10 s".into());
        assert_eq!(silent.trouble().as_deref(), Some("No answer within 10 s"));
    }
}

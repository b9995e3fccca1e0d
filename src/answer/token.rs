//! The token that a shown prompt carries: it binds site (by key), visit, prompt version and impression, and lets one submission in.

use uuid::Uuid;

use crate::{
    clock::{DAY, MINUTE},
    secret,
    types::{ImpressionId, Millis, PromptId, VisitId},
};

const PURPOSE: &str = "impression";
/// An answer given later than this after the card opened is kept and flagged late.
const ON_TIME: Millis = 30 * MINUTE;
/// An answer that arrives later than this is refused.
const ACCEPTED: Millis = 7 * DAY;

/// What a shown prompt may be answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImpressionToken {
    /// The decision to show.
    pub impression_id: ImpressionId,
    /// The visit that it was made in.
    pub visit_id: VisitId,
    /// The prompt.
    pub prompt_id: PromptId,
    /// The version that was shown.
    pub prompt_version: i32,
    /// When it was issued.
    pub issued_at: Millis,
    /// Issued to the owner's own test.
    pub is_test: bool,
}

/// Whether an answer comes in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeliness {
    /// Within half an hour of the card.
    OnTime,
    /// Kept, and flagged.
    Late,
    /// Refused.
    TooLate,
}

impl ImpressionToken {
    /// The token as text, signed with the site's key.
    pub fn sign(&self, signing_key: &[u8]) -> String {
        let mut bytes = Vec::with_capacity(61);
        bytes.extend(self.impression_id.0.as_bytes());
        bytes.extend(self.visit_id.0.as_bytes());
        bytes.extend(self.prompt_id.0.as_bytes());
        bytes.extend(self.prompt_version.to_le_bytes());
        bytes.extend(self.issued_at.to_le_bytes());
        bytes.push(u8::from(self.is_test));
        secret::sign(signing_key, PURPOSE, &bytes)
    }

    /// Reads a token of this site; `None` for any other text.
    pub fn verify(signing_key: &[u8], text: &str) -> Option<Self> {
        let bytes = secret::verify(signing_key, PURPOSE, text)?;
        let id = |from: usize| Uuid::from_slice(bytes.get(from..from + 16)?).ok();
        Some(Self {
            impression_id: ImpressionId(id(0)?),
            visit_id: VisitId(id(16)?),
            prompt_id: PromptId(id(32)?),
            prompt_version: i32::from_le_bytes(bytes.get(48..52)?.try_into().ok()?),
            issued_at: Millis::from_le_bytes(bytes.get(52..60)?.try_into().ok()?),
            is_test: *bytes.get(60)? == 1,
        })
    }

    /// How an answer given at `answered_at` and received at `received_at` is taken.
    pub fn timeliness(&self, answered_at: Millis, received_at: Millis) -> Timeliness {
        if received_at - self.issued_at > ACCEPTED {
            Timeliness::TooLate
        } else if answered_at - self.issued_at > ON_TIME {
            Timeliness::Late
        } else {
            Timeliness::OnTime
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_only_with_the_key_of_its_site() {
        let token = ImpressionToken {
            impression_id: ImpressionId::new(1),
            visit_id: VisitId::new(2),
            prompt_id: PromptId::new(3),
            prompt_version: 4,
            issued_at: 5,
            is_test: true,
        };
        let text = token.sign(b"ours");

        assert_eq!(ImpressionToken::verify(b"ours", &text), Some(token));
        assert_eq!(ImpressionToken::verify(b"theirs", &text), None);
    }

    #[test]
    fn answers_are_late_after_half_an_hour_and_refused_after_a_week() {
        let token = ImpressionToken {
            impression_id: ImpressionId::new(1),
            visit_id: VisitId::new(1),
            prompt_id: PromptId::new(1),
            prompt_version: 1,
            issued_at: 0,
            is_test: false,
        };
        assert_eq!(token.timeliness(30 * MINUTE, 6 * DAY), Timeliness::OnTime);
        assert_eq!(token.timeliness(31 * MINUTE, 31 * MINUTE), Timeliness::Late);
        assert_eq!(token.timeliness(0, 7 * DAY + 1), Timeliness::TooLate);
    }
}

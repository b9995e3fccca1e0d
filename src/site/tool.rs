//! The signed links with which an owner opens the live site. Pure.
//!
//! Each is for one purpose and one site, and holds for a day. The visit that it opens counts as a test, and so does what is answered in it.

use crate::{clock::DAY, secret, types::Millis};

/// Name of the query parameter that carries the token.
pub const PARAMETER: &str = "exitpoll_test";

/// What the bearer of a link may do, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// To meet one's own question: the bearer passes the caps and is never held out.
    AskAgain,
    /// To pick goals: the bearer may add them to this site and ask how often something happened.
    Picker,
    /// To see why questions do or do not show: the bearer learns how their rules stand in the visit, meets them as any visitor does, and
    /// may open a question by hand.
    Debug,
}

impl Tool {
    const ALL: [Self; 3] = [Self::AskAgain, Self::Picker, Self::Debug];

    /// What the signature is for, so that no other signed text passes as one.
    fn purpose(self) -> &'static str {
        match self {
            Self::AskAgain => "ask_again",
            Self::Picker => "pick_goal",
            Self::Debug => "debug",
        }
    }

    /// A token that holds until a day from `now`.
    pub fn token(self, signing_key: &[u8], now: Millis) -> String {
        secret::pass(signing_key, self.purpose(), now + DAY)
    }

    /// Whether `token` was made for this with this key and still holds.
    pub fn is_opened_by(self, signing_key: &[u8], token: &str, now: Millis) -> bool {
        secret::is_pass(signing_key, self.purpose(), token, now)
    }

    /// What `token` opens.
    pub fn opened_by(signing_key: &[u8], token: &str, now: Millis) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|tool| tool.is_opened_by(signing_key, token, now))
    }
}

/// A link to `page` with the token.
pub fn link(origin: &str, page: &str, token: &str) -> String {
    format!("{}{page}?{PARAMETER}={token}", origin.trim_end_matches('/'))
}

/// Name of the query parameter that names a question to the debug panel.
pub const QUESTION: &str = "exitpoll_question";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_for_a_day_for_its_site_and_for_nothing_else() {
        for tool in Tool::ALL {
            let token = tool.token(b"key", 1_000);

            assert!(tool.is_opened_by(b"key", &token, 1_000));
            assert!(tool.is_opened_by(b"key", &token, 1_000 + DAY - 1));
            assert!(!tool.is_opened_by(b"key", &token, 1_000 + DAY));
            assert!(!tool.is_opened_by(b"other", &token, 1_000));
            for other in Tool::ALL {
                let opens = other.is_opened_by(b"key", &token, 1_000);
                assert_eq!(opens, other == tool, "{tool:?} {other:?}");
            }
            assert_eq!(Tool::opened_by(b"key", &token, 1_000), Some(tool));
        }
        for other in [
            secret::sign(b"key", "impression", &DAY.to_le_bytes()),
            secret::pass(b"key", "impression", DAY),
            String::new(),
        ] {
            assert_eq!(Tool::opened_by(b"key", &other, 0), None, "{other}");
        }
    }

    #[test]
    fn a_link_carries_the_token() {
        assert_eq!(
            link("https://shop.example/", "/join", "t"),
            "https://shop.example/join?exitpoll_test=t"
        );
    }
}

//! The signed link with which an owner looks, on the live site, why questions do or do not show. Pure.
//!
//! Its bearer learns how the rules of the questions stand in their own visit, meets them as any visitor does, and may open a
//! question by hand; the visit and what is answered in it count as tests. For a day, and nothing else.

use crate::{clock::DAY, secret, types::Millis};

/// What the signature is for, so that no other signed text passes as one.
const PURPOSE: &str = "debug";

/// A token that holds until a day from `now`.
pub fn make(signing_key: &[u8], now: Millis) -> String {
    secret::pass(signing_key, PURPOSE, now + DAY)
}

/// Whether `token` was made with this key and still holds.
pub fn check(signing_key: &[u8], token: &str, now: Millis) -> bool {
    secret::is_pass(signing_key, PURPOSE, token, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_for_a_day_for_its_site_and_for_nothing_else() {
        let token = make(b"key", 1_000);

        assert!(check(b"key", &token, 1_000 + DAY - 1));
        assert!(!check(b"key", &token, 1_000 + DAY));
        assert!(!check(b"other", &token, 1_000));
        for purpose in ["ask_again", "pick_goal"] {
            assert!(
                !check(b"key", &secret::pass(b"key", purpose, DAY), 0),
                "{purpose}"
            );
        }
        assert!(!check(b"key", "", 0));
    }
}

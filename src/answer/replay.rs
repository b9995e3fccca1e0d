//! The address under which another tool replays the visit, as the page set it. Pure.

use url::Url;

/// The property that holds it.
pub const REPLAY_URL: &str = "replay_url";
/// Characters of an address at most. A longer one is left out: cut, it would lead elsewhere.
pub const LONGEST_REPLAY_URL: usize = 500;

/// The address, if it is one of `https` that can be shown as a link. It is never fetched.
pub fn replay_url(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let is_plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    let address = String::from(url);
    (is_plain && address.chars().count() <= LONGEST_REPLAY_URL).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_https_are_taken() {
        let kept = "https://replay.example/s/1?t=5#x";
        assert_eq!(replay_url(kept).as_deref(), Some(kept));
        for wrong in [
            "http://replay.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "//replay.example/",
            "replay.example/s/1",
            "https://ada:secret@replay.example/",
            "",
        ] {
            assert_eq!(replay_url(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_that_is_too_long_is_left_out_and_not_cut() {
        let of_length = |n: usize| format!("https://replay.example/{}", "a".repeat(n - 23));

        assert_eq!(replay_url(&of_length(500)), Some(of_length(500)));
        assert_eq!(replay_url(&of_length(501)), None);
    }
}

//! What a reason is. Pure.

use crate::types::ReasonId;

/// An entry of a site's codebook, so that answers from different prompts add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The reason.
    pub id: ReasonId,
    /// What reports call it.
    pub name: String,
    /// Whether somebody who names it and leaves is lost; whoever had what they came for is not.
    pub is_loss: bool,
}

/// What a question of the bank offers to those who were not lost.
pub const FOUND: &str = "Found what they came for";

/// Reasons that are the same to a reader: case and spacing do not part them.
pub fn is_same_name(left: &str, right: &str) -> bool {
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_lowercase)
            .collect::<Vec<_>>()
    };
    words(left) == words(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_spacing_do_not_part_names() {
        assert!(is_same_name("Phone  number", " phone number"));
        assert!(!is_same_name("Phone number", "Phonenumber"));
    }
}

//! Tags: words of the owner's own for answers. Pure.

use super::words::fold;
use crate::{
    error::{AppResult, FieldErrors},
    types::TagId,
};

/// Characters of a tag at most.
pub const LONGEST_TAG: usize = 40;
/// Tags of an answer at most.
pub const MOST_TAGS: usize = 20;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The tag.
    pub id: TagId,
    /// As the owner writes it.
    pub name: String,
}

/// The tags in a field, separated by commas, each once; at least one.
pub fn parse_tags(text: &str) -> AppResult<Vec<String>> {
    let mut names: Vec<String> = vec![];
    for name in text.split(',') {
        let words: Vec<&str> = name.split_whitespace().collect();
        let name = words.join(" ");
        if name.chars().count() > LONGEST_TAG {
            let message = format!("A tag has at most {LONGEST_TAG} characters. Nothing was added.");
            return Err(FieldErrors::one("tag", message).into());
        }
        if !name.is_empty() && !names.iter().any(|known| fold(known) == fold(&name)) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Err(FieldErrors::one("tag", "Write a tag, for example “pricing page”.").into());
    }
    Ok(names)
}

/// One tag, of a field that holds no list.
pub fn parse_tag(text: &str) -> AppResult<String> {
    let mut names = parse_tags(text)?;
    match names.pop() {
        Some(name) if names.is_empty() => Ok(name),
        _ => Err(FieldErrors::one("name", "A tag has no comma. Write one tag.").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_apart_by_commas_and_not_by_case_or_spacing() {
        assert_eq!(
            parse_tags(" Pricing  page, bug ,BUG,").unwrap(),
            ["Pricing page", "bug"]
        );
        assert!(parse_tags(" , ").is_err());
        assert!(parse_tags(&"ä".repeat(40)).is_ok());
        assert!(parse_tags(&"ä".repeat(41)).is_err());
        assert!(parse_tag("a, b").is_err());
    }
}

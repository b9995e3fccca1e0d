//! Words as they are compared: whoever searches minds neither case nor spacing. Pure.

/// Lower case of every script, single spaces. Accents stay: "a" does not find "ä".
///
/// Done here and not by the database: SQLite knows the lower case of ASCII only.
pub fn fold(words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    let lower = words.join(" ");
    let lower = lower.chars().flat_map(char::to_lowercase);
    // One letter of Greek has two lower cases.
    lower.map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// The pattern of `LIKE` that finds the folded words anywhere, with `\` before what would be a wildcard.
pub fn pattern(folded: &str) -> String {
    let mut pattern = String::from("%");
    for c in folded.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_spacing_do_not_matter_in_any_script() {
        for (left, right) in [
            ("ÄRGER mit  der\nRechnung", "ärger mit der rechnung"),
            ("ЦЕНА", "цена"),
            ("ΟΔΟΣ", "οδος"),
            ("ΟΔΟΣ", "Οδός".replace('ό', "ο").as_str()),
        ] {
            assert_eq!(fold(left), fold(right));
        }
        assert_ne!(fold("a"), fold("ä"));
    }

    #[test]
    fn wildcards_are_letters() {
        assert_eq!(pattern(r"100%_\"), r"%100\%\_\\%");
    }
}

//! The wordings of a prompt beside each other, in words and figures. Pure.

use super::number;
use crate::report::{
    stats::{ENOUGH, Rate},
    wordings::WordingReport,
};

/// One wording.
pub struct WordingView {
    /// `Wording B`.
    pub name: String,
    /// What it says otherwise.
    pub says: Vec<String>,
    /// How many were shown it.
    pub shown: String,
    /// How many of them answered.
    pub answered: String,
    /// `38.2 %` with its interval; empty of few.
    pub rate: String,
    /// How it compares with the first; empty of the first.
    pub verdict: String,
}

/// The rows of the table; none when there is one wording only.
pub fn rows(wordings: &[WordingReport]) -> Vec<WordingView> {
    let first = wordings.first().map(|first| first.answered);
    let row = |(place, wording): (usize, &WordingReport)| {
        let rate = wording.answered;
        let name = format!("Wording {}", wording.id.to_uppercase());
        WordingView {
            shown: number::count(rate.n),
            answered: number::count(rate.k),
            rate: if rate.is_enough() {
                format!("{} {}", number::percent(rate), number::spread(rate))
            } else {
                String::new()
            },
            verdict: match first {
                Some(first) if place > 0 => verdict(&name, rate, first),
                _ => String::new(),
            },
            says: wording.says.clone(),
            name,
        }
    };
    wordings.iter().enumerate().map(row).collect()
}

/// What may be said of the difference.
fn verdict(name: &str, rate: Rate, first: Rate) -> String {
    let fewest = rate.n.min(first.n);
    if fewest < ENOUGH {
        let more = number::count(ENOUGH - fewest);
        return format!("{name} and A cannot be compared yet: about {more} more cards of each.");
    }
    let Some((difference, interval)) = rate.difference(first) else {
        return String::new();
    };
    let range = number::points_range(interval);
    if interval.contains_zero() {
        return format!("{name} and A differ by no more than chance allows ({range} points).");
    }
    let how = if difference > 0.0 { "more" } else { "less" };
    let points = number::points_more(difference.abs()).replace(" more", "");
    format!("{name} is answered {how} often than A: by {points} ({range}).")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(first: (i64, i64), other: (i64, i64)) -> String {
        verdict(
            "Wording B",
            Rate::new(other.0, other.1),
            Rate::new(first.0, first.1),
        )
    }

    #[test]
    fn a_difference_is_told_only_where_chance_does_not_explain_it() {
        assert_eq!(
            told((48, 80), (56, 70)),
            "Wording B is answered more often than A: by 20.0 points (5.2 to 33.4)."
        );
        assert!(
            told((56, 70), (48, 80))
                .starts_with("Wording B is answered less often than A: by 20.0 points")
        );
        assert!(
            told((40, 80), (42, 80))
                .starts_with("Wording B and A differ by no more than chance allows")
        );
        assert_eq!(
            told((10, 40), (9, 21)),
            "Wording B and A cannot be compared yet: about 9 more cards of each."
        );
    }
}

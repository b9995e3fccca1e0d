//! The wordings of a prompt beside each other, in words and figures. Pure.

use super::number;
use crate::{
    report::wordings::{WordingReport, differences},
    stats::{ENOUGH, Interval, Rate},
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
    let Some(first) = wordings.first().map(|first| first.answered) else {
        return vec![];
    };
    let differences = differences(wordings);
    let row = |((place, wording), difference): ((usize, &WordingReport), _)| {
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
            verdict: match place {
                0 => String::new(),
                _ => verdict(&name, rate, first, difference),
            },
            says: wording.says.clone(),
            name,
        }
    };
    let compared = wordings.iter().enumerate().zip(differences);
    compared.map(row).collect()
}

/// What may be said of the difference.
fn verdict(name: &str, rate: Rate, first: Rate, difference: Option<(f64, Interval)>) -> String {
    let fewest = rate.n.min(first.n);
    if fewest < ENOUGH {
        let more = number::count(ENOUGH - fewest);
        return format!("{name} and A cannot be compared yet: about {more} more cards of each.");
    }
    let Some((difference, interval)) = difference else {
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
        verdicts(&[first, other]).remove(1)
    }

    fn verdicts(rates: &[(i64, i64)]) -> Vec<String> {
        let report = |((k, n), id): (&(i64, i64), &str)| WordingReport {
            id: id.into(),
            says: vec![],
            answered: Rate::new(*k, *n),
        };
        let wordings: Vec<_> = rates.iter().zip(["a", "b", "c"]).map(report).collect();
        rows(&wordings).into_iter().map(|row| row.verdict).collect()
    }

    #[test]
    fn of_three_wordings_each_difference_has_to_be_clearer() {
        let alone = verdicts(&[(40, 80), (53, 80)]);
        let beside = verdicts(&[(40, 80), (53, 80), (41, 80)]);
        let few = verdicts(&[(40, 80), (53, 80), (5, 10)]);

        assert!(alone[1].starts_with("Wording B is answered more often than A"));
        assert!(beside[1].starts_with("Wording B and A differ by no more than chance allows"));
        assert_eq!(few[1], alone[1], "what cannot be compared is no comparison");
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

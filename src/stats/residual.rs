//! Which cells of a table hold more, or fewer, than its margins lead to expect.

use super::{distribution::normal_two_sided, rate::Rate};

/// With fewer expected in a cell the normal distribution is no guide.
const EXPECTED_CELL: f64 = 5.0;

/// How far a count is from what would be expected of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// What would be expected if the part were like the whole.
    pub expected: f64,
    /// Distance from it in standard errors; above zero for more.
    pub value: f64,
    /// Chance of a distance at least as large where there is none.
    pub chance: f64,
}

/// The standardised residual of a part's count, `here.k` of `here.n`, in a whole, `all.k` of `all.n`, that holds the part.
///
/// (count − expected) / √(expected · (1 − row share) · (1 − column share)) (Haberman 1973; Agresti, Categorical Data Analysis,
/// section 3.3.1). `None` if fewer than 5 are expected in one of the four cells, or if the part is not within the whole.
pub fn residual(here: Rate, all: Rate) -> Option<Residual> {
    let (part, share) = (Rate::new(here.n, all.n).fraction()?, all.fraction()?);
    here.fraction()?;
    let n = all.n as f64;
    let least = n * part.min(1.0 - part) * share.min(1.0 - share);
    if least < EXPECTED_CELL || here.k > all.k {
        return None;
    }
    let expected = n * part * share;
    let error = (expected * (1.0 - part) * (1.0 - share)).sqrt();
    let value = (here.k as f64 - expected) / error;
    Some(Residual {
        expected,
        value,
        chance: normal_two_sided(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Agresti, Categorical Data Analysis (2nd edition), table 3.2: religious beliefs by highest degree.
    #[test]
    fn the_residuals_of_agrestis_table() {
        let counts = [[178, 138, 108], [570, 648, 442], [138, 252, 252]];
        let published = [[4.5, -2.6, -1.9], [2.6, 1.3, -4.0], [-6.8, 0.7, 6.3]];
        let column = |at: usize| counts.iter().map(|row| row[at]).sum::<i64>();
        let total: i64 = counts.iter().flatten().sum();
        for (row, published) in counts.iter().zip(published) {
            let all = Rate::new(row.iter().sum(), total);
            for (at, published) in published.into_iter().enumerate() {
                let found = residual(Rate::new(row[at], column(at)), all).unwrap();
                assert!((found.value - published).abs() < 0.06, "{found:?}");
            }
        }
    }

    #[test]
    fn of_few_nothing_is_expected() {
        let all = Rate::new(20, 100);
        assert_eq!(residual(Rate::new(4, 24), all), None);
        let found = residual(Rate::new(5, 25), all).unwrap();
        assert_eq!((found.expected, found.value), (5.0, 0.0));
        assert!((found.chance - 1.0).abs() < 1e-9);
        for wrong in [(5, 0), (5, 120), (21, 25), (6, 5)] {
            assert_eq!(
                residual(Rate::new(wrong.0, wrong.1), all),
                None,
                "{wrong:?}"
            );
        }
        assert_eq!(residual(Rate::new(0, 100), all), None, "the whole");
    }
}

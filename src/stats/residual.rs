//! Which cells of a table hold more, or fewer, than its margins lead to expect.

use super::{distribution::normal_two_sided, rate::Rate};

/// With less room below or above what is expected the normal distribution is no guide.
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

/// A part's count, `here.k` of `here.n`, in a whole, `all.k` of `all.n`, that holds the part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// The part.
    pub here: Rate,
    /// The whole.
    pub all: Rate,
}

/// The standardised residual of the counts of a part, like compared with like: by stratum, each by itself in its whole.
///
/// (count − expected) / √Σ expected · (1 − row share) · (1 − column share) · n / (n − 1), the root of Mantel and Haenszel's statistic of
/// 1959 (Agresti, Categorical Data Analysis, section 6.3.2), of one stratum nearly Haberman's residual of 1973 (section 3.3.1). `None` if
/// the count could not be 5 below what is expected, or 5 above, margins being what they are (Mantel & Fleiss 1980): of one stratum, if
/// fewer are expected in one of the four cells. Strata that are all part, or all alike, say nothing. `None` also if a part is not within
/// its whole.
pub fn residual(strata: &[Share]) -> Option<Residual> {
    let (mut expected, mut counted, mut spread) = (0.0, 0.0, 0.0);
    let (mut below, mut above) = (0.0, 0.0);
    for Share { here, all } in strata.iter().filter(|stratum| stratum.here.n > 0) {
        let (part, share) = (Rate::new(here.n, all.n).fraction()?, all.fraction()?);
        here.fraction()?;
        if here.k > all.k {
            return None;
        }
        let n = all.n as f64;
        let here_expected = n * part * share;
        expected += here_expected;
        counted += here.k as f64;
        below += here_expected - (here.n + all.k - all.n).max(0) as f64;
        above += here.n.min(all.k) as f64 - here_expected;
        if all.n > 1 {
            spread += here_expected * (1.0 - part) * (1.0 - share) * n / (n - 1.0);
        }
    }
    if below.min(above) < EXPECTED_CELL {
        return None;
    }
    let value = (counted - expected) / spread.sqrt();
    Some(Residual {
        expected,
        value,
        chance: normal_two_sided(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn residual(here: Rate, all: Rate) -> Option<Residual> {
        super::residual(&[Share { here, all }])
    }

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

    /// Admissions to Berkeley in 1973 (Bickel, Hammel & O'Connell 1975), men and all applicants by department. R's `mantelhaen.test`
    /// gives 1.4269 for them, from 0.5 nearer.
    #[test]
    fn berkeley_admitted_men_like_women_within_departments() {
        let men = [
            (512, 825),
            (353, 560),
            (120, 325),
            (138, 417),
            (53, 191),
            (22, 373),
        ];
        let women = [
            (89, 108),
            (17, 25),
            (202, 593),
            (131, 375),
            (94, 393),
            (24, 341),
        ];
        let strata: Vec<Share> = men
            .iter()
            .zip(women)
            .map(|((k, n), (also, more))| Share {
                here: Rate::new(*k, *n),
                all: Rate::new(k + also, n + more),
            })
            .collect();
        let found = super::residual(&strata).unwrap();

        let away = 1_198.0 - found.expected;
        let nearer = found.value * (away.abs() - 0.5) / away.abs();
        assert!((nearer * nearer - 1.4269).abs() < 0.000_1, "{found:?}");
        let crude = strata.iter().fold(Share::default(), |sum, stratum| {
            let add = |one: Rate, other: Rate| Rate::new(one.k + other.k, one.n + other.n);
            Share {
                here: add(sum.here, stratum.here),
                all: add(sum.all, stratum.all),
            }
        });
        // Of all together chi-square is published as 92.2.
        let crude = super::residual(&[crude]).unwrap();
        assert!((crude.value.powi(2) - 92.2).abs() < 0.05, "{crude:?}");
    }

    #[test]
    fn strata_that_say_nothing_do_not_make_up_for_few() {
        let share = |here: (i64, i64), all: (i64, i64)| Share {
            here: Rate::new(here.0, here.1),
            all: Rate::new(all.0, all.1),
        };
        let few = share((3, 20), (20, 1_000));
        let (alike, unlike) = (share((50, 50), (100, 100)), share((0, 50), (0, 100)));
        for strata in [&[few][..], &[few, alike], &[alike, unlike]] {
            assert_eq!(super::residual(strata), None, "{strata:?}");
        }
    }

    #[test]
    fn a_stratum_with_nobody_to_compare_changes_nothing() {
        let compared = Share {
            here: Rate::new(30, 60),
            all: Rate::new(40, 120),
        };
        let alone = Share {
            here: Rate::new(50, 60),
            all: Rate::new(50, 60),
        };
        let (one, both) = (
            super::residual(&[compared]),
            super::residual(&[compared, alone]),
        );
        let (one, both) = (one.unwrap(), both.unwrap());
        assert_eq!((one.value, one.chance), (both.value, both.chance));
        assert_eq!((one.expected, both.expected), (20.0, 70.0));
        assert_eq!(super::residual(&[alone]), None);
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

//! Quantiles and tails of the distributions that the other files need, by `statrs`.

use statrs::distribution::{Beta, ChiSquared, ContinuousCDF, Normal, StudentsT};

/// How many standard errors a two-sided interval of `level` reaches: 1.96 for 0.95. `None` unless `0 < level < 1`.
pub(super) fn z_of(level: f64) -> Option<f64> {
    is_open_share(level).then(|| Normal::standard().inverse_cdf(0.5 + level / 2.0))
}

/// Chance of a standard normal value at least as far from zero as `z`, on both sides.
pub(super) fn normal_two_sided(z: f64) -> f64 {
    2.0 * Normal::standard().sf(z.abs())
}

/// How many standard errors a two-sided interval of `level` reaches with `freedom` degrees of freedom (Student 1908).
pub(super) fn t_of(level: f64, freedom: f64) -> Option<f64> {
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    is_open_share(level).then(|| student.inverse_cdf(0.5 + level / 2.0))
}

/// The value that a Beta(`a`, `b`) variable stays under in `part` of cases.
pub(super) fn beta_quantile(a: f64, b: f64, part: f64) -> Option<f64> {
    let beta = Beta::new(a, b).ok()?;
    is_open_share(part).then(|| beta.inverse_cdf(part))
}

/// Chance of a chi-square value of at least `value` with `freedom` degrees of freedom.
pub(super) fn chi_square_tail(value: f64, freedom: f64) -> Option<f64> {
    let chi_square = ChiSquared::new(freedom).ok()?;
    (value >= 0.0).then(|| chi_square.sf(value))
}

fn is_open_share(part: f64) -> bool {
    part > 0.0 && part < 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles as every textbook prints them (Fisher & Yates, Statistical Tables).
    #[test]
    fn the_quantiles_of_the_tables() {
        let close = |actual: Option<f64>, expected: f64| {
            assert!((actual.unwrap() - expected).abs() < 0.000_5, "{actual:?}");
        };
        close(z_of(0.95), 1.960);
        close(z_of(0.99), 2.576);
        close(t_of(0.95, 9.0), 2.262);
        close(t_of(0.95, 120.0), 1.980);
        close(chi_square_tail(3.841, 1.0), 0.05);
        close(chi_square_tail(18.307, 10.0), 0.05);
        close(Some(normal_two_sided(-1.96)), 0.05);
    }

    #[test]
    fn beside_their_range_there_is_nothing() {
        assert_eq!(z_of(1.0), None);
        assert_eq!(z_of(f64::NAN), None);
        assert_eq!(t_of(0.95, 0.0), None);
        assert_eq!(beta_quantile(0.0, 1.0, 0.5), None);
        assert_eq!(chi_square_tail(f64::NAN, 1.0), None);
        assert_eq!(chi_square_tail(1.0, 0.0), None);
    }
}

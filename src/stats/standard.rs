//! Rates at the same mix of segments, so that a change of the mix is not taken for a change of the rates.

use super::rate::Rate;

/// A change of a rate in two parts, as fractions of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// What came from other segments being more frequent.
    pub mix: f64,
    /// What came from the segments themselves converting otherwise.
    pub rate: f64,
}

/// The rate that all would have at a given mix: each segment as its rate and its weight in the mix, on any scale.
///
/// Direct standardisation. Segments without weight do not count; `None` if one with weight has no rate, or if there is no weight.
pub fn standardised(segments: &[(Rate, f64)]) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (rate, weight) in segments.iter().filter(|(_, weight)| *weight != 0.0) {
        if weight.is_nan() || *weight < 0.0 {
            return None;
        }
        sum += rate.fraction()? * weight;
        weights += weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

/// Splits the change of the whole rate into mix and rates (Kitagawa 1955): each segment as it was and as it is.
///
/// Both parts add up to the change. A segment that was there only once has the same rate both times. `None` if there was nothing at
/// one of the times.
pub fn split_change(segments: &[(Rate, Rate)]) -> Option<Change> {
    let all = |of: fn(&(Rate, Rate)) -> Rate| {
        segments.iter().map(|segment| of(segment).n).sum::<i64>() as f64
    };
    let (before, after) = (all(|segment| segment.0), all(|segment| segment.1));
    if before <= 0.0 || after <= 0.0 {
        return None;
    }
    let mut change = Change {
        mix: 0.0,
        rate: 0.0,
    };
    for (was, is) in segments.iter().filter(|(was, is)| was.n != 0 || is.n != 0) {
        let either = was.fraction().or(is.fraction())?;
        let (r0, r1) = (either, is.fraction().unwrap_or(either));
        let (w0, w1) = (was.n as f64 / before, is.n as f64 / after);
        change.mix += f64::midpoint(r0, r1) * (w1 - w0);
        change.rate += f64::midpoint(w0, w1) * (r1 - r0);
    }
    Some(change)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_mix_changed() {
        let phones = (Rate::new(10, 500), Rate::new(18, 900));
        let desks = (Rate::new(50, 500), Rate::new(10, 100));
        let found = split_change(&[phones, desks]).unwrap();

        assert!((found.mix - (0.028 - 0.060)).abs() < 1e-12, "{found:?}");
        assert!(found.rate.abs() < 1e-12);
        let same = |pick: fn((Rate, Rate)) -> Rate| {
            standardised(&[(pick(phones), 1.0), (pick(desks), 1.0)]).unwrap()
        };
        assert!((same(|pair| pair.0) - same(|pair| pair.1)).abs() < 1e-12);
        assert!((same(|pair| pair.0) - 0.06).abs() < 1e-12);
    }

    #[test]
    fn without_a_rate_or_a_mix_there_is_none() {
        assert_eq!(standardised(&[]), None);
        assert_eq!(standardised(&[(Rate::new(1, 2), 0.0)]), None);
        assert_eq!(
            standardised(&[(Rate::new(0, 0), 1.0), (Rate::new(1, 2), 1.0)]),
            None
        );
        assert_eq!(
            standardised(&[(Rate::new(0, 0), 0.0), (Rate::new(1, 2), 1.0)]),
            Some(0.5)
        );
        assert_eq!(standardised(&[(Rate::new(1, 2), -1.0)]), None);
        assert_eq!(split_change(&[]), None);
        assert_eq!(split_change(&[(Rate::new(1, 2), Rate::new(0, 0))]), None);
    }

    fn rate() -> impl Strategy<Value = Rate> {
        (0_i64..1_000)
            .prop_flat_map(|n| (0..=n, Just(n)))
            .prop_map(|(k, n)| Rate::new(k, n))
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_change(segments in proptest::collection::vec((rate(), rate()), 1..8)) {
            let whole = |of: fn(&(Rate, Rate)) -> Rate| {
                let rates = || segments.iter().map(of);
                Rate::new(rates().map(|rate| rate.k).sum(), rates().map(|rate| rate.n).sum()).share()
            };
            match (whole(|segment| segment.0), whole(|segment| segment.1), split_change(&segments)) {
                (Some(was), Some(is), Some(change)) => prop_assert!((is - was - change.mix - change.rate).abs() < 1e-9),
                (was, is, change) => prop_assert!(change.is_none() && (was.is_none() || is.is_none())),
            }
        }
    }
}

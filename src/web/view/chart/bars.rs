//! One bar with its interval.

use super::{attribute, percent};
use crate::stats::{Interval, Rate};

/// A bar: length, and the ends of its interval where there is one. All in percent.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    width: f64,
    interval: Option<(f64, f64)>,
}

impl Bar {
    /// A bar as long as the share, with its interval.
    pub fn with_interval(rate: Rate) -> Self {
        Self::of(rate.share().unwrap_or_default(), rate.wilson())
    }

    /// A bar as long as a fraction of one.
    pub fn of(share: f64, interval: Option<Interval>) -> Self {
        Self {
            width: percent(share),
            interval: interval.map(|interval| (percent(interval.low), percent(interval.high))),
        }
    }

    /// A bar as long as the share.
    pub fn plain(rate: Rate) -> Self {
        Self::of(rate.share().unwrap_or_default(), None)
    }

    /// Its length, percent.
    pub fn width(&self) -> String {
        attribute(self.width)
    }

    /// The ends of its interval, percent.
    pub fn interval(&self) -> Option<(String, String)> {
        self.interval
            .map(|(low, high)| (attribute(low), attribute(high)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bars_stay_inside_their_box(k in 0_i64..10_000, more in 0_i64..10_000) {
            let bar = Bar::with_interval(Rate::new(k, k + more));
            let (low, high) = bar.interval.unwrap_or((0.0, 100.0));
            for length in [bar.width, low, high] {
                prop_assert!(length.is_finite() && (0.0..=100.0).contains(&length));
            }
            prop_assert!(low <= high);
        }
    }
}

//! One bar with its interval.

use super::{attribute, percent};
use crate::stats::Rate;

/// A bar: length, and the ends of its interval where there is one. All in percent.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    width: f64,
    interval: Option<(f64, f64)>,
}

impl Bar {
    /// A bar as long as the share, with its interval.
    pub fn with_interval(rate: Rate) -> Self {
        let interval = rate
            .wilson()
            .map(|interval| (percent(interval.low), percent(interval.high)));
        Self {
            width: percent(rate.share().unwrap_or_default()),
            interval,
        }
    }

    /// A bar as long as the share.
    pub fn plain(rate: Rate) -> Self {
        Self {
            width: percent(rate.share().unwrap_or_default()),
            interval: None,
        }
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

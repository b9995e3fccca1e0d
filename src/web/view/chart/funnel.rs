//! The bands of the funnel and what falls out between them.

use super::{attribute, percent};
use crate::stats::Rate;

/// One band and the gap beneath it, in percent of the width.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    width: f64,
    next: Option<f64>,
}

impl Band {
    /// Width of what is still there.
    pub fn width(&self) -> String {
        attribute(self.width)
    }

    /// Width of the next band.
    pub fn next_width(&self) -> String {
        attribute(self.next.unwrap_or(self.width))
    }

    /// Those who move on, narrowing towards the next band: points in a box of 100 by 24.
    pub fn keep(&self) -> String {
        format!("0,0 {},0 {},24 0,24", self.width(), self.next_width())
    }

    /// Those who fall out.
    pub fn lost(&self) -> String {
        format!("{0},0 {0},24 {1},24", self.width(), self.next_width())
    }
}

/// One band per step, as wide as its share of all visits.
pub fn layout(still_there: &[i64]) -> Vec<Band> {
    let all = still_there.first().copied().unwrap_or_default();
    let width = |n: &i64| percent(Rate::new(*n, all).share().unwrap_or_default());
    still_there
        .iter()
        .enumerate()
        .map(|(place, n)| Band {
            width: width(n),
            next: still_there.get(place + 1).map(width),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bands_are_as_wide_as_their_share() {
        let bands = layout(&[200, 50, 5]);

        assert_eq!(
            bands.iter().map(Band::width).collect::<Vec<_>>(),
            ["100", "25", "2.5"]
        );
        assert_eq!(bands[0].lost(), "100,0 100,24 25,24");
        assert_eq!(bands[0].keep(), "0,0 100,0 25,24 0,24");
    }

    proptest! {
        #[test]
        fn bands_stay_inside_their_box_and_never_widen(mut steps in proptest::collection::vec(0_i64..1_000_000, 0..8)) {
            steps.sort_unstable_by(|left, right| right.cmp(left));
            let bands = layout(&steps);
            prop_assert_eq!(bands.len(), steps.len());
            for band in &bands {
                prop_assert!(band.width.is_finite() && (0.0..=100.0).contains(&band.width));
                prop_assert!(band.next.is_none_or(|next| next <= band.width));
            }
        }
    }
}

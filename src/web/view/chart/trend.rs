//! A rate per day with its interval: line, band, gaps where there was nothing to count, today dashed.

use super::{attribute, percent};
use crate::stats::Rate;

/// Round upper ends of the scale, in percent.
const TOPS: [f64; 14] = [
    0.2, 0.4, 1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 20.0, 30.0, 40.0, 60.0, 100.0,
];

/// A place in the box, both in percent, from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    x: f64,
    y: f64,
}

impl Point {
    /// From the left, percent.
    pub fn x(&self) -> String {
        attribute(self.x)
    }

    /// From the top, percent.
    pub fn y(&self) -> String {
        attribute(self.y)
    }

    /// Where words about it stand, percent from the top: clear of the base line.
    pub fn words_y(&self) -> String {
        attribute(self.y.min(92.0))
    }
}

/// The layout of the chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    lines: Vec<Vec<Point>>,
    bands: Vec<Vec<Point>>,
    partial: Option<[Point; 2]>,
    /// Days that stand alone between gaps.
    pub dots: Vec<Point>,
    /// The last day with its rate.
    pub last: Option<(Point, Rate)>,
    top: f64,
}

/// One point per day, oldest first. `partial` says that the last day is not over.
pub fn layout(days: &[Rate], partial: bool) -> Trend {
    let highest = days
        .iter()
        .filter_map(|day| day.wilson())
        .fold(0.0, |top: f64, day| top.max(day.high * 100.0));
    let top = TOPS
        .into_iter()
        .find(|top| *top >= highest)
        .unwrap_or(100.0);
    let across = |place: usize| {
        if days.len() > 1 {
            percent(place as f64 / (days.len() - 1) as f64)
        } else {
            50.0
        }
    };
    let down = |share: f64| 100.0 - percent(share * 100.0 / top);
    let mut trend = Trend {
        top,
        ..Trend::default()
    };
    let mut run: Vec<(Point, Point, Point)> = Vec::new();
    for (place, day) in days.iter().enumerate() {
        let (Some(share), Some(interval)) = (day.share(), day.wilson()) else {
            trend.close(&mut run, false);
            continue;
        };
        let at = |share: f64| Point {
            x: across(place),
            y: down(share),
        };
        trend.last = Some((at(share), *day));
        run.push((at(share), at(interval.low), at(interval.high)));
    }
    trend.close(&mut run, partial);
    trend
}

impl Trend {
    /// Ends a run of days without gap.
    fn close(&mut self, run: &mut Vec<(Point, Point, Point)>, partial: bool) {
        let run = std::mem::take(run);
        if let [(alone, ..)] = run.as_slice() {
            self.dots.push(*alone);
        }
        if run.len() < 2 {
            return;
        }
        let lower = run.iter().rev().map(|(_, low, _)| *low);
        self.bands
            .push(run.iter().map(|(_, _, high)| *high).chain(lower).collect());
        let mut line: Vec<Point> = run.into_iter().map(|(middle, ..)| middle).collect();
        if partial {
            let today = line.pop();
            self.partial = line
                .last()
                .copied()
                .zip(today)
                .map(|(before, today)| [before, today]);
        }
        if line.len() > 1 {
            self.lines.push(line);
        }
    }

    /// Whether there are enough days for a line.
    pub fn is_line(&self) -> bool {
        !self.bands.is_empty()
    }

    /// The lines, as `points`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.lines.iter().map(|line| points(line))
    }

    /// The bands, as `points`.
    pub fn bands(&self) -> impl Iterator<Item = String> {
        self.bands.iter().map(|band| points(band))
    }

    /// The stretch from yesterday to today, as `points`.
    pub fn partial(&self) -> Option<String> {
        self.partial.as_ref().map(|stretch| points(stretch))
    }

    /// Labels of the scale: its top and its middle.
    pub fn scale(&self) -> (String, String) {
        let label = |percent: f64| format!("{}\u{a0}%", attribute(percent));
        (label(self.top), label(self.top / 2.0))
    }
}

fn points(points: &[Point]) -> String {
    points
        .iter()
        .map(|point| format!("{},{}", point.x(), point.y()))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn gaps_stay_gaps_and_today_is_dashed() {
        let day = Rate::new(10, 100);
        let trend = layout(
            &[
                day,
                day,
                Rate::new(0, 0),
                day,
                Rate::new(0, 0),
                day,
                day,
                day,
            ],
            true,
        );

        assert_eq!(trend.lines.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(trend.bands.len(), 2);
        assert_eq!(trend.dots.len(), 1);
        assert!(trend.partial.is_some());
        assert_eq!(
            trend.scale(),
            ("20\u{a0}%".to_owned(), "10\u{a0}%".to_owned())
        );
        assert_eq!(trend.lines().next().unwrap(), "0,50 14.29,50");
    }

    #[test]
    fn of_nothing_there_is_no_line() {
        assert!(!layout(&[], false).is_line());
        assert!(!layout(&[Rate::new(1, 2)], true).is_line());
    }

    proptest! {
        #[test]
        fn everything_is_finite_and_inside_the_box(days in proptest::collection::vec((0_i64..500, 0_i64..500), 0..120), partial: bool) {
            let days: Vec<Rate> = days.into_iter().map(|(k, more)| Rate::new(k, k + more)).collect();
            let trend = layout(&days, partial);
            let stretch = trend.partial.iter().flatten();
            let all = trend.lines.iter().chain(&trend.bands).flatten().chain(stretch).chain(&trend.dots);
            for point in all.chain(trend.last.iter().map(|(point, _)| point)) {
                for place in [point.x, point.y] {
                    prop_assert!(place.is_finite() && (0.0..=100.0).contains(&place), "{place}");
                }
            }
        }
    }
}

//! The main goal over time, in words and figures. Pure.

use super::{chart::trend, number, when::day_short};
use crate::{
    report::{funnel::Conversion, period::Period},
    site::calendar,
    stats::Rate,
};

/// The main goal over time.
pub struct TrendView {
    /// The finding.
    pub title: String,
    /// Its interval, and how to read the chart.
    pub note: String,
    /// For those who hear the chart.
    pub description: String,
    /// What the owner calls the goal.
    pub goal: String,
    /// The layout.
    pub chart: trend::Trend,
    /// Whether there is enough for a line.
    pub is_line: bool,
    /// Labels of the scale.
    pub scale: (String, String),
    /// Place of the last label, per cent from the left and from the top, and its words.
    pub last: Option<(String, String, String)>,
    /// Label of the first day.
    pub first_day: String,
    /// Label of the middle day, when there is room.
    pub middle_day: Option<String>,
    /// Label of the last day.
    pub last_day: String,
    /// The table, newest first.
    pub days: Vec<DayView>,
}

/// Visits a day below which a day's share is all or nothing, and a line would only jump.
const A_DAY: i64 = 10;

/// A row of the table.
pub struct DayView {
    /// The day.
    pub name: String,
    /// Visits.
    pub visits: String,
    /// Visits that reached the goal.
    pub reached: String,
    /// Their share.
    pub share: String,
    /// What chance alone allows.
    pub range: String,
}

/// `20.8 % of visits`; of few, `1 of 5 visits`.
pub(super) fn visits_share(rate: Rate) -> String {
    match (rate.is_enough(), rate.n) {
        (true, _) => format!("{} of visits", number::percent(rate)),
        (false, 1) => format!("{} visit", number::of(rate)),
        (false, _) => format!("{} visits", number::of(rate)),
    }
}

fn days_before(period: &Period) -> String {
    match period.length() {
        1 => "the day before".into(),
        n => format!("the {n} days before"),
    }
}

/// Words and layout of the trend above the funnel.
pub(super) fn trend_view(conversion: &Conversion, period: &Period) -> TrendView {
    let is_partial = period.is_today_included();
    let rates: Vec<Rate> = conversion.days.iter().map(|(_, rate)| *rate).collect();
    let chart = trend::layout(&rates, is_partial);
    let reached = format!(
        "{} reached “{}”",
        visits_share(conversion.rate),
        conversion.name
    );
    let is_enough = conversion.rate.is_enough();
    let days = i64::try_from(conversion.days.len()).unwrap_or(i64::MAX);
    let is_line = conversion.rate.n >= days * A_DAY && is_enough && chart.is_line();
    let difference = conversion
        .rate
        .difference(conversion.before)
        .filter(|_| is_enough && conversion.before.is_enough());
    let title = match difference {
        None => reached,
        Some((_, interval)) if interval.contains_zero() => {
            format!("{reached}, no clear change from {}", days_before(period))
        }
        Some((points, _)) => format!(
            "{reached}, {} than {} {}",
            number::points_more(points),
            if period.length() == 1 { "on" } else { "in" },
            days_before(period)
        ),
    };
    let range = difference
        .map(|(_, interval)| format!("Difference {} points. ", number::points_range(interval)));
    let today = if chart.partial().is_some() {
        "; today is dashed because it is not over"
    } else {
        ""
    };
    let per_day = if is_line {
        format!(" Per day, with the range that chance alone allows{today}.")
    } else {
        String::new()
    };
    let note = if is_enough {
        format!(
            "{}{} visits {}.{per_day}",
            range.unwrap_or_default(),
            number::of(conversion.rate),
            number::spread(conversion.rate),
        )
    } else {
        number::not_enough(conversion.rate.n, "visit", "visits")
    };
    let day_name = |day: i32, short: bool| {
        let date = calendar::date_of(day).unwrap_or_default();
        match (date == period.today, short) {
            (true, true) => "Today".to_owned(),
            (true, false) => "Today, so far".to_owned(),
            _ => day_short(date, period.today),
        }
    };
    let label = |place: usize| {
        conversion
            .days
            .get(place)
            .map(|(day, _)| day_name(*day, true))
            .unwrap_or_default()
    };
    let count = conversion.days.len();
    TrendView {
        description: format!(
            "A line with one point per day from {} to {}. The figures are in the table beneath.",
            label(0),
            label(count.saturating_sub(1))
        ),
        scale: chart.scale(),
        last: chart
            .last
            .as_ref()
            .map(|(point, rate)| (point.x(), point.words_y(), number::share(*rate))),
        first_day: label(0),
        middle_day: (count > 4).then(|| label((count - 1) / 2)),
        last_day: label(count.saturating_sub(1)),
        days: conversion
            .days
            .iter()
            .rev()
            .map(|(day, rate)| day_view(day_name(*day, false), *rate))
            .collect(),
        goal: conversion.name.clone(),
        is_line,
        title,
        note,
        chart,
    }
}

fn day_view(name: String, rate: Rate) -> DayView {
    DayView {
        name,
        visits: number::count(rate.n),
        reached: number::count(rate.k),
        share: if rate.is_enough() {
            number::percent(rate)
        } else {
            "–".into()
        },
        range: if rate.is_enough() {
            number::range(rate)
        } else {
            String::new()
        },
    }
}

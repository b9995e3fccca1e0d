//! What visits and visitors bring, in words. Pure.

use super::{
    board::Cell,
    board::other_currency,
    number,
    recount::{main_counted_from, nothing_counted, recount_line, uncounted},
    when::When,
};
use crate::{
    report::revenue::{Revenue, Takings},
    stats::{Amounts, LEVEL},
};

/// The page.
pub struct RevenueView {
    /// The finding.
    pub heading: String,
    /// What the owner calls the main goal; empty without one.
    pub main: String,
    /// Whether there are amounts.
    pub has_amounts: bool,
    /// The figures.
    pub rows: Vec<RowView>,
    /// Of whom they are.
    pub of_whom: String,
    /// What else to know about the figures.
    pub notes: Vec<String>,
    /// How many automated visits are left out.
    pub automated: Option<String>,
}

/// A figure.
pub struct RowView {
    /// What it is.
    pub name: &'static str,
    /// What that means.
    pub meaning: &'static str,
    /// The figure, its range, and of how many it is.
    pub now: Cell,
    /// The same of the days before.
    pub before: Cell,
}

impl RevenueView {
    /// Puts a report into words.
    pub fn new(report: &Revenue, when: &When) -> Self {
        let is_known = report.now.visitors.n > 0;
        Self {
            heading: heading(report),
            main: report.main.clone().unwrap_or_default(),
            has_amounts: report.has_amounts(),
            rows: rows(report),
            of_whom: match (report.main.is_some(), is_known) {
                (false, _) => String::new(),
                (true, false) => "Nobody agreed to be known again in these days, so that visitors cannot be told apart from one visit to the next.".into(),
                (true, true) => format!(
                    "Only those who agreed to be known again can be told apart from one visit to the next: {} in these days, of whom {} came more than once. Those who did not agree may do otherwise.",
                    number::counted(report.now.visitors.n, "visitor", "visitors"),
                    number::count(report.now.came_again)
                ),
            },
            notes: notes(report, when),
            automated: (report.automated > 0).then(|| {
                let visits = number::counted(report.automated, "visit", "visits");
                let are = if report.automated == 1 { "is" } else { "are" };
                format!("{visits} of automated browsers {are} not counted.")
            }),
        }
    }
}

fn heading(report: &Revenue) -> String {
    if report.now.visits.n == 0 {
        return match report.other_goals {
            0 => "No visits in these days".into(),
            _ => nothing_counted(report.recount.as_ref(), "the present goals"),
        };
    }
    let again = report.now.bought_again;
    let again = again.is_enough().then(|| {
        let share = number::percent(again);
        format!("{share} of those who bought did so again")
    });
    let brings = report.has_amounts().then(|| brings(report));
    match (brings, again) {
        (Some(brings), Some(again)) => format!("{brings}, and {again}"),
        (one, other) => one
            .or(other)
            .unwrap_or_else(|| "Revenue and repeat purchase".into()),
    }
}

fn brings(report: &Revenue) -> String {
    let visits = report.now.visits;
    // Of few there is a sum alone.
    match visits.mean().filter(|_| visits.interval(LEVEL).is_some()) {
        Some(mean) => format!("A visit brings {}", money(mean, &report.currency)),
        None => format!(
            "{} brought {}",
            number::counted(visits.n, "visit", "visits"),
            money(visits.sums[0], &report.currency)
        ),
    }
}

fn rows(report: &Revenue) -> Vec<RowView> {
    let amount = |name, meaning, of: fn(&Takings) -> Amounts, counted: [&str; 2]| {
        let cell = |takings| cell(of(takings), &report.currency, counted);
        RowView {
            name,
            meaning,
            now: cell(&report.now),
            before: cell(&report.before),
        }
    };
    let mut rows = vec![];
    let is_known = report.now.visitors.n > 0;
    if report.has_amounts() {
        rows.push(amount(
            "Revenue per visit",
            "Of all visits, with or without consent.",
            |takings| takings.visits,
            ["visit", "visits"],
        ));
    }
    if report.has_amounts() && is_known {
        rows.push(amount(
            "Revenue per visitor",
            "Of visitors who agreed to be known again.",
            |takings| takings.visitors,
            ["visitor", "visitors"],
        ));
    }
    if is_known {
        rows.push(RowView {
            name: "Bought again",
            meaning: "Of those of them who bought, those who did in two visits or more.",
            now: Cell::new(report.now.bought_again),
            before: Cell::new(report.before.bought_again),
        });
    }
    rows
}

fn cell(amounts: Amounts, currency: &str, [one, many]: [&str; 2]) -> Cell {
    let money = |minor: f64| money(minor, currency);
    let counted = number::counted(amounts.n, one, many);
    let all = money(amounts.sums[0]);
    match amounts.mean().zip(amounts.interval(LEVEL)) {
        Some((mean, range)) => Cell {
            share: money(mean),
            spread: format!("({} to {})", money(range.low), money(range.high)),
            of: format!("{all} of {counted}"),
        },
        None => Cell {
            share: format!("{all} of {counted}"),
            spread: String::new(),
            of: String::new(),
        },
    }
}

fn money(minor: f64, currency: &str) -> String {
    number::money(minor.round() as i64, currency)
}

fn notes(report: &Revenue, when: &When) -> Vec<String> {
    let mut notes: Vec<String> = recount_line(report.recount.as_ref(), when)
        .into_iter()
        .collect();
    let assumed = report.assumed_minor.filter(|minor| *minor > 0);
    if let Some((minor, main)) = assumed.zip(report.main.as_ref()) {
        let worth = number::money(minor, &report.currency);
        notes.push(match report.is_told {
            true => format!("Where the page told no amount, “{main}” counts {worth}, as the goal says."),
            false => format!("In these days the page told nothing but what the goal says: each “{main}” counts {worth}."),
        });
    }
    notes.extend(other_currency(report.other_currency).map(|told| {
        format!("{told}: where the site’s is still another, they bring nothing that is known.")
    }));
    let (main, recount) = (report.main.as_deref(), report.recount.as_ref());
    notes.extend(uncounted(
        report.other_goals,
        recount,
        "the present main goal",
    ));
    notes.extend(main_counted_from(main, report.told_from, when.today()));
    notes
}

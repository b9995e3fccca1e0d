//! Step by step: against the days before, and by what one dimension says, in words and figures. Pure.

use crate::{
    ingest::cube::Dimension,
    report::funnel::{FunnelReport, Group, Reached},
    stats::Rate,
    types::Millis,
    web::view::{
        against::{LineView, counts, difference, rates},
        board::Cell,
        chosen::Chosen,
        dimension::{place, value_words},
        number,
        when::duration,
    },
};

/// Values of a dimension on the page; the files have all.
const MOST_VALUES: usize = 30;

/// By what one dimension says.
pub struct GroupsView {
    /// The dimension.
    pub name: &'static str,
    /// The steps.
    pub steps: Vec<String>,
    /// Whether there is more than one step, so that the whole way is another figure.
    pub has_way: bool,
    /// One a value.
    pub rows: Vec<GroupView>,
    /// What is not on the page.
    pub rest: Option<String>,
}

/// Visits of which the dimension says the same.
pub struct GroupView {
    /// What it says.
    pub name: String,
    /// Where only these are counted.
    pub only: String,
    /// How many.
    pub visits: String,
    /// At each step, of those at the step before; with the name of the step.
    pub steps: Vec<(String, Cell)>,
    /// At the last one, of all.
    pub way: Cell,
    /// How that changed.
    pub difference: String,
}

/// How long visits take to a step.
pub struct TimeView {
    /// Where they come from, and where to.
    pub name: String,
    /// Half of them took at most this long.
    pub median: String,
    /// The middle half of them took from this to that.
    pub middle: String,
    /// How many of those who came there have a time.
    pub known: String,
}

/// From each step to the next.
pub(super) fn times(report: &FunnelReport) -> Option<Vec<TimeView>> {
    let pairs = report.steps.iter().zip(report.steps.iter().skip(1));
    let views = pairs.zip(0..).map(|((before, step), place)| {
        let time = step.time?;
        let from = if place == 0 {
            "Start of the visit"
        } else {
            &before.name
        };
        let quartiles = |words: &dyn Fn([Millis; 3]) -> String| {
            time.quartiles.map_or_else(|| "–".into(), words)
        };
        Some(TimeView {
            name: format!("{from} → {}", step.name),
            median: quartiles(&|[_, median, _]| duration(median)),
            middle: quartiles(&|[low, _, high]| format!("{} to {}", duration(low), duration(high))),
            known: number::of(Rate::new(time.n, step.of_all.k)),
        })
    });
    let views: Option<Vec<TimeView>> = views.collect();
    views.filter(|views| !views.is_empty())
}

/// Each step against the days before, where they are told of.
pub(super) fn lines(report: &FunnelReport) -> Vec<LineView> {
    let Some((first, steps)) = report
        .steps
        .split_first()
        .filter(|_| report.uncounted_before == 0)
    else {
        return vec![];
    };
    let all = counts(&first.name, "", first.of_all.n, first.earlier.of_all.n);
    let of_before = steps.iter().zip(0..).map(|(step, place)| {
        let meaning = match place {
            0 => "Of all visits.",
            _ => "Of those at the step before.",
        };
        rates(&step.name, meaning, step.of_before, step.earlier.of_before)
    });
    let way = steps.last().filter(|_| steps.len() > 1).map(|last| {
        let meaning = "Visits that came to the last step, of all.";
        rates("All the way", meaning, last.of_all, last.earlier.of_all)
    });
    std::iter::once(all).chain(of_before).chain(way).collect()
}

pub(super) fn groups(report: &FunnelReport, by: Dimension, chosen: &Chosen<'_>) -> GroupsView {
    let come = report.groups.iter().filter(|it| visits(&it.now) > 0);
    let mut come: Vec<&Group> = come.collect();
    come.sort_by_key(|it| place(by, &it.value));
    let (shown, rest) = come.split_at(come.len().min(MOST_VALUES));
    let left: i64 = rest.iter().map(|it| visits(&it.now)).sum();
    let names = report.steps.iter().skip(1);
    let names: Vec<String> = names.map(|step| step.name.clone()).collect();
    GroupsView {
        name: by.label(),
        has_way: names.len() > 1,
        rows: shown
            .iter()
            .map(|it| group(it, by, &names, chosen))
            .collect(),
        steps: names,
        rest: (!rest.is_empty()).then(|| {
            format!(
                "{} more with {} are in the files.",
                number::count(rest.len() as i64),
                number::counted(left, "visit", "visits")
            )
        }),
    }
}

fn visits(steps: &[Reached]) -> i64 {
    steps.first().map_or(0, |all| all.of_all.n)
}

fn way(steps: &[Reached]) -> Rate {
    steps.last().map(|last| last.of_all).unwrap_or_default()
}

fn group(group: &Group, by: Dimension, names: &[String], chosen: &Chosen<'_>) -> GroupView {
    let steps = names.iter().zip(group.now.iter().skip(1));
    GroupView {
        name: value_words(by, &group.value),
        only: chosen.with(by, &group.value),
        visits: number::count(visits(&group.now)),
        steps: steps
            .map(|(name, step)| (name.clone(), Cell::new(step.of_before)))
            .collect(),
        way: Cell::new(way(&group.now)),
        difference: difference(way(&group.now), way(&group.earlier)),
    }
}

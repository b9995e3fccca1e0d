//! The funnel with reasons, in words and figures. Pure.

mod beside;
mod drop;
mod first;
mod load;
mod notes;
mod reason;
mod steps;
mod sure;

use self::{
    beside::beside_view,
    drop::drop_view,
    first::fix_lists,
    notes::{another_way, counting, notes, open_note, passed_over, picked, plain, untimed},
    steps::{groups, lines, times},
};
pub use self::{
    beside::{BesideOptions, BesideView, SideLine, beside_options},
    drop::{DropView, VerbatimView},
    first::FixList,
    notes::time_words,
    reason::ReasonView,
    steps::{GroupView, GroupsView, TimeView},
    sure::SureRow,
};
use super::{
    against::LineView,
    chart::funnel as bands,
    chosen::{Chosen, FilterView},
    number,
    recount::nothing_counted,
    trend::{TrendView, trend_view, visits_share},
    when::{When, days_long},
};
use crate::{
    report::{
        funnel::{DropOff, FunnelChoice, FunnelReport, ReasonShare, Step, UpTo},
        period::Period,
    },
    stats::Rate,
    types::GoalId,
};

/// The page.
pub struct FunnelView {
    /// Whether the site was ever visited.
    pub is_visited: bool,
    /// Whether there are steps.
    pub has_goals: bool,
    /// Whether anything asks.
    pub has_prompts: bool,
    /// `12,614 visits`.
    pub visits: String,
    /// What was asked for besides the days: filters, and how the steps count.
    pub picked: Vec<FilterView>,
    /// Says how the steps count, where they do not count one after the other with anything between them.
    pub counting: Option<String>,
    /// The query string without that; `None` where reasons stand at the drop-offs.
    pub with_reasons: Option<String>,
    /// The query string that asks another report for the same visits.
    pub of_visits: String,
    /// Goals that could be asked not to come between the steps.
    pub between: Vec<(GoalId, String)>,
    /// What the owner calls the goals of the steps.
    pub goals: Vec<String>,
    /// The finding.
    pub heading: String,
    /// The main goal over time.
    pub trend: Option<TrendView>,
    /// The bands and what falls out between them.
    pub bands: Vec<BandView>,
    /// Each step against the days before.
    pub lines: Vec<LineView>,
    /// What the days before are called.
    pub before: String,
    /// How long visits take from step to step, when that was asked for.
    pub times: Option<Vec<TimeView>>,
    /// The query string that asks for it; `None` where it is told, or is not.
    pub timed: Option<String>,
    /// By what one dimension says.
    pub groups: Option<GroupsView>,
    /// With other visits beside them, step by step.
    pub beside: Option<BesideView>,
    /// What to fix first, the largest possible gain on top.
    pub fixes: Vec<FixList>,
    /// How many visits reached the main goal without these steps in this order.
    pub another_way: Option<String>,
    /// How many visits may still move on.
    pub open: Option<String>,
    /// What else to know about the figures.
    pub notes: Vec<String>,
    /// How many automated visits are left out.
    pub automated: Option<String>,
}

/// A band, and the gap beneath it.
pub struct BandView {
    /// The layout.
    pub chart: bands::Band,
    /// Visits still there.
    pub n: String,
    /// The step.
    pub name: String,
    /// Share of the step before; empty when there is nothing to say.
    pub rate: String,
    /// What chance alone allows.
    pub spread: String,
    /// What the share is of.
    pub of: String,
    /// The end of the funnel.
    pub is_last: bool,
    /// Those who leave here.
    pub drop: Option<DropView>,
}

impl FunnelView {
    /// Puts a report into words.
    pub fn new(
        report: &FunnelReport,
        choice: &FunnelChoice,
        period: &Period,
        when: &When,
        currency: &str,
    ) -> Self {
        let chosen = Chosen {
            period,
            choice: &choice.visits,
            own: choice.pairs(),
        };
        let (from, to) = period.previous();
        let visits = report.steps.first().map_or(0, |step| step.of_all.n);
        Self {
            is_visited: report.is_visited,
            has_goals: report.steps.len() > 1,
            has_prompts: report.live_prompts > 0,
            visits: number::counted(visits, "visit", "visits"),
            picked: picked(report, choice.beside.as_ref(), &chosen),
            counting: counting(report),
            with_reasons: (!report.has_reasons).then(|| plain(&chosen)),
            of_visits: Chosen::new(period, &choice.visits).query(),
            between: report.between.clone(),
            goals: report.goals.clone(),
            heading: heading(report),
            trend: report
                .conversion
                .as_ref()
                .filter(|conversion| conversion.rate.n > 0)
                .map(|it| trend_view(it, period)),
            bands: band_views(report, &chosen, when, currency),
            lines: lines(report),
            before: days_long(from, to, period.today),
            times: times(report),
            timed: (report.has_reasons && !choice.is_timed)
                .then(|| format!("{}&times=1", chosen.query())),
            groups: choice.visits.by.map(|by| groups(report, by, &chosen)),
            beside: beside_view(report, choice.beside.as_ref(), &chosen),
            fixes: fix_lists(report, &chosen, currency),
            another_way: another_way(report),
            open: open_note(report.open),
            notes: passed_over(report, choice)
                .into_iter()
                .chain(untimed(report, choice))
                .chain(notes(report, when))
                .chain(chosen.left_out())
                .collect(),
            automated: (report.automated > 0).then(|| {
                let visits = number::counted(report.automated, "visit", "visits");
                format!(
                    "{visits} of automated browsers {} not counted.",
                    if report.automated == 1 { "is" } else { "are" }
                )
            }),
        }
    }
}

/// The finding of the page: where they leave, and what they name most.
fn heading(report: &FunnelReport) -> String {
    let visits = report.steps.first().map_or(0, |step| step.of_all.n);
    if visits == 0 {
        let left_out = report.without.as_ref().and_then(|it| it.left_out);
        return match left_out.unwrap_or_default() + report.unknown_order {
            0 if report.other_steps > 0 => {
                nothing_counted(report.recount.as_ref(), "the present steps")
            }
            0 => "No visits in these days".into(),
            _ => "No visit of these days counts".into(),
        };
    }
    let most_heard = report
        .drops
        .iter()
        .filter(|drop| drop.reasons.iter().any(|reason| reason.rate.k > 0))
        .max_by_key(|drop| drop.offered);
    let Some(drop) = most_heard else {
        // Counted another way, the funnel ends with other visits than all that reach the main goal.
        if let Some(last) = report.steps.last().filter(|_| !report.has_reasons) {
            return format!("{} take all these steps", visits_share(last.of_all));
        }
        return report.conversion.as_ref().map_or_else(
            || "Where visitors leave, and why they say so".into(),
            |conversion| {
                let share = visits_share(conversion.rate);
                format!("{share} reach “{}”", conversion.name)
            },
        );
    };
    let leave = leave(drop, &report.steps);
    let losses = drop.reasons.iter();
    let losses: Vec<_> = losses.filter(|it| it.is_loss && it.rate.k > 0).collect();
    match losses.as_slice() {
        [first, second, ..] if is_tie(first, second) => leave.trim_end_matches('.').to_owned(),
        // Others were named by more, of more who could.
        [first, others @ ..] if others.iter().any(|it| it.rate.k > first.rate.k) => {
            format!("{leave} Named most by those who could: “{}”", first.name)
        }
        [first, ..] if first.rate.is_enough() => {
            format!("{leave} They name “{}” most", first.name)
        }
        [first, ..] => format!("{leave} Named most so far: “{}”", first.name),
        [] => leave,
    }
}

/// Whether two reasons were named as often as each other, as far as is known.
fn is_tie(first: &ReasonShare, second: &ReasonShare) -> bool {
    match (first.corrected, second.corrected) {
        (Some(first), Some(second)) => (first.share - second.share).abs() < 1e-9,
        _ => first.rate.k == second.rate.k,
    }
}

/// `€4,900`, or `28 conversions` where the main goal has no value.
fn amount(up_to: UpTo, currency: &str) -> String {
    match up_to.minor {
        Some(minor) => number::money_estimate(minor, currency),
        None => {
            let n = number::estimate(up_to.conversions);
            let unit = if n == "1" {
                "conversion"
            } else {
                "conversions"
            };
            format!("{n} {unit}")
        }
    }
}

/// Where they leave: a share of those who were there; of few, their number.
fn leave(drop: &DropOff, steps: &[Step]) -> String {
    let (here, next) = (steps.get(drop.step), steps.get(drop.step + 1));
    let (Some(here), Some(next)) = (here, next) else {
        return String::new();
    };
    // Some of them reached the main goal, or the next step before this one: they did not leave, they took another way.
    let other_way = drop.converted > 0 || next.oddity.is_some();
    let fall = match (other_way, drop.step) {
        (false, 0) => format!("leave before “{}”", next.name),
        (false, _) => "leave".to_owned(),
        (true, 0) => format!("do not reach “{}”", next.name),
        (true, _) => "go no further in this order".to_owned(),
    };
    match (drop.left.is_enough(), drop.step) {
        (true, 0) => format!("Of all visits, {} {fall}.", number::percent(drop.left)),
        (true, _) => {
            let share = number::percent(drop.left);
            format!("Of the visits at “{}”, {share} {fall}.", here.name)
        }
        (false, 0) => format!("{} {fall}.", visits_share(drop.left)),
        (false, _) => format!("{} at “{}” {fall}.", visits_share(drop.left), here.name),
    }
}

fn band_views(
    report: &FunnelReport,
    chosen: &Chosen<'_>,
    when: &When,
    currency: &str,
) -> Vec<BandView> {
    let counts: Vec<i64> = report.steps.iter().map(|step| step.of_all.k).collect();
    let last = report.steps.len().saturating_sub(1);
    let charts = bands::layout(&counts).into_iter().enumerate();
    charts
        .zip(&report.steps)
        .map(|((place, chart), step)| BandView {
            chart,
            n: number::count(step.of_all.k),
            name: step.name.clone(),
            rate: band_rate(place, step),
            spread: if place > 0 && step.of_before.is_enough() {
                number::spread(step.of_before)
            } else {
                String::new()
            },
            of: band_of(place, step),
            is_last: place == last && place > 0,
            drop: report
                .drops
                .get(place)
                .map(|drop| drop_view(drop, step, report, chosen, when, currency)),
        })
        .collect()
}

/// What is still there, of the step before.
fn band_rate(place: usize, step: &Step) -> String {
    match (place, step.of_all.is_enough()) {
        (0, true) => number::percent(step.of_all),
        (0, false) => String::new(),
        _ if step.of_before.n == 0 => String::new(),
        _ => number::share(step.of_before),
    }
}

/// What [`band_rate`] is a share of.
fn band_of(place: usize, step: &Step) -> String {
    if place == 0 {
        return "start".into();
    }
    let before = match (place, step.of_before.is_enough()) {
        _ if step.of_before.n == 0 => return String::new(),
        (1, true) => return "of all visits".into(),
        (1, false) => return "visits".into(),
        (_, true) => "of the step before",
        (_, false) => "at the step before",
    };
    let all = if step.of_all.is_enough() {
        format!("{} of all", number::percent(step.of_all))
    } else {
        let Rate { k, n } = step.of_all;
        format!("{} of all {}", number::count(k), number::count(n))
    };
    format!("{before} · {all}")
}

//! What to know about the funnel besides its figures: how its steps count, and what is left out. Pure.

use super::beside;
use crate::{
    clock::MINUTE,
    report::{
        funnel::{Beside, FunnelChoice, FunnelReport, Without},
        signatures::funnel::Order,
    },
    site::calendar::date_of,
    types::Millis,
    web::view::{
        chosen::{Chosen, FilterView},
        number,
        recount::recount_line,
        when::{When, days_long},
    },
};

/// What was asked for besides the days, each to be taken away.
pub(super) fn picked(
    report: &FunnelReport,
    beside: Option<&Beside>,
    chosen: &Chosen<'_>,
) -> Vec<FilterView> {
    let order = (report.order != Order::default()).then(|| FilterView {
        words: report.order.label().into(),
        without: chosen.without("order"),
    });
    let without = report.without.iter();
    let between = without.flat_map(|without| between(without, report, chosen));
    let within = report.within.map(|within| FilterView {
        words: format!("Within {} of the first step", time_words(within)),
        without: chosen.without("within"),
    });
    let filters = chosen.filters();
    let beside = beside.map(|beside| FilterView {
        words: format!("Beside: {}", beside::name(beside)),
        without: keeping(chosen, |name| !name.starts_with("beside")),
    });
    let counted = order.into_iter().chain(between).chain(within);
    counted.chain(filters).chain(beside).collect()
}

/// What must not come between, with all that is said of it, and that visits are left out for it.
fn between(
    without: &Without,
    report: &FunnelReport,
    chosen: &Chosen<'_>,
) -> impl Iterator<Item = FilterView> {
    let of_it = ["without", "after", "before", "leave_out"];
    let goal = FilterView {
        words: match between_words(without, report) {
            Some(steps) => format!("“{}” not between {steps}", without.name),
            None => format!("“{}” not between", without.name),
        },
        without: keeping(chosen, |name| !of_it.contains(&name)),
    };
    let left_out = without.left_out.map(|_| FilterView {
        words: "Such visits left out".into(),
        without: chosen.without("leave_out"),
    });
    std::iter::once(goal).chain(left_out)
}

/// `“Viewed pricing” and “Started the form”`; `None` from the first step to the last.
fn between_words(without: &Without, report: &FunnelReport) -> Option<String> {
    let name = |place: usize| report.goals.get(place - 1);
    let (after, before) = (name(without.after)?, name(without.before)?);
    let is_all = without.after == 1 && without.before == report.goals.len();
    (!is_all).then(|| format!("“{after}” and “{before}”"))
}

/// The query string by which the steps count as answers are joined to them.
pub(super) fn plain(chosen: &Chosen<'_>) -> String {
    keeping(chosen, |name| name.starts_with("beside"))
}

/// The query string with that alone of what only the funnel can be asked for.
fn keeping(chosen: &Chosen<'_>, is_kept: impl Fn(&str) -> bool) -> String {
    let own = chosen.own.iter();
    let kept = own.filter(|(name, _)| is_kept(name));
    Chosen {
        own: kept.cloned().collect(),
        ..*chosen
    }
    .query()
}

/// How the steps count, where a band could be read otherwise.
pub(super) fn counting(report: &FunnelReport) -> Option<String> {
    match report.order {
        Order::Any => Some("How many of the steps a visit reached, in whichever order.".into()),
        Order::Strict => Some(
            "A step counts only right after the one before: no other goal of yours may come between them. Pages and events that are no goal may, and so may the same goal again.".into(),
        ),
        Order::Sequential => in_order(report),
    }
}

fn in_order(report: &FunnelReport) -> Option<String> {
    let within = report.within.map(|within| {
        format!(
            "A step counts only when it is reached within {} of the first one. Each time that a visit reaches the first step, the time begins anew.",
            time_words(within)
        )
    });
    let without = report.without.as_ref();
    let again = without.map(|without| {
        let steps = between_words(without, report);
        format!(
            "A visit that reaches “{}” between {} has to begin again.",
            without.name,
            steps.as_deref().unwrap_or("the first step and the last")
        )
    });
    let best = match without.and_then(|it| it.left_out) {
        Some(_) => {
            "Its best way counts; a visit that came to fewer steps because of it is left out."
        }
        None => "What it had come to stays, and its best way counts.",
    };
    let sentences: Vec<String> = within.into_iter().chain(again).collect();
    (!sentences.is_empty()).then(|| format!("{} {best}", sentences.join(" ")))
}

/// `15 minutes`, `1 hour`.
pub fn time_words(ms: Millis) -> String {
    let minutes = ms / MINUTE;
    match minutes % 60 {
        0 => number::counted(minutes / 60, "hour", "hours"),
        _ => number::counted(minutes, "minute", "minutes"),
    }
}

/// Why it is not known of visits how far they came.
pub(super) fn unknown(report: &FunnelReport) -> &'static str {
    match report.within {
        Some(_) => {
            "when they reached the steps is not known any more, or takes too many events to tell"
        }
        None => "the order of all their goals was not kept",
    }
}

/// Why the last band is smaller than the number of visits that reached the main goal.
pub(super) fn another_way(report: &FunnelReport) -> Option<String> {
    let main = report.conversion.as_ref()?;
    let visits: i64 = report.drops.iter().map(|drop| drop.converted).sum();
    (visits > 0).then(|| {
        format!(
            "{} reached “{}” another way: {}.",
            number::counted(visits, "visit", "visits"),
            main.name,
            ways(report),
        )
    })
}

/// In which other ways a visit may have reached the main goal.
fn ways(report: &FunnelReport) -> String {
    // Where such visits are left out none of the others had it.
    let has_between = |it: &Without| it.left_out.is_none();
    let is_between =
        report.order == Order::Strict || report.without.as_ref().is_some_and(has_between);
    let ways = [
        (true, "without all of these steps"),
        (report.order != Order::Any, "in another order"),
        (is_between, "with something between them"),
        (report.within.is_some(), "not in time"),
    ];
    let ways: Vec<&str> = ways
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, way)| *way)
        .collect();
    match ways.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{}, or {last}", others.join(", ")),
        _ => ways.concat(),
    }
}

pub(super) fn open_note(open: i64) -> Option<String> {
    match open {
        0 => None,
        1 => Some("1 visit is still open. It counts already and may still move on.".into()),
        n => Some(format!(
            "{} visits are still open. They count already and may still move on.",
            number::count(n)
        )),
    }
}

pub(super) fn notes(report: &FunnelReport, when: &When) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(recount_line(report.recount.as_ref(), when));
    if let Some(day) = report.counts_from.and_then(date_of) {
        notes.push(format!(
            "From {} on every visit is counted by the present steps.",
            days_long(day, day, when.today())
        ));
    }
    if report.other_steps > 0 {
        let visits = number::counted(report.other_steps, "visit", "visits");
        let by = match (report.order, &report.without) {
            (Order::Strict, _) | (_, Some(_)) => "goals",
            _ => "steps",
        };
        let (were, are) = number_of(report.other_steps);
        notes.push(format!(
            "{visits} of these days {were} counted by other {by} and {are} left out."
        ));
    }
    if report.uncounted_before > 0 {
        let visits = number::counted(report.uncounted_before, "visit", "visits");
        let (were, _) = number_of(report.uncounted_before);
        notes.push(format!(
            "{visits} of the days before {were} counted by other steps: nothing is compared with those days."
        ));
    }
    if report.unknown_order > 0 {
        let visits = number::counted(report.unknown_order, "visit", "visits");
        let (_, are) = number_of(report.unknown_order);
        notes.push(format!(
            "{visits} of these days {are} left out of the steps: {}.",
            unknown(report)
        ));
    }
    notes.extend(report.without.as_ref().and_then(left_out));
    notes.extend(of_all(report));
    notes
}

/// What was asked for and does not count: another order takes its place.
pub(super) fn passed_over(report: &FunnelReport, choice: &FunnelChoice) -> Option<String> {
    let is_passed = [
        (
            "Not when something came between",
            choice.without.is_some() && report.without.is_none(),
        ),
        (
            "Time from the first step",
            choice.within.is_some() && report.within.is_none(),
        ),
    ];
    let names = is_passed.into_iter().filter(|(_, is_passed)| *is_passed);
    let names: Vec<String> = names.map(|(name, _)| format!("“{name}”")).collect();
    let (has, them) = match names.as_slice() {
        [_] => ("has", "it works"),
        _ => ("have", "they work"),
    };
    (report.order != Order::default() && !names.is_empty()).then(|| {
        format!(
            "{} {has} no part in these figures: {them} with “{}” only.",
            names.join(" and "),
            Order::default().label()
        )
    })
}

/// Why the times that were asked for are not there.
pub(super) fn untimed(report: &FunnelReport, choice: &FunnelChoice) -> Option<String> {
    let mut later = report.steps.iter().skip(1);
    let has_none = report.steps.len() > 1 && later.all(|step| step.time.is_none());
    (choice.is_timed && has_none).then(|| {
        format!(
            "Times from step to step are told where steps count as “{}”, in any time and whatever came between.",
            Order::default().label()
        )
    })
}

/// Of whom the share of the main goal is told, where the steps are of fewer visits.
fn of_all(report: &FunnelReport) -> Option<String> {
    let left_out = report.without.as_ref().and_then(|it| it.left_out);
    let is_fewer = left_out.unwrap_or_default() + report.unknown_order > 0;
    let conversion = report.conversion.as_ref().filter(|_| is_fewer)?;
    Some(format!(
        "How many visits reach “{}” is told of all of them, whatever their steps: {}.",
        conversion.name,
        number::of(conversion.rate)
    ))
}

/// How many visits are left out for what came between, where such visits are.
fn left_out(without: &Without) -> Option<String> {
    let name = &without.name;
    Some(match without.left_out? {
        0 => format!(
            "No visit of these days is left out: none came to fewer steps because of “{name}”."
        ),
        n => {
            let visits = number::counted(n, "visit", "visits");
            let (_, are) = number_of(n);
            let it = if n == 1 { "it" } else { "they" };
            format!(
                "{visits} of these days {are} left out of the steps: {it} came to fewer because of “{name}”."
            )
        }
    })
}

/// `was` and `is`, `were` and `are`.
fn number_of(n: i64) -> (&'static str, &'static str) {
    if n == 1 {
        ("was", "is")
    } else {
        ("were", "are")
    }
}

//! Two kinds of visits side by side, step by step, in words and figures. Pure.

use url::form_urlencoded;

use super::notes::{open_note, unknown};
use crate::{
    report::{
        funnel::{Beside, FunnelChoice, FunnelReport, OtherVisits, Reached},
        overview::Choice,
        period::Period,
    },
    stats::Rate,
    web::view::{
        against::difference_from,
        board::Cell,
        chosen::{Chosen, OTHERS, text, told, words},
        dimension::{place, value_words},
        number,
        when::days_long,
    },
};

/// Values of a dimension that are offered.
const MOST_VALUES: usize = 30;

/// Those that are asked for, and those beside them.
pub struct BesideView {
    /// What the first are called.
    pub these: String,
    /// What the others are called.
    pub those: String,
    /// All visits, then each step, then the whole way; none where one side has no visits.
    pub lines: Vec<SideLine>,
    /// Why there are none.
    pub nothing: String,
    /// Whether a visit may be one of both.
    pub is_shared: bool,
    /// The query string that has the two change places.
    pub swapped: Option<String>,
    /// What else to know.
    pub notes: Vec<String>,
}

/// A figure of both.
pub struct SideLine {
    /// What was counted.
    pub name: String,
    /// Of what.
    pub meaning: &'static str,
    /// Of those that are asked for.
    pub these: Side,
    /// Of the others.
    pub those: Side,
    /// By how much they differ, with the range.
    pub difference: String,
}

/// A figure of one of them.
pub struct Side {
    /// Of the step before.
    pub cell: Cell,
    /// Of all, where that is another figure: `12.3 % ±1.1 of all`.
    pub of_all: String,
}

/// What can be set beside the visits that are asked for.
pub struct BesideOptions {
    /// What they have in common; empty of those that stand alone.
    pub label: String,
    /// What is said in the query string, and in words.
    pub options: Vec<(String, String)>,
}

/// What is offered to be set beside these visits, with the goals of the site and what the break-down says.
pub fn beside_options(
    report: &FunnelReport,
    choice: &FunnelChoice,
    goals: &[(String, String)],
) -> Vec<BesideOptions> {
    let option = |text: &str, words: &str| (text.to_owned(), words.to_owned());
    let mut all = vec![
        match &choice.beside {
            Some(beside) if beside.days.is_some() => option("", "The same visits"),
            _ => option("", "Nothing"),
        },
        option("all", "All visits"),
    ];
    // They are of the same days.
    if choice.beside.as_ref().is_none_or(|it| it.days.is_none()) {
        all.push(option(OTHERS, "All other visits"));
    }
    let with = |name: &str, value: &str| {
        let filters = choice.visits.filters.iter();
        let filters = filters.map(|(by, value)| (by.as_str(), value.as_str()));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(filters.filter(|(by, _)| *by != name));
        query.append_pair(name, value).finish()
    };
    let of_goals = |name: &str, label: &str| BesideOptions {
        label: match choice.visits.filters.as_slice() {
            [] => label.to_owned(),
            _ => format!("{label}, with the same filters"),
        },
        options: goals
            .iter()
            .map(|(id, words)| (with(name, id), words.clone()))
            .collect(),
    };
    let mut rest = vec![
        of_goals("did", "Visits that reached"),
        of_goals("not", "Visits that did not reach"),
    ];
    if let Some(by) = choice.visits.by {
        let mut groups: Vec<_> = report.groups.iter().take(MOST_VALUES).collect();
        groups.sort_by_key(|group| place(by, &group.value));
        let one = |value: &str| (with(by.as_str(), value), value_words(by, value));
        rest.push(BesideOptions {
            label: by.label().to_owned(),
            options: groups.iter().map(|group| one(&group.value)).collect(),
        });
    }
    let offered = |text: &str| {
        let of_all = all.iter().chain(rest.iter().flat_map(|it| &it.options));
        of_all.into_iter().any(|(it, _)| it == text)
    };
    // What a link has asked for stays to be chosen.
    if let Some(beside) = choice.beside.as_ref().filter(|it| !offered(&it.text)) {
        let visits = beside.visits.as_ref().map(words);
        all.push(option(&beside.text, &visits.unwrap_or_default()));
    }
    rest.retain(|group| !group.options.is_empty());
    rest.insert(
        0,
        BesideOptions {
            label: String::new(),
            options: all,
        },
    );
    rest
}

/// What the visits beside are called.
pub(super) fn name(beside: &Beside) -> String {
    let visits = match &beside.visits {
        Some(visits) => words(visits),
        None => "All other visits".into(),
    };
    on_days(visits, beside, beside.days.as_ref())
}

/// `Device: Computer, 26 October to 22 November`; the days alone of the same visits on both sides, and the visits alone where the days
/// are the same.
fn on_days(visits: String, beside: &Beside, days: Option<&Period>) -> String {
    let days = days.map(|days| days_long(days.from, days.to, days.today));
    match days.filter(|_| beside.days.is_some()) {
        Some(days) if beside.text.is_empty() => days,
        Some(days) => format!("{visits}, {days}"),
        None => visits,
    }
}

/// Both, where others are asked for to stand beside these.
pub(super) fn beside_view(
    report: &FunnelReport,
    beside: Option<&Beside>,
    chosen: &Chosen<'_>,
) -> Option<BesideView> {
    let (beside, others) = (beside?, report.beside.as_ref()?);
    let is_all = beside.visits.is_none() && *chosen.choice == of_all(chosen.choice);
    let is_same = beside
        .visits
        .as_ref()
        .is_some_and(|visits| text(visits) == text(chosen.choice))
        && beside
            .days
            .as_ref()
            .is_none_or(|days| days.is_same(chosen.period));
    let these = on_days(words(chosen.choice), beside, Some(chosen.period));
    let those = name(beside);
    let ends = [
        (&these, report.steps.first().map(|it| it.of_all)),
        (&those, first(others)),
    ];
    let empty = ends
        .into_iter()
        .filter(|(_, all)| all.is_some_and(|all| all.n == 0));
    let empty: Vec<String> = empty.map(|(name, _)| format!("“{name}”")).collect();
    Some(BesideView {
        lines: match empty.as_slice() {
            [] if !is_same => lines(report, others),
            _ => vec![],
        },
        nothing: match empty.as_slice() {
            _ if is_same => "The same visits of the same days stand on both sides: choose other visits or other days under “Look closer”.".into(),
            _ if is_all => "These are all visits, so there are no others: choose under “Look closer” which visits the funnel is about.".into(),
            [one] => format!("{one} has no visits."),
            names => format!("{} have no visits.", names.join(" and ")),
        },
        these,
        those,
        is_shared: beside.may_share(chosen.choice, chosen.period),
        swapped: beside.visits.as_ref().map(|it| swapped(it, beside, chosen)),
        notes: notes(report, beside, others, chosen),
    })
}

/// The same without filters.
fn of_all(choice: &Choice) -> Choice {
    Choice {
        by: choice.by,
        ..Choice::default()
    }
}

fn first(others: &OtherVisits) -> Option<Rate> {
    others.steps.first().map(|all| all.of_all)
}

fn lines(report: &FunnelReport, others: &OtherVisits) -> Vec<SideLine> {
    let steps = report.steps.iter().zip(&others.steps).enumerate();
    let mut lines: Vec<SideLine> = steps
        .map(|(place, (step, other))| {
            let these = Reached {
                of_all: step.of_all,
                of_before: step.of_before,
            };
            line(place, &step.name, these, *other)
        })
        .collect();
    let ends = report.steps.last().zip(others.steps.last());
    if let Some((these, those)) = ends.filter(|_| report.steps.len() > 2) {
        lines.push(SideLine {
            name: "All the way".into(),
            meaning: "Visits that came to the last step, of all.",
            these: Side::new(these.of_all, None),
            those: Side::new(those.of_all, None),
            difference: difference_from(these.of_all, those.of_all, "no clear difference"),
        });
    }
    lines
}

fn line(place: usize, name: &str, these: Reached, those: Reached) -> SideLine {
    let (meaning, difference) = match place {
        0 => ("", String::new()),
        _ => (
            if place == 1 {
                "Of all visits."
            } else {
                "Of those at the step before."
            },
            difference_from(these.of_before, those.of_before, "no clear difference"),
        ),
    };
    let side = |it: Reached| match place {
        0 => Side::of_count(it.of_all.n),
        1 => Side::new(it.of_before, None),
        _ => Side::new(it.of_before, Some(it.of_all)),
    };
    SideLine {
        name: name.to_owned(),
        meaning,
        these: side(these),
        those: side(those),
        difference,
    }
}

impl Side {
    fn new(of_before: Rate, of_all: Option<Rate>) -> Self {
        let of_all = of_all.filter(|it| it.is_enough());
        Self {
            cell: Cell::new(of_before),
            of_all: of_all.map_or_else(String::new, |it| {
                format!("{} {} of all", number::percent(it), number::spread(it))
            }),
        }
    }

    fn of_count(n: i64) -> Self {
        Self {
            cell: Cell::of_count(n),
            of_all: String::new(),
        }
    }
}

/// The page about those beside, with these beside them.
fn swapped(visits: &Choice, beside: &Beside, chosen: &Chosen<'_>) -> String {
    let asked = chosen.period;
    let own = chosen.own.iter().map(|(name, value)| match *name {
        "beside" => ("beside", text(chosen.choice)),
        "beside_from" => ("beside_from", asked.from.to_string()),
        "beside_to" => ("beside_to", asked.to.to_string()),
        name => (name, value.clone()),
    });
    let visits = Choice {
        by: chosen.choice.by,
        ..visits.clone()
    };
    Chosen {
        period: beside.days.as_ref().unwrap_or(asked),
        choice: &visits,
        own: own.collect(),
    }
    .query()
}

fn notes(
    report: &FunnelReport,
    beside: &Beside,
    others: &OtherVisits,
    chosen: &Chosen<'_>,
) -> Vec<String> {
    let days = if beside.days.is_some() {
        "its"
    } else {
        "these"
    };
    let left_out = |n: i64, why: &str| {
        (n > 0).then(|| {
            let visits = number::counted(n, "visit", "visits");
            let are = if n == 1 { "is" } else { "are" };
            format!("On the other side, {visits} of {days} days {are} left out: {why}.")
        })
    };
    let shared = beside.may_share(chosen.choice, chosen.period).then(|| {
        "A visit may be on both sides; the range of the difference is then rather too wide than too narrow.".to_owned()
    });
    let later = beside.is_told_later(chosen.choice, chosen.period).then(|| {
        "The goals of the other side are told of from later on: that side has fewer days, so that what changed meanwhile is in the difference.".to_owned()
    });
    let segment = beside.visits.as_ref().map(|it| &it.segment);
    let cannot_tell = segment.and_then(|it| it.left_out_words(days));
    let sides = [Some(chosen.choice), beside.visits.as_ref()];
    let has_deeds = sides
        .iter()
        .flatten()
        .any(|it| told(&it.segment).count() > 0);
    let goes_with = has_deeds.then(|| {
        "Visits that reach a goal also stayed long enough to: what goes with it need not come from it.".to_owned()
    });
    let notes = [
        open_note(others.open)
            .filter(|_| beside.days.is_some())
            .map(|words| format!("On the other side, {words}")),
        goes_with,
        shared,
        later,
        cannot_tell.map(|words| format!("On the other side, {words}")),
        left_out(others.other_steps, "they were counted by other steps"),
        left_out(others.unknown_order, unknown(report)),
        report.without.as_ref().and_then(|without| {
            let why = format!("they came to fewer steps because of “{}”", without.name);
            left_out(others.left_out, &why)
        }),
    ];
    notes.into_iter().flatten().collect()
}

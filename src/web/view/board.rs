//! The board of small steps, in words and figures. Pure.

use super::{
    against::{LineView, rates},
    chosen::{Chosen, FilterView},
    number,
    recount::{counted_from, main_counted_from, nothing_counted, recount_line, uncounted},
    trend::visits_share,
    values::ValuesView,
    when::{When, day_short, days_long},
};
use crate::{
    ingest::cube::Dimension,
    report::{
        board::{Board, Figures, Main, Micro},
        overview::Choice,
        period::Period,
    },
    site::calendar,
    stats::Rate,
};

/// Small steps that are broken down on the page; the files have all.
const MOST_COLUMNS: usize = 5;

/// The page.
pub struct BoardView {
    /// The finding.
    pub heading: String,
    /// Filters that are set.
    pub filters: Vec<FilterView>,
    /// By what one dimension says.
    pub values: Option<ValuesView>,
    /// What the owner calls the main goal; empty without one.
    pub main: String,
    /// How it fared, and against the days before.
    pub main_note: String,
    /// Whether there is a goal beside the main one.
    pub has_micros: bool,
    /// The days before, in words.
    pub before: String,
    /// The other goals by stage; stages without a goal are left out, and all of them when nobody came.
    pub stages: Vec<StageView>,
    /// What else to know about the figures.
    pub notes: Vec<String>,
    /// How many automated visits are left out.
    pub automated: Option<String>,
}

/// The goals of a stage.
pub struct StageView {
    /// The stage.
    pub name: String,
    /// Its goals.
    pub micros: Vec<MicroView>,
}

/// A goal.
pub struct MicroView {
    /// Names it.
    pub id: String,
    /// What the owner calls it.
    pub name: String,
    /// Visits that reached it: `38.2 % ±1.7`, of few `3 of 5`.
    pub rate: Cell,
    /// `41.0`: times in 100 visits.
    pub per_visits: String,
    /// `512`: times for 100 main goals.
    pub per_macros: String,
    /// Visits that reached the main goal afterwards, of those that reached this first.
    pub after: Cell,
    /// Of the visits with the main goal, those that came by here.
    pub coverage: Cell,
    /// Every figure against the days before.
    pub lines: Vec<LineView>,
    /// From when on it counts, when that is not from the beginning of the days on.
    pub counted: Option<String>,
    /// How the share of visits changed, when chance alone does not explain it.
    pub change: Option<String>,
    /// What it is worth by the owner's word.
    pub value: Option<String>,
    /// What it would be worth by the figures.
    pub suggestion: Option<Suggestion>,
    /// Week by week.
    pub weeks: Vec<WeekView>,
}

/// A rate with what it is made of.
pub struct Cell {
    /// `38.2 %`, of few `3 of 5`.
    pub share: String,
    /// `±1.7`; empty of few.
    pub spread: String,
    /// `1,204 of 3,152`; empty of few, where the share says it.
    pub of: String,
}

/// A value that the figures speak for.
pub struct Suggestion {
    /// In minor units, for the form.
    pub minor: i64,
    /// `€2.10`.
    pub value: String,
    /// `€1.80 to €2.40`.
    pub range: String,
}

/// A week of a goal.
pub struct WeekView {
    /// Its first day.
    pub name: String,
    /// See [`MicroView`].
    pub rate: Cell,
    /// See [`MicroView`].
    pub per_macros: String,
    /// See [`MicroView`].
    pub after: Cell,
}

impl BoardView {
    /// Puts a board into words.
    pub fn new(
        board: &Board,
        (choice, period): (&Choice, &Period),
        currency: &str,
        when: &When,
    ) -> Self {
        let main = board.main.as_ref();
        let (from, to) = period.previous();
        let chosen = Chosen::new(period, choice);
        Self {
            heading: heading(board),
            filters: chosen.filters(),
            values: choice.by.map(|by| values(board, by, &chosen)),
            main: main.map(|main| main.name.clone()).unwrap_or_default(),
            main_note: main
                .filter(|main| main.rate.n > 0)
                .map(main_note)
                .unwrap_or_default(),
            has_micros: !board.micros.is_empty(),
            before: days_long(from, to, period.today),
            stages: match board.visits {
                0 => vec![],
                _ => stages(board, currency, (period, chosen.filters().is_empty())),
            },
            notes: notes(board, when)
                .into_iter()
                .chain(chosen.left_out())
                .collect(),
            automated: (board.automated > 0).then(|| {
                let visits = number::counted(board.automated, "visit", "visits");
                let are = if board.automated == 1 { "is" } else { "are" };
                format!("{visits} of automated browsers {are} not counted.")
            }),
        }
    }
}

/// How often each value comes to the main goal and the key small steps; of no key ones, to the first.
fn values(board: &Board, by: Dimension, chosen: &Chosen<'_>) -> ValuesView {
    let has_keys = board.micros.iter().any(|micro| micro.is_key);
    let micros = board.micros.iter().enumerate();
    let micros = micros.filter(|(_, micro)| micro.is_key || !has_keys);
    let shown: Vec<(usize, &Micro)> = micros.take(MOST_COLUMNS).collect();
    let main = board.main.as_ref().map(|main| main.name.clone());
    let names = shown.iter().map(|(_, micro)| micro.name.clone());
    let values = board.values.iter().map(|it| {
        let micros = shown.iter().filter_map(|(place, _)| it.micros.get(*place));
        let main = main.as_ref().map(|_| Cell::new(it.main));
        let micros = micros.map(|figures| Cell::new(figures.rate()));
        (it.value.clone(), main.into_iter().chain(micros).collect())
    });
    let columns = main.iter().cloned().chain(names).collect();
    ValuesView::new(by, chosen, columns, values)
}

/// The goal that most conversions follow; of few, what was counted.
fn heading(board: &Board) -> String {
    if board.visits == 0 {
        return match board.other_goals {
            0 => "No visits in these days".into(),
            _ => nothing_counted(board.recount.as_ref(), "the present goals"),
        };
    }
    let Some(main) = &board.main else {
        return "Small steps, and what they lead to".into();
    };
    let best = board
        .micros
        .iter()
        .filter(|micro| micro.now.conversion_after().is_enough() && micro.now.followed > 0)
        .max_by(|left, right| lower_bound(left).total_cmp(&lower_bound(right)));
    match best {
        Some(micro) => format!(
            "After “{}”, {} of visits reach “{}”",
            micro.name,
            number::percent(micro.now.conversion_after()),
            main.name
        ),
        None => format!("{} reach “{}”", visits_share(main.rate), main.name),
    }
}

/// By which goals are ranked, so that few visits do not lead.
fn lower_bound(micro: &Micro) -> f64 {
    let bound = micro.now.conversion_after().ranking_bound();
    bound.unwrap_or_default()
}

fn main_note(main: &Main) -> String {
    let cell = Cell::new(main.rate);
    let share = match cell.of.is_empty() {
        true => cell.share,
        false => format!("{} {}, {}", cell.share, cell.spread, cell.of),
    };
    let times = number::counted(main.events, "time", "times");
    let reached = format!("“{}”: {share} visits, {times} in all.", main.name);
    match change(main.rate, main.before) {
        Some(change) => format!("{reached} {change}."),
        None => reached,
    }
}

/// What changed since the days before, when chance alone does not explain it.
fn change(now: Rate, before: Rate) -> Option<String> {
    let (points, interval) = now
        .difference(before)
        .filter(|_| now.is_enough() && before.is_enough())?;
    (!interval.contains_zero()).then(|| {
        format!(
            "{} than before ({})",
            number::points_more(points),
            number::points_range(interval)
        )
    })
}

/// A value is for all visits: of some of them (not `is_of_all`) none is suggested.
fn stages(board: &Board, currency: &str, (period, is_of_all): (&Period, bool)) -> Vec<StageView> {
    let views = board.stages.list().map(|stage| StageView {
        name: stage.name.clone(),
        micros: board
            .micros
            .iter()
            .filter(|micro| micro.stage == stage.id)
            .map(|micro| MicroView::new(micro, board.main.as_ref(), currency, period))
            .map(|micro| MicroView {
                suggestion: micro.suggestion.filter(|_| is_of_all),
                ..micro
            })
            .collect(),
    });
    views.filter(|stage| !stage.micros.is_empty()).collect()
}

fn notes(board: &Board, when: &When) -> Vec<String> {
    let mut notes: Vec<String> = recount_line(board.recount.as_ref(), when)
        .into_iter()
        .collect();
    notes.extend(other_currency(board.other_currency).map(|told| {
        format!(
            "{told}: what the main goal brings may not be known of all, and no value is suggested."
        )
    }));
    let recount = board.recount.as_ref();
    notes.extend(uncounted(board.other_goals, recount, "the present goals"));
    let own = board.micros.iter().filter_map(|micro| {
        let note = uncounted(micro.other_goals, recount, "it as it is now")?;
        Some(format!("“{}”: {note}", micro.name))
    });
    notes.extend(own);
    if let Some(main) = &board.main {
        let told_from = main.told_from;
        notes.extend(main_counted_from(Some(&main.name), told_from, when.today()));
    }
    notes
}

/// `3 amounts that came in these days or later were told in another currency than the site had then`.
pub(super) fn other_currency(n: i64) -> Option<String> {
    let were = if n == 1 { "was" } else { "were" };
    let amounts = number::counted(n, "amount", "amounts");
    (n > 0).then(|| format!("{amounts} that came in these days or later {were} told in another currency than the site had then"))
}

impl Cell {
    /// Of few without a share.
    pub fn new(rate: Rate) -> Self {
        let is_enough = rate.is_enough();
        let or_nothing = |text: String| if is_enough { text } else { String::new() };
        Self {
            share: match rate.n {
                0 => "–".into(),
                _ => number::share(rate),
            },
            spread: or_nothing(number::spread(rate)),
            of: or_nothing(number::of(rate)),
        }
    }
}

/// `1,041.0`; a dash where there is nothing to divide by.
fn ratio(ratio: Option<f64>) -> String {
    let Some(ratio) = ratio else {
        return "–".into();
    };
    let tenths = (ratio * 10.0).round() as i64;
    format!("{}.{}", number::count(tenths / 10), tenths % 10)
}

impl MicroView {
    fn new(micro: &Micro, main: Option<&Main>, currency: &str, period: &Period) -> Self {
        let (now, last) = (&micro.now, micro.weeks.len().saturating_sub(1));
        Self {
            id: micro.id.to_string(),
            name: micro.name.clone(),
            rate: Cell::new(now.rate()),
            per_visits: ratio(now.per_100_visits()),
            per_macros: ratio(now.per_100_macros()),
            after: Cell::new(now.conversion_after()),
            coverage: Cell::new(now.coverage()),
            lines: lines(now, &micro.before),
            counted: micro.told_from.map(|day| counted_from(day, period.today)),
            change: change(now.rate(), micro.before.rate()),
            value: micro
                .value_minor
                .map(|minor| number::money(minor, currency)),
            suggestion: suggestion(micro, main, currency),
            weeks: (0..)
                .zip(&micro.weeks)
                .map(|(nth, it)| week(it, period, nth == last))
                .collect(),
        }
    }
}

/// Each figure against the days before; what is no share has no range.
fn lines(now: &Figures, before: &Figures) -> Vec<LineView> {
    let plain = |name: &str, now: Option<f64>, before: Option<f64>| {
        let cell = |of: Option<f64>| Cell {
            share: ratio(of),
            spread: String::new(),
            of: String::new(),
        };
        let more = now.zip(before).map(|(now, before)| now - before);
        LineView {
            name: name.to_owned(),
            meaning: "",
            now: cell(now),
            before: cell(before),
            difference: more.map_or_else(|| "–".into(), |more| number::decimals(more, 1)),
        }
    };
    vec![
        rates("Visits", "Of all visits.", now.rate(), before.rate()),
        plain(
            "Per 100 visits",
            now.per_100_visits(),
            before.per_100_visits(),
        ),
        plain(
            "Per 100 main goals",
            now.per_100_macros(),
            before.per_100_macros(),
        ),
        rates(
            "Main goal after",
            "",
            now.conversion_after(),
            before.conversion_after(),
        ),
        rates("Coverage", "", now.coverage(), before.coverage()),
    ]
}

/// Its expected value, where that on record is another.
fn suggestion(micro: &Micro, main: Option<&Main>, currency: &str) -> Option<Suggestion> {
    let [minor, low, high] = micro.expected_value(main)?;
    // Within the interval the value on record is as good, and each change has all visits counted again.
    let holds = |value: i64| (low..=high).contains(&value);
    let money = |minor| number::money(minor, currency);
    (minor > 0 && !micro.value_minor.is_some_and(holds)).then(|| Suggestion {
        minor,
        value: money(minor),
        range: format!("{} to {}", money(low), money(high)),
    })
}

fn week((day, figures): &(i32, Figures), period: &Period, is_last: bool) -> WeekView {
    let name = day_short(calendar::date_of(*day).unwrap_or_default(), period.today);
    WeekView {
        name: match is_last && period.is_today_included() {
            true => format!("{name}, so far"),
            false => name,
        },
        rate: Cell::new(figures.rate()),
        per_macros: ratio(figures.per_100_macros()),
        after: Cell::new(figures.conversion_after()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{goal::types::GoalStage, types::GoalId};

    fn suggested(value_minor: Option<i64>) -> Option<i64> {
        let now = Figures {
            first: 40,
            followed: 10,
            ..Figures::default()
        };
        let micro = Micro {
            id: GoalId::new(1),
            name: "Viewed pricing".into(),
            is_key: false,
            stage: GoalStage::Intent.into(),
            value_minor,
            told_from: None,
            other_goals: 0,
            now,
            before: Figures::default(),
            weeks: vec![],
        };
        let main = Main {
            id: GoalId::new(1),
            name: "Signed up".into(),
            rate: Rate::new(15, 100),
            before: Rate::new(0, 0),
            events: 15,
            worth: Some(5_000.0),
            told_from: None,
        };
        suggestion(&micro, Some(&main), "EUR").map(|suggestion| suggestion.minor)
    }

    #[test]
    fn a_value_is_suggested_when_the_one_on_record_is_out_of_the_interval() {
        // 10 of 40 is 25.0 %, by Wilson 14.2 to 40.2 %.
        assert_eq!(suggested(None), Some(1_250));
        assert_eq!(suggested(Some(2_010)), None);
        assert_eq!(suggested(Some(2_100)), Some(1_250));
        assert_eq!(suggested(Some(700)), Some(1_250));
    }
}

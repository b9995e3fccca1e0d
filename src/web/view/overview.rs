//! The site at a glance, in words and figures. Pure.

use super::{
    against::{LineView, counts, difference, rates},
    board::Cell,
    chosen::{Chosen, FilterView},
    dimension::{place, value_words},
    number,
    recount::{main_counted_from, recount_line, uncounted},
    trend::{TrendView, trend_view},
    when::{When, day_short, days_long},
};
use crate::{
    ingest::cube::Dimension,
    report::{
        funnel::Conversion,
        overview::{Choice, Figures, Overview, ValueFigures},
        period::Period,
    },
    site::calendar::date_of,
    stats::Rate,
};

/// Values of a dimension on the page; the files have all.
const MOST_VALUES: usize = 30;

/// The page.
pub struct OverviewView {
    /// The finding.
    pub heading: String,
    /// Filters that are set.
    pub filters: Vec<FilterView>,
    /// The main goal by day.
    pub trend: Option<TrendView>,
    /// Each figure against the days before.
    pub lines: Vec<LineView>,
    /// What the days before are called.
    pub before: String,
    /// Whether there is a main goal.
    pub has_main: bool,
    /// By what one dimension says.
    pub values: Option<ValuesView>,
    /// What else to know about the figures.
    pub notes: Vec<String>,
    /// Visits that may still move on.
    pub open: Option<String>,
    /// How many automated visits are left out.
    pub automated: Option<String>,
}

/// By what one dimension says.
pub struct ValuesView {
    /// The dimension.
    pub name: &'static str,
    /// One a value.
    pub rows: Vec<ValueView>,
    /// What is not on the page.
    pub rest: Option<String>,
}

/// Visits of which the dimension says the same.
pub struct ValueView {
    /// What it says.
    pub name: String,
    /// Where only these are counted.
    pub only: String,
    /// How many.
    pub visits: String,
    /// Of these, with the main goal.
    pub main: Cell,
    /// How that changed.
    pub difference: String,
    /// How many answered.
    pub answers: String,
    /// Of those asked.
    pub response: Cell,
}

impl OverviewView {
    /// Puts an overview into words.
    pub fn new(overview: &Overview, choice: &Choice, period: &Period, when: &When) -> Self {
        let (from, to) = period.previous();
        let chosen = Chosen::new(period, choice);
        Self {
            heading: heading(overview),
            filters: chosen.filters(),
            trend: trend(overview, period),
            lines: lines(overview),
            before: days_long(from, to, period.today),
            has_main: overview.main.is_some(),
            values: choice.by.map(|by| values(overview, by, &chosen)),
            notes: notes(overview, period, when)
                .into_iter()
                .chain(chosen.left_out())
                .collect(),
            open: open(overview.now.open),
            automated: automated(overview.automated),
        }
    }
}

fn values(overview: &Overview, by: Dimension, chosen: &Chosen<'_>) -> ValuesView {
    let come = overview.values.iter();
    let mut come: Vec<_> = come
        .filter(|it| it.now.visits + it.now.answers > 0)
        .collect();
    come.sort_by_key(|it| place(by, &it.value));
    let (shown, rest) = come.split_at(come.len().min(MOST_VALUES));
    let visits = rest.iter().map(|it| it.now.visits).sum();
    ValuesView {
        name: by.label(),
        rows: shown.iter().map(|it| value(it, by, chosen)).collect(),
        rest: (!rest.is_empty()).then(|| {
            format!(
                "{} more with {} are in the files.",
                number::count(rest.len() as i64),
                number::counted(visits, "visit", "visits")
            )
        }),
    }
}

fn value(figures: &ValueFigures, by: Dimension, chosen: &Chosen<'_>) -> ValueView {
    let now = &figures.now;
    ValueView {
        name: value_words(by, &figures.value),
        only: chosen.with(by, &figures.value),
        visits: number::count(now.visits),
        main: Cell::new(now.main),
        difference: difference(now.main, figures.before.main),
        answers: number::count(now.answers),
        response: Cell::new(now.response),
    }
}

fn heading(overview: &Overview) -> String {
    let now = &overview.now;
    match (now.visits, now.answers) {
        (0, 0) => "No visits in these days".into(),
        (visits, answers) => format!(
            "{}, {}",
            number::counted(visits, "visit", "visits"),
            number::counted(answers, "answer", "answers")
        ),
    }
}

fn trend(overview: &Overview, period: &Period) -> Option<TrendView> {
    let name = overview.main.clone().filter(|_| overview.now.main.n > 0)?;
    let days = overview.days.iter();
    let conversion = Conversion {
        name,
        rate: overview.now.main,
        before: overview.before.main,
        days: days.map(|(day, figures)| (*day, figures.main)).collect(),
    };
    Some(trend_view(&conversion, period))
}

fn lines(overview: &Overview) -> Vec<LineView> {
    let (now, before) = (&overview.now, &overview.before);
    let mut lines = vec![counts(
        "Visits",
        "One visitor’s activity with gaps under 30 minutes, at most 24 hours.",
        now.visits,
        before.visits,
    )];
    let rate = |name: &str, meaning, of: &dyn Fn(&Figures) -> Rate| {
        rates(name, meaning, of(now), of(before))
    };
    if let Some(main) = &overview.main {
        let meaning = "Macro rate: visits that reached the main goal, of all visits.";
        lines.push(rate(main, meaning, &|it| it.main));
    }
    for (place, (_, name)) in overview.goals.iter().enumerate() {
        let of = |it: &Figures| it.goals.get(place).copied().unwrap_or_default();
        lines.push(rate(name, "", &of));
    }
    let meaning = "Cards with an answer, however the visitor came to the question.";
    lines.push(counts("Answers", meaning, now.answers, before.answers));
    let meaning = "Response rate: answered, of the questions that opened at a moment.";
    lines.push(rate("Answered when asked", meaning, &|it| it.response));
    lines
}

fn notes(overview: &Overview, period: &Period, when: &When) -> Vec<String> {
    let mut notes: Vec<String> = recount_line(overview.recount.as_ref(), when)
        .into_iter()
        .collect();
    let (main, recount) = (overview.main.as_deref(), overview.recount.as_ref());
    notes.extend(uncounted(
        overview.other_goals,
        recount,
        "the present main goal",
    ));
    notes.extend(main_counted_from(main, overview.told_from, when.today()));
    notes.extend(young(overview, period));
    if period.is_today_included() {
        notes.push("Today is not over: the days before are longer by the rest of it.".into());
    }
    notes
}

/// Says so when the days before begin before the site was visited.
fn young(overview: &Overview, period: &Period) -> Option<String> {
    let first = date_of(overview.first_day?)?;
    let (from, to) = period.previous();
    (from < first && first <= to).then(|| {
        format!(
            "The first visit came on {}: the days before are not whole, and their counts are smaller by the rest.",
            day_short(first, period.today)
        )
    })
}

fn open(open: i64) -> Option<String> {
    let may = "may still move on";
    (open > 0).then(|| format!("{} {may}.", number::counted(open, "visit", "visits")))
}

fn automated(automated: i64) -> Option<String> {
    (automated > 0).then(|| {
        let visits = number::counted(automated, "visit", "visits");
        let are = if automated == 1 { "is" } else { "are" };
        format!("{visits} of automated browsers {are} not counted.")
    })
}

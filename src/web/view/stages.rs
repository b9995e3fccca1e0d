//! From the moment to the answer, in words and figures, alike wherever it is told. Pure.

use super::{
    against::{LineView, counts, rates},
    chart::bars::Bar,
    number,
};
use crate::{
    report::prompt::{Counts, Reached, Stage},
    stats::{Interval, Rate},
};

/// A stage.
pub struct StageView {
    /// Its name.
    pub name: &'static str,
    /// The layout.
    pub bar: Bar,
    /// How many.
    pub n: String,
    /// `89.6 %`, of few `of 12`.
    pub share: String,
    /// `(81.2–96.4)`; empty of few.
    pub range: String,
}

impl StageView {
    /// So many `of` those that could come to it; the bar is a part of `whole`.
    pub(super) fn new(name: &'static str, n: i64, of: Option<i64>, whole: i64) -> Self {
        let rate = Rate::new(n, of.unwrap_or_default());
        let (share, range) = match rate.n {
            0 => (String::new(), String::new()),
            _ if rate.is_enough() => (number::percent(rate), range(rate)),
            n => (format!("of {}", number::count(n)), String::new()),
        };
        Self {
            name,
            bar: Bar::plain(Rate::new(n, whole)),
            n: number::count(n),
            share,
            range,
        }
    }
}

/// Short, beside a bar; small shares need their decimal.
fn range(rate: Rate) -> String {
    let percent = |bound: f64| format!("{:.1}", bound * 100.0);
    let told = |it: Interval| format!("({}–{})", percent(it.low), percent(it.high));
    rate.wilson().map(told).unwrap_or_default()
}

/// Every stage that is told.
pub(super) fn stages(counts: &Counts, waits: bool) -> Vec<StageView> {
    let stages = counts.stages(waits);
    let whole = stages.first().map_or(0, |first| first.n);
    let told = stages.into_iter().filter(is_told);
    told.map(|it| StageView::new(it.stage.label(), it.n, it.of, whole))
        .collect()
}

/// Nobody left unasked is no line.
pub(super) fn is_told(reached: &Reached) -> bool {
    reached.stage != Stage::Unasked || reached.n > 0
}

/// Each stage against the days before; none where there was nobody in them.
pub(super) fn lines(now: &Counts, before: &Counts, waits: bool) -> Vec<LineView> {
    if before.askable == 0 {
        return vec![];
    }
    let pairs = now.stages(waits).into_iter().zip(before.stages(waits));
    let told = pairs.filter(|(now, before)| is_told(now) || is_told(before));
    told.map(|(now, before)| {
        let name = now.stage.label();
        match now.rate().zip(before.rate()) {
            Some((now, before)) => rates(name, "", now, before),
            None => counts(name, "", now.n, before.n),
        }
    })
    .collect()
}

/// What each stage means, with its name.
pub(super) fn terms(waits: bool) -> Vec<(&'static str, &'static str)> {
    let stages = Counts::default().stages(waits);
    let term = |it: Reached| (it.stage.label(), meaning(it.stage));
    stages.into_iter().map(term).collect()
}

fn meaning(stage: Stage) -> &'static str {
    match stage {
        Stage::Askable => {
            "Visits in which the moment came and the rules allowed the question. Each counts once."
        }
        Stage::Unasked => {
            "Of them, those that chance chose to leave unasked for comparison, before the card would open. They are no failure: comparing them with the others shows what asking costs."
        }
        Stage::Opened => {
            "The card came to be on the page, of those for whom it was to: those left unasked are not among them. For the others it did not; as a rule they were gone by then."
        }
        Stage::Seen => "At least half of the card was in sight for a second, of those that opened.",
        Stage::Begun => "Something was chosen or written, of those that opened.",
        Stage::Answered => {
            "At least one question was answered and sent, of those that opened: the response rate."
        }
        Stage::Closed => {
            "Closed by the visitor or the page without an answer, of those that opened."
        }
        Stage::Ignored => {
            "Neither answered nor closed, of those that opened; something may have been begun."
        }
    }
}

//! Reasons by how far visits came, in words and figures. Pure.

use super::{
    board::Cell,
    chosen::{Chosen, FilterView},
    number,
    recount::{nothing_counted, recount_line},
    values::ValuesView,
    when::When,
};
use crate::{
    ingest::cube::Dimension,
    report::{
        funnel::{Matrix, MatrixCell, ReasonLine},
        overview::Choice,
        period::Period,
    },
    stats::{ENOUGH, Rate, WeightedShare},
};

/// The page.
pub struct MatrixView {
    /// The finding.
    pub heading: String,
    /// Filters that are set.
    pub filters: Vec<FilterView>,
    /// By what one dimension says.
    pub values: Option<ValuesView>,
    /// How many answered.
    pub answered: String,
    /// Where visits stopped, with how many of them answered.
    pub steps: Vec<(String, String)>,
    /// Most named first.
    pub lines: Vec<LineView>,
    /// What else to know about the figures.
    pub notes: Vec<String>,
    /// How many automated visits are left out.
    pub automated: Option<String>,
}

/// A reason.
pub struct LineView {
    /// Finds its answers.
    pub reason_id: String,
    /// Its name.
    pub name: String,
    /// Whether who names it is lost.
    pub is_loss: bool,
    /// Of all who answered a question that offers it.
    pub all: Cell,
    /// How its share changed, when chance alone does not explain it.
    pub change: Option<String>,
    /// By where they stopped.
    pub cells: Vec<CellView>,
}

/// A reason at a step.
pub struct CellView {
    /// Finds the answers.
    pub step: usize,
    /// What the step is called.
    pub name: String,
    /// How often it was named there; `None` if nobody stopped there and answered a question that offers it.
    pub figures: Option<Cell>,
    /// Whether there are answers to look at.
    pub is_named: bool,
    /// `more than expected`; empty when it does not stand out.
    pub mark: &'static str,
}

impl MatrixView {
    /// Puts the table into words.
    pub fn new(matrix: &Matrix, choice: &Choice, period: &Period, when: &When) -> Self {
        let chosen = Chosen::new(period, choice);
        let answered = |n| number::counted(n, "visit", "visits");
        let steps = matrix.steps.iter();
        Self {
            heading: heading(matrix),
            filters: chosen.filters(),
            values: choice.by.map(|by| values(matrix, by, &chosen)),
            answered: answered(matrix.answered),
            steps: steps
                .map(|stop| (stop.name.clone(), answered(stop.answered)))
                .collect(),
            lines: matrix
                .reasons
                .iter()
                .map(|line| LineView::new(line, matrix))
                .collect(),
            notes: notes(matrix, when),
            automated: (matrix.automated > 0).then(|| {
                let visits = answered(matrix.automated);
                let are = if matrix.automated == 1 { "is" } else { "are" };
                format!("{visits} of automated browsers that answered {are} not counted.")
            }),
        }
    }
}

fn values(matrix: &Matrix, by: Dimension, chosen: &Chosen<'_>) -> ValuesView {
    let values = matrix.values.iter();
    let values = values.map(|(value, n)| (value.clone(), vec![Cell::of_count(*n)]));
    ValuesView::new(by, chosen, vec!["Visits with an answer".into()], values)
}

/// The cell that stands out most, of those that are named more often.
fn heading(matrix: &Matrix) -> String {
    if matrix.reasons.is_empty() {
        return match matrix.answered {
            0 if matrix.other_steps > 0 => {
                nothing_counted(matrix.recount.as_ref(), "the present steps")
            }
            0 => "No answers in these days".into(),
            _ => "No reasons in the answers of these days".into(),
        };
    }
    let cells = matrix.reasons.iter().flat_map(|line| {
        let cells = line.cells.iter().zip(&matrix.steps).enumerate();
        cells.filter_map(move |(step, (cell, stop))| Some((cell.stands_out()?, line, (step, stop))))
    });
    let more = cells.filter(|(value, ..)| *value > 0.0);
    let most = more.max_by(|(left, ..), (right, ..)| left.total_cmp(right));
    match most {
        Some((_, line, (0, _))) => format!(
            "“{}” is said more than elsewhere by those who reached no step",
            line.name
        ),
        Some((_, line, (_, stop))) => format!(
            "“{}” is said more than elsewhere by those who came to “{}” and no further",
            line.name, stop.name
        ),
        None if matrix.answered < ENOUGH => "Too few answers yet to tell reasons apart".into(),
        None => "No reason stands out at any step".into(),
    }
}

fn notes(matrix: &Matrix, when: &When) -> Vec<String> {
    let mut notes: Vec<String> = recount_line(matrix.recount.as_ref(), when)
        .into_iter()
        .collect();
    if matrix.other_steps > 0 {
        let visits = number::counted(matrix.other_steps, "visit", "visits");
        let are = if matrix.other_steps == 1 { "is" } else { "are" };
        notes.push(format!(
            "{visits} with an answer {are} not counted by the present steps."
        ));
    }
    if matrix.answered > 0 && matrix.answered < ENOUGH {
        let more = number::not_enough(
            matrix.answered,
            "visit with an answer",
            "visits with an answer",
        );
        notes.push(more);
    }
    notes
}

impl LineView {
    fn new(line: &ReasonLine, matrix: &Matrix) -> Self {
        let cells = line.cells.iter().zip(&matrix.steps).enumerate();
        Self {
            reason_id: line.reason_id.to_string(),
            name: line.name.clone(),
            is_loss: line.is_loss,
            all: corrected(line.all, line.corrected),
            change: change(line),
            cells: cells
                .map(|(step, (cell, stop))| CellView {
                    step,
                    name: stop.name.clone(),
                    figures: (cell.rate.n > 0).then(|| corrected(cell.rate, cell.corrected)),
                    is_named: cell.rate.k > 0,
                    mark: mark(cell),
                })
                .collect(),
        }
    }
}

fn change(line: &ReasonLine) -> Option<String> {
    let is_enough = line.all.is_enough() && line.before.is_enough();
    let (points, interval) = line.all.difference(line.before).filter(|_| is_enough)?;
    (!interval.contains_zero()).then(|| {
        let more = number::points_more(points);
        format!("{more} than before ({})", number::points_range(interval))
    })
}

/// Shares of everybody who could have been asked, with what was given below; of few, how many gave it.
fn corrected(given: Rate, share: Option<WeightedShare>) -> Cell {
    let Some(share) = share else {
        return Cell::new(given);
    };
    Cell {
        share: number::weighted_percent(&share),
        spread: format!("({})", number::whole_interval(share.interval)),
        of: format!("{} named it", number::of(given)),
    }
}

fn mark(cell: &MatrixCell) -> &'static str {
    match cell.stands_out() {
        Some(value) if value > 0.0 => "more than expected",
        Some(_) => "fewer than expected",
        None => "",
    }
}

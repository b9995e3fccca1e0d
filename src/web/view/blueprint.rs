//! The blueprint, in words and figures. Pure.

use jiff::{ToSpan, civil::Date};

use super::{
    against::difference,
    board::Cell,
    number,
    recount::{counted_from, recount_line},
    when::{When, day_short},
};
use crate::{
    report::{
        blueprint::{Baseline, Blueprint, Line},
        period::Period,
    },
    site::calendar,
    stats::ENOUGH,
};

/// The page.
pub struct BlueprintView {
    /// The finding.
    pub heading: String,
    /// Goals by stage; stages without one are left out.
    pub stages: Vec<StageView>,
    /// Every goal, to choose one: id and name.
    pub goals: Vec<(String, String)>,
    /// Whether some goal has a baseline.
    pub has_baseline: bool,
    /// Whether there are visits that could be one.
    pub is_visited: bool,
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
    pub goals: Vec<GoalView>,
}

/// A goal.
pub struct GoalView {
    /// Names it.
    pub id: String,
    /// What the owner calls it.
    pub name: String,
    /// What reaching it means.
    pub role: String,
    /// Who looks after it; empty for nobody.
    pub owner: String,
    /// The days that it is held against, and the rate in them.
    pub baseline: Option<(String, Cell)>,
    /// The rate now.
    pub now: Cell,
    /// From when on it counts, when that is not from the beginning of the days on.
    pub counted: Option<String>,
    /// How it changed, or why that cannot be told.
    pub change: String,
}

impl BlueprintView {
    /// Puts a blueprint into words.
    pub fn new(blueprint: &Blueprint, period: &Period, when: &When) -> Self {
        let lines = &blueprint.lines;
        let stages = blueprint.stages.list().map(|stage| StageView {
            name: stage.name.clone(),
            goals: lines
                .iter()
                .filter(|line| line.goal.stage == stage.id)
                .map(|line| goal_view(line, period))
                .collect(),
        });
        Self {
            heading: heading(blueprint),
            stages: stages.filter(|stage| !stage.goals.is_empty()).collect(),
            goals: lines
                .iter()
                .map(|line| (line.goal.id.to_string(), line.goal.name.clone()))
                .collect(),
            has_baseline: lines.iter().any(|line| line.baseline.is_some()),
            is_visited: blueprint.visits > 0,
            notes: recount_line(blueprint.recount.as_ref(), when)
                .into_iter()
                .collect(),
            automated: (blueprint.automated > 0).then(|| {
                let visits = number::counted(blueprint.automated, "visit", "visits");
                let are = if blueprint.automated == 1 {
                    "is"
                } else {
                    "are"
                };
                format!("{visits} of automated browsers {are} not counted.")
            }),
        }
    }
}

/// How many goals are clearly above their baselines, and below.
fn heading(blueprint: &Blueprint) -> String {
    let changes: Vec<_> = blueprint
        .lines
        .iter()
        .filter_map(Line::compared)
        .filter_map(|(now, before)| now.difference(before))
        .map(|(_, interval)| interval)
        .collect();
    let above = changes.iter().filter(|it| it.low > 0.0).count();
    let below = changes.iter().filter(|it| it.high < 0.0).count();
    match (changes.len(), above, below) {
        (0, ..) => "Every goal, who looks after it, and how it stands".into(),
        (1, 0, 0) => "The goal is where its baseline was, as far as chance lets tell".into(),
        (n, 0, 0) => {
            format!("All {n} goals are where their baselines were, as far as chance lets tell")
        }
        (n, above, below) => told(n, above, below),
    }
}

/// `2 of 5 goals are above their baseline, 1 below`.
fn told(n: usize, above: usize, below: usize) -> String {
    let (most, word) = if above > 0 {
        (above, "above")
    } else {
        (below, "below")
    };
    let goals = if n == 1 { "goal" } else { "goals" };
    let are = if most == 1 { "is" } else { "are" };
    let their = if most == 1 { "its" } else { "their" };
    let first = format!("{most} of {n} {goals} {are} {word} {their} baseline");
    match (above, below) {
        (0, _) | (_, 0) => first,
        _ => format!("{first}, {below} below"),
    }
}

fn goal_view(line: &Line, period: &Period) -> GoalView {
    GoalView {
        id: line.goal.id.to_string(),
        name: line.goal.name.clone(),
        role: line.goal.role.label().to_owned(),
        owner: line.owner.clone(),
        baseline: line.baseline.map(|it| {
            let (from, to) = dates(&it);
            let days = [from, to].map(|day| day_short(day, period.today));
            (days.join(" to "), Cell::new(it.rate))
        }),
        now: Cell::new(line.now),
        counted: line.told_from.map(|day| counted_from(day, period.today)),
        change: change(line, period),
    }
}

fn dates(baseline: &Baseline) -> (Date, Date) {
    let date = |day| calendar::date_of(day).unwrap_or_default();
    (date(baseline.days.0), date(baseline.days.1))
}

fn change(line: &Line, period: &Period) -> String {
    let Some(baseline) = &line.baseline else {
        return "no baseline yet".into();
    };
    if let Some((now, before)) = line.compared() {
        return difference(now, before);
    }
    if baseline.overlaps && !period.moves {
        return "these days and those of the baseline are partly the same".into();
    }
    if baseline.overlaps {
        let apart = dates(baseline).1.saturating_add(period.length().days());
        return format!(
            "from {} on: until then days of the baseline are among these",
            day_short(apart, period.today)
        );
    }
    format!("too few visits: from {ENOUGH} on each side on")
}

//! What goes with converting: visits that had taken a small step by the landmark, beside those that had not.
//!
//! Compared are visits that came to the landmark and had not converted by then (Anderson, Cain & Gelber 1983): whoever converts early
//! has had little time for small steps, and would make each of them look useless, or useful. The outcome is the main goal after it.
//! Beside it stand risk sets, which count steps however late they are taken: at every point of a visit those who had taken the step
//! by then, and those who are still there without it. Time is put right by both; what visitors meant to do all along is not.

use std::collections::BTreeMap;

use super::{
    overview::Choice,
    pace::{Pace, Timed},
    period::Period,
    signatures::Query,
    sums::{self, GoalRow, Rows, VisitRow},
};
use crate::{
    db::Db,
    error::AppResult,
    goal::{
        self,
        types::{Definitions, Goal, GoalRule, Recount},
    },
    ingest::{VISIT_GAP, cube::Dimension, sums::VISITS},
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    stats::{
        Interval, LEVEL, POWER, Plan, Rate, Ratio, Standing, Stratum, benjamini_hochberg, disagree,
        e_value, e_value_of_limit, p_value, plan, ratio, standing, turns_around,
    },
    types::{GoalId, Millis},
};

/// What visits are told apart by, one after the other, to see whether a direction holds among those that are alike.
const ALIKE_BY: [Dimension; 3] = [Dimension::Device, Dimension::Source, Dimension::Visitor];

/// What goes with the main goal of one site, over one period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predictors {
    /// What the owner calls the main goal.
    pub main: Option<String>,
    /// And which goal that is.
    pub main_id: Option<GoalId>,
    /// Visits in the period.
    pub visits: i64,
    /// Visits that came to the landmark unconverted, and of these those with the main goal after it.
    pub compared: Rate,
    /// Visits that ended before the landmark.
    pub short: i64,
    /// Visits that had converted by the landmark.
    pub early: i64,
    /// Visits that may still move on; they count.
    pub open: i64,
    /// By what the dimension says that visits are broken down by, most visits first; empty when there is none.
    pub values: Vec<ValueFigures>,
    /// All small steps that were tested: first those of which something may be said, by how surely they go with more conversions.
    pub tested: Vec<Predictor>,
    /// Visits of the period that were not counted with the main goal as it is now, and are left out.
    pub other_goals: i64,
    /// How far visits were counted again since the last change.
    pub recount: Option<Recount>,
    /// Visits of automated browsers that do not count.
    pub automated: i64,
}

/// Visits of the period of which a dimension says the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueFigures {
    /// What it says.
    pub value: String,
    /// How many.
    pub visits: i64,
    /// As in [`Predictors::compared`].
    pub compared: Rate,
}

/// A small step.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictor {
    /// Leads to its page.
    pub id: GoalId,
    /// What the owner calls it.
    pub name: String,
    /// What has to happen.
    pub rule: GoalRule,
    /// Of those who had taken it by the landmark, and of those who had not, how many converted after it.
    pub compared: Stratum,
    /// How many times as often the former convert.
    pub ratio: Option<Ratio>,
    /// The same in the period before.
    pub before: Option<Ratio>,
    /// Chance of a difference as large where there is none.
    pub chance: Option<f64>,
    /// Share of false discoveries among it and all that are clearer, of all that were tested.
    pub q: Option<f64>,
    /// How strong a hidden cause would have to be to explain the ratio.
    pub e_value: Option<f64>,
    /// The same for the limit of its interval that is nearest to 1.
    pub e_limit: Option<f64>,
    /// Of all visits with the main goal, those that had taken it before.
    pub coverage: Rate,
    /// The ratio of those who took it at any time before converting to the rest: right only if the chance to convert is the same all
    /// through a visit.
    pub plain: Option<Ratio>,
    /// The ratio of the rates at which both convert, each at the same point of its visit.
    pub timed: Timed,
    /// How much may be said of it.
    pub standing: Standing,
    /// Among visits that are alike in one of these the direction is the other one.
    pub turned: Vec<Dimension>,
}

impl Predictor {
    /// How many points more of those who had taken it convert.
    pub fn difference(&self) -> Option<(f64, Interval)> {
        self.compared.exposed.difference(self.compared.unexposed)
    }

    /// How many visits find a difference as large as this, where chance decides which half of them is led to the step.
    pub fn to_test(&self) -> Option<Plan> {
        let (with, without) = (self.compared.exposed, self.compared.unexposed);
        let shares = without.share().zip(with.share());
        let (without, with) = shares.filter(|_| self.is_enough() && !self.is_on_the_way())?;
        plan(without, with, 1.0, LEVEL, POWER)
    }

    /// Whether something may be said of it.
    pub fn is_enough(&self) -> bool {
        !matches!(self.standing, Standing::TooFew { .. })
    }

    /// Whether all visits with the main goal had taken it before: it is on the way, and says nothing about who converts.
    pub fn is_on_the_way(&self) -> bool {
        self.coverage.is_enough() && self.coverage.k == self.coverage.n
    }

    /// Whether counting without the landmark tells something else.
    pub fn is_told_otherwise(&self) -> bool {
        let told = self.ratio.zip(self.plain);
        told.is_some_and(|(cut, plain)| disagree(cut.value, plain.value))
    }
}

/// Loads the report.
pub async fn load(
    db: &Db,
    site: &Site,
    period: &Period,
    choice: &Choice,
    now: Millis,
) -> AppResult<Predictors> {
    let day = calendar::number;
    let (from, to) = (day(period.from), day(period.to));
    let query = |days| Query {
        filters: choice.filters.clone(),
        ..Query::new(site.id, days, now - VISIT_GAP)
    };
    let tx = db.snapshot().await?;
    let goals = goal::store::list_goals(&tx, site.id).await?;
    let spans = sums::spans(&goals, site, from);
    let by = |by| Query {
        by: Some(by),
        ..query((from, to))
    };
    let mut alike = vec![];
    for dimension in ALIKE_BY {
        alike.push((dimension, Rows::load(&tx, by(dimension), &spans).await?));
    }
    let facts = Facts {
        by_value: match choice.by {
            Some(dimension) => {
                let query = by(dimension).with_packs(&tx, &[(&VISITS, &spans)]).await?;
                sums::visits(&tx, &query).await?
            }
            None => vec![],
        },
        pace: Pace::load(&tx, query((from, to)), site, &goals).await?,
        goals,
        definitions: goal::store::load_definitions(&tx, site.id).await?,
        recount: goal::store::recount::find(&tx, site.id).await?,
        rows: Rows::load(&tx, query((day(period.previous().0), to)), &spans).await?,
        alike,
        with_automated: site.kind == SiteKind::Demo || period.automated,
        from,
        time_zone: site.time_zone.clone(),
    };
    tx.commit().await?;
    Ok(facts.assemble())
}

struct Facts {
    goals: Vec<Goal>,
    definitions: Definitions,
    recount: Option<Recount>,
    /// Of the period and the one before.
    rows: Rows,
    /// Of the period, by what they are told apart.
    alike: Vec<(Dimension, Rows)>,
    /// Of the period, by what they are broken down by.
    by_value: Vec<VisitRow>,
    /// Of the period: when visits reached goals, and when they ended.
    pace: Pace,
    with_automated: bool,
    /// First day of the period.
    from: i32,
    time_zone: String,
}

/// What tells which rows count.
#[derive(Clone, Copy)]
struct Mark {
    day: i32,
    version: i32,
    is_automated: bool,
}

impl From<&VisitRow> for Mark {
    fn from(row: &VisitRow) -> Self {
        Self {
            day: row.day,
            version: row.version,
            is_automated: row.is_automated,
        }
    }
}

impl From<&GoalRow> for Mark {
    fn from(row: &GoalRow) -> Self {
        Self {
            day: row.day,
            version: row.version,
            is_automated: row.is_automated,
        }
    }
}

/// A small step: its bit, the first version whose visits were counted with it and the main goal as they are, and from when on its
/// visits were told of it.
#[derive(Clone, Copy)]
struct Step {
    bit: i32,
    since: i32,
    from: i32,
}

/// How two groups are told apart.
#[derive(Clone, Copy)]
enum Cut {
    /// At the landmark, by what was taken by then.
    AtLandmark,
    /// By what was taken at any time before converting.
    Plain,
}

impl Facts {
    fn assemble(&self) -> Predictors {
        let since = self.definitions.first_with_main(None);
        let in_days = || self.rows.visits.iter().filter(|row| row.day >= self.from);
        let sum = |of: &dyn Fn(&VisitRow) -> i64| -> i64 {
            let counted = in_days().filter(|row| self.counts((*row).into(), since));
            counted.map(of).sum()
        };
        let left_out = |of: &dyn Fn(&VisitRow) -> bool| -> i64 {
            let rows = in_days().filter(|row| of(row));
            rows.map(|row| row.visits).sum()
        };
        let at_landmark = sum(&|row| row.at_landmark);
        let (visits, early) = (sum(&|row| row.visits), sum(&|row| row.before_landmark));
        let main = self.goals.iter().find(|goal| goal.is_primary);
        Predictors {
            main: main.map(|goal| goal.name.clone()),
            main_id: main.map(|goal| goal.id),
            visits,
            compared: Rate::new(sum(&|row| row.at_landmark_converted), at_landmark),
            short: visits - at_landmark - early,
            early,
            open: sum(&|row| row.open),
            values: self.values(since),
            tested: main.map(|_| self.tested()).unwrap_or_default(),
            other_goals: left_out(&|row| row.version < since && self.is_wanted(row.is_automated)),
            automated: left_out(&|row| row.version >= since && !self.is_wanted(row.is_automated)),
            recount: self.recount.clone(),
        }
    }

    /// By what the dimension says.
    fn values(&self, since: i32) -> Vec<ValueFigures> {
        let mut values: BTreeMap<&str, ValueFigures> = BTreeMap::new();
        let counted = self.by_value.iter();
        for row in counted.filter(|row| self.counts((*row).into(), since)) {
            let figures = values.entry(&row.value).or_insert_with(|| ValueFigures {
                value: row.value.clone(),
                ..ValueFigures::default()
            });
            figures.visits += row.visits;
            figures.compared.n += row.at_landmark;
            figures.compared.k += row.at_landmark_converted;
        }
        let mut values: Vec<_> = values.into_values().collect();
        values.sort_by_key(|it| std::cmp::Reverse(it.visits));
        values
    }

    fn is_wanted(&self, is_automated: bool) -> bool {
        self.with_automated || !is_automated
    }

    fn counts(&self, mark: Mark, since: i32) -> bool {
        mark.version >= since && self.is_wanted(mark.is_automated)
    }

    fn tested(&self) -> Vec<Predictor> {
        let goals = self.goals.iter();
        let mut tested: Vec<Predictor> = goals
            .filter(|goal| goal.is_listed && !goal.is_primary)
            .map(|goal| self.predictor(goal))
            .collect();
        let chances: Vec<_> = tested.iter().map(|it| it.chance).collect();
        for (predictor, q) in tested.iter_mut().zip(benjamini_hochberg(&chances)) {
            predictor.q = q;
            let interval = predictor.ratio.map(|ratio| ratio.interval);
            predictor.standing = standing(predictor.compared, interval, q);
        }
        let bound = |it: &Predictor| it.ratio.map_or(0.0, |ratio| ratio.interval.low);
        tested.sort_by(|left, right| {
            let enough = right.is_enough().cmp(&left.is_enough());
            enough.then_with(|| bound(right).total_cmp(&bound(left)))
        });
        tested
    }

    fn predictor(&self, goal: &Goal) -> Predictor {
        let step = Step {
            bit: goal.current.bit.into(),
            since: self.definitions.first_with_main(Some(goal.current.bit)),
            from: goal.current.told_from(&self.time_zone),
        };
        let is_now = |mark: Mark| mark.day >= self.from;
        let before = self.compare(step, Cut::AtLandmark, |mark| !is_now(mark));
        let compared = self.compare(step, Cut::AtLandmark, is_now);
        let plain = self.compare(step, Cut::Plain, is_now);
        let found = ratio_of(compared);
        Predictor {
            id: goal.id,
            name: goal.name.clone(),
            rule: goal.current.rule.clone(),
            compared,
            ratio: found,
            before: ratio_of(before).filter(|_| before.exposed.is_enough()),
            chance: p_value(compared.exposed, compared.unexposed),
            q: None,
            e_value: found.and_then(|ratio| e_value(ratio.value)),
            e_limit: found.and_then(|ratio| e_value_of_limit(ratio.interval)),
            coverage: Rate::new(plain.exposed.k, plain.exposed.k + plain.unexposed.k),
            plain: ratio_of(plain),
            timed: self.timed(step),
            standing: Standing::TooFew { more: None },
            turned: self.turned(step),
        }
    }

    fn timed(&self, step: Step) -> Timed {
        let counts =
            |version: i32, is_automated| version >= step.since && self.is_wanted(is_automated);
        self.pace.timed((step.bit, step.from), counts)
    }

    /// By what the direction turns around when like is compared with like.
    fn turned(&self, step: Step) -> Vec<Dimension> {
        let turns = |rows: &Rows| {
            let strata = self.strata(rows, step, Cut::AtLandmark, |_| true);
            turns_around(&strata)
        };
        let alike = self.alike.iter();
        let turned = alike.filter(|(_, rows)| turns(rows));
        turned.map(|(by, _)| *by).collect()
    }

    /// Those who had taken the step beside the others, of visits that are not told apart.
    fn compare(&self, step: Step, cut: Cut, within: impl Fn(Mark) -> bool) -> Stratum {
        let strata = self.strata(&self.rows, step, cut, within);
        strata.into_iter().next().unwrap_or_default()
    }

    /// The same of the rows within, each value of what they are told apart by alone.
    fn strata(
        &self,
        rows: &Rows,
        step: Step,
        cut: Cut,
        within: impl Fn(Mark) -> bool,
    ) -> Vec<Stratum> {
        let counts =
            |mark: Mark| mark.day >= step.from && self.counts(mark, step.since) && within(mark);
        let mut strata: BTreeMap<&str, Stratum> = BTreeMap::new();
        for row in rows.visits.iter().filter(|row| counts((*row).into())) {
            let others = &mut strata.entry(&row.value).or_default().unexposed;
            let (n, k) = match cut {
                Cut::AtLandmark => (row.at_landmark, row.at_landmark_converted),
                Cut::Plain => (row.visits, row.conversions),
            };
            (others.n, others.k) = (others.n + n, others.k + k);
        }
        let reached = rows.reached.iter().filter(|row| row.bit == step.bit);
        for row in reached.filter(|row| counts((*row).into())) {
            let stratum = strata.entry(&row.value).or_default();
            let (n, k) = match cut {
                Cut::AtLandmark => (row.by_landmark, row.by_landmark_converted),
                Cut::Plain => (row.before_main, row.followed),
            };
            let (exposed, others) = (&mut stratum.exposed, &mut stratum.unexposed);
            (exposed.n, exposed.k) = (exposed.n + n, exposed.k + k);
            (others.n, others.k) = (others.n - n, others.k - k);
        }
        let strata = strata.into_values();
        strata
            .filter(|it| it.exposed.n + it.unexposed.n > 0)
            .collect()
    }
}

fn ratio_of(compared: Stratum) -> Option<Ratio> {
    ratio(compared.exposed, compared.unexposed, LEVEL)
}

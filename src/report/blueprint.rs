//! The blueprint: every goal with its stage, who looks after it, the days it is held against, and how it stands now.
//!
//! A figure is the micro-conversion rate, visits that reached the goal of all visits, by the goal as it is defined now: both sides are
//! counted alike, however long ago the baseline lies. It is read from sums of days, which stay when events are deleted.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    period::Period,
    signatures::{self, Query},
    sums::{Rows, VisitRow},
};
use crate::{
    db::Db,
    error::AppResult,
    goal::{
        self,
        stage::Stages,
        types::{Definitions, Goal, Plan, Recount},
    },
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    stats::Rate,
    types::Millis,
};

/// First and last day, YYYYMMDD.
type Days = (i32, i32);

/// The blueprint of one site over one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Blueprint {
    /// The stages of the site.
    pub stages: Stages,
    /// Every listed goal: the steps in their order, then the rest.
    pub lines: Vec<Line>,
    /// Visits in the period.
    pub visits: i64,
    /// Visits of automated browsers that do not count.
    pub automated: i64,
    /// How far visits were counted again since the last change.
    pub recount: Option<Recount>,
}

/// A goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The goal.
    pub goal: Goal,
    /// Who looks after it; empty for nobody.
    pub owner: String,
    /// In the period.
    pub now: Rate,
    /// The first day (YYYYMMDD) that tells of it, when that is within the period, or after it.
    pub told_from: Option<i32>,
    /// What it is held against.
    pub baseline: Option<Baseline>,
}

/// The figures that a goal is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// Its days.
    pub days: Days,
    /// The rate in them.
    pub rate: Rate,
    /// Whether days of the period are among them: then both sides share visits, and no difference can be told.
    pub overlaps: bool,
}

impl Line {
    /// Both rates, now and before, where a difference can be told.
    pub fn compared(&self) -> Option<(Rate, Rate)> {
        let baseline = self.baseline.filter(|it| !it.overlaps)?;
        let is_enough = self.now.is_enough() && baseline.rate.is_enough();
        is_enough.then_some((self.now, baseline.rate))
    }
}

/// Loads the blueprint.
pub async fn load(db: &Db, site: &Site, period: &Period) -> AppResult<Blueprint> {
    let tx = db.snapshot().await?;
    let mut goals = goal::store::list_goals(&tx, site.id).await?;
    goals.retain(|goal| goal.is_listed);
    let plans = goal::store::plans::list(&tx, site.id).await?;
    let days = (calendar::number(period.from), calendar::number(period.to));
    let baselines = goals
        .iter()
        .filter_map(|goal| plans.get(&goal.id)?.baseline);
    let wanted: BTreeSet<Days> = baselines.chain([days]).collect();
    let mut counted = BTreeMap::new();
    for days in wanted {
        // Visits that may still move on are not told apart.
        let query = Query::new(site.id, days, Millis::MAX);
        counted.insert(days, Rows::load(&tx, query, &signatures::Days::Each).await?);
    }
    let facts = Facts {
        definitions: goal::store::load_definitions(&tx, site.id).await?,
        with_automated: site.kind == SiteKind::Demo || period.automated,
        time_zone: &site.time_zone,
        days,
        counted,
    };
    let lines = goals.into_iter().map(|goal| {
        let plan = plans.get(&goal.id).cloned().unwrap_or_default();
        facts.line(goal, plan)
    });
    let blueprint = Blueprint {
        lines: lines.collect(),
        stages: goal::store::list_stages(&tx, site.id).await?,
        visits: facts.visits(|row| facts.is_wanted(row.is_automated)),
        automated: facts.visits(|row| !facts.is_wanted(row.is_automated)),
        recount: goal::store::recount::find(&tx, site.id).await?,
    };
    tx.commit().await?;
    Ok(blueprint)
}

struct Facts<'a> {
    definitions: Definitions,
    with_automated: bool,
    time_zone: &'a str,
    /// Those of the period.
    days: Days,
    counted: BTreeMap<Days, Rows>,
}

impl Facts<'_> {
    fn line(&self, goal: Goal, plan: Plan) -> Line {
        let baseline = plan.baseline.map(|days| Baseline {
            days,
            rate: self.rate(&goal, days),
            overlaps: days.0 <= self.days.1 && self.days.0 <= days.1,
        });
        let told_from = goal.current.told_from(self.time_zone);
        Line {
            now: self.rate(&goal, self.days),
            told_from: (told_from > self.days.0).then_some(told_from),
            owner: plan.owner,
            baseline,
            goal,
        }
    }

    /// Visits that were counted with the goal as it is now, as in the board of small steps.
    fn rate(&self, goal: &Goal, days: Days) -> Rate {
        let bit = goal.current.bit;
        let since = self.definitions.first_with_main(Some(bit));
        let told_from = goal.current.told_from(self.time_zone);
        let counts = |day, version, automated| {
            day >= told_from && version >= since && self.is_wanted(automated)
        };
        let counted = self.counted.get(&days);
        let visits = counted.iter().flat_map(|it| &it.visits);
        let reached = counted.iter().flat_map(|it| &it.reached);
        let n = visits
            .filter(|row| counts(row.day, row.version, row.is_automated))
            .map(|row| row.visits);
        let k = reached
            .filter(|row| row.bit == i32::from(bit))
            .filter(|row| counts(row.day, row.version, row.is_automated))
            .map(|row| row.visits);
        Rate::new(k.sum(), n.sum())
    }

    fn visits(&self, counts: impl Fn(&VisitRow) -> bool) -> i64 {
        let counted = self.counted.get(&self.days);
        let rows = counted.iter().flat_map(|it| &it.visits);
        rows.filter(|row| counts(row)).map(|row| row.visits).sum()
    }

    fn is_wanted(&self, is_automated: bool) -> bool {
        self.with_automated || !is_automated
    }
}

//! The site at a glance: visits, how many reach the main goal and the small steps, and how many of those asked answer; beside the
//! same number of days before, by day, and by what one dimension says.
//!
//! Read from the sums of days, and where these do not tell the visits apart, from the packs of days. With M the main goal and m a small step: macro rate = visits with M / visits; micro-conversion rate =
//! visits with m / visits; response rate = answered / opened, of questions that wait for a moment. A rate counts the visits that were
//! counted with its goal as it is now.

mod rows;

use std::collections::{BTreeMap, BTreeSet};

use self::rows::{AskedRow, ReachedRow, Rows, VisitRow};
use super::{
    period::Period,
    segment::Segment,
    signatures::{Days, Query},
};
use crate::{
    db::Db,
    error::AppResult,
    goal::{
        self,
        types::{Definitions, Goal, Recount, Told},
    },
    ingest::{VISIT_GAP, cube::Dimension, store::audit::first_day},
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    stats::Rate,
    types::{GoalId, Millis},
};

/// Which visits, and how they are told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Broken down by this.
    pub by: Option<Dimension>,
    /// Only visits of which each dimension says this.
    pub filters: Vec<(Dimension, String)>,
    /// Only visits that did this.
    pub segment: Segment,
}

impl Choice {
    /// Whether the sums of days do not hold these visits apart, so that all of the period are gone through.
    pub fn needs_visits(&self) -> bool {
        let filtered = self.filters.iter().map(|(dimension, _)| *dimension);
        let dimensions: BTreeSet<Dimension> = filtered.chain(self.by).collect();
        let is_summed = dimensions.iter().all(|it| it.code().is_some());
        dimensions.len() > 1 || !is_summed || self.segment != Segment::default()
    }

    /// Whether some visits are left out.
    pub fn is_narrowed(&self) -> bool {
        !self.filters.is_empty() || self.segment != Segment::default()
    }

    /// The filters as conditions on a visit `v`, in SQL.
    pub fn conditions(&self) -> Vec<(&'static str, String)> {
        let filters = self.filters.iter();
        filters
            .map(|(dimension, value)| (dimension.of_visit(), value.clone()))
            .collect()
    }
}

/// The overview of one site over one period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// What the owner calls the main goal; `None` without one.
    pub main: Option<String>,
    /// The small steps, in the order of [`Figures::goals`].
    pub goals: Vec<(GoalId, String)>,
    /// In the period.
    pub now: Figures,
    /// In the period before.
    pub before: Figures,
    /// Each day of the period (YYYYMMDD), oldest first.
    pub days: Vec<(i32, Figures)>,
    /// By what the dimension says, most visits first; empty when there is none.
    pub values: Vec<ValueFigures>,
    /// Visits of the period by automated browsers that do not count.
    pub automated: i64,
    /// Visits of the period that were not counted with the main goal as it is now.
    pub other_goals: i64,
    /// The first day (YYYYMMDD) that tells of the main goal, when that is within the period, or after it.
    pub told_from: Option<i32>,
    /// How far visits were counted again since the last change.
    pub recount: Option<Recount>,
    /// The first day (YYYYMMDD) on which the site was visited.
    pub first_day: Option<i32>,
}

/// What was counted of visits of which a dimension says the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueFigures {
    /// What it says.
    pub value: String,
    /// In the period.
    pub now: Figures,
    /// In the period before.
    pub before: Figures,
}

/// What was counted in some days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Visits.
    pub visits: i64,
    /// Of these, those that may still move on.
    pub open: i64,
    /// Macro rate.
    pub main: Rate,
    /// Micro-conversion rates.
    pub goals: Vec<Rate>,
    /// Cards with an answer, also of questions that visitors came to by themselves.
    pub answers: i64,
    /// Response rate: answered of those that opened, of questions that wait for a moment.
    pub response: Rate,
}

/// Loads the overview.
pub async fn load(
    db: &Db,
    site: &Site,
    period: &Period,
    choice: &Choice,
    now: Millis,
) -> AppResult<Overview> {
    let first = period.previous().0;
    let days = (calendar::number(first), calendar::number(period.to));
    let query = Query {
        by: choice.by,
        filters: choice.filters.clone(),
        deeds: choice.segment.deeds(),
        ..Query::new(site.id, days, now - VISIT_GAP)
    };
    let tx = db.snapshot().await?;
    let mut facts = Facts {
        goals: goal::store::list_goals(&tx, site.id).await?,
        definitions: goal::store::load_definitions(&tx, site.id).await?,
        recount: goal::store::recount::find(&tx, site.id).await?,
        first_day: first_day(&tx, site.id).await?,
        time_zone: site.time_zone.clone(),
        with_automated: site.kind == SiteKind::Demo || period.automated,
        from: calendar::number(period.from),
        days: period.days().map(calendar::number).collect(),
        by_day: Rows::default(),
        by_value: None,
    };
    let since = facts.since();
    let all = Query {
        by: None,
        ..query.clone()
    };
    facts.by_day = rows::load(&tx, &all, &Days::Each, &since.bits()).await?;
    if choice.by.is_some() {
        // Of each value the days are not told: only what begins to count on which.
        let mut beginnings = since.beginnings();
        beginnings.push(facts.from);
        let spans = Days::between(beginnings);
        facts.by_value = Some(rows::load(&tx, &query, &spans, &since.bits()).await?);
    }
    tx.commit().await?;
    Ok(facts.assemble(&since))
}

struct Facts {
    goals: Vec<Goal>,
    definitions: Definitions,
    recount: Option<Recount>,
    first_day: Option<i32>,
    time_zone: String,
    with_automated: bool,
    /// First day of the period.
    from: i32,
    days: Vec<i32>,
    by_day: Rows,
    /// Where the visits are broken down.
    by_value: Option<Rows>,
}

/// From when on visits were counted with the goals as they are now.
struct Since {
    main: Option<Told>,
    /// Bit of each small step, and from when on.
    goals: Vec<(u8, Told)>,
}

impl Since {
    /// Of the small steps.
    fn bits(&self) -> Vec<u8> {
        self.goals.iter().map(|(bit, _)| *bit).collect()
    }

    /// The days on which something begins to count.
    fn beginnings(&self) -> Vec<i32> {
        let small = self.goals.iter().map(|(_, told)| told.from);
        small.chain(self.main.map(|told| told.from)).collect()
    }
}

impl Facts {
    fn since(&self) -> Since {
        let small_told = |goal: &Goal| {
            let bit = goal.current.bit;
            let told = Told {
                since: self.definitions.first_with(1 << bit),
                from: goal.current.told_from(&self.time_zone),
            };
            (bit, told)
        };
        let main = self.main();
        Since {
            main: main.map(|_| self.definitions.main_told(&self.time_zone)),
            goals: self.small_steps().map(small_told).collect(),
        }
    }

    fn assemble(&self, since: &Since) -> Overview {
        let small: Vec<&Goal> = self.small_steps().collect();
        let nothing = Figures::of_nothing(small.len());
        let mut overview = Overview {
            main: self.main().map(|goal| goal.name.clone()),
            goals: small.iter().map(|it| (it.id, it.name.clone())).collect(),
            now: nothing.clone(),
            before: nothing.clone(),
            recount: self.recount.clone(),
            first_day: self.first_day,
            ..Overview::default()
        };
        let days = self.days.iter().map(|day| (*day, nothing.clone()));
        let mut days: BTreeMap<i32, Figures> = days.collect();
        self.add_up(&self.by_day, since, |day, _, add| {
            add(if day >= self.from {
                &mut overview.now
            } else {
                &mut overview.before
            });
            if let Some(figures) = days.get_mut(&day) {
                add(figures);
            }
        });
        overview.days = days.into_iter().collect();
        if let Some(rows) = &self.by_value {
            overview.values = self.values(rows, since, &nothing);
        }
        let now = || self.by_day.visits.iter().filter(|row| row.day >= self.from);
        let left_out = now().filter(|row| !self.counts(row.is_automated));
        overview.automated = left_out.map(|row| row.visits).sum();
        if let Some(main) = since.main {
            let older = now().filter(|row| self.counts(row.is_automated));
            let older = older.filter(|row| row.version < main.since);
            overview.other_goals = older.map(|row| row.visits).sum();
            overview.told_from = (main.from > self.from).then_some(main.from);
        }
        overview
    }

    fn values(&self, rows: &Rows, since: &Since, nothing: &Figures) -> Vec<ValueFigures> {
        let mut values: BTreeMap<&str, ValueFigures> = BTreeMap::new();
        self.add_up(rows, since, |day, value, add| {
            let of_value = values.entry(value).or_insert_with(|| ValueFigures {
                value: String::from(value),
                now: nothing.clone(),
                before: nothing.clone(),
            });
            add(if day >= self.from {
                &mut of_value.now
            } else {
                &mut of_value.before
            });
        });
        let mut values: Vec<ValueFigures> = values.into_values().collect();
        values.sort_by_key(|it| std::cmp::Reverse((it.now.visits, it.now.answers)));
        values
    }

    /// Hands each row that counts to `to`: its day, what the dimension says, and what adds it to figures.
    fn add_up<'a>(
        &self,
        rows: &'a Rows,
        since: &Since,
        mut to: impl FnMut(i32, &'a str, &dyn Fn(&mut Figures)),
    ) {
        let visits = rows.visits.iter();
        for row in visits.filter(|row| self.counts(row.is_automated)) {
            to(row.day, &row.value, &|figures| figures.add(row, since));
        }
        let reached = rows.reached.iter();
        for row in reached.filter(|row| self.counts(row.is_automated)) {
            let add = |figures: &mut Figures| figures.add_reached(row, since);
            to(row.day, &row.value, &add);
        }
        let asked = rows.asked.iter();
        for row in asked.filter(|row| !row.arm.is_empty() && self.counts(row.is_automated)) {
            to(row.day, &row.value, &|figures| figures.add_asked(row));
        }
    }

    fn main(&self) -> Option<&Goal> {
        self.goals.iter().find(|goal| goal.is_primary)
    }

    fn counts(&self, is_automated: bool) -> bool {
        self.with_automated || !is_automated
    }

    /// The goals marked as key; every listed one but the main one when none is.
    fn small_steps(&self) -> impl Iterator<Item = &Goal> {
        let has_keys = self.goals.iter().any(Self::is_key);
        let listed = self.goals.iter();
        listed.filter(move |goal| match has_keys {
            true => Self::is_key(goal),
            false => goal.is_listed && !goal.is_primary,
        })
    }

    fn is_key(goal: &Goal) -> bool {
        goal.is_key && goal.is_listed && !goal.is_primary
    }
}

impl Figures {
    fn of_nothing(goals: usize) -> Self {
        Self {
            goals: vec![Rate::default(); goals],
            ..Self::default()
        }
    }

    fn add(&mut self, row: &VisitRow, since: &Since) {
        self.visits += row.visits;
        self.open += row.open;
        let counts = |told: Told| told.is_by(row.version, row.day);
        if since.main.is_some_and(counts) {
            self.main.n += row.visits;
            self.main.k += row.conversions;
        }
        for (rate, (_, since)) in self.goals.iter_mut().zip(&since.goals) {
            if counts(*since) {
                rate.n += row.visits;
            }
        }
    }

    fn add_reached(&mut self, row: &ReachedRow, since: &Since) {
        for (rate, (bit, since)) in self.goals.iter_mut().zip(&since.goals) {
            if i32::from(*bit) == row.bit && since.is_by(row.version, row.day) {
                rate.k += row.visits;
            }
        }
    }

    fn add_asked(&mut self, row: &AskedRow) {
        self.answers += row.answered;
        if row.is_automatic {
            self.response.k += row.answered;
            self.response.n += row.opened;
        }
    }
}

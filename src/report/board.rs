//! The board of small steps: how often each goal is reached, and how often the main goal comes after it.
//!
//! Counted per visit by the goals as they are defined now. For a goal m and the main goal M, t being the first time in a visit:
//! micro-conversion rate = visits with m / visits; micros per 100 visits = times m happened / visits × 100; micro→macro ratio = times
//! m happened / times M happened × 100; conversion after = visits with t(m) < t(M) / visits with m and not t(M) ≤ t(m); coverage =
//! visits with t(m) < t(M) / visits with M. What the same event reached is neither before nor after.

use std::collections::{BTreeMap, HashMap};

use super::{
    overview::Choice,
    period::Period,
    quality,
    signatures::{Days, Query},
    sums::{self, GoalRow, Rows, VisitRow},
};
use crate::{
    db::Db,
    error::AppResult,
    goal::{
        self,
        stage::Stages,
        types::{Definitions, Goal, Recount, StageId},
    },
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    stats::Rate,
    types::{GoalId, Millis},
};

/// The board of one site over one period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// The main goal that all of it refers to.
    pub main: Option<Main>,
    /// The stages of the site.
    pub stages: Stages,
    /// Every other listed goal, in the order of the funnel.
    pub micros: Vec<Micro>,
    /// By what the dimension says that visits are broken down by, most visits first; empty when there is none.
    pub values: Vec<ValueFigures>,
    /// Visits in the period.
    pub visits: i64,
    /// Visits of the period that were not counted with the main goal as it is now, and are left out.
    pub other_goals: i64,
    /// How far visits were counted again since the last change.
    pub recount: Option<Recount>,
    /// Visits of automated browsers that do not count.
    pub automated: i64,
    /// Events that told amounts in another currency, come in the period or later: no mean of amounts is sure to be known.
    pub other_currency: i64,
}

/// Visits of the period of which a dimension says the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueFigures {
    /// What it says.
    pub value: String,
    /// Visits that reached the main goal, of all.
    pub main: Rate,
    /// One a goal, in the order of [`Board::micros`].
    pub micros: Vec<Figures>,
}

/// The main goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Main {
    /// Leads to its page.
    pub id: GoalId,
    /// What the owner calls it.
    pub name: String,
    /// Visits that reached it, of all.
    pub rate: Rate,
    /// The same in the period before.
    pub before: Rate,
    /// How often it happened.
    pub events: i64,
    /// What it was worth on average where it was reached, minor units; `None` when it is worth nothing.
    pub worth: Option<f64>,
    /// As in [`Micro`].
    pub told_from: Option<i32>,
}

/// A goal beside the main one.
#[derive(Clone, Debug, PartialEq)]
pub struct Micro {
    /// Leads to its page.
    pub id: GoalId,
    /// What the owner calls it.
    pub name: String,
    /// Whether the owner marked it as key.
    pub is_key: bool,
    /// Where on the way it stands.
    pub stage: StageId,
    /// What it is worth by the owner's word, minor units.
    pub value_minor: Option<i64>,
    /// The first day (YYYYMMDD) that tells of it, when that is within the period, or after it.
    pub told_from: Option<i32>,
    /// Visits of the period that are counted with the main goal as it is now, but not with this one, and are left out.
    pub other_goals: i64,
    /// In the period.
    pub now: Figures,
    /// In the period before.
    pub before: Figures,
    /// Each week of the period by its first day (YYYYMMDD), oldest first.
    pub weeks: Vec<(i32, Figures)>,
}

impl Micro {
    /// Expected value with both ends of its range, minor units: what the main goal is worth, times the share of visits that reach it
    /// afterwards. `None` of few, and where the main goal is worth nothing.
    pub fn expected_value(&self, main: Option<&Main>) -> Option<[i64; 3]> {
        let worth = main?.worth?;
        let after = self.now.conversion_after();
        let known = after.share().zip(after.wilson());
        let (share, interval) = known.filter(|_| after.is_enough())?;
        Some([share, interval.low, interval.high].map(|share| (share * worth).round() as i64))
    }
}

/// What was counted of a goal m and the main goal M in some days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Visits.
    pub visits: i64,
    /// Visits with M.
    pub macros: i64,
    /// How often M happened.
    pub macro_events: i64,
    /// Visits with m.
    pub reached: i64,
    /// How often m happened.
    pub events: i64,
    /// Visits with m that had not reached M before, nor by the same event.
    pub first: i64,
    /// Of these, those that reached M afterwards.
    pub followed: i64,
}

impl Figures {
    /// Micro-conversion rate.
    pub fn rate(&self) -> Rate {
        Rate::new(self.reached, self.visits)
    }

    /// Micros per 100 visits; `None` of no visit.
    pub fn per_100_visits(&self) -> Option<f64> {
        (self.visits > 0).then(|| self.events as f64 * 100.0 / self.visits as f64)
    }

    /// Micro→macro ratio: micros per 100 macros; `None` when the main goal never happened.
    pub fn per_100_macros(&self) -> Option<f64> {
        (self.macro_events > 0).then(|| self.events as f64 * 100.0 / self.macro_events as f64)
    }

    /// Conversion after: the main goal later, given the micro first.
    pub fn conversion_after(&self) -> Rate {
        Rate::new(self.followed, self.first)
    }

    /// Coverage: how many conversions came by the micro.
    pub fn coverage(&self) -> Rate {
        Rate::new(self.followed, self.macros)
    }

    fn add_visits(&mut self, row: &VisitRow) {
        self.visits += row.visits;
        self.macros += row.conversions;
    }

    fn add_goal(&mut self, row: &GoalRow) {
        self.reached += row.visits;
        self.events += row.events;
        self.first += row.before_main;
        self.followed += row.followed;
    }
}

/// Loads the board.
pub async fn load(db: &Db, site: &Site, period: &Period, choice: &Choice) -> AppResult<Board> {
    let day = calendar::number;
    let query = |from, by| Query {
        by,
        filters: choice.filters.clone(),
        deeds: choice.segment.deeds(),
        // Visits that may still move on are not told apart.
        ..Query::new(site.id, (day(from), day(period.to)), Millis::MAX)
    };
    let tx = db.snapshot().await?;
    let goals = goal::store::list_goals(&tx, site.id).await?;
    let spans = sums::spans(&goals, site, day(period.from));
    let facts = Facts {
        goals,
        definitions: goal::store::load_definitions(&tx, site.id).await?,
        stages: goal::store::list_stages(&tx, site.id).await?,
        recount: goal::store::recount::find(&tx, site.id).await?,
        other_currency: quality::in_other_currency(&tx, site.id, period).await?,
        rows: Rows::load(&tx, query(period.previous().0, None), &Days::Each).await?,
        by_value: match choice.by {
            Some(by) => Rows::load(&tx, query(period.from, Some(by)), &spans).await?,
            None => Rows::default(),
        },
        with_automated: site.kind == SiteKind::Demo || period.automated,
        time_zone: site.time_zone.clone(),
        from: day(period.from),
        weeks: period.weeks(),
    };
    tx.commit().await?;
    Ok(facts.assemble())
}

struct Facts {
    goals: Vec<Goal>,
    definitions: Definitions,
    stages: Stages,
    recount: Option<Recount>,
    other_currency: i64,
    /// Of the period and the one before.
    rows: Rows,
    /// Of the period, by what they are broken down by.
    by_value: Rows,
    with_automated: bool,
    time_zone: String,
    /// First day of the period.
    from: i32,
    weeks: HashMap<i32, i32>,
}

impl Facts {
    fn assemble(&self) -> Board {
        let main = self.goals.iter().find(|goal| goal.is_primary);
        let main_bit = main.map(|goal| goal.current.bit);
        let micros = self.small_steps();
        let micros = micros.map(|goal| self.micro(goal, main_bit)).collect();
        let version = self.since_version(None);
        Board {
            main: main.map(|goal| self.main(goal)),
            stages: self.stages.clone(),
            other_currency: self.other_currency,
            micros,
            values: self.values(main),
            visits: self.visits(|row| row.version >= version && self.is_wanted(row.is_automated)),
            other_goals: self
                .visits(|row| row.version < version && self.is_wanted(row.is_automated)),
            automated: self
                .visits(|row| row.version >= version && !self.is_wanted(row.is_automated)),
            recount: self.recount.clone(),
        }
    }

    /// Those of the period.
    fn visits(&self, counts: impl Fn(&VisitRow) -> bool) -> i64 {
        let rows = self.rows.visits.iter();
        let rows = rows.filter(|row| row.day >= self.from);
        rows.filter(|row| counts(row)).map(|row| row.visits).sum()
    }

    fn small_steps(&self) -> impl Iterator<Item = &Goal> {
        let goals = self.goals.iter();
        goals.filter(|goal| goal.is_listed && !goal.is_primary)
    }

    fn is_wanted(&self, is_automated: bool) -> bool {
        self.with_automated || !is_automated
    }

    /// Visits of older definitions were not counted with this goal, and the main one, as they are now.
    fn since_version(&self, micro: Option<u8>) -> i32 {
        self.definitions.first_with_main(micro)
    }

    fn main(&self, goal: &Goal) -> Main {
        let bit = Some(goal.current.bit);
        let told_from = goal.current.told_from(&self.time_zone);
        let figures = |is_now| {
            self.figures(bit, bit, |day| {
                day >= told_from && (day >= self.from) == is_now
            })
        };
        let (now, before) = (figures(true), figures(false));
        let version = self.since_version(None).max(goal.current.worth_since);
        let rows = self.rows.reached.iter().filter(|row| {
            let is_counted = row.version >= version && self.is_wanted(row.is_automated);
            bit.map(i32::from) == Some(row.bit) && row.day >= self.from && is_counted
        });
        let (worth, n) = rows.fold((0, 0), |(worth, n), row| {
            (worth + row.value_minor, n + row.visits)
        });
        Main {
            id: goal.id,
            name: goal.name.clone(),
            rate: Rate::new(now.macros, now.visits),
            before: Rate::new(before.macros, before.visits),
            events: now.macro_events,
            worth: (worth > 0 && n > 0 && self.other_currency == 0)
                .then(|| worth as f64 / n as f64),
            told_from: (told_from > self.from).then_some(told_from),
        }
    }

    fn micro(&self, goal: &Goal, main: Option<u8>) -> Micro {
        let bit = Some(goal.current.bit);
        let starts: BTreeMap<i32, ()> = self.weeks.values().map(|start| (*start, ())).collect();
        let week_of = |day: i32| self.weeks.get(&day).copied();
        let told_from = goal.current.told_from(&self.time_zone);
        let figures = |within: &dyn Fn(i32) -> bool| {
            self.figures(bit, main, |day| day >= told_from && within(day))
        };
        Micro {
            id: goal.id,
            name: goal.name.clone(),
            is_key: goal.is_key,
            stage: goal.stage.clone(),
            value_minor: goal.current.value_minor,
            told_from: (told_from > self.from).then_some(told_from),
            other_goals: self.visits(|row| {
                let is_older =
                    (self.since_version(None)..self.since_version(bit)).contains(&row.version);
                is_older && row.day >= told_from && self.is_wanted(row.is_automated)
            }),
            now: figures(&|day| day >= self.from),
            before: figures(&|day| day < self.from),
            weeks: starts
                .into_keys()
                .map(|start| (start, figures(&|day| week_of(day) == Some(start))))
                .collect(),
        }
    }

    /// Of the goal with `bit`, over the days that `within` takes.
    fn figures(&self, bit: Option<u8>, main: Option<u8>, within: impl Fn(i32) -> bool) -> Figures {
        let whole = |day, _| within(day).then_some(());
        let mut figures = self.figures_by(&self.rows, (bit, main), whole);
        figures.remove(&()).unwrap_or_default()
    }

    /// The same of rows that are told apart by a key; those without one are left out.
    fn figures_by<'a, K: Ord>(
        &self,
        rows: &'a Rows,
        (bit, main): (Option<u8>, Option<u8>),
        key: impl Fn(i32, &'a str) -> Option<K>,
    ) -> BTreeMap<K, Figures> {
        let mut by_key: BTreeMap<K, Figures> = BTreeMap::new();
        let since = self.since_version(bit);
        let counts = |version, automated| version >= since && self.is_wanted(automated);
        for row in &rows.visits {
            let key = key(row.day, &row.value);
            if let Some(key) = key.filter(|_| counts(row.version, row.is_automated)) {
                by_key.entry(key).or_default().add_visits(row);
            }
        }
        for row in &rows.reached {
            let key = key(row.day, &row.value);
            let Some(key) = key.filter(|_| counts(row.version, row.is_automated)) else {
                continue;
            };
            let figures = by_key.entry(key).or_default();
            if bit.map(i32::from) == Some(row.bit) {
                figures.add_goal(row);
            }
            if main.map(i32::from) == Some(row.bit) {
                figures.macro_events += row.events;
            }
        }
        by_key
    }

    /// By what the dimension says.
    fn values(&self, main: Option<&Goal>) -> Vec<ValueFigures> {
        let main_bit = main.map(|goal| goal.current.bit);
        let figures = |goal: &Goal| {
            let told_from = goal.current.told_from(&self.time_zone);
            let bits = (Some(goal.current.bit), main_bit);
            self.figures_by(&self.by_value, bits, |day, value| {
                (day >= told_from).then_some(value)
            })
        };
        let whole = self.figures_by(&self.by_value, (None, None), |_, value| Some(value));
        let of_main = main.map(figures).unwrap_or_default();
        let micros: Vec<_> = self.small_steps().map(figures).collect();
        let mut values: Vec<(i64, ValueFigures)> = whole
            .into_iter()
            .map(|(value, all)| {
                let main = of_main.get(value).copied().unwrap_or_default();
                let of_value = |it: &BTreeMap<&str, Figures>| it.get(value).copied();
                let micros = micros.iter().map(|it| of_value(it).unwrap_or_default());
                let figures = ValueFigures {
                    value: value.to_owned(),
                    main: Rate::new(main.macros, main.visits),
                    micros: micros.collect(),
                };
                (all.visits, figures)
            })
            .collect();
        values.sort_by_key(|(visits, _)| std::cmp::Reverse(*visits));
        values.into_iter().map(|(_, figures)| figures).collect()
    }
}

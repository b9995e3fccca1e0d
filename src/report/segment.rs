//! Segments: visits that reached a goal, or did not.
//!
//! A visit tells so by the goal as it is now when it was counted with it, and began when what the goal is about was recorded; others
//! are left out, and said to be.

use sea_orm::ConnectionTrait;

use super::{
    overview::Choice,
    period::Period,
    signatures::{Days, Deeds, Query},
    sums,
};
use crate::{
    error::AppResult,
    goal::{
        self,
        types::{Definitions, Goal},
    },
    ingest::sums::VISITS,
    site::{calendar, types::Site},
    types::{GoalId, Millis},
};

/// What visits are asked for to have reached, or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Only visits that reached it.
    pub did: Option<Deed>,
    /// Only visits that did not reach it.
    pub not: Option<Deed>,
    /// Visits of the period that cannot tell.
    pub left_out: i64,
}

/// A goal, and which visits can tell whether they reached it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The goal.
    pub id: GoalId,
    /// What the owner calls it.
    pub name: String,
    bit: u8,
    /// Counted by this version of the definitions or a later one.
    since: i32,
    /// Begun on this day (YYYYMMDD) or later.
    from: i32,
}

impl Segment {
    /// What visits are asked for, as conditions.
    pub fn deeds(&self) -> Deeds {
        let both = || self.did.iter().chain(&self.not);
        let bit = |deed: &Option<Deed>| deed.as_ref().map_or(0, |it| 1_i64 << it.bit);
        Deeds {
            with: bit(&self.did),
            without: bit(&self.not),
            since: both().map(|it| it.since).max().unwrap_or_default(),
            from: both().map(|it| it.from).max().unwrap_or_default(),
        }
    }

    /// Those goals of the site that are asked for; what is none of them asks for nothing.
    pub async fn load(
        db: &impl ConnectionTrait,
        site: &Site,
        (did, not): (Option<GoalId>, Option<GoalId>),
    ) -> AppResult<Self> {
        if did.or(not).is_none() {
            return Ok(Self::default());
        }
        let goals = goal::store::list_goals(db, site.id).await?;
        let definitions = goal::store::load_definitions(db, site.id).await?;
        let deed = |id: Option<GoalId>| {
            let goal = goals.iter().find(|goal| Some(goal.id) == id)?;
            Some(Deed::new(goal, &definitions, &site.time_zone))
        };
        Ok(Self {
            did: deed(did),
            not: deed(not),
            left_out: 0,
        })
    }
}

impl Deed {
    fn new(goal: &Goal, definitions: &Definitions, time_zone: &str) -> Self {
        Self {
            id: goal.id,
            name: goal.name.clone(),
            bit: goal.current.bit,
            since: definitions.first_with(1 << goal.current.bit),
            from: goal.current.told_from(time_zone),
        }
    }
}

/// Visits of the period that meet the filters and cannot tell what is asked for.
pub async fn left_out(
    db: &impl ConnectionTrait,
    site: &Site,
    period: &Period,
    choice: &Choice,
) -> AppResult<i64> {
    let deeds = choice.segment.deeds();
    if deeds == Deeds::default() {
        return Ok(0);
    }
    let days = (calendar::number(period.from), calendar::number(period.to));
    let query = Query {
        filters: choice.filters.clone(),
        // Visits that may still move on are not told apart.
        ..Query::new(site.id, days, Millis::MAX)
    };
    let with_automated = sums::counts_automated(site, period);
    let query = query.with_packs(db, &[(&VISITS, &Days::Each)]).await?;
    let visits = sums::visits(db, &query).await?.into_iter();
    let left_out = visits
        .filter(|row| with_automated || !row.is_automated)
        .filter(|row| row.version < deeds.since || row.day < deeds.from);
    Ok(left_out.map(|row| row.visits).sum())
}

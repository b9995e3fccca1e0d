//! Risk sets of a small step, from sums of days: at every point of a visit whoever had taken it by then, beside those who are still there
//! without it.

use sea_orm::ConnectionTrait;

use super::{
    signatures::Query,
    sums::{self, PaceRow, StayRow},
};
use crate::{
    error::AppResult,
    goal::types::Goal,
    ingest::sums::{PACES, STAYS},
    site::types::Site,
    stats::{LEVEL, Ratio, Stratum, Turnover, crude, mantel_haenszel, risk_sets},
};

/// Conversions that are needed on each side.
const ENOUGH: i64 = 5;

/// How long visits stayed, and how long it took them to reach goals.
pub struct Pace {
    stays: Vec<StayRow>,
    paces: Vec<PaceRow>,
}

/// What risk sets tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timed {
    /// How many times as often whoever had taken the step converts next; `None` with few conversions on one side.
    pub ratio: Option<Ratio>,
    /// Conversions after the step.
    pub with: i64,
    /// Conversions without it, or before it.
    pub without: i64,
}

impl Pace {
    /// Loads it; inside a snapshot when other figures of the page are to agree with it.
    pub async fn load(
        db: &impl ConnectionTrait,
        query: Query,
        site: &Site,
        goals: &[Goal],
    ) -> AppResult<Self> {
        let spans = sums::spans(goals, site, query.from);
        let tables = [(&STAYS, &spans), (&PACES, &spans)];
        let query = &query.with_packs(db, &tables).await?;
        let goals = goals.iter().map(|goal| &goal.current);
        let told_from = goals.map(|goal| (goal.bit.into(), goal.told_from(&site.time_zone)));
        let later: Vec<(i32, i32)> = told_from.filter(|(_, day)| *day > query.from).collect();
        Ok(Self {
            stays: sums::stays(db, query).await?,
            paces: sums::paces(db, query, &later).await?,
        })
    }

    /// Of the goal version with a bit, from a day on, and of the visits that count by their version and by whether they are automated.
    pub fn timed(&self, (bit, from): (i32, i32), counts: impl Fn(i32, bool) -> bool) -> Timed {
        let stays = self.stays.iter();
        let stays = stays.filter(|row| row.day >= from && counts(row.version, row.is_automated));
        let paces = self.paces.iter();
        let paces = paces.filter(|row| row.bit == bit && counts(row.version, row.is_automated));
        let sets = risk_sets(
            stays.flat_map(StayRow::turnovers),
            paces.map(PaceRow::turnover),
        );
        let Stratum { exposed, unexposed } = crude(&sets);
        let is_enough = exposed.k.min(unexposed.k) >= ENOUGH;
        Timed {
            ratio: mantel_haenszel(&sets, LEVEL).filter(|_| is_enough),
            with: exposed.k,
            without: unexposed.k,
        }
    }
}

impl StayRow {
    /// All come with their beginning.
    fn turnovers(&self) -> [Turnover; 2] {
        let came = Turnover {
            came: self.visits,
            ..Turnover::default()
        };
        let left = Turnover {
            bin: self.bin,
            came: 0,
            left: self.visits,
            converted: self.conversions,
        };
        [came, left]
    }
}

impl PaceRow {
    fn turnover(&self) -> Turnover {
        let (came, left) = match self.is_end {
            0 => (self.visits, 0),
            _ => (0, self.visits),
        };
        Turnover {
            bin: self.bin,
            came,
            left,
            converted: self.conversions,
        }
    }
}

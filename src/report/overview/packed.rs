//! Adds visits up that the sums do not tell apart: from the packs of days, one after the other.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::rows::{AskedRow, Days, ReachedRow, Rows, VisitRow};
use crate::{
    error::AppResult,
    ingest::pack::{Outcome, Pack},
    report::signatures::Query,
};

/// Packs that are in memory at once.
const AT_ONCE: u8 = 4;
/// Figures of visits that stand before those of the goals.
const BEFORE_GOALS: usize = 5;

/// What packs held.
pub(super) struct Packed {
    /// Of these days.
    pub(super) days: Vec<i32>,
    /// What their settled visits come to.
    pub(super) rows: Rows,
}

/// Reads the packs that there are.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    query: &Query,
    days: &Days,
    bits: &[u8],
) -> AppResult<Packed> {
    let mut totals = Totals::new(query, bits);
    let mut packed = vec![];
    let mut from = query.from;
    loop {
        let some = read(db, query, from).await?;
        let Some((last, _)) = some.last() else {
            break;
        };
        from = last + 1;
        for (day, pack) in &some {
            // One that cannot be read is none: its visits are read.
            let pack = Pack::read(pack);
            if pack.is_some_and(|pack| totals.add(*day, days.of(*day), &pack).is_some()) {
                packed.push(*day);
            }
        }
    }
    Ok(Packed {
        days: packed,
        rows: totals.into_rows(),
    })
}

/// The next packs from a day on.
async fn read(
    db: &impl ConnectionTrait,
    query: &Query,
    from: i32,
) -> Result<Vec<(i32, Vec<u8>)>, DbErr> {
    let sql = format!(
        "SELECT day, pack FROM day_pack WHERE site_id = $1 AND day BETWEEN $2 AND $3 AND pack IS NOT NULL
         ORDER BY day LIMIT {AT_ONCE}"
    );
    let values = [query.site_id.into(), from.into(), query.to.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "day")?, row.try_get("", "pack")?)))
        .collect()
}

/// Whose visits are added up together, whatever the dimension says of them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind {
    day: i32,
    is_automated: bool,
    version: i32,
}

struct Totals<'a> {
    query: &'a Query,
    bits: &'a [u8],
    /// The place of each value.
    values: HashMap<String, usize>,
    /// There are few kinds. Of each the figures of the first value, of the second, and so on.
    kinds: Vec<(Kind, Vec<i64>)>,
}

impl<'a> Totals<'a> {
    fn new(query: &'a Query, bits: &'a [u8]) -> Self {
        Self {
            query,
            bits,
            values: HashMap::new(),
            kinds: vec![],
        }
    }

    /// Figures of a value.
    fn width(&self) -> usize {
        BEFORE_GOALS + self.bits.len()
    }

    /// Adds the visits of a day that are asked for under another, or, where the pack lacks what that is told by, none.
    fn add(&mut self, day: i32, under: i32, pack: &Pack<'_>) -> Option<()> {
        let mut wanted = vec![];
        for (dimension, value) in &self.query.filters {
            let column = pack.column(*dimension)?;
            wanted.push((column.places()?, column.place_of(value)));
        }
        let (values, of_visits) = match self.query.by {
            Some(by) => {
                let column = pack.column(by)?;
                let values = column.values().map(|value| self.place_of(value));
                (values.collect(), column.places()?)
            }
            None => (vec![self.place_of("")], vec![]),
        };
        let (outcomes, places) = pack.outcomes()?;
        let deeds = self.query.deeds;
        let outcomes: Vec<Option<(usize, Vec<i64>)>> = outcomes
            .iter()
            .map(|outcome| {
                let is_wanted = deeds.are_of(day, outcome.version, outcome.mask);
                is_wanted.then(|| (self.kind_of(under, outcome), self.figures(outcome)))
            })
            .collect();
        let width = self.width();
        for (visit, outcome) in places.into_iter().enumerate() {
            let is_wanted = |(places, place): &(Vec<usize>, Option<usize>)| {
                place.is_some() && places.get(visit).copied() == *place
            };
            let (Some((kind, figures)), true) =
                (outcomes.get(outcome)?, wanted.iter().all(is_wanted))
            else {
                continue;
            };
            let value = of_visits.get(visit).copied().unwrap_or(0);
            let begin = values.get(value)? * width;
            let (_, sums) = self.kinds.get_mut(*kind)?;
            for (sum, figure) in sums.get_mut(begin..begin + width)?.iter_mut().zip(figures) {
                *sum += figure;
            }
        }
        Some(())
    }

    fn place_of(&mut self, value: &str) -> usize {
        let next = self.values.len();
        match self.values.get(value) {
            Some(place) => *place,
            None => *self.values.entry(value.to_owned()).or_insert(next),
        }
    }

    /// The place of its kind, which has room for all values.
    fn kind_of(&mut self, day: i32, outcome: &Outcome) -> usize {
        let kind = Kind {
            day,
            is_automated: outcome.is_automated,
            version: outcome.version,
        };
        let room = self.values.len() * self.width();
        let found = self.kinds.iter().position(|(it, _)| *it == kind);
        let place = found.unwrap_or(self.kinds.len());
        if found.is_none() {
            self.kinds.push((kind, vec![]));
        }
        if let Some((_, sums)) = self.kinds.get_mut(place) {
            sums.resize(room.max(sums.len()), 0);
        }
        place
    }

    /// What one visit adds.
    fn figures(&self, outcome: &Outcome) -> Vec<i64> {
        let visits = i64::from(outcome.has_pages);
        let asked = [outcome.answers, outcome.opened, outcome.answered].map(i64::from);
        let goals = self.bits.iter().map(|bit| outcome.mask >> bit & visits);
        [visits, visits * i64::from(outcome.is_converted)]
            .into_iter()
            .chain(asked)
            .chain(goals)
            .collect()
    }

    fn into_rows(self) -> Rows {
        let mut rows = Rows::default();
        let width = self.width();
        for (kind, sums) in &self.kinds {
            for (value, place) in &self.values {
                if let Some(figures) = sums.get(place * width..(place + 1) * width) {
                    push(&mut rows, *kind, value, (figures, self.bits));
                }
            }
        }
        rows
    }
}

/// Makes the rows of one value; of what comes to nothing there is none.
fn push(rows: &mut Rows, kind: Kind, value: &str, (figures, bits): (&[i64], &[u8])) {
    let Kind {
        day,
        is_automated,
        version,
    } = kind;
    let Some((&[visits, conversions, answers, opened, answered], goals)) =
        figures.split_first_chunk::<BEFORE_GOALS>()
    else {
        return;
    };
    if visits > 0 {
        rows.visits.push(VisitRow {
            day,
            value: value.into(),
            is_automated,
            version,
            visits,
            open: 0,
            conversions,
        });
    }
    for (bit, visits) in bits.iter().zip(goals).filter(|(_, visits)| **visits > 0) {
        rows.reached.push(ReachedRow {
            day,
            value: value.into(),
            is_automated,
            version,
            bit: i32::from(*bit),
            visits: *visits,
        });
    }
    if answers + opened > 0 {
        rows.asked.push(AskedRow {
            day,
            value: value.into(),
            is_automated,
            answers,
            opened,
            answered,
        });
    }
}

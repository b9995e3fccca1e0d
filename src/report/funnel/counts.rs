//! How far visits came, and what became of asking them, from the sums of days.
//!
//! What the page costs so grows with days and kinds of visits; of the visits themselves only those are read that are not in them yet.

use std::collections::BTreeMap;

use sea_orm::{DatabaseTransaction, FromQueryResult};
use serde::Deserialize;

use super::{
    counting::{Came, Counting},
    kinds::KindRow,
    queries::{Scope, rows},
    within,
};
use crate::{
    error::AppResult,
    goal::path,
    ingest::{
        cube::Dimension,
        sums::{ANSWERED, CUBE, KINDS, Kind, REACHES, Sums},
    },
    report::signatures::Query,
    types::Millis,
};

/// Visits that are alike in everything that the funnel counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct VisitRow {
    /// 1 in the period, 0 in the one before.
    pub(super) present: i32,
    /// The funnel they were counted by.
    pub(super) funnel_version: i32,
    /// Steps reached.
    pub(super) step: i32,
    /// 1 when the main goal was reached in any way.
    pub(super) converted: i32,
    /// 1 for automated browsers.
    pub(super) automated: i32,
    /// What became of asking: 3 answered, 2 silent, 1 left unasked, 0 could not be asked. Of the period before it is not told.
    pub(super) asked: i32,
    /// What the dimension says that they are told apart by; else empty.
    pub(super) value: String,
    /// Bits of the goals beyond that step that they reached all the same.
    pub(super) beyond: i64,
    /// How many visits.
    pub(super) n: i64,
    /// Of these, those that may still move on.
    pub(super) open: i64,
    /// How many answers they gave.
    pub(super) answers: i64,
    /// Of those that answered, where these alone are asked for: the sets of reasons that questions offer which they answered, by number.
    pub(super) offered: Vec<i32>,
    /// Those of the questions that they could be asked; of the period before it is not told.
    pub(super) could: Vec<i32>,
}

/// Visits by how far they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// Those of which it is known.
    pub(super) rows: Vec<VisitRow>,
    /// Those of which the order of goals would have to be known; they stand at no step.
    pub(super) unknown: Vec<VisitRow>,
    /// Those that are left out because they came to fewer steps for what came between.
    pub(super) voided: Vec<VisitRow>,
}

/// What visits have in common that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, FromQueryResult)]
pub(super) struct Alike {
    present: i32,
    value: String,
    automated: i32,
    version: i32,
    /// As the fold has counted them.
    pub(super) step: i32,
    /// Those of the goals that decide, as bits.
    pub(super) mask: i64,
    /// The order of all goals, where that is asked for and known.
    pub(super) path: Option<String>,
}

/// How many they are.
#[derive(Debug, FromQueryResult)]
pub(super) struct Counted {
    #[sea_orm(nested)]
    pub(super) alike: Alike,
    visits: i64,
    conversions: i64,
    open: i64,
}

#[derive(Debug, FromQueryResult)]
struct Answered {
    kind: Kind,
    present: i32,
    automated: i32,
    visits: i64,
}

/// Visits of these days by how far they came, told apart by what a dimension says of them; open are those that were active after
/// `open_after`.
pub(super) async fn reached(
    db: &DatabaseTransaction,
    scope: Scope<'_>,
    counting: &Counting,
    by: Option<Dimension>,
    open_after: Millis,
) -> AppResult<Counts> {
    if counting.within().is_some() {
        let mut near = in_order(db, scope, counting, by, open_after).await?;
        near.retain(|it| it.alike.step < 2);
        let mut counts = told(near, &[], counting);
        within::add_others(&mut counts, db, scope, counting, (by, open_after)).await?;
        return Ok(counts);
    }
    let counted = match counting.is_plain() {
        true => in_order(db, scope, counting, by, open_after).await?,
        false => counted(db, scope, counting, by, open_after).await?,
    };
    Ok(told(counted, &[], counting))
}

/// The same by device, with what became of asking those who could be asked: by the steps that the fold has counted.
pub(super) async fn reached_and_asked(
    db: &DatabaseTransaction,
    scope: Scope<'_>,
    counting: &Counting,
    kinds: &[KindRow],
    open_after: Millis,
) -> AppResult<Counts> {
    let counted = in_order(db, scope, counting, None, open_after).await?;
    Ok(told(counted, kinds, counting))
}

/// Only visits that answered, of both periods.
pub(super) async fn answered(
    db: &DatabaseTransaction,
    scope: Scope<'_>,
) -> AppResult<Vec<VisitRow>> {
    let query = scope.query(scope.first);
    let sql = format!(
        "SELECT s.kind, {} AS present, CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated, CAST(SUM(s.visits) AS BIGINT) AS visits
         FROM ({}) AS s WHERE s.kind LIKE '{ANSWERED}' GROUP BY 1, 2, 3",
        scope.is_present(),
        query.sums(&KINDS)
    );
    let answered: Vec<Answered> = rows(db, &sql, query.values_of(&KINDS)).await?;
    Ok(answered.into_iter().map(Answered::row).collect())
}

/// Visits of a table of sums that came to a step in order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reach {
    day: i32,
    value: String,
    is_automated: bool,
    version: i32,
    step: i32,
    mask: i64,
    device: String,
    visits: i64,
    conversions: i64,
}

/// By the steps as the fold has counted them, told apart by what a dimension says, else by device.
async fn in_order(
    db: &DatabaseTransaction,
    scope: Scope<'_>,
    counting: &Counting,
    by: Option<Dimension>,
    open_after: Millis,
) -> AppResult<Vec<Counted>> {
    let query = Query {
        by,
        open_after,
        ..scope.query(scope.first)
    };
    let query = told_apart(db, scope, query, &REACHES).await?;
    let reaches = query.parted::<Reach>(&REACHES)?;
    let sql = format!(
        "SELECT {} AS present, {} AS value, CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated, s.version, s.step,
           s.mask & {} AS mask, CAST(NULL AS TEXT) AS path, CAST(SUM(s.visits) AS BIGINT) AS visits,
           CAST(SUM(s.conversions) AS BIGINT) AS conversions, CAST(SUM(s.open) AS BIGINT) AS open
         FROM ({}) AS s GROUP BY 1, 2, 3, 4, 5, 6",
        scope.is_present(),
        if by.is_some() { "s.value" } else { "s.device" },
        counting.mask(),
        reaches.sql
    );
    let mut counted: Vec<Counted> = rows(db, &sql, reaches.values).await?;
    let packed = reaches.packed.into_iter();
    counted.extend(packed.map(|reach| reach.counted(by, scope, counting)));
    Ok(counted)
}

impl Reach {
    fn counted(self, by: Option<Dimension>, scope: Scope<'_>, counting: &Counting) -> Counted {
        Counted {
            alike: Alike {
                present: i32::from(self.day >= scope.from),
                value: if by.is_some() {
                    self.value
                } else {
                    self.device
                },
                automated: self.is_automated.into(),
                version: self.version,
                step: self.step,
                mask: self.mask & counting.mask(),
                path: None,
            },
            visits: self.visits,
            conversions: self.conversions,
            open: 0,
        }
    }
}

/// By the order of all goals.
async fn counted(
    db: &DatabaseTransaction,
    scope: Scope<'_>,
    counting: &Counting,
    by: Option<Dimension>,
    open_after: Millis,
) -> AppResult<Vec<Counted>> {
    let query = Query {
        by,
        is_ordered: counting.needs_path(),
        open_after,
        ..scope.query(scope.first)
    };
    let query = told_apart(db, scope, query, &CUBE).await?;
    let sql = format!(
        "SELECT {} AS present, s.value, CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated, s.version, s.funnel_step AS step,
           s.mask_all & {} AS mask, s.path, CAST(SUM(s.visits) AS BIGINT) AS visits,
           CAST(SUM(s.conversions) AS BIGINT) AS conversions, CAST(SUM(s.open) AS BIGINT) AS open
         FROM ({}) AS s GROUP BY 1, 2, 3, 4, 5, 6, 7",
        scope.is_present(),
        counting.mask(),
        query.sql()
    );
    rows(db, &sql, query.values_of(&CUBE)).await
}

/// With packs of its own where it tells visits apart: those of the scope do not.
async fn told_apart(
    db: &DatabaseTransaction,
    scope: Scope<'_>,
    query: Query,
    sums: &'static Sums,
) -> AppResult<Query> {
    match query.by {
        Some(_) => query.with_packs(db, &[(sums, &scope.spans())]).await,
        None => Ok(query),
    }
}

/// Parts those that could be asked from the others.
fn told(counted: Vec<Counted>, kinds: &[KindRow], counting: &Counting) -> Counts {
    let mut others: BTreeMap<(Alike, i32), (i64, i64)> = BTreeMap::new();
    for it in counted {
        let converted = others.entry((it.alike.clone(), 1)).or_default();
        converted.0 += it.conversions;
        let rest = others.entry((it.alike, 0)).or_default();
        rest.0 += it.visits - it.conversions;
        rest.1 += it.open;
    }
    let asked = || kinds.iter().filter(|row| row.reason_id.is_none());
    for row in asked() {
        let like = (row.alike(counting), row.kind.converted);
        others.entry(like).or_default().0 -= row.n;
    }
    let others = others.into_iter().filter(|(_, sums)| *sums != (0, 0));
    let mut counts = Counts::default();
    for ((alike, converted), (n, open)) in others {
        let row = VisitRow {
            converted,
            n,
            open,
            ..alike.row()
        };
        let events = alike.path.as_deref().and_then(path::all_events);
        let came = counting.reached(alike.step, alike.mask, events.as_deref());
        counts.add(row, &alike, came, counting);
    }
    counts.rows.extend(asked().map(|row| row.row(counting)));
    counts
}

impl Counts {
    /// Adds visits that are alike, by how far they came.
    pub(super) fn count(&mut self, it: &Counted, came: Came, counting: &Counting) {
        let converted = VisitRow {
            converted: 1,
            n: it.conversions,
            ..it.alike.row()
        };
        let rest = VisitRow {
            n: it.visits - it.conversions,
            open: it.open,
            ..it.alike.row()
        };
        for row in [converted, rest] {
            self.add(row, &it.alike, came, counting);
        }
    }

    fn add(&mut self, mut row: VisitRow, alike: &Alike, came: Came, counting: &Counting) {
        match came {
            Came::To(step) => {
                row.step = step;
                row.beyond = alike.mask & counting.beyond(step);
                self.rows.push(row);
            }
            Came::Voided => self.voided.push(row),
            Came::Unknown => self.unknown.push(row),
        }
    }
}

impl Alike {
    fn row(&self) -> VisitRow {
        VisitRow {
            present: self.present,
            funnel_version: self.version,
            automated: self.automated,
            value: self.value.clone(),
            ..VisitRow::default()
        }
    }
}

impl KindRow {
    fn alike(&self, counting: &Counting) -> Alike {
        Alike {
            present: 1,
            value: self.kind.device.clone(),
            automated: self.automated,
            version: self.kind.version,
            step: self.kind.step,
            mask: self.kind.mask & counting.mask(),
            path: None,
        }
    }

    fn row(&self, counting: &Counting) -> VisitRow {
        VisitRow {
            step: self.kind.step,
            beyond: self.kind.mask & counting.beyond(self.kind.step),
            converted: self.kind.converted,
            asked: self.kind.asked,
            could: self.kind.could.clone(),
            n: self.n,
            answers: self.answers,
            ..self.alike(counting).row()
        }
    }
}

impl Answered {
    fn row(self) -> VisitRow {
        VisitRow {
            present: self.present,
            funnel_version: self.kind.version,
            automated: self.automated,
            step: self.kind.step,
            asked: self.kind.asked,
            n: self.visits,
            offered: self.kind.answered.iter().map(|(set, _)| *set).collect(),
            ..VisitRow::default()
        }
    }
}

//! Reasons by how far the visits came that gave them: which reason is said where more, or less, than elsewhere. Pure but for the load.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{DatabaseTransaction, FromQueryResult};

use super::{
    assemble::{Facts, left_out},
    corrected::{Asked, Weights},
    counts::{self, VisitRow},
    kinds,
    offered::Offered,
    queries::{self, ReasonRow, Scope},
};
use crate::{
    db::Db,
    error::AppResult,
    goal::{self, types::Recount},
    ingest::{
        cube::Dimension,
        sums::{ANSWERED, KINDS, Kind, NAMED},
    },
    prompt,
    report::{overview::Choice, period::Period, signatures::Query},
    site::types::{Site, SiteKind},
    stats::{Rate, Residual, Share, WeightedShare, benjamini_hochberg, residual},
    types::ReasonId,
};

/// Reasons by the deepest step of the visits that gave them, of one site over one period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrix {
    /// Before the first step, then the steps in order: where visits stopped.
    pub steps: Vec<Stop>,
    /// Visits that answered, wherever they stopped.
    pub answered: i64,
    /// Most named first.
    pub reasons: Vec<ReasonLine>,
    /// Visits that answered, by what the dimension says that they are broken down by, most first; empty when there is none.
    pub values: Vec<(String, i64)>,
    /// Visits of automated browsers that answered and do not count.
    pub automated: i64,
    /// Visits that answered, were counted by other steps, and are left out.
    pub other_steps: i64,
    /// How far visits were counted again since the last change.
    pub recount: Option<Recount>,
}

/// Where visits stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What the owner calls the deepest step that they reached; before which one, if none.
    pub name: String,
    /// How many of them answered.
    pub answered: i64,
}

/// A reason.
#[derive(Clone, Debug, PartialEq)]
pub struct ReasonLine {
    /// The reason.
    pub reason_id: ReasonId,
    /// Its name.
    pub name: String,
    /// Whether who names it is lost.
    pub is_loss: bool,
    /// Visits that named it, of those that answered a question which offers it.
    pub all: Rate,
    /// The share of everybody who could have been asked for it, wherever they stopped; `None` of too few answers.
    pub corrected: Option<WeightedShare>,
    /// As given in the period before; of nothing when other choices stood beside it then.
    pub before: Rate,
    /// By where they stopped, in the order of the steps.
    pub cells: Vec<MatrixCell>,
}

/// A reason at a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MatrixCell {
    /// Visits that stopped there and named it, of those that stopped there and answered a question which offers it.
    pub rate: Rate,
    /// The share of everybody who stopped there and could have been asked for it; `None` of too few answers.
    pub corrected: Option<WeightedShare>,
    /// How far that is from the share of all to whom it was offered beside the same choices; `None` of few.
    pub residual: Option<Residual>,
    /// Share of false discoveries among it and all cells that are clearer.
    pub q: Option<f64>,
}

/// Loads the table.
pub async fn load_matrix(
    db: &Db,
    site: &Site,
    period: &Period,
    choice: &Choice,
) -> AppResult<Matrix> {
    let scope = Scope::new(site, period, choice);
    let tx = db.snapshot().await?;
    let packed = scope.packs(&tx, &[&KINDS, &NAMED]).await?;
    let scope = Scope {
        packed: Some(&packed),
        ..scope
    };
    let facts = Facts {
        definitions: goal::store::load_definitions(&tx, site.id).await?,
        names: goal::store::list_goal_names(&tx, site.id).await?,
        answered: counts::answered(&tx, scope).await?,
        reasons: queries::reasons(&tx, scope).await?,
        kinds: kinds::kinds(&tx, scope).await?,
        offers: prompt::store::list_offers(&tx, site.id).await?,
        recount: goal::store::recount::find(&tx, site.id).await?,
        with_automated: site.kind == SiteKind::Demo || period.automated,
        ..Facts::default()
    };
    let by_value = match choice.by {
        Some(by) => by_value(&tx, scope, by).await?,
        None => vec![],
    };
    tx.commit().await?;
    Ok(Matrix {
        values: facts.values(&by_value),
        ..facts.matrix()
    })
}

/// Visits of the period that answered, and are of a kind.
#[derive(Debug, FromQueryResult)]
struct ValueRow {
    kind: Kind,
    value: String,
    automated: i32,
    n: i64,
}

async fn by_value(
    db: &DatabaseTransaction,
    scope: Scope<'_>,
    by: Dimension,
) -> AppResult<Vec<ValueRow>> {
    let query = Query {
        by: Some(by),
        ..scope.query(scope.from)
    };
    let query = query.with_packs(db, &[(&KINDS, &scope.spans())]).await?;
    let sql = format!(
        "SELECT s.kind, s.value, CASE WHEN s.is_automated THEN 1 ELSE 0 END AS automated, CAST(SUM(s.visits) AS BIGINT) AS n
         FROM ({}) AS s WHERE s.kind LIKE '{ANSWERED}' GROUP BY 1, 2, 3",
        query.sums(&KINDS)
    );
    queries::rows(db, &sql, query.values_of(&KINDS)).await
}

impl Facts {
    pub(super) fn matrix(&self) -> Matrix {
        // Who stopped at all visits reached no step.
        let names: Vec<String> = self.step_names().into_iter().skip(1).collect();
        let before = names.first();
        let before = before.map_or("No step".into(), |next| format!("Before “{next}”"));
        let steps: Vec<Stop> = std::iter::once(before)
            .chain(names)
            .zip(0..)
            .map(|(name, step)| Stop {
                name,
                answered: self.sum_of(&self.answered, true, |row| row.step == step),
            })
            .collect();
        let answered = self.sum_of(&self.answered, true, |_| true);
        let mut reasons = self.lines(&steps);
        settle(&mut reasons);
        Matrix {
            steps,
            answered,
            reasons,
            values: vec![],
            automated: self.answered_apart(|row| {
                self.is_of_these_steps(row.funnel_version) && !self.is_wanted(row.automated)
            }),
            other_steps: self.answered_apart(|row| {
                !self.is_of_these_steps(row.funnel_version) && self.is_wanted(row.automated)
            }),
            recount: self.recount.clone(),
        }
    }

    fn values(&self, rows: &[ValueRow]) -> Vec<(String, i64)> {
        let mut values: BTreeMap<&str, i64> = BTreeMap::new();
        let counted = rows.iter();
        for row in counted.filter(|row| self.counts(row.kind.version, row.automated)) {
            *values.entry(&row.value).or_default() += row.n;
        }
        let values = values.into_iter();
        let mut values: Vec<_> = values.map(|(value, n)| (value.to_owned(), n)).collect();
        values.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        values
    }

    fn answered_apart(&self, condition: impl Fn(&VisitRow) -> bool) -> i64 {
        left_out(&self.answered, condition)
    }

    fn lines(&self, steps: &[Stop]) -> Vec<ReasonLine> {
        let (offered, offered_before) = (self.offered(true), self.offered(false));
        let asked: Vec<Asked<'_>> = (0..steps.len()).map(|step| self.asked(step)).collect();
        let anywhere = self.asked_anywhere();
        let mut weighed: BTreeMap<BTreeSet<i32>, Weighed<'_>> = BTreeMap::new();
        let mut named: BTreeMap<ReasonId, Vec<&ReasonRow>> = BTreeMap::new();
        for row in &self.reasons {
            if self.counts(row.kind.version, row.automated) {
                named.entry(row.reason_id).or_default().push(row);
            }
        }
        let mut lines: Vec<ReasonLine> = named
            .into_iter()
            .map(|(reason_id, rows)| {
                let sets = offered.with(reason_id);
                let weighed = weighed
                    .entry(self.offers.with(reason_id))
                    .or_insert_with_key(|sets| Weighed::new(&asked, &anywhere, sets));
                let sum = |present, step| {
                    let of_it = rows.iter().filter(|row| row.present == present);
                    sum_at(of_it.copied(), step)
                };
                let rate = |step| Rate::new(sum(1, step), offered.count(&sets, step));
                let cells = (0..)
                    .zip(&weighed.at_steps)
                    .map(|(step, weights)| MatrixCell {
                        rate: rate(Some(step)),
                        corrected: weights.as_ref().and_then(|it| it.share(reason_id)),
                        residual: residual(&strata(&rows, &offered, &sets, step)),
                        q: None,
                    });
                ReasonLine {
                    reason_id,
                    name: rows.first().map(|row| row.name.clone()).unwrap_or_default(),
                    is_loss: rows.first().is_none_or(|row| row.is_loss),
                    all: rate(None),
                    corrected: weighed.anywhere.as_ref().and_then(|it| it.share(reason_id)),
                    before: offered.rate_before(&offered_before, (reason_id, None), sum(0, None)),
                    cells: cells.collect(),
                }
            })
            .filter(|line| line.all.k > 0)
            .collect();
        lines.sort_by(|left, right| {
            let more = right.all.k.cmp(&left.all.k);
            more.then_with(|| left.name.cmp(&right.name))
        });
        lines
    }
}

/// How many visits stopped at a step, or anywhere.
fn sum_at<'a>(rows: impl Iterator<Item = &'a ReasonRow>, step: Option<i32>) -> i64 {
    let here = rows.filter(|row| step.is_none_or(|step| row.kind.step == step));
    here.map(|row| row.n).sum()
}

/// Those who named a reason at a step within those who did anywhere, by what else they could choose: beside other choices a reason is
/// named more, or less.
fn strata(rows: &[&ReasonRow], offered: &Offered<'_>, sets: &[&[i32]], step: i32) -> Vec<Share> {
    let of = |sets: &[i32], step: Option<i32>| {
        let named = rows.iter().copied();
        let named = named.filter(|row| row.present == 1 && row.is_of(sets));
        Rate::new(sum_at(named, step), offered.count(&[sets], step))
    };
    let stratum = |sets: &&[i32]| Share {
        here: of(sets, Some(step)),
        all: of(sets, None),
    };
    sets.iter().map(stratum).collect()
}

/// The weights of answers to questions that offer the same reasons.
struct Weighed<'a> {
    at_steps: Vec<Option<Weights<'a>>>,
    anywhere: Option<Weights<'a>>,
}

impl<'a> Weighed<'a> {
    fn new(at_steps: &'a [Asked<'a>], anywhere: &'a Asked<'a>, sets: &BTreeSet<i32>) -> Self {
        let weights = |asked: &'a Asked<'a>| asked.weights(sets.clone());
        Self {
            at_steps: at_steps.iter().map(weights).collect(),
            anywhere: weights(anywhere),
        }
    }
}

/// Gives each cell its q-value among all.
fn settle(lines: &mut [ReasonLine]) {
    let cells = || lines.iter().flat_map(|line| &line.cells);
    let chances: Vec<_> = cells()
        .map(|cell| cell.residual.map(|residual| residual.chance))
        .collect();
    let cells = lines.iter_mut().flat_map(|line| &mut line.cells);
    for (cell, q) in cells.zip(benjamini_hochberg(&chances)) {
        cell.q = q;
    }
}

impl MatrixCell {
    /// Whether chance hardly explains how far it is from expected: above zero for more, below for fewer.
    pub fn stands_out(&self) -> Option<f64> {
        let is_clear = self.q.is_some_and(|q| q < 0.05) && self.rate.is_enough();
        self.residual
            .filter(|_| is_clear)
            .map(|residual| residual.value)
    }
}

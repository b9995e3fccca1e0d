//! What the report of one prompt reads of the sums of days.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{Counts, Uncounted, statement};
use crate::{
    clock::MINUTE,
    error::AppResult,
    ingest::{
        cube::Dimension,
        sums::{ANSWERS, ASKED, Sums, VISITS},
    },
    report::{
        period::{Period, known_within},
        signatures::{Days, Packed, Query, of_visits},
        sums,
    },
    site::{calendar, types::Site},
    stats::Rate,
    types::{Millis, PromptId, VisitId},
};

/// What became of moments, of the sums `s`.
pub(in crate::report) const COUNTS: &str = "CAST(COALESCE(SUM(s.decisions), 0) AS BIGINT) AS askable,
  CAST(COALESCE(SUM(CASE WHEN s.arm = 'held_out' THEN s.decisions ELSE 0 END), 0) AS BIGINT) AS held_out,
  CAST(COALESCE(SUM(s.opened), 0) AS BIGINT) AS opened, CAST(COALESCE(SUM(s.seen), 0) AS BIGINT) AS seen,
  CAST(COALESCE(SUM(s.begun), 0) AS BIGINT) AS begun, CAST(COALESCE(SUM(s.answered), 0) AS BIGINT) AS answered,
  CAST(COALESCE(SUM(s.closed), 0) AS BIGINT) AS closed";

/// Answers of tests are few: one begins with them, and with the visits that became tests later. `{only}` narrows the visits.
const TESTS: &str = "SELECT COUNT(*) AS n FROM (
    SELECT q.impression_id FROM answers q CROSS JOIN impressions i CROSS JOIN visits v
    WHERE q.site_id = $1 AND q.is_test AND q.visit_id BETWEEN $5 AND $6 AND i.site_id = q.site_id AND i.id = q.impression_id
      AND i.prompt_id = $2 AND v.site_id = i.site_id AND v.id = i.visit_id AND v.day BETWEEN $3 AND $4{only}
    UNION
    SELECT q.impression_id FROM visits v CROSS JOIN impressions i CROSS JOIN answers q
    WHERE v.site_id = $1 AND v.is_test AND v.day BETWEEN $3 AND $4{only} AND i.site_id = v.site_id AND i.visit_id = v.id
      AND i.prompt_id = $2 AND q.site_id = i.site_id AND q.impression_id = i.id
  ) AS t";

/// Whoever does something within so long after a move to leave was still there; younger visits that may still move on are not judged
/// yet.
const JUDGED_AFTER: Millis = 5 * MINUTE;

/// One prompt over one period.
pub(in crate::report) struct OfPrompt<'a> {
    pub(in crate::report) site: &'a Site,
    pub(in crate::report) period: &'a Period,
    pub(in crate::report) id: PromptId,
    /// Only what came of its moments; else also of visitors who came to it by themselves.
    pub(in crate::report) waits: bool,
    /// Only in visits of which each dimension says this.
    pub(in crate::report) filters: &'a [(Dimension, String)],
    /// What packs of days hold of these.
    pub(in crate::report) packed: Arc<Packed>,
}

/// What became of its moments.
#[derive(Default)]
pub(super) struct Decided {
    pub(super) counts: Counts,
    /// Code of the reason, most frequent first, as all of them.
    pub(super) refusals: Vec<(String, i64)>,
    /// Names of prompts.
    pub(super) lost_to: Vec<(String, i64)>,
}

/// By question and choice, or value on a scale; by question and nothing, all that answered it.
pub(super) type Counted = HashMap<(String, String), i64>;

#[derive(FromQueryResult)]
struct DecidedRow {
    arm: String,
    refusal: String,
    /// The prompt that was in the way; empty without one.
    lost_to: String,
    decisions: i64,
    #[sea_orm(nested)]
    counts: Counts,
}

#[derive(FromQueryResult)]
struct ValueRow {
    value: String,
    #[sea_orm(nested)]
    counts: Counts,
}

#[derive(FromQueryResult)]
struct NumberRow {
    n: i64,
}

#[derive(FromQueryResult)]
struct GivenRow {
    question_id: String,
    choice_id: String,
    number: i32,
    given: i64,
    answers: i64,
}

impl OfPrompt<'_> {
    /// The rows `s` of a table of sums that count, and the values that stand in them.
    pub(in crate::report) fn rows(&self, sums: &Sums) -> (String, Vec<Value>) {
        self.rows_over(sums, self.period)
    }

    fn rows_over(&self, sums: &Sums, period: &Period) -> (String, Vec<Value>) {
        self.rows_of(&self.query(None, period), sums, period)
    }

    fn query(&self, by: Option<Dimension>, period: &Period) -> Query {
        let days = (calendar::number(period.from), calendar::number(period.to));
        Query {
            by,
            filters: self.filters.to_vec(),
            packed: self.packed.clone(),
            // Visits that may still move on are not told apart.
            ..Query::new(self.site.id, days, Millis::MAX)
        }
    }

    /// Of the moves to leave in the visits of the period, those after which nobody was there any more.
    pub(in crate::report) async fn left(
        &self,
        db: &impl ConnectionTrait,
        now: Millis,
    ) -> AppResult<Rate> {
        #[derive(FromQueryResult)]
        struct Row {
            exits: i64,
            stayed: i64,
        }
        let query = self.query(None, self.period);
        let counted = sums::of_query(&VISITS, self.site, self.period, &query);
        let mut values = query.values_of(&VISITS);
        values.push((now - JUDGED_AFTER).into());
        let automated = match sums::counts_automated(self.site, self.period) {
            true => "",
            false => " AND NOT v.is_automated",
        };
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(m.exits), 0) AS BIGINT) AS exits, CAST(COALESCE(SUM(m.exits_stayed), 0) AS BIGINT) AS stayed
             FROM (
               SELECT s.exits, s.exits_stayed {counted}
               UNION ALL
               SELECT -v.exits, -v.exits_stayed FROM visits v
               WHERE NOT v.is_settled AND v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND v.pages > 0{automated}{}
                 AND v.last_at >= ${}
             ) AS m",
            of_visits(self.filters, 5),
            values.len()
        );
        let row = Row::find_by_statement(statement(db, sql, values));
        let row = row.one(db).await?;
        Ok(row.map_or(Rate::default(), |row| {
            Rate::new(row.exits - row.stayed, row.exits)
        }))
    }

    /// What packs hold of these tables, read without a break-down.
    pub(super) async fn packs(
        &self,
        db: &impl ConnectionTrait,
        tables: &[&'static Sums],
    ) -> AppResult<Arc<Packed>> {
        let days = self.whole();
        let tables: Vec<_> = tables.iter().map(|sums| (*sums, &days)).collect();
        let query = self.query(None, self.period);
        Ok(query.with_packs(db, &tables).await?.packed)
    }

    /// The period as one.
    fn whole(&self) -> Days {
        Days::between(vec![calendar::number(self.period.from)])
    }

    fn rows_of(&self, query: &Query, sums: &Sums, period: &Period) -> (String, Vec<Value>) {
        let from = sums::of_query(sums, self.site, period, query);
        let mut values = query.values_of(sums);
        values.push(self.id.into());
        let automatic = if self.waits {
            " AND s.is_automatic"
        } else {
            ""
        };
        let from = format!("{from} AND s.prompt_id = ${}{automatic}", values.len());
        (from, values)
    }

    /// What became of the moments of the same number of days right before.
    pub(super) async fn before(&self, db: &impl ConnectionTrait) -> AppResult<Counts> {
        let mut before = OfPrompt {
            period: &self.period.before(),
            packed: Arc::default(),
            ..*self
        };
        before.packed = before.packs(db, &[&ASKED]).await?;
        Ok(before.decided(db).await?.counts)
    }

    pub(super) async fn decided(&self, db: &impl ConnectionTrait) -> AppResult<Decided> {
        let (from, values) = self.rows(&ASKED);
        let sql = format!(
            "SELECT s.arm, s.refusal, CASE WHEN s.lost_to = s.prompt_id THEN '' ELSE COALESCE(
               (SELECT p.name FROM prompts p WHERE p.site_id = $1 AND p.id = s.lost_to), '') END AS lost_to,
               CAST(SUM(s.decisions) AS BIGINT) AS decisions, {COUNTS} {from} AND s.arm <> 'imported'
             GROUP BY s.arm, s.refusal, s.lost_to, s.prompt_id"
        );
        let rows = DecidedRow::find_by_statement(statement(db, sql, values))
            .all(db)
            .await?;
        let mut decided = Decided::default();
        let (mut refusals, mut lost_to) = (HashMap::new(), HashMap::new());
        for row in rows {
            if !row.arm.is_empty() {
                decided.counts.add(&row.counts);
                continue;
            }
            *refusals.entry(row.refusal).or_default() += row.decisions;
            if !row.lost_to.is_empty() {
                *lost_to.entry(row.lost_to).or_default() += row.decisions;
            }
        }
        decided.refusals = most_first(refusals);
        decided.lost_to = most_first(lost_to);
        Ok(decided)
    }

    /// Answers from a file, whatever the prompt waits for.
    pub(super) async fn imported(&self, db: &impl ConnectionTrait) -> AppResult<i64> {
        let all = OfPrompt {
            waits: false,
            packed: self.packed.clone(),
            ..*self
        };
        let (from, values) = all.rows(&ASKED);
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(s.answered), 0) AS BIGINT) AS n {from} AND s.arm = 'imported'"
        );
        let row = NumberRow::find_by_statement(statement(db, sql, values));
        Ok(row.one(db).await?.map_or(0, |row| row.n))
    }

    pub(super) async fn counted(&self, db: &impl ConnectionTrait) -> AppResult<Counted> {
        let (from, values) = self.rows(&ANSWERS);
        let sql = format!(
            "SELECT s.question_id, s.choice_id, s.number, CAST(SUM(s.given) AS BIGINT) AS given,
               CAST(SUM(s.answers) AS BIGINT) AS answers {from} GROUP BY 1, 2, 3"
        );
        let rows = GivenRow::find_by_statement(statement(db, sql, values))
            .all(db)
            .await?;
        let mut counted = Counted::new();
        for row in rows {
            let mut add = |code: String, n| {
                *counted.entry((row.question_id.clone(), code)).or_default() += n;
            };
            add(String::new(), row.answers);
            if row.number >= 0 {
                add(row.number.to_string(), row.given);
            }
            if !row.choice_id.is_empty() {
                add(row.choice_id.clone(), row.given);
            }
        }
        Ok(counted)
    }

    /// Cards that opened and those with an answer, by what the dimension says of their visits, most first.
    pub(super) async fn by_value(
        &self,
        db: &impl ConnectionTrait,
        by: Dimension,
    ) -> AppResult<Vec<(String, Rate)>> {
        let query = self.query(Some(by), self.period);
        let query = query.with_packs(db, &[(&ASKED, &self.whole())]).await?;
        let (from, values) = self.rows_of(&query, &ASKED, self.period);
        let sql = format!(
            "SELECT s.value, {COUNTS} {from} AND s.arm NOT IN ('', 'imported') GROUP BY s.value"
        );
        let rows = ValueRow::find_by_statement(statement(db, sql, values))
            .all(db)
            .await?;
        let rates = rows.into_iter().map(|row| {
            let rate = Rate::new(row.counts.answered, row.counts.opened);
            (row.value, rate)
        });
        let mut rates: Vec<_> = rates.filter(|(_, rate)| rate.n > 0).collect();
        rates.sort_by(|(left, its), (right, their)| their.n.cmp(&its.n).then(left.cmp(right)));
        Ok(rates)
    }

    pub(super) async fn uncounted(&self, db: &impl ConnectionTrait) -> AppResult<Uncounted> {
        let (first, last) = (self.period.from, self.period.to);
        let (earliest, latest) = known_within(first, last, &self.site.time_zone);
        let mut of_tests = vec![
            self.site.id.into(),
            self.id.into(),
            calendar::number(first).into(),
            calendar::number(last).into(),
            VisitId::first_of(earliest).into(),
            VisitId::first_of(latest).into(),
        ];
        let only = of_visits(self.filters, of_tests.len() + 1);
        of_tests.extend(self.filters.iter().map(|(_, value)| value.as_str().into()));
        let tests = TESTS.replace("{only}", &only);
        let tests = NumberRow::find_by_statement(statement(db, tests, of_tests))
            .one(db)
            .await?;
        let with_automated = Period {
            automated: true,
            ..self.period.clone()
        };
        let (all, values) = self.rows_over(&ASKED, &with_automated);
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(s.answered), 0) AS BIGINT) AS n {all} AND s.is_automated"
        );
        let automated = NumberRow::find_by_statement(statement(db, sql, values))
            .one(db)
            .await?;
        let n = |row: Option<NumberRow>| row.map_or(0, |row| row.n);
        let is_counted = sums::counts_automated(self.site, self.period);
        Ok(Uncounted {
            tests: n(tests),
            automated: if is_counted { 0 } else { n(automated) },
        })
    }
}

fn most_first(counts: HashMap<String, i64>) -> Vec<(String, i64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    counts
}

//! Whether those who answered are like all for whom the card opened: how many answered of each kind of visit, by device, and new or
//! returning.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{WHICH, queries::OfPrompt, statement, values};
use crate::{
    error::AppResult,
    ingest::cube::Dimension,
    report::signatures::of_visits,
    stats::{ENOUGH, Rate, representativity},
};

/// Cards that are read, the newest: the sums hold no two dimensions at once, and so many tell it.
const MOST_CARDS: i64 = 5_000;

const IS_ANSWERED: &str = "EXISTS (
  SELECT 1 FROM answers a WHERE a.site_id = i.site_id AND a.impression_id = i.id AND NOT a.is_test)";

/// How alike the kinds of visits answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Bias {
    /// The R-indicator: 1 when all kinds answered alike.
    pub indicator: f64,
    /// Most cards first.
    pub kinds: Vec<KindResponse>,
    /// Only the newest cards were read for it.
    pub is_part: bool,
}

/// Response of visits of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindResponse {
    /// What they say as [`Dimension::Device`].
    pub device: String,
    /// What they say as [`Dimension::Visitor`].
    pub visitor: String,
    /// Of the cards that opened, those with an answer.
    pub rate: Rate,
}

impl Bias {
    /// Of all kinds together.
    pub fn all(&self) -> Rate {
        let sum = |of: fn(Rate) -> i64| self.kinds.iter().map(|kind| of(kind.rate)).sum();
        Rate::new(sum(|rate| rate.k), sum(|rate| rate.n))
    }
}

#[derive(Debug, FromQueryResult)]
struct Row {
    device: String,
    visitor: String,
    opened: i64,
    answered: i64,
}

/// `None` of fewer than 30 answers, and where all visits are of one kind.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    of_prompt: &OfPrompt<'_>,
) -> AppResult<Option<Bias>> {
    let mut values = values(
        of_prompt.site,
        of_prompt.id,
        of_prompt.period,
        !of_prompt.waits,
    );
    let only = of_visits(of_prompt.filters, values.len() + 1);
    let filters = of_prompt.filters.iter();
    values.extend(filters.map(|(_, value)| Value::from(value.as_str())));
    let [device, visitor] = [Dimension::Device, Dimension::Visitor].map(Dimension::of_visit);
    let sql = format!(
        "SELECT c.device, c.visitor, COUNT(*) AS opened, CAST(SUM(c.answered) AS BIGINT) AS answered FROM (
           SELECT {device} AS device, {visitor} AS visitor, CASE WHEN {IS_ANSWERED} THEN 1 ELSE 0 END AS answered
           FROM impressions i CROSS JOIN visits v
           WHERE {WHICH}{only} AND i.arm = 'shown' AND (i.shown_at IS NOT NULL OR {IS_ANSWERED})
           ORDER BY i.decided_at DESC LIMIT {MOST_CARDS}) AS c
         GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
    );
    let rows = Row::find_by_statement(statement(db, sql, values))
        .all(db)
        .await?;
    Ok(told(rows))
}

fn told(rows: Vec<Row>) -> Option<Bias> {
    let kinds = rows.into_iter().map(|row| KindResponse {
        device: row.device,
        visitor: row.visitor,
        rate: Rate::new(row.answered, row.opened),
    });
    let kinds: Vec<KindResponse> = kinds.collect();
    let rates: Vec<Rate> = kinds.iter().map(|kind| kind.rate).collect();
    let bias = Bias {
        indicator: representativity(&rates)?,
        kinds,
        is_part: rates.iter().map(|rate| rate.n).sum::<i64>() == MOST_CARDS,
    };
    (rates.len() > 1 && bias.all().k >= ENOUGH).then_some(bias)
}

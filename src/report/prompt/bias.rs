//! Whether those who answered are like all for whom the card opened: how many answered of each kind of visit, by device, and new or
//! returning.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{queries::OfPrompt, statement};
use crate::{
    error::AppResult,
    ingest::sums::CARDS,
    stats::{ENOUGH, Rate, representativity},
};

/// How alike the kinds of visits answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Bias {
    /// The R-indicator: 1 when all kinds answered alike. `None` where there is one kind.
    pub indicator: Option<f64>,
    /// Most cards first.
    pub kinds: Vec<KindResponse>,
}

/// Response of visits of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindResponse {
    /// What they say as [`Dimension::Device`](crate::ingest::cube::Dimension::Device).
    pub device: String,
    /// What they say as [`Dimension::Visitor`](crate::ingest::cube::Dimension::Visitor).
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

/// `None` of fewer than 30 answers.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    of_prompt: &OfPrompt<'_>,
) -> AppResult<Option<Bias>> {
    let (from, values) = of_prompt.rows(&CARDS);
    let sql = format!(
        "SELECT s.device, s.visitor, CAST(SUM(s.opened) AS BIGINT) AS opened, CAST(SUM(s.answered) AS BIGINT) AS answered
         {from} GROUP BY 1, 2 HAVING SUM(s.opened) > 0 ORDER BY 3 DESC, 1, 2"
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
        indicator: representativity(&rates).filter(|_| rates.len() > 1),
        kinds,
    };
    (bias.all().k >= ENOUGH).then_some(bias)
}

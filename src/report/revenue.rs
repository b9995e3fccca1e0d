//! What visits and visitors bring, where the page tells what the main goal comes to; and how many of those who buy do so again.
//!
//! A purchase is a visit that reached the main goal: of several in one visit a goal keeps the first. Visitors are told apart across visits
//! only when they agreed to be known again; of all others there are visits. R = Σ amounts; revenue per visit = R / visits; per visitor =
//! R of those who agreed / their number; repeat purchase = who bought in two visits or more / who bought.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use super::{
    period::Period,
    quality,
    signatures::Query,
    sums::{self, GoalRow, VisitRow, counts_automated},
};
use crate::{
    db::Db,
    error::AppResult,
    goal::{
        self,
        types::{Goal, Recount},
    },
    ingest::VISIT_GAP,
    site::{calendar, types::Site},
    stats::{Amounts, Rate},
    types::{Millis, SiteId},
};

/// Revenue of one site over one period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Revenue {
    /// What the owner calls the main goal.
    pub main: Option<String>,
    /// The site's.
    pub currency: String,
    /// What the goal says it is worth where the page tells no amount, minor units.
    pub assumed_minor: Option<i64>,
    /// Whether the page told anything but what the goal says.
    pub is_told: bool,
    /// In the period.
    pub now: Takings,
    /// In the period before.
    pub before: Takings,
    /// Visits of the period that were not counted with the main goal as it is now, and are left out.
    pub other_goals: i64,
    /// The first day (YYYYMMDD) that tells of the main goal, when that is within the period, or after it.
    pub told_from: Option<i32>,
    /// How far visits were counted again since the last change.
    pub recount: Option<Recount>,
    /// Visits of automated browsers that do not count.
    pub automated: i64,
    /// Events that told amounts in another currency, come in the period or later: they brought nothing that was known then.
    pub other_currency: i64,
}

impl Revenue {
    /// Whether there are amounts, be they those that the goal says.
    pub fn has_amounts(&self) -> bool {
        self.is_told || self.assumed_minor.is_some_and(|minor| minor > 0)
    }
}

/// What came in, in some days.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Takings {
    /// What visits brought, minor units.
    pub visits: Amounts,
    /// What visitors brought who agreed to be known again, minor units.
    pub visitors: Amounts,
    /// Of these visitors, those who came more than once in these days.
    pub came_again: i64,
    /// Of those of them who bought, those who did in two visits or more.
    pub bought_again: Rate,
}

/// Which visits count.
#[derive(Clone, Copy, Debug)]
struct Counted {
    site: SiteId,
    /// Days, YYYYMMDD, from when the main goal is told of on.
    from: i32,
    to: i32,
    /// Of the main goal as it is.
    bit: u8,
    /// The first version of the definitions with it, and with its worth as it is.
    since: i32,
    with_automated: bool,
}

/// Those who bought: visits, or visitors.
#[derive(Debug, FromQueryResult)]
struct Buyers {
    buyers: i64,
    again: i64,
    above: i64,
    sum: f64,
    squares: f64,
    cubes: f64,
}

#[derive(Debug, FromQueryResult)]
struct Visitors {
    visitors: i64,
    again: i64,
}

/// Loads the report.
pub async fn load(db: &Db, site: &Site, period: &Period, now: Millis) -> AppResult<Revenue> {
    let day = calendar::number;
    let (first, last) = period.previous();
    let query = Query::new(site.id, (day(first), day(period.to)), now - VISIT_GAP);
    let tx = db.snapshot().await?;
    let goals = goal::store::list_goals(&tx, site.id).await?;
    let definitions = goal::store::load_definitions(&tx, site.id).await?;
    let mut revenue = Revenue {
        currency: site.currency.clone(),
        recount: goal::store::recount::find(&tx, site.id).await?,
        other_currency: quality::in_other_currency(&tx, site.id, period).await?,
        ..Revenue::default()
    };
    if let Some(main) = goals.iter().find(|goal| goal.is_primary) {
        let told_from = main.current.told_from(&site.time_zone);
        revenue.told_from = (told_from > day(period.from)).then_some(told_from);
        let counted = |from, to| Counted {
            site: site.id,
            from: day(from).max(told_from),
            to: day(to),
            bit: main.current.bit,
            since: main
                .current
                .worth_since
                .max(definitions.first_with_main(None)),
            with_automated: counts_automated(site, period),
        };
        let (now, before) = (counted(period.from, period.to), counted(first, last));
        let (of_now, of_before): (Vec<VisitRow>, Vec<VisitRow>) = sums::visits(&tx, &query)
            .await?
            .into_iter()
            .partition(|row| row.day >= day(period.from));
        revenue.count(main, &now, &of_now);
        revenue.is_told = is_told(main, &now, &sums::goals(&tx, &query).await?);
        revenue.now = Takings::load(&tx, &now, &of_now).await?;
        revenue.before = Takings::load(&tx, &before, &of_before).await?;
    }
    tx.commit().await?;
    Ok(revenue)
}

impl Counted {
    fn counts(&self, day: i32, version: i32, is_automated: bool) -> bool {
        (self.from..=self.to).contains(&day)
            && version >= self.since
            && (self.with_automated || !is_automated)
    }

    /// How many of the rows do.
    fn visits(&self, rows: &[VisitRow]) -> i64 {
        let rows = rows.iter();
        let counted = rows.filter(|row| self.counts(row.day, row.version, row.is_automated));
        counted.map(|row| row.visits).sum()
    }

    /// The same of the visit `v`.
    fn which(&self) -> String {
        let Self {
            site,
            from,
            to,
            since,
            ..
        } = self;
        let automated = match self.with_automated {
            true => "",
            false => " AND NOT v.is_automated",
        };
        format!(
            "v.site_id = {} AND v.day BETWEEN {from} AND {to} AND v.funnel_version >= {since} AND NOT v.is_test AND v.pages > 0{automated}",
            site.0
        )
    }
}

/// Whether amounts come to something else than the goal itself says.
fn is_told(main: &Goal, counted: &Counted, reached: &[GoalRow]) -> bool {
    let assumed = main.current.value_minor.unwrap_or(0);
    let bit = i32::from(counted.bit);
    let of_main = reached.iter().filter(|row| row.bit == bit);
    let mut counted = of_main.filter(|row| counted.counts(row.day, row.version, row.is_automated));
    counted.any(|row| row.value_minor != row.visits * assumed)
}

impl Revenue {
    fn count(&mut self, main: &Goal, counted: &Counted, visits: &[VisitRow]) {
        let sum = |of: &dyn Fn(&VisitRow) -> bool| -> i64 {
            let rows = visits.iter().filter(|row| of(row));
            rows.map(|row| row.visits).sum()
        };
        self.main = Some(main.name.clone());
        self.assumed_minor = main.current.value_minor;
        self.automated = sum(&|row| row.is_automated && !counted.with_automated);
        self.other_goals = sum(&|row| {
            let is_wanted = counted.with_automated || !row.is_automated;
            is_wanted && row.version < counted.since
        });
    }
}

impl Takings {
    async fn load(
        db: &impl ConnectionTrait,
        counted: &Counted,
        rows: &[VisitRow],
    ) -> AppResult<Self> {
        let visits = buyers(db, counted, "v.id").await?;
        let visitors = buyers(db, counted, "v.visitor_id").await?;
        let sql = format!(
            "SELECT COUNT(*) AS visitors, COUNT(CASE WHEN k.n > 1 THEN 1 END) AS again
             FROM (SELECT COUNT(*) AS n FROM visits v WHERE {} AND v.visitor_id IS NOT NULL GROUP BY v.visitor_id) AS k",
            counted.which()
        );
        let known: Visitors = one(db, &sql).await?;
        Ok(Self {
            visits: visits.amounts(counted.visits(rows)),
            visitors: visitors.amounts(known.visitors),
            came_again: known.again,
            bought_again: Rate::new(visitors.again, visitors.buyers),
        })
    }
}

async fn buyers(db: &impl ConnectionTrait, counted: &Counted, who: &str) -> Result<Buyers, DbErr> {
    let (which, bit) = (counted.which(), counted.bit);
    let sql = format!(
        "SELECT COUNT(*) AS buyers, COUNT(CASE WHEN b.n > 1 THEN 1 END) AS again, COUNT(CASE WHEN b.amount > 0 THEN 1 END) AS above,
           COALESCE(SUM(b.amount), 0.0) AS sum, COALESCE(SUM(b.amount * b.amount), 0.0) AS squares,
           COALESCE(SUM(b.amount * b.amount * b.amount), 0.0) AS cubes
         FROM (
           SELECT COUNT(*) AS n, SUM(CAST(g.value_minor AS DOUBLE PRECISION)) AS amount
           FROM visits v CROSS JOIN visit_goals g
           WHERE {which} AND v.macro_at IS NOT NULL AND {who} IS NOT NULL
             AND g.site_id = v.site_id AND g.visit_id = v.id AND g.bit = {bit}
           GROUP BY {who}
         ) AS b"
    );
    one(db, &sql).await
}

/// The row of a query that counts.
async fn one<R: FromQueryResult>(db: &impl ConnectionTrait, sql: &str) -> Result<R, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let found = R::find_by_statement(statement).one(db).await?;
    found.ok_or_else(|| DbErr::RecordNotFound("a count has one row".into()))
}

impl Buyers {
    /// With those who brought nothing.
    fn amounts(&self, n: i64) -> Amounts {
        Amounts {
            n,
            above: self.above,
            sums: [self.sum, self.squares, self.cubes],
        }
    }
}

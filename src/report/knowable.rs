//! What the site's own traffic can tell, and when: by the visits, questions and answers of its last four weeks.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::{
    funnel::load_matrix,
    overview::Choice,
    period::Period,
    prompts::DRAWN,
    sums::{self, VisitRow},
};
use crate::{
    db::Db,
    error::AppResult,
    goal::{self, types::Recount},
    ingest::sums::ASKED,
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    stats::{self, ENOUGH, LEVEL, POWER, Rate},
};

/// Days in a week.
const WEEK: i64 = 7;
/// What takes longer is said to be out of reach: visitors, seasons and pages change meanwhile.
pub const LONGEST_WEEKS: i64 = 52;
/// How well the share of a reason is to be known, either way.
const ROUGHLY: f64 = 0.12;
const CLOSELY: f64 = 0.05;
/// The loss that is looked for, of the conversions of those left unasked.
const LOSS: f64 = 0.05;
/// The change of the main goal that is looked for, of its rate.
const CHANGE: f64 = 0.2;
/// Asked for each that is left unasked, when a tenth is.
const TENTH: f64 = 9.0;

/// What came in the last days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    /// Days, four weeks at most; fewer for a site that is younger, 0 before its first visit.
    pub days: i64,
    /// What the owner calls the main goal; `None` without one.
    pub main: Option<String>,
    /// Visits.
    pub visits: i64,
    /// Visits with the main goal, of all that were counted with it as it is now.
    pub rate: Rate,
    /// Visits that were not counted with the main goal as it is now.
    pub other_goals: i64,
    /// The first day (YYYYMMDD) that tells of the main goal, when that is among the last ones, or after them.
    pub told_from: Option<i32>,
    /// How far visits were counted again since the last change.
    pub recount: Option<Recount>,
    /// Visits in which a question could be asked.
    pub eligible: i64,
    /// Cards with an answer, imported ones too.
    pub answers: i64,
    /// Visits that answered a question which offers the reason named most: what its share is told of.
    pub could_name: i64,
    /// How many questions ask now.
    pub live_prompts: i64,
}

/// When something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The last days tell it.
    Now,
    /// In so many weeks of traffic like this.
    Weeks(i64),
    /// Not within a year.
    Never,
    /// What it depends on is not known yet.
    Unknown,
}

/// What can be known by answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByAnswers {
    /// How many answers it takes.
    pub needed: i64,
    /// When there are as many.
    pub reach: Reach,
}

/// What can be known by visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByVisits {
    /// How many visits it takes; `None` when that depends on a rate that is not known.
    pub needed: Option<i64>,
    /// When there are as many.
    pub reach: Reach,
}

/// All of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knowable {
    /// Shares of reasons at all.
    pub shares: ByAnswers,
    /// The top reason within 12 points.
    pub roughly: ByAnswers,
    /// Within 5.
    pub closely: ByAnswers,
    /// Whether asking costs a twentieth of the conversions, when half of all are left unasked.
    pub cost_by_half: ByVisits,
    /// When a tenth is.
    pub cost_by_tenth: ByVisits,
    /// Whether the main goal changed by a fifth, from some weeks to as many others.
    pub change: ByVisits,
}

impl Traffic {
    /// In a week like these.
    pub fn per_week(&self, n: i64) -> f64 {
        match self.days {
            0 => 0.0,
            days => n as f64 * WEEK as f64 / days as f64,
        }
    }

    /// What it can tell.
    pub fn knowable(&self) -> Knowable {
        let within = |half_width| stats::answers_for(half_width, LEVEL).unwrap_or(i64::MAX);
        let share = self.rate.share().filter(|_| self.rate.is_enough());
        let plan = |to: f64, arms: f64| {
            let plan = share.and_then(|p| stats::plan(p, (p * to).min(1.0), arms, LEVEL, POWER));
            plan.map(stats::Plan::total)
        };
        Knowable {
            shares: self.by_answers(ENOUGH),
            roughly: self.by_answers(within(ROUGHLY)),
            closely: self.by_answers(within(CLOSELY)),
            cost_by_half: self.by_visits(plan(1.0 - LOSS, 1.0), self.eligible),
            cost_by_tenth: self.by_visits(plan(1.0 - LOSS, TENTH), self.eligible),
            change: self.by_visits(plan(1.0 + CHANGE, 1.0), self.visits),
        }
    }

    fn by_answers(&self, needed: i64) -> ByAnswers {
        let reach = match self.could_name {
            0 => Reach::Unknown,
            answers if answers >= needed => Reach::Now,
            answers => self.weeks(needed - answers, answers),
        };
        ByAnswers { needed, reach }
    }

    /// An experiment begins when it is begun: what came before does not count for it.
    fn by_visits(&self, needed: Option<i64>, come: i64) -> ByVisits {
        let reach = match needed {
            Some(needed) if come > 0 => self.weeks(needed, come),
            _ => Reach::Unknown,
        };
        ByVisits { needed, reach }
    }

    fn weeks(&self, needed: i64, come: i64) -> Reach {
        let per_day = self.per_week(come) / WEEK as f64;
        match stats::schedule(needed, per_day) {
            Some(schedule) if schedule.days <= LONGEST_WEEKS * WEEK => {
                Reach::Weeks(schedule.days / WEEK)
            }
            Some(_) => Reach::Never,
            None => Reach::Unknown,
        }
    }
}

#[derive(Debug, Default, FromQueryResult)]
struct AskedRow {
    eligible: i64,
    answers: i64,
}

#[derive(Debug, Default, FromQueryResult)]
struct BeginningRow {
    day: Option<i32>,
    live: i64,
}

const BEGINNING: &str = "SELECT
  (SELECT v.day FROM visits v WHERE v.site_id = $1 AND NOT v.is_test ORDER BY v.day LIMIT 1) AS day,
  (SELECT COUNT(*) FROM prompts p WHERE p.site_id = $1 AND p.status = 'published') AS live";

async fn one<R: FromQueryResult + Default>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: Vec<sea_orm::Value>,
) -> AppResult<R> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let row = R::find_by_statement(statement).one(db).await?;
    Ok(row.unwrap_or_default())
}

/// Loads what came in the days of the period.
pub async fn load(db: &Db, site: &Site, period: &Period) -> AppResult<Traffic> {
    let (first, last) = (calendar::number(period.from), calendar::number(period.to));
    let with_automated = site.kind == SiteKind::Demo || period.automated;
    let (decisions, query) = sums::of_period(&ASKED, site, period);
    let reasons = load_matrix(db, site, period, &Choice::default()).await?;
    let could_name = reasons.reasons.first().map_or(0, |top| top.all.n);
    let tx = db.snapshot().await?;
    let visits = sums::visits(&tx, &query).await?.into_iter();
    let visits = visits.filter(|row| with_automated || !row.is_automated);
    let visits: Vec<_> = visits.collect();
    let told = goal::store::load_definitions(&tx, site.id).await?;
    let told = told.main_told(&site.time_zone);
    let counted = visits.iter().filter(|row| told.is_by(row.version, row.day));
    let rate = counted.fold(Rate::default(), |rate, row| {
        Rate::new(rate.k + row.conversions, rate.n + row.visits)
    });
    let asked = format!(
        "SELECT CAST(COALESCE(SUM(CASE WHEN {DRAWN} THEN s.visits END), 0) AS BIGINT) AS eligible,
           CAST(COALESCE(SUM(s.answered), 0) AS BIGINT) AS answers
         {decisions} AND s.arm <> ''"
    );
    let asked: AskedRow = one(&tx, &asked, query.values()).await?;
    let beginning: BeginningRow = one(&tx, BEGINNING, vec![site.id.into()]).await?;
    let goals = goal::store::list_goals(&tx, site.id).await?;
    let recount = goal::store::recount::find(&tx, site.id).await?;
    tx.commit().await?;
    let number = |of: &dyn Fn(&VisitRow) -> bool| -> i64 {
        let visits = visits.iter().filter(|row| of(row));
        visits.map(|row| row.visits).sum()
    };
    let since = beginning.day.map(|day| day.max(first));
    let days = since.map_or(0, |day| calendar::days_between(day, last).len());
    Ok(Traffic {
        days: i64::try_from(days).unwrap_or_default(),
        main: goals.into_iter().find(|it| it.is_primary).map(|it| it.name),
        visits: number(&|_| true),
        rate,
        other_goals: number(&|row| row.version < told.since),
        told_from: (told.from > first).then_some(told.from),
        recount,
        eligible: asked.eligible,
        answers: asked.answers,
        could_name,
        live_prompts: beginning.live,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(rate: Rate, eligible: i64, answers: i64) -> Traffic {
        Traffic {
            days: 28,
            main: Some("Signed up".into()),
            visits: rate.n,
            rate,
            other_goals: 0,
            told_from: None,
            recount: None,
            eligible,
            answers,
            could_name: answers,
            live_prompts: 1,
        }
    }

    #[test]
    fn fifteen_answers_and_ninety_visits_know_their_place() {
        let known = traffic(Rate::new(2, 90), 20, 15).knowable();

        // 3.75 answers a week: 15 more take 4 weeks, 48 more 12.8, 366 more 97.6.
        assert_eq!(
            (known.shares.needed, known.shares.reach),
            (30, Reach::Weeks(4))
        );
        assert_eq!(
            (known.roughly.needed, known.roughly.reach),
            (63, Reach::Weeks(13))
        );
        assert_eq!(
            (known.closely.needed, known.closely.reach),
            (381, Reach::Never)
        );
        assert_eq!(known.cost_by_half.reach, Reach::Never);
        assert_eq!(known.change.reach, Reach::Never);
    }

    #[test]
    fn of_nothing_nothing_is_promised() {
        let known = Traffic::default().knowable();

        assert_eq!(known.shares.reach, Reach::Unknown);
        assert_eq!(known.cost_by_tenth.needed, None);
        assert_eq!(known.change.reach, Reach::Unknown);
        assert_eq!(
            traffic(Rate::new(0, 400), 50, 0).knowable().change.needed,
            None
        );
        // Of 20 visits no rate is told, and nothing follows from it.
        assert_eq!(
            traffic(Rate::new(2, 20), 9, 0).knowable().change.needed,
            None
        );
    }

    #[test]
    fn much_traffic_knows_what_asking_costs() {
        let rate = Rate::new(60_000, 1_200_000);
        let known = traffic(rate, 800_000, 5_000).knowable();

        assert_eq!(known.closely.reach, Reach::Now);
        // 5 % against 4.75 %, both arms alike: about 116,000 each (Fleiss), at 200,000 a week.
        let needed = known.cost_by_half.needed.unwrap();
        assert!((230_000..236_000).contains(&needed), "{needed}");
        assert_eq!(known.cost_by_half.reach, Reach::Weeks(2));
        assert!(known.cost_by_tenth.needed > known.cost_by_half.needed);
    }

    proptest::proptest! {
        #[test]
        fn more_answers_are_never_later(answers in 0_i64..2_000, more in 1_i64..2_000) {
            let when = |answers| match traffic(Rate::new(1, 90), 20, answers).knowable().roughly.reach {
                Reach::Now => 0,
                Reach::Weeks(weeks) => weeks,
                Reach::Never | Reach::Unknown => i64::MAX,
            };
            proptest::prop_assert!(when(answers + more) <= when(answers));
        }
    }
}

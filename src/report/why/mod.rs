//! Why a prompt did not show: the way of each visit from the page to the answer, or to where it ended.
//!
//! A visit that came to several moments is told by the one that was decided in its favour, else by the last. So each visit that
//! came to a moment stands in exactly one of the ways out, and they add up.

mod pages;
mod pauses;

use std::{collections::HashMap, sync::Arc};

use jiff::ToSpan;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use self::pages::pages;
pub use self::pauses::Pauses;
use super::{
    period::{Period, known_within},
    prompt::{Counts, OfPrompt},
    sums,
};
use crate::{
    db::Db,
    error::AppResult,
    ingest::sums::{ASKED, WAYS},
    prompt::{
        self,
        types::{AskAt, Prompt},
    },
    site::{calendar, types::Site},
    stats::Rate,
    text_enum,
    types::{Millis, PromptId, VisitId},
};

text_enum!(
    /// Where the way of a visit ended that came to a moment. The label is what the owner reads.
    Way {
        /// The rules spoke against it.
        HeldBack = "held_back", "Held back";
        /// Chosen by chance.
        Unasked = "unasked", "Left unasked for comparison";
        /// It was to open, and did not.
        NotOpened = "not_opened", "The card did not open";
        /// Opened, and never half visible for a second.
        Unseen = "unseen", "Opened, and never on screen for a second";
        /// On screen.
        Seen = "seen", "On screen, and left alone";
        /// Something was put in and not sent.
        Begun = "begun", "Begun, and not sent";
        /// Closed without an answer.
        Closed = "closed", "Closed without an answer";
        /// Answered in part.
        Partial = "partial", "Answered in part";
        /// Answered to the end.
        Complete = "complete", "Answered to the end";
    }
);

text_enum!(
    /// Why a card that was to open did not, as the widget says it. The label is what the owner reads.
    NotOpened {
        /// The decision took too long.
        Late = "late", "The connection was slow: after a second nobody is interrupted any more";
        /// Something was in front.
        Modal = "modal", "A dialog of the page or another question was open";
        /// The page was hidden or left.
        Hidden = "hidden", "They had left the page";
        /// A goal was reached meanwhile.
        Converted = "converted", "They did it just then";
        /// A file did not arrive.
        Failed = "failed", "A file of the card could not be loaded";
    }
);

text_enum!(
    /// How a card was closed, as the widget says it. The label is what the owner reads.
    Closed {
        /// For good.
        Never = "never", "With “Don't ask me again”";
        /// For now.
        Later = "later", "With “Not now”";
        /// By its button, or by the page: by its script, with a second click on the tab, or by taking back the consent.
        Button = "close", "With the close button, or by the page";
        /// By the keyboard.
        Escape = "esc", "With the Escape key";
        /// Gone through to the end, and every question was left out.
        Skipped = "skipped", "Without an answer to any question";
    }
);

/// The way of a prompt's visits over one period.
#[derive(Clone, Debug)]
pub struct Why {
    /// The prompt.
    pub prompt: Prompt,
    /// Visits since it was first published, and those of them that opened a page on which it may ask.
    pub pages: Pages,
    /// When it was off in these days.
    pub pauses: Pauses,
    /// What became of those that came to a moment.
    pub ways: Ways,
    /// The same with the version that visitors get now; `None` when there was only one.
    pub current: Option<(i32, Ways)>,
    /// Visits in which another question was asked, and in which this one came to no moment: whether it would have is not known,
    /// because the script then looks for no more.
    pub others_first: i64,
    /// Moves to leave after which nobody was there any more, of all; for prompts that ask at them.
    pub left: Option<Rate>,
}

/// Visits by the pages that they opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// All of them.
    pub visits: i64,
    /// A page on which the prompt may ask was opened, or a moment came.
    pub matched: i64,
    /// Of these, those that came to no moment and lay within a pause of the prompt as a whole.
    pub paused: i64,
    /// Only the newest visits were read for it.
    pub is_scaled: bool,
}

/// Visits that came to a moment, each in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    rows: Vec<WayRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
struct WayRow {
    way: String,
    /// Why it was held back or did not open, or how it was closed.
    code: String,
    is_current: i32,
    is_seen: i32,
    is_begun: i32,
    is_never: i32,
    n: i64,
}

impl Ways {
    fn sum(&self, of: impl Fn(&WayRow) -> bool) -> i64 {
        let rows = self.rows.iter().filter(|row| of(row));
        rows.map(|row| row.n).sum()
    }

    /// Visits in this way.
    pub fn count(&self, way: Way) -> i64 {
        self.sum(|row| row.way == way.as_str())
    }

    /// Why or how, most frequent first, for the three ways that tell.
    pub fn reasons(&self, way: Way) -> Vec<(String, i64)> {
        let mut counts: HashMap<&str, i64> = HashMap::new();
        for row in self.rows.iter().filter(|row| row.way == way.as_str()) {
            *counts.entry(&row.code).or_default() += row.n;
        }
        let mut reasons: Vec<(String, i64)> = counts
            .into_iter()
            .map(|(code, n)| (code.to_owned(), n))
            .collect();
        reasons.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        reasons
    }

    /// A moment came.
    pub fn fired(&self) -> i64 {
        self.sum(|_| true)
    }

    /// The rules allowed it.
    pub fn askable(&self) -> i64 {
        self.fired() - self.count(Way::HeldBack)
    }

    /// The card opened.
    pub fn opened(&self) -> i64 {
        self.askable() - self.count(Way::Unasked) - self.count(Way::NotOpened)
    }

    /// It was half visible for a second.
    pub fn seen(&self) -> i64 {
        self.sum(|row| row.is_seen == 1)
    }

    /// Something was put in.
    pub fn begun(&self) -> i64 {
        self.sum(|row| row.is_begun == 1)
    }

    /// The same as the report of the prompt counts it.
    pub fn counts(&self) -> Counts {
        Counts {
            askable: self.askable(),
            held_out: self.count(Way::Unasked),
            opened: self.opened(),
            seen: self.seen(),
            begun: self.begun(),
            answered: self.answered(),
            closed: self.count(Way::Closed),
        }
    }

    /// “Don't ask me again” was clicked, whether they answered or not; with those that had answered.
    pub fn never(&self) -> Rate {
        let answered = [Way::Partial.as_str(), Way::Complete.as_str()];
        let is_answered = |row: &WayRow| answered.contains(&row.way.as_str());
        Rate::new(
            self.sum(|row| row.is_never == 1 && is_answered(row)),
            self.sum(|row| row.is_never == 1),
        )
    }

    /// Answered, if only in part.
    pub fn answered(&self) -> i64 {
        self.count(Way::Partial) + self.count(Way::Complete)
    }
}

/// Loads the report.
pub async fn load(
    db: &Db,
    site: &Site,
    id: PromptId,
    period: &Period,
    now: Millis,
) -> AppResult<Why> {
    let tx = db.snapshot().await?;
    let prompt = prompt::store::find_prompt(&tx, site.id, id).await?;
    let versions = prompt::store::list_versions(&tx, site.id, id).await?;
    let of_prompt = OfPrompt {
        site,
        period,
        id,
        // Whoever came by himself came to no moment.
        waits: false,
        filters: &[],
        packed: Arc::default(),
    };
    let rows = ways(&tx, &of_prompt, prompt.published_version).await?;
    let ways = Ways { rows };
    let current = prompt.published_version.filter(|_| versions.len() > 1);
    let design = versions
        .first()
        .map_or(&prompt.draft, |newest| &newest.design);
    let since = versions.last().map(|first| first.published_at);
    let states = prompt::store::list_states(&tx, site.id, id).await?;
    let pauses = Pauses::of(&states, since, bounds(site, period, now));
    let is_at_exit = design.moment.ask_at.contains(&AskAt::Exit);
    let why = Why {
        pages: pages(
            &tx,
            &of_prompt,
            &design.target,
            since,
            &pauses,
            ways.fired(),
        )
        .await?,
        current: current.map(|version| {
            let rows = ways.rows.iter().filter(|row| row.is_current == 1);
            let rows = rows.cloned().collect();
            (version, Ways { rows })
        }),
        others_first: others_first(&tx, &of_prompt).await?,
        left: match is_at_exit {
            true => Some(of_prompt.left(&tx, now).await?),
            false => None,
        },
        prompt,
        pauses,
        ways,
    };
    tx.commit().await?;
    Ok(why)
}

/// When the period begins and ends, by now at the latest.
fn bounds(site: &Site, period: &Period, now: Millis) -> (Millis, Millis) {
    let start = |day| calendar::start_of_day(calendar::number(day), &site.time_zone);
    (
        start(period.from),
        start(period.to.saturating_add(1.day())).min(now),
    )
}

/// What held a prompt back in most visits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// Code of the refusal.
    pub code: String,
    /// In how many visits.
    pub n: i64,
    /// Nothing else held it back.
    pub is_only: bool,
}

/// What held each prompt back in most visits.
pub async fn mostly(
    db: &impl ConnectionTrait,
    site: &Site,
    period: &Period,
) -> AppResult<HashMap<PromptId, HeldBack>> {
    #[derive(FromQueryResult)]
    struct Row {
        prompt_id: PromptId,
        code: String,
        n: i64,
    }
    let (from, query) = sums::of_period(&WAYS, site, period);
    let sql = format!(
        "SELECT s.prompt_id, s.code, CAST(SUM(s.visits) AS BIGINT) AS n {from} AND s.way = '{}'
         GROUP BY 1, 2 ORDER BY 3 DESC, 2",
        Way::HeldBack
    );
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, query.values());
    let mut mostly: HashMap<PromptId, HeldBack> = HashMap::new();
    for row in Row::find_by_statement(statement).all(db).await? {
        let most = mostly.entry(row.prompt_id);
        most.and_modify(|most| most.is_only = false)
            .or_insert(HeldBack {
                code: row.code,
                n: row.n,
                is_only: true,
            });
    }
    Ok(mostly)
}

/// The visits of a period.
struct Query<'a, C> {
    db: &'a C,
    values: [Value; 6],
}

impl<'a, C: ConnectionTrait> Query<'a, C> {
    fn new(db: &'a C, site: &Site, period: &Period) -> Self {
        let (earliest, latest) = known_within(period.from, period.to, &site.time_zone);
        let values = [
            site.id.into(),
            calendar::number(period.from).into(),
            calendar::number(period.to).into(),
            sums::counts_automated(site, period).into(),
            VisitId::first_of(earliest).into(),
            VisitId::first_of(latest).into(),
        ];
        Self { db, values }
    }

    fn statement(&self, sql: String, more: impl IntoIterator<Item = Value>) -> Statement {
        let values = self.values.iter().cloned().chain(more);
        Statement::from_sql_and_values(self.db.get_database_backend(), sql, values)
    }
}

/// The ways of its visits, told apart by whether they got the `current` version.
async fn ways(
    db: &impl ConnectionTrait,
    of_prompt: &OfPrompt<'_>,
    current: Option<i32>,
) -> AppResult<Vec<WayRow>> {
    let (from, mut values) = of_prompt.rows(&WAYS);
    values.push(current.unwrap_or_default().into());
    let sql = format!(
        "SELECT s.way, s.code, CASE WHEN s.prompt_version = ${} THEN 1 ELSE 0 END AS is_current,
           CASE WHEN s.is_seen THEN 1 ELSE 0 END AS is_seen, CASE WHEN s.is_begun THEN 1 ELSE 0 END AS is_begun,
           CASE WHEN s.is_never THEN 1 ELSE 0 END AS is_never, CAST(SUM(s.visits) AS BIGINT) AS n
         {from} GROUP BY 1, 2, 3, 4, 5, 6",
        values.len()
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(WayRow::find_by_statement(statement).all(db).await?)
}

/// Visits in which something was asked, or left unasked, less those of them in which the prompt came to a moment itself.
async fn others_first(db: &impl ConnectionTrait, of_prompt: &OfPrompt<'_>) -> AppResult<i64> {
    let (asked, _) = sums::of_period(&ASKED, of_prompt.site, of_prompt.period);
    let (own, values) = of_prompt.rows(&WAYS);
    let sql = format!(
        "SELECT CAST((SELECT COALESCE(SUM(s.visits), 0) {asked})
           - (SELECT COALESCE(SUM(s.visits), 0) {own} AND s.is_asked) AS BIGINT) AS n"
    );
    count(
        db,
        Statement::from_sql_and_values(db.get_database_backend(), sql, values),
    )
    .await
}

async fn count(db: &impl ConnectionTrait, statement: Statement) -> AppResult<i64> {
    let row = db.query_one_raw(statement).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "n"))?)
}

/// Visits from `$8` on that opened a page and came to no moment of the prompt `$7`.
const OTHERS: &str = "FROM visits v WHERE v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND v.id BETWEEN $5 AND $6 AND NOT v.is_test
  AND (NOT v.is_automated OR $4) AND v.pages > 0 AND v.id >= $8 AND NOT EXISTS (
    SELECT 1 FROM impressions o WHERE o.site_id = v.site_id AND o.visit_id = v.id AND o.prompt_id = $7 AND o.is_automatic
      AND NOT o.is_test)";

//! What asking costs: visits that chance left unasked against those that it did not, whatever became of the card.
//!
//! Counted from the first decision under the present share on, not by the days of a report: intervals that hold at every look need
//! a beginning that stays where it is.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::{
    clock::DAY,
    error::AppResult,
    goal::{self, types::Definitions},
    ingest::VISIT_GAP,
    site::types::{Site, SiteKind},
    stats::{
        Rate, Ratio, Schedule, Sequence, Split, TIGHT_AT, Verdict, confidence_sequence,
        ratio_sequence, schedule, split_chance_at_any_look, verdict,
    },
    types::{Millis, PromptId},
};

/// Part of the conversions that asking may cost and yet do no material harm.
pub const MARGIN: f64 = 0.05;
/// Chance of a false alarm over all looks together.
const ALPHA: f64 = 0.05;
/// Decisions are read so far back: what was long ago says little of the question now.
const MOST_DAYS: i64 = 182;

/// The two groups of one prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Share of visits that chance leaves unasked, percent.
    pub percent: u8,
    /// The first decision under this share.
    pub since: Millis,
    /// The last moment at which a decision counts: the visits of later ones may go on.
    pub until: Millis,
    /// To be asked: how many reached the main goal after the decision.
    pub asked: Rate,
    /// Left unasked: the same.
    pub unasked: Rate,
    /// Visits that had reached the main goal before, and stand in neither group.
    pub reached_before: i64,
    /// Visits that were decided under another share, or counted by another main goal.
    pub others: i64,
}

/// What may be said of two groups that are large enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// The share of those to be asked less that of the others.
    pub difference: Sequence,
    /// The one share divided by the other; `None` if nobody reached the goal.
    pub ratio: Option<Ratio>,
    /// Whether the groups are as large as chance would make them.
    pub split: Split,
    /// Whether asking costs conversions. Does not hold where the split is wrong.
    pub verdict: Verdict,
    /// How long it takes at the present pace until the verdict is known.
    pub wait: Option<Schedule>,
}

impl Effect {
    /// Whether both groups bear a share.
    pub fn is_enough(&self) -> bool {
        self.asked.is_enough() && self.unasked.is_enough()
    }

    /// What may be said; `None` of few.
    pub fn judged(&self) -> Option<Judged> {
        let (asked, unasked) = (self.asked, self.unasked);
        if !self.is_enough() {
            return None;
        }
        let weight = f64::from(self.percent);
        let arms = [(asked.n, 100.0 - weight), (unasked.n, weight)];
        let verdict = verdict(asked, unasked, MARGIN, ALPHA, TIGHT_AT)?;
        Some(Judged {
            difference: confidence_sequence(asked, unasked, ALPHA, TIGHT_AT)?,
            ratio: ratio_sequence(asked, unasked, ALPHA, TIGHT_AT),
            split: Split::of(split_chance_at_any_look(&arms)?),
            verdict,
            wait: match verdict {
                Verdict::NotYet { more: Some(more) } => schedule(more, self.per_day()),
                _ => None,
            },
        })
    }

    /// Whether asking does harm.
    pub fn is_harmful(&self) -> bool {
        self.judged()
            .is_some_and(|it| it.verdict == Verdict::Harm && it.split != Split::Wrong)
    }

    fn per_day(&self) -> f64 {
        let days = (self.until - self.since) as f64 / DAY as f64;
        (self.asked.n + self.unasked.n) as f64 / days.max(1.0)
    }
}

/// Decisions of a prompt with the same chances, in visits that were counted alike.
#[derive(Debug, FromQueryResult)]
struct Row {
    prompt_id: PromptId,
    arm: String,
    probability: f64,
    funnel_version: i32,
    n: i64,
    reached: i64,
    reached_before: i64,
    first_at: Millis,
    last_at: Millis,
}

impl Row {
    fn is_unasked(&self) -> bool {
        self.arm == "held_out"
    }

    /// The share that is left unasked, percent.
    fn percent(&self) -> u8 {
        let unasked = match self.is_unasked() {
            true => self.probability,
            false => 1.0 - self.probability,
        };
        (unasked * 100.0).round() as u8
    }
}

/// The groups of each of the `prompts` of which chance left visits unasked.
pub async fn load(
    db: &impl ConnectionTrait,
    site: &Site,
    prompts: &[PromptId],
    automated: bool,
    now: Millis,
) -> AppResult<HashMap<PromptId, Effect>> {
    let until = now - VISIT_GAP;
    if prompts.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<Value> = vec![
        site.id.into(),
        (now - MOST_DAYS * DAY).into(),
        until.into(),
        (automated || site.kind == SiteKind::Demo).into(),
    ];
    let places: Vec<String> = (values.len() + 1..)
        .take(prompts.len())
        .map(|place| format!("${place}"))
        .collect();
    values.extend(prompts.iter().map(|id| Value::from(*id)));
    // CROSS JOIN keeps SQLite from beginning with the visits, of which there are far more.
    let sql = format!(
        "SELECT i.prompt_id, i.arm, i.probability, v.funnel_version, COUNT(*) AS n,
           COUNT(CASE WHEN v.macro_at > i.decided_at THEN 1 END) AS reached,
           COUNT(CASE WHEN v.macro_at <= i.decided_at THEN 1 END) AS reached_before,
           MIN(i.decided_at) AS first_at, MAX(i.decided_at) AS last_at
         FROM impressions i CROSS JOIN visits v
         WHERE i.site_id = $1 AND i.prompt_id IN ({}) AND i.decided_at BETWEEN $2 AND $3
           AND i.arm IS NOT NULL AND i.probability < 1 AND i.is_automatic AND NOT i.is_test
           AND v.site_id = i.site_id AND v.id = i.visit_id AND NOT v.is_test AND (NOT v.is_automated OR $4)
         GROUP BY 1, 2, 3, 4",
        places.join(", ")
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = Row::find_by_statement(statement).all(db).await?;
    let definitions = goal::store::load_definitions(db, site.id).await?;
    let versions = versions_of_main_goal(&definitions);
    let mut by_prompt: HashMap<PromptId, Vec<Row>> = HashMap::new();
    for row in rows {
        by_prompt.entry(row.prompt_id).or_default().push(row);
    }
    let effects = by_prompt.into_iter();
    Ok(effects
        .filter_map(|(id, rows)| Some((id, effect(&rows, &versions, until)?)))
        .collect())
}

/// Versions of the funnel whose visits were counted by the present main goal, as it is or as it was.
fn versions_of_main_goal(definitions: &Definitions) -> Vec<i32> {
    let goal_of = |bit: Option<u8>| {
        let goal = definitions.goals.iter().find(|goal| Some(goal.bit) == bit);
        goal.map(|goal| goal.goal_id)
    };
    let newest = definitions.funnels.last();
    let main = newest.and_then(|funnel| goal_of(funnel.primary_bit));
    let funnels = definitions.funnels.iter();
    funnels
        .filter(|funnel| main.is_some() && goal_of(funnel.primary_bit) == main)
        .map(|funnel| funnel.version)
        .collect()
}

/// Of several shares the newest counts: visits of different times and shares must not be mixed.
fn effect(rows: &[Row], versions: &[i32], until: Millis) -> Option<Effect> {
    let percent = rows.iter().max_by_key(|row| row.last_at)?.percent();
    let counts = |row: &&Row| row.percent() == percent && versions.contains(&row.funnel_version);
    let counted = || rows.iter().filter(counts);
    let rate = |is_unasked: bool| {
        let rows = || counted().filter(|row| row.is_unasked() == is_unasked);
        let n = rows().map(|row| row.n - row.reached_before).sum();
        Rate::new(rows().map(|row| row.reached).sum(), n)
    };
    let all: i64 = rows.iter().map(|row| row.n).sum();
    Some(Effect {
        percent,
        since: counted().map(|row| row.first_at).min()?,
        until,
        asked: rate(false),
        unasked: rate(true),
        reached_before: counted().map(|row| row.reached_before).sum(),
        others: all - counted().map(|row| row.n).sum::<i64>(),
    })
}

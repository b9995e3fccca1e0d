//! What asking costs: visits that chance left unasked against those that it did not, whatever became of the card.
//!
//! Counted from the day of the first decision under the present share on, not by the days of a report: intervals that hold at every look need
//! a beginning that stays where it is.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::{
    clock::DAY,
    error::AppResult,
    goal::{self, types::Definitions},
    ingest::{VISIT_GAP, cube::ALL, sums::ASKED},
    site::{
        calendar,
        types::{Site, SiteKind},
    },
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
    /// When the day began of the first visit that was decided under this share.
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

/// Decisions of a prompt on a day with the same chances, in visits that were counted alike.
#[derive(Debug, FromQueryResult)]
struct Row {
    prompt_id: PromptId,
    day: i32,
    arm: String,
    /// The share that is left unasked, percent.
    unasked: i32,
    version: i32,
    decisions: i64,
    reached: i64,
    reached_before: i64,
}

impl Row {
    fn is_unasked(&self) -> bool {
        self.arm == "held_out"
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
    let mut by_prompt: HashMap<PromptId, Vec<Row>> = HashMap::new();
    for row in rows(db, site, automated, now).await? {
        by_prompt.entry(row.prompt_id).or_default().push(row);
    }
    let definitions = goal::store::load_definitions(db, site.id).await?;
    let versions = versions_of_main_goal(&definitions);
    let mut effects = HashMap::new();
    for id in prompts {
        let Some(rows) = by_prompt.get(id) else {
            continue;
        };
        let Some(percent) = share(db, site, rows, automated, until).await? else {
            continue;
        };
        if let Some(effect) = effect(rows, percent, &versions, (&site.time_zone, until)) {
            effects.insert(*id, effect);
        }
    }
    Ok(effects)
}

/// Decisions of all prompts that chance had a part in, up to half an hour ago.
async fn rows(
    db: &impl ConnectionTrait,
    site: &Site,
    automated: bool,
    now: Millis,
) -> AppResult<Vec<Row>> {
    let day = |at| calendar::day_of(at, &site.time_zone);
    let nothing = "CAST('' AS TEXT)";
    let stored = ASKED.stored(
        nothing,
        &format!("c.site_id = $1 AND c.dim = {ALL} AND c.day BETWEEN $2 AND $3"),
    );
    let fresh =
        "NOT v.is_settled AND v.site_id = $1 AND v.day BETWEEN $2 AND $3 AND i.decided_at <= $4";
    let sql = format!(
        "SELECT s.* FROM ({stored} UNION ALL {}) AS s
         WHERE s.is_automatic AND s.arm <> '' AND s.unasked BETWEEN 1 AND 99 AND (NOT s.is_automated OR $5)",
        ASKED.of_visits(nothing, fresh)
    );
    let values: [Value; 5] = [
        site.id.into(),
        day(now - MOST_DAYS * DAY).into(),
        day(now).into(),
        (now - VISIT_GAP).into(),
        counts_automated(site, automated).into(),
    ];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Row::find_by_statement(statement).all(db).await?)
}

/// The share that was left unasked when it was last drawn, percent. Only the day on which it was changed does not tell it by itself.
async fn share(
    db: &impl ConnectionTrait,
    site: &Site,
    rows: &[Row],
    automated: bool,
    until: Millis,
) -> AppResult<Option<i32>> {
    let Some(newest) = rows.iter().max_by_key(|row| row.day) else {
        return Ok(None);
    };
    let of_day = || rows.iter().filter(|row| row.day == newest.day);
    if of_day().all(|row| row.unasked == newest.unasked) {
        return Ok(Some(newest.unasked));
    }
    let sql = "SELECT i.arm, i.probability FROM impressions i CROSS JOIN visits v
      WHERE i.site_id = $1 AND i.prompt_id = $2 AND i.decided_at BETWEEN $3 AND $4 AND i.probability < 1 AND i.arm IS NOT NULL
        AND i.is_automatic AND NOT i.is_test
        AND v.site_id = i.site_id AND v.id = i.visit_id AND NOT v.is_test AND (NOT v.is_automated OR $5)
      ORDER BY i.decided_at DESC LIMIT 1";
    let values: [Value; 5] = [
        site.id.into(),
        newest.prompt_id.into(),
        calendar::start_of_day(newest.day, &site.time_zone).into(),
        until.into(),
        counts_automated(site, automated).into(),
    ];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let Some(drawn) = db.query_one_raw(statement).await? else {
        return Ok(None);
    };
    let (arm, probability): (String, f64) =
        (drawn.try_get("", "arm")?, drawn.try_get("", "probability")?);
    let unasked = match arm.as_str() {
        "held_out" => probability,
        _ => 1.0 - probability,
    };
    Ok(Some((unasked * 100.0).round() as i32))
}

fn counts_automated(site: &Site, automated: bool) -> bool {
    automated || site.kind == SiteKind::Demo
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
fn effect(
    rows: &[Row],
    percent: i32,
    versions: &[i32],
    (time_zone, until): (&str, Millis),
) -> Option<Effect> {
    let counts = |row: &&Row| row.unasked == percent && versions.contains(&row.version);
    let counted = || rows.iter().filter(counts);
    let rate = |is_unasked: bool| {
        let rows = || counted().filter(|row| row.is_unasked() == is_unasked);
        let n = rows().map(|row| row.decisions - row.reached_before).sum();
        Rate::new(rows().map(|row| row.reached).sum(), n)
    };
    let all: i64 = rows.iter().map(|row| row.decisions).sum();
    let first = counted().map(|row| row.day).min()?;
    Some(Effect {
        percent: u8::try_from(percent).ok()?,
        since: calendar::start_of_day(first, time_zone),
        until,
        asked: rate(false),
        unasked: rate(true),
        reached_before: counted().map(|row| row.reached_before).sum(),
        others: all - counted().map(|row| row.decisions).sum::<i64>(),
    })
}

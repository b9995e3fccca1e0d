//! Help that an ending of a prompt offered: how often it was shown, and how often it was followed.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::{WHICH, statement};
use crate::{
    error::AppResult,
    goal,
    ingest::{
        cube::Dimension,
        event::{Event, EventKind},
    },
    prompt::types::{Design, EndingKind},
    report::signatures::of_visits,
    types::{PromptId, Scalar, ViewId},
};

/// What became of the help of one ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helped {
    /// What visitors read.
    pub text: String,
    /// Cards in which it was shown.
    pub shown: i64,
    /// Of them, those whose link was followed, or in which the chat was opened.
    pub followed: i64,
    /// Visits of these cards that reached the main goal later.
    pub converted: i64,
    /// Visits of these cards that were not counted with the main goal as it is now.
    pub unknown: i64,
}

/// Batches of the page loads in which the prompt asked, as far as they may tell of help.
#[derive(Debug, FromQueryResult)]
struct Row {
    view_id: ViewId,
    body: String,
    funnel_version: i32,
    day: i32,
    macro_at: Option<i64>,
    decided_at: i64,
}

/// What was told of one ending in one page load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    is_shown: bool,
    is_followed: bool,
    is_converted: bool,
    is_unknown: bool,
}

/// By ending and page load.
pub(super) type Helps = BTreeMap<(String, ViewId), Told>;

pub(super) async fn load(
    db: &impl ConnectionTrait,
    prompt: PromptId,
    filters: &[(Dimension, String)],
    mut values: Vec<Value>,
    main: goal::types::Told,
) -> AppResult<Helps> {
    let only = of_visits(filters, values.len() + 1);
    values.extend(filters.iter().map(|(_, value)| value.as_str().into()));
    let sql = format!(
        "SELECT b.view_id, b.body, v.funnel_version, v.day, v.macro_at, i.decided_at FROM impressions i CROSS JOIN visits v
         JOIN batches b ON b.site_id = i.site_id AND b.view_id = i.view_id
         WHERE {WHICH}{only} AND i.arm = 'shown' AND b.body LIKE '%\"prompt_helped\"%'"
    );
    let rows = Row::find_by_statement(statement(db, sql, values))
        .all(db)
        .await?;
    let mut helps = Helps::new();
    for row in rows {
        let is_told = main.is_by(row.funnel_version, row.day);
        let events: Vec<Event> = serde_json::from_str(&row.body).unwrap_or_default();
        for event in events.iter().filter(|event| is_help_of(event, prompt)) {
            let ending = event.props.why.clone().unwrap_or_default();
            let told = helps.entry((ending, row.view_id)).or_default();
            told.is_shown = true;
            told.is_followed |= event.props.m.as_deref() != Some("shown");
            told.is_converted |= is_told && row.macro_at.is_some_and(|at| at > row.decided_at);
            told.is_unknown = !is_told;
        }
    }
    Ok(helps)
}

/// Whether an ending of the design offers help.
pub(super) fn is_offered(design: &Design) -> bool {
    let mut endings = design.endings.iter();
    endings.any(|ending| ending.kind == EndingKind::Help)
}

fn is_help_of(event: &Event, prompt: PromptId) -> bool {
    let of = event.props.p.as_ref().and_then(Scalar::as_text);
    event.kind == Some(EventKind::PromptHelped) && of.and_then(|id| id.parse().ok()) == Some(prompt)
}

/// Endings of the newest wording in their order, then those that only older ones had.
pub(super) fn by_ending(designs: &[&Design], helps: &Helps) -> Vec<Helped> {
    let mut listed = BTreeSet::new();
    let endings = designs.iter().flat_map(|design| &design.endings);
    let helping = endings.filter(|ending| ending.kind == EndingKind::Help);
    let mut helped = vec![];
    for ending in helping.filter(|ending| listed.insert(ending.id.clone())) {
        let of = |is: fn(&Told) -> bool| {
            let told = helps
                .iter()
                .filter(|((id, _), told)| *id == ending.id && is(told));
            i64::try_from(told.count()).unwrap_or(i64::MAX)
        };
        helped.push(Helped {
            text: ending.text.clone(),
            shown: of(|told| told.is_shown),
            followed: of(|told| told.is_followed),
            converted: of(|told| told.is_converted),
            unknown: of(|told| told.is_unknown),
        });
    }
    helped
}

//! Answers in the words that were shown to visitors.

use std::collections::{HashMap, hash_map::Entry};

use sea_orm::ConnectionTrait;

use super::query::Names;
use crate::{
    answer::{
        filter::Converted,
        types::{Answer, Said},
    },
    clock,
    error::AppResult,
    goal,
    prompt::{self, types::Design},
    types::{PromptId, SiteId},
    web::view::when::{When, duration},
};

/// An answer is marked as new for so long.
const NEW_FOR: i64 = clock::MINUTE;

/// One answer of the list.
pub(super) struct AnswerRow {
    pub(super) answer: Answer,
    pub(super) words: String,
    pub(super) prompt: String,
    pub(super) said: Vec<Said>,
    /// Visitors read another question today.
    pub(super) is_reworded: bool,
    pub(super) at: String,
    /// Tells it from every other with the same words, to who does not see the list: when, and which of that minute.
    pub(super) which: String,
    pub(super) at_machine: String,
    pub(super) is_new: bool,
    /// Class of the badge that tells whether the visit converted, and its words.
    pub(super) outcome: Option<(&'static str, String)>,
}

/// The designs in which answers were given.
pub(super) type Wording = HashMap<(PromptId, i32), Design>;

/// Adds the designs of these answers, and of what visitors read today.
pub(super) async fn load_wording(
    wording: &mut Wording,
    db: &impl ConnectionTrait,
    site_id: SiteId,
    answers: &[Answer],
    names: &Names,
) -> AppResult<()> {
    let prompts = names.prompts.iter();
    let current = prompts
        .filter(|prompt| answers.iter().any(|answer| answer.prompt_id == prompt.id))
        .filter_map(|prompt| Some((prompt.id, prompt.published_version?)));
    let given = answers
        .iter()
        .map(|answer| (answer.prompt_id, answer.prompt_version));
    for (prompt_id, version) in given.chain(current) {
        if let Entry::Vacant(unknown) = wording.entry((prompt_id, version)) {
            let found = prompt::store::load_version(db, site_id, prompt_id, version).await?;
            unknown.insert(found.design);
        }
    }
    Ok(())
}

/// What the owner calls the main goal.
pub(super) async fn main_goal(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<Option<String>> {
    let goals = goal::store::list_goals(db, site_id).await?;
    let main = goals.into_iter().find(|goal| goal.is_primary);
    Ok(main.map(|goal| goal.name))
}

/// What a row takes from beside the answer.
pub(super) struct Context<'a> {
    pub(super) names: &'a Names,
    pub(super) wording: &'a Wording,
    pub(super) main_goal: Option<&'a str>,
    pub(super) when: &'a When,
}

pub(super) fn answer_row(answer: Answer, context: &Context<'_>) -> AnswerRow {
    let (wording, when) = (context.wording, context.when);
    let design = wording.get(&(answer.prompt_id, answer.prompt_version));
    let mut prompts = context.names.prompts.iter();
    let prompt = prompts.find(|prompt| prompt.id == answer.prompt_id);
    let current = prompt.and_then(|prompt| wording.get(&(prompt.id, prompt.published_version?)));
    let said = design.map(|design| answer.said(design)).unwrap_or_default();
    AnswerRow {
        is_reworded: current.map(Design::headline) != design.map(Design::headline),
        words: first_words(&said),
        prompt: prompt.map(|prompt| prompt.name.clone()).unwrap_or_default(),
        said,
        which: when.moment(answer.answered_at),
        at: when.moment(answer.answered_at),
        at_machine: when.machine(answer.answered_at),
        is_new: when.now() - answer.answered_at < NEW_FOR,
        outcome: outcome(&answer, context.main_goal),
        answer,
    }
}

/// Answers of one page that say the same in the same minute are numbered.
pub(super) fn tell_apart(rows: &mut [AnswerRow]) {
    let mut seen: HashMap<(String, String), usize> = HashMap::new();
    for row in rows {
        let times = seen.entry((row.words.clone(), row.at.clone())).or_default();
        *times += 1;
        if *times > 1 {
            row.which = format!("{}, no. {times}", row.at);
        }
    }
}

/// "4 min later: Signed up".
fn outcome(answer: &Answer, main_goal: Option<&str>) -> Option<(&'static str, String)> {
    let main_goal = main_goal?;
    match answer.converted() {
        Converted::Later => {
            let after = duration(answer.converted_at? - answer.answered_at);
            Some(("good", format!("{after} later: {main_goal}")))
        }
        Converted::Before => Some(("", format!("before: {main_goal}"))),
        Converted::Unknown => Some(("", format!("not known: {main_goal}"))),
        Converted::Not => None,
    }
}

/// What was chosen first, in the words that the visitor read.
fn first_words(said: &[Said]) -> String {
    match said.first() {
        Some(first) if !first.chosen.is_empty() => first.chosen.join(" · "),
        _ => "In their own words".into(),
    }
}

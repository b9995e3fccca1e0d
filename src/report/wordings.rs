//! Which wording of a prompt is answered: shown and answered by what was drawn.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::prompt::OfPrompt;
use crate::{
    error::AppResult,
    ingest::sums::CARDS,
    prompt::types::{Design, FIRST_WORDING, Prompt, PromptVersion, TAB_LABEL},
    stats::{Interval, Rate, differences_from},
};

/// One wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordingReport {
    /// `a`, the design's own, or `b`, `c`.
    pub id: String,
    /// What it says otherwise; of the first, what the others replace. In the order of the card.
    pub says: Vec<String>,
    /// Of the cards that opened, how many were answered.
    pub answered: Rate,
}

#[derive(Debug, FromQueryResult)]
struct WordingRow {
    wording: String,
    opened: i64,
    answered: i64,
}

/// The wordings of the version that visitors get, counted over all versions with the very same ones; empty when there is one only.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    of_prompt: &OfPrompt<'_>,
    prompt: &Prompt,
    versions: &[PromptVersion],
) -> AppResult<Vec<WordingReport>> {
    let mut newest = versions.iter();
    let newest = newest.find(|version| Some(version.version) == prompt.published_version);
    let Some(newest) = newest.filter(|version| version.design.wordings().count() > 1) else {
        return Ok(vec![]);
    };
    let said = |version: &&PromptVersion| is_said_alike(&version.design, &newest.design);
    let alike = versions.iter().filter(said);
    let alike: Vec<String> = alike.map(|version| version.version.to_string()).collect();
    let (from, values) = of_prompt.rows(&CARDS);
    let sql = format!(
        "SELECT s.wording, CAST(SUM(s.opened) AS BIGINT) AS opened, CAST(SUM(s.answered) AS BIGINT) AS answered
         {from} AND s.prompt_version IN ({}) GROUP BY 1",
        alike.join(", ")
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = WordingRow::find_by_statement(statement).all(db).await?;
    let wording = |id: &str| {
        let row = rows.iter().find(|row| row.wording == id);
        let (answered, opened) = row.map_or((0, 0), |row| (row.answered, row.opened));
        WordingReport {
            id: id.to_owned(),
            says: says(&newest.design, id),
            answered: Rate::new(answered, opened),
        }
    };
    Ok(newest.design.wordings().map(wording).collect())
}

/// How much more often each was answered than the first, where both were shown often enough to be compared; those that were not count
/// as no comparison.
pub fn differences(wordings: &[WordingReport]) -> Vec<Option<(f64, Interval)>> {
    let first = wordings.first().map(|first| first.answered);
    let first = first.unwrap_or_default();
    let rates = || wordings.iter().map(|wording| wording.answered).enumerate();
    let is_compared =
        |(place, rate): &(usize, Rate)| *place > 0 && first.is_enough() && rate.is_enough();
    let compared: Vec<Rate> = rates().filter(is_compared).map(|(_, rate)| rate).collect();
    let mut found = differences_from(first, &compared).into_iter();
    rates()
        .map(|one| is_compared(&one).then(|| found.next().flatten()).flatten())
        .collect()
}

/// Whether visitors read the same in every wording, whatever else has changed. What a tab says is read before the card opens: it
/// belongs to no wording.
fn is_said_alike(one: &Design, other: &Design) -> bool {
    let on_card = |design: &Design| -> Vec<(String, String)> {
        let words = design.words().into_iter();
        words.filter(|(place, _)| place != TAB_LABEL).collect()
    };
    on_card(one) == on_card(other) && one.other_words.wordings == other.other_words.wordings
}

fn says(design: &Design, id: &str) -> Vec<String> {
    let others = || design.other_words.wordings.iter();
    let is_said = |place: &str| {
        others()
            .filter(|wording| id == FIRST_WORDING || wording.id == id)
            .any(|wording| wording.words.contains_key(place))
    };
    let said = design.said(&design.lang, id).words();
    let said = said.into_iter().filter(|(place, _)| is_said(place));
    said.map(|(_, text)| text).collect()
}

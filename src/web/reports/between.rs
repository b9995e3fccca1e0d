//! Which goal must not come between which steps of the funnel, and what becomes of visits where it does, as the query string says.

use std::ops::RangeInclusive;

use super::choice::{no_goal, said, wrong};
use crate::{
    db::Db,
    error::{AppResult, FieldErrors},
    goal::{
        store::{list_goals, load_definitions},
        types::Goal,
    },
    report::funnel::FunnelChoice,
    site::types::Site,
    types::GoalId,
};

/// Reads it into the choice. What is empty is not said.
pub(super) async fn read(
    choice: &mut FunnelChoice,
    query: &str,
    (db, site): (&Db, &Site),
) -> AppResult<()> {
    choice.leaves_out = match said(query, "leave_out").as_deref() {
        None => false,
        Some("1") => true,
        Some(_) => return Err(wrong("leave_out", "write 1, or leave it out").into()),
    };
    let [without, after, before] = ["without", "after", "before"].map(|name| said(query, name));
    if without.is_none() && after.is_none() && before.is_none() {
        return Ok(());
    }
    let definitions = load_definitions(&db.read, site.id).await?;
    let steps = definitions.funnels.last().map(|it| it.steps.as_slice());
    let steps = steps.unwrap_or_default();
    if let Some(text) = without {
        let goals = list_goals(&db.read, site.id).await?;
        choice.without = Some(goal(&text, &goals, steps)?);
    }
    choice.after = place("after", after, 1..=steps.len().saturating_sub(1))?;
    choice.before = place("before", before, 2..=steps.len())?;
    match (choice.after, choice.before) {
        (Some(after), Some(before)) if after >= before => {
            Err(wrong("before", "the step must come behind the one of after").into())
        }
        _ => Ok(()),
    }
}

/// The place of a step, one of these.
fn place(
    name: &str,
    text: Option<String>,
    places: RangeInclusive<usize>,
) -> Result<Option<usize>, FieldErrors> {
    let Some(text) = text else {
        return Ok(None);
    };
    let place = text.parse().ok().filter(|place| places.contains(place));
    place.map(Some).ok_or_else(|| match places.is_empty() {
        true => wrong(name, "the funnel has no two steps to come between"),
        false => {
            let (first, last) = (places.start(), places.end());
            let right = format!("write the place of a step, from {first} to {last}");
            wrong(name, &right)
        }
    })
}

/// A goal that can come between the steps, of these.
fn goal(text: &str, goals: &[Goal], steps: &[u8]) -> Result<GoalId, FieldErrors> {
    let goal = goals.iter().find(|goal| goal.id.to_string() == text);
    let goal = goal.ok_or_else(|| no_goal("without"))?;
    if steps.contains(&goal.current.bit) {
        return Err(wrong(
            "without",
            "this goal is a step; choose one that is none",
        ));
    }
    Ok(goal.id)
}

//! Two goals that stand in another order than visitors take them, above the form that puts them right.

use super::goals::goals_url;
use crate::{
    error::AppResult,
    goal::types::Goal,
    report::{
        order::{Misplaced, Oddity, first_misplaced},
        period::Period,
    },
    site::types::Site,
    state::AppState,
    web::view::number,
};

/// What looks wrong about the order, and what puts it right.
pub(super) struct OrderAdvice {
    /// In plain words.
    pub(super) words: String,
    /// The button that swaps them; `None` where moving does not help.
    pub(super) swap: Option<Swap>,
    /// The goal to look at instead, and where.
    pub(super) edit: Option<(String, String)>,
}

/// A step that is to go up by one place.
pub(super) struct Swap {
    /// The step.
    pub(super) name: String,
    /// Where the form is posted.
    pub(super) action: String,
}

/// What the visits of a period say of the order.
pub(super) async fn load(
    state: &AppState,
    site: &Site,
    goals: &[Goal],
    period: &Period,
) -> AppResult<Option<OrderAdvice>> {
    let found = first_misplaced(&state.db.read, site, goals, period).await?;
    Ok(found.and_then(|found| advise(goals, &found, &goals_url(site), period.length())))
}

fn advise(goals: &[Goal], found: &Misplaced, base: &str, days: i32) -> Option<OrderAdvice> {
    let of = |id| goals.iter().find(|goal| goal.id == id);
    let (first, second) = (of(found.earlier)?, of(found.later)?);
    let (earlier, later) = (&first.name, &second.name);
    let can_move = second.funnel_position.is_some();
    let edit = (
        format!("Look at “{earlier}”"),
        format!("{base}/{}", first.id),
    );
    let swap = || Swap {
        name: later.clone(),
        action: format!("{base}/{}/move", second.id),
    };
    let (lead, when) = match found.is_partial {
        true => (
            "So far".to_owned(),
            "counted by these goals so far".to_owned(),
        ),
        false => (
            format!("In the last {days} days"),
            format!("of the last {days} days"),
        ),
    };
    let fact = match found.oddity {
        Oddity::Reversed { reversed, both } => format!(
            "The order looks wrong: visitors usually reach “{later}” before “{earlier}”, in {} of the {} visits {when} that reached both. The funnel shows them as leaving at “{earlier}”.",
            number::count(reversed),
            number::count(both),
        ),
        Oddity::Unreached { later: n } => format!(
            "No visit {when} reached “{earlier}”, and {} reached “{later}”. The funnel counts a step only after all those before it, so nobody gets past “{earlier}”.",
            number::counted(n, "visit", "visits"),
        ),
        Oddity::Apart {
            earlier: a,
            later: b,
        } => format!(
            "{lead} {} reached “{earlier}” and {} “{later}”, but no visit reached both. The funnel counts a step only after the one before it, so it shows nobody at “{later}”.",
            number::counted(a, "visit", "visits"),
            number::counted(b, "visit", "visits"),
        ),
    };
    let is_apart = matches!(found.oddity, Oddity::Apart { .. });
    Some(match (is_apart, can_move) {
        (false, true) => OrderAdvice {
            words: fact,
            swap: Some(swap()),
            edit: None,
        },
        (true, true) => OrderAdvice {
            words: format!(
                "{fact} If visitors take one of the two or the other, take one of them out of the funnel: as a signal it still counts."
            ),
            swap: None,
            edit: Some(edit),
        },
        (_, false) => OrderAdvice {
            words: format!(
                "{fact} The main goal always comes last: if visitors need not take “{earlier}” first, take it out of the funnel: as a signal it still counts."
            ),
            swap: None,
            edit: Some(edit),
        },
    })
}

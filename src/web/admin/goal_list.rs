//! The page of all goals: a line each, what looks wrong about them, and the form of a new one.

use std::collections::HashMap;

use askama::Template;

use super::{
    goal_fields::GoalFields,
    goal_order::{self, OrderAdvice},
    goal_picker,
    goal_suggestions::{self, SuggestionRow},
    goals::goals_url,
    site_origin::LiveLink,
};
use crate::{
    clock,
    error::{AppResult, FieldErrors},
    goal::{
        filter::Comparison,
        form::{GoalForm, RuleKind, write_money},
        store::{self, PLACES},
        types::{Goal, GoalRole},
    },
    report::period::{DEFAULT_DAYS, Period, PeriodQuery},
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    state::AppState,
    types::GoalId,
    web::{
        extract::SiteScope,
        view::{
            number,
            page::{Nav, Page},
            recount::recount_line,
            when::When,
        },
    },
};

/// Places that are left when the page begins to say so.
const SCARCE: i32 = PLACES - 40;

/// A line of the list.
struct GoalRow {
    id: GoalId,
    name: String,
    detail: String,
    role: &'static str,
    order: String,
    visits: String,
    is_primary: bool,
    is_macro: bool,
    is_key: bool,
    can_move: bool,
    is_first: bool,
    is_last: bool,
}

#[derive(Template)]
#[template(path = "admin/goals.html")]
pub(super) struct GoalsPage {
    page: Page,
    home: String,
    base: String,
    days: i32,
    goals: Vec<GoalRow>,
    recount: Option<String>,
    places: Option<String>,
    advice: Option<String>,
    order: Option<OrderAdvice>,
    picker: LiveLink,
    suggestions: Vec<SuggestionRow>,
    fields: GoalFields,
}

impl GoalsPage {
    fn has_picker(&self) -> bool {
        !matches!(self.picker, LiveLink::None)
    }
}

/// The page, with the form of a new goal as it was posted.
pub(super) async fn load(
    state: &AppState,
    scope: &SiteScope,
    form: GoalForm,
    errors: FieldErrors,
) -> AppResult<GoalsPage> {
    let (db, site) = (&state.db.read, &scope.site);
    let when = When::new(&site.time_zone, clock::now());
    let goals = store::list_goals(db, site.id).await?;
    let recount = store::recount::find(db, site.id).await?;
    let period = Period::parse(&PeriodQuery::default(), &site.time_zone, when.now())?;
    let days = (calendar::number(period.from), calendar::number(period.to));
    let counts = store::count_visits(db, site.id, days, site.kind == SiteKind::Demo).await?;
    Ok(GoalsPage {
        page: scope.page(Nav::Goals),
        home: format!("/sites/{}", site.key),
        base: goals_url(site),
        days: DEFAULT_DAYS,
        goals: goal_rows(&goals, site, &counts),
        recount: recount_line(recount.as_ref(), &when),
        places: places(store::places_left(db, site.id).await?),
        advice: advice(&goals),
        order: goal_order::load(state, site, &goals, &period).await?,
        picker: goal_picker::load(state, site, when.now()).await?,
        suggestions: goal_suggestions::load(state, site, &goals).await?,
        fields: GoalFields::load(state, site, &goals, form, errors).await?,
    })
}

/// How many places are left, once that is worth knowing.
fn places(left: i32) -> Option<String> {
    (left <= SCARCE).then(|| {
        format!(
            "{left} of {PLACES} places for what this site counts are left. Each rule that is new to it takes one for good; names, values and \
             the order take none."
        )
    })
}

/// What is missing, or too much, to look at: three to seven key small steps beside a main goal are read best.
fn advice(goals: &[Goal]) -> Option<String> {
    let main = goals.iter().find(|goal| goal.is_primary);
    if !goals.iter().any(|goal| goal.is_listed) {
        return None;
    }
    if main.is_none() {
        return Some(
            "No main goal yet: add what the site is for, or the funnel has no end.".into(),
        );
    }
    match goals.iter().filter(|goal| goal.is_key).count() {
        0 => Some(
            "No key small step yet; three to seven are best. Add steps on the way to the main goal, or open a signal and make it a key small step.".into(),
        ),
        n @ 1..3 => Some(format!(
            "{}; three to seven are best. Add a step on the way, or open a signal and make it key: with fewer, visits that leave before the main goal all look alike.",
            number::counted(n as i64, "key small step", "key small steps")
        )),
        n @ 8.. => Some(format!(
            "{n} key small steps are hard to watch at once; three to seven are best. Open those that tell you least and choose that they are not key: they still count."
        )),
        _ => None,
    }
}

/// Steps in their order, then the main goal, other main goals and signals.
fn goal_rows(goals: &[Goal], site: &Site, counts: &HashMap<i32, i64>) -> Vec<GoalRow> {
    let mut listed: Vec<&Goal> = goals.iter().filter(|goal| goal.is_listed).collect();
    listed.sort_by_key(|goal| {
        (
            goal.role != GoalRole::Milestone,
            !goal.is_primary,
            goal.role,
        )
    });
    let steps = listed
        .iter()
        .filter(|goal| goal.funnel_position.is_some())
        .count();
    (1..)
        .zip(listed)
        .map(|(place, goal)| GoalRow {
            id: goal.id,
            name: goal.name.clone(),
            detail: detail(goal, goals, site),
            role: goal.role.label(),
            order: match goal.role {
                GoalRole::Milestone => place.to_string(),
                GoalRole::Macro if goal.is_primary => "last".into(),
                _ => "–".into(),
            },
            visits: number::count(counts.get(&goal.current.bit.into()).copied().unwrap_or(0)),
            is_primary: goal.is_primary,
            is_macro: goal.role == GoalRole::Macro,
            is_key: goal.is_key,
            can_move: goal.funnel_position.is_some() && steps > 1,
            is_first: place == 1,
            is_last: place == steps,
        })
        .collect()
}

/// What has to happen, what it is worth, and where it leads when that is not the end of the funnel.
fn detail(goal: &Goal, goals: &[Goal], site: &Site) -> String {
    let mut parts = vec![goal.current.rule.meaning()];
    if let Some(value) = goal.current.value_minor {
        let amount = write_money(value, &site.currency);
        parts.push(format!("worth {} {amount}", site.currency));
    }
    let main = goals
        .iter()
        .find(|main| goal.serves == Some(main.id) && !main.is_primary);
    parts.extend(main.map(|main| format!("leads to “{}”", main.name)));
    parts.join(" · ")
}

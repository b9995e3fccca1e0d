//! The catalogue of small steps: each a goal of one click.

use actix_web::{Responder, web::Data};
use askama::Template;

use super::goals::goals_url;
use crate::{
    clock,
    error::AppResult,
    goal::{
        form::GoalForm,
        stage::Stages,
        store,
        tactics::{self, Tactic},
        types::{Goal, GoalRule},
    },
    report::lately::{Fired, Lately},
    state::AppState,
    stats::Rate,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{
            number,
            page::{Html, Nav, Page},
        },
    },
};

/// A line of the catalogue.
struct Line {
    tactic: &'static Tactic,
    form: GoalForm,
    /// What the site calls its stage.
    stage: String,
    /// What has to happen.
    meaning: String,
    /// How often it did lately.
    seen: String,
    /// The goal that counts it already.
    counted_as: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/goal_tactics.html")]
struct TacticsPage {
    page: Page,
    base: String,
    lines: Vec<Line>,
}

/// GET `/sites/{key}/goals/catalogue`.
pub async fn show(state: Data<AppState>, scope: SiteScope) -> Result<impl Responder, PageError> {
    let (db, site) = (&state.db.read, &scope.site);
    let goals = store::list_goals(db, site.id).await?;
    let lately = Lately::read(db, site, clock::now()).await?;
    let stages = store::list_stages(db, site.id).await?;
    Ok(Html::ok(TacticsPage {
        page: scope.page(Nav::Goals),
        base: goals_url(site),
        lines: lines(&goals, &lately, &stages)?,
    }))
}

fn lines(goals: &[Goal], lately: &Lately, stages: &Stages) -> AppResult<Vec<Line>> {
    let forms: Vec<GoalForm> = tactics::list().iter().map(Tactic::form).collect();
    let rules = forms.iter().map(GoalForm::parse_rule);
    let rules: Vec<GoalRule> = rules.collect::<Result<_, _>>()?;
    let fired = lately.count(&rules);
    let lines = tactics::list().iter().zip(forms).zip(rules).zip(fired);
    Ok(lines
        .map(|(((tactic, form), rule), fired)| Line {
            tactic,
            stage: stages.name_of(tactic.stage).into(),
            meaning: rule.meaning(),
            seen: seen(fired, lately),
            counted_as: counted_as(goals, tactic, &rule),
            form,
        })
        .collect())
}

fn counted_as(goals: &[Goal], tactic: &Tactic, rule: &GoalRule) -> Option<String> {
    let is_it = |goal: &&Goal| {
        let has_its_name = goal.name.eq_ignore_ascii_case(tactic.name);
        goal.is_listed && (has_its_name || goal.current.rule.counts_like(rule))
    };
    goals.iter().find(is_it).map(|goal| goal.name.clone())
}

fn seen(fired: Fired, lately: &Lately) -> String {
    match fired.visits {
        0 => String::new(),
        visits => {
            let visits = Rate::new(visits, lately.visits);
            format!("In {} visits of the last 7 days", number::of(visits))
        }
    }
}

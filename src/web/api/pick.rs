//! POST `/x/goals`: what the picker asks while an owner points at things on the live site.
//!
//! Its token adds goals to its site and tells how often something happened.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload as Body},
};
use serde::{Deserialize, Serialize};

use super::owner_tool::{Admitted, Served, serve};
use crate::{
    clock,
    delivery::Snapshot,
    error::{AppResult, FieldErrors},
    goal::{
        form::GoalForm,
        store,
        types::{GoalRole, GoalRule, GoalStage},
    },
    report::lately::Lately,
    site::tool::Tool,
    state::AppState,
    web::{
        admin::change::commit_change,
        extract::base_url,
        view::{fired, when::When},
    },
};

const PICKER: Served = Served {
    tool: Tool::Picker,
    max_bytes: 16 * 1024,
    malformed: "it is not what the picker sends",
    expired: "this link has expired or is of another site; open the picker from the goals page again",
};
/// Rules that one element can be made of, and some to spare.
const MOST_RULES: usize = 8;

/// What the picker asks.
#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "do")]
    task: Task,
    rules: Vec<GoalRule>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    /// How often each rule was met lately.
    Count,
    /// Adds a goal with the only rule.
    Save,
}

#[derive(Serialize)]
struct Told {
    /// A sentence for each rule.
    told: Vec<String>,
    /// Address of the site's goals.
    goals: String,
}

/// Counts or saves.
pub async fn create(request: HttpRequest, body: Body, state: Data<AppState>) -> HttpResponse {
    let task = async |admitted| act(&request, &state, admitted).await;
    serve(&request, body, &state, &PICKER, task).await
}

async fn act(
    request: &HttpRequest,
    state: &AppState,
    admitted: Admitted<Asked>,
) -> AppResult<Told> {
    let Admitted {
        snapshot, asked, ..
    } = admitted;
    if asked.rules.is_empty() || asked.rules.len() > MOST_RULES {
        let message = format!("send 1 to {MOST_RULES} rules");
        return Err(FieldErrors::one("rules", message).into());
    }
    let told = match asked.task {
        Task::Count => count(state, &snapshot, &asked.rules).await?,
        Task::Save => save(state, &snapshot, &asked).await?,
    };
    let base = base_url(request, &state.config);
    Ok(Told {
        told,
        goals: format!("{base}/sites/{}/goals", snapshot.site.key),
    })
}

async fn count(
    state: &AppState,
    snapshot: &Snapshot,
    rules: &[GoalRule],
) -> AppResult<Vec<String>> {
    let site = &snapshot.site;
    let when = When::new(&site.time_zone, clock::now());
    let lately = Lately::read(&state.db.read, site, when.now()).await?;
    let counted = rules.iter().zip(lately.count(rules));
    Ok(counted
        .map(|(rule, times)| fired::sentence(&lately, rule, times, &when))
        .collect())
}

/// Adds a step or a signal, checked as the form of the goals page is.
async fn save(state: &AppState, snapshot: &Snapshot, asked: &Asked) -> AppResult<Vec<String>> {
    let [rule] = asked.rules.as_slice() else {
        return Err(FieldErrors::one("rules", "send one rule to save").into());
    };
    let role = GoalRole::parse(&asked.role).filter(|role| *role != GoalRole::Macro);
    let role = role.ok_or_else(|| FieldErrors::one("role", "Choose step or signal."))?;
    let form = GoalForm {
        name: asked.name.clone(),
        role: role.to_string(),
        stage: GoalStage::Intent.to_string(),
        ..GoalForm::of_rule(rule)
    };
    let new = form.parse(&snapshot.site.currency)?;
    let tx = state.db.begin().await?;
    store::insert_goal(&tx, snapshot.site.id, &new, clock::now()).await?;
    commit_change(state, tx, snapshot.site.id).await?;
    Ok(vec![new.name])
}

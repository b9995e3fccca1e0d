//! Every version that visitors got: what changed from one to the next, and using an old one again.

use actix_web::{
    HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    change::commit_change,
    prompts::{prompt_id, prompts_url},
};
use crate::{
    answer, clock,
    error::{AppError, AppResult, FieldErrors},
    goal,
    prompt::{
        changes::{Change, Names, Part, changes},
        store,
        types::{Prompt, PromptStatus, PromptVersion},
    },
    reason,
    site::types::Site,
    state::AppState,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            number,
            page::{Flash, Html, Nav, Page, see_other_with},
            when::When,
        },
    },
};

/// Characters of a note at most.
pub(super) const LONGEST_NOTE: usize = 200;

/// A version on the page.
struct VersionRow {
    version: i32,
    title: String,
    since: String,
    since_machine: String,
    answers: String,
    note: String,
    is_current: bool,
    /// Whether visitors get another design than this one.
    is_other: bool,
    /// Against the version before; `None` for the first.
    changes: Option<Vec<ChangeRow>>,
}

/// A setting that differs from the version before.
struct ChangeRow {
    what: String,
    parts: Vec<Part>,
    /// It was not there before.
    is_new: bool,
    /// It is not there any more.
    is_gone: bool,
}

impl From<Change> for ChangeRow {
    fn from(change: Change) -> Self {
        Self {
            parts: change.parts(),
            is_new: change.before.is_none(),
            is_gone: change.after.is_none(),
            what: change.what,
        }
    }
}

#[derive(Template)]
#[template(path = "admin/prompt/history.html")]
struct VersionsPage {
    page: Page,
    base: String,
    prompt: Prompt,
    versions: Vec<VersionRow>,
    next: i32,
    is_draft_changed: bool,
}

/// GET `/sites/{key}/prompts/{id}/versions`.
pub async fn index(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
) -> Result<impl Responder, PageError> {
    let (db, site) = (&state.db.read, &scope.site);
    let prompt = store::find_prompt(db, site.id, prompt_id(&path.1)?).await?;
    let versions = store::list_versions(db, site.id, prompt.id).await?;
    let answers = answer::store::count_by_version(db, site.id, prompt.id).await?;
    let names = load_names(&state, site).await?;
    let when = When::new(&site.time_zone, clock::now());
    let current = versions
        .iter()
        .find(|version| Some(version.version) == prompt.published_version);
    let rows = versions.iter().enumerate().map(|(place, version)| {
        let answers = answers.get(&version.version).copied().unwrap_or(0);
        VersionRow {
            is_current: Some(version.version) == prompt.published_version,
            is_other: current.is_none_or(|current| current.design != version.design),
            answers: number::counted(answers, "answer", "answers"),
            ..version_row(version, versions.get(place + 1), &names, &when)
        }
    });
    Ok(Html::ok(VersionsPage {
        page: scope.page(Nav::Prompts),
        base: format!("{}/{}", prompts_url(site), prompt.id),
        versions: rows.collect(),
        next: versions.first().map_or(1, |newest| newest.version + 1),
        is_draft_changed: versions
            .iter()
            .all(|version| version.design != prompt.draft),
        prompt,
    }))
}

fn version_row(
    version: &PromptVersion,
    before: Option<&PromptVersion>,
    names: &Names,
    when: &When,
) -> VersionRow {
    let differ = |before: &PromptVersion| {
        let changes = changes(&before.design, &version.design, names);
        changes.into_iter().map(ChangeRow::from).collect()
    };
    VersionRow {
        version: version.version,
        title: version.design.headline(),
        since: when.moment(version.published_at),
        since_machine: when.machine(version.published_at),
        answers: String::new(),
        note: version.note.clone(),
        is_current: false,
        is_other: true,
        changes: before.map(differ),
    }
}

async fn load_names(state: &AppState, site: &Site) -> AppResult<Names> {
    let db = &state.db.read;
    let reasons = reason::store::list_reasons(db, site.id).await?;
    Ok(Names {
        goals: goal::store::list_goal_names(db, site.id).await?,
        reasons: reasons
            .into_iter()
            .map(|reason| (reason.id, reason.name))
            .collect(),
    })
}

/// What is to be done with a version.
#[derive(Deserialize)]
pub struct VersionForm {
    #[serde(rename = "do", default)]
    action: String,
    #[serde(default)]
    note: String,
}

/// POST `/sites/{key}/prompts/{id}/versions/{version}`: use it again as the draft, publish it again, or note something about it.
pub async fn update(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String, String)>,
    Form(form): Form<VersionForm>,
) -> Result<HttpResponse, PageError> {
    let (site, now) = (&scope.site, clock::now());
    let id = prompt_id(&path.1)?;
    let version = path.2.parse().map_err(|_| AppError::NotFound("version"))?;
    let note = read_note(&form.note)?;
    let editor = format!("{}/{id}", prompts_url(site));
    let history = format!("{editor}/versions");
    let tx = state.db.begin().await?;
    let (to, flash) = match form.action.as_str() {
        "note" => {
            store::describe_version(&tx, site.id, id, version, &note).await?;
            (history, Flash::Saved)
        }
        "publish" => {
            store::use_version(&tx, site.id, id, version, now).await?;
            let newest = store::list_versions(&tx, site.id, id)
                .await?
                .first()
                .map(|newest| newest.version);
            let new = store::publish(&tx, site.id, id, now).await?;
            if Some(new) > newest {
                let told = format!("Version {version} again");
                store::describe_version(&tx, site.id, id, new, &told).await?;
            }
            (history, Flash::Published)
        }
        _ => {
            store::use_version(&tx, site.id, id, version, now).await?;
            (editor, Flash::DraftReplaced)
        }
    };
    commit_change(&state, tx, site.id).await?;
    Ok(see_other_with(to, flash))
}

/// A note as it is stored.
pub(super) fn read_note(text: &str) -> AppResult<String> {
    let note = text.trim();
    if note.chars().count() > LONGEST_NOTE {
        let message = format!("Use at most {LONGEST_NOTE} characters for the note.");
        return Err(FieldErrors::one("note", message).into());
    }
    Ok(note.to_owned())
}

//! The editor of one prompt: its question, its moment, its versions, and the owner's own test.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path, Query},
};
use serde::Deserialize;

use super::{
    change::commit_change,
    prompt_archived::archived,
    prompt_editor,
    prompt_life::{Switch, switch},
    prompt_versions::read_note,
    prompts::{prompt_id, prompts_url},
};
use crate::{
    clock,
    error::{AppError, AppResult, FieldErrors},
    goal,
    prompt::{
        form::{FormContext, PromptForm},
        store,
        types::{Prompt, PromptStatus},
    },
    site::types::Site,
    state::AppState,
    types::SiteId,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            page::{Flash, Html, see_other_with},
            prompt_parts::{Part, in_short},
            prompt_words::WordsView,
        },
    },
};

/// The sentence alone is no page.
const TEXT: &str = "text/plain; charset=utf-8";

/// The editor's form and which of its buttons was pressed.
#[derive(Deserialize)]
#[serde(from = "Vec<(String, String)>")]
pub struct EditorPost {
    action: Action,
    note: String,
    /// The parts that are open on the page; nothing where it runs no scripts.
    open: Vec<Part>,
    form: PromptForm,
}

/// What the pressed button stands for.
#[derive(Clone, PartialEq, Eq)]
enum Action {
    Save,
    Switch(Switch),
    Try,
    Sentence,
    /// Changes the form and stores nothing; any other name saves.
    Rows(String),
}

impl Action {
    /// The part of the page that the button stands in.
    fn part(&self) -> Option<Part> {
        match self {
            Self::Try => Some(Part::Where),
            Self::Rows(button) => Some(Part::of_button(button)),
            _ => None,
        }
    }
}

impl From<Vec<(String, String)>> for EditorPost {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let value = |name: &str| {
            let mut named = pairs.iter().filter(|(key, _)| key == name);
            named.next().map_or("", |(_, value)| value.as_str())
        };
        let note = value("note").to_owned();
        let open = Part::all_of_pairs(&pairs);
        let action = match value("do") {
            "publish" => Action::Switch(Switch::Publish),
            "pause" => Action::Switch(Switch::Pause),
            "resume" => Action::Switch(Switch::Resume),
            "try" => Action::Try,
            "sentence" => Action::Sentence,
            "" | "save" => Action::Save,
            button => Action::Rows(button.to_owned()),
        };
        Self {
            action,
            note,
            open,
            form: pairs.into(),
        }
    }
}

/// GET `/sites/{key}/prompts/{id}`; `?open=` names the parts that are open.
pub async fn edit(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    query: Query<Vec<(String, String)>>,
) -> Result<HttpResponse, PageError> {
    let prompt = store::find_prompt(&state.db.read, scope.site.id, prompt_id(&path.1)?).await?;
    if prompt.status == PromptStatus::Archived {
        let page = archived(&state, &scope, prompt).await?;
        return Ok(Html::ok(page).respond_to(&request));
    }
    let parts = (Part::all_of_pairs(&query), None);
    let page =
        prompt_editor::load(&state, &scope, prompt, None, parts, FieldErrors::default()).await?;
    Ok(Html::ok(page).respond_to(&request))
}

/// POST `/sites/{key}/prompts/{id}`.
pub async fn update(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(EditorPost {
        action,
        note,
        open,
        mut form,
    }): Form<EditorPost>,
) -> Result<HttpResponse, PageError> {
    let db = &state.db.read;
    let prompt = store::find_prompt(db, scope.site.id, prompt_id(&path.1)?).await?;
    if action == Action::Sentence {
        let told = told(&state, &scope.site, &prompt, &form).await?;
        return Ok(HttpResponse::Ok().content_type(TEXT).body(told));
    }
    if change_rows(&state, scope.site.id, &prompt, &mut form, &action).await? {
        let (parts, errors) = ((open, action.part()), FieldErrors::default());
        let page = prompt_editor::load(&state, &scope, prompt, Some(form), parts, errors).await?;
        return Ok(Html::ok(page).respond_to(&request));
    }
    match save(&state, scope.site.id, &prompt, &form, (&action, &note)).await {
        Ok(flash) => {
            let editor_url = format!("{}/{}", prompts_url(&scope.site), prompt.id);
            Ok(see_other_with(Part::with_open(editor_url, &open), flash))
        }
        Err(AppError::Invalid(errors)) => {
            let prompt = store::find_prompt(db, scope.site.id, prompt.id).await?;
            let page =
                prompt_editor::load(&state, &scope, prompt, Some(form), (open, None), errors)
                    .await?;
            Ok(Html::invalid(page).respond_to(&request))
        }
        Err(error) => Err(error.into()),
    }
}

/// Everything that the page says about the form while it changes: a line each, what it means, how often, and what each part has set.
async fn told(
    state: &AppState,
    site: &Site,
    prompt: &Prompt,
    form: &PromptForm,
) -> AppResult<String> {
    let db = &state.db.read;
    let goals = goal::store::list_goals(db, site.id).await?;
    let (sentence, estimate) = prompt_editor::tell(state, site, prompt, form, &goals).await?;
    let design = form.draft(FormContext {
        template: prompt.draft.template,
        goals: &goals,
        part_ids: &store::list_part_ids(db, site.id, prompt.id).await?,
    });
    let words = WordsView::of(form, &design, &FieldErrors::default());
    let lines = [sentence, estimate].into_iter();
    let lines = lines.chain(in_short(&design, &goals, &words));
    let one_line = lines.map(|line| line.replace(['\r', '\n'], " "));
    Ok(one_line.collect::<Vec<_>>().join("\n"))
}

/// Buttons that change the form and store nothing. True when the pressed one was such.
async fn change_rows(
    state: &AppState,
    site_id: SiteId,
    prompt: &Prompt,
    form: &mut PromptForm,
    action: &Action,
) -> AppResult<bool> {
    Ok(match action {
        Action::Try => true,
        Action::Rows(button) => {
            let taken = store::list_part_ids(&state.db.read, site_id, prompt.id).await?;
            form.press(button, &taken)
        }
        _ => false,
    })
}

async fn save(
    state: &AppState,
    site_id: SiteId,
    prompt: &Prompt,
    form: &PromptForm,
    (action, note): (&Action, &str),
) -> AppResult<Flash> {
    if let Action::Switch(to @ (Switch::Pause | Switch::Resume)) = action {
        // At once, whatever state the form is in.
        switch(state, site_id, prompt.id, *to).await?;
    }
    let now = clock::now();
    let tx = state.db.begin().await?;
    let context = FormContext {
        template: prompt.draft.template,
        goals: &goal::store::list_goals(&tx, site_id).await?,
        part_ids: &store::list_part_ids(&tx, site_id, prompt.id).await?,
    };
    let (name, design) = form.parse(context)?;
    let design = store::resolve_design(&tx, site_id, &design, now).await?;
    store::save_draft(&tx, site_id, prompt.id, &name, &design, now).await?;
    if *action == Action::Switch(Switch::Publish) {
        let version = store::publish(&tx, site_id, prompt.id, now).await?;
        let note = read_note(note)?;
        if !note.is_empty() {
            store::describe_version(&tx, site_id, prompt.id, version, &note).await?;
        }
    }
    commit_change(state, tx, site_id).await?;
    Ok(match action {
        Action::Switch(to) => to.flash(),
        _ => Flash::Saved,
    })
}

//! The editor of one prompt: its question, its moment, its versions, and the owner's own test.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    change::commit_change,
    prompt_archived::archived,
    prompt_life::{Switch, switch},
    prompt_try::AskAgain,
    prompt_versions::{LONGEST_NOTE, read_note},
    prompts::{prompt_id, prompts_url},
};
use crate::{
    answer, clock,
    error::{AppError, AppResult, FieldError, FieldErrors},
    goal::{self, form::RuleKind, types::Goal},
    prompt::{
        form::{
            ChoiceRow, EndingForm, FormContext, MOST_ENDINGS, MOST_QUESTIONS, MOST_WORDINGS,
            PromptForm, QuestionForm,
        },
        sentence::sentence,
        store,
        types::{
            AddressKind, AskAt, Comparison, DeviceRule, EndingKind, FieldSource, Join, JumpWhen,
            Place, Prompt, PromptStatus, PromptVersion, PropertyTest, QuestionKind, ScaleLook,
            Sensitivity, ShownAs, Side, SourceKind, TextInput, VisitorRule, Weekday,
        },
    },
    reason::{self, types::Reason},
    report::estimate,
    site::{
        self,
        theme::{Font, Scheme},
        types::Site,
    },
    state::AppState,
    types::SiteId,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::{
            self, number,
            page::{Flash, Html, Nav, Page, see_other_with},
            prompt_parts::{Part, PartsView, in_short},
            prompt_words::WordsView,
            when::When,
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

/// A line of the list of versions.
struct VersionRow {
    version: i32,
    title: String,
    since: String,
    answers: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "admin/prompt/edit.html")]
struct PromptEditPage {
    page: Page,
    base: String,
    prompt: Prompt,
    sentence: String,
    tried: Option<String>,
    estimate: String,
    is_changed: bool,
    form: PromptForm,
    parts: PartsView,
    words: WordsView,
    errors: FieldErrors,
    goals: Vec<Goal>,
    reasons: Vec<Reason>,
    seen_paths: Vec<String>,
    seen_forms: Vec<String>,
    versions: Vec<VersionRow>,
    ask_again: AskAgain,
    link: String,
}

impl PromptEditPage {
    /// Folded away unless it is the only one, the one worked on, or has an error.
    fn is_unfolded(&self, question: &QuestionForm) -> bool {
        let begins = question.field("");
        let mut errors = self.errors.0.iter();
        self.form.questions.len() == 1
            || self.form.shown == question.id
            || errors.any(|error| error.field.starts_with(&begins))
    }

    /// The questions to which an answer may lead.
    fn later_than(&self, question: &QuestionForm) -> Vec<&QuestionForm> {
        let questions = self.form.questions.iter();
        questions
            .skip_while(|other| other.id != question.id)
            .skip(1)
            .collect()
    }

    /// What is wrong with a field of an ending.
    fn wrong_of(&self, ending: &EndingForm, field: &str) -> Option<&str> {
        self.errors.of(&format!("{}-{field}", ending.id))
    }

    /// What is wrong with a field of a question.
    fn wrong(&self, question: &QuestionForm, field: &str) -> Option<&str> {
        self.errors.of(&question.field(field))
    }

    fn is_asked_at(&self, ask_at: &AskAt) -> bool {
        self.form
            .moment
            .ask_at
            .iter()
            .any(|text| text == ask_at.as_str())
    }

    /// What is chosen must not hide in what is folded away, nor what is wrong.
    fn is_group_open(&self, moments: &[AskAt]) -> bool {
        moments.contains(&AskAt::Exit) || moments.iter().any(|ask_at| self.is_asked_at(ask_at))
    }

    fn is_cancelled_by(&self, goal: &Goal) -> bool {
        self.form.moment.cancel.contains(&goal.id.to_string())
    }

    fn is_after(&self, goal: &Goal) -> bool {
        self.form.target.reached.contains(&goal.id.to_string())
    }

    /// What narrows the audience, or is wrong about it, must not hide in what is folded away.
    fn has_audience(&self) -> bool {
        let target = &self.form.target;
        let is_wrong = |error: &FieldError| {
            let groups = [
                "languages",
                "least_visit",
                "source_",
                "reached",
                "property_",
            ];
            groups.iter().any(|group| error.field.starts_with(group))
        };
        !matches!(target.device.as_str(), "" | "any")
            || !matches!(target.visitor.as_str(), "" | "any")
            || !target.languages.trim().is_empty()
            || target.sources.iter().any(|row| !row.kind.is_empty())
            || !target.reached.is_empty()
            || target.properties.iter().any(|row| !row.name.is_empty())
            || self.errors.0.iter().any(is_wrong)
    }

    fn is_on(&self, day: &Weekday) -> bool {
        let mut days = self.form.fairness.weekdays.iter();
        days.any(|text| text == day.as_str())
    }

    /// The choices that a number of answers can be wanted of: a new one gets its name by the first button that is pressed.
    fn quota_rows(&self) -> Vec<(&str, &ChoiceRow)> {
        let questions = self.form.questions.iter();
        let questions = questions.filter(|question| question.has_choices());
        let rows = questions.flat_map(|question| {
            let choices = question.choices.iter();
            choices.map(|choice| (question.id.as_str(), choice))
        });
        rows.filter(|(_, choice)| !choice.id.is_empty() && !choice.label.trim().is_empty())
            .collect()
    }

    fn has_limits(&self) -> bool {
        let form = &self.form.fairness;
        let fields = [
            "from_day",
            "until_day",
            "from_hour",
            "until_hour",
            "response_limit",
            "quotas",
        ];
        let is_any_time = form.from_day.is_empty()
            && form.until_day.is_empty()
            && form.weekdays.is_empty()
            && matches!(form.from_hour.as_str(), "0" | "")
            && matches!(form.until_hour.as_str(), "24" | "");
        let has_number =
            !form.response_limit.is_empty() || form.quotas.iter().any(|(_, most)| !most.is_empty());
        !is_any_time || has_number || fields.iter().any(|field| self.errors.of(field).is_some())
    }

    fn has_again(&self) -> bool {
        let form = &self.form.fairness;
        !matches!(form.ask_again_days.as_str(), "" | "30") || !form.again.is_empty()
    }

    /// Errors must not hide in what is folded away.
    fn has_fine_errors(&self) -> bool {
        let fine = ["sensitivity", "min_active_seconds", "within_minutes"];
        fine.iter().any(|field| self.errors.of(field).is_some())
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
    let page = editor(&state, &scope, prompt, None, parts, FieldErrors::default()).await?;
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
        let page = editor(&state, &scope, prompt, Some(form), parts, errors).await?;
        return Ok(Html::ok(page).respond_to(&request));
    }
    match save(&state, scope.site.id, &prompt, &form, (&action, &note)).await {
        Ok(flash) => {
            let editor_url = format!("{}/{}", prompts_url(&scope.site), prompt.id);
            Ok(see_other_with(Part::with_open(editor_url, &open), flash))
        }
        Err(AppError::Invalid(errors)) => {
            let prompt = store::find_prompt(db, scope.site.id, prompt.id).await?;
            let page = editor(&state, &scope, prompt, Some(form), (open, None), errors).await?;
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
    let (sentence, estimate) = tell(state, site, prompt, form, &goals).await?;
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

/// What the form means, a line each: who would be asked, and how often that would have been last week. The second is empty while
/// the form lacks something.
async fn tell(
    state: &AppState,
    site: &Site,
    prompt: &Prompt,
    form: &PromptForm,
    goals: &[Goal],
) -> AppResult<(String, String)> {
    let design = match form.moment(prompt.draft.template, goals) {
        Ok(design) => design,
        Err(lacking) => return Ok((lacking, String::new())),
    };
    if !design.look.shown_as.waits_for_a_moment() {
        let told = "How often it is opened, its report will tell.".to_owned();
        return Ok((sentence(&design, goals), told));
    }
    let asked = estimate::Asked {
        prompt: prompt.id,
        design: &design,
        goals,
    };
    let told = estimate::load(&state.db, site, asked, clock::now()).await?;
    Ok((
        sentence(&design, goals),
        view::estimate::told(&told, &design),
    ))
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

async fn editor(
    state: &AppState,
    scope: &SiteScope,
    prompt: Prompt,
    form: Option<PromptForm>,
    (open, pressed): (Vec<Part>, Option<Part>),
    errors: FieldErrors,
) -> AppResult<PromptEditPage> {
    let (db, site) = (&state.db.read, &scope.site);
    let goals = goal::store::list_goals(db, site.id).await?;
    let reasons = reason::store::list_reasons(db, site.id).await?;
    let versions = store::list_versions(db, site.id, prompt.id).await?;
    let form_paths = goal::store::list_form_paths(db, site.id).await?;
    let answers = answer::store::count_by_version(db, site.id, prompt.id).await?;
    let current = versions
        .iter()
        .find(|version| Some(version.version) == prompt.published_version);
    let when = When::new(&site.time_zone, clock::now());
    let version_row = |version: &PromptVersion| VersionRow {
        version: version.version,
        title: version.design.headline(),
        since: when.moment(version.published_at),
        answers: number::counted(
            answers.get(&version.version).copied().unwrap_or(0),
            "answer",
            "answers",
        ),
        is_current: Some(version.version) == prompt.published_version,
    };
    let mut form =
        form.unwrap_or_else(|| PromptForm::of(&prompt.name, &prompt.draft, &goals, &reasons));
    let (sentence, estimate) = tell(state, site, &prompt, &form, &goals).await?;
    let design = form.draft(FormContext {
        template: prompt.draft.template,
        goals: &goals,
        part_ids: &store::list_part_ids(db, site.id, prompt.id).await?,
    });
    let words = WordsView::of(&form, &design, &errors);
    form.target = form.target.spared();
    form.look.begin_with(&site.theme);
    let referrers = site::store::newest_referrers(db, site.id).await?;
    let ask_again = AskAgain::of(site, &prompt, current, &goals, &form_paths, &referrers);
    Ok(PromptEditPage {
        page: scope.page(Nav::Prompts),
        base: prompts_url(site),
        link: format!("{}/p/{}/{}", scope.base_url, site.key, prompt.id),
        sentence,
        estimate,
        tried: form.tried(),
        is_changed: current.is_some_and(|current| current.design != prompt.draft),
        parts: PartsView::of(&design, &goals, &words, open, pressed, &errors),
        words,
        form,
        errors,
        seen_paths: goal::store::list_seen_paths(db, site.id).await?,
        seen_forms: goal::store::list_seen_forms(db, site.id).await?,
        versions: versions.iter().map(version_row).collect(),
        ask_again,
        goals: goals.into_iter().filter(|goal| goal.is_listed).collect(),
        reasons,
        prompt,
    })
}

//! What the page of the editor shows: the form as it is, what it means, and the versions that visitors got.

use std::slice;

use askama::Template;

use super::{prompt_try::AskAgain, prompt_versions::LONGEST_NOTE, prompts::prompts_url};
use crate::{
    answer, clock,
    error::{AppResult, FieldError, FieldErrors},
    goal::{self, form::RuleKind, types::Goal},
    harm,
    prompt::{
        form::{
            ChoiceRow, EndingForm, FormContext, MOST_ENDINGS, MOST_QUESTIONS, MOST_WORDINGS,
            PromptForm, QuestionForm,
        },
        sentence::sentence,
        store,
        types::{
            AddressKind, AskAt, Comparison, DeviceRule, EndingKind, FieldSource, Join, Place,
            Prompt, PromptStatus, PromptVersion, PropertyTest, QuestionKind, ScaleLook,
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
    web::{
        extract::SiteScope,
        view::{
            self,
            harm::HarmView,
            number,
            page::{Nav, Page},
            prompt_parts::{Part, PartsView},
            prompt_words::WordsView,
            when::When,
        },
    },
};
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
pub(super) struct PromptEditPage {
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
    /// The question, when it does harm, or did until it was paused by itself.
    harms: Vec<HarmView>,
}

impl PromptEditPage {
    /// What stands behind the link of a survey for an answer to its first question; `None` where nothing can.
    fn beforehand(&self) -> Option<String> {
        let first = self.prompt.draft.questions.first()?;
        let scale = first.scale().map(|scale| scale.end().to_string());
        let mut labels = first.labels();
        scale.or_else(|| labels.next().map(|(id, _)| id.to_owned()))
    }

    /// Whether all pages that were seen are known and none is one on which it may ask; what rules say of a query is not known of pages.
    fn has_unseen_pages(&self) -> bool {
        let target = &self.prompt.draft.target;
        let mut paths = self.seen_paths.iter();
        let is_all =
            !self.seen_paths.is_empty() && self.seen_paths.len() < goal::store::MOST_SEEN_PATHS;
        is_all
            && !target.addresses.iter().any(|rule| rule.with_query)
            && !paths.any(|path| target.is_on_address(path, ""))
    }

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

    fn is_left_out(&self, goal: &Goal) -> bool {
        self.form.target.not_reached.contains(&goal.id.to_string())
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
            || !target.not_reached.is_empty()
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

/// The page, with the form as it was posted or else as it is stored.
pub(super) async fn load(
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
    let now = clock::now();
    let when = When::new(&site.time_zone, now);
    let harms = harm::load(db, site, slice::from_ref(&prompt), now).await?;
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
        harms: harms.iter().map(|it| HarmView::new(it, &when)).collect(),
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

/// What the form means, a line each: who would be asked, and how often that would have been last week. The second is empty while
/// the form lacks something.
pub(super) async fn tell(
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

//! The form of a goal, with what the site has been seen to have to choose from.

use std::collections::BTreeMap;

use crate::{
    clock,
    error::{AppResult, FieldErrors},
    goal::{
        form::{GoalForm, RuleKind},
        stage::Stage,
        store,
        types::{Goal, StageId},
    },
    report::lately::Lately,
    site::types::Site,
    state::AppState,
    web::view::{fired, when::When},
};

/// Pages of a form that are named; of more their number is said.
const NAMED_PAGES: usize = 2;

/// What both pages need to draw the form.
pub(super) struct GoalFields {
    pub(super) form: GoalForm,
    pub(super) errors: FieldErrors,
    pub(super) paths: Vec<String>,
    pub(super) forms: Vec<SeenForm>,
    pub(super) currency: String,
    pub(super) main_goal: Option<String>,
    pub(super) stages: Vec<Stage>,
    /// Main goals, with their names.
    pub(super) mains: Vec<(String, String)>,
    /// How often it would have happened lately, or what is missing to tell.
    pub(super) fired: String,
}

/// A form to choose, and where it was seen.
pub(super) struct SeenForm {
    pub(super) key: String,
    pub(super) pages: String,
}

impl GoalFields {
    /// With what the site has been seen to have.
    pub(super) async fn load(
        state: &AppState,
        site: &Site,
        goals: &[Goal],
        mut form: GoalForm,
        errors: FieldErrors,
    ) -> AppResult<Self> {
        let db = &state.db.read;
        let stages = store::list_stages(db, site.id).await?;
        if let Some(stage) = stages.find(&StageId(form.stage.clone())) {
            form.stage = stage.id.to_string();
        }
        let fired = fired(state, site, &form).await?;
        let main_goal = goals.iter().find(|goal| goal.is_primary);
        Ok(Self {
            form,
            errors,
            paths: store::list_seen_paths(db, site.id).await?,
            forms: seen_forms(store::list_form_paths(db, site.id).await?),
            currency: site.currency.clone(),
            main_goal: main_goal.map(|goal| goal.name.clone()),
            stages: stages.list().cloned().collect(),
            mains: mains(goals),
            fired,
        })
    }

    /// The name under which a field about a property is told to be wrong.
    pub(super) fn field_of(&self, name: &str, place: u8) -> String {
        format!("{name}_{place}")
    }

    /// Whether the properties of an event are to be seen at once.
    pub(super) fn has_filters(&self) -> bool {
        let mut rows = self.form.filter_rows().into_iter();
        rows.any(|(_, property, _, value)| !property.is_empty() || !value.is_empty())
    }

    /// What one could write for the chosen kind.
    pub(super) fn example(&self) -> &'static str {
        RuleKind::parse(&self.form.kind).map_or("", RuleKind::example)
    }
}

fn mains(goals: &[Goal]) -> Vec<(String, String)> {
    let mains = goals.iter().filter(|goal| goal.is_listed_main());
    mains
        .map(|goal| (goal.id.to_string(), goal.name.clone()))
        .collect()
}

/// How often what the form describes happened lately, or what is missing to tell.
pub(super) async fn fired(state: &AppState, site: &Site, form: &GoalForm) -> AppResult<String> {
    let is_empty = |text: &String| text.trim().is_empty();
    let needs_words = !matches!(
        RuleKind::parse(&form.kind),
        Some(RuleKind::Search | RuleKind::Download | RuleKind::Outbound)
    );
    let texts = [&form.subject, &form.href, &form.selector, &form.amount];
    if needs_words && texts.into_iter().all(is_empty) {
        return Ok("Fill in what happens to see how often it did lately.".into());
    }
    let rule = match form.parse_rule() {
        Ok(rule) => rule,
        Err(errors) => {
            return Ok(errors
                .0
                .into_iter()
                .map(|error| error.message)
                .take(1)
                .collect());
        }
    };
    let when = When::new(&site.time_zone, clock::now());
    let lately = Lately::read(&state.db.read, site, when.now()).await?;
    let counted = lately.count(std::slice::from_ref(&rule));
    let counted = counted.into_iter().next().unwrap_or_default();
    Ok(fired::sentence(&lately, &rule, counted, &when))
}

/// Each form once, with its pages in words.
fn seen_forms(mut rows: Vec<(String, String)>) -> Vec<SeenForm> {
    rows.sort();
    let mut forms: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (form, path) in rows {
        forms.entry(form).or_default().push(path);
    }
    forms
        .into_iter()
        .map(|(key, paths)| SeenForm {
            key,
            pages: on_pages(&paths),
        })
        .collect()
}

/// `on /signup`; `on /a, /b and 2 more pages`.
fn on_pages(paths: &[String]) -> String {
    let named: Vec<&str> = paths.iter().take(NAMED_PAGES).map(String::as_str).collect();
    match paths.len() - named.len() {
        0 => format!("on {}", named.join(" and ")),
        1 => format!("on {} and 1 more page", named.join(", ")),
        n => format!("on {} and {n} more pages", named.join(", ")),
    }
}

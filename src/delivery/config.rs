//! The configuration that the widget holds, as JSON: what is counted and what is asked, without a case for the script to find out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    places::{WidgetPlace, has_place},
    script::lazy_name,
};
use crate::{
    goal::types::{Definitions, GoalRule},
    prompt::types::{AskAt, Design, Details, FieldSource, Moment, PublishedPrompt},
    site::types::{PageSettings, Site},
    types::{GoalId, Millis, PromptId, SiteKey},
};

/// What the widget holds; names as in the wire contract.
#[derive(Serialize)]
pub(super) struct WidgetConfig<'a> {
    v: i64,
    k: &'a SiteKey,
    u: String,
    /// The file of the page's commands.
    a: String,
    /// What the owner has switched on; see [`switches`].
    f: u8,
    /// Lazy files, each by the global that a page must have for it to be loaded.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) x: BTreeMap<&'static str, String>,
    /// Expression of the parts of a query that may not leave the page, each with what stands before it.
    q: String,
    goals: Vec<WidgetGoal<'a>>,
    /// For the file of the rarer goals.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rare: Vec<RareGoal<'a>>,
    prompts: Vec<WidgetPrompt<'a>>,
    /// For the file of the places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    places: Vec<WidgetPlace<'a>>,
}

#[derive(Serialize)]
struct WidgetGoal<'a> {
    id: GoalId,
    rule: WidgetRule<'a>,
}

/// What the core does not know of a goal: every byte of it is paid by every visitor.
#[derive(Serialize)]
struct RareGoal<'a> {
    id: GoalId,
    rule: &'a GoalRule,
}

/// A rule by the kind of event that meets it.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WidgetRule<'a> {
    PageView { path: &'a str },
    Track { name: &'a str },
    FormViewed { form: &'a str },
    FormStarted { form: &'a str },
    FormCompleted { form: &'a str },
}

impl<'a> WidgetRule<'a> {
    /// `None` for what a file of its own matches, or the server alone.
    fn of(rule: &'a GoalRule) -> Option<Self> {
        Some(match rule {
            GoalRule::Url { path } => Self::PageView { path },
            GoalRule::Event { name, filters } if filters.is_empty() => Self::Track { name },
            GoalRule::FormViewed { form } => Self::FormViewed { form },
            GoalRule::FormStarted { form } => Self::FormStarted { form },
            GoalRule::FormCompleted { form, .. } => Self::FormCompleted { form },
            _ => return None,
        })
    }
}

/// Whether the file of the rarer goals has to do with it. The core counts a completed form, whatever tells of it; the file looks
/// for what may tell.
fn is_rare(rule: &GoalRule) -> bool {
    match rule {
        GoalRule::FormCompleted { selector, .. } => !selector.is_empty(),
        rule => WidgetRule::of(rule).is_none() && !rule.needs_visit(),
    }
}

/// 1 the consent banner is followed, 2 `dataLayer` is told of questions, 4 Do Not Track is honoured.
fn switches(page: PageSettings) -> u8 {
    u8::from(page.follows_banner)
        | u8::from(page.tells_data_layer) << 1
        | u8::from(page.honours_dnt) << 2
}

/// Globals of the chats that `chats.ts` listens to.
const CHATS: [&str; 6] = [
    "Intercom",
    "$crisp",
    "zE",
    "HubSpotConversations",
    "tidioChatApi",
    "drift",
];

/// The files that the page, the prompts and the rarer goals may need.
fn extensions(
    site: &Site,
    prompts: &[PublishedPrompt],
    has_rare_goals: bool,
) -> BTreeMap<&'static str, String> {
    let waiting = || prompts.iter().filter(|prompt| waits(prompt));
    let moments = || waiting().map(|prompt| &prompt.design.moment);
    let touch = moments().any(asks_on_touch);
    let rare = moments().any(|moment| {
        Hold::of(moment).is_some()
            || asks_by_keys(moment)
            || moment.ask_at.iter().any(|ask_at| !ask_at.is_common())
    });
    let touch = touch.then(|| ("ontouchstart", lazy_name("t")));
    let rare = rare.then(|| ("document", lazy_name("m")));
    let goals = has_rare_goals.then(|| ("MouseEvent", lazy_name("g")));
    let places = prompts.iter().any(has_place);
    let places = places.then(|| ("HTMLElement", lazy_name("s")));
    let hears_chats = moments().any(|moment| moment.ask_at.contains(&AskAt::WidgetClosed));
    let chats = hears_chats.then(|| CHATS.map(|global| (global, lazy_name("h"))));
    let data_layer = Some(("dataLayer", lazy_name("d")));
    let banner = site
        .page
        .follows_banner
        .then(|| ("__tcfapi", lazy_name("c")));
    // Every browser has it.
    let fields = site.measures_fields.then(|| ("FormData", lazy_name("f")));
    let files = touch.into_iter().chain(rare).chain(goals);
    files
        .chain(places)
        .chain(chats.into_iter().flatten())
        .chain(data_layer)
        .chain(banner)
        .chain(fields)
        .collect()
}

/// Where and when to ask, without a special case for the widget to find out: every byte of its script is paid by every visitor.
#[derive(Serialize)]
struct WidgetPrompt<'a> {
    id: PromptId,
    /// At least one pattern.
    pages: Vec<String>,
    after: Option<GoalId>,
    within: Millis,
    /// B and C: either makes the question pointless.
    cancel: Vec<GoalId>,
    at: &'a [AskAt],
    form: &'a str,
    /// Milliseconds of active time.
    active: i64,
    /// px/ms.
    speed: f64,
    /// Whether what tells of leaving on a phone counts as an exit.
    #[serde(skip_serializing_if = "is_false")]
    touch: bool,
    /// Whether the keys that lead to the address bar count as one.
    #[serde(skip_serializing_if = "is_false")]
    keys: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<Hold>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    with: BTreeMap<&'static str, Value>,
}

/// Makes a question wait once a moment has come.
#[derive(Serialize)]
struct Hold {
    /// For all of its moments.
    #[serde(skip_serializing_if = "is_false")]
    all: bool,
    /// ms; 0 for none.
    delay: Millis,
}

impl Hold {
    fn of(moment: &Moment) -> Option<Self> {
        let all = moment.all && moment.ask_at.len() > 1;
        (all || moment.delay_ms > 0).then_some(Self {
            all,
            delay: moment.delay_ms,
        })
    }
}

fn asks_on_touch(moment: &Moment) -> bool {
    moment.touch && moment.ask_at.contains(&AskAt::Exit)
}

fn asks_by_keys(moment: &Moment) -> bool {
    moment.keys && moment.ask_at.contains(&AskAt::Exit)
}

/// What the chosen moments are about, each under its name.
fn details(moment: &Moment) -> BTreeMap<&'static str, Value> {
    let Details {
        scroll_percent,
        seen,
        dwell_ms,
        idle_ms,
        click,
        event,
        filters,
        no_results,
        widget,
        gone,
    } = &moment.details;
    let chosen = moment.ask_at.iter().filter_map(|ask_at| {
        let about = match ask_at {
            AskAt::Scroll => json!(scroll_percent),
            AskAt::Seen => json!(seen),
            AskAt::Dwell => json!(dwell_ms),
            AskAt::Idle => json!(idle_ms),
            AskAt::Click => json!(click),
            AskAt::NoResults => json!(no_results),
            AskAt::WidgetClosed => json!(widget),
            AskAt::Event => {
                let filters = filters.iter();
                let filters: Vec<_> = filters
                    .map(|filter| (&filter.property, filter.is, &filter.value))
                    .collect();
                json!({"name": event, "where": filters})
            }
            _ => return None,
        };
        Some((ask_at.as_str(), about))
    });
    let mut chosen: BTreeMap<_, _> = chosen.collect();
    if moment.ask_at.contains(&AskAt::WidgetClosed) && !gone.is_empty() {
        chosen.insert("gone", json!(gone));
    }
    chosen
}

fn is_false(is_set: &bool) -> bool {
    !is_set
}

impl<'a> WidgetPrompt<'a> {
    fn of(prompt: &'a PublishedPrompt, definitions: &'a Definitions) -> Self {
        let Design { moment, target, .. } = &prompt.design;
        let form = moment.after.and_then(|id| definitions.started_form(id));
        Self {
            id: prompt.id,
            pages: target.hints(),
            after: moment.after,
            within: moment.within_ms,
            cancel: moment
                .expect
                .iter()
                .chain(&moment.cancel)
                .copied()
                .collect(),
            at: &moment.ask_at,
            form: form.unwrap_or("*"),
            active: moment.min_active_ms,
            speed: moment.sensitivity.speed(),
            touch: asks_on_touch(moment),
            keys: asks_by_keys(moment),
            hold: Hold::of(moment),
            with: details(moment),
        }
    }
}

impl<'a> WidgetConfig<'a> {
    /// With every default put in.
    pub(super) fn of(
        site: &'a Site,
        definitions: &'a Definitions,
        prompts: &'a [PublishedPrompt],
    ) -> Self {
        let goals = || {
            definitions
                .goals
                .iter()
                .filter(|goal| goal.until_at.is_none())
        };
        let rare: Vec<RareGoal<'_>> = goals()
            .filter(|goal| is_rare(&goal.rule))
            .map(|goal| RareGoal {
                id: goal.goal_id,
                rule: &goal.rule,
            })
            .collect();
        Self {
            v: site.config_version,
            k: &site.key,
            u: lazy_name("u"),
            a: lazy_name("a"),
            f: switches(site.page),
            x: extensions(site, prompts, !rare.is_empty()),
            q: dropped_parameters(prompts),
            goals: goals()
                .filter_map(|goal| {
                    let rule = WidgetRule::of(&goal.rule)?;
                    Some(WidgetGoal {
                        id: goal.goal_id,
                        rule,
                    })
                })
                .collect(),
            rare,
            places: prompts
                .iter()
                .filter_map(|prompt| WidgetPlace::of(prompt, &site.theme))
                .collect(),
            prompts: prompts
                .iter()
                .filter(|prompt| waits(prompt))
                .map(|prompt| WidgetPrompt::of(prompt, definitions))
                .collect(),
        }
    }
}

fn waits(prompt: &PublishedPrompt) -> bool {
    prompt.design.look.shown_as.waits_for_a_moment()
}

/// All but campaigns and the parameters that live prompts compare or take along: no other part of a query ever leaves the page.
fn dropped_parameters(prompts: &[PublishedPrompt]) -> String {
    let names: BTreeSet<&str> = prompts
        .iter()
        .flat_map(|prompt| {
            let told = prompt.design.fields_from(FieldSource::Address);
            prompt.design.target.parameters().into_iter().chain(told)
        })
        .collect();
    let names = names
        .into_iter()
        .map(|name| format!("|{}=", regex::escape(name)));
    format!("[?&](?!utm_{})[^&]*", names.collect::<String>())
}

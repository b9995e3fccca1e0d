//! A site as ingest and the widget need it, loaded once and kept until its configuration changes.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    form_paths::FormPaths,
    places::{WidgetPlace, has_place},
    script::{Script, lazy_name},
};
use crate::{
    db::Db,
    error::AppResult,
    goal::{
        self,
        types::{Definitions, GoalRule, matches_pattern, normal_path},
    },
    prompt::{
        self,
        types::{AskAt, Design, Details, FieldSource, Moment, PublishedPrompt},
    },
    site::{
        self,
        types::{PageSettings, Site},
    },
    types::{GoalId, Millis, PromptId, SiteId, SiteKey},
};

/// How long another node's change may go unnoticed.
const FRESH: Duration = Duration::from_secs(2);

/// A site with everything that it counts and asks.
#[derive(Debug)]
pub struct Snapshot {
    /// The site.
    pub site: Site,
    /// Everything ever counted.
    pub definitions: Definitions,
    /// Prompts that are live.
    pub prompts: Vec<PublishedPrompt>,
    /// The widget's configuration as JSON.
    pub widget_config: Box<RawValue>,
    /// The same for a visitor who has agreed to be known again: with the file that takes up what an earlier page has left.
    pub known_config: Box<RawValue>,
    /// The widget's script with that configuration inside.
    pub script: Script,
    form_paths: RwLock<FormPaths>,
}

impl Snapshot {
    /// Loads the site as it is now.
    pub async fn load(db: &impl ConnectionTrait, site: Site) -> AppResult<Self> {
        let definitions = goal::store::load_definitions(db, site.id).await?;
        let prompts = prompt::store::list_published(db, site.id).await?;
        let mut form_paths = FormPaths::default();
        for (form, path) in goal::store::list_form_paths(db, site.id).await? {
            form_paths.note(&form, &path);
        }
        let mut config = WidgetConfig::of(&site, &definitions, &prompts);
        let plain = to_value(&config)?;
        // By another global than the file of the moments: the two are loaded side by side.
        config.x.insert("localStorage", lazy_name("a"));
        let known_config = to_value(&config)?;
        Ok(Self {
            site,
            definitions,
            prompts,
            script: Script::core(plain.get()),
            widget_config: plain,
            known_config,
            form_paths: RwLock::new(form_paths),
        })
    }

    /// Whether `path` is where the rule is met: the page itself, or one that has been seen to hold the form.
    pub fn is_page_of(&self, rule: &GoalRule, path: &str) -> bool {
        if let GoalRule::Url { path: pattern } = rule {
            return matches_pattern(normal_path(pattern), path);
        }
        let Some(pattern) = rule.form() else {
            return false;
        };
        let seen = self.form_paths.read().expect("no holder panics");
        seen.holds(pattern, path)
    }

    /// The configuration for the owner's own page load that picks goals: with the file of the picker.
    pub fn picker_config(&self) -> Box<RawValue> {
        let mut config: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(self.widget_config.get()).expect("it was written as JSON");
        let files = config.entry("x").or_insert_with(|| json!({}));
        if let Some(files) = files.as_object_mut() {
            // Named by what the picker needs of the page, as every lazy file is.
            files.insert("CSSStyleSheet".into(), lazy_name("p").into());
        }
        RawValue::from_string(json!(config).to_string()).expect("a JSON value is written as JSON")
    }

    /// The configuration for a page load that asks these questions because of an earlier visit: as put off to this page, whatever
    /// has to come first in a visit.
    pub fn next_visit_config(&self, due: &[PromptId]) -> Box<RawValue> {
        let mut config: Value =
            serde_json::from_str(self.known_config.get()).expect("it was written as JSON");
        let due: Vec<String> = due.iter().map(ToString::to_string).collect();
        let prompts = config["prompts"].as_array_mut().into_iter().flatten();
        for prompt in prompts.filter(|prompt| due.iter().any(|id| prompt["id"] == **id)) {
            prompt["after"] = Value::Null;
            prompt["at"] = json!([AskAt::NextPage]);
        }
        RawValue::from_string(config.to_string()).expect("a JSON value is written as JSON")
    }

    /// Notes that the form was seen on the page.
    pub fn note_form(&self, form: &str, path: &str) {
        let seen = self.form_paths.read().expect("no holder panics");
        if seen.is_settled(form, path) {
            return;
        }
        drop(seen);
        let mut seen = self.form_paths.write().expect("no holder panics");
        seen.note(form, path);
    }
}

fn to_value(config: &WidgetConfig<'_>) -> AppResult<Box<RawValue>> {
    Ok(serde_json::value::to_raw_value(config).map_err(|error| anyhow::anyhow!(error))?)
}

/// Snapshots of all sites in use.
#[derive(Clone, Debug)]
pub struct Snapshots {
    db: Db,
    held: Arc<RwLock<HashMap<SiteKey, Held>>>,
}

#[derive(Clone, Debug)]
struct Held {
    snapshot: Arc<Snapshot>,
    checked: Instant,
}

impl Snapshots {
    /// None is loaded before it is asked for.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            held: Arc::default(),
        }
    }

    /// The site with this key; `None` when there is none.
    pub async fn get(&self, key: &SiteKey) -> AppResult<Option<Arc<Snapshot>>> {
        let held = self
            .held
            .read()
            .expect("no holder panics")
            .get(key)
            .cloned();
        if let Some(held) = held.as_ref().filter(|held| held.checked.elapsed() < FRESH) {
            return Ok(Some(Arc::clone(&held.snapshot)));
        }
        let Some(site) = site::store::find_by_key(&self.db.read, key.as_str()).await? else {
            self.held.write().expect("no holder panics").remove(key);
            return Ok(None);
        };
        let snapshot = match held {
            Some(held) if held.snapshot.site.config_version == site.config_version => held.snapshot,
            _ => Arc::new(Snapshot::load(&self.db.read, site).await?),
        };
        let held = Held {
            snapshot: Arc::clone(&snapshot),
            checked: Instant::now(),
        };
        self.held
            .write()
            .expect("no holder panics")
            .insert(key.clone(), held);
        Ok(Some(snapshot))
    }

    /// Loads the site afresh when it is next asked for: call after every change that widgets must learn of.
    pub fn forget(&self, id: SiteId) {
        self.held
            .write()
            .expect("no holder panics")
            .retain(|_, held| held.snapshot.site.id != id);
    }
}

/// What the widget holds; names as in the wire contract.
#[derive(Serialize)]
struct WidgetConfig<'a> {
    v: i64,
    k: &'a SiteKey,
    u: String,
    /// The file of the page's commands.
    a: String,
    /// What the owner has switched on; see [`switches`].
    f: u8,
    /// Lazy files, each by the global that a page must have for it to be loaded.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    x: BTreeMap<&'static str, String>,
    /// Expression of the parts of a query that may not leave the page, each with what stands before it.
    q: String,
    goals: Vec<WidgetGoal<'a>>,
    /// For the file of the clicks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clicks: Vec<WidgetClick<'a>>,
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

/// A goal that is a click: the core does not know it, every byte of it is paid by every visitor.
#[derive(Serialize)]
struct WidgetClick<'a> {
    id: GoalId,
    rule: &'a GoalRule,
}

/// A rule by the kind of event that meets it.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WidgetRule<'a> {
    PageView { path: &'a str },
    Track { name: &'a str },
    FormStarted { form: &'a str },
    FormCompleted { form: &'a str },
}

impl<'a> WidgetRule<'a> {
    /// `None` for clicks, which a file of their own matches.
    fn of(rule: &'a GoalRule) -> Option<Self> {
        Some(match rule {
            GoalRule::Url { path } => Self::PageView { path },
            GoalRule::Event { name } => Self::Track { name },
            GoalRule::FormStarted { form } => Self::FormStarted { form },
            GoalRule::FormCompleted { form } => Self::FormCompleted { form },
            GoalRule::Click { .. } => return None,
        })
    }
}

/// 1 the consent banner is followed, 2 `dataLayer` is told of questions, 4 Do Not Track is honoured.
fn switches(page: PageSettings) -> u8 {
    u8::from(page.follows_banner)
        | u8::from(page.tells_data_layer) << 1
        | u8::from(page.honours_dnt) << 2
}

/// The files that the page, the prompts and the clicks may need.
fn extensions(
    page: PageSettings,
    prompts: &[PublishedPrompt],
    has_clicks: bool,
) -> BTreeMap<&'static str, String> {
    let waiting = || prompts.iter().filter(|prompt| waits(prompt));
    let moments = || waiting().map(|prompt| &prompt.design.moment);
    let touch = moments().any(asks_on_touch);
    let rare = moments().any(|moment| {
        Hold::of(moment).is_some() || moment.ask_at.iter().any(|ask_at| !ask_at.is_common())
    });
    let touch = touch.then(|| ("ontouchstart", lazy_name("t")));
    let rare = rare.then(|| ("document", lazy_name("m")));
    let clicks = has_clicks.then(|| ("MouseEvent", lazy_name("g")));
    let places = prompts.iter().any(has_place);
    let places = places.then(|| ("HTMLElement", lazy_name("s")));
    let data_layer = Some(("dataLayer", lazy_name("d")));
    let banner = page.follows_banner.then(|| ("__tcfapi", lazy_name("c")));
    let files = touch.into_iter().chain(rare).chain(clicks);
    files
        .chain(places)
        .chain(data_layer)
        .chain(banner)
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
    chosen.collect()
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
            hold: Hold::of(moment),
            with: details(moment),
        }
    }
}

impl<'a> WidgetConfig<'a> {
    fn of(site: &'a Site, definitions: &'a Definitions, prompts: &'a [PublishedPrompt]) -> Self {
        let goals = || {
            definitions
                .goals
                .iter()
                .filter(|goal| goal.until_at.is_none())
        };
        let clicks: Vec<WidgetClick<'_>> = goals()
            .filter(|goal| matches!(goal.rule, GoalRule::Click { .. }))
            .map(|goal| WidgetClick {
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
            x: extensions(site.page, prompts, !clicks.is_empty()),
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
            clicks,
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

//! A site as ingest and the widget need it, loaded once and kept until its configuration changes.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json, value::RawValue};

use super::{
    config::WidgetConfig,
    form_paths::FormPaths,
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
        types::{AskAt, PublishedPrompt},
    },
    site::{self, types::Site},
    types::{PromptId, SiteId, SiteKey},
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

    /// The configuration for a page load that asks these questions because of an earlier visit: as put off to this page, whatever
    /// has to come first in a visit.
    pub fn next_visit_config(&self, due: &[PromptId]) -> Box<RawValue> {
        let mut config: Value =
            serde_json::from_str(self.known_config.get()).expect("it was written as JSON");
        let due: Vec<String> = due.iter().map(ToString::to_string).collect();
        let prompts = config.get_mut("prompts").and_then(Value::as_array_mut);
        let prompts = prompts.into_iter().flatten();
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

/// A configuration for the owner's own page load with a tool: with the file of this letter.
pub fn with_file(config: &RawValue, letter: &str) -> Box<RawValue> {
    let mut config: serde_json::Map<String, Value> =
        serde_json::from_str(config.get()).expect("it was written as JSON");
    let files = config.entry("x").or_insert_with(|| json!({}));
    if let Some(files) = files.as_object_mut() {
        // Named by what the tools need of the page, as every lazy file is.
        files.insert("CSSStyleSheet".into(), lazy_name(letter).into());
    }
    RawValue::from_string(json!(config).to_string()).expect("a JSON value is written as JSON")
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

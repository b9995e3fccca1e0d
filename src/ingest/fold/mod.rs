//! The facts of a visit as a pure fold over its events: any arrival order, any duplication, same facts.
//!
//! Nothing here knows of storage. A visit is counted wholly by one version of [`Definitions`]: the one in force when it began, and
//! after a change, once it is folded again, the newest.

mod exits;
mod so_far;
mod variant;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::exits::OpenExit;
use super::{
    amount,
    event::{Event, EventKind, NEVER_ASK, Order, Placed},
};
use crate::{
    answer::replay::{REPLAY_URL, replay_url},
    goal::{
        path,
        signature::{Landmark, Signature},
        types::{Definitions, GoalVersion, normal_path},
    },
    prompt::types::Campaign,
    types::{Millis, Scalar, ViewId},
};

/// Views whose pages are kept for continuity; older ones are forgotten.
const MAX_VIEWS: usize = 32;
/// Pages kept of one view.
const MAX_PATHS: usize = 16;
/// Properties kept of what the page says of the visit.
const MAX_PROPERTIES: usize = 32;
/// Attention after which a visit with one page is at its landmark, ms.
const LANDMARK_ACTIVE: i64 = 30_000;
/// Pages at which it is there in any case.
const LANDMARK_PAGES: i32 = 2;
/// Characters kept of a source or a campaign that reports break down by.
const MAX_SOURCE: usize = 100;
/// Characters kept of a property that is a text.
const MAX_PROPERTY: usize = 200;

/// When and how often a visit reached a goal version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoalFact {
    /// First time.
    pub first_at: Millis,
    /// How often.
    pub n: i32,
    /// Worth, counted once, in minor units of the site's currency.
    pub value_minor: i64,
}

/// One page load of the visit, as far as continuity needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewFact {
    /// The page load.
    pub id: ViewId,
    /// When it began, in the server's time.
    pub started_at: Millis,
    /// Paths shown in it; the last is the current one.
    pub paths: Vec<String>,
    /// The query of the current one, as far as the widget keeps it: campaigns, and parameters that prompts ask for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// The latest query of its earlier pages that had one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query_before: String,
    /// Goals reached before the current one was opened, as bits.
    #[serde(default)]
    pub mask_before: i64,
    /// Whether it was visible when last heard of.
    pub is_live: bool,
    /// Moves to leave of which it is not known yet whether the visitor left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exits: Vec<OpenExit>,
    /// Whether its browser keeps that no question is to open by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_never_asked: bool,
}

/// What a visit came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Time of the first event.
    pub started_at: Millis,
    /// Place of the newest event; `None` before the first.
    pub last: Option<Order>,
    /// Version of the definitions that all of it is counted by; 0 before the first event.
    pub funnel_version: i32,
    /// The how-manieth of the visitor's visits, where that is known; no event tells it.
    pub number: Option<i32>,
    /// Page views.
    pub pages: i32,
    /// Active time, ms.
    pub active_ms: i64,
    /// First path.
    pub entry_path: String,
    /// Latest path.
    pub last_path: String,
    /// Host of the first page view's referrer.
    pub referrer: Option<String>,
    /// Campaign of the first page view.
    pub campaign: Option<Campaign>,
    /// What the page said of the visit; of each name the last value.
    pub properties: BTreeMap<String, Scalar>,
    /// Which variant of another tool's experiment it saw first; empty when none was told.
    pub variant: String,
    /// How long the first page took to load, ms; `None` when that was not told before a second page.
    pub load_ms: Option<Millis>,
    /// Bits of all goal versions reached.
    pub mask_all: i64,
    /// Bits reached before the primary macro.
    pub mask_before: i64,
    /// Bits reached by the landmark.
    pub mask_landmark: i64,
    /// Whether it came to the landmark.
    pub landmark: Landmark,
    /// The goals in the order in which they were reached.
    pub path: String,
    /// When the primary macro was first reached.
    pub macro_at: Option<Millis>,
    /// Funnel steps reached in order.
    pub funnel_step: i32,
    /// Moves to leave, without those at which a question opened.
    pub exits: i32,
    /// Of these, those after which the visitor was still there.
    pub exits_stayed: i32,
    /// Times and counts of the goal versions reached.
    pub goals: BTreeMap<u8, GoalFact>,
    /// Page loads, oldest first.
    pub views: Vec<ViewFact>,
    /// The site's server told something of it, which stands in the order of events and yet not in the visit's times.
    pub is_told: bool,
}

/// What the fold needs to know about the site.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// What the site counts, in all its versions.
    pub definitions: &'a Definitions,
    /// ISO 4217; values of events are in its major unit, unless they name another one.
    pub currency: &'a str,
}

/// A batch as the journal keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredBatch {
    /// The page load.
    pub view_id: ViewId,
    /// Number of its first event.
    pub first_seq: i32,
    /// When the page load began, in the server's time.
    pub view_started_at: Millis,
    /// What happened.
    pub events: Vec<Event>,
}

impl StoredBatch {
    /// The events with their places.
    pub fn placed(&self) -> impl Iterator<Item = Placed<'_>> {
        self.events
            .iter()
            .zip(self.first_seq..)
            .map(|(event, seq)| Placed {
                order: (self.view_started_at + event.t, self.view_id, seq),
                event,
            })
    }
}

/// Folds the batches of a visit by the newest definitions, given in any order and any number of times.
pub fn fold(rules: Rules<'_>, batches: &[StoredBatch]) -> Facts {
    fold_numbered(rules, None, batches)
}

/// The same of a visit that is the how-manieth of a visitor who agreed to be known again.
pub fn fold_numbered(rules: Rules<'_>, number: Option<i32>, batches: &[StoredBatch]) -> Facts {
    fold_timed(rules, number, batches).0
}

/// The same, with the events that reached goals, in order: when, and which goals as bits.
pub fn fold_timed(
    rules: Rules<'_>,
    number: Option<i32>,
    batches: &[StoredBatch],
) -> (Facts, Vec<(Millis, i64)>) {
    let mut facts = Facts {
        number,
        ..Facts::default()
    };
    let reached = in_order(batches)
        .iter()
        .map(|placed| (placed.order.0, facts.apply(rules, placed)))
        .filter(|(_, bits)| *bits != 0)
        .collect();
    (facts, reached)
}

/// The events of a visit, each once and in order, of batches given in any order and any number of times.
pub(super) fn in_order(batches: &[StoredBatch]) -> Vec<Placed<'_>> {
    let unique: BTreeMap<(ViewId, i32), &StoredBatch> = batches
        .iter()
        .map(|batch| ((batch.view_id, batch.first_seq), batch))
        .collect();
    let mut events: Vec<Placed<'_>> = unique.values().flat_map(|batch| batch.placed()).collect();
    events.sort_by_key(|placed| placed.order);
    events
}

impl Facts {
    /// Total worth of the goals reached, in minor units.
    pub fn value_minor(&self) -> i64 {
        self.goals.values().map(|goal| goal.value_minor).sum()
    }

    /// What it has in common with visits that are alike in all that is counted, but for the order.
    pub fn signature(&self) -> Signature {
        Signature {
            version: self.funnel_version,
            mask_all: self.mask_all,
            mask_before: self.mask_before,
            mask_landmark: self.mask_landmark,
            landmark: self.landmark,
            funnel_step: self.funnel_step,
            path: None,
        }
    }

    /// Where the visit came from, in one word: what its campaign says, the other site's host, or `direct`.
    pub fn source(&self) -> String {
        let told = self.campaign.as_ref().map(|campaign| &campaign.source);
        if let Some(told) = told.filter(|told| !told.is_empty()) {
            return short(&told.to_lowercase());
        }
        let host = self.referrer.as_deref().unwrap_or("direct");
        short(host.strip_prefix("www.").unwrap_or(host))
    }

    /// The name of its campaign; empty when it has none.
    pub fn campaign_name(&self) -> String {
        let campaign = self.campaign.as_ref();
        short(campaign.map_or("", |campaign| &campaign.campaign))
    }

    /// Time of the newest event.
    pub fn last_at(&self) -> Millis {
        self.last.map_or(self.started_at, |(at, ..)| at)
    }

    /// Whether an event belongs behind everything folded so far, so that it can be applied without folding again.
    pub fn is_newest(&self, order: Order) -> bool {
        !self.is_told && self.last.is_none_or(|last| last < order)
    }

    /// The page load with this id.
    pub fn view(&self, id: ViewId) -> Option<&ViewFact> {
        self.views.iter().find(|view| view.id == id)
    }

    /// First time that any of the bits was reached.
    pub fn first_at(&self, mask: i64) -> Option<Millis> {
        self.goals
            .iter()
            .filter(|(bit, _)| mask & (1 << **bit) != 0)
            .map(|(_, goal)| goal.first_at)
            .min()
    }

    /// Adds the next event in order; tells which goals it reached, as bits.
    pub fn apply(&mut self, rules: Rules<'_>, placed: &Placed<'_>) -> i64 {
        let Some(kind) = placed.event.kind else {
            return 0;
        };
        if self.funnel_version == 0 {
            self.funnel_version = rules.definitions.version();
        }
        self.see_variant(placed.event);
        if placed.event.is_told() {
            self.is_told = true;
            return self.count_goals(rules, placed);
        }
        let at = placed.order.0;
        if self.last.is_none() {
            self.started_at = at;
        }
        self.last = Some(placed.order);
        self.place(placed);
        self.judge_exits(kind, placed);
        if kind == EventKind::Set {
            self.set_properties(placed.event);
        }
        // Of the first page alone: whoever goes on opens more pages, and which one tells it would depend on staying.
        if kind == EventKind::PageLoad && self.pages <= 1 {
            self.load_ms = self.load_ms.or(placed.event.props.ms);
        }
        if kind == EventKind::Active {
            self.active_ms += placed.event.props.ms.unwrap_or_default().clamp(0, 600_000);
        }
        let reached = self.count_goals(rules, placed);
        self.look_for_landmark();
        reached
    }

    /// What the event reached that comes to the landmark was reached by then.
    fn look_for_landmark(&mut self) {
        let is_there = self.pages >= LANDMARK_PAGES || self.active_ms >= LANDMARK_ACTIVE;
        if is_there && self.landmark == Landmark::NotReached {
            self.landmark = match self.macro_at {
                None => Landmark::Open,
                Some(_) => Landmark::Over,
            };
        }
    }

    fn place(&mut self, placed: &Placed<'_>) {
        let (at, view_id, _) = placed.order;
        let mask_before = self.mask_all;
        let view = self.view_mut(view_id, at - placed.event.t);
        match placed.event.kind {
            Some(EventKind::PageHidden) => view.is_live = false,
            Some(EventKind::PageView | EventKind::PageVisible) => view.is_live = true,
            // The last words of a page are told after it was hidden.
            _ => {}
        }
        if placed.event.kind != Some(EventKind::PageView) {
            return;
        }
        let props = &placed.event.props;
        let address = props.u.as_deref().unwrap_or("/");
        let path = normal_path(address).to_owned();
        let query = address.split_once('?').map_or("", |(_, query)| query);
        if !view.query.is_empty() {
            view.query_before = std::mem::take(&mut view.query);
        }
        query.clone_into(&mut view.query);
        view.mask_before = mask_before;
        view.is_never_asked |= props.m.as_deref() == Some(NEVER_ASK);
        if view.paths.len() == MAX_PATHS {
            view.paths.remove(0);
        }
        view.paths.push(path.clone());
        if self.pages == 0 {
            self.entry_path.clone_from(&path);
            self.referrer = props.r.as_deref().and_then(host);
            self.campaign = Campaign::of_query(query);
        }
        self.pages += 1;
        self.last_path = path;
    }

    fn view_mut(&mut self, id: ViewId, started_at: Millis) -> &mut ViewFact {
        if self.view(id).is_none() {
            if self.views.len() == MAX_VIEWS {
                self.views.remove(0);
            }
            self.views.push(ViewFact {
                id,
                started_at,
                paths: vec![],
                query: String::new(),
                query_before: String::new(),
                mask_before: 0,
                is_live: true,
                exits: vec![],
                is_never_asked: false,
            });
        }
        // Found from the end, where the latest stands: it is the one nearly always.
        self.views
            .iter_mut()
            .rfind(|view| view.id == id)
            .expect("it was added if it was missing")
    }

    /// The last value wins; names beyond the bound are left out, and so is an address of a replay that is none.
    fn set_properties(&mut self, event: &Event) {
        for (name, value) in event.props.props.iter().flatten() {
            if name == REPLAY_URL {
                if let Some(address) = value.as_text().and_then(replay_url) {
                    self.properties.insert(name.clone(), Scalar::Text(address));
                }
                continue;
            }
            if self.properties.len() >= MAX_PROPERTIES && !self.properties.contains_key(name) {
                continue;
            }
            let value = match value {
                Scalar::Text(text) => Scalar::Text(text.chars().take(MAX_PROPERTY).collect()),
                value => value.clone(),
            };
            self.properties.insert(name.clone(), value);
        }
    }

    fn count_goals(&mut self, rules: Rules<'_>, placed: &Placed<'_>) -> i64 {
        let subject = placed.event.subject();
        if subject.is_none() && !so_far::may_meet(placed.event) {
            return 0;
        }
        let at = placed.order.0;
        let funnel = rules.definitions.funnel(self.funnel_version);
        let due = usize::try_from(self.funnel_step).ok();
        // One event serves one step, so the step that is due is fixed before any goal is counted.
        let due = funnel
            .zip(due)
            .and_then(|(funnel, index)| funnel.steps.get(index))
            .copied();
        let primary = funnel.and_then(|funnel| funnel.primary_bit);
        let met: Vec<&GoalVersion> = rules
            .definitions
            .counted_by(funnel)
            .filter(|goal| !self.is_done(goal) && self.meets(&goal.rule, subject, placed))
            .collect();
        // What the event that reaches the main goal reaches beside it was not reached before it.
        if self.macro_at.is_none() && met.iter().any(|goal| primary == Some(goal.bit)) {
            self.macro_at = Some(at);
        }
        for goal in &met {
            self.reach(rules, goal, placed);
        }
        let bits = met.iter().fold(0, |bits, goal| bits | 1 << goal.bit);
        path::push(&mut self.path, bits);
        if met.iter().any(|goal| due == Some(goal.bit)) {
            self.funnel_step += 1;
        }
        bits
    }

    fn reach(&mut self, rules: Rules<'_>, goal: &GoalVersion, placed: &Placed<'_>) {
        self.mask_all |= 1 << goal.bit;
        if self.macro_at.is_none() {
            self.mask_before |= 1 << goal.bit;
        }
        if self.landmark == Landmark::NotReached {
            self.mask_landmark |= 1 << goal.bit;
        }
        let own = amount::told(placed.event, rules.currency);
        let fact = self.goals.entry(goal.bit).or_insert(GoalFact {
            first_at: placed.order.0,
            n: 0,
            value_minor: own.or(goal.value_minor).unwrap_or_default(),
        });
        fact.n = fact.n.saturating_add(1);
    }

    /// What a visit came to, it comes to once: neither later events nor later steps count it again.
    fn is_done(&self, goal: &GoalVersion) -> bool {
        goal.rule.needs_visit() && self.goals.contains_key(&goal.bit)
    }
}

/// What reports break down by is no place for long texts.
fn short(text: &str) -> String {
    text.chars().take(MAX_SOURCE).collect()
}

fn host(referrer: &str) -> Option<String> {
    url::Url::parse(referrer)
        .ok()?
        .host_str()
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;

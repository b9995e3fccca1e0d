//! A visit as the writer holds it: its facts, what was asked in it, and how both lie in the database.

use sea_orm::ActiveValue::Set;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    decide::{Arm, Refusal},
    event::EventKind,
    fold::Facts,
    hidden::Fields,
    known::Past,
};
use crate::{
    db::entity::{impression, visit, visit_goal},
    goal::signature::Landmark,
    types::{ImpressionId, Millis, PromptId, SiteId, ViewId, VisitId},
};

/// Keyed hash of daily salt, site, address, user agent and language.
pub type VisitorHash = [u8; 16];

/// What the first request of a visit says about the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Browser {
    /// `desktop` or `touch`.
    pub device: String,
    /// Family, without a version.
    pub browser: String,
    /// Primary language tag.
    pub language: String,
    /// Two letters, when a proxy tells it; else empty.
    pub country: String,
    /// Whether a program drives it.
    pub is_automated: bool,
}

/// One eligibility decision of the visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Impression {
    /// The decision.
    pub id: ImpressionId,
    /// The page load that asked.
    pub view_id: ViewId,
    /// The event that asked.
    pub seq: i32,
    /// The prompt.
    pub prompt_id: PromptId,
    /// Its version then.
    pub prompt_version: i32,
    /// Kind of moment, as the widget names it.
    pub moment: String,
    /// When it was made.
    pub decided_at: Millis,
    /// What was drawn; `None` when not eligible.
    pub arm: Option<Arm>,
    /// Probability of that arm.
    pub probability: Option<f64>,
    /// Why not eligible.
    pub refusal: Option<Refusal>,
    /// The prompt that had used the visit's automatic question.
    pub lost_to: Option<PromptId>,
    /// Funnel steps reached then.
    pub funnel_step: i32,
    /// In the owner's own test.
    pub is_test: bool,
    /// Not asked for by the visitor.
    pub is_automatic: bool,
    /// The card opened.
    pub shown_at: Option<Millis>,
    /// It was half visible for a second.
    pub seen_at: Option<Millis>,
    /// First input.
    pub started_at: Option<Millis>,
    /// First answer.
    pub answered_at: Option<Millis>,
    /// Closed without a complete answer.
    pub dismissed_at: Option<Millis>,
    /// Why it was closed, or could not open.
    pub ending: Option<String>,
    /// Language of the card, one of the design's; `None` when not eligible.
    pub language: Option<String>,
    /// Wording of the card, likewise.
    pub wording: Option<String>,
    /// What goes along with its answer.
    pub fields: Fields,
    /// How it differs from what is stored.
    pub change: Change,
}

/// How something differs from what is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Not at all.
    #[default]
    None,
    /// Stored, and changed since.
    Updated,
    /// Not stored yet.
    New,
}

/// A visit under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// The tenant.
    pub site_id: SiteId,
    /// Whose.
    pub visitor: VisitorHash,
    /// Who that is across visits; only of a visitor who agreed to it.
    pub visitor_id: Option<VisitorHash>,
    /// The how-manieth of the visitor's visits, from 1; unknown without consent.
    pub number: Option<i32>,
    /// What the visitor's earlier visits came to; loaded where something is decided.
    pub past: Past,
    /// With what.
    pub browser: Browser,
    /// Day of its start in the site's time zone, YYYYMMDD.
    pub day: i32,
    /// What it came to.
    pub facts: Facts,
    /// The owner's own test.
    pub is_test: bool,
    /// Another tool has recorded it.
    pub is_imported: bool,
    /// A continuation could as well have been another visit's.
    pub is_ambiguous: bool,
    /// Ended before its time, by the demo's "new visitor".
    pub closed_at: Option<Millis>,
    /// Decisions about prompts, oldest first.
    pub impressions: Vec<Impression>,
    /// Whether what is stored of it is in the cube.
    pub is_settled: bool,
    /// Whether the facts differ from what is stored.
    pub change: Change,
}

fn hash_of(stored: &[u8]) -> VisitorHash {
    let mut hash = [0; 16];
    for (byte, stored) in hash.iter_mut().zip(stored) {
        *byte = *stored;
    }
    hash
}

impl Visit {
    /// One that nothing has happened in.
    pub fn begin(id: VisitId, site_id: SiteId, visitor: VisitorHash, browser: Browser) -> Self {
        Self {
            id,
            site_id,
            visitor,
            visitor_id: None,
            number: None,
            past: Past::default(),
            browser,
            day: 0,
            facts: Facts::default(),
            is_test: false,
            is_imported: false,
            is_ambiguous: false,
            closed_at: None,
            impressions: vec![],
            is_settled: false,
            change: Change::New,
        }
    }

    /// The same, as if nobody tested anything: the rules then hold as for any visitor.
    pub fn as_any_visitor(&self) -> Self {
        Self {
            is_test: false,
            ..self.clone()
        }
    }

    /// Notes what became of a card.
    pub fn follow_card(
        &mut self,
        kind: EventKind,
        prompt_id: PromptId,
        why: Option<&str>,
        at: Millis,
    ) {
        let shown = self.impressions.iter_mut().rev();
        let Some(card) = shown
            .into_iter()
            .find(|card| card.prompt_id == prompt_id && card.arm == Some(Arm::Shown))
        else {
            return;
        };
        let time = match kind {
            EventKind::PromptShown => &mut card.shown_at,
            EventKind::PromptSeen => &mut card.seen_at,
            EventKind::PromptStarted => &mut card.started_at,
            EventKind::PromptDismissed => &mut card.dismissed_at,
            _ => &mut None,
        };
        *time = Some(time.unwrap_or(at));
        if matches!(kind, EventKind::PromptDismissed | EventKind::PromptFailed) {
            card.ending = why.map(|why| why.chars().take(20).collect());
        }
        if card.change == Change::None {
            card.change = Change::Updated;
        }
    }

    /// Notes what was told along with a card.
    pub(super) fn add_fields(&mut self, prompt_id: PromptId, told: Fields) {
        let cards = self.impressions.iter_mut().rev();
        let mut shown = cards.filter(|card| card.arm == Some(Arm::Shown));
        if let Some(card) = shown.find(|card| card.prompt_id == prompt_id) {
            card.fields.extend(told);
        }
    }

    /// The row of the visit.
    pub fn row(&self) -> visit::ActiveModel {
        let facts = &self.facts;
        let signature = facts.signature();
        let (last_at, last_view_id, last_seq) =
            facts
                .last
                .unwrap_or((facts.started_at, ViewId(self.id.0), -1));
        visit::ActiveModel {
            site_id: Set(self.site_id),
            id: Set(self.id),
            visitor: Set(self.visitor.to_vec()),
            day: Set(self.day),
            funnel_version: Set(facts.funnel_version),
            started_at: Set(facts.started_at),
            last_at: Set(last_at),
            last_view_id: Set(last_view_id),
            last_seq: Set(last_seq),
            closed_at: Set(self.closed_at),
            device: Set(self.browser.device.clone()),
            browser: Set(self.browser.browser.clone()),
            language: Set(self.browser.language.clone()),
            referrer: Set(facts.referrer.clone()),
            campaign: Set(facts.campaign.as_ref().map(to_json)),
            properties: Set((!facts.properties.is_empty()).then(|| to_json(&facts.properties))),
            entry_path: Set(facts.entry_path.clone()),
            last_path: Set(facts.last_path.clone()),
            pages: Set(facts.pages),
            active_ms: Set(facts.active_ms),
            mask_all: Set(facts.mask_all),
            mask_before: Set(facts.mask_before),
            macro_at: Set(facts.macro_at),
            value_minor: Set(facts.value_minor()),
            funnel_step: Set(facts.funnel_step),
            views: Set(to_json(&facts.views)),
            is_automated: Set(self.browser.is_automated),
            is_test: Set(self.is_test),
            is_ambiguous: Set(self.is_ambiguous),
            visitor_id: Set(self.visitor_id.map(|hash| hash.to_vec())),
            visit_number: Set(self.number),
            is_told: Set(facts.is_told),
            exits: Set(facts.exits),
            exits_stayed: Set(facts.exits_stayed),
            mask_landmark: Set(facts.mask_landmark),
            landmark: Set(facts.landmark.code()),
            source: Set(facts.source()),
            campaign_name: Set(facts.campaign_name()),
            country: Set(self.browser.country.clone()),
            variant: Set(facts.variant.clone()),
            load_ms: Set(facts.load_ms),
            signature_id: Set(signature.id()),
            path_id: Set(signature.with_path(&facts.path).id()),
            path: Set(facts.path.clone()),
            is_settled: Set(self.is_settled),
            is_imported: Set(self.is_imported),
        }
    }

    /// The rows of the goals reached.
    pub fn goal_rows(&self) -> impl Iterator<Item = visit_goal::ActiveModel> {
        self.facts
            .goals
            .iter()
            .map(|(bit, goal)| visit_goal::ActiveModel {
                site_id: Set(self.site_id),
                visit_id: Set(self.id),
                bit: Set(i32::from(*bit)),
                first_at: Set(goal.first_at),
                n: Set(goal.n),
                value_minor: Set(goal.value_minor),
            })
    }

    /// Reads a visit back; goals and impressions are added by the caller.
    pub fn from_row(row: visit::Model) -> Self {
        Self {
            id: row.id,
            site_id: row.site_id,
            visitor: hash_of(&row.visitor),
            visitor_id: row.visitor_id.as_deref().map(hash_of),
            number: row.visit_number,
            past: Past::default(),
            browser: Browser {
                device: row.device,
                browser: row.browser,
                language: row.language,
                country: row.country,
                is_automated: row.is_automated,
            },
            day: row.day,
            facts: Facts {
                number: row.visit_number,
                started_at: row.started_at,
                last: (row.last_seq >= 0).then_some((row.last_at, row.last_view_id, row.last_seq)),
                funnel_version: row.funnel_version,
                pages: row.pages,
                active_ms: row.active_ms,
                entry_path: row.entry_path,
                last_path: row.last_path,
                referrer: row.referrer,
                campaign: from_json(row.campaign.as_deref()),
                properties: from_json(row.properties.as_deref()),
                variant: row.variant,
                load_ms: row.load_ms,
                mask_all: row.mask_all,
                mask_before: row.mask_before,
                mask_landmark: row.mask_landmark,
                landmark: Landmark::of_code(row.landmark),
                path: row.path,
                macro_at: row.macro_at,
                funnel_step: row.funnel_step,
                is_told: row.is_told,
                exits: row.exits,
                exits_stayed: row.exits_stayed,
                goals: std::collections::BTreeMap::new(),
                views: from_json(Some(&row.views)),
            },
            is_test: row.is_test,
            is_imported: row.is_imported,
            is_ambiguous: row.is_ambiguous,
            closed_at: row.closed_at,
            impressions: vec![],
            is_settled: row.is_settled,
            change: Change::None,
        }
    }
}

fn to_json(facts: &impl Serialize) -> String {
    serde_json::to_string(facts).expect("facts are plain data")
}

fn from_json<T: DeserializeOwned + Default>(text: Option<&str>) -> T {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

impl Impression {
    /// The hidden fields as they are stored.
    pub(super) fn fields_json(&self) -> Option<String> {
        (!self.fields.is_empty()).then(|| to_json(&self.fields))
    }

    /// The row of the decision.
    pub fn row(&self, site_id: SiteId, visit_id: VisitId) -> impression::ActiveModel {
        impression::ActiveModel {
            site_id: Set(site_id),
            id: Set(self.id),
            visit_id: Set(visit_id),
            view_id: Set(self.view_id),
            seq: Set(self.seq),
            prompt_id: Set(self.prompt_id),
            prompt_version: Set(self.prompt_version),
            asked_at_moment: Set(self.moment.clone()),
            decided_at: Set(self.decided_at),
            arm: Set(self.arm.map(|arm| arm.as_str().into())),
            probability: Set(self.probability),
            refusal: Set(self.refusal.map(|refusal| refusal.as_str().into())),
            lost_to: Set(self.lost_to),
            funnel_step: Set(self.funnel_step),
            is_test: Set(self.is_test),
            is_automatic: Set(self.is_automatic),
            shown_at: Set(self.shown_at),
            seen_at: Set(self.seen_at),
            started_at: Set(self.started_at),
            answered_at: Set(self.answered_at),
            dismissed_at: Set(self.dismissed_at),
            ending: Set(self.ending.clone()),
            language: Set(self.language.clone()),
            wording: Set(self.wording.clone()),
            fields: Set(self.fields_json()),
        }
    }

    /// Reads a decision back.
    pub fn from_row(row: impression::Model) -> Self {
        Self {
            id: row.id,
            view_id: row.view_id,
            seq: row.seq,
            prompt_id: row.prompt_id,
            prompt_version: row.prompt_version,
            moment: row.asked_at_moment,
            decided_at: row.decided_at,
            arm: row.arm.as_deref().and_then(Arm::parse),
            probability: row.probability,
            refusal: row.refusal.as_deref().and_then(Refusal::parse),
            lost_to: row.lost_to,
            funnel_step: row.funnel_step,
            is_test: row.is_test,
            is_automatic: row.is_automatic,
            shown_at: row.shown_at,
            seen_at: row.seen_at,
            started_at: row.started_at,
            answered_at: row.answered_at,
            dismissed_at: row.dismissed_at,
            ending: row.ending,
            language: row.language,
            wording: row.wording,
            fields: from_json(row.fields.as_deref()),
            change: Change::None,
        }
    }
}

//! An answer that another tool has recorded, in a visit that is stored: put beside the decisions of the visit, outside of moments and
//! chance, and taken as an answer of the widget is.

use std::{collections::BTreeMap, sync::Arc};

use sea_orm::{ConnectionTrait, DbErr};

use super::{
    decide::Arm,
    fold::{Rules, fold},
    group::{Group, VISIT_MAX},
    hidden::Fields,
    imported::Taken,
    store,
    visit::{Change, Impression, Visit, VisitorHash},
};
use crate::{
    answer::{
        payload::{AnswerPayload, ValuePayload},
        record::{self, NewAnswer},
        token::ImpressionToken,
    },
    delivery::snapshot::Snapshot,
    prompt::types::PublishedPrompt,
    secret,
    types::{ImpressionId, Millis, ViewId},
};

/// An answer with everything that is known of it.
#[derive(Clone, Debug)]
pub struct ImportedAnswer {
    /// The site, as it was when the answer was read.
    pub snapshot: Arc<Snapshot>,
    /// Stands for the other tool's name of the visit.
    pub visitor: VisitorHash,
    /// What was asked, in the version by which the answer is read.
    pub prompt: Arc<PublishedPrompt>,
    /// When it was given.
    pub at: Millis,
    /// Sent off, rather than left half done.
    pub is_complete: bool,
    /// By question; all of it fits.
    pub values: BTreeMap<String, ValuePayload>,
    /// When it was read.
    pub received_at: Millis,
}

impl ImportedAnswer {
    /// Nobody knows when the card opened: as late as a visit lasts, it counts as open until it was answered.
    fn decided_at(&self, visit: &Visit) -> Millis {
        self.at.min(visit.facts.started_at + VISIT_MAX - 1)
    }

    /// Nothing is said of a card: whether it was shown, for how long, in which words.
    fn impression(&self, visit: &Visit, funnel_step: i32) -> Impression {
        let decided_at = self.decided_at(visit);
        let prompt = self.prompt.id.0.as_bytes();
        let id = secret::keyed_hash(&self.visitor, &[b"answer", prompt]);
        Impression {
            id: ImpressionId(secret::uuid_of(decided_at, &id)),
            view_id: visit
                .facts
                .last
                .map_or(ViewId(visit.id.0), |(_, view, _)| view),
            seq: 0,
            prompt_id: self.prompt.id,
            prompt_version: self.prompt.version,
            moment: Arm::Imported.to_string(),
            decided_at,
            arm: Some(Arm::Imported),
            probability: Some(1.0),
            refusal: None,
            lost_to: None,
            funnel_step,
            is_test: false,
            is_automatic: false,
            shown_at: None,
            seen_at: None,
            started_at: None,
            answered_at: None,
            dismissed_at: None,
            ending: None,
            language: None,
            wording: None,
            fields: Fields::new(),
            change: Change::New,
        }
    }

    /// As the widget would have sent it.
    fn payload(&self) -> AnswerPayload {
        AnswerPayload {
            i: String::new(),
            n: 1,
            t: 0,
            done: self.is_complete,
            v: self.values.clone(),
            step: None,
        }
    }

    /// The answer to a decision; `None` when it came too long after it.
    fn answer(&self, visit: &Visit, made: &Impression) -> Option<NewAnswer> {
        let token = ImpressionToken {
            impression_id: made.id,
            visit_id: visit.id,
            prompt_id: made.prompt_id,
            prompt_version: made.prompt_version,
            issued_at: made.decided_at,
            is_test: made.is_test,
        };
        let (design, payload) = (&self.prompt.design, self.payload());
        let (answer, _) = NewAnswer::parse(token, &payload, design, self.at, self.at);
        answer.map(|answer| NewAnswer {
            is_imported: true,
            received_at: self.received_at,
            ..answer
        })
    }
}

impl Group {
    /// Adds the answer to its visit, unless one to the same prompt is there.
    pub(super) async fn take_imported_answer(
        &mut self,
        tx: &impl ConnectionTrait,
        new: &ImportedAnswer,
    ) -> Result<Taken, DbErr> {
        let site = new.snapshot.site.id;
        self.at = self.at.max(new.received_at);
        let id = self.visits_of(site, &[new.visitor]).first().copied();
        let Some(visit) = id.and_then(|id| self.visits.get(&(site, id))) else {
            return Ok(Taken::NoVisit);
        };
        if new.at < visit.facts.started_at {
            return Ok(Taken::OutOfTime);
        }
        let is_known =
            |made: &&Impression| made.arm == Some(Arm::Imported) && made.prompt_id == new.prompt.id;
        if let Some(known) = visit.impressions.iter().find(is_known) {
            let Some(answer) = new.answer(visit, known) else {
                return Ok(Taken::Different);
            };
            return Ok(match record::is_same(tx, site, &answer).await? {
                Some(true) => Taken::Before,
                Some(false) => Taken::Different,
                None => Taken::Deleted,
            });
        }
        let made = new.impression(visit, self.step_at(tx, new, visit).await?);
        let Some(answer) = new.answer(visit, &made) else {
            return Ok(Taken::OutOfTime);
        };
        let key = (site, visit.id);
        if let Some(visit) = self.visits.get_mut(&key) {
            visit.impressions.push(made);
            visit.change = visit.change.max(Change::Updated);
        }
        self.changed.insert(key);
        // Marked as answered when it is recorded: what is marked and has no answer was deleted.
        self.tally(site, &answer);
        self.answers.push((site, answer));
        Ok(Taken::Added)
    }

    /// Steps of the funnel that the visit had reached when it answered; those in the end, where its journal is no longer there.
    async fn step_at(
        &self,
        tx: &impl ConnectionTrait,
        new: &ImportedAnswer,
        visit: &Visit,
    ) -> Result<i32, DbErr> {
        let mut batches = store::load_batches(tx, visit.site_id, visit.id).await?;
        batches.extend(self.unsaved_batches(visit));
        if batches.is_empty() {
            return Ok(visit.facts.funnel_step);
        }
        for batch in &mut batches {
            let begun = batch.view_started_at;
            batch.events.retain(|event| begun + event.t <= new.at);
        }
        let rules = Rules {
            definitions: &new.snapshot.definitions,
            currency: &new.snapshot.site.currency,
        };
        Ok(fold(rules, &batches).funnel_step)
    }
}

//! Answers within a group: checked against the version that was shown, stored with the group's commit.

use sea_orm::{ConnectionTrait, DbErr};

use super::{
    group::Group,
    reply::{DropReason, Dropped, Reply},
    writer::Job,
};
use crate::{
    answer::{
        payload::AnswerPayload,
        record::{NewAnswer, Refused},
        token::ImpressionToken,
    },
    delivery::snapshot::Snapshot,
    prompt::{
        self,
        types::{Design, PublishedPrompt},
    },
    types::{Millis, SiteId},
};

impl Group {
    /// Takes one answer in as far as it fits, or says why not: with the names of what does not fit.
    pub(super) async fn take_answer(
        &mut self,
        tx: &impl ConnectionTrait,
        job: &Job,
        payload: &AnswerPayload,
    ) -> Result<Result<(), (DropReason, Vec<String>)>, DbErr> {
        let site = &job.snapshot.site;
        let Some(token) = ImpressionToken::verify(&site.signing_key, &payload.i) else {
            return Ok(Err((DropReason::BadToken, vec![])));
        };
        let Some(design) = shown_design(tx, &job.snapshot, &token).await? else {
            return Ok(Err((DropReason::BadToken, vec![])));
        };
        // Nobody answers before being asked or after the answer came, whatever a clock says.
        let given_at = job.received_at - (job.payload.t - payload.t.clamp(0, job.payload.t));
        let answered_at = given_at.max(token.issued_at);
        let (answer, refused) =
            NewAnswer::parse(token, payload, &design, answered_at, job.received_at);
        if let Some(answer) = answer {
            if !answer.values.is_empty() {
                self.mark_answered(site.id, &answer, Some(answer.answered_at));
                self.tally(site.id, &answer);
            }
            self.answers.push((site.id, answer));
        }
        Ok(match refused {
            None => Ok(()),
            Some(Refused::TooLate) => Err((DropReason::AnswerTooLate, vec![])),
            Some(Refused::DoesNotFit(names)) => Err((DropReason::DoesNotFit, names)),
        })
    }

    /// Tells of the answers that take nothing more. `ends` says how many answers had come when each reply was made.
    pub(super) fn tell_over(&mut self, ends: &[usize], replies: &mut [Reply]) {
        for nth in self.over.drain(..) {
            let from = ends.partition_point(|end| *end <= nth);
            let (why, n, what) = (DropReason::AnswerOver, 1, vec![]);
            if let Some(reply) = replies.get_mut(from) {
                reply.dropped.push(Dropped { why, n, what });
            }
        }
    }

    /// The row is marked when the answer is recorded; this keeps a visit held in memory in step with it. `at` is `None` where all of
    /// the answer was taken back.
    pub(super) fn mark_answered(&mut self, site: SiteId, answer: &NewAnswer, at: Option<Millis>) {
        let visit = self.visits.get_mut(&(site, answer.token.visit_id));
        let impressions = visit.into_iter().flat_map(|visit| &mut visit.impressions);
        for impression in
            impressions.filter(|impression| impression.id == answer.token.impression_id)
        {
            impression.answered_at = at.map(|at| impression.answered_at.unwrap_or(at));
        }
    }
}

/// The version that was shown, which may be older than the one that is live.
async fn shown_design(
    tx: &impl ConnectionTrait,
    snapshot: &Snapshot,
    token: &ImpressionToken,
) -> Result<Option<Design>, DbErr> {
    let is_shown = |prompt: &&PublishedPrompt| {
        prompt.id == token.prompt_id && prompt.version == token.prompt_version
    };
    if let Some(live) = snapshot.prompts.iter().find(is_shown) {
        return Ok(Some(live.design.clone()));
    }
    let (prompt, version) = (token.prompt_id, token.prompt_version);
    let shown = prompt::store::find_version(tx, snapshot.site.id, prompt, version).await?;
    Ok(shown.map(|shown| shown.design))
}

//! What somebody does who opens a prompt by its link: as if a card had been opened and answered, so that it goes the one way that
//! all of it goes.

use sea_orm::{ConnectionTrait, DbErr};

use super::{
    decide::{self, Asked, Decision, Refusal},
    event::{Event, EventKind, Props},
    payload::Payload,
    store,
    tally::Tallies,
    visit::{Browser, Visit, VisitorHash},
};
use crate::{
    answer::{payload::AnswerPayload, step::Given},
    delivery::Snapshot,
    prompt::types::PublishedPrompt,
    site::types::Site,
    types::{Millis, PromptId, Scalar, ViewId, VisitId},
};

/// Why the prompt takes no answers at `now`, whoever comes. Decided by the rules of the opening, and nothing is stored.
pub async fn refusal(
    db: &impl ConnectionTrait,
    snapshot: &Snapshot,
    prompt: &PublishedPrompt,
    now: Millis,
) -> Result<Option<Refusal>, DbErr> {
    let (site, id) = (snapshot.site.id, VisitId::new(now));
    let nobody = Visit::begin(id, site, VisitorHash::default(), Browser::default());
    let tally = store::load_tally(db, site, prompt).await?;
    let tallies = Tallies::from([((site, prompt.id), tally)]);
    let (view, asked) = (ViewId::new(now), Asked::OnRequest);
    let decision = decide::decide(snapshot, prompt, &nobody, view, asked, now, &tallies);
    Ok(match decision {
        Decision::No(refusal) => Some(refusal),
        Decision::Drawn { .. } => None,
    })
}

/// The version of the prompt that one load of the page began with, once something of it is stored.
pub async fn begun_version(
    db: &impl ConnectionTrait,
    site: &Site,
    view: ViewId,
    prompt: PromptId,
) -> Result<Option<i32>, DbErr> {
    store::begun_version(db, site.id, view, prompt).await
}

/// The opening: the same however often it is sent for one load of the page.
pub fn opening(site: &Site, view: ViewId, prompt: PromptId) -> Payload {
    let event = |kind, moment: Option<&str>| Event {
        t: 0,
        kind: Some(kind),
        props: Props {
            p: Some(Scalar::Text(prompt.to_string())),
            m: moment.map(str::to_owned),
            ..Props::default()
        },
    };
    let mut payload = Payload::of_event(site, view, 0, event(EventKind::Eligible, Some("asked")));
    let life = [
        EventKind::PromptShown,
        EventKind::PromptSeen,
        EventKind::PromptStarted,
    ];
    payload.e.extend(life.map(|kind| Some(event(kind, None))));
    payload
}

/// A state of the answer, sent with the step of the question `step`.
///
/// It is numbered where it is stored: of two states the one that comes later holds, whatever clocks say, also where the browser went back
/// to an earlier step.
pub fn answer(
    site: &Site,
    view: ViewId,
    token: String,
    step: String,
    done: bool,
    given: Given,
) -> Payload {
    let mut payload = Payload::of_event(site, view, 0, Event::empty(0));
    payload.e.clear();
    payload.a.push(AnswerPayload {
        i: token,
        n: 1,
        t: 0,
        done,
        v: given,
        step: Some(step),
    });
    payload
}

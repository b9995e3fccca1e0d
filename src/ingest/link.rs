//! What somebody does who opens a prompt by its link: as if a card had been opened and answered, so that it goes the one way that
//! all of it goes.

use super::{
    event::{Event, EventKind, Props},
    payload::Payload,
};
use crate::{
    answer::{payload::AnswerPayload, step::Given},
    site::types::Site,
    types::{PromptId, Scalar, ViewId},
};

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

/// A state of the answer; the number of what was given rises with each step.
pub fn answer(
    site: &Site,
    view: ViewId,
    token: String,
    n: i32,
    done: bool,
    given: Given,
) -> Payload {
    let mut payload = Payload::of_event(site, view, 0, Event::empty(0));
    payload.e.clear();
    payload.a.push(AnswerPayload {
        i: token,
        n,
        t: 0,
        done,
        v: given,
    });
    payload
}

//! What of a request is kept, and why the rest is not. Pure.

use super::{
    event::{Event, Props},
    reply::DropReason,
    writer::Job,
};
use crate::{clock::DAY, types::Millis};

/// Events older than this are not kept.
const EVENT_MAX_AGE: Millis = DAY;

/// The events with their times inside what is possible. What is not kept stays as an empty place, so that numbers do not move.
pub(super) fn kept_events(job: &Job) -> (Vec<Event>, Vec<DropReason>) {
    let mut lost = vec![];
    let mut events = job.payload.e.clone();
    for event in &mut events {
        event.t = event.t.clamp(0, job.payload.t);
        let reason = if event.kind.is_none() {
            DropReason::UnknownKind
        } else if job.payload.t - event.t > EVENT_MAX_AGE {
            DropReason::TooLate
        } else {
            continue;
        };
        *event = Event {
            t: event.t,
            kind: None,
            props: Props::default(),
        };
        lost.push(reason);
    }
    (events, lost)
}

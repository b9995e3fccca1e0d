//! What of a request is kept, and why the rest is not. Pure.

use super::{
    event::{Event, EventKind},
    hidden,
    reply::DropReason,
    told,
    writer::Job,
};
use crate::{clock::DAY, types::Millis};

/// Events of a browser older than this are not kept.
const EVENT_MAX_AGE: Millis = DAY;

/// The events with their times inside what is possible. What is not kept stays as an empty place, so that numbers do not move.
pub(super) fn kept_events(job: &Job) -> (Vec<Event>, Vec<DropReason>) {
    let (sent, sent_at) = (&job.payload.e, job.payload.t);
    let max_age = job.told.map_or(EVENT_MAX_AGE, |_| told::MAX_LATE);
    let measures_fields = job.snapshot.site.measures_fields;
    let mut lost = vec![];
    // What cannot be read has no time: it takes that of its neighbour, so that a batch in order stays in order.
    let mut at = sent.iter().flatten().next().map_or(0, |event| event.t);
    let events = sent.iter().map(|event| {
        at = event.as_ref().map_or(at, |event| event.t);
        let t = at.clamp(0, sent_at);
        let reason = match event {
            None => DropReason::Malformed,
            Some(event) if event.kind.is_none() => DropReason::UnknownKind,
            // Of a page that is open since before the owner switched it off: nobody is to hear of it.
            Some(event) if event.kind == Some(EventKind::FieldLeft) && !measures_fields => {
                return Event::empty(t);
            }
            Some(_) if sent_at - t > max_age => DropReason::TooLate,
            Some(event) => {
                let mut event = Event { t, ..event.clone() };
                if event.kind == Some(EventKind::PromptShown) {
                    hidden::keep_named(&job.snapshot, &mut event);
                }
                return event;
            }
        };
        lost.push(reason);
        Event::empty(t)
    });
    (events.collect(), lost)
}

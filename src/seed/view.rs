//! One page load of a scripted visitor: batches as the widget sends them, in the words of the wire contract.

use std::{collections::BTreeMap, sync::Arc};

use uuid::Uuid;

use super::visitor::Person;
use crate::{
    answer::payload::{AnswerPayload, ValuePayload},
    delivery::Snapshot,
    error::AppResult,
    ingest::{
        event::{Event, EventKind, Props},
        payload::Payload,
        reply::Reply,
        writer::{Job, Writer},
    },
    types::{Millis, PromptId, Scalar},
};

/// Where the made-up site lives; `.example` belongs to nobody.
pub const ORIGIN: &str = "https://northwind.example";

/// Where visits are played.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) writer: Writer,
}

/// What a visitor gives to one question.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) token: String,
    pub(super) question: String,
    pub(super) choices: Vec<String>,
    pub(super) comment: String,
    pub(super) is_done: bool,
}

/// A page on screen.
#[derive(Debug)]
pub(super) struct View {
    id: Uuid,
    pub(super) started: Millis,
    navigation: Option<&'static str>,
    seq: i32,
    events: Vec<Event>,
    answers: Vec<AnswerPayload>,
    reported: Millis,
}

impl View {
    /// A page load that begins at `at`.
    pub(super) fn new(person: &mut Person, at: Millis) -> Self {
        let millis = u64::try_from(at).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &person.random.bytes());
        Self {
            id: id.into_uuid(),
            started: at,
            navigation: Some("navigate"),
            seq: 0,
            events: vec![],
            answers: vec![],
            reported: at,
        }
    }

    /// Notes an event.
    pub(super) fn note(&mut self, at: Millis, kind: EventKind, props: Props) {
        self.events.push(Event {
            t: at - self.started,
            kind: Some(kind),
            props,
        });
    }

    /// Notes something about a prompt.
    pub(super) fn note_prompt(
        &mut self,
        at: Millis,
        kind: EventKind,
        prompt: PromptId,
        props: Props,
    ) {
        let p = Some(Scalar::Text(prompt.to_string()));
        self.note(at, kind, Props { p, ..props });
    }

    /// Takes an answer along with the next batch.
    pub(super) fn answer(&mut self, at: Millis, given: &Given) {
        let value = ValuePayload {
            c: given.choices.clone(),
            x: given.comment.clone(),
            n: None,
        };
        self.answers.push(AnswerPayload {
            i: given.token.clone(),
            n: 1,
            t: at - self.started,
            done: given.is_done,
            v: BTreeMap::from([(given.question.clone(), value)]),
            step: None,
        });
    }

    /// Sends what waits, and hears what the server says.
    pub(super) async fn send(
        &mut self,
        stage: &Stage,
        person: &mut Person,
        at: Millis,
    ) -> AppResult<Reply> {
        let active = at - self.reported;
        self.reported = at;
        if active > 0 {
            let ms = Some(active.min(60_000));
            self.note(
                at,
                EventKind::Active,
                Props {
                    ms,
                    ..Props::default()
                },
            );
        }
        let events = std::mem::take(&mut self.events);
        let first = self.seq;
        self.seq += i32::try_from(events.len()).unwrap_or_default();
        let is_first = first == 0;
        let payload = Payload {
            v: 1,
            k: stage.snapshot.site.key.clone(),
            c: stage.snapshot.site.config_version,
            w: self.id,
            s: first,
            t: at - self.started,
            i: None,
            q: false,
            looks: false,
            is_withdrawn: false,
            x: None,
            n: self.navigation.take().map(str::to_owned),
            d: is_first.then(|| person.browser.device.clone()),
            b: false,
            e: events.into_iter().map(Some).collect(),
            a: std::mem::take(&mut self.answers),
        };
        let job = Job {
            snapshot: Arc::clone(&stage.snapshot),
            told: None,
            payload,
            visitors: vec![person.hash],
            origin: Some(ORIGIN.into()),
            browser: person.browser.clone(),
            languages: vec![],
            received_at: at + person.random.between(20, 160),
        };
        stage.writer.write_patiently(job).await
    }
}

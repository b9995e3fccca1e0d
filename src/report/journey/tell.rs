//! From the journal of a visit to what a person would tell of it. Pure.

use std::collections::HashMap;

use serde::Deserialize;

use super::types::{Line, What};
use crate::{
    clock::DAY,
    db::entity::batch,
    ingest::told,
    report::journal::MOST_EVENTS,
    types::{Millis, ViewId},
};

/// A form that is completed no later than this after it was given up was recovered, ms.
pub(super) const RECOVERED_WITHIN: Millis = 7 * DAY;

/// An event of the journal.
#[derive(Clone, Debug)]
pub(super) struct Event {
    at: Millis,
    view: ViewId,
    seq: i32,
    kind: String,
    props: Props,
}

/// The properties that a journey tells.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Props {
    u: String,
    r: String,
    f: String,
    n: String,
    l: String,
    h: String,
    s: String,
    p: serde_json::Value,
    ms: i64,
    why: String,
    m: String,
    name: String,
    by: String,
    c: bool,
    auto: bool,
}

/// Something known from elsewhere than the journal.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) at: Millis,
    pub(super) what: What,
}

/// The events of a batch; what this release cannot read is left out.
pub(super) fn read(batch: &batch::Model) -> Vec<Event> {
    let events: Vec<serde_json::Value> = serde_json::from_str(&batch.body).unwrap_or_default();
    let read = |(seq, event): (i32, serde_json::Value)| {
        let (t, kind) = (event.get(0)?.as_f64()?, event.get(1)?.as_str()?.to_owned());
        let props = event
            .get(2)
            .cloned()
            .and_then(|props| serde_json::from_value(props).ok())
            .unwrap_or_default();
        Some(Event {
            at: batch.view_started_at + t as Millis,
            view: batch.view_id,
            seq,
            kind,
            props,
        })
    };
    (batch.first_seq..).zip(events).filter_map(read).collect()
}

/// A form that was completed, and when.
pub(super) type Completed = (String, Millis);

/// The forms that were completed.
pub(super) fn completed(events: &[Event]) -> Vec<Completed> {
    let all = events.iter().filter(|event| event.kind == "form_completed");
    all.map(|event| (event.props.f.clone(), event.at)).collect()
}

/// How long after `event` its form was completed after all.
fn recovered_ms(event: &Event, completed: &[Completed]) -> Option<Millis> {
    let of_form = completed.iter().filter(|(form, _)| *form == event.props.f);
    of_form
        .map(|(_, at)| at - event.at)
        .filter(|ms| (1..=RECOVERED_WITHIN).contains(ms))
        .min()
}

/// Tells the visit, oldest first; of a very long one the end. `later` is what the visitor completed in later visits.
pub(super) fn tell(
    mut events: Vec<Event>,
    marks: Vec<Mark>,
    mut later: Vec<Completed>,
) -> Vec<Line> {
    events.sort_by_key(|event| (event.at, event.view, event.seq));
    let ordered = events.split_off(events.len().saturating_sub(MOST_EVENTS));
    let latest = Latest::of(&ordered);
    later.extend(completed(&ordered));
    let mut lines: Vec<(Option<ViewId>, Line)> = Vec::new();
    for event in ordered
        .iter()
        .filter(|event| !is_superseded(event, &latest))
    {
        if !add_to_page(event, &mut lines)
            && let Some(what) = what(event, &latest, &later)
        {
            let line = Line {
                at: event.at,
                what,
                is_told: event.props.by == told::BY_SERVER,
            };
            lines.push((Some(event.view), line));
        }
    }
    let mut lines: Vec<Line> = lines.into_iter().map(|(_, line)| line).collect();
    lines.extend(marks.into_iter().map(|mark| Line {
        at: mark.at,
        what: mark.what,
        is_told: false,
    }));
    lines.sort_by_key(|line| {
        (
            matches!(line.what, What::Left | What::StillOpen),
            line.at,
            rank(&line.what),
        )
    });
    lines
}

/// At the same instant: what they did, what it meant, what was asked, what they said.
fn rank(what: &What) -> u8 {
    match what {
        What::Goal { .. } => 1,
        What::Asked { .. } | What::HeldOut { .. } => 2,
        What::Answered { .. } | What::Closed { .. } => 3,
        _ => 0,
    }
}

/// Of each form of a page load, when each kind of event last happened to it, and whether anybody but the browser changed it.
struct Latest<'a> {
    events: HashMap<(ViewId, &'a str, &'a str), (Millis, i32)>,
    by_hand: HashMap<(ViewId, &'a str), bool>,
}

impl<'a> Latest<'a> {
    /// `events` come in order.
    fn of(events: &'a [Event]) -> Self {
        let key = |event: &'a Event| (event.view, event.props.f.as_str(), event.kind.as_str());
        let last = |event: &'a Event| (key(event), (event.at, event.seq));
        let mut by_hand = HashMap::new();
        let changed = |event: &&Event| event.props.c || event.props.auto;
        for event in events.iter().filter(changed) {
            let form = (event.view, event.props.f.as_str());
            *by_hand.entry(form).or_default() |= event.props.c;
        }
        Self {
            events: events.iter().map(last).collect(),
            by_hand,
        }
    }

    /// Whether all that is known to have been changed in the form was filled in by the browser.
    fn is_autofilled(&self, event: &'a Event) -> bool {
        self.by_hand.get(&(event.view, event.props.f.as_str())) == Some(&false)
    }

    /// Whether one of these happened to the same form after `event`.
    fn has_later(&self, event: &'a Event, kinds: &[&'a str]) -> bool {
        let last = |kind: &&'a str| {
            self.events
                .get(&(event.view, event.props.f.as_str(), *kind))
        };
        kinds
            .iter()
            .filter_map(last)
            .any(|last| *last > (event.at, event.seq))
    }
}

/// Of the fields of a form only the last one tells something, and turning away only if they did not come back.
///
/// The field in which a form begins has the focus before anything is changed: it is told with the beginning.
fn is_superseded<'a>(event: &'a Event, latest: &Latest<'a>) -> bool {
    match event.kind.as_str() {
        "field_focused" => {
            latest.has_later(event, &["field_focused", "form_started", "form_completed"])
        }
        "form_abandoned" => latest.has_later(
            event,
            &[
                "field_focused",
                "form_attempted",
                "form_abandoned",
                "form_completed",
            ],
        ),
        _ => false,
    }
}

/// Adds what belongs to a page to its line.
fn add_to_page(event: &Event, lines: &mut [(Option<ViewId>, Line)]) -> bool {
    if !matches!(event.kind.as_str(), "page_load" | "active" | "scroll") {
        return false;
    }
    let of_view = lines
        .iter_mut()
        .rev()
        .filter(|(view, _)| *view == Some(event.view));
    let page = of_view
        .map(|(_, line)| &mut line.what)
        .find(|what| matches!(what, What::Page { .. }));
    if let Some(What::Page {
        loaded_ms,
        active_ms,
        scrolled,
        ..
    }) = page
    {
        match event.kind.as_str() {
            "page_load" => *loaded_ms = Some(event.props.ms),
            "active" => *active_ms += event.props.ms,
            _ => *scrolled = event.props.p.as_i64().unwrap_or_default().max(*scrolled),
        }
    }
    true
}

fn what<'a>(event: &'a Event, latest: &Latest<'a>, completed: &[Completed]) -> Option<What> {
    let Props {
        u,
        r,
        f,
        n,
        l,
        h,
        s,
        why,
        m,
        name,
        ..
    } = event.props.clone();
    Some(match event.kind.as_str() {
        "page_view" => What::Page {
            path: u,
            referrer: r,
            loaded_ms: None,
            active_ms: 0,
            scrolled: 0,
        },
        // With its origin when that is another one, as a path when it is not.
        "click" if h.starts_with("http") => What::Click { label: l, away: h },
        "click" if !l.is_empty() => What::Click {
            label: l,
            away: String::new(),
        },
        // Neither a link nor a button: the owner's own name for it.
        "click" if !s.is_empty() => What::Click {
            label: s,
            away: String::new(),
        },
        "form_started" => What::FormStarted {
            is_autofilled: latest.is_autofilled(event),
            form: f,
            last_field: if latest.has_later(event, &["field_focused", "form_completed"]) {
                String::new()
            } else {
                n
            },
        },
        "field_focused" => What::LastField { form: f, field: n },
        "form_attempted" => What::FormAttempted { form: f },
        "form_failed" => What::FormFailed { form: f, field: n },
        "form_completed" => What::FormCompleted { form: f },
        "form_abandoned" => What::FormAbandoned {
            form: f,
            why,
            recovered_ms: recovered_ms(event, completed),
        },
        "prompt_helped" => What::Helped { how: m },
        "exit_intent" => What::Exit,
        "track" => What::Tracked { name },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{SiteId, VisitId};

    fn events(view: i64, body: &str) -> Vec<Event> {
        let view_id = ViewId(uuid::Uuid::from_u128(view as u128));
        read(&batch::Model {
            site_id: SiteId(1),
            view_id,
            first_seq: 0,
            visit_id: VisitId::new(1),
            view_started_at: view * 100_000,
            received_at: 0,
            body: body.into(),
        })
    }

    fn kinds(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| {
                format!("{:?}", line.what)
                    .split([' ', '{'])
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn a_form_left_unfinished_is_told_in_order() {
        let mut all = events(
            1,
            r#"[[0,"page_view",{"u":"/signup","r":"https://google.example/"}],[800,"page_load",{"ms":790}],
                [1000,"field_focused",{"f":"signup","n":"name"}],[2000,"form_started",{"f":"signup","n":"name"}],
                [3000,"field_focused",{"f":"signup","n":"phone"}],[3500,"active",{"ms":3000}],[3600,"scroll",{"p":50}],
                [3700,"scroll",{"p":25}],[4000,"form_abandoned",{"f":"signup","n":"phone","why":"exit_mouse"}],[4000,"exit_intent",{"vy":-1.2}]]"#,
        );
        all.extend(events(
            2,
            r#"[[0,"page_view",{"u":"/pricing"}],[10,"newer_kind",{"u":7}]]"#,
        ));
        let answered = Mark {
            at: 104_500,
            what: What::Answered {
                prompt: "P".into(),
                is_this: true,
                after_ms: 500,
            },
        };
        let left = Mark {
            at: 104_000,
            what: What::Left,
        };

        let lines = tell(all, vec![left, answered], vec![]);

        assert_eq!(
            kinds(&lines),
            [
                "Page",
                "FormStarted",
                "LastField",
                "FormAbandoned",
                "Exit",
                "Answered",
                "Page",
                "Left"
            ]
        );
        let page = What::Page {
            path: "/signup".into(),
            referrer: "https://google.example/".into(),
            loaded_ms: Some(790),
            active_ms: 3_000,
            scrolled: 50,
        };
        assert_eq!(
            lines[0],
            Line {
                at: 100_000,
                what: page,
                is_told: false,
            }
        );
        assert_eq!(
            lines[2].what,
            What::LastField {
                form: "signup".into(),
                field: "phone".into()
            }
        );
    }

    #[test]
    fn a_completed_form_was_not_turned_away_from() {
        let all = events(
            1,
            r#"[[1,"form_started",{"f":"a"}],[2,"field_focused",{"f":"a","n":"x"}],[3,"form_abandoned",{"f":"a","why":"hidden"}],[4,"form_completed",{"f":"a"}]]"#,
        );

        assert_eq!(
            kinds(&tell(all, vec![], vec![])),
            ["FormStarted", "FormCompleted"]
        );
    }

    #[test]
    fn a_form_that_the_browser_alone_has_filled_says_so() {
        let filled = |fields: &str| {
            let body = format!(r#"[[1,"form_started",{{"f":"a","n":"x"}}],{fields}]"#);
            let lines = tell(events(1, &body), vec![], vec![]);
            assert_eq!(
                kinds(&lines),
                ["FormStarted"],
                "fields that were left flood nothing"
            );
            matches!(
                lines[0].what,
                What::FormStarted {
                    is_autofilled: true,
                    ..
                }
            )
        };
        let by_browser = r#"[2,"field_left",{"f":"a","n":"x","ms":5,"auto":true}]"#;
        assert!(filled(by_browser));
        let and_another = format!(r#"{by_browser},[3,"field_left",{{"f":"b","n":"y","c":true}}]"#);
        assert!(filled(&and_another));
        let and_by_hand = format!(r#"{by_browser},[3,"field_left",{{"f":"a","c":true}}]"#);
        assert!(!filled(&and_by_hand));
        assert!(
            !filled(r#"[2,"field_left",{"f":"a","n":"x","ms":5}]"#),
            "nothing is known"
        );
    }

    #[test]
    fn a_form_that_is_completed_within_a_week_was_recovered() {
        let left =
            r#"[[0,"form_started",{"f":"a"}],[10,"form_abandoned",{"f":"a","why":"closed"}]]"#;
        let recovered = |all: Vec<Event>, later: &[(&str, Millis)]| {
            let later = later.iter().map(|(form, at)| ((*form).into(), *at));
            let lines = tell(all, vec![], later.collect());
            lines.into_iter().find_map(|line| match line.what {
                What::FormAbandoned { recovered_ms, .. } => Some(recovered_ms),
                _ => None,
            })
        };
        let both = |more: &str| [events(1, left), events(2, more)].concat();

        let on_the_next_page = both(r#"[[0,"form_completed",{"f":"a"}]]"#);
        assert_eq!(recovered(on_the_next_page, &[]), Some(Some(99_990)));
        let another = both(r#"[[0,"form_completed",{"f":"b"}]]"#);
        assert_eq!(recovered(another, &[]), Some(None));
        let at = 100_010;
        for (later, ms) in [
            (at + DAY, Some(DAY)),
            (at + RECOVERED_WITHIN, Some(RECOVERED_WITHIN)),
            (at + RECOVERED_WITHIN + 1, None),
            // Before it was given up.
            (at - 1, None),
        ] {
            assert_eq!(recovered(events(1, left), &[("a", later)]), Some(ms));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_journal_is_fatal(body in ".*") {
            events(1, &body);
        }

        #[test]
        fn lines_are_in_order(times in proptest::collection::vec(0_i64..10_000, 0..40)) {
            let body: Vec<String> = times.iter().map(|t| format!(r#"[{t},"page_view",{{"u":"/"}}]"#)).collect();
            let lines = tell(events(1, &format!("[{}]", body.join(","))), vec![], vec![]);
            proptest::prop_assert!(lines.is_sorted_by_key(|line| line.at));
            proptest::prop_assert_eq!(lines.len(), times.len());
        }
    }
}

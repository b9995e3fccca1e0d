//! The fold under any order and any duplication.

use proptest::prelude::*;

use super::*;
use crate::{
    goal::types::{FunnelVersion, GoalRule},
    ingest::event::Props,
    types::GoalId,
};

/// A page load and its events, as they are drawn.
type Drawn = (i64, Vec<(i64, (EventKind, &'static str))>);

const PRICING: u8 = 0;
const STARTED: u8 = 1;
const SIGNED_UP: u8 = 2;

fn definitions() -> Definitions {
    let goal = |bit, rule, value_minor| GoalVersion {
        bit,
        goal_id: GoalId::new(i64::from(bit)),
        rule,
        value_minor,
        since_at: 0,
        until_at: None,
    };
    let form = || "signup".to_owned();
    Definitions {
        goals: vec![
            goal(
                PRICING,
                GoalRule::Url {
                    path: "/pricing".into(),
                },
                None,
            ),
            goal(STARTED, GoalRule::FormStarted { form: form() }, None),
            goal(
                SIGNED_UP,
                GoalRule::FormCompleted { form: form() },
                Some(4_900),
            ),
        ],
        funnels: vec![FunnelVersion {
            version: 1,
            steps: vec![PRICING, STARTED, SIGNED_UP],
            primary_bit: Some(SIGNED_UP),
            since_at: 0,
        }],
    }
}

fn event(t: Millis, kind: EventKind, subject: &str) -> Event {
    let text = Some(subject.to_owned());
    let props = match kind {
        EventKind::PageView => Props {
            u: text,
            ..Props::default()
        },
        EventKind::Track => Props {
            name: text,
            value: Some(12.5),
            ..Props::default()
        },
        EventKind::Set => Props {
            props: Some(BTreeMap::from([(
                "plan".to_owned(),
                Scalar::Text(subject.into()),
            )])),
            ..Props::default()
        },
        EventKind::Active => Props {
            ms: Some(t),
            ..Props::default()
        },
        _ => Props {
            f: text,
            ..Props::default()
        },
    };
    Event {
        t,
        kind: Some(kind),
        props,
    }
}

fn fold_of(batches: &[StoredBatch]) -> Facts {
    let definitions = definitions();
    fold(
        Rules {
            definitions: &definitions,
            currency: "EUR",
        },
        batches,
    )
}

fn one_view(events: Vec<Event>) -> Vec<StoredBatch> {
    vec![StoredBatch {
        view_id: ViewId::new(1),
        first_seq: 0,
        view_started_at: 1_000,
        events,
    }]
}

#[test]
fn steps_count_in_order_and_the_macro_in_any() {
    let facts = fold_of(&one_view(vec![
        event(0, EventKind::PageView, "/signup"),
        event(10, EventKind::FormStarted, "signup"),
        event(20, EventKind::FormCompleted, "signup"),
        event(30, EventKind::PageView, "/pricing/"),
    ]));

    assert_eq!(
        facts.funnel_step, 1,
        "only pricing, which came last, counts as a step"
    );
    assert_eq!(facts.macro_at, Some(1_020));
    assert_eq!(facts.mask_all, 0b111);
    assert_eq!(facts.mask_before, 0b110);
    assert_eq!(facts.value_minor(), 4_900);
}

#[test]
fn a_goal_is_worth_its_value_once() {
    let facts = fold_of(&one_view(vec![
        event(0, EventKind::FormCompleted, "signup"),
        event(10, EventKind::FormCompleted, "signup"),
    ]));

    assert_eq!(facts.goals[&SIGNED_UP].n, 2);
    assert_eq!(facts.value_minor(), 4_900);
}

#[test]
fn a_goal_counts_only_while_it_is_defined() {
    let mut definitions = definitions();
    definitions.goals[0].since_at = 2_000;
    let batches = one_view(vec![
        event(0, EventKind::PageView, "/pricing"),
        event(1_500, EventKind::PageView, "/pricing"),
    ]);
    let facts = fold(
        Rules {
            definitions: &definitions,
            currency: "EUR",
        },
        &batches,
    );

    assert_eq!(
        facts.goals[&PRICING],
        GoalFact {
            first_at: 2_500,
            n: 1,
            value_minor: 0
        }
    );
}

#[test]
fn the_last_words_of_a_hidden_page_do_not_bring_it_back() {
    let facts = fold_of(&one_view(vec![
        event(0, EventKind::PageView, "/"),
        event(10, EventKind::PageHidden, ""),
        event(10, EventKind::Active, ""),
    ]));

    assert!(!facts.views[0].is_live);
}

fn kinds() -> impl Strategy<Value = (EventKind, &'static str)> {
    prop::sample::select(vec![
        (EventKind::PageView, "/"),
        (EventKind::PageView, "/pricing"),
        (EventKind::PageHidden, ""),
        (EventKind::PageVisible, ""),
        (EventKind::Active, ""),
        (EventKind::FormStarted, "signup"),
        (EventKind::FormCompleted, "signup"),
        (EventKind::Track, "deposit"),
        (EventKind::Set, "pro"),
        (EventKind::Set, "team"),
    ])
}

#[test]
fn what_the_page_says_is_bounded_and_the_last_value_wins() {
    let set = |t, name: String, value: &str| {
        let mut said = event(t, EventKind::Set, value);
        let value = Scalar::Text(value.into());
        said.props.props = Some(BTreeMap::from([(name, value)]));
        said
    };
    let long = "x".repeat(2 * MAX_PROPERTY);
    let mut events: Vec<Event> = (0..40).map(|n| set(n, format!("p{n}"), &long)).collect();
    events.push(set(50, "p0".into(), "pro"));

    let facts = fold_of(&one_view(events));

    assert_eq!(facts.properties.len(), MAX_PROPERTIES);
    assert_eq!(facts.properties["p0"], Scalar::Text("pro".into()));
    let kept = facts.properties["p1"].as_text().unwrap();
    assert_eq!(kept.len(), MAX_PROPERTY);
    assert!(!facts.properties.contains_key("p32"));
}

/// Batches of three page loads that overlap in time.
fn batches() -> impl Strategy<Value = Vec<StoredBatch>> {
    prop::collection::vec(
        (
            0..3_i64,
            prop::collection::vec((0..5_000_i64, kinds()), 1..6),
        ),
        1..12,
    )
    .prop_map(|drawn| {
        let mut next = [0; 3];
        let batch = |(view, events): Drawn| {
            let index = usize::try_from(view).unwrap();
            let mut events: Vec<_> = events
                .iter()
                .map(|(t, (kind, text))| event(*t, *kind, text))
                .collect();
            events.sort_by_key(|event| event.t);
            let first_seq = next[index];
            next[index] += i32::try_from(events.len()).unwrap();
            let view_id = ViewId(uuid::Uuid::from_u128(u128::try_from(view).unwrap()));
            StoredBatch {
                view_id,
                first_seq,
                view_started_at: 1_000 * view,
                events,
            }
        };
        drawn.into_iter().map(batch).collect()
    })
}

proptest! {
    #[test]
    fn any_order_and_any_duplication_give_the_same_facts(
        (batches, shuffled, again) in batches().prop_flat_map(|batches| {
            let count = batches.len();
            (Just(batches.clone()), Just(batches).prop_shuffle(), prop::collection::vec(0..count, 0..6))
        })
    ) {
        let mut arrived = shuffled.clone();
        arrived.extend(again.iter().map(|&index| shuffled[index].clone()));

        prop_assert_eq!(fold_of(&arrived), fold_of(&batches));
    }

    #[test]
    fn applying_event_by_event_is_folding(batches in batches()) {
        let definitions = definitions();
        let rules = Rules { definitions: &definitions, currency: "EUR" };
        let mut events: Vec<_> = batches.iter().flat_map(StoredBatch::placed).collect();
        events.sort_by_key(|placed| placed.order);
        let mut facts = Facts::default();
        for placed in &events {
            facts.apply(rules, placed);
        }

        prop_assert_eq!(facts, fold_of(&batches));
    }
}

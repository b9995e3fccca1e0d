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
        worth_since: 0,
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
            goal(SIGNED_UP, GoalRule::completed(form()), Some(4_900)),
        ],
        funnels: vec![FunnelVersion {
            version: 1,
            steps: vec![PRICING, STARTED, SIGNED_UP],
            primary_bit: Some(SIGNED_UP),
            bits: 0b111,
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
        EventKind::Track if subject.starts_with("price ") => Props {
            name: Some("experiment_viewed".into()),
            props: Some(BTreeMap::from([
                ("experiment_id".to_owned(), Scalar::Text("price".into())),
                ("variation_id".to_owned(), Scalar::Text(subject[6..].into())),
            ])),
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
        EventKind::Active | EventKind::PageLoad => Props {
            ms: Some(t),
            ..Props::default()
        },
        EventKind::Eligible => Props {
            m: text,
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
    fold_by(&definitions(), batches)
}

fn fold_by(definitions: &Definitions, batches: &[StoredBatch]) -> Facts {
    fold(
        Rules {
            definitions,
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
    assert_eq!(facts.mask_before, 0b010);
    assert_eq!(facts.value_minor(), 4_900);
}

#[test]
fn what_the_same_event_reaches_was_not_reached_before_it() {
    let mut definitions = definitions();
    let thanks = GoalVersion {
        bit: 3,
        rule: GoalRule::completed("*"),
        ..definitions.goals[2].clone()
    };
    definitions.goals.push(thanks);
    definitions.funnels[0].bits |= 1 << 3;
    let facts = fold_by(
        &definitions,
        &one_view(vec![
            event(0, EventKind::FormStarted, "signup"),
            event(10, EventKind::FormCompleted, "signup"),
        ]),
    );

    assert_eq!(facts.mask_all, 0b1110);
    assert_eq!(facts.mask_before, 0b0010);
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
fn a_visit_is_counted_from_its_beginning_by_the_goals_of_one_version() {
    let mut definitions = definitions();
    definitions.goals[usize::from(PRICING)].since_at = 2_000;
    definitions.goals[usize::from(SIGNED_UP)].until_at = Some(2_000);
    definitions.funnels.push(FunnelVersion {
        version: 2,
        steps: vec![PRICING],
        primary_bit: None,
        bits: 0b011,
        since_at: 2_000,
    });
    let batches = one_view(vec![
        event(0, EventKind::PageView, "/pricing"),
        event(10, EventKind::FormCompleted, "signup"),
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
        facts.goals,
        BTreeMap::from([(
            PRICING,
            GoalFact {
                first_at: 1_000,
                n: 2,
                value_minor: 0
            }
        )])
    );
    assert_eq!((facts.funnel_version, facts.funnel_step), (2, 1));
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

#[test]
fn a_move_to_leave_is_judged_by_what_comes_a_minute_later() {
    const S: i64 = 1_000;
    let judged = |events: &[(i64, EventKind, &str)]| {
        let events = events.iter();
        let events = events.map(|(t, kind, subject)| event(*t, *kind, subject));
        let facts = fold_of(&one_view(events.collect()));
        (facts.exits, facts.exits_stayed)
    };
    let exit = (10 * S, EventKind::ExitIntent, "");
    let asked = (10 * S, EventKind::Eligible, "exit");
    let shown = |t| (t, EventKind::PromptShown, "");

    assert_eq!(judged(&[exit]), (1, 0), "nothing came");
    for (t, stayed) in [(69 * S, 0), (70 * S, 1), (310 * S, 1), (311 * S, 0)] {
        assert_eq!(
            judged(&[exit, (t, EventKind::Click, "")]),
            (1, stayed),
            "{t}"
        );
    }
    for kind in [
        EventKind::PageHidden,
        EventKind::FormAbandoned,
        EventKind::PageLoad,
    ] {
        assert_eq!(
            judged(&[exit, (100 * S, kind, "")]),
            (1, 0),
            "{kind:?} needs nobody"
        );
    }
    // Attention of 100 s reported at 100 s reaches beyond the minute; that of 50 s may have been before.
    assert_eq!(judged(&[exit, (100 * S, EventKind::Active, "")]), (1, 1));
    assert_eq!(
        judged(&[
            (0, EventKind::ExitIntent, ""),
            (60 * S, EventKind::Active, "")
        ]),
        (1, 0)
    );
    assert_eq!(
        judged(&[
            exit,
            (80 * S, EventKind::ExitIntent, ""),
            (90 * S, EventKind::Scroll, "")
        ]),
        (2, 1),
        "each by itself: the second is followed by nothing a minute later"
    );
    assert_eq!(
        judged(&[exit, asked, shown(11 * S)]),
        (0, 0),
        "a question opened"
    );
    assert_eq!(
        judged(&[exit, asked]),
        (1, 0),
        "it was asked for, and did not open"
    );
    assert_eq!(
        judged(&[exit, shown(40 * S)]),
        (1, 0),
        "a question of another moment"
    );
}

#[test]
fn how_long_the_first_page_took_to_load_is_kept_and_no_other() {
    let view = |id, at, events| StoredBatch {
        view_id: ViewId::new(id),
        view_started_at: at,
        ..one_view(events).remove(0)
    };
    let first = view(1, 0, vec![event(0, EventKind::PageView, "/")]);
    let loads = |t| {
        vec![
            event(0, EventKind::PageView, "/"),
            event(t, EventKind::PageLoad, ""),
        ]
    };
    let (second, third) = (view(2, 10_000, loads(900)), view(3, 20_000, loads(5_000)));

    assert_eq!(fold_of(std::slice::from_ref(&first)).load_ms, None);
    assert_eq!(
        fold_of(&[third.clone(), second.clone(), first]).load_ms,
        None
    );
    assert_eq!(fold_of(&[third, second]).load_ms, Some(900));
}

/// Counted one by one, by what is promised of it.
fn exits_by_hand(batches: &[StoredBatch]) -> (i32, i32) {
    let mut events: Vec<_> = batches.iter().flat_map(StoredBatch::placed).collect();
    events.sort_by_key(|placed| placed.order);
    let is = |placed: &Placed<'_>, kind| placed.event.kind == Some(kind);
    let (mut exits, mut stayed) = (0, 0);
    for (place, exit) in events.iter().enumerate() {
        if !is(exit, EventKind::ExitIntent) {
            continue;
        }
        let after = |placed: &Placed<'_>| placed.order.0 - exit.order.0;
        let later = &events[place + 1..];
        let there = later.iter().position(|placed| {
            let ms = placed.event.props.ms.unwrap_or_default();
            let is_short = is(placed, EventKind::Active) && ms <= 60_000;
            let by_itself = [
                EventKind::PageHidden,
                EventKind::PageLoad,
                EventKind::Eligible,
                EventKind::PromptShown,
                EventKind::Track,
                EventKind::Set,
            ];
            let is_person = !is_short && !by_itself.iter().any(|kind| is(placed, *kind));
            is_person && (60_000..=300_000).contains(&after(placed))
        });
        let same = |placed: &&Placed<'_>| placed.order.1 == exit.order.1;
        let asked = later
            .iter()
            .position(|it| same(&it) && is(it, EventKind::Eligible) && after(it) <= 5_000);
        let opened = asked.and_then(|asked| {
            let opened = later[asked..].iter().position(|it| {
                same(&it) && is(it, EventKind::PromptShown) && after(it) <= 300_000
            })?;
            Some(asked + opened)
        });
        match (there, opened) {
            (there, Some(opened)) if there.is_none_or(|there| opened < there) => {}
            (there, _) => {
                exits += 1;
                stayed += i32::from(there.is_some());
            }
        }
    }
    (exits, stayed)
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
        (EventKind::Track, "price A"),
        (EventKind::Track, "price B"),
        (EventKind::PageLoad, ""),
        (EventKind::Set, "pro"),
        (EventKind::Set, "team"),
        (EventKind::ExitIntent, ""),
        (EventKind::ExitIntent, ""),
        (EventKind::Eligible, "exit"),
        (EventKind::PromptShown, ""),
    ])
}

#[test]
fn what_a_visit_came_to_it_comes_to_once() {
    let mut definitions = definitions();
    definitions.goals[usize::from(PRICING)].rule = GoalRule::Active { seconds: 5 };
    definitions.funnels[0].steps = vec![STARTED, PRICING];

    let facts = fold_by(
        &definitions,
        &one_view(vec![
            event(5_000, EventKind::Active, ""),
            event(6_000, EventKind::FormStarted, "signup"),
            event(7_000, EventKind::Active, ""),
            event(8_000, EventKind::Active, ""),
        ]),
    );

    assert_eq!(facts.goals[&PRICING].n, 1);
    assert_eq!(
        path::events(&facts.path),
        [1_i64 << PRICING, 1 << STARTED],
        "{:?}",
        facts.path
    );
    assert_eq!(facts.funnel_step, 1, "later events are no further step");
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
            // Close together, or minutes apart.
            prop::collection::vec((prop_oneof![0..5_000_i64, 0..400_000_i64], kinds()), 1..6),
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
    fn moves_to_leave_are_those_of_a_plain_count(batches in batches()) {
        let facts = fold_of(&batches);
        let plain = exits_by_hand(&batches);
        prop_assert_eq!((facts.exits, facts.exits_stayed), plain);
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

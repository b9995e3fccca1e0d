//! What a stored journal would have asked, counted by hand.

use serde_json::json;

use super::*;
use crate::{
    ingest::{event::Event, fold::StoredBatch},
    prompt::types::AddressRule,
};

/// Page loads, each with its events; times are ms since the first began.
fn outcome(moment: &Moment<'_>, views: &[(Millis, serde_json::Value)]) -> Outcome {
    let batches: Vec<StoredBatch> = (1..)
        .zip(views)
        .map(|(number, (started, events))| StoredBatch {
            view_id: ViewId(uuid::Uuid::from_u128(number)),
            first_seq: 0,
            view_started_at: *started,
            events: serde_json::from_value::<Vec<Event>>(events.clone()).unwrap(),
        })
        .collect();
    let mut events: Vec<Placed<'_>> = batches.iter().flat_map(StoredBatch::placed).collect();
    events.sort_by_key(|placed| placed.order);
    replay(moment, &events)
}

fn started() -> GoalRule {
    GoalRule::FormStarted {
        form: "signup".into(),
    }
}

fn completed() -> GoalRule {
    GoalRule::completed("signup")
}

struct World {
    after: Option<GoalRule>,
    against: Vec<GoalRule>,
    steps: Vec<GoalRule>,
    ask_at: Vec<AskAt>,
    is_all: bool,
    delay: Millis,
    about: Details,
    target: Target,
    form_paths: Vec<(String, String)>,
}

impl World {
    fn form() -> Self {
        Self {
            after: Some(started()),
            against: vec![completed()],
            steps: vec![GoalRule::FormStarted {
                form: "checkout".into(),
            }],
            ask_at: vec![AskAt::Exit, AskAt::LeaveForm, AskAt::Stall, AskAt::NextPage],
            is_all: false,
            delay: 0,
            about: Details::default(),
            target: Target::default(),
            form_paths: ["signup", "checkout"]
                .map(|form| (form.into(), format!("/{form}")))
                .into(),
        }
    }

    fn fired(&self, views: &[(Millis, serde_json::Value)]) -> Option<Millis> {
        self.outcome(views).fired_at
    }

    fn outcome(&self, views: &[(Millis, serde_json::Value)]) -> Outcome {
        let moment = Moment {
            after: self.after.as_ref(),
            against: self.against.iter().collect(),
            steps: self.steps.iter().collect(),
            ask_at: &self.ask_at,
            is_all: self.is_all,
            delay: self.delay,
            within: 600 * SECOND,
            about: &self.about,
            min_active: 5 * SECOND,
            keys: false,
            target: &self.target,
            form_paths: &self.form_paths,
        };
        outcome(&moment, views)
    }
}

#[test]
fn an_exit_after_enough_attention_asks() {
    let world = World {
        after: None,
        against: vec![],
        ..World::form()
    };
    let leave = |active: i64| json!([[0, "page_view", {"u": "/"}], [9_000, "exit_intent"], [9_010, "active", {"ms": active}]]);

    assert_eq!(world.fired(&[(0, leave(6_000))]), Some(9_000));
    assert_eq!(world.fired(&[(0, leave(4_000))]), None);
}

#[test]
fn a_form_asks_where_it_was_left_and_not_once_it_is_done() {
    let world = World::form();
    let visit = |why: &str, done: bool| {
        let mut events = vec![
            json!([0, "page_view", {"u": "/signup"}]),
            json!([5_000, "form_started", {"f": "signup"}]),
        ];
        if done {
            events.push(json!([8_000, "form_completed", {"f": "signup"}]));
        }
        events.push(json!([70_000, "form_abandoned", {"f": "signup", "why": why}]));
        vec![(0, json!(events))]
    };

    assert_eq!(world.fired(&visit("stalled", false)), Some(70_000));
    assert_eq!(world.fired(&visit("closed", false)), Some(70_000));
    assert_eq!(world.fired(&visit("closed", true)), None);
    assert_eq!(world.fired(&visit("navigated", false)), None);
    let other = World {
        ask_at: vec![AskAt::Exit],
        ..World::form()
    };
    assert_eq!(other.fired(&visit("closed", false)), None);
    assert!(other.outcome(&visit("closed", false)).is_reached);
}

#[test]
fn the_next_page_asks_after_three_seconds_unless_it_leads_on() {
    let world = World::form();
    let visit = |path: &str, stay: i64| {
        [
            (
                0,
                json!([[0, "page_view", {"u": "/signup"}], [2_000, "form_started", {"f": "signup"}], [20_000, "page_hidden"]]),
            ),
            (
                21_000,
                json!([[0, "page_view", {"u": path}], [stay, "page_hidden"]]),
            ),
        ]
    };

    assert_eq!(world.fired(&visit("/blog", 9_000)), Some(24_000));
    assert_eq!(world.fired(&visit("/blog", 2_000)), None);
    // A step that is due, and the page of the form itself.
    assert_eq!(world.fired(&visit("/checkout", 9_000)), None);
    assert_eq!(world.fired(&visit("/signup", 9_000)), None);
}

#[test]
fn pages_and_time_limit_it() {
    let mut world = World::form();
    world.target.addresses = vec![AddressRule::pattern("/signup")];
    let visit = |path: &str, at: i64| {
        [(
            0,
            json!([
                [0, "page_view", {"u": path}],
                [1_000, "form_started", {"f": "signup"}],
                [at, "exit_intent"], [at, "active", {"ms": 30_000}]
            ]),
        )]
    };

    assert_eq!(world.fired(&visit("/signup", 9_000)), Some(9_000));
    assert_eq!(world.fired(&visit("/other", 9_000)), None);
    assert_eq!(world.fired(&visit("/signup", 602_000)), None);
}

#[test]
fn leaving_the_page_after_an_error_is_no_turning_away_from_the_form() {
    let world = World {
        ask_at: vec![AskAt::LeaveForm],
        ..World::form()
    };
    let visit = |hidden_at: i64| {
        [(
            0,
            json!([
                [0, "page_view", {"u": "/signup"}],
                [1_000, "form_started", {"f": "signup"}],
                [9_000, "form_abandoned", {"f": "signup", "why": "after_error"}],
                [hidden_at, "page_hidden"]
            ]),
        )]
    };

    assert_eq!(world.fired(&visit(9_000)), None);
    assert_eq!(world.fired(&visit(15_000)), Some(9_000));
}

#[test]
fn what_the_journal_tells_of_asks_at_its_event() {
    let page = json!([0, "page_view", {"u": "/pricing"}]);
    let cases = [
        (AskAt::PageView, page.clone(), 0),
        (AskAt::Scroll, json!([900, "scroll", {"p": 50}]), 900),
        (
            AskAt::Dwell,
            json!([40_000, "active", {"ms": 31_000}]),
            40_000,
        ),
        (AskAt::Copy, json!([700, "copy"]), 700),
        (AskAt::NotFound, json!([1, "not_found"]), 1),
        (AskAt::RageClick, json!([2, "rage_click"]), 2),
        (
            AskAt::WidgetClosed,
            json!([3, "widget_closed", {"n": "chat"}]),
            3,
        ),
        (AskAt::Event, json!([4, "track", {"name": "compared"}]), 4),
    ];
    for (ask_at, event, at) in cases {
        let world = World {
            after: None,
            against: vec![],
            ask_at: vec![ask_at],
            about: Details {
                event: "compared".into(),
                ..Details::default()
            },
            ..World::form()
        };
        assert!(is_told(ask_at), "{ask_at}");
        assert_eq!(
            world.fired(&[(0, json!([page, event]))]),
            Some(at),
            "{ask_at}"
        );
        let little = json!([page, [5, "scroll", {"p": 25}], [6, "active", {"ms": 5}], [7, "track", {"name": "x"}]]);
        let quiet = world.fired(&[(0, little)]);
        assert_eq!(quiet.is_some(), ask_at == AskAt::PageView, "{ask_at}");
    }
    let reached = World {
        ask_at: vec![AskAt::Reached],
        ..World::form()
    };
    let form = json!([page, [500, "form_started", {"f": "signup"}]]);
    assert_eq!(reached.fired(&[(0, form)]), Some(500));
}

#[test]
fn a_delay_asks_when_it_ends_on_the_page_and_by_the_rules_of_then() {
    let world = World {
        after: None,
        ask_at: vec![AskAt::Scroll],
        delay: 5 * SECOND,
        about: Details {
            scroll_percent: 50,
            ..Details::default()
        },
        ..World::form()
    };
    let visit = |then: serde_json::Value| {
        let scrolled = [
            json!([0, "page_view", {"u": "/a"}]),
            json!([1_000, "scroll", {"p": 50}]),
        ];
        let events: Vec<_> = scrolled
            .into_iter()
            .chain(then.as_array().unwrap().clone())
            .collect();
        [(0, json!(events))]
    };

    let stayed = json!([[3_000, "scroll", {"p": 75}], [20_000, "page_hidden"]]);
    assert_eq!(world.fired(&visit(stayed)), Some(6_000));
    let left = json!([[4_000, "page_hidden"]]);
    assert_eq!(world.fired(&visit(left)), None);
    let went_on = json!([[4_000, "page_view", {"u": "/b"}], [20_000, "page_hidden"]]);
    assert_eq!(world.fired(&visit(went_on)), None);
    let came_back = json!([
        [4_000, "page_hidden"],
        [9_000, "page_visible"],
        [20_000, "page_hidden"]
    ]);
    assert_eq!(world.fired(&visit(came_back)), Some(9_000));
    let done = json!([[4_000, "form_completed", {"f": "signup"}], [20_000, "page_hidden"]]);
    assert_eq!(world.fired(&visit(done)), None);
}

#[test]
fn all_of_several_moments_come_on_one_page() {
    let world = World {
        after: None,
        ask_at: vec![AskAt::Scroll, AskAt::Copy],
        is_all: true,
        about: Details {
            scroll_percent: 50,
            ..Details::default()
        },
        ..World::form()
    };
    let page = json!([0, "page_view", {"u": "/a"}]);
    let (scrolled, copied) = (json!([1_000, "scroll", {"p": 50}]), json!([3_000, "copy"]));

    assert_eq!(
        world.fired(&[(0, json!([page, scrolled, copied]))]),
        Some(3_000)
    );
    assert_eq!(world.fired(&[(0, json!([page, scrolled]))]), None);
    let next = json!([2_000, "page_view", {"u": "/b"}]);
    assert_eq!(
        world.fired(&[(0, json!([page, scrolled, next, copied]))]),
        None
    );
}

//! Goes through the events of one visit again and finds the moment at which a question would have been asked. Pure.

use std::collections::HashMap;

use crate::{
    clock::SECOND,
    goal::types::{GoalRule, Subject, matches_pattern, normal_path},
    ingest::{
        event::{EventKind, Placed},
        witness,
    },
    prompt::types::{AskAt, Details, Target},
    types::{Millis, Scalar, ViewId},
};

/// How long after a page was opened the widget asks a question that was put off to it.
const NEXT_PAGE_AFTER: Millis = 3 * SECOND;
/// Active time is reported with the batch, right after the signal that made it be sent.
const REPORTED_WITHIN: Millis = 2 * SECOND;
/// Events of one cause stand so close together.
const AT_ONCE: Millis = 50;

/// A moment, as far as stored behaviour can tell of it.
#[derive(Clone, Debug)]
pub(super) struct Moment<'a> {
    /// A; `None` for everybody.
    pub(super) after: Option<&'a GoalRule>,
    /// B and C.
    pub(super) against: Vec<&'a GoalRule>,
    /// Steps of the funnel: whoever opens the page of one that is due is on the way.
    pub(super) steps: Vec<&'a GoalRule>,
    /// M.
    pub(super) ask_at: &'a [AskAt],
    /// ms after A.
    pub(super) within: Millis,
    /// What those are about that are about something.
    pub(super) about: &'a Details,
    /// Active time before an exit counts, ms.
    pub(super) min_active: Millis,
    /// Where.
    pub(super) target: &'a Target,
    /// Forms, each with a page that was seen to hold it.
    pub(super) form_paths: &'a [(String, String)],
}

/// What a visit came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// A was reached, or nothing has to be.
    pub(super) is_reached: bool,
    /// When the question would have been asked.
    pub(super) fired_at: Option<Millis>,
}

/// A page on screen.
#[derive(Clone, Debug, Default)]
struct Page {
    path: String,
    query: String,
    /// Since the page load.
    active: Millis,
    /// Since this page of it was opened.
    dwelt: Millis,
}

/// What is known so far.
struct Run<'a, 'b> {
    moment: &'b Moment<'a>,
    reached_at: Option<Millis>,
    is_lost: bool,
    steps: Vec<bool>,
    pages: HashMap<ViewId, Page>,
    /// Questions put off to a page: when they are asked there, and in which page load.
    due: Vec<(Millis, ViewId, Millis)>,
    fired_at: Option<Millis>,
}

/// What only the events behind one tell about it.
#[derive(Clone, Copy, Default)]
struct Ahead {
    /// How long the page stayed on screen, ms.
    stay: Millis,
    /// Active time that was reported right after, ms.
    active: Millis,
    /// The page was hidden at the same moment.
    is_hidden: bool,
}

/// Whether the journal tells of the moment at all.
pub(super) fn is_told(ask_at: AskAt) -> bool {
    match ask_at {
        AskAt::Exit
        | AskAt::NextPage
        | AskAt::LeaveForm
        | AskAt::Stall
        | AskAt::PageView
        | AskAt::Scroll
        | AskAt::Dwell
        | AskAt::Event
        | AskAt::Copy
        | AskAt::WidgetClosed
        | AskAt::Reached
        | AskAt::RageClick
        | AskAt::NotFound => true,
        AskAt::NextVisit
        | AskAt::FieldError
        | AskAt::Seen
        | AskAt::EndOfContent
        | AskAt::Idle
        | AskAt::Click
        | AskAt::NoResults => false,
    }
}

/// Goes through a visit; `events` are in their order.
pub(super) fn replay(moment: &Moment<'_>, events: &[Placed<'_>]) -> Outcome {
    let ahead = look_ahead(events);
    let mut run = Run {
        moment,
        reached_at: None,
        is_lost: false,
        steps: vec![false; moment.steps.len()],
        pages: HashMap::new(),
        due: vec![],
        fired_at: None,
    };
    for (placed, ahead) in events.iter().zip(ahead) {
        run.ask_put_off(placed.order.0);
        run.take(placed, ahead);
        if run.fired_at.is_some() || run.is_lost {
            break;
        }
    }
    if !run.is_lost {
        run.ask_put_off(Millis::MAX);
    }
    Outcome {
        is_reached: moment.after.is_none() || run.reached_at.is_some(),
        fired_at: run.fired_at,
    }
}

fn look_ahead(events: &[Placed<'_>]) -> Vec<Ahead> {
    #[derive(Default)]
    struct Behind {
        last: Millis,
        end: Option<Millis>,
        hidden: Option<Millis>,
        active: Option<(Millis, Millis)>,
    }
    let mut views: HashMap<ViewId, Behind> = HashMap::new();
    let mut ahead = vec![Ahead::default(); events.len()];
    for (placed, ahead) in events.iter().zip(&mut ahead).rev() {
        let (at, view, _) = placed.order;
        let behind = views.entry(view).or_default();
        behind.last = behind.last.max(at);
        *ahead = Ahead {
            stay: behind.end.unwrap_or(behind.last) - at,
            active: behind
                .active
                .filter(|(then, _)| then - at <= REPORTED_WITHIN)
                .map_or(0, |(_, ms)| ms),
            is_hidden: behind.hidden.is_some_and(|then| then - at <= AT_ONCE),
        };
        match placed.event.kind {
            Some(EventKind::PageView) => behind.end = Some(at),
            Some(EventKind::PageHidden) => (behind.end, behind.hidden) = (Some(at), Some(at)),
            Some(EventKind::Active) => {
                behind.active = Some((at, placed.event.props.ms.unwrap_or_default()));
            }
            _ => {}
        }
    }
    ahead
}

impl Run<'_, '_> {
    fn take(&mut self, placed: &Placed<'_>, ahead: Ahead) {
        let Some(kind) = placed.event.kind else {
            return;
        };
        let (at, view, _) = placed.order;
        let props = &placed.event.props;
        match kind {
            EventKind::PageView => self.open(view, at, props.u.as_deref(), ahead),
            EventKind::Active => {
                let page = self.pages.entry(view).or_default();
                page.active += props.ms.unwrap_or_default();
                page.dwelt += props.ms.unwrap_or_default();
                if page.dwelt >= self.moment.about.dwell_ms {
                    self.ask(AskAt::Dwell, view, at);
                }
            }
            EventKind::Scroll => {
                let passed = props.p.as_ref().and_then(Scalar::as_number);
                if passed.is_some_and(|passed| passed >= self.moment.about.scroll_percent.into()) {
                    self.ask(AskAt::Scroll, view, at);
                }
            }
            EventKind::ExitIntent => {
                let active = self.pages.get(&view).map_or(0, |page| page.active);
                if active + ahead.active >= self.moment.min_active {
                    self.ask(AskAt::Exit, view, at);
                }
            }
            EventKind::FormAbandoned => {
                let form = props.f.as_deref().unwrap_or_default();
                let ask_at = cause(props.why.as_deref().unwrap_or_default(), ahead);
                if let Some(ask_at) = ask_at.filter(|_| self.is_about(form)) {
                    self.ask(ask_at, view, at);
                }
            }
            _ => {}
        }
        for ask_at in witness::BORNE_OUT {
            if witness::tells(placed.event, ask_at, self.moment.about) {
                self.ask(ask_at, view, at);
            }
        }
        if let Some(subject) = placed.event.subject() {
            self.count(subject, at);
        }
        if self.reached_at.is_some() && !placed.event.is_told() {
            self.ask(AskAt::Reached, view, at);
        }
    }

    /// A page is opened: a question that was put off waits for it to stay on screen.
    fn open(&mut self, view: ViewId, at: Millis, url: Option<&str>, ahead: Ahead) {
        let path = normal_path(url.unwrap_or("/"));
        let query = url.and_then(|url| url.split_once('?'));
        let page = self.pages.entry(view).or_default();
        path.clone_into(&mut page.path);
        query
            .map_or("", |(_, query)| query)
            .clone_into(&mut page.query);
        page.dwelt = 0;
        self.ask(AskAt::PageView, view, at);
        let is_armed = self.reached_at.is_some_and(|reached| reached < at);
        if is_armed && ahead.stay >= NEXT_PAGE_AFTER {
            self.due.push((at + NEXT_PAGE_AFTER, view, at));
        }
    }

    fn ask_put_off(&mut self, until: Millis) {
        while let Some((due, view, _)) = self.due.first().copied().filter(|(due, ..)| *due <= until)
        {
            self.due.remove(0);
            if !self.is_on_the_way(view) {
                self.ask(AskAt::NextPage, view, due);
            }
        }
    }

    fn ask(&mut self, ask_at: AskAt, view: ViewId, at: Millis) {
        let moment = self.moment;
        let is_in_time = match (moment.after, self.reached_at) {
            (None, _) => true,
            (Some(_), Some(reached)) => at - reached <= moment.within,
            (Some(_), None) => false,
        };
        let page = self.pages.get(&view);
        let (path, query) = page.map_or(("/", ""), |page| (page.path.as_str(), &page.query));
        if moment.ask_at.contains(&ask_at)
            && is_in_time
            && !self.is_lost
            && moment.target.is_on_address(path, query)
        {
            self.fired_at.get_or_insert(at);
        }
    }

    fn count(&mut self, subject: Subject<'_>, at: Millis) {
        let moment = self.moment;
        if moment.after.is_some_and(|rule| rule.is_met_by(subject)) {
            self.reached_at.get_or_insert(at);
        }
        self.is_lost |= moment.against.iter().any(|rule| rule.is_met_by(subject));
        for (rule, is_reached) in moment.steps.iter().zip(&mut self.steps) {
            *is_reached |= rule.is_met_by(subject);
        }
    }

    /// Whether a form is the one that A is about; any is when A is about none.
    fn is_about(&self, form: &str) -> bool {
        match self.moment.after {
            Some(GoalRule::FormStarted { form: pattern }) => matches_pattern(pattern, form),
            _ => true,
        }
    }

    /// Whether the page is that of A, of B, or of a step that is due.
    fn is_on_the_way(&self, view: ViewId) -> bool {
        let path = self.pages.get(&view).map_or("/", |page| page.path.as_str());
        let due = self.moment.steps.iter().zip(&self.steps);
        let due = due.filter(|(_, is_reached)| !**is_reached);
        self.moment
            .after
            .iter()
            .chain(self.moment.against.first())
            .chain(due.map(|(rule, _)| rule))
            .any(|rule| self.is_page_of(rule, path))
    }

    fn is_page_of(&self, rule: &GoalRule, path: &str) -> bool {
        if let GoalRule::Url { path: pattern } = rule {
            return matches_pattern(normal_path(pattern), path);
        }
        rule.form().is_some_and(|pattern| {
            let mut seen = self.moment.form_paths.iter();
            seen.any(|(form, page)| page == path && matches_pattern(pattern, form))
        })
    }
}

/// At which moment the widget asks when a form is turned away from; `None` when the visitor had left with it.
fn cause(why: &str, ahead: Ahead) -> Option<AskAt> {
    match why {
        "stalled" => Some(AskAt::Stall),
        "closed" | "scrolled_away" | "after_error" if !ahead.is_hidden => Some(AskAt::LeaveForm),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
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
        GoalRule::FormCompleted {
            form: "signup".into(),
        }
    }

    struct World {
        after: Option<GoalRule>,
        against: Vec<GoalRule>,
        steps: Vec<GoalRule>,
        ask_at: Vec<AskAt>,
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
                within: 600 * SECOND,
                about: &self.about,
                min_active: 5 * SECOND,
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
}

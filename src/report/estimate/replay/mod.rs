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
    /// Whether all of them must come on one page.
    pub(super) is_all: bool,
    /// From the moment to the question, ms.
    pub(super) delay: Millis,
    /// ms after A.
    pub(super) within: Millis,
    /// What those are about that are about something.
    pub(super) about: &'a Details,
    /// Active time before an exit counts, ms.
    pub(super) min_active: Millis,
    /// Whether the keys for the address bar count as an exit.
    pub(super) keys: bool,
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
    /// From when to when it stays on screen.
    seen: (Millis, Millis),
    /// Moments that came on it.
    came: Vec<AskAt>,
    /// When the delay of a question ends, and what it asks at.
    held: Option<(Millis, AskAt)>,
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
        run.ask_held(placed.order.0);
        run.take(placed, ahead);
        if run.fired_at.is_some() || run.is_lost {
            break;
        }
    }
    if !run.is_lost {
        run.ask_put_off(Millis::MAX);
        run.ask_held(Millis::MAX);
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
            EventKind::PageVisible => {
                self.pages.entry(view).or_default().seen = (at, at + ahead.stay);
            }
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
            EventKind::ExitIntent if self.takes_sign(props.m.as_deref()) => {
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
        page.seen = (at, at + ahead.stay);
        page.came.clear();
        page.held = None;
        self.ask(AskAt::PageView, view, at);
        if self.reached_at.is_some() && ahead.stay >= NEXT_PAGE_AFTER {
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
            && !self.holds_back(ask_at, view, at)
        {
            self.fired_at.get_or_insert(at);
        }
    }

    /// Whether it waits for the other moments, or for its delay.
    fn holds_back(&mut self, ask_at: AskAt, view: ViewId, at: Millis) -> bool {
        let moment = self.moment;
        let page = self.pages.entry(view).or_default();
        page.came.push(ask_at);
        if moment.is_all
            && !moment
                .ask_at
                .iter()
                .all(|wanted| page.came.contains(wanted))
        {
            return true;
        }
        let (due, _) = *page.held.get_or_insert((at + moment.delay, ask_at));
        at < due
    }

    /// Delays that end by then, on pages that are on screen: the rules are checked again.
    fn ask_held(&mut self, until: Millis) {
        let ends = self.pages.iter().filter_map(|(view, page)| {
            let (due, ask_at) = page.held?;
            let (from, to) = page.seen;
            let at = due.max(from);
            (at <= to && at <= until).then_some((at, *view, ask_at))
        });
        let mut ends: Vec<(Millis, ViewId, AskAt)> = ends.collect();
        ends.sort_unstable_by_key(|(at, view, _)| (*at, *view));
        for (at, view, ask_at) in ends {
            self.ask(ask_at, view, at);
        }
    }

    /// The keys for the address bar are a sign for the questions that want them only.
    fn takes_sign(&self, sign: Option<&str>) -> bool {
        sign != Some("keyboard") || self.moment.keys
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
mod tests;

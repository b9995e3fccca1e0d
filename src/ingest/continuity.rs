//! Which open visit a new page load belongs to, when nothing on the device can say it.
//!
//! One open visit of the same visitor hash is continued by default. Only positive evidence starts another: an in-site referrer that
//! matches no page of it, or a second live page view that it does not explain. Returning from a payment page, reloading or
//! opening another tab must not split a visit.

use super::{event::Order, fold::Facts};
use crate::goal::types::normal_path;

/// How a page load came about, as far as the browser tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// Path of the referrer when that is a page of the same site.
    pub from_path: Option<String>,
    /// Path of the page itself.
    pub path: String,
    /// Reloaded, or reached by the back or forward button.
    pub is_return: bool,
}

impl Arrival {
    /// Reads the first page view's referrer against the page's own origin.
    pub fn new(
        own_origin: Option<&str>,
        path: &str,
        referrer: Option<&str>,
        navigation: Option<&str>,
    ) -> Self {
        let from_path = referrer
            .and_then(|text| url::Url::parse(text).ok())
            .and_then(|url| {
                (Some(url.origin().ascii_serialization().as_str()) == own_origin)
                    .then(|| normal_path(url.path()).to_owned())
            });
        Self {
            from_path,
            path: normal_path(path).to_owned(),
            is_return: matches!(navigation, Some("reload" | "back_forward")),
        }
    }
}

/// How well an open visit explains a page load; the later the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Nothing speaks against it: it came from elsewhere and no page of the visit is on screen.
    Plausible,
    /// Where it came from is a page of the visit, but another one is on screen or came later.
    Known,
    /// Where it came from was the visit's latest page and has just been left.
    Next,
}

/// Which visit, and whether it could as well have been another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Continuation {
    /// Index among the candidates.
    pub index: usize,
    /// True when several fitted equally well.
    pub is_ambiguous: bool,
}

/// Chooses among the visitor's open visits; `None` starts a new one.
pub fn choose(arrival: &Arrival, candidates: &[&Facts]) -> Option<Continuation> {
    let fits: Vec<(Fit, Option<Order>, usize)> = candidates
        .iter()
        .enumerate()
        .filter_map(|(index, facts)| Some((fit(arrival, facts)?, facts.last, index)))
        .collect();
    let (best, _, index) = *fits.iter().max()?;
    let is_ambiguous = fits.iter().filter(|(fit, ..)| *fit == best).count() > 1;
    Some(Continuation {
        index,
        is_ambiguous,
    })
}

fn fit(arrival: &Arrival, facts: &Facts) -> Option<Fit> {
    let is_live = facts.views.iter().any(|view| view.is_live);
    let known = |path: &str| {
        facts
            .views
            .iter()
            .any(|view| view.paths.iter().any(|known| known == path))
    };
    let latest = |path: &str| {
        facts
            .views
            .last()
            .is_some_and(|view| view.paths.last().is_some_and(|last| last == path))
    };
    let grade = |path: &str| {
        if !is_live && latest(path) {
            Fit::Next
        } else {
            Fit::Known
        }
    };
    if arrival.is_return && known(&arrival.path) {
        return Some(grade(&arrival.path));
    }
    match arrival.from_path.as_deref() {
        Some(from) if known(from) => Some(grade(from)),
        // A referrer cut down to the origin names no page: sites with that policy give no evidence.
        Some(from) if from != "/" => None,
        _ if is_live => None,
        _ => Some(Fit::Plausible),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ingest::fold::ViewFact, types::ViewId};

    fn visit(last_at: i64, views: &[(&[&str], bool)]) -> Facts {
        let views = views
            .iter()
            .map(|(paths, is_live)| ViewFact {
                id: ViewId::new(last_at),
                started_at: last_at,
                paths: paths.iter().map(|&path| path.into()).collect(),
                query: String::new(),
                query_before: String::new(),
                mask_before: 0,
                is_live: *is_live,
                exits: vec![],
                is_never_asked: false,
            })
            .collect();
        Facts {
            last: Some((last_at, ViewId::new(last_at), 0)),
            views,
            ..Facts::default()
        }
    }

    fn arrives(path: &str, referrer: Option<&str>, navigation: &str) -> Arrival {
        Arrival::new(
            Some("https://shop.example"),
            path,
            referrer,
            Some(navigation),
        )
    }

    #[test]
    fn one_open_visit_is_continued_unless_there_is_evidence_of_another_person() {
        let left = visit(1, &[(&["/", "/pricing"], false)]);
        let live = visit(1, &[(&["/", "/pricing"], true)]);
        let no_home = visit(1, &[(&["/pricing"], false)]);
        let cases = [
            (
                "in-site link",
                &left,
                Some("https://shop.example/pricing"),
                "navigate",
                true,
            ),
            (
                "in-site link in a new tab",
                &live,
                Some("https://shop.example/pricing"),
                "navigate",
                true,
            ),
            (
                "back from a payment page",
                &left,
                Some("https://pay.example/done"),
                "navigate",
                true,
            ),
            ("back from an e-mail", &left, None, "navigate", true),
            (
                "typed while a page is on screen",
                &live,
                None,
                "navigate",
                false,
            ),
            (
                "from elsewhere while a page is on screen",
                &live,
                Some("https://search.example/"),
                "navigate",
                false,
            ),
            (
                "reload whose farewell was lost",
                &live,
                None,
                "reload",
                true,
            ),
            (
                "from a page that it never opened",
                &left,
                Some("https://shop.example/blog"),
                "navigate",
                false,
            ),
            (
                "referrer cut down to the origin",
                &no_home,
                Some("https://shop.example/"),
                "navigate",
                true,
            ),
        ];
        for (name, facts, referrer, navigation, continues) in cases {
            let arrival = arrives("/pricing", referrer, navigation);
            assert_eq!(choose(&arrival, &[facts]).is_some(), continues, "{name}");
        }
    }

    #[test]
    fn of_two_visits_the_one_whose_page_was_just_left_is_continued() {
        let left = visit(1, &[(&["/"], false)]);
        let live = visit(2, &[(&["/"], true)]);
        let further = visit(3, &[(&["/"], false), (&["/pricing"], true)]);
        let arrival = arrives("/signup", Some("https://shop.example/"), "navigate");

        assert_eq!(
            choose(&arrival, &[&live, &left]),
            Some(Continuation {
                index: 1,
                is_ambiguous: false
            })
        );
        assert_eq!(
            choose(&arrival, &[&left, &further]),
            Some(Continuation {
                index: 0,
                is_ambiguous: false
            })
        );
    }

    #[test]
    fn two_equal_visits_are_ambiguous_and_the_latest_is_taken() {
        let one = visit(1, &[(&["/"], false)]);
        let two = visit(2, &[(&["/"], false)]);
        let arrival = arrives("/pricing", Some("https://shop.example/"), "navigate");

        assert_eq!(
            choose(&arrival, &[&one, &two]),
            Some(Continuation {
                index: 1,
                is_ambiguous: true
            })
        );
    }
}

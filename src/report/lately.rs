//! What happened in the last seven days, read from the journal: how often a rule would have been met, and what else was seen.
//!
//! Goals are counted from the moment they are saved; this answers, before they are, what they would have counted.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use crate::{
    clock::DAY,
    goal::types::{GoalRule, Subject, normal_path},
    ingest::event::Event,
    site::types::{Site, SiteKind},
    types::{Millis, VisitId},
};

/// How far back it looks.
pub const DAYS: i64 = 7;
/// Batches read at most, so that a large site takes no longer than a small one: a tenth of a second.
const MOST_BATCHES: i64 = 10_000;
/// Different things told apart at most; only paths with numbers in them come to more.
const MOST_KINDS: usize = 5_000;

/// The visits of the last days that count: no tests, and no automated browsers except on the demo site.
#[derive(Debug, Default)]
pub struct Lately {
    rows: Vec<Row>,
    /// Visits that were read.
    pub visits: i64,
    /// When the oldest of them began, if older ones were left out.
    pub only_since: Option<Millis>,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    visit_id: VisitId,
    started_at: Millis,
    body: String,
}

/// How often a rule was met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fired {
    /// Events.
    pub times: i64,
    /// Visits with at least one.
    pub visits: i64,
}

impl Lately {
    /// Reads the journal of the newest visits.
    pub async fn read(db: &impl ConnectionTrait, site: &Site, now: Millis) -> Result<Self, DbErr> {
        let since = VisitId::first_of(now - DAYS * DAY);
        let rows = Row::find_by_statement(Statement::from_sql_and_values(
            db.get_database_backend(),
            "SELECT b.visit_id, v.started_at, b.body FROM batches b \
             JOIN visits v ON v.site_id = b.site_id AND v.id = b.visit_id \
             WHERE b.site_id = $1 AND b.visit_id >= $2 AND NOT v.is_test AND (NOT v.is_automated OR $3) \
             ORDER BY b.visit_id DESC LIMIT $4",
            [
                site.id.into(),
                since.into(),
                (site.kind == SiteKind::Demo).into(),
                MOST_BATCHES.into(),
            ],
        ))
        .all(db)
        .await?;
        Ok(Self::of(rows))
    }

    fn of(rows: Vec<Row>) -> Self {
        let visits: BTreeSet<VisitId> = rows.iter().map(|row| row.visit_id).collect();
        let is_cut = i64::try_from(rows.len()).is_ok_and(|n| n >= MOST_BATCHES);
        let oldest = rows.last().map(|row| row.started_at);
        Self {
            visits: i64::try_from(visits.len()).unwrap_or(i64::MAX),
            only_since: oldest.filter(|_| is_cut),
            rows,
        }
    }

    /// How often each rule was met.
    pub fn count(&self, rules: &[GoalRule]) -> Vec<Fired> {
        let mut fired = vec![Fired::default(); rules.len()];
        let mut last: Vec<Option<VisitId>> = vec![None; rules.len()];
        self.each(|visit, subject| {
            for ((rule, fired), last) in rules.iter().zip(&mut fired).zip(&mut last) {
                if rule.is_met_by(subject) {
                    fired.times += 1;
                    // Batches of one visit lie together.
                    fired.visits += i64::from(last.replace(visit) != Some(visit));
                }
            }
        });
        fired
    }

    /// Everything that a goal could be made of, with the number of visits in which it was seen.
    pub fn seen(&self) -> BTreeMap<GoalRule, i64> {
        let mut seen: BTreeMap<GoalRule, (i64, Option<VisitId>)> = BTreeMap::new();
        self.each(|visit, subject| {
            let Some(rule) = rule_of(subject) else {
                return;
            };
            if seen.len() >= MOST_KINDS && !seen.contains_key(&rule) {
                return;
            }
            let (visits, last) = seen.entry(rule).or_default();
            *visits += i64::from(last.replace(visit) != Some(visit));
        });
        let seen = seen.into_iter();
        seen.map(|(rule, (visits, _))| (rule, visits)).collect()
    }

    fn each(&self, mut take: impl FnMut(VisitId, Subject<'_>)) {
        for row in &self.rows {
            let events: Vec<Event> = serde_json::from_str(&row.body).unwrap_or_default();
            for subject in events.iter().filter_map(Event::subject) {
                take(row.visit_id, subject);
            }
        }
    }
}

/// The rule that is met by this and by what is like it; nothing when a `*` in it would mean something else.
fn rule_of(subject: Subject<'_>) -> Option<GoalRule> {
    let rule = match subject {
        Subject::Page(path) => GoalRule::Url {
            path: normal_path(path).into(),
        },
        Subject::Event(name) => GoalRule::Event { name: name.into() },
        Subject::FormStarted(form) => GoalRule::FormStarted { form: form.into() },
        Subject::FormCompleted(form) => GoalRule::FormCompleted { form: form.into() },
        Subject::Click { label, href, .. } if !(label.is_empty() && href.is_empty()) => {
            GoalRule::Click {
                label: label.into(),
                href: href.into(),
                selector: String::new(),
            }
        }
        Subject::Click { .. } => return None,
    };
    let has_star = match subject {
        Subject::Event(_) => false,
        Subject::Page(text) | Subject::FormStarted(text) | Subject::FormCompleted(text) => {
            text.contains('*')
        }
        Subject::Click { label, href, .. } => label.contains('*') || href.contains('*'),
    };
    (!has_star).then_some(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(visit: VisitId, body: &str) -> Row {
        Row {
            visit_id: visit,
            started_at: 0,
            body: body.into(),
        }
    }

    fn lately() -> Lately {
        let (first, second) = (VisitId::new(2), VisitId::new(1));
        Lately::of(vec![
            row(
                first,
                r#"[[0,"page_view",{"u":"/pricing/"}],[9,"click",{"l":"Buy","h":"/cart"}]]"#,
            ),
            row(first, r#"[[20,"click",{"l":"Buy","h":"/cart"}]]"#),
            row(
                second,
                r#"[[0,"page_view",{"u":"/pricing?utm_source=a"}],[5,"click",{"s":"div"}],[7,"track",{"name":"paid*"}]]"#,
            ),
        ])
    }

    fn buy() -> GoalRule {
        GoalRule::Click {
            label: "Buy".into(),
            href: "/cart".into(),
            selector: String::new(),
        }
    }

    #[test]
    fn events_and_visits_are_counted_apart() {
        let rules = [buy(), GoalRule::Url { path: "/p*".into() }];

        let fired = lately().count(&rules);

        assert_eq!((fired[0].times, fired[0].visits), (2, 1));
        assert_eq!((fired[1].times, fired[1].visits), (2, 2));
        assert_eq!(lately().visits, 2);
    }

    #[test]
    fn what_was_seen_can_be_made_a_goal() {
        let seen = lately().seen();

        let pricing = GoalRule::Url {
            path: "/pricing".into(),
        };
        assert_eq!(seen.get(&pricing), Some(&2));
        assert_eq!(seen.get(&buy()), Some(&1));
        assert!(seen.contains_key(&GoalRule::Event {
            name: "paid*".into()
        }));
        assert_eq!(
            seen.len(),
            3,
            "a click that is only told for a selector is a goal already"
        );
    }
}

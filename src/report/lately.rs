//! What happened in the last seven days, read from the journal: how often a rule would have been met, and what else was seen.
//!
//! Goals are counted from the moment they are saved; this answers, before they are, what they would have counted.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use crate::{
    clock::DAY,
    goal::types::{Definitions, FunnelVersion, GoalRule, GoalVersion, Subject, normal_path},
    ingest::{
        event::Event,
        fold::{Rules, StoredBatch, fold_numbered},
    },
    site::types::{Site, SiteKind},
    types::{GoalId, Millis, ViewId, VisitId},
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
    visit_number: Option<i32>,
    view_id: ViewId,
    first_seq: i32,
    view_started_at: Millis,
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
            "SELECT b.visit_id, v.started_at, v.visit_number, b.view_id, b.first_seq, b.view_started_at, b.body FROM batches b \
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
        let mut fired = self.count_events(rules);
        let by_visit = rules.iter().any(GoalRule::needs_visit);
        if !by_visit {
            return fired;
        }
        for (fired, of_visits) in fired.iter_mut().zip(self.count_visits(rules)) {
            *fired = of_visits.unwrap_or(*fired);
        }
        fired
    }

    /// How often the rules were met that need the visit: each is folded as it would be with them as goals.
    fn count_visits(&self, rules: &[GoalRule]) -> Vec<Option<Fired>> {
        let mut fired: Vec<Option<Fired>> = rules
            .iter()
            .map(|rule| rule.needs_visit().then(Fired::default))
            .collect();
        let definitions = counting(rules);
        let rules = Rules {
            definitions: &definitions,
            currency: "",
        };
        // Batches of one visit lie together.
        for rows in self.rows.chunk_by(|a, b| a.visit_id == b.visit_id) {
            let number = rows.first().and_then(|row| row.visit_number);
            let batches: Vec<StoredBatch> = rows.iter().map(Row::batch).collect();
            let facts = fold_numbered(rules, number, &batches);
            for (bit, fired) in (0_u8..).zip(&mut fired) {
                if let (Some(fired), true) = (fired, facts.goals.contains_key(&bit)) {
                    fired.times += 1;
                    fired.visits += 1;
                }
            }
        }
        fired
    }

    fn count_events(&self, rules: &[GoalRule]) -> Vec<Fired> {
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

impl Row {
    fn batch(&self) -> StoredBatch {
        StoredBatch {
            view_id: self.view_id,
            first_seq: self.first_seq,
            view_started_at: self.view_started_at,
            events: serde_json::from_str(&self.body).unwrap_or_default(),
        }
    }
}

/// Definitions that count just these rules, each under the bit of its place; of more than a mask holds, the first.
fn counting(rules: &[GoalRule]) -> Definitions {
    let goals: Vec<GoalVersion> = (0_u8..62)
        .zip(rules)
        .map(|(bit, rule)| GoalVersion {
            bit,
            goal_id: GoalId::new(i64::from(bit)),
            rule: rule.clone(),
            value_minor: None,
            worth_since: 0,
            since_at: 0,
            until_at: None,
        })
        .collect();
    let funnel = FunnelVersion {
        version: 1,
        steps: vec![],
        primary_bit: None,
        bits: goals.iter().fold(0, |bits, goal| bits | 1 << goal.bit),
        since_at: 0,
    };
    Definitions {
        goals,
        funnels: vec![funnel],
    }
}

/// The rule that is met by this and by what is like it; nothing when a `*` in it would mean something else.
fn rule_of(subject: Subject<'_>) -> Option<GoalRule> {
    let rule = match subject {
        Subject::Page(path) => GoalRule::Url {
            path: normal_path(path).into(),
        },
        Subject::Event { name, .. } => GoalRule::event(name),
        Subject::FormStarted(form) => GoalRule::FormStarted { form: form.into() },
        Subject::FormCompleted(form) => GoalRule::completed(form),
        Subject::Click { label, href, .. } if !(label.is_empty() && href.is_empty()) => {
            GoalRule::Click {
                label: label.into(),
                href: href.into(),
                selector: String::new(),
            }
        }
        Subject::Click { .. }
        | Subject::FormViewed(_)
        | Subject::Field { .. }
        | Subject::Search
        | Subject::Video(_) => return None,
    };
    let has_star = match subject {
        Subject::Page(text) | Subject::FormStarted(text) | Subject::FormCompleted(text) => {
            text.contains('*')
        }
        Subject::Click { label, href, .. } => label.contains('*') || href.contains('*'),
        _ => false,
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
            visit_number: None,
            view_id: ViewId::new(1),
            first_seq: 0,
            view_started_at: 0,
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
    fn what_visits_come_to_is_counted_by_visit() {
        let visit = VisitId::new(1);
        let mut again = row(
            visit,
            r#"[[20,"active",{"ms":40000}],[21,"scroll",{"p":75}]]"#,
        );
        again.first_seq = 2;
        again.visit_number = Some(3);
        let mut first = row(
            visit,
            r#"[[0,"page_view",{"u":"/pricing"}],[9,"active",{"ms":30000}]]"#,
        );
        first.visit_number = Some(3);
        first.view_id = again.view_id;
        let lately = Lately::of(vec![first, again]);
        let scrolled = |percent, path: &str| GoalRule::Scrolled {
            percent,
            path: path.into(),
        };

        let fired = lately.count(&[
            GoalRule::Active { seconds: 60 },
            GoalRule::Active { seconds: 71 },
            scrolled(75, "/pricing"),
            scrolled(100, ""),
            scrolled(25, "/docs/*"),
            GoalRule::Returned { visits: 3 },
            GoalRule::Url {
                path: "/pricing".into(),
            },
        ]);

        let visits: Vec<i64> = fired.iter().map(|fired| fired.visits).collect();
        assert_eq!(visits, [1, 0, 1, 0, 0, 1, 1]);
    }

    #[test]
    fn what_was_seen_can_be_made_a_goal() {
        let seen = lately().seen();

        let pricing = GoalRule::Url {
            path: "/pricing".into(),
        };
        assert_eq!(seen.get(&pricing), Some(&2));
        assert_eq!(seen.get(&buy()), Some(&1));
        assert!(seen.contains_key(&GoalRule::event("paid*")));
        assert_eq!(
            seen.len(),
            3,
            "a click that is only told for a selector is a goal already"
        );
    }
}

//! Sums of what became of questions, against one decision after the other: also of what comes when a visit has long ended.

use std::collections::BTreeMap;

use exitpoll::{
    clock::{DAY, MINUTE, now},
    db::entity::{OfSite, asked_day, visit},
    ingest::{
        cube::{ALL, Dimension},
        reply::{Outcome, Reply},
        store::audit,
    },
    prompt::{
        draft::NewQuestion,
        types::{Jump, JumpWhen, QuestionKind},
    },
    report::{
        period::{Period, PeriodQuery},
        prompts,
    },
    site::types::Site,
    types::{Millis, PromptId, ViewId, VisitId},
};
use proptest::prelude::*;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use super::{answers, is_all_settled, kinds, says, settle};
use crate::{
    recount::save_step,
    support::{
        app::TestApp,
        prompt::{event, pricing},
        widget::{page, track},
    },
};

/// Up to here what is said to the second question leads past the third.
pub(super) const LEADS_PAST: u8 = 4;

/// What a visitor does, by the bits of a number.
#[derive(Clone, Copy, Debug)]
struct Way(u8);

impl Way {
    fn has(self, bit: u8) -> bool {
        self.0 >> bit & 1 == 1
    }

    fn opens(self) -> bool {
        self.has(0)
    }

    fn closes(self) -> bool {
        self.has(1)
    }

    fn answers_at_once(self) -> bool {
        self.has(2)
    }

    /// After the visit has long ended.
    fn answers_late(self) -> bool {
        self.has(3)
    }

    fn is_deleted(self) -> bool {
        self.has(4)
    }

    fn signs_up(self) -> bool {
        self.has(5)
    }

    /// What happened behind the question is heard of when the visit has long ended.
    fn is_late(self) -> bool {
        self.has(6)
    }

    fn is_repeated(self) -> bool {
        self.has(7)
    }
}

/// A visitor under way.
struct Asked {
    way: Way,
    number: u8,
    view: ViewId,
    start: Millis,
    /// Of the cards that opened: the prompt and the token.
    cards: Vec<(String, String)>,
    /// The prompt that asks for several choices and a number.
    asks_more: String,
}

impl Asked {
    fn body(
        &self,
        site: &Site,
        first: usize,
        t: Millis,
        events: &[Value],
        answers: &Value,
    ) -> Value {
        let mut body = json!({
            "v": 1, "k": site.key, "c": 1, "w": self.view.0.to_string(), "s": first, "t": t, "e": events, "a": answers,
        });
        if first == 0 {
            body["n"] = "navigate".into();
        }
        body
    }

    async fn write(&self, app: &TestApp, site: &Site, body: &Value, t: Millis) -> Reply {
        let visitors = [[self.number; 16]];
        if self.way.is_repeated() {
            app.write_at(site, body, &visitors, self.start + t).await;
        }
        app.write_at(site, body, &visitors, self.start + t).await
    }

    /// Opens the page, and has both questions decided, or the second alone, which is decided twice.
    async fn come(&mut self, app: &TestApp, site: &Site, prompts: &[PromptId]) {
        let mut events = vec![page(0, "/pricing", "")];
        let is_other = usize::from(self.number % 2 == 1);
        let prompts = prompts.iter().skip(is_other);
        let again = prompts.clone().chain(prompts.last());
        for (prompt, t) in again.zip([100, 200, 300]) {
            events.push(json!([t, "eligible", {"p": prompt.to_string(), "m": "exit"}]));
        }
        let body = self.body(site, 0, 400, &events, &json!([]));
        let reply = self.write(app, site, &body, 400).await;
        for ask in reply.ask {
            if let Outcome::Show(card) = ask.outcome {
                self.cards.push((ask.p, card.token));
            }
        }
    }

    /// What happens behind it.
    async fn go_on(&self, app: &TestApp, site: &Site) {
        let mut events = vec![];
        for (prompt, _) in self.cards.iter().filter(|_| self.way.opens()) {
            events.push(json!([500, "prompt_shown", {"p": prompt}]));
            events.push(json!([600, "prompt_seen", {"p": prompt}]));
            if self.way.closes() {
                events.push(json!([700, "prompt_dismissed", {"p": prompt, "why": "close"}]));
            }
        }
        if self.way.signs_up() {
            events.push(track(800, "signed_up"));
        }
        events.push(json!([900, "page_hidden"]));
        let answers = match self.way.answers_at_once() {
            true => self.answers(1),
            false => json!([]),
        };
        let body = self.body(site, 4, 1_000, &events, &answers);
        self.write(app, site, &body, 1_000).await;
    }

    fn answers(&self, n: i32) -> Value {
        let answer = |(prompt, token): &(String, String)| {
            let choice = if self.number.is_multiple_of(2) {
                "c1"
            } else {
                "c2"
            };
            let said = if self.number.is_multiple_of(3) {
                "Words"
            } else {
                ""
            };
            let given = match *prompt == self.asks_more {
                true => {
                    let likely = self.number % 11;
                    let mut given = json!({"q1": {"c": ["c1", "c2"]}, "q2": {"n": likely}});
                    // Some go away at the third.
                    if n == 2 && likely > LEADS_PAST {
                        given["q3"] = json!({"c": ["c1"]});
                    }
                    given
                }
                false => json!({"q1": {"c": [choice], "x": said}}),
            };
            json!({"i": token, "n": n, "t": 950 + 10 * i32::from(self.number), "done": n == 2, "v": given})
        };
        self.cards.iter().map(answer).collect()
    }

    async fn answer_late(&self, app: &TestApp, site: &Site) {
        let body = self.body(site, 4, 12 * 60 * MINUTE, &[], &self.answers(2));
        self.write(app, site, &body, 12 * 60 * MINUTE).await;
    }
}

type Key = (
    i32,
    String,
    bool,
    PromptId,
    i32,
    bool,
    String,
    i32,
    String,
    PromptId,
);

/// One decision after the other: what the sums by `by` should hold.
async fn counted(app: &TestApp, site: &Site, by: Option<Dimension>) -> BTreeMap<Key, [i64; 9]> {
    let visits: BTreeMap<VisitId, visit::Model> = app
        .visits(site)
        .await
        .into_iter()
        .map(|it| (it.id, it))
        .collect();
    let (made, answers) = (app.impressions(site).await, app.answers(site).await);
    let mut sums = BTreeMap::new();
    for it in made.iter().filter(|it| !it.is_test) {
        let visit = &visits[&it.visit_id];
        let is_answered = answers
            .iter()
            .any(|answer| answer.impression_id == it.id && !answer.is_test);
        let others = || {
            let others = made
                .iter()
                .filter(|other| other.visit_id == it.visit_id && other.id != it.id);
            others.filter(|other| other.is_automatic && !other.is_test)
        };
        let is_first = it.is_automatic
            && it.arm.is_some()
            && !others().any(|other| other.arm.is_some() && other.id < it.id);
        let share = it.probability.map_or(0.0, |share| match it.arm.as_deref() {
            Some("held_out") => share,
            _ => 1.0 - share,
        });
        let key: Key = (
            visit.day,
            by.map_or_else(String::new, |by| says(visit, by)),
            visit.is_automated,
            it.prompt_id,
            visit.funnel_version,
            it.is_automatic,
            it.arm.clone().unwrap_or_default(),
            (share * 100.0).round() as i32,
            it.refusal.clone().unwrap_or_default(),
            it.lost_to.unwrap_or(it.prompt_id),
        );
        let is = [
            true,
            is_first,
            it.shown_at.is_some() || is_answered,
            it.seen_at.is_some() || is_answered,
            it.started_at.is_some() || is_answered,
            is_answered,
            it.shown_at.is_some() && it.dismissed_at.is_some() && !is_answered,
            visit.macro_at.is_some_and(|at| at > it.decided_at),
            visit.macro_at.is_some_and(|at| at <= it.decided_at),
        ];
        let sum = sums.entry(key).or_insert([0; 9]);
        for (sum, is) in sum.iter_mut().zip(is) {
            *sum += i64::from(is);
        }
    }
    sums
}

async fn stored(app: &TestApp, site: &Site, by: Option<Dimension>) -> BTreeMap<Key, [i64; 9]> {
    let dim = by.map_or(Some(ALL), Dimension::code).unwrap();
    let rows = asked_day::Entity::of_site(site.id)
        .filter(asked_day::Column::Dim.eq(dim))
        .all(&app.state.db.read)
        .await
        .unwrap();
    let keyed = rows.into_iter().map(|row| {
        let key = (
            row.day,
            row.value,
            row.is_automated,
            row.prompt_id,
            row.version,
            row.is_automatic,
            row.arm,
            row.unasked,
            row.refusal,
            row.lost_to,
        );
        let sums = [
            row.decisions,
            row.visits,
            row.opened,
            row.seen,
            row.begun,
            row.answered,
            row.closed,
            row.reached,
            row.reached_before,
        ];
        (key, sums)
    });
    keyed.collect()
}

/// What is read and what is stored is what a plain count gives.
async fn check(app: &TestApp, site: &Site) {
    let db = &app.state.db.read;
    let query = PeriodQuery {
        days: Some("30".into()),
        ..PeriodQuery::default()
    };
    let period = Period::parse(&query, &site.time_zone, now()).unwrap();
    let found = prompts::load(db, site, &period, true).await.unwrap();
    let plain = counted(app, site, None).await;
    for (id, counts) in &found {
        let rows = || {
            plain
                .iter()
                .filter(|(key, _)| key.3 == *id && !key.6.is_empty())
        };
        let sum = |place: usize| rows().map(|(_, sums)| sums[place]).sum::<i64>();
        assert_eq!(
            (
                counts.askable,
                counts.opened,
                counts.seen,
                counts.begun,
                counts.answered,
                counts.closed
            ),
            (sum(0), sum(2), sum(3), sum(4), sum(5), sum(6))
        );
    }
    for day in app.visits(site).await.iter().map(|visit| visit.day) {
        let compared = audit::compare(db, site.id, day).await.unwrap();
        assert_eq!(compared.differing, 0, "{day}");
    }
    if is_all_settled(app, site).await {
        for by in [None, Some(Dimension::Device), Some(Dimension::Visitor)] {
            assert_eq!(
                stored(app, site, by).await,
                counted(app, site, by).await,
                "{by:?}"
            );
        }
        let [counted, stored] = kinds::both(app, site).await;
        assert_eq!(stored, counted);
        answers::check(app, site).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_becomes_of_a_question_and_whenever_the_sums_are_the_count_of_its_decisions(
        ways in prop::collection::vec(any::<u8>(), 1..9),
    ) {
        actix_web::rt::System::new().block_on(async {
            let app = TestApp::spawn().await;
            let site = app.insert_site("Shop").await;
            save_step(&app.state.db, &site, "/pricing").await;
            let mut half = pricing();
            half.fairness.held_out_percent = 50;
            let mut other = pricing();
            other.moment.after = None;
            other.moment.expect = Some(event("bought"));
            other.questions[0].kind = QuestionKind::Multi;
            other.questions.push(NewQuestion {
                id: "q2".into(),
                kind: QuestionKind::Nps,
                title: "Would you tell others?".into(),
                jumps: vec![Jump { when: JumpWhen::AtMost, value: LEADS_PAST.to_string(), to: String::new() }],
                ..NewQuestion::default()
            });
            let mut third = pricing().questions.remove(0);
            third.id = "q3".into();
            third.choices.truncate(1);
            other.questions.push(third);
            let asking = [
                app.publish(&site, "Pricing", &half).await,
                app.publish(&site, "Leaving", &other).await,
            ];
            let mut visitors: Vec<Asked> = (1..)
                .zip(ways)
                .map(|(number, way)| {
                    let start = now() - 2 * DAY + i64::from(number) * MINUTE;
                    Asked { way: Way(way), number, view: ViewId::new(start), start, cards: vec![], asks_more: asking[1].to_string() }
                })
                .collect();

            for visitor in &mut visitors {
                visitor.come(&app, &site, &asking).await;
                if !visitor.way.is_late() {
                    visitor.go_on(&app, &site).await;
                }
            }
            check(&app, &site).await;
            settle(&app).await;
            check(&app, &site).await;
            for visitor in visitors.iter().filter(|it| it.way.is_late()) {
                visitor.go_on(&app, &site).await;
            }
            for visitor in visitors.iter().filter(|it| it.way.answers_late() && !it.cards.is_empty()) {
                visitor.answer_late(&app, &site).await;
            }
            check(&app, &site).await;
            settle(&app).await;
            check(&app, &site).await;
            for made in app.impressions(&site).await {
                let of = |it: &&Asked| {
                    let answered = it.way.answers_at_once() || it.way.answers_late();
                    made.view_id == it.view && it.way.is_deleted() && answered
                };
                if visitors.iter().any(|it| of(&it)) {
                    app.state.writer.erase_answer(site.id, made.id).await.unwrap();
                }
            }
            check(&app, &site).await;
            settle(&app).await;
            assert!(is_all_settled(&app, &site).await);
            check(&app, &site).await;
        });
    }
}

//! Sums of moments and answers, and of how far visits came, against one after the other.

use std::collections::BTreeMap;

use exitpoll::{
    db::{
        Db,
        entity::{OfSite, answer, answer_choice, impression, visit},
    },
    goal::{self, types::Definitions},
    ingest::{cube::Dimension, sums::Kind},
    site::types::Site,
    types::{ImpressionId, Millis, PromptId, ReasonId},
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::says;
use crate::support::app::TestApp;

/// Visits by day, version, step, steps taken and device: how many, and how many converted.
type Reaches = BTreeMap<(i32, i32, i32, i64, String), [i64; 2]>;
/// Visits by day, prompt, version of it, way, code, and whether it was seen, begun, refused for good, and anything asked at all.
type Ways = BTreeMap<(i32, PromptId, i32, String, String, [bool; 4]), [i64; 2]>;
/// Cards by day, prompt, version of it, wording, device and visitor: how many opened, and were answered.
type Cards = BTreeMap<(i32, PromptId, i32, String, String, String), [i64; 2]>;
/// By day, prompt, question, choice and number: how often given, and how many answers.
type Answers = BTreeMap<(i32, PromptId, String, String, i32), [i64; 2]>;
/// Visits by day, step and reason.
type Named = BTreeMap<(i32, i32, ReasonId), i64>;
/// Answers by day, prompt and how long they took.
type Times = BTreeMap<(i32, PromptId, Millis), i64>;
/// Answers with words.
type Words = Vec<(i32, i32, Millis, ImpressionId, String)>;

/// All that is stored of a site.
struct Stored {
    visits: Vec<visit::Model>,
    made: Vec<impression::Model>,
    answers: Vec<answer::Model>,
    choices: Vec<answer_choice::Model>,
    definitions: Definitions,
}

/// What may be named in a row; of what it does not name there is nothing.
#[derive(Default, FromQueryResult)]
struct Row {
    day: i32,
    a: i64,
    b: i64,
}

impl Stored {
    async fn load(app: &TestApp, site: &Site) -> Self {
        let db = &app.state.db.read;
        Self {
            visits: app.visits(site).await,
            made: app.impressions(site).await,
            answers: app.answers(site).await,
            choices: answer_choice::Entity::of_site(site.id)
                .all(db)
                .await
                .unwrap(),
            definitions: goal::store::load_definitions(db, site.id).await.unwrap(),
        }
    }

    fn visit_of(&self, made: &impression::Model) -> &visit::Model {
        let mut visits = self.visits.iter();
        visits.find(|visit| visit.id == made.visit_id).unwrap()
    }

    fn answers_to(&self, made: &impression::Model) -> impl Iterator<Item = &answer::Model> {
        let id = made.id;
        let answers = self.answers.iter();
        answers.filter(move |it| it.impression_id == id)
    }

    fn choices_of(&self, answer: &answer::Model) -> Vec<&answer_choice::Model> {
        let choices = self.choices.iter().filter(|it| {
            it.impression_id == answer.impression_id && it.question_id == answer.question_id
        });
        choices.collect()
    }

    fn reaches(&self) -> Reaches {
        let mut sums = Reaches::new();
        for visit in &self.visits {
            let funnel = self.definitions.funnel(visit.funnel_version).unwrap();
            let steps = funnel.steps.iter().fold(0, |bits, bit| bits | 1 << bit);
            let key = (
                visit.day,
                visit.funnel_version,
                visit.funnel_step,
                visit.mask_all & steps,
                visit.device.clone(),
            );
            let [visits, converted] = sums.entry(key).or_default();
            *visits += 1;
            *converted += i64::from(visit.macro_at.is_some());
        }
        sums
    }

    fn way(&self, it: &impression::Model) -> &'static str {
        let answer = self.answers_to(it).min_by_key(|it| &it.question_id);
        match (it.arm.as_deref(), answer) {
            (None, _) => "held_back",
            (Some("held_out"), _) => "unasked",
            (_, Some(answer)) if answer.is_complete => "complete",
            (_, Some(_)) => "partial",
            _ if it.shown_at.is_none() => "not_opened",
            _ if it.dismissed_at.is_some() => "closed",
            _ if it.started_at.is_some() => "begun",
            _ if it.seen_at.is_some() => "seen",
            _ => "unseen",
        }
    }

    fn ways(&self) -> Ways {
        let mut telling = BTreeMap::new();
        for it in self.made.iter().filter(|it| it.is_automatic) {
            let place = (it.arm.is_some(), it.decided_at, it.id);
            let so_far = telling
                .entry((it.visit_id, it.prompt_id))
                .or_insert((place, it));
            if place > so_far.0 {
                *so_far = (place, it);
            }
        }
        let mut sums = Ways::new();
        for (_, it) in telling.into_values() {
            let is_answered = self.answers_to(it).next().is_some();
            let is_shown = it.arm.as_deref() == Some("shown");
            let way = self.way(it);
            let code = match way {
                "held_back" => it.refusal.clone(),
                "not_opened" => it.ending.clone(),
                _ if is_shown && it.dismissed_at.is_some() && !is_answered => it.ending.clone(),
                _ => None,
            };
            let mut others = self
                .made
                .iter()
                .filter(|other| other.visit_id == it.visit_id);
            let is = [
                is_shown && (it.seen_at.is_some() || is_answered),
                is_shown && (it.started_at.is_some() || is_answered),
                it.ending.as_deref() == Some("never"),
                others.any(|other| other.is_automatic && other.arm.is_some()),
            ];
            let visit = self.visit_of(it);
            let key = (
                visit.day,
                it.prompt_id,
                it.prompt_version,
                way.to_owned(),
                code.unwrap_or_default(),
                is,
            );
            let [visits, with_pages] = sums.entry(key).or_default();
            *visits += 1;
            *with_pages += i64::from(visit.pages > 0);
        }
        sums
    }

    fn cards(&self) -> Cards {
        let mut sums = Cards::new();
        for it in self
            .made
            .iter()
            .filter(|it| it.arm.as_deref() == Some("shown"))
        {
            let visit = self.visit_of(it);
            let is_answered = self.answers_to(it).next().is_some();
            let key = (
                visit.day,
                it.prompt_id,
                it.prompt_version,
                it.wording.clone().unwrap_or_default(),
                visit.device.clone(),
                says(visit, Dimension::Visitor),
            );
            let [opened, answered] = sums.entry(key).or_default();
            *opened += i64::from(is_answered || it.shown_at.is_some());
            *answered += i64::from(is_answered);
        }
        sums
    }

    fn answered(&self) -> Answers {
        let mut sums = Answers::new();
        for it in &self.made {
            let day = self.visit_of(it).day;
            for answer in self.answers_to(it) {
                let number = match answer.value.is_empty() {
                    true => answer.number.map_or(-1, |number| number as i32),
                    false => -1,
                };
                let mut choices: Vec<String> = self
                    .choices_of(answer)
                    .into_iter()
                    .map(|choice| choice.choice_id.clone())
                    .collect();
                choices.sort();
                if choices.is_empty() {
                    choices.push(String::new());
                }
                for (nth, choice) in choices.into_iter().enumerate() {
                    let key = (
                        day,
                        it.prompt_id,
                        answer.question_id.clone(),
                        choice,
                        number,
                    );
                    let [given, answers] = sums.entry(key).or_default();
                    *given += 1;
                    *answers += i64::from(nth == 0);
                }
            }
        }
        sums
    }

    fn named(&self) -> Named {
        let mut sums = Named::new();
        for visit in self.visits.iter().filter(|visit| visit.pages > 0) {
            let made = self.made.iter().filter(|it| it.visit_id == visit.id);
            let choices = made
                .flat_map(|it| self.answers_to(it))
                .flat_map(|answer| self.choices_of(answer));
            let mut reasons: Vec<ReasonId> = choices.filter_map(|it| it.reason_id).collect();
            reasons.sort();
            reasons.dedup();
            for reason in reasons {
                *sums
                    .entry((visit.day, visit.funnel_step, reason))
                    .or_default() += 1;
            }
        }
        sums
    }

    fn times(&self) -> Times {
        let mut sums = Times::new();
        let answered = self
            .made
            .iter()
            .filter(|it| self.answers_to(it).next().is_some());
        for it in answered {
            let took = it
                .answered_at
                .zip(it.shown_at)
                .map(|(end, start)| end - start);
            if let Some(ms) = took.filter(|ms| *ms >= 0) {
                *sums
                    .entry((self.visit_of(it).day, it.prompt_id, ms))
                    .or_default() += 1;
            }
        }
        sums
    }

    fn words(&self) -> Words {
        let mut words = Words::new();
        for it in &self.made {
            let visit = self.visit_of(it);
            let said = self
                .answers_to(it)
                .filter(|answer| !answer.comment.is_empty());
            words.extend(said.map(|answer| {
                let question = answer.question_id.clone();
                (
                    visit.day,
                    visit.funnel_step,
                    answer.answered_at,
                    it.id,
                    question,
                )
            }));
        }
        words.sort();
        words
    }
}

/// Rows of all visits from a table of sums, each as its key and its sums `a` and `b`.
async fn rows<K: Ord>(
    db: &Db,
    site: &Site,
    sql: &str,
    key: impl Fn(i32, &sea_orm::QueryResult) -> K,
) -> BTreeMap<K, [i64; 2]> {
    let sql = sql.replace("WHERE", "WHERE site_id = $1 AND dim = 0");
    let backend = db.read.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [site.id.into()]);
    let mut sums = BTreeMap::new();
    for row in db.read.query_all_raw(statement).await.unwrap() {
        let Row { day, a, b } = Row::from_query_result(&row, "").unwrap();
        let [left, right] = sums.entry(key(day, &row)).or_insert([0; 2]);
        *left += a;
        *right += b;
    }
    sums
}

fn first_of<K: Ord>(sums: BTreeMap<K, [i64; 2]>) -> BTreeMap<K, i64> {
    sums.into_iter().map(|(key, [n, _])| (key, n)).collect()
}

/// Fails unless what is stored of settled visits is what a plain count gives.
pub(super) async fn check(app: &TestApp, site: &Site) {
    let db = &app.state.db;
    let plain = Stored::load(app, site).await;
    macro_rules! get {
        ($row:expr, $name:literal) => {
            $row.try_get("", $name).unwrap()
        };
    }
    let sql = "SELECT *, visits AS a, conversions AS b FROM reach_day WHERE";
    let reaches = rows(db, site, sql, |day, row| {
        (
            day,
            get!(row, "version"),
            get!(row, "step"),
            get!(row, "mask"),
            get!(row, "device"),
        )
    });
    assert_eq!(reaches.await, plain.reaches());

    let sql = "SELECT *, visits AS a, with_pages AS b FROM way_day WHERE";
    let ways = rows(db, site, sql, |day, row| {
        let is = ["is_seen", "is_begun", "is_never", "is_asked"];
        let is = is.map(|name| row.try_get("", name).unwrap());
        let version = get!(row, "prompt_version");
        (
            day,
            get!(row, "prompt_id"),
            version,
            get!(row, "way"),
            get!(row, "code"),
            is,
        )
    });
    assert_eq!(ways.await, plain.ways());

    let sql = "SELECT *, opened AS a, answered AS b FROM card_day WHERE";
    let cards = rows(db, site, sql, |day, row| {
        let prompt = (get!(row, "prompt_id"), get!(row, "prompt_version"));
        let kind = (get!(row, "device"), get!(row, "visitor"));
        (
            day,
            prompt.0,
            prompt.1,
            get!(row, "wording"),
            kind.0,
            kind.1,
        )
    });
    assert_eq!(cards.await, plain.cards());

    let sql = "SELECT *, given AS a, answers AS b FROM answer_day WHERE";
    let answers = rows(db, site, sql, |day, row| {
        let (question, choice) = (get!(row, "question_id"), get!(row, "choice_id"));
        (
            day,
            get!(row, "prompt_id"),
            question,
            choice,
            get!(row, "number"),
        )
    });
    assert_eq!(answers.await, plain.answered());

    let sql = "SELECT *, visits AS a, visits AS b FROM named_day WHERE";
    let named = rows(db, site, sql, |day, row| {
        let kind: Kind = get!(row, "kind");
        (day, kind.step, get!(row, "reason_id"))
    });
    assert_eq!(first_of(named.await), plain.named());

    let sql = "SELECT *, answers AS a, answers AS b FROM time_day WHERE";
    let times = rows(db, site, sql, |day, row| {
        (day, get!(row, "prompt_id"), get!(row, "ms"))
    });
    assert_eq!(first_of(times.await), plain.times());

    let sql = "SELECT *, answers AS a, answers AS b FROM word_day WHERE";
    let words = rows(db, site, sql, |day, row| {
        let (at, id) = (get!(row, "answered_at"), get!(row, "impression_id"));
        (day, get!(row, "step"), at, id, get!(row, "question_id"))
    });
    assert_eq!(words.await.into_keys().collect::<Words>(), plain.words());
}

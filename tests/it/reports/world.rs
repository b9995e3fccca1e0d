//! A small world with figures that can be counted by hand.

use std::collections::BTreeMap;

use exitpoll::{
    answer::words,
    clock::{self, DAY, MINUTE},
    db::entity::{
        answer, answer_choice, batch, impression, prompt, prompt_version, recount, signature,
        visit, visit_goal,
    },
    goal::{
        self,
        signature::{Landmark, Signature},
        types::{GoalRole, GoalRule, GoalStage, NewGoal},
    },
    prompt::store::insert_offers,
    prompt::types::{
        AskAt, Choice, Design, Fairness, Look, Moment, OtherWords, PromptStatus, PromptTemplate,
        Question, QuestionKind, Target,
    },
    reason::store::Codebook,
    site::{calendar, types::Site},
    types::{ImpressionId, Millis, PromptId, ReasonId, ViewId, VisitId},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::support::app::TestApp;

/// More visits than these are read in seconds where the server's planner does not know of them.
const MANY: usize = 100;

/// What the dimension says of a visit whose first page took so long to load.
pub(crate) fn load_band(load_ms: Option<Millis>) -> &'static str {
    match load_ms {
        None => "",
        Some(..=1_000) => "up_to_1s",
        Some(..=2_500) => "up_to_2.5s",
        Some(..=4_000) => "up_to_4s",
        Some(_) => "over_4s",
    }
}

/// Rows to insert, all of one site.
pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) now: Millis,
    pub(crate) funnel_version: i32,
    pub(crate) prompt_id: PromptId,
    pub(crate) phone: ReasonId,
    pub(crate) looking: ReasonId,
    pub(crate) visits: Vec<visit::Model>,
    pub(crate) impressions: Vec<impression::Model>,
    pub(crate) answers: Vec<answer::Model>,
    pub(crate) choices: Vec<answer_choice::Model>,
    pub(crate) batches: Vec<batch::Model>,
    pub(crate) visit_goals: Vec<visit_goal::Model>,
    serial: i64,
}

fn goal(name: &str, role: GoalRole, rule: GoalRule, value_minor: Option<i64>) -> NewGoal {
    NewGoal {
        name: name.into(),
        role,
        stage: GoalStage::Intent.into(),
        rule,
        value_minor,
        is_listed: true,
        is_key: role.is_key_by_itself(),
        serves: None,
    }
}

/// Two steps, then the main goal; worth 50.00.
pub(crate) fn goals() -> [NewGoal; 3] {
    [
        goal(
            "Viewed pricing",
            GoalRole::Milestone,
            GoalRule::Url {
                path: "/pricing".into(),
            },
            None,
        ),
        goal(
            "Started the form",
            GoalRole::Milestone,
            GoalRule::FormStarted {
                form: "signup".into(),
            },
            None,
        ),
        goal(
            "Signed up",
            GoalRole::Macro,
            GoalRule::event("signed_up"),
            Some(5_000),
        ),
    ]
}

pub(crate) fn design(phone: ReasonId, looking: ReasonId) -> Design {
    let choice = |id: &str, label: &str, reason| Choice {
        id: id.into(),
        label: label.into(),
        reason,
    };
    Design {
        template: PromptTemplate::FormAbandoned,
        moment: Moment {
            ask_at: vec![AskAt::Exit],
            min_active_ms: 0,
            ..Moment::default()
        },
        target: Target::default(),
        fairness: Fairness {
            held_out_percent: 10,
            ..Fairness::default()
        },
        questions: vec![Question {
            kind: QuestionKind::Single,
            title: "What kept you from finishing?".into(),
            choices: vec![
                choice("c1", "You ask for a phone number", phone),
                choice("c2", "Just looking", looking),
            ],
            comment_label: "Anything to add?".into(),
            ..Question::default()
        }],
        thanks: "Thank you".into(),
        endings: vec![],
        fields: vec![],
        lang: "en".into(),
        other_words: OtherWords::default(),
        look: Look::default(),
    }
}

/// Where it is far from midnight: a visit that began two hours ago is one of today.
pub(crate) fn time_zone(now: Millis) -> &'static str {
    let berlin = "Europe/Berlin";
    match calendar::local_time(now, berlin).hour {
        4..22 => berlin,
        _ => "America/New_York",
    }
}

impl World {
    /// A site with goals and a prompt, and no visit.
    pub(crate) async fn new(app: &TestApp, name: &str) -> Self {
        Self::new_in(app, name, time_zone(clock::now())).await
    }

    /// The same in a time zone, whatever hour it is there.
    pub(crate) async fn new_in(app: &TestApp, name: &str, time_zone: &str) -> Self {
        let now = clock::now();
        let site = app.insert_site_in(name, time_zone).await;
        let tx = app.state.db.begin().await.unwrap();
        for goal in goals() {
            goal::store::insert_goal(&tx, site.id, &goal, now - 30 * DAY)
                .await
                .unwrap();
        }
        let mut reasons = Codebook::load(&tx, site.id).await.unwrap();
        let phone = reasons.ensure(&tx, "Phone number", now).await.unwrap();
        let looking = reasons.ensure(&tx, "Just looking", now).await.unwrap();
        let definitions = goal::store::load_definitions(&tx, site.id).await.unwrap();
        let offering = design(phone, looking);
        let design = serde_json::to_string(&offering).unwrap();
        let prompt = prompt::Model {
            site_id: site.id,
            id: PromptId::new(now),
            name: "Sign-up not finished".into(),
            status: PromptStatus::Published.as_str().into(),
            draft: design.clone(),
            published_version: Some(1),
            created_at: now,
            updated_at: now,
            place: 0,
        };
        let prompt_id = prompt.id;
        prompt::Entity::insert(prompt.into_active_model())
            .exec_without_returning(&tx)
            .await
            .unwrap();
        let version = prompt_version::Model {
            site_id: site.id,
            prompt_id,
            version: 1,
            design,
            published_at: now,
            note: String::new(),
        };
        prompt_version::Entity::insert(version.into_active_model())
            .exec_without_returning(&tx)
            .await
            .unwrap();
        insert_offers(&tx, site.id, prompt_id, 1, &offering)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Self {
            funnel_version: definitions.funnels.last().unwrap().version,
            site,
            now,
            prompt_id,
            phone,
            looking,
            visits: vec![],
            impressions: vec![],
            answers: vec![],
            choices: vec![],
            batches: vec![],
            visit_goals: vec![],
            serial: 0,
        }
    }

    /// Another number, for ids that must differ.
    fn next(&mut self) -> Millis {
        self.serial += 1;
        self.serial
    }

    /// A closed visit of today that reached `step`, the last of which is the main goal.
    pub(crate) fn visit(&mut self, step: i32) -> &mut visit::Model {
        let at = self.now - 2 * 60 * MINUTE;
        let serial = self.next();
        self.visits.push(visit::Model {
            site_id: self.site.id,
            id: VisitId::new(at + serial),
            visitor: vec![],
            day: calendar::day_of(self.now, &self.site.time_zone),
            funnel_version: self.funnel_version,
            started_at: at,
            last_at: at + 5 * MINUTE,
            last_view_id: ViewId::new(at),
            last_seq: 0,
            closed_at: Some(at + 35 * MINUTE),
            device: "desktop".into(),
            browser: "Firefox".into(),
            language: "de".into(),
            referrer: None,
            campaign: None,
            properties: None,
            entry_path: "/".into(),
            last_path: "/signup".into(),
            pages: 2,
            active_ms: 60_000,
            mask_all: 0,
            mask_before: 0,
            macro_at: (step == 3).then_some(at + 4 * MINUTE),
            value_minor: 0,
            funnel_step: step,
            views: "[]".into(),
            is_automated: false,
            is_test: false,
            is_ambiguous: false,
            visitor_id: None,
            visit_number: None,
            is_told: false,
            exits: 0,
            exits_stayed: 0,
            mask_landmark: 0,
            landmark: 0,
            path: String::new(),
            source: "direct".into(),
            campaign_name: String::new(),
            country: String::new(),
            variant: String::new(),
            load_ms: None,
            signature_id: 0,
            path_id: 0,
            is_settled: false,
            is_imported: false,
        });
        self.visits.last_mut().unwrap()
    }

    /// A visit of today that reached goals in this order, each a digit: 0 and 1 are the steps, 2 the main goal, others none.
    pub(crate) fn walk(&mut self, way: &str) -> &mut visit::Model {
        let mut way: Vec<char> = way.chars().collect();
        way.dedup();
        let bit = |goal: &char| 1_i64 << goal.to_digit(10).unwrap();
        let mask = way.iter().fold(0, |mask, goal| mask | bit(goal));
        let step = way.iter().fold(0, |step, goal| {
            let is_next = step < 3 && goal.to_digit(10) == u32::try_from(step).ok();
            step + i32::from(is_next)
        });
        let visit = self.visit(step);
        visit.mask_all = mask;
        visit.path = way.into_iter().collect();
        if mask & 0b100 != 0 {
            visit.macro_at = Some(visit.started_at + 4 * MINUTE);
        }
        visit
    }

    /// A decision in the newest visit.
    pub(crate) fn impression(&mut self, arm: Option<&str>) -> &mut impression::Model {
        let serial = self.next();
        let visit = self.visits.last().unwrap();
        let at = visit.started_at + 2 * MINUTE;
        self.impressions.push(impression::Model {
            site_id: self.site.id,
            id: ImpressionId::new(at + serial),
            visit_id: visit.id,
            view_id: visit.last_view_id,
            seq: 0,
            prompt_id: self.prompt_id,
            prompt_version: 1,
            asked_at_moment: "exit".into(),
            decided_at: at,
            arm: arm.map(Into::into),
            probability: arm.map(|_| 0.9),
            refusal: arm.is_none().then(|| "quiet".into()),
            lost_to: None,
            funnel_step: visit.funnel_step,
            is_test: visit.is_test,
            is_automatic: true,
            shown_at: (arm == Some("shown")).then_some(at + 100),
            seen_at: (arm == Some("shown")).then_some(at + 1_100),
            started_at: None,
            answered_at: None,
            dismissed_at: None,
            ending: None,
            language: None,
            wording: None,
            fields: None,
        });
        self.impressions.last_mut().unwrap()
    }

    /// An answer to the newest impression.
    pub(crate) fn answer(&mut self, reasons: &[(&str, ReasonId)], comment: &str) -> ImpressionId {
        let impression = self.impressions.last_mut().unwrap();
        let at = impression.decided_at + 11_100;
        impression.answered_at = Some(at);
        impression.started_at = Some(at - 1_000);
        self.answers.push(answer::Model {
            site_id: self.site.id,
            impression_id: impression.id,
            question_id: "q1".into(),
            visit_id: impression.visit_id,
            prompt_id: impression.prompt_id,
            prompt_version: 1,
            answered_at: at,
            received_at: at,
            seq: 1,
            is_complete: true,
            is_late: false,
            is_test: impression.is_test,
            comment: comment.into(),
            number: None,
            value: String::new(),
            folded: words::fold(comment),
            led_past: None,
            led_to: None,
        });
        for (choice_id, reason_id) in reasons {
            self.choices.push(answer_choice::Model {
                site_id: self.site.id,
                impression_id: impression.id,
                question_id: "q1".into(),
                choice_id: (*choice_id).into(),
                reason_id: Some(*reason_id),
                place: None,
            });
        }
        impression.id
    }

    /// Events of the newest visit's only page load.
    pub(crate) fn events(&mut self, body: &str) {
        let visit = self.visits.last().unwrap();
        self.batches.push(batch::Model {
            site_id: self.site.id,
            view_id: visit.last_view_id,
            first_seq: 0,
            visit_id: visit.id,
            view_started_at: visit.started_at,
            received_at: visit.started_at,
            body: body.into(),
        });
    }

    /// Has the visits have reached, once each, what their masks say.
    pub(crate) fn reach_goals(&mut self) {
        for visit in &self.visits {
            let bits = (0..63).filter(|bit| visit.mask_all >> bit & 1 == 1);
            self.visit_goals.extend(bits.map(|bit| visit_goal::Model {
                site_id: visit.site_id,
                visit_id: visit.id,
                bit,
                first_at: visit.started_at + MINUTE,
                n: 1,
                value_minor: 0,
            }));
        }
    }

    /// Writes everything, and puts into the cube what has been quiet for long.
    pub(crate) async fn insert_settled(&mut self, app: &TestApp) {
        let mut signatures = BTreeMap::new();
        for visit in &mut self.visits {
            let signature = Signature {
                version: visit.funnel_version,
                mask_all: visit.mask_all,
                mask_before: visit.mask_before,
                mask_landmark: visit.mask_landmark,
                landmark: Landmark::of_code(visit.landmark),
                funnel_step: visit.funnel_step,
                path: None,
            };
            let ordered = signature.with_path(&visit.path);
            (visit.signature_id, visit.path_id) = (signature.id(), ordered.id());
            for it in [signature, ordered] {
                let row = signature::Model {
                    site_id: self.site.id,
                    id: it.id(),
                    version: it.version,
                    mask_all: it.mask_all,
                    mask_before: it.mask_before,
                    mask_landmark: it.mask_landmark,
                    landmark: it.landmark.code(),
                    funnel_step: it.funnel_step,
                    path: it.path,
                };
                signatures.insert(row.id, row);
            }
        }
        let tx = app.state.db.begin().await.unwrap();
        insert_all(&tx, &signatures.into_values().collect::<Vec<_>>()).await;
        tx.commit().await.unwrap();
        self.insert(app).await;
        app.state.settler.settle(self.now).await.unwrap();
    }

    /// Writes everything.
    pub(crate) async fn insert(&self, app: &TestApp) {
        let tx = app.state.db.begin().await.unwrap();
        // Publishing a question may have all visits counted again, which puts them back on the day on which they began.
        recount::Entity::delete_many()
            .filter(recount::Column::SiteId.eq(self.site.id))
            .exec(&tx)
            .await
            .unwrap();
        insert_all(&tx, &self.visits).await;
        insert_all(&tx, &self.impressions).await;
        insert_all(&tx, &self.answers).await;
        insert_all(&tx, &self.choices).await;
        insert_all(&tx, &self.batches).await;
        insert_all(&tx, &self.visit_goals).await;
        tx.commit().await.unwrap();
        // In life PostgreSQL does so by itself.
        if self.visits.len() > MANY {
            app.state.db.analyze().await;
        }
    }
}

async fn insert_all<M, A>(tx: &sea_orm::DatabaseTransaction, models: &[M])
where
    M: Clone + IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    // Engines allow a limited number of parameters a statement.
    for some in models.chunks(400) {
        let rows = some.iter().cloned().map(IntoActiveModel::into_active_model);
        A::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await
            .unwrap();
    }
}

/// The words of a page as they are read: no markup, single spaces.
pub(crate) fn words(html: &str) -> String {
    let body = html.split_once("<main").map_or(html, |(_, main)| main);
    let mut text = String::new();
    for part in body.split('<') {
        text.push(' ');
        text.push_str(part.split_once('>').map_or("", |(_, words)| words));
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Fails with the whole text when a passage is missing.
pub(crate) fn assert_reads(text: &str, passages: &[&str]) {
    for passage in passages {
        assert!(text.contains(passage), "{passage:?} is missing in:\n{text}");
    }
}

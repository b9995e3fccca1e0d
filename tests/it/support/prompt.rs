//! Questions that are live, set up as the editor does.

use exitpoll::{
    clock::{self, DAY},
    db::Db,
    goal::types::GoalRule,
    prompt::{
        self,
        draft::{GoalChoice, NewChoice, NewDesign, NewMoment, NewQuestion},
        types::{AskAt, Fairness, Look, OtherWords, PromptTemplate, QuestionKind, Target},
    },
    site::{self, types::Site},
    types::PromptId,
};

use super::app::TestApp;

/// "/pricing" was opened, `signed_up` did not happen: asked at exit and on the next page, unless `left_for_good` happened.
pub(crate) fn pricing() -> NewDesign {
    NewDesign {
        template: PromptTemplate::PricingViewed,
        moment: NewMoment {
            after: Some(url("/pricing")),
            expect: Some(event("signed_up")),
            cancel: vec![event("left_for_good")],
            ask_at: vec![AskAt::Exit, AskAt::NextPage],
            min_active_ms: 0,
            ..NewMoment::default()
        },
        target: Target::default(),
        fairness: Fairness::default(),
        questions: vec![NewQuestion {
            kind: QuestionKind::Single,
            title: "What held you back?".into(),
            choices: [("c1", "Too dear"), ("c2", "Too long")]
                .map(|(id, label)| NewChoice {
                    id: id.into(),
                    label: label.into(),
                    reason: label.into(),
                })
                .into(),
            other: Some("Something else".into()),
            other_label: "Something else".into(),
            comment_label: "Anything to add?".into(),
            ..NewQuestion::default()
        }],
        thanks: "Thank you.".into(),
        endings: vec![],
        fields: vec![],
        lang: "en".into(),
        other_words: OtherWords::default(),
        look: Look::default(),
    }
}

/// The goal of opening a page.
pub(crate) fn url(path: &str) -> GoalChoice {
    GoalChoice::Rule(GoalRule::Url { path: path.into() })
}

/// The goal of a tracked event.
pub(crate) fn event(name: &str) -> GoalChoice {
    GoalChoice::Rule(GoalRule::event(name))
}

/// Makes the prompt and publishes it in a database.
pub(crate) async fn publish(db: &Db, site: &Site, name: &str, design: &NewDesign) -> PromptId {
    let at = clock::now() - 30 * DAY;
    let tx = db.begin().await.unwrap();
    let design = prompt::store::resolve_design(&tx, site.id, design, at)
        .await
        .unwrap();
    let id = prompt::store::insert_draft(&tx, site.id, name, &design, at)
        .await
        .unwrap();
    prompt::store::publish(&tx, site.id, id, at).await.unwrap();
    site::store::touch_config(&tx, site.id).await.unwrap();
    tx.commit().await.unwrap();
    id
}

impl TestApp {
    /// Makes the prompt and publishes it; its goals count from a month ago, so that tests may send what happened before.
    pub(crate) async fn publish(&self, site: &Site, name: &str, design: &NewDesign) -> PromptId {
        let id = publish(&self.state.db, site, name, design).await;
        self.state.snapshots.forget(site.id);
        id
    }

    /// Publishes another design of the prompt.
    pub(crate) async fn publish_again(&self, site: &Site, id: PromptId, design: &NewDesign) {
        let (tx, now) = (self.state.db.begin().await.unwrap(), clock::now());
        let design = prompt::store::resolve_design(&tx, site.id, design, now)
            .await
            .unwrap();
        prompt::store::save_draft(&tx, site.id, id, "Changed", &design, now)
            .await
            .unwrap();
        prompt::store::publish(&tx, site.id, id, now).await.unwrap();
        site::store::touch_config(&tx, site.id).await.unwrap();
        tx.commit().await.unwrap();
        self.state.snapshots.forget(site.id);
    }

    /// Pauses the prompt.
    pub(crate) async fn pause(&self, site: &Site, id: PromptId) {
        let tx = self.state.db.begin().await.unwrap();
        prompt::store::pause(&tx, site.id, id, clock::now())
            .await
            .unwrap();
        site::store::touch_config(&tx, site.id).await.unwrap();
        tx.commit().await.unwrap();
        self.state.snapshots.forget(site.id);
    }
}

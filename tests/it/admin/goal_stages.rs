//! Stages: the list of a site, what editing it does to goals, to the board and to what was counted.

use exitpoll::goal::store;

use super::goals::{Setting, goal};
use crate::support::client::Reply;

impl Setting {
    async fn save_stages(&self, fields: &[(&str, &str)]) -> Reply {
        let path = format!("/sites/{}/goals/stages", self.site.key);
        self.client.post_form(&path, fields).await
    }

    async fn stage_names(&self) -> Vec<String> {
        let stages = store::list_stages(&self.app.state.db.read, self.site.id).await;
        let stages = stages.unwrap();
        stages.list().map(|stage| stage.name.clone()).collect()
    }

    async fn stage_of(&self, name: &str) -> String {
        self.named(name).await.stage.to_string()
    }

    async fn page_at(&self, path: &str) -> String {
        let path = format!("/sites/{}{path}", self.site.key);
        self.client.get(&path).await.body
    }
}

#[actix_web::test]
async fn a_site_begins_with_four_stages_and_its_owner_makes_them_others() {
    let setting = Setting::new().await;
    let before = setting.definitions().await;
    let db = &setting.app.state.db.read;
    let recount = store::recount::find(db, setting.site.id).await.unwrap();
    assert_eq!(
        setting.stage_names().await,
        ["Awareness", "Consideration", "Intent", "Decision"]
    );

    let fields = [
        ("stage-awareness", "Learns"),
        ("stage-intent", "Wants <it>"),
        ("added", "Loyalty"),
    ];
    assert_eq!(setting.save_stages(&fields).await.status, 303);
    assert_eq!(setting.save_stages(&[("do", "up:own-1")]).await.status, 303);
    let fields = [("stage-decision", "Acts"), ("do", "up:own-1")];
    assert_eq!(setting.save_stages(&fields).await.status, 303);

    assert_eq!(
        setting.stage_names().await,
        ["Learns", "Consideration", "Loyalty", "Wants <it>", "Acts"]
    );
    let mut fields = goal("url", "/pricing", "milestone", "");
    fields[3].1 = "own-1";
    let step = setting.named("Viewed /pricing").await;
    assert_eq!(setting.post(&format!("/{}", step.id), &fields).await, 303);
    assert_eq!(setting.stage_of("Viewed /pricing").await, "own-1");
    let page = setting.page_at(&format!("/goals/{}", step.id)).await;
    assert!(
        page.contains("<option value=\"own-1\" selected>Loyalty<"),
        "{page}"
    );
    assert!(page.contains(">Wants &#60;it&#62;</option>"));
    assert!(
        setting
            .page_at("/goals/catalogue")
            .await
            .contains("Signal · Learns")
    );
    assert_eq!(setting.definitions().await, before);
    let again = store::recount::find(db, setting.site.id).await.unwrap();
    assert_eq!(again.unwrap().version, recount.unwrap().version);
}

#[actix_web::test]
async fn goals_of_a_removed_stage_go_to_the_one_before_it() {
    let setting = Setting::new().await;
    let before = setting.definitions().await;
    assert!(
        setting
            .page_at("/goals/stages")
            .await
            .contains("Remove, goals to “Consideration”")
    );

    let reply = setting.save_stages(&[("do", "remove:intent")]).await;

    assert_eq!(reply.status, 303);
    assert_eq!(setting.stage_of("Viewed /pricing").await, "consideration");
    // What still names it, such as the catalogue or a page that was open, finds the way.
    let late = goal("event", "shared", "engagement", "");
    assert_eq!(setting.post("", &late).await, 303);
    assert_eq!(setting.stage_of("Event shared").await, "consideration");
    let board = setting.page_at("/goals/stages").await;
    assert!(board.contains("4\u{a0}goals"), "{board}");
    assert_eq!(setting.definitions().await.goals[..3], before.goals[..]);
}

#[actix_web::test]
async fn wrong_names_are_told_and_kept_and_an_unknown_stage_is_refused() {
    let setting = Setting::new().await;

    let fields = [("stage-intent", "decision"), ("stage-awareness", "Learns")];
    let reply = setting.save_stages(&fields).await;

    assert_eq!(reply.status, 422);
    for text in ["Another stage has this name", "value=\"Learns\""] {
        assert!(reply.body.contains(text), "{text} in {}", reply.body);
    }
    assert_eq!(setting.stage_names().await[0], "Awareness");
    let mut fields = goal("event", "shared", "engagement", "");
    fields[3].1 = "elsewhere";
    assert_eq!(setting.post("", &fields).await, 422);
    assert_eq!(setting.goals().await.len(), 3);
}

#[actix_web::test]
async fn stages_are_those_of_one_site_alone() {
    let setting = Setting::new().await;
    let other = setting.app.insert_site("Other").await;
    let theirs = format!("/sites/{}/goals", other.key);
    let client = &setting.client;
    let fields = goal("event", "shared", "engagement", "");
    assert_eq!(client.post_form(&theirs, &fields).await.status, 303);

    let fields = [("added", "Loyalty"), ("do", "remove:intent")];
    assert_eq!(setting.save_stages(&fields).await.status, 303);

    let db = &setting.app.state.db.read;
    let goals = store::list_goals(db, other.id).await.unwrap();
    assert_eq!(goals[0].stage.to_string(), "intent");
    let page = client.get(&format!("{theirs}/stages")).await.body;
    assert!(
        page.contains("value=\"Intent\"") && !page.contains("own-1"),
        "{page}"
    );
    let mut fields = goal("event", "bought", "engagement", "");
    fields[3].1 = "own-1";
    assert_eq!(client.post_form(&theirs, &fields).await.status, 422);
    let stranger = format!("/sites/{}x/goals/stages", other.key);
    assert_eq!(client.get(&stranger).await.status, 404);
}

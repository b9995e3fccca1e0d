//! The main goal that a step or a signal leads to, on sites with several.

use exitpoll::goal::store;

use super::goals::{Setting, goal};

impl Setting {
    async fn lead(&self, name: &str, to: &str) -> u16 {
        let id = self.named(name).await.id;
        let mut fields = goal("url", "/pricing", "milestone", "");
        fields.extend([("name", name), ("serves", to)]);
        self.post(&format!("/{id}"), &fields).await
    }

    async fn list_page(&self) -> String {
        let path = format!("/sites/{}/goals", self.site.key);
        self.client.get(&path).await.body
    }
}

const STEP: &str = "Viewed /pricing";
const SELECT: &str = "name=\"serves\"";

#[actix_web::test]
async fn a_step_leads_to_another_main_goal_and_nothing_is_counted_again() {
    let setting = Setting::new().await;
    assert!(!setting.list_page().await.contains(SELECT));
    let main = goal("event", "bought", "macro", "");
    assert_eq!(setting.post("", &main).await, 303);
    let main = setting.named("Event bought").await.id;
    let before = setting.definitions().await;
    let db = &setting.app.state.db.read;
    let recount = store::recount::find(db, setting.site.id).await.unwrap();
    let page = setting.list_page().await;
    assert!(
        page.contains(SELECT) && !page.contains("leads to “"),
        "{page}"
    );

    assert_eq!(setting.lead(STEP, &main.to_string()).await, 303);

    assert_eq!(setting.named(STEP).await.serves, Some(main));
    assert!(
        setting
            .list_page()
            .await
            .contains("leads to “Event bought”")
    );
    let path = format!(
        "/sites/{}/goals/{}",
        setting.site.key,
        setting.named(STEP).await.id
    );
    let page = setting.client.get(&path).await.body;
    assert!(
        page.contains(&format!("<option value=\"{main}\" selected>")),
        "{page}"
    );
    assert_eq!(setting.definitions().await, before);
    let again = store::recount::find(db, setting.site.id).await.unwrap();
    assert_eq!(again.unwrap().version, recount.unwrap().version);

    // A goal that is gone leads nowhere: the end of the funnel takes its place.
    assert_eq!(setting.post(&format!("/{main}/archive"), &[]).await, 303);
    assert_eq!(setting.named(STEP).await.serves, None);
}

#[actix_web::test]
async fn only_main_goals_of_the_site_are_led_to() {
    let setting = Setting::new().await;
    let other = setting.app.insert_site("Other").await;
    let theirs = format!("/sites/{}/goals", other.key);
    let main = goal("event", "bought", "macro", "");
    assert_eq!(setting.client.post_form(&theirs, &main).await.status, 303);
    let theirs = store::list_goals(&setting.app.state.db.read, other.id).await;
    let theirs = theirs.unwrap()[0].id.to_string();
    let step = setting.named("Started form signup").await.id.to_string();
    let itself = setting.named(STEP).await.id.to_string();

    for wrong in [theirs.as_str(), &step, &itself, "elsewhere"] {
        assert_eq!(setting.lead(STEP, wrong).await, 422, "{wrong}");
    }

    assert_eq!(setting.named(STEP).await.serves, None);
    // A main goal leads nowhere, whatever is posted.
    let end = setting.named("Completed form signup").await;
    let mut fields = goal("event", "bought", "macro", "");
    let end = end.id.to_string();
    fields.push(("serves", &end));
    assert_eq!(setting.post("", &fields).await, 303);
    assert_eq!(setting.named("Event bought").await.serves, None);
}

//! Key small steps: which goals are, what the owner says of it, and what the goals page says to too few or too many.

use exitpoll::goal::store;

use super::goals::{Setting, goal};

impl Setting {
    /// Adds a signal; `key` as the form posts it.
    async fn add_signal(&self, name: &str, key: &str) -> u16 {
        let mut fields = goal("event", name, "engagement", "");
        fields.push(("key", key));
        self.post("", &fields).await
    }

    async fn page(&self) -> String {
        let path = format!("/sites/{}/goals", self.site.key);
        self.client.get(&path).await.body
    }

    async fn keys(&self) -> Vec<String> {
        let goals = self.goals().await.into_iter();
        goals
            .filter(|goal| goal.is_key)
            .map(|goal| goal.name)
            .collect()
    }
}

#[actix_web::test]
async fn steps_are_key_and_signals_are_not_until_the_owner_says_otherwise() {
    let setting = Setting::new().await;
    let mut quiet = goal("url", "/faq", "milestone", "");
    quiet.push(("key", "no"));
    let mut main = goal("event", "bought", "macro", "");
    main.push(("key", "yes"));

    assert_eq!(setting.post("", &quiet).await, 303);
    assert_eq!(setting.post("", &main).await, 303);
    assert_eq!(setting.add_signal("shared", "").await, 303);
    assert_eq!(setting.add_signal("compared", "yes").await, 303);

    let keys = ["Viewed /pricing", "Started form signup", "Event compared"];
    assert_eq!(setting.keys().await, keys);
    let page = setting.page().await;
    assert_eq!(page.matches("Step · key").count(), 2, "{page}");
    assert_eq!(page.matches("Signal · key").count(), 1);
}

#[actix_web::test]
async fn what_is_key_changes_nothing_that_was_counted() {
    let setting = Setting::new().await;
    let step = setting.named("Viewed /pricing").await;
    let before = setting.definitions().await;
    let db = &setting.app.state.db.read;
    let recount = store::recount::find(db, setting.site.id).await.unwrap();
    let mut fields = goal("url", "/pricing", "milestone", "");
    fields.push(("key", "no"));
    fields.push(("name", "Saw the prices"));

    let status = setting.post(&format!("/{}", step.id), &fields).await;

    assert_eq!(status, 303);
    let now = setting.named("Saw the prices").await;
    assert!(!now.is_key && now.current == step.current);
    let after = setting.definitions().await;
    assert_eq!(after.goals, before.goals);
    assert_eq!(after.funnels, before.funnels);
    let again = store::recount::find(db, setting.site.id).await.unwrap();
    assert_eq!(again.unwrap().version, recount.unwrap().version);
    let page = format!("/sites/{}/goals/{}", setting.site.key, step.id);
    let page = setting.client.get(&page).await.body;
    assert!(page.contains("<option value=\"no\" selected>"), "{page}");
}

#[actix_web::test]
async fn another_value_leaves_the_mark_as_it_is() {
    let setting = Setting::new().await;
    assert_eq!(setting.add_signal("compared", "yes").await, 303);
    let signal = setting.named("Event compared").await;

    let path = format!("/{}/value", signal.id);
    assert_eq!(setting.post(&path, &[("minor", "500")]).await, 303);

    let now = setting.named("Event compared").await;
    assert!(now.is_key && now.current.value_minor == Some(500));
}

#[actix_web::test]
async fn an_unknown_mark_is_refused_by_its_field() {
    let setting = Setting::new().await;
    let path = format!("/sites/{}/goals", setting.site.key);
    let mut fields = goal("event", "compared", "engagement", "");
    fields.push(("key", "perhaps"));

    let reply = setting.client.post_form(&path, &fields).await;

    assert_eq!(reply.status, 422);
    let message = "Choose whether it is a key small step.";
    assert!(reply.body.contains(message), "{}", reply.body);
    assert_eq!(setting.goals().await.len(), 3);
}

#[actix_web::test]
async fn the_page_says_when_key_small_steps_are_too_few_or_too_many() {
    let setting = Setting::new().await;
    let too_few = "2\u{a0}key small steps; three to seven are best. Add a step on the way";
    let too_many = "8 key small steps are hard to watch at once; three to seven are best.";
    assert!(setting.page().await.contains(too_few));

    // Neither the main goal nor a signal that nobody marked is among them.
    assert_eq!(setting.add_signal("unmarked", "").await, 303);
    assert!(setting.page().await.contains(too_few));

    for n in 3..=8 {
        let before = setting.page().await;
        let is_plain = !before.contains("three to seven are best");
        assert_eq!(is_plain, n > 3, "{} key small steps", n - 1);
        assert_eq!(setting.add_signal(&format!("e{n}"), "yes").await, 303);
    }

    assert!(setting.page().await.contains(too_many));
    let other = setting.app.insert_site("Other").await;
    let path = format!("/sites/{}/goals", other.key);
    let main = goal("event", "bought", "macro", "");
    assert_eq!(setting.client.post_form(&path, &main).await.status, 303);
    let page = setting.client.get(&path).await.body;
    assert!(
        page.contains("No key small step yet; three to seven are best."),
        "{page}"
    );
}

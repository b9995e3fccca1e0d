//! What the picker may do with its link, and what nobody may without.

use exitpoll::{
    clock::{self, DAY},
    goal::{
        store,
        types::{Goal, GoalRole, GoalRule},
    },
    site::{tool::Tool, types::Site},
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    client::{Client, Reply},
    widget::{ORIGIN, Widget, page},
};

struct Setting {
    app: TestApp,
    client: Client,
    site: Site,
}

impl Setting {
    async fn new() -> Self {
        let app = TestApp::spawn().await;
        let client = app.anonymous();
        let site = app.insert_site("Shop").await;
        Self { app, client, site }
    }

    fn token(&self) -> String {
        Tool::Picker.token(&self.site.signing_key, clock::now())
    }

    async fn send(&self, origin: &str, body: &Value) -> Reply {
        let request = self
            .client
            .request("POST", "/x/goals")
            .header("origin", origin)
            .header("content-type", "text/plain;charset=UTF-8")
            .body(body.to_string());
        self.client.send(request).await
    }

    async fn goals(&self) -> Vec<Goal> {
        store::list_goals(&self.app.state.db.read, self.site.id)
            .await
            .unwrap()
    }

    /// What the picker sends to save a click.
    fn saving(&self, token: &str) -> Value {
        json!({
            "k": self.site.key, "x": token, "do": "save", "name": "Wants a trial", "role": "engagement",
            "rules": [{"kind": "click", "label": "Start free trial", "href": "/signup"}],
        })
    }
}

#[actix_web::test]
async fn the_link_counts_and_adds_goals_of_its_site() {
    let setting = Setting::new().await;
    let widget = Widget::new(&setting.app, &setting.site);
    let clicked =
        json!([page(0, "/", ""), [5, "click", {"l": "Start free trial", "h": "/signup"}]]);
    widget.view(0).send(clicked).await;
    let mut counting = setting.saving(&setting.token());
    counting["do"] = "count".into();

    let told = setting.send(ORIGIN, &counting).await;

    assert_eq!(told.status, 200, "{}", told.body);
    assert_eq!(told.header("access-control-allow-origin"), ORIGIN);
    assert_eq!(told.header("vary"), "Origin");
    assert_eq!(
        told.json()["told"],
        json!(["Happened 1\u{a0}time in the last 7 days, in the only visit."])
    );
    assert!(setting.goals().await.is_empty(), "asking saves nothing");

    let saved = setting
        .send(ORIGIN, &setting.saving(&setting.token()))
        .await;

    assert_eq!(saved.status, 200, "{}", saved.body);
    let goals = setting.goals().await;
    assert_eq!(goals.len(), 1);
    assert_eq!(
        (goals[0].name.as_str(), goals[0].role),
        ("Wants a trial", GoalRole::Engagement)
    );
    assert_eq!(
        goals[0].current.rule,
        GoalRule::Click {
            label: "Start free trial".into(),
            href: "/signup".into(),
            selector: String::new()
        }
    );
    let address = saved.json()["goals"].as_str().unwrap().to_owned();
    assert!(
        address.ends_with(&format!("/sites/{}/goals", setting.site.key)),
        "{address}"
    );
}

#[actix_web::test]
async fn without_the_token_of_this_site_nothing_happens() {
    let setting = Setting::new().await;
    let other = setting.app.insert_site("Other").await;
    let now = clock::now();
    let key = &setting.site.signing_key;
    for (token, why) in [
        (String::new(), "none"),
        ("nonsense".into(), "no token"),
        (
            Tool::Picker.token(&other.signing_key, now),
            "of another site",
        ),
        (Tool::Picker.token(key, now - DAY - 1), "expired"),
        (Tool::AskAgain.token(key, now), "made to be asked again"),
    ] {
        let reply = setting.send(ORIGIN, &setting.saving(&token)).await;
        assert_eq!(reply.status, 403, "{why}: {}", reply.body);
        assert!(
            reply.body.contains("expired or is of another site"),
            "{why}"
        );
    }
    let mut bare = setting.saving("");
    bare.as_object_mut().unwrap().remove("x");
    assert_eq!(setting.send(ORIGIN, &bare).await.status, 403);
    assert!(setting.goals().await.is_empty());
}

#[actix_web::test]
async fn another_origin_may_not_even_read_the_reply() {
    let setting = Setting::new().await;
    for origin in [
        "https://evil.example",
        "null",
        "https://shop.example.evil.example",
    ] {
        let reply = setting
            .send(origin, &setting.saving(&setting.token()))
            .await;
        assert_eq!(reply.status, 403, "{origin}: {}", reply.body);
        assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
    }
    assert!(setting.goals().await.is_empty());
}

#[actix_web::test]
async fn it_adds_steps_and_signals_and_nothing_else() {
    let setting = Setting::new().await;
    let token = setting.token();
    let with = |change: fn(&mut Value)| {
        let mut body = setting.saving(&token);
        change(&mut body);
        body
    };
    for (body, status, message) in [
        (
            with(|body| body["role"] = "macro".into()),
            422,
            "Choose step or signal",
        ),
        (
            with(|body| body["rules"] = json!([])),
            422,
            "send 1 to 8 rules",
        ),
        (
            with(|body| body["rules"] = json!([{"kind": "click", "selector": "x".repeat(201)}])),
            422,
            "Use at most 200 characters",
        ),
        (
            with(|body| body["rules"] = json!([{"kind": "click"}])),
            422,
            "Write what the link",
        ),
        (
            with(|body| body["do"] = "archive".into()),
            400,
            "not what the picker sends",
        ),
        (with(|body| body["k"] = "site_nobody".into()), 404, ""),
    ] {
        let reply = setting.send(ORIGIN, &body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
        assert!(reply.body.contains(message), "{message}: {}", reply.body);
    }
    assert!(setting.goals().await.is_empty());
}

#[actix_web::test]
async fn a_flood_of_questions_is_refused() {
    let setting = Setting::new().await;
    let mut counting = setting.saving(&setting.token());
    counting["do"] = "count".into();
    let mut refused = None;
    for _ in 0..60 {
        let reply = setting.send(ORIGIN, &counting).await;
        if reply.status == 429 {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("60 requests in a row are too many");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(refused.header("access-control-allow-origin"), ORIGIN);
}

#[actix_web::test]
async fn the_owners_visit_is_a_test_and_only_it_loads_the_picker() {
    let setting = Setting::new().await;
    let widget = Widget::new(&setting.app, &setting.site);
    let mut owner = widget.view(0);
    owner.test_token = Some(setting.token());

    let reply = owner.send(json!([page(0, "/", "")])).await;

    let file = reply["config"]["x"]["CSSStyleSheet"].as_str().unwrap();
    assert!(file.starts_with("p."), "{reply}");
    assert_eq!(reply["slot"], json!(false), "no question while picking");
    assert_eq!(setting.client.get(&format!("/x/{file}")).await.status, 200);
    let visits = setting.app.visits(&setting.site).await;
    assert!(visits[0].is_test);

    let stranger = widget.clone().with_user_agent("Another/1.0");
    let mut visitor = stranger.view(0);
    visitor.test_token = Some(Tool::Picker.token(b"of another site", clock::now()));
    let reply = visitor.send(json!([page(0, "/", "")])).await;
    assert_eq!(reply.get("config"), None, "{reply}");
    assert!(!setting.app.visits(&setting.site).await[1].is_test);
}

//! Goals that are clicks, and how often something happened before there is a goal for it.

use exitpoll::{
    goal::{store, types::GoalRule},
    site::types::Site,
};
use serde_json::{Value, json};

use crate::{
    reports::world::{World, assert_reads, words},
    support::{
        app::TestApp,
        client::Client,
        widget::{Widget, hidden},
    },
};

fn click<'a>(label: &'a str, href: &'a str, selector: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("kind", "click"),
        ("subject", label),
        ("href", href),
        ("selector", selector),
        ("role", "milestone"),
        ("stage", "intent"),
    ]
}

struct Setting {
    app: TestApp,
    client: Client,
    site: Site,
}

impl Setting {
    async fn new() -> Self {
        let app = TestApp::spawn().await;
        let client = app.owner().await;
        let site = app.insert_site("Shop").await;
        Self { app, client, site }
    }

    async fn post(&self, fields: &[(&str, &str)]) -> crate::support::client::Reply {
        let path = format!("/sites/{}/goals", self.site.key);
        self.client.post_form(&path, fields).await
    }

    /// Sends events as a browser would and returns the goals that the visit has reached.
    async fn visit(&self, events: Value) -> Vec<String> {
        let widget = Widget::new(&self.app, &self.site);
        let mut view = widget.view(0);
        view.send(events).await;
        view.send(json!([hidden(1_000)])).await;
        let mut next = widget.view(0);
        let reply = next.send(json!([[0, "page_view", {"u": "/next"}]])).await;
        let goals = reply["goals"].as_array().unwrap().iter();
        goals.map(|id| id.as_str().unwrap().to_owned()).collect()
    }
}

#[actix_web::test]
async fn a_click_reaches_the_goal_that_names_it() {
    let setting = Setting::new().await;
    for fields in [
        click("Start 14-day trial", "/signup", ""),
        click("", "", "#plans > .card"),
    ] {
        let reply = setting.post(&fields).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
    }
    let goals = store::list_goals(&setting.app.state.db.read, setting.site.id)
        .await
        .unwrap();
    assert_eq!(
        goals[0].current.rule,
        GoalRule::Click {
            label: "Start -day trial".into(),
            href: "/signup".into(),
            selector: String::new(),
        },
        "numbers are not recorded, so they are not compared"
    );

    let reached = setting
        .visit(json!([
            [0, "page_view", {"u": "/"}],
            [900, "click", {"l": "Start -day trial", "h": "/signup"}],
        ]))
        .await;
    assert_eq!(reached, [goals[0].id.to_string()]);

    let reached = setting
        .visit(json!([[0, "page_view", {"u": "/plans"}], [40, "click", {"s": "#plans > .card"}]]))
        .await;
    assert!(reached.contains(&goals[1].id.to_string()), "{reached:?}");
}

#[actix_web::test]
async fn what_cannot_be_a_click_is_said_beside_the_field() {
    let setting = Setting::new().await;
    for (fields, message) in [
        (click("", "", ""), "Write what the link or button reads"),
        (click("2026", "", ""), "are not recorded"),
        (
            click("Buy", "signup", ""),
            "Begin with a slash, as in /signup",
        ),
        (
            click("Buy", "/signup?a=1", ""),
            "Leave out everything from ?",
        ),
        (
            click("Buy", "", "#buy"),
            "Use either the words and the address",
        ),
    ] {
        let reply = setting.post(&fields).await;
        assert_eq!(reply.status, 422);
        assert_reads(&words(&reply.body), &[message]);
    }
}

#[actix_web::test]
async fn how_often_it_happened_is_told_before_it_is_saved() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let mut world = World::new(&app, "Shop").await;
    for _ in 0..3 {
        world.visit(0);
        world.events(
            r#"[[0,"page_view",{"u":"/"}],[5,"click",{"l":"Buy","h":"/cart"}],[9,"click",{"l":"Buy","h":"/cart"}]]"#,
        );
    }
    world.visit(0);
    world.events(r#"[[0,"page_view",{"u":"/pricing"}]]"#);
    for change in [
        |visit: &mut exitpoll::db::entity::visit::Model| visit.is_test = true,
        |visit: &mut exitpoll::db::entity::visit::Model| visit.is_automated = true,
    ] {
        change(world.visit(0));
        world.events(r#"[[0,"click",{"l":"Buy","h":"/cart"}]]"#);
    }
    world.insert(&app).await;
    let path = format!("/sites/{}/goals", world.site.key);
    let told = async |fields: Vec<(&str, &str)>, how: &str| {
        let fields: Vec<_> = fields.into_iter().chain([("do", how)]).collect();
        client.post_form(&path, &fields).await.body
    };

    assert_eq!(
        told(click("Buy", "/cart", ""), "sentence").await,
        "Happened 6\u{a0}times in the last 7 days, in 3 of 4 visits."
    );
    assert_eq!(
        told(vec![("kind", "url"), ("subject", "/pricing")], "sentence").await,
        "Happened 1\u{a0}time in the last 7 days, in 1 of 4 visits."
    );
    assert_eq!(
        told(vec![("kind", "event"), ("subject", "paid")], "sentence").await,
        "Did not happen in the last 7 days, in 4\u{a0}visits."
    );
    assert_eq!(
        told(vec![("kind", "url"), ("subject", "pricing")], "sentence").await,
        "Begin with a slash: /pricing"
    );
    let page = told(click("Buy", "", ""), "look").await;
    assert_reads(&words(&page), &["Happened 6 times in the last 7 days"]);
    assert!(page.contains("value=\"Buy\""), "what was typed is kept");
    let goals = store::list_goals(&app.state.db.read, world.site.id)
        .await
        .unwrap();
    assert_eq!(goals.len(), 3, "nothing was saved");
}

//! Goals suggested from what visitors do.

use exitpoll::goal::{
    store,
    types::{GoalRole, GoalRule},
};

use crate::{
    reports::world::{World, assert_reads, words},
    support::{app::TestApp, client::Client},
};

struct Setting {
    app: TestApp,
    client: Client,
    world: World,
}

/// Forty visits: all see /, thirty the goal /pricing, seven /compare, eight click “Start free trial”, six report an event, two see /rare.
async fn setting() -> Setting {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let mut world = World::new(&app, "Shop").await;
    for n in 0..40 {
        world.visit(0);
        let mut events = vec![r#"[0,"page_view",{"u":"/"}]"#];
        if n < 30 {
            events.push(r#"[10,"page_view",{"u":"/pricing"}]"#);
        }
        if n < 7 {
            events.push(r#"[15,"page_view",{"u":"/compare"}]"#);
        }
        if n < 8 {
            events.push(r#"[20,"click",{"l":"Start free trial","h":"/signup"}]"#);
        }
        if n < 6 {
            events.push(r#"[30,"track",{"name":"calculator_used"}]"#);
        }
        if n < 2 {
            events.push(r#"[40,"page_view",{"u":"/rare"}]"#);
        }
        world.events(&format!("[{}]", events.join(",")));
    }
    world.insert(&app).await;
    Setting { app, client, world }
}

impl Setting {
    fn path(&self) -> String {
        format!("/sites/{}/goals", self.world.site.key)
    }

    /// What the page suggests, as it is read.
    async fn suggested(&self) -> String {
        let page = self.client.get(&self.path()).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let section = page.body.split_once("id=\"suggested\"");
        let section = section.map_or("", |(_, rest)| rest.split_once("</section>").unwrap().0);
        words(section)
    }
}

const TRIAL: [(&str, &str); 3] = [
    ("kind", "click"),
    ("subject", "Start free trial"),
    ("href", "/signup"),
];

#[actix_web::test]
async fn frequent_things_that_no_goal_counts_are_suggested_with_their_share() {
    let setting = setting().await;

    let text = setting.suggested().await;

    assert_reads(
        &text,
        &[
            "“Start free trial”, to /signup, was clicked in 20.0 % of visits · 8 of 40",
            "/compare was viewed in 17.5 % of visits · 7 of 40",
            "The event calculator_used was reported in 15.0 % of visits · 6 of 40",
        ],
    );
    for known in ["/pricing was viewed", "/ was viewed", "/rare"] {
        assert!(!text.contains(known), "{known:?} is suggested: {text}");
    }
}

#[actix_web::test]
async fn one_click_makes_it_a_goal_and_it_is_suggested_no_more() {
    let setting = setting().await;
    let taken: Vec<_> = TRIAL
        .into_iter()
        .chain([("stage", "intent"), ("role", "engagement")])
        .collect();

    let reply = setting.client.post_form(&setting.path(), &taken).await;

    assert_eq!(reply.status, 303, "{}", reply.body);
    let goals = store::list_goals(&setting.app.state.db.read, setting.world.site.id)
        .await
        .unwrap();
    let made = goals.last().unwrap();
    assert_eq!(
        (made.name.as_str(), made.role),
        ("Clicked Start free trial", GoalRole::Engagement)
    );
    let text = setting.suggested().await;
    assert!(!text.contains("Start free trial"), "{text}");
    assert!(text.contains("calculator_used"), "{text}");
}

#[actix_web::test]
async fn what_was_dismissed_stays_dismissed_on_this_site_only() {
    let setting = setting().await;
    let path = format!("{}/dismiss", setting.path());

    for _ in 0..2 {
        let reply = setting.client.post_form(&path, &TRIAL).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
    }

    assert!(!setting.suggested().await.contains("Start free trial"));
    let other = setting.app.insert_site("Other").await;
    let db = &setting.app.state.db.read;
    let dismissed = store::list_dismissed(db, other.id).await.unwrap();
    assert!(dismissed.is_empty());
    let dismissed = store::list_dismissed(db, setting.world.site.id).await;
    let rule = GoalRule::Click {
        label: "Start free trial".into(),
        href: "/signup".into(),
        selector: String::new(),
    };
    assert!(dismissed.unwrap().contains(&rule));
}

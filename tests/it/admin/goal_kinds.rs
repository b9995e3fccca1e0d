//! Every kind of goal: saved by its form, reached by what a page tells, and counted in visits from before it was saved.

use std::time::{Duration, Instant};

use exitpoll::{
    clock::{DAY, now},
    db::entity::{OfSite, visit},
    goal::store,
    site::types::Site,
    types::{GoalId, ViewId},
};
use sea_orm::QueryOrder;
use serde_json::{Value, json};

use crate::{
    reports::world::{assert_reads, words},
    support::{
        app::TestApp,
        client::{Client, Reply},
        widget::{Widget, hidden},
    },
};

type Fields = &'static [(&'static str, &'static str)];

struct Case {
    fields: Fields,
    /// What the list of goals says of it.
    says: &'static str,
    /// What reaches it, in a page load that began two minutes ago.
    met: Value,
    /// What comes close.
    missed: Value,
}

fn case(fields: Fields, says: &'static str, met: Value, missed: Value) -> Case {
    Case {
        fields,
        says,
        met,
        missed,
    }
}

fn at(path: &str) -> Value {
    json!([0, "page_view", {"u": path}])
}

fn cases() -> Vec<Case> {
    vec![
        case(
            &[("kind", "url"), ("subject", "/pricing*")],
            "Page is /pricing*",
            json!([at("/pricing/teams")]),
            json!([at("/prices")]),
        ),
        case(
            &[
                ("kind", "event"),
                ("subject", "paid"),
                ("property_1", "plan"),
                ("is_1", "equals"),
                ("value_1", "pro"),
                ("property_2", "seats"),
                ("is_2", "greater"),
                ("value_2", "2"),
            ],
            "Event paid with plan is pro and seats is more than 2",
            json!([at("/"), [9, "track", {"name": "paid", "props": {"plan": "pro", "seats": 3}}]]),
            json!([at("/"), [9, "track", {"name": "paid", "props": {"plan": "pro", "seats": 2}}]]),
        ),
        case(
            &[("kind", "form_viewed"), ("subject", "signup")],
            "Form “signup” seen",
            json!([at("/"), [9, "form_viewed", {"f": "signup"}]]),
            json!([at("/"), [9, "form_viewed", {"f": "contact"}]]),
        ),
        case(
            &[("kind", "form_started"), ("subject", "signup")],
            "Form “signup” started",
            json!([at("/"), [9, "form_started", {"f": "signup", "n": "email"}]]),
            json!([at("/"), [9, "form_viewed", {"f": "signup"}]]),
        ),
        case(
            &[
                ("kind", "field_reached"),
                ("subject", "signup"),
                ("field", "phone"),
            ],
            "Field “phone” of form “signup” reached",
            json!([at("/"), [9, "field_focused", {"f": "signup", "n": "phone"}]]),
            json!([at("/"), [9, "field_focused", {"f": "signup", "n": "email"}]]),
        ),
        case(
            &[("kind", "form_completed"), ("subject", "signup")],
            "Form “signup” completed",
            json!([at("/"), [9, "form_completed", {"f": "signup", "by": "weak"}]]),
            json!([at("/"), [9, "form_attempted", {"f": "signup"}]]),
        ),
        case(
            &[
                ("kind", "form_completed"),
                ("subject", "contact*"),
                ("selector", ".thank-you"),
            ],
            "Form “contact*” completed, also when .thank-you appears",
            json!([at("/"), [9, "form_started", {"f": "contact-us"}], [900, "form_completed", {"f": "contact-us", "by": "element"}]]),
            json!([at("/"), [9, "form_started", {"f": "contact-us"}], [900, "click", {"s": ".thank-you"}]]),
        ),
        case(
            &[("kind", "click"), ("selector", "#plans .card")],
            "Clicked the element #plans .card",
            json!([at("/"), [9, "click", {"s": "#plans .card"}]]),
            json!([at("/"), [9, "click", {"l": "#plans .card"}]]),
        ),
        case(
            &[("kind", "download"), ("subject", "")],
            "Clicked a link to a file",
            json!([at("/"), [9, "click", {"l": "Guide", "h": "/files/guide.pdf"}]]),
            json!([at("/"), [9, "click", {"l": "Guide", "h": "/guide"}]]),
        ),
        case(
            &[("kind", "outbound"), ("subject", "*partner.example*")],
            "Clicked a link to *partner.example*, another site",
            json!([at("/"), [9, "click", {"l": "Go", "h": "https://www.partner.example/a"}]]),
            json!([at("/"), [9, "click", {"l": "Go", "h": "https://other.example/a"}]]),
        ),
        case(
            &[("kind", "search")],
            "Used the site’s search",
            json!([at("/"), [9, "search"]]),
            json!([at("/search")]),
        ),
        case(
            &[("kind", "video"), ("amount", "50")],
            "50 % of a video or sound played",
            json!([at("/"), [9, "video", {"p": 0}], [99, "video", {"p": 25}], [199, "video", {"p": 50}]]),
            json!([at("/"), [9, "video", {"p": 0}], [99, "video", {"p": 25}]]),
        ),
        case(
            &[
                ("kind", "scrolled"),
                ("amount", "75"),
                ("subject", "/blog/*"),
            ],
            "75 % of the page /blog/* in sight",
            json!([at("/blog/a"), [9, "scroll", {"p": 25}], [99, "scroll", {"p": 100}]]),
            json!([at("/blog/a"), [9, "scroll", {"p": 50}], [50, "page_view", {"u": "/"}], [99, "scroll", {"p": 100}]]),
        ),
        case(
            &[("kind", "active"), ("amount", "60")],
            "1 minute of attention in one visit",
            json!([at("/"), [40_000, "active", {"ms": 35_000}], [80_000, "active", {"ms": 25_000}]]),
            json!([at("/"), [40_000, "active", {"ms": 35_000}], [80_000, "active", {"ms": 24_000}]]),
        ),
        case(
            &[("kind", "viewed"), ("amount", "2"), ("subject", "/pricing")],
            "Page /pricing viewed 2 times in one visit",
            json!([at("/pricing"), [9, "page_view", {"u": "/"}], [20, "page_view", {"u": "/pricing/"}]]),
            json!([at("/pricing"), [9, "page_view", {"u": "/"}], [20, "page_view", {"u": "/prices"}]]),
        ),
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

    async fn post(&self, fields: &[(&str, &str)]) -> Reply {
        let common = [("role", "engagement"), ("stage", "intent")];
        let fields: Vec<_> = common.into_iter().chain(fields.iter().copied()).collect();
        let path = format!("/sites/{}/goals", self.site.key);
        self.client.post_form(&path, &fields).await
    }

    /// Saves the goal of a case.
    async fn save(&self, fields: Fields) -> GoalId {
        let reply = self.post(fields).await;
        assert_eq!(reply.status, 303, "{fields:?}: {}", reply.body);
        let goals = store::list_goals(&self.app.state.db.read, self.site.id);
        goals
            .await
            .unwrap()
            .iter()
            .map(|goal| goal.id)
            .max()
            .unwrap()
    }

    /// Another visitor's page load, told by the public address in two batches.
    async fn visit(&self, name: &str, events: &Value) {
        let widget = Widget::new(&self.app, &self.site).with_user_agent(name);
        let mut view = widget.view(120_000);
        let (first, rest) = events.as_array().unwrap().split_at(1);
        view.send(json!(first)).await;
        if !rest.is_empty() {
            view.send(json!(rest)).await;
        }
        view.send(json!([hidden(100_000)])).await;
    }

    /// Whether each visit, by age, has reached the goal.
    async fn reached(&self, goal: GoalId) -> Vec<bool> {
        let db = &self.app.state.db.read;
        let definitions = store::load_definitions(db, self.site.id).await.unwrap();
        let mask = definitions.mask_of(goal);
        let rows = visit::Entity::of_site(self.site.id)
            .order_by_asc(visit::Column::Id)
            .all(db)
            .await
            .unwrap();
        rows.iter().map(|row| row.mask_all & mask != 0).collect()
    }

    /// The same once the visits of before were counted again.
    async fn recounted(&self, goal: GoalId, expected: &[bool]) {
        let begun = Instant::now();
        loop {
            let reached = self.reached(goal).await;
            if reached == expected {
                return;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{reached:?}, not {expected:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[actix_web::test]
async fn each_kind_is_reached_by_what_a_page_tells_and_by_nothing_close() {
    for Case {
        fields,
        says,
        met,
        missed,
    } in cases()
    {
        let setting = Setting::new().await;
        let goal = setting.save(fields).await;
        let list = setting
            .client
            .get(&format!("/sites/{}/goals", setting.site.key))
            .await;
        assert_reads(&words(&list.body), &[says]);
        let edit = setting
            .client
            .get(&format!("/sites/{}/goals/{goal}", setting.site.key))
            .await;
        for (name, value) in fields
            .iter()
            .filter(|(name, _)| !["kind", "is_1", "is_2"].contains(name))
        {
            let input = format!("name=\"{name}\"");
            let field = edit
                .body
                .split('<')
                .find(|tag| tag.contains(&input))
                .unwrap();
            assert!(
                field.contains(&format!("value=\"{value}\"")),
                "{name} of {says}: {field}"
            );
        }

        setting.visit("Anna/1", &met).await;
        setting.visit("Ben/1", &missed).await;

        assert_eq!(setting.reached(goal).await, [true, false], "{says}");
    }
}

#[actix_web::test]
async fn each_kind_counts_what_was_stored_before_it_was_saved_or_changed() {
    let setting = Setting::new().await;
    let all = cases();
    for (n, case) in all.iter().enumerate() {
        setting.visit(&format!("Anna/{n}"), &case.met).await;
    }
    for (n, case) in all.iter().enumerate() {
        let goal = setting.save(case.fields).await;
        let begun = Instant::now();
        // Other cases may reach it too; its own has to.
        while !setting.reached(goal).await[n] {
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", case.says);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let goals = store::list_goals(&setting.app.state.db.read, setting.site.id);
    let goals = goals.await.unwrap();
    let video = goals
        .iter()
        .find(|goal| goal.name.starts_with("Watched"))
        .unwrap();
    let mut expected: Vec<bool> = all.iter().map(|_| false).collect();
    setting
        .recounted(
            video.id,
            &expected
                .iter()
                .zip(&all)
                .map(|(_, case)| case.says.contains("video"))
                .collect::<Vec<_>>(),
        )
        .await;

    // Redefined, nothing that is stored reaches it any more.
    let path = format!("/sites/{}/goals/{}", setting.site.key, video.id);
    let fields = [
        ("kind", "video"),
        ("amount", "100"),
        ("role", "engagement"),
        ("stage", "intent"),
        ("name", "Watched it all"),
    ];
    assert_eq!(setting.client.post_form(&path, &fields).await.status, 303);
    expected.fill(false);
    let definitions = store::load_definitions(&setting.app.state.db.read, setting.site.id)
        .await
        .unwrap();
    let newest = definitions
        .goals
        .iter()
        .rev()
        .find(|goal| goal.goal_id == video.id)
        .unwrap();
    assert!(newest.until_at.is_none());
    setting.recounted(video.id, &expected).await;
}

#[actix_web::test]
async fn coming_back_is_known_of_those_who_agreed_and_counts_in_earlier_visits() {
    let setting = Setting::new().await;
    let (app, site) = (&setting.app, &setting.site);
    let open = async |at: i64, id: Option<&str>, from: u8| {
        let view = ViewId::new(at);
        let body = json!({"v": 1, "k": site.key.to_string(), "c": site.config_version, "w": view.0.to_string(), "t": 0, "i": id, "s": 0, "e": [at_start()]});
        app.write_at(site, &body, &[[from; 16]], at).await;
    };
    let start = now() - 10 * DAY;
    for day in 0..3 {
        open(start + day * DAY, Some("a8fk3Jq02lXnZ7bWm5Rt"), 1).await;
        open(start + day * DAY + 1_000, None, 2).await;
    }

    let goal = setting.save(&[("kind", "returned"), ("amount", "2")]).await;
    setting
        .recounted(goal, &[false, false, true, false, true, false])
        .await;
    open(start + 3 * DAY, Some("a8fk3Jq02lXnZ7bWm5Rt"), 1).await;

    assert_eq!(setting.reached(goal).await.last(), Some(&true));
}

fn at_start() -> Value {
    at("/")
}

#[actix_web::test]
async fn what_is_missing_or_impossible_is_said_beside_its_field() {
    let setting = Setting::new().await;
    for (fields, message) in [
        (
            &[("kind", "scrolled"), ("amount", "60")][..],
            "Choose one of 25, 50, 75, 100 %.",
        ),
        (
            &[("kind", "video"), ("amount", "")],
            "Choose one of 0, 25, 50, 75, 100 %.",
        ),
        (
            &[("kind", "active"), ("amount", "two minutes")],
            "Write a whole number from 5 to 36000.",
        ),
        (
            &[("kind", "viewed"), ("amount", "1"), ("subject", "/a")],
            "Write a whole number from 2 to 50.",
        ),
        (
            &[("kind", "returned"), ("amount", "1")],
            "Write a whole number from 2 to 1000.",
        ),
        (
            &[("kind", "field_reached"), ("subject", "signup")],
            "Name the field as your page does",
        ),
        (
            &[
                ("kind", "form_completed"),
                ("subject", "signup"),
                ("selector", ".thanks { color: red }"),
            ],
            "Write a CSS selector, for example .thank-you",
        ),
        (
            &[("kind", "click"), ("selector", "##")],
            "Write a CSS selector, for example .thank-you",
        ),
        (
            &[("kind", "download"), ("subject", "guide.pdf")],
            "Begin with a slash or *",
        ),
        (
            &[("kind", "outbound"), ("subject", "/partner")],
            "A path is of your own site",
        ),
        (
            &[
                ("kind", "event"),
                ("subject", "paid"),
                ("property_2", "plan"),
            ],
            "Write what it must say",
        ),
        (
            &[
                ("kind", "event"),
                ("subject", "paid"),
                ("property_1", "seats"),
                ("is_1", "less"),
                ("value_1", "few"),
            ],
            "Write a number, for example 2.",
        ),
    ] {
        let reply = setting.post(fields).await;
        assert_eq!(reply.status, 422, "{fields:?}");
        assert_reads(&words(&reply.body), &[message]);
        for (_, typed) in fields
            .iter()
            .filter(|(name, typed)| *name != "kind" && !typed.is_empty())
        {
            assert!(
                reply.body.contains(&format!("\"{typed}\"")),
                "{typed} is kept"
            );
        }
    }
    let goals = store::list_goals(&setting.app.state.db.read, setting.site.id);
    assert!(goals.await.unwrap().is_empty());
}

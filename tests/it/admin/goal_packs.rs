//! Starter packs.

use exitpoll::goal::{
    store,
    types::{GoalRole, GoalRule, GoalStage, NewGoal},
};

use crate::{
    reports::world::{assert_reads, words},
    support::{
        app::TestApp,
        widget::{Widget, page},
    },
};

#[actix_web::test]
async fn a_pack_is_filled_in_from_what_was_seen_and_added_in_the_order_of_the_funnel() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let site = app.insert_site("Shop").await;
    let widget = Widget::new(&app, &site);
    widget
        .view(0)
        .send(serde_json::json!([
            page(0, "/products/hat", ""),
            page(5, "/cart", "")
        ]))
        .await;
    let path = format!("/sites/{}/goals/packs", site.key);

    let shown = client.get(&format!("{path}?pack=shop")).await;

    assert_eq!(shown.status, 200, "{}", shown.body);
    for value in ["/products/*", "/cart", "/checkout*"] {
        assert!(
            shown.body.contains(&format!("value=\"{value}\"")),
            "{value}"
        );
    }
    assert_eq!(
        shown.body.matches(" checked").count(),
        2,
        "what was seen is ticked"
    );
    assert_reads(&words(&shown.body), &["In 1 of 1 visit of the last 7 days"]);

    let line = |name, kind, subject| [("name", name), ("kind", kind), ("subject", subject)];
    let mut fields = vec![
        ("pack", "shop"),
        ("take", "0"),
        ("take", "2"),
        ("take", "4"),
    ];
    fields.extend(line("Viewed a product", "url", "/products/*"));
    fields.extend(line("Added to the cart", "click", "Add to cart*"));
    fields.extend(line("Viewed the cart", "url", "/cart"));
    fields.extend(line("Started the checkout", "url", "/checkout*"));
    fields.extend(line("Ordered", "url", "/done"));
    let reply = client.post_form(&path, &fields).await;

    assert_eq!(reply.status, 303, "{}", reply.body);
    let goals = store::list_goals(&app.state.db.read, site.id)
        .await
        .unwrap();
    let read: Vec<_> = goals
        .iter()
        .map(|goal| (goal.name.as_str(), goal.role, goal.funnel_position))
        .collect();
    assert_eq!(
        read,
        [
            ("Viewed a product", GoalRole::Milestone, Some(0)),
            ("Viewed the cart", GoalRole::Milestone, Some(1)),
            ("Ordered", GoalRole::Macro, None),
        ]
    );
    assert!(goals[2].is_primary);

    let again = client.post_form(&path, &fields).await;
    assert_eq!(again.status, 422);
    assert_reads(
        &words(&again.body),
        &["Another goal is called “Viewed a product” already"],
    );
    let goals = store::list_goals(&app.state.db.read, site.id)
        .await
        .unwrap();
    assert_eq!(goals.len(), 3, "all or none");
}

#[actix_web::test]
async fn a_wrong_line_is_named_and_what_was_typed_is_kept() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let site = app.insert_site("Shop").await;
    let path = format!("/sites/{}/goals/packs", site.key);
    let fields = [
        ("pack", "saas"),
        ("take", "0"),
        ("name", "Toured"),
        ("kind", "url"),
        ("subject", "tour"),
    ];

    let reply = client.post_form(&path, &fields).await;

    assert_eq!(reply.status, 422);
    assert_reads(&words(&reply.body), &["Begin with a slash: /tour"]);
    assert!(reply.body.contains("value=\"tour\"") && reply.body.contains("value=\"Toured\""));
    let reply = client.post_form(&path, &[("pack", "zoo")]).await;
    assert_eq!(reply.status, 404);
}

#[actix_web::test]
async fn a_page_with_the_ending_of_a_file_is_found_and_a_goal_that_is_there_is_named() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let site = app.insert_site("Tool").await;
    let widget = Widget::new(&app, &site);
    widget
        .view(0)
        .send(serde_json::json!([page(0, "/pricing.html", "")]))
        .await;
    let path = format!("/sites/{}/goals/packs?pack=saas", site.key);

    let before = client.get(&path).await.body;

    assert!(before.contains("value=\"/pricing.html\""), "{before}");
    assert_eq!(before.matches(" checked").count(), 1);
    assert!(!before.contains("You have this goal already"), "{before}");

    let goal = NewGoal {
        name: "Saw prices".into(),
        role: GoalRole::Milestone,
        stage: GoalStage::Intent.into(),
        rule: GoalRule::Url {
            path: "/pricing*".into(),
        },
        value_minor: None,
        is_listed: true,
        is_key: true,
        serves: None,
    };
    let tx = app.state.db.begin().await.unwrap();
    store::insert_goal(&tx, site.id, &goal, 1).await.unwrap();
    tx.commit().await.unwrap();
    let after = client.get(&path).await.body;

    assert_eq!(after.matches(" checked").count(), 0);
    assert_reads(
        &words(&after),
        &["You have this goal already: “Saw prices” · In 1 of 1 visit of the last 7 days"],
    );
}

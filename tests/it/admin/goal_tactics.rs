//! The catalogue of small steps.

use exitpoll::goal::{store, tactics};
use serde_json::json;

use crate::{
    reports::world::{assert_reads, words},
    support::{app::TestApp, widget::Widget},
};

/// The inputs of each form of the catalogue as they stand, by name.
fn forms(page: &str) -> Vec<Vec<(String, String)>> {
    let forms = page.split("<form class=\"row\" method=\"post\"").skip(1);
    let of = |tag: &str, name: &str| {
        let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
        Some(value.replace("&#34;", "\"").replace("&#38;", "&"))
    };
    forms
        .map(|form| {
            let form = form.split("</form>").next().unwrap();
            let inputs = form.split("<input").skip(1);
            inputs
                .filter_map(|tag| Some((of(tag, "name")?, of(tag, "value")?)))
                .filter(|(name, _)| name != "csrf")
                .collect()
        })
        .collect()
}

#[actix_web::test]
async fn each_of_the_nineteen_is_a_goal_with_one_click() {
    let app = TestApp::spawn().await;
    let client = app.owner().await;
    let site = app.insert_site("Shop").await;
    let goals = format!("/sites/{}/goals", site.key);
    let catalogue = format!("{goals}/catalogue");
    let widget = Widget::new(&app, &site);
    let visit = json!([[0, "page_view", {"u": "/pricing"}], [9, "scroll", {"p": 75}]]);
    widget.view(0).send(visit).await;

    let page = client.get(&catalogue).await.body;
    assert_reads(
        &words(&page),
        &[
            "Viewed the prices",
            "In 1 of 1 visits of the last 7 days",
            "Needs:",
        ],
    );
    assert!(
        client.get(&goals).await.body.contains(&catalogue),
        "it is found from the goals"
    );
    let forms = forms(&page);
    assert_eq!(forms.len(), 19);
    for fields in &forms {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let reply = client.post_form(&goals, &fields).await;
        assert_eq!(reply.status, 303, "{fields:?}: {}", reply.body);
    }

    let saved = store::list_goals(&app.state.db.read, site.id)
        .await
        .unwrap();
    assert_eq!(saved.len(), 19);
    for tactic in tactics::list() {
        let rule = tactic.form().parse_rule().unwrap();
        let goal = saved.iter().find(|goal| goal.name == tactic.name).unwrap();
        assert_eq!(
            (goal.current.rule.clone(), goal.stage.clone(), goal.role),
            (rule, tactic.stage.into(), tactic.role)
        );
    }
    let page = client.get(&catalogue).await.body;
    assert_eq!(page.matches("Counted already").count(), 19);
    assert!(!page.contains("<form class=\"row\" method=\"post\""));
}

//! The list of prompts: whom each asks, and in which order they ask.

use exitpoll::{prompt::types::ShownAs, types::PromptId};
use serde_json::json;

use super::prompt_life::{list, with_history};
use crate::{
    reports::world::{assert_reads, words},
    support::{app::TestApp, prompt::pricing, widget::Widget},
};

#[actix_web::test]
async fn the_list_says_whom_each_question_asks_and_in_which_order() {
    let setting = with_history().await;
    let path = format!("/sites/{}/prompts", setting.site.key);
    let second = setting
        .client
        .post_form(&path, &[("template", "exit_intent")])
        .await;
    let publish = format!("{}/publish", second.location());
    setting.client.post_form(&publish, &[]).await;
    setting
        .client
        .post_form(&path, &[("template", "pricing_viewed")])
        .await;

    let text = list(&setting, "").await;

    assert_reads(
        &text,
        &[
            "Sign-up not finished “What stopped you today?” Visitors who started the form “signup” in the last 10 minutes \
             and did not finish it, as they move to leave the page or on the next page they open Asking 1 Up : Sign-up not finished Down : Sign-up not finished",
            "About to leave “Did you find what you came for?” Every visitor, as they move to leave the page Asking 2",
            "Draft –",
            "Delete…",
        ],
    );
    let place = |name: &str| text.find(name).unwrap();
    assert!(place("Sign-up not finished") < place("About to leave"));
    assert!(place("About to leave") < place("Pricing viewed"));
}

#[actix_web::test]
async fn the_order_of_the_list_decides_who_asks_when_several_want_the_same_moment() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let list = format!("/sites/{}/prompts", site.key);
    let mut design = pricing();
    design.fairness.held_out_percent = 0;
    let mut ids = vec![];
    for name in ["First", "Second", "Third"] {
        ids.push(app.publish(&site, name, &design).await);
    }
    let move_it = async |id: PromptId, way: &str| {
        let reply = client
            .post_form(&format!("{list}/{id}/move"), &[("move", way)])
            .await;
        assert_eq!(reply.location(), list, "{}", reply.body);
    };
    app.pause(&site, ids[1]).await;

    // Over the one that is paused, and no further than to the top.
    move_it(ids[2], "up").await;
    move_it(ids[2], "up").await;

    let page = words(&client.get(&list).await.body);
    let place = |name: &str| page.find(name).unwrap();
    assert!(place("Third") < place("First") && place("First") < place("Second"));
    let widget = Widget::new(&app, &site);
    let (mut view, _) = widget.open("/pricing", "").await;
    let eligible = |id: PromptId| json!([0, "eligible", {"p": id.to_string(), "m": "exit"}]);
    let reply = view.send(json!([eligible(ids[0]), eligible(ids[2])])).await;
    assert_eq!(reply["ask"][0]["no"], "slot_used", "{reply}");
    assert!(reply["ask"][1]["show"].is_object(), "{reply}");
    let lost = app.impressions(&site).await;
    let lost: Vec<_> = lost.iter().filter_map(|made| made.lost_to).collect();
    assert_eq!(lost, [ids[2]]);
    let report = client
        .get(&format!("{list}/{}/report?automated=1", ids[0]))
        .await;
    assert_reads(
        &words(&report.body),
        &["of these, the other question was “Third” 1"],
    );

    move_it(ids[0], "up").await;
    let script = client.get(&format!("/x/{}.js", site.key)).await.body;
    let at = |id: PromptId| script.find(&format!("{{\"id\":\"{id}\"")).unwrap();
    assert!(at(ids[0]) < at(ids[2]), "widgets learn of it");
    let paused = client
        .post_form(&format!("{list}/{}/move", ids[1]), &[("move", "up")])
        .await;
    assert_eq!(paused.status, 409, "{}", paused.body);
}

#[actix_web::test]
async fn what_waits_for_no_moment_has_no_order() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let list = format!("/sites/{}/prompts", site.key);
    let card = pricing();
    let mut tab = pricing();
    tab.look.shown_as = ShownAs::Tab;
    let mut ids = vec![];
    for (name, design) in [("First", &card), ("Aside", &tab), ("Last", &card)] {
        ids.push(app.publish(&site, name, design).await);
    }
    let page = async || words(&client.get(&list).await.body);

    let before = page().await;
    let move_tab = client
        .post_form(&format!("{list}/{}/move", ids[1]), &[("move", "up")])
        .await;
    client
        .post_form(&format!("{list}/{}/move", ids[2]), &[("move", "up")])
        .await;

    assert!(
        before.contains("Up : First") && before.contains("Down : Last"),
        "{before}"
    );
    assert!(!before.contains(": Aside"), "{before}");
    assert_eq!(move_tab.status, 409, "{}", move_tab.body);
    let after = page().await;
    let place = |name: &str| after.find(&format!("{name} “")).unwrap();
    assert!(
        place("Last") < place("First"),
        "past the tab at once: {after}"
    );
    assert!(place("First") < place("Aside"), "{after}");
}

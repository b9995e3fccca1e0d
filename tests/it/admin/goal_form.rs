//! The form of a goal: what it offers, what it says, what it refuses.

use exitpoll::db::entity::{seen_form, seen_path};
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::goals::{Setting, goal};

#[actix_web::test]
async fn wrong_fields_are_named_and_what_was_typed_is_kept() {
    let setting = Setting::new().await;
    let path = format!("/sites/{}/goals", setting.site.key);
    let mut fields = goal("url", "pri\"cing<b>", "engagement", "lots");
    fields.push(("name", "Typed name"));

    let reply = setting.client.post_form(&path, &fields).await;

    assert_eq!(reply.status, 422);
    for text in [
        "Begin with a slash",
        "Write a plain amount in EUR",
        "Typed name",
        "lots",
        "pri&#34;cing&#60;b&#62;",
    ] {
        assert!(reply.body.contains(text), "{text} in {}", reply.body);
    }
    assert_eq!(setting.goals().await.len(), 3);
}

#[actix_web::test]
async fn what_was_seen_is_offered_by_its_kind() {
    let setting = Setting::new().await;
    let site_id = setting.site.id;
    let tx = setting.app.state.db.begin().await.unwrap();
    seen_path::Entity::insert(seen_path::ActiveModel {
        site_id: Set(site_id),
        path: Set("/pricing".into()),
        first_at: Set(0),
    })
    .exec_without_returning(&tx)
    .await
    .unwrap();
    for (form, path) in [
        ("contact", "/c"),
        ("contact", "/a"),
        ("contact", "/b"),
        ("contact", "/d"),
        ("signup", "/signup"),
    ] {
        seen_form::Entity::insert(seen_form::ActiveModel {
            site_id: Set(site_id),
            form: Set(form.into()),
            path: Set(path.into()),
            label: Set(String::new()),
            first_at: Set(0),
        })
        .exec_without_returning(&tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let path = format!("/sites/{}/goals", setting.site.key);

    let page = setting.client.get(&path).await;
    let refused = setting
        .client
        .post_form(&path, &goal("event", "", "milestone", ""))
        .await;

    for option in [
        "<option value=\"/pricing\" data-kind=\"page\">",
        "<option value=\"contact\" data-kind=\"form\" label=\"on /a, /b and 2 more pages\">",
        "<option value=\"signup\" data-kind=\"form\" label=\"on /signup\">",
    ] {
        assert!(page.body.contains(option), "{option} in {}", page.body);
    }
    assert!(page.body.contains("placeholder=\"/pricing\""));
    assert!(refused.body.contains("placeholder=\"signed_up\""));
}

#[actix_web::test]
async fn the_form_speaks_to_owners_and_not_to_developers() {
    let setting = Setting::new().await;

    let page = setting
        .client
        .get(&format!("/sites/{}/goals", setting.site.key))
        .await;

    assert!(!page.body.contains("exitpoll("), "{}", page.body);
    assert!(
        page.body.contains("How close to the decision"),
        "the stage has help"
    );
    // The entry has a picture, so that it can stand among the tabs of a phone.
    let tab = page.body.split("/goals\" aria-current=\"page\">").nth(1);
    assert!(tab.unwrap().starts_with("<svg"));
}

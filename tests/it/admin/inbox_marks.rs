//! Stars, tags and replays of answers.

use exitpoll::{
    db::entity::{answer_star, answer_tag, tag},
    types::ImpressionId,
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use crate::{
    reports::world::{World, assert_reads, words},
    support::{
        app::TestApp,
        client::{Client, Reply},
        prompt::pricing,
        widget::{Widget, page},
    },
};

struct Setting {
    app: TestApp,
    client: Client,
    base: String,
    ids: Vec<ImpressionId>,
}

impl Setting {
    async fn new(answers: usize) -> Self {
        let app = TestApp::spawn().await;
        let mut world = World::new(&app, "Northwind").await;
        let mut ids = vec![];
        for n in 0..answers {
            world.visit(2);
            world.impression(Some("shown"));
            ids.push(world.answer(&[("c1", world.phone)], &format!("said {n}.")));
        }
        world.insert(&app).await;
        Self {
            client: app.owner().await,
            base: format!("/sites/{}", world.site.key),
            app,
            ids,
        }
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.client
            .post_form(&format!("{}{path}", self.base), fields)
            .await
    }

    async fn tag(&self, at: usize, names: &str) -> Reply {
        self.post(
            &format!("/answers/{}/tags", self.ids[at]),
            &[("tag", names)],
        )
        .await
    }

    async fn read(&self, path: &str) -> String {
        words(&self.client.get(&format!("{}{path}", self.base)).await.body)
    }

    async fn rows(&self) -> [u64; 3] {
        let db = &self.app.state.db.read;
        [
            answer_star::Entity::find().count(db).await.unwrap(),
            answer_tag::Entity::find().count(db).await.unwrap(),
            tag::Entity::find().count(db).await.unwrap(),
        ]
    }

    /// What the page of tags knows them by.
    async fn tag_id(&self, name: &str) -> String {
        let rows = tag::Entity::find()
            .all(&self.app.state.db.read)
            .await
            .unwrap();
        rows.into_iter()
            .find(|row| row.name == name)
            .unwrap()
            .id
            .to_string()
    }
}

#[actix_web::test]
async fn a_star_is_one_click_and_leads_back_to_its_place() {
    let setting = Setting::new(2).await;
    let path = format!("/answers/{}/star", setting.ids[0]);
    let back = "device=desktop&before=1.imp_2&done=saved";

    let given = setting.post(&path, &[("on", "1"), ("back", back)]).await;

    let list = format!(
        "{}/answers?device=desktop&before=1.imp_2#{}",
        setting.base, setting.ids[0]
    );
    assert_eq!((given.status, given.location()), (303, list.as_str()));
    setting.post(&path, &[("on", "1")]).await;
    assert_eq!(setting.rows().await[0], 1, "twice is once");
    let starred = setting.read("/answers?starred=1").await;
    assert!(
        starred.contains("said 0.") && !starred.contains("said 1."),
        "{starred}"
    );
    assert_reads(
        &setting.read(&format!("/answers/{}", setting.ids[0])).await,
        &["★ Starred"],
    );
    let taken = setting.post(&path, &[("page", "answer")]).await;
    assert_eq!(
        taken.location(),
        format!("{}/answers/{}", setting.base, setting.ids[0])
    );
    assert_eq!(setting.rows().await[0], 0);
}

#[actix_web::test]
async fn tags_are_free_words_and_bounded() {
    let setting = Setting::new(2).await;

    assert_eq!(setting.tag(0, " Pricing page , bug, BUG").await.status, 303);
    setting.tag(1, "pricing  PAGE").await;

    assert_eq!(setting.rows().await, [0, 3, 2], "one tag whatever its case");
    assert_reads(
        &setting.read("/answers").await,
        &["said 0.", "Pricing page"],
    );
    let page = setting
        .client
        .get(&format!("{}/answers", setting.base))
        .await
        .body;
    assert!(
        page.contains("<option value=\"bug\"></option>"),
        "suggested: {page}"
    );
    let id = setting.tag_id("bug").await;
    let path = format!("/answers/{}/tags", setting.ids[0]);
    setting.post(&path, &[("remove", &id)]).await;
    assert_eq!(setting.rows().await, [0, 2, 2]);

    for wrong in ["", " , ", &"x".repeat(41)] {
        assert_eq!(setting.tag(0, wrong).await.status, 422, "{wrong}");
    }
    let long = "y".repeat(41);
    let page = setting.tag(0, &long).await.body;
    let field = page.split("<label for=\"tag\">").nth(1).unwrap();
    let field = field.split("</form>").next().unwrap();
    for beside in [
        &format!("value=\"{long}\""),
        "A tag has at most 40 characters. Nothing was added.",
    ] {
        assert!(field.contains(beside), "{beside} in {field}");
    }
    let many: Vec<String> = (0..19).map(|n| format!("t{n}")).collect();
    assert_eq!(setting.tag(0, &many.join(",")).await.status, 303);
    assert_eq!(setting.tag(0, "one too many").await.status, 422);
    let rows = setting.rows().await;
    assert_eq!(rows, [0, 21, 21], "what was refused left nothing");
}

#[actix_web::test]
async fn tags_are_renamed_merged_and_deleted() {
    let setting = Setting::new(3).await;
    setting.tag(0, "bug, broken").await;
    setting.tag(1, "broken").await;
    setting.tag(2, "other").await;
    let (bug, broken) = (setting.tag_id("bug").await, setting.tag_id("broken").await);

    let taken = setting
        .post(&format!("/tags/{bug}"), &[("name", "BROKEN")])
        .await;
    assert_eq!(taken.status, 422, "another tag has this name");
    setting
        .post(&format!("/tags/{bug}"), &[("name", "Defect")])
        .await;
    let merged = setting
        .post(&format!("/tags/{broken}/merge"), &[("into", &bug)])
        .await;

    assert_eq!(merged.status, 303);
    assert_eq!(
        setting.rows().await,
        [0, 3, 2],
        "an answer with both has one"
    );
    assert_reads(&setting.read("/tags").await, &["Defect 2", "other 1"]);
    let itself = setting
        .post(&format!("/tags/{bug}/merge"), &[("into", &bug)])
        .await;
    assert_eq!(itself.status, 409);
    setting.post(&format!("/tags/{bug}/delete"), &[]).await;
    assert_eq!(setting.rows().await, [0, 1, 1]);
    assert_reads(&setting.read("/answers").await, &["3 answers"]);
}

#[actix_web::test]
async fn what_is_of_another_site_is_not_there() {
    let setting = Setting::new(1).await;
    setting.tag(0, "mine").await;
    let tag = setting.tag_id("mine").await;
    let other = setting.app.insert_site("Other").await;
    let (there, id) = (format!("/sites/{}", other.key), setting.ids[0]);
    let before = setting.rows().await;

    for (path, fields) in [
        (format!("/answers/{id}/star"), vec![("on", "1")]),
        (format!("/answers/{id}/tags"), vec![("tag", "theirs")]),
        (
            format!("/answers/{id}/tags"),
            vec![("remove", tag.as_str())],
        ),
        (format!("/tags/{tag}"), vec![("name", "theirs")]),
        (format!("/tags/{tag}/merge"), vec![("into", tag.as_str())]),
        (format!("/tags/{tag}/delete"), vec![]),
    ] {
        let reply = setting
            .client
            .post_form(&format!("{there}{path}"), &fields)
            .await;
        let refused = if path.ends_with("merge") { 409 } else { 404 };
        assert_eq!(reply.status, refused, "{path}");
    }

    assert_eq!(setting.rows().await, before);
    let told = setting
        .client
        .get(&format!("{there}/answers.json?tag={tag}"))
        .await;
    assert_eq!(told.json()["answers"], json!([]));
    let page = setting.client.get(&format!("{there}/tags")).await.body;
    assert!(!page.contains("mine"), "{page}");
    for path in ["/sites/site_x/answers.csv", "/sites/site_x/tags"] {
        assert_eq!(setting.client.get(path).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn deleting_an_answer_leaves_neither_star_nor_tag() {
    let setting = Setting::new(2).await;
    for at in [0, 1] {
        setting.tag(at, "kept").await;
        let path = format!("/answers/{}/star", setting.ids[at]);
        setting.post(&path, &[("on", "1")]).await;
    }

    let path = format!("/answers/{}/delete", setting.ids[0]);
    let gone = setting.post(&path, &[("back", "starred=1")]).await;

    assert_eq!(
        gone.location(),
        format!("{}/answers?starred=1&done=deleted", setting.base)
    );
    assert_eq!(setting.rows().await, [1, 1, 1]);
    let star = format!("/answers/{}/star", setting.ids[0]);
    assert_eq!(setting.post(&star, &[("on", "1")]).await.status, 404);
    assert_eq!(setting.tag(0, "late").await.status, 404);
    assert_eq!(setting.rows().await, [1, 1, 1]);
}

#[actix_web::test]
async fn a_replay_that_the_page_set_is_a_link_outwards_and_nothing_else_is() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let widget = Widget::new(&app, &site);
    let mut view = widget.view(10);
    let address = |n: usize| format!("https://replay.example/s/{}", "a".repeat(n - 25));
    let set = |t: i64, address: &str| json!([t, "set", {"props": {"replay_url": address, "plan": "pro"}}]);
    view.send(json!([
        page(0, "/pricing", ""),
        set(1, &address(500)),
        set(2, &address(501)),
        set(3, "javascript:alert(1)//canary"),
        set(4, "http://replay.example/canary"),
    ]))
    .await;
    let asked = view.ask(prompt, "exit").await;
    let token = asked["show"]["token"].as_str().unwrap();
    view.answer(token, 1, true, json!({"c": ["c1"]})).await;

    let owner = app.owner().await;
    let list = owner
        .get(&format!("/sites/{}/answers", site.key))
        .await
        .body;
    let id = app.impressions(&site).await.pop().unwrap().id;
    let one = owner
        .get(&format!("/sites/{}/answers/{id}", site.key))
        .await
        .body;

    let link = format!(
        "<a href=\"{}\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">",
        address(500)
    );
    assert!(list.contains(&link), "{list}");
    assert!(one.contains(&link), "{one}");
    let told = owner
        .get(&format!("/sites/{}/answers.json", site.key))
        .await
        .json();
    assert_eq!(told["answers"][0]["replay_url"], json!(address(500)));
    let bodies: Vec<String> = app
        .batches(&site)
        .await
        .into_iter()
        .map(|batch| batch.body)
        .collect();
    assert!(
        !bodies.concat().contains("canary"),
        "what is no such address is not kept"
    );
    let kept = app.visits(&site).await.pop().unwrap().properties.unwrap();
    assert!(
        kept.contains("\"plan\":\"pro\"") && !kept.contains("canary"),
        "{kept}"
    );
}

#[actix_web::test]
async fn what_says_the_same_in_the_same_minute_is_told_apart_by_name() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for _ in 0..2 {
        world.visit(2);
        world.impression(Some("shown"));
        world.answer(&[("c1", world.phone)], "");
    }
    let at = world.answers[0].answered_at;
    world.answers[1].answered_at = at;
    world.insert(&app).await;
    let client = app.owner().await;

    let path = format!("/sites/{}/answers", world.site.key);
    let page = client.get(&path).await.body;

    let names: Vec<_> = page.split("Star: ").skip(1).collect();
    let names: Vec<_> = names.iter().filter_map(|it| it.split('<').next()).collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[1], format!("{}, no. 2", names[0]));
}

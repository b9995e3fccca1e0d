//! The report of forms, from the events of visitors, against figures counted by hand.

use exitpoll::{
    clock::{DAY, now},
    db::entity::{OfSite, batch, visit, visit_field},
    site::types::Site,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use super::world::{assert_reads, words};
use crate::support::{
    app::TestApp,
    widget::{FIREFOX, Widget, page},
};

async fn measured(app: &TestApp) -> Site {
    let site = app.insert_site("Shop").await;
    switch(app, &site, "1").await;
    site
}

async fn switch(app: &TestApp, site: &Site, value: &str) {
    let path = format!("/sites/{}/settings/fields", site.key);
    let reply = app
        .owner()
        .await
        .post_form(&path, &[("measures_fields", value)])
        .await;
    assert_eq!(reply.status, 303, "{}", reply.body);
}

/// The n-th visitor, who is in the form now.
fn visitor(app: &TestApp, site: &Site, n: usize) -> Widget {
    Widget::new(app, site).with_user_agent(&format!("{FIREFOX} {n}"))
}

fn started(fields: &Value) -> Value {
    let mut events = vec![
        page(0, "/signup", ""),
        json!([10, "form_started", {"f": "signup", "n": "mail"}]),
    ];
    events.extend(fields.as_array().unwrap().iter().cloned());
    json!(events)
}

fn left(t: i64, field: &str, more: &Value) -> Value {
    let mut props = json!({"f": "signup", "n": field});
    for (name, value) in more.as_object().unwrap() {
        props[name] = value.clone();
    }
    json!([t, "field_left", props])
}

/// 24 give up at the phone number, 8 go back to the address and give up there, 8 complete the form that their browser had begun.
async fn forty(app: &TestApp, site: &Site) {
    let at_phone = started(&json!([
        left(
            20,
            "mail",
            &json!({"ms": 2000, "w": 500, "c": true, "y": true})
        ),
        left(30, "phone", &json!({"ms": 4000, "d": 2})),
    ]));
    let back = started(&json!([
        left(
            20,
            "mail",
            &json!({"ms": 1000, "w": 300, "c": true, "y": true})
        ),
        left(
            30,
            "phone",
            &json!({"ms": 3000, "w": 900, "c": true, "y": true})
        ),
        left(
            40,
            "mail",
            &json!({"ms": 500, "c": true, "v": true, "y": true})
        ),
    ]));
    let done = started(&json!([
        left(20, "mail", &json!({"auto": true, "y": true})),
        left(30, "phone", &json!({"ms": 1000, "w": 100, "c": true, "y": true})),
        [40, "form_failed", {"f": "signup", "n": "phone"}],
        [50, "form_completed", {"f": "signup"}],
    ]));
    for n in 0..40 {
        let events = match n {
            0..24 => &at_phone,
            24..32 => &back,
            _ => &done,
        };
        let widget = visitor(app, site, n);
        widget.view(60_000).send(events.clone()).await;
    }
    // Does not count.
    let robot = visitor(app, site, 40);
    let mut view = robot.view(60_000);
    let mut batch = view.batch(at_phone);
    batch["b"] = true.into();
    view.post(&batch).await;
}

async fn settle(app: &TestApp) {
    app.state.settler.settle(now() + DAY).await.unwrap();
}

async fn report(app: &TestApp, site: &Site, query: &str) -> Vec<Value> {
    let path = format!("/sites/{}/reports/forms.json{query}", site.key);
    let reply = app.owner().await.get(&path).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["fields"].as_array().unwrap().clone()
}

async fn text(app: &TestApp, site: &Site) -> String {
    let path = format!("/sites/{}/reports/forms", site.key);
    let reply = app.owner().await.get(&path).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    words(&reply.body).replace('\u{a0}', " ")
}

fn figures(row: &Value, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| row[*name].clone()).collect()
}

const COUNTS: [&str; 12] = [
    "field",
    "visits",
    "left",
    "left_of",
    "active_ms",
    "hesitation_ms",
    "hesitation_of",
    "returned",
    "deleted",
    "pasted",
    "autofilled",
    "wrong",
];

#[actix_web::test]
async fn fields_are_told_as_counted_by_hand_and_late_events_are_told_too() {
    let app = TestApp::spawn().await;
    let site = measured(&app).await;
    forty(&app, &site).await;
    // One of those who stopped at the phone number; what follows is told late.
    let widget = visitor(&app, &site, 41);
    let mut late = widget.view(60_000);
    let begun = started(&json!([left(
        20,
        "mail",
        &json!({"ms": 2000, "w": 500, "c": true, "y": true})
    )]));
    let first = late.batch(begun);
    late.post(&first).await;
    settle(&app).await;

    let rows = report(&app, &site, "").await;

    let counts: Vec<_> = rows.iter().map(|row| figures(row, &COUNTS)).collect();
    assert_eq!(
        counts,
        [
            json!(["mail", 41, 9, 33, 2000, 500, 33, 8, 0, 8, 8, 0]),
            json!(["phone", 40, 24, 33, 4000, 500, 16, 0, 24, 0, 0, 8]),
        ]
        .map(|row| row.as_array().unwrap().clone())
    );
    assert_eq!(
        figures(
            &rows[1],
            &["filled", "filled_of", "filled_share", "deleted_share"]
        ),
        [json!(16), json!(40), json!(0.4), json!(0.6)]
    );

    // Told late, out of order, and twice.
    let completed = late.batch(json!([[50, "form_completed", {"f": "signup"}]]));
    let city = late.batch(json!([left(15, "city", &json!({"ms": 700}))]));
    for sent in [&city, &completed, &city, &first] {
        late.post(sent).await;
    }
    settle(&app).await;

    let rows = report(&app, &site, "").await;
    let counts: Vec<_> = rows.iter().map(|row| figures(row, &COUNTS[..5])).collect();
    assert_eq!(
        counts,
        [
            json!(["city", 1, 0, 32, 700]),
            json!(["mail", 41, 8, 32, 2000]),
            json!(["phone", 40, 24, 32, 4000]),
        ]
        .map(|row| row.as_array().unwrap().clone())
    );
    // Wilson, 24 of 32.
    let range =
        ["left_low", "left_high"].map(|name| (rows[2][name].as_f64().unwrap() * 1e4).round());
    assert_eq!(range, [5_789.0, 8_675.0]);
    let with_robots = report(&app, &site, "?automated=1").await;
    assert_eq!(
        figures(&with_robots[1], &["field", "visits", "left"]),
        [json!("mail"), json!(42), json!(8)]
    );
}

#[actix_web::test]
async fn the_page_tells_what_the_files_tell() {
    let app = TestApp::spawn().await;
    let site = measured(&app).await;
    forty(&app, &site).await;
    settle(&app).await;

    let page = text(&app, &site).await;
    let rows = report(&app, &site, "").await;
    let path = format!("/sites/{}/reports/forms.csv", site.key);
    let table = app.owner().await.get(&path).await.body;

    assert_reads(
        &page,
        &[
            "Of those who leave “signup”, 75.0 % stop at “phone”",
            "40 visits, of which 32 left it unfinished.",
            "mail 40 25.0 % (13.3 to 42.1) 8 of 32 2.0 s 0.5 s of 32 visits 20.0 %",
            "phone 40 75.0 % (57.9 to 86.7) 24 of 32 4.0 s 0.5 s of 16 visits",
            "1 visit of automated browsers is not counted.",
        ],
    );
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let names = reader.headers().unwrap().clone();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), rows.len());
    for (record, row) in records.iter().zip(&rows) {
        super::overview::assert_same(&names, record, row);
    }
}

#[actix_web::test]
async fn who_stops_at_a_field_that_is_never_named_is_told_without_a_name() {
    let app = TestApp::spawn().await;
    let site = measured(&app).await;
    let mut password = left(30, "", &json!({"ms": 0, "c": true}));
    password[2].as_object_mut().unwrap().remove("n");
    let fields = started(&json!([
        left(20, "mail", &json!({"ms": 2000, "y": true})),
        password
    ]));
    for n in 0..30 {
        visitor(&app, &site, n)
            .view(60_000)
            .send(fields.clone())
            .await;
    }
    settle(&app).await;

    let rows = report(&app, &site, "").await;
    assert_eq!(
        figures(
            &rows[1],
            &[
                "field",
                "visits",
                "left",
                "left_of",
                "active_ms",
                "filled_of",
                "filled_share"
            ]
        ),
        [
            json!(""),
            json!(30),
            json!(30),
            json!(30),
            Value::Null,
            json!(0),
            Value::Null
        ]
    );
    assert_reads(
        &text(&app, &site).await,
        &[
            "Of those who leave “signup”, 100 % stop at a field that is never named",
            "Fields never named 30",
        ],
    );
}

#[actix_web::test]
async fn a_form_that_nobody_came_to_is_no_other_form() {
    let app = TestApp::spawn().await;
    let site = measured(&app).await;
    let fields = started(&json!([left(20, "mail", &json!({"ms": 2000}))]));
    visitor(&app, &site, 0).view(60_000).send(fields).await;
    settle(&app).await;

    assert_eq!(
        report(&app, &site, "?form=contact").await,
        Vec::<Value>::new()
    );
    assert_eq!(report(&app, &site, "?form=signup").await.len(), 1);
    let path = format!("/sites/{}/reports/forms?form=contact", site.key);
    let page = words(&app.owner().await.get(&path).await.body);
    assert_reads(
        &page,
        &["signup 1 visit", "Nobody came to this form in these days"],
    );
}

#[actix_web::test]
async fn of_automated_browsers_alone_the_page_says_so() {
    let app = TestApp::spawn().await;
    let site = measured(&app).await;
    let robot = visitor(&app, &site, 0);
    let mut view = robot.view(60_000);
    let mut batch = view.batch(started(&json!([left(20, "mail", &json!({"ms": 2000}))])));
    batch["b"] = true.into();
    view.post(&batch).await;
    settle(&app).await;

    assert_reads(
        &text(&app, &site).await,
        &[
            "Nothing was measured in these days",
            "1 visit of automated browsers is not counted. Count them too",
        ],
    );
}

#[actix_web::test]
async fn of_few_visits_numbers_are_told_and_no_shares() {
    let app = TestApp::spawn().await;
    let site = measured(&app).await;
    let fields = started(&json!([left(20, "mail", &json!({"ms": 2000}))]));
    visitor(&app, &site, 0).view(60_000).send(fields).await;
    settle(&app).await;

    assert_reads(
        &text(&app, &site).await,
        &[
            "1 visit came to “signup”",
            "29 more visits would bear a share with its range.",
            "mail 1 1 of 1 2.0 s – 0 of 1",
        ],
    );
}

#[actix_web::test]
async fn off_nothing_is_stored_and_the_page_says_so() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let config = |site: &Site| format!("/x/{}.js", site.key);
    let before = app.anonymous().get(&config(&site)).await.body;
    let fields = started(&json!([left(20, "mail", &json!({"ms": 2000}))]));
    let reply = visitor(&app, &site, 0).view(60_000).send(fields).await;
    settle(&app).await;

    let stored = batch::Entity::of_site(site.id);
    let stored = stored.all(&app.state.db.read).await.unwrap();
    assert!(stored[0].body.contains("form_started") && !stored[0].body.contains("field_left"));
    assert_eq!(reply["dropped"], Value::Null, "no fault of the page's");
    assert!(!before.contains("FormData"));
    assert_reads(
        &text(&app, &site).await,
        &[
            "Forms, field by field",
            "It is switched off",
            "Open the setting",
        ],
    );

    switch(&app, &site, "1").await;
    assert!(
        app.anonymous()
            .get(&config(&site))
            .await
            .body
            .contains("\"FormData\":\"f.")
    );
    assert_reads(
        &text(&app, &site).await,
        &["Nothing was measured in these days"],
    );
    switch(&app, &site, "").await;
    assert!(
        !app.anonymous()
            .get(&config(&site))
            .await
            .body
            .contains("FormData")
    );
}

#[actix_web::test]
async fn figures_outlive_the_events_that_they_are_made_of() {
    let app = TestApp::spawn().await;
    let site = measured(&app).await;
    forty(&app, &site).await;
    settle(&app).await;
    let before = report(&app, &site, "").await;

    let tx = app.state.db.begin().await.unwrap();
    batch::Entity::delete_many()
        .filter(batch::Column::SiteId.eq(site.id))
        .exec(&tx)
        .await
        .unwrap();
    visit::Entity::update_many()
        .col_expr(visit::Column::IsSettled, Expr::value(false))
        .filter(visit::Column::SiteId.eq(site.id))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    settle(&app).await;

    assert_eq!(report(&app, &site, "").await, before);
    let rows = visit_field::Entity::of_site(site.id);
    assert_eq!(rows.count(&app.state.db.read).await.unwrap(), 82);
}

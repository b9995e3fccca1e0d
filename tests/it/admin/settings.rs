//! Settings of a site.

use exitpoll::{
    db::entity::site as row,
    site::{
        self,
        types::{PageSettings, Site, SiteKind},
    },
    types::SiteId,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::support::app::TestApp;

#[actix_web::test]
async fn unknown_site_is_not_found() {
    let app = TestApp::spawn().await;
    app.insert_site("Shop").await;
    let client = app.owner().await;

    let page = client
        .get("/sites/site_aaaaaaaaaaaaaaaaaaaa/settings")
        .await;
    let form = client
        .post_form("/sites/1/settings", &[("name", "Other")])
        .await;

    assert_eq!((page.status, form.status), (404, 404));
}

#[actix_web::test]
async fn saved_settings_reach_widgets() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let path = format!("/sites/{}/settings", site.key);

    let basics = [
        ("name", "Big shop"),
        ("time_zone", "America/New_York"),
        ("currency", "USD"),
    ];
    assert_eq!(
        client.post_form(&path, &basics).await.location(),
        format!("{path}?done=saved")
    );
    let origins = [("origins", "https://a.example\r\nb.example\r\n")];
    assert_eq!(
        client
            .post_form(&format!("{path}/origins"), &origins)
            .await
            .status,
        303
    );

    let saved = site::store::find(&app.state.db.read, site.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            saved.name.as_str(),
            saved.time_zone.as_str(),
            saved.currency.as_str()
        ),
        ("Big shop", "America/New_York", "USD")
    );
    assert_eq!(saved.origins, ["https://a.example", "https://b.example"]);
    assert!(!saved.allow_localhost);
    assert_eq!(saved.config_version, site.config_version + 2);
}

#[actix_web::test]
async fn wrong_settings_keep_what_was_typed() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let path = format!("/sites/{}/settings", site.key);

    let basics = client
        .post_form(
            &path,
            &[("name", ""), ("time_zone", "Berlin"), ("currency", "EUR")],
        )
        .await;
    let origins = client
        .post_form(
            &format!("{path}/origins"),
            &[("origins", "https://a.example\nnonsense")],
        )
        .await;

    assert_eq!((basics.status, origins.status), (422, 422));
    assert!(basics.body.contains("value=\"Berlin\"") && basics.body.contains("id=\"name-e\""));
    assert!(
        basics.body.contains("https://shop.example"),
        "the other form shows what is stored"
    );
    assert!(
        origins.body.contains("https://a.example\nnonsense")
            && origins.body.contains("id=\"origins-e\"")
    );
    let stored = site::store::find(&app.state.db.read, site.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored, site);
}

#[actix_web::test]
async fn the_key_of_a_site_can_be_copied() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;

    let page = app
        .owner()
        .await
        .get(&format!("/sites/{}/settings", site.key))
        .await;

    let key = format!("<pre id=\"site-key\">{}</pre>", site.key);
    assert!(page.body.contains(&key), "{}", page.body);
    assert!(page.body.contains("data-copy=\"site-key\""));
    assert!(page.body.contains("Site key"));
}

#[actix_web::test]
async fn a_sample_site_has_nothing_to_install() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Sample").await;
    let tx = app.state.db.begin().await.unwrap();
    row::Entity::update_many()
        .col_expr(row::Column::Kind, Expr::value(SiteKind::Sample.as_str()))
        .filter(row::Column::Id.eq(site.id))
        .exec(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let client = app.owner().await;

    let page = client.get(&format!("/sites/{}/settings", site.key)).await;

    assert!(page.body.contains("This is a sample"), "{}", page.body);
    for missing in [
        "&#60;script",
        "Installed",
        "Waiting for the first visit",
        "may send data",
    ] {
        assert!(!page.body.contains(missing), "{missing} in {}", page.body);
    }
    assert!(page.body.contains("Remove the sample site"));
}

#[actix_web::test]
async fn a_look_is_checked_before_it_is_saved() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let path = format!("/sites/{}/settings/look", site.key);
    let look = |text| {
        [
            ("theme_light_accent", "#b00058"),
            ("theme_light_background", "#ffffff"),
            ("theme_light_text", text),
            ("theme_light_button_text", "#ffffff"),
            ("theme_scheme", "auto"),
            ("theme_radius", "8"),
            ("theme_font", "system"),
        ]
    };

    let pale = client.post_form(&path, &look("#aaaaaa")).await;
    let unchanged = site::store::find(&app.state.db.read, site.id)
        .await
        .unwrap();
    let saved = client.post_form(&path, &look("#111111")).await;
    let after = site::store::find(&app.state.db.read, site.id)
        .await
        .unwrap()
        .unwrap();

    assert_eq!((pale.status, saved.status), (422, 303));
    assert!(
        pale.body
            .contains("The contrast is 2.3 to 1; it takes at least 4.5 to 1.")
    );
    assert!(
        pale.body.contains(r##"value="#aaaaaa""##),
        "what was chosen is kept"
    );
    assert_eq!(unchanged.unwrap().theme, site.theme);
    assert_eq!(
        (
            after.theme.radius,
            after.theme.light.accent.to_string().as_str()
        ),
        (8, "#b00058")
    );
    assert!(after.config_version > site.config_version);
}

/// The site as it is stored.
async fn stored(app: &TestApp, site: SiteId) -> Site {
    site::store::find(&app.state.db.read, site)
        .await
        .unwrap()
        .unwrap()
}

#[actix_web::test]
async fn each_switch_is_saved_by_itself_and_reaches_widgets() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let path = format!("/sites/{}/settings/page", site.key);
    let off = PageSettings {
        follows_banner: false,
        honours_dnt: false,
        tells_data_layer: false,
        offers_never: false,
    };
    let cases: [(&str, PageSettings, &str); 4] = [
        (
            "follows_banner",
            PageSettings {
                follows_banner: true,
                ..off
            },
            r#""f":1"#,
        ),
        (
            "honours_dnt",
            PageSettings {
                honours_dnt: true,
                ..off
            },
            r#""f":4"#,
        ),
        (
            "tells_data_layer",
            PageSettings {
                tells_data_layer: true,
                ..off
            },
            r#""f":2"#,
        ),
        (
            "offers_never",
            PageSettings {
                offers_never: true,
                ..off
            },
            r#""f":0"#,
        ),
    ];
    for (n, (name, wanted, in_script)) in (1..).zip(&cases) {
        let reply = client.post_form(&path, &[(*name, "1")]).await;

        assert_eq!(
            reply.location(),
            format!("/sites/{}/settings?done=saved", site.key)
        );
        let saved = stored(&app, site.id).await;
        assert_eq!(
            (saved.page, saved.config_version),
            (*wanted, site.config_version + n),
            "{name}"
        );
        let script = client.get(&format!("/x/{}.js", site.key)).await;
        assert!(script.body.contains(*in_script), "{name}");
        let page = client.get(&format!("/sites/{}/settings", site.key)).await;
        for (other, ..) in &cases {
            let is_ticked = page
                .body
                .contains(&format!("name=\"{other}\" value=\"1\" checked"));
            assert_eq!(is_ticked, other == name, "{other} after {name}");
        }
    }
}

#[actix_web::test]
async fn how_much_a_visit_is_asked_is_a_number_of_questions_and_of_days() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;
    let path = format!("/sites/{}/settings/asking", site.key);
    let save = |questions: &'static str, days: &'static str| {
        let fields = [("questions_per_visit", questions), ("cool_down_days", days)];
        let (client, path) = (&client, &path);
        async move { client.post_form(path, &fields).await }
    };

    for (questions, days, wrong) in [
        ("0", "30", "questions_per_visit"),
        ("6", "30", "questions_per_visit"),
        ("some", "30", "questions_per_visit"),
        ("2", "366", "cool_down_days"),
        ("2", "-1", "cool_down_days"),
    ] {
        let reply = save(questions, days).await;
        assert_eq!(reply.status, 422, "{questions} {days}");
        assert!(reply.body.contains(&format!("id=\"{wrong}-e\"")), "{wrong}");
        assert!(
            reply.body.contains(&format!("value=\"{questions}\"")),
            "kept"
        );
    }
    assert_eq!(stored(&app, site.id).await, site);
    assert_eq!(save(" 3 ", "0").await.status, 303);

    let saved = stored(&app, site.id).await;
    assert_eq!((saved.questions_per_visit, saved.cool_down_days), (3, 0));
    assert_eq!(saved.config_version, site.config_version + 1);
}

#[actix_web::test]
async fn the_contents_lead_to_every_section() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}/settings", site.key))
        .await
        .body;

    let sections: Vec<_> = page.split("<section class=\"").skip(1).collect();
    let contents = page.split("<nav class=\"contents\"").nth(1).unwrap();
    let contents = contents.split("</nav>").next().unwrap();
    let linked: Vec<_> = contents.split("<a href=\"#").skip(1).collect();
    assert_eq!(linked.len(), sections.len());
    for (link, section) in linked.iter().zip(sections) {
        let (id, name) = link.split_once("\">").unwrap();
        let name = name.split('<').next().unwrap();
        assert!(
            section.contains(&format!("id=\"{id}\"><h2>{name}</h2>")),
            "{id}: {name}"
        );
    }
}

#[actix_web::test]
async fn the_page_says_what_works_with_consent_and_without() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}/settings", site.key))
        .await
        .body
        .replace("&#39;", "'");

    for mode in site::consent::MODES {
        let row = format!(
            "<th scope=\"row\">{}</th><td>{}</td><td>{}</td>",
            mode.what, mode.without, mode.with
        );
        assert!(page.contains(&row), "{row}");
    }
}

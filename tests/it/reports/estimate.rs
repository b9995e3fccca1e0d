//! How often a question would have fired last week: against worlds that are counted by hand, and against what really happened.

use std::collections::BTreeSet;

use exitpoll::{
    clock::{self, DAY, MINUTE},
    goal,
    prompt::{self, draft::NewDesign, form::PromptForm, types::Prompt},
    report::estimate::{self, Asked, Estimate},
    seed::{self, Progress, Request},
    site::{calendar, types::Site},
    types::PromptId,
};

use super::world::{World, words};
use crate::support::{app::TestApp, client::Client};

/// A visit of three days ago, whose only page load holds these events.
fn last_week<'a>(world: &'a mut World, body: &str) -> &'a mut World {
    let zone = world.site.time_zone.clone();
    let visit = world.visit(1);
    visit.started_at -= 3 * DAY;
    visit.last_at -= 3 * DAY;
    visit.day = calendar::day_of(visit.started_at, &zone);
    world.events(body);
    world
}

/// On `path`, the form was started, and the visitor moved to leave after so many ms.
fn left_form(path: &str, at: i64) -> String {
    format!(
        r#"[[0,"page_view",{{"u":"{path}"}}],[2000,"form_started",{{"f":"signup"}}],
            [{at},"exit_intent"],[{at},"active",{{"ms":{at}}}]]"#
    )
}

/// What the editor says beneath its sentence.
async fn told(client: &Client, world: &World, changes: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("do", "sentence"),
        ("after", "form_started"),
        ("after_subject", "signup"),
        ("expect", "form_completed"),
        ("expect_subject", "signup"),
        ("ask_at", "exit"),
        ("sensitivity", "high"),
        ("min_active_seconds", "5"),
        ("within_minutes", "10"),
        ("address_part", "path"),
        ("address_test", "equals"),
        ("address_text", "/signup"),
        ("held_out_percent", "0"),
    ];
    fields.retain(|(name, _)| changes.iter().all(|(key, _)| key != name));
    fields.extend(changes);
    let path = format!("/sites/{}/prompts/{}", world.site.key, world.prompt_id);
    let reply = client.post_form(&path, &fields).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let (_, estimate) = reply.body.split_once('\n').unwrap();
    estimate.replace('\u{a0}', " ")
}

#[actix_web::test]
async fn visits_are_counted_as_by_hand() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let fires = left_form("/signup", 9_000);
    for _ in 0..3 {
        last_week(&mut world, &fires);
    }
    // Twice in one visit is once.
    last_week(
        &mut world,
        &fires.replace(
            r#"[9000,"exit_intent"],"#,
            r#"[8000,"exit_intent"],[9000,"exit_intent"],"#,
        ),
    );
    // Another question had the visit's one question before.
    last_week(&mut world, &fires);
    world.impression(Some("shown")).prompt_id = PromptId::new(1);
    let drawn = world.impressions.last_mut().unwrap();
    drawn.decided_at = world.visits.last().unwrap().started_at + 5_000;
    // Completed before; another page; too long ago; too soon; no form at all.
    let completed = fires.replace(
        r#"[9000,"exit_intent"]"#,
        r#"[7000,"form_completed",{"f":"signup"}],[9000,"exit_intent"]"#,
    );
    for body in [
        completed.as_str(),
        &left_form("/other", 9_000),
        &left_form("/signup", 11 * MINUTE),
        &left_form("/signup", 4_000),
        r#"[[0,"page_view",{"u":"/signup"}],[9000,"exit_intent"],[9000,"active",{"ms":9000}]]"#,
    ] {
        last_week(&mut world, body);
    }
    // Machines, the owner's own test, and today count nowhere.
    last_week(&mut world, &fires);
    world.visits.last_mut().unwrap().is_automated = true;
    last_week(&mut world, &fires);
    world.visits.last_mut().unwrap().is_test = true;
    world.visit(1);
    world.events(&fires);
    world.insert(&app).await;
    let client = app.owner().await;

    let usual = told(&client, &world, &[]).await;
    assert!(
        usual.starts_with("Would have fired about 5 times last week ("),
        "{usual}"
    );
    assert!(usual.contains(", 10 visits)."), "{usual}");
    assert!(
        usual.contains("In 1 of these the visit had had its questions, or had closed one."),
        "{usual}"
    );

    let everywhere = told(&client, &world, &[("address_text", "")]).await;
    assert!(everywhere.contains("about 6 times"), "{everywhere}");
    let unexpecting = told(&client, &world, &[("expect", "")]).await;
    assert!(unexpecting.contains("about 6 times"), "{unexpecting}");
    let patient = told(&client, &world, &[("within_minutes", "60")]).await;
    assert!(patient.contains("about 6 times"), "{patient}");
    let hasty = told(&client, &world, &[("min_active_seconds", "0")]).await;
    assert!(hasty.contains("about 6 times"), "{hasty}");
    // A goal that was never counted before is told all the same.
    let viewed = [
        ("after", "url"),
        ("after_subject", "/signup"),
        ("expect", ""),
    ];
    let viewed = told(&client, &world, &viewed).await;
    assert!(viewed.contains("about 7 times"), "{viewed}");
    let page = client
        .get(&format!(
            "/sites/{}/prompts/{}",
            world.site.key, world.prompt_id
        ))
        .await;
    assert!(
        words(&page.body).contains("Would have fired about 10 times last week"),
        "{}",
        words(&page.body)
    );
}

#[actix_web::test]
async fn what_cannot_be_told_is_said() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let client = app.owner().await;

    let none = told(&client, &world, &[]).await;
    assert!(
        none.starts_with("No stored behaviour to tell from yet"),
        "{none}"
    );

    last_week(&mut world, &left_form("/signup", 9_000));
    world.insert(&app).await;
    let never = told(
        &client,
        &world,
        &[("after", "event"), ("after_subject", "never")],
    )
    .await;
    assert!(
        never.contains("of 1 visit, none came as far as it asks for"),
        "{never}"
    );
    let silent = told(&client, &world, &[("ask_at", "next_page")]).await;
    assert!(
        silent.contains("of 1 visit, the moment came in none of them"),
        "{silent}"
    );
    let speed = told(&client, &world, &[("sensitivity", "low")]).await;
    assert!(
        speed.contains("how fast they were is not stored"),
        "{speed}"
    );
}

/// Of a sample site of ten days, what each of its questions would have come to.
#[actix_web::test]
async fn it_tells_what_really_happened_within_a_tenth() {
    let app = TestApp::spawn().await;
    let now = clock::now();
    let request = Request {
        visits: 1_500,
        days: 10,
        seed: 5,
    };
    let site = seed::site::create(&app.state.db, request.days, now)
        .await
        .unwrap();
    let progress = Progress::of(request.visits);
    seed::fill(&app.state.means(), &site, request, &progress, now)
        .await
        .unwrap();
    let prompts = prompt::store::list_prompts(&app.state.db.read, site.id)
        .await
        .unwrap();

    for prompt in prompts {
        let told = estimate_of(&app, &site, &prompt).await;
        let happened = happened(&app, &site, &prompt, &told).await;
        let asked = told.fired - told.taken;
        let allowed = (happened / 10).max(3);
        assert!(happened > 5, "{}: {happened}", prompt.name);
        assert!(
            (asked - happened).abs() <= allowed,
            "{}: {happened} happened, {told:?}",
            prompt.name
        );
        assert!(told.reached >= told.fired && told.visits > 500 && !told.is_scaled);
    }
}

async fn estimate_of(app: &TestApp, site: &Site, prompt: &Prompt) -> Estimate {
    let goals = goal::store::list_goals(&app.state.db.read, site.id)
        .await
        .unwrap();
    let form = PromptForm::of(&prompt.name, &prompt.draft, &goals, &[]);
    let design: NewDesign = form.moment(prompt.draft.template, &goals).unwrap();
    let asked = Asked {
        prompt: prompt.id,
        design: &design,
        goals: &goals,
    };
    estimate::load(&app.state.db, site, asked, clock::now())
        .await
        .unwrap()
}

/// Visits of the same days in which the question was eligible.
async fn happened(app: &TestApp, site: &Site, prompt: &Prompt, told: &Estimate) -> i64 {
    let days = calendar::number(told.from)..=calendar::number(told.to);
    let visits: BTreeSet<_> = app
        .visits(site)
        .await
        .into_iter()
        .filter(|visit| days.contains(&visit.day))
        .map(|visit| visit.id)
        .collect();
    let impressions = app.impressions(site).await;
    let eligible = impressions
        .iter()
        .filter(|made| made.prompt_id == prompt.id && made.arm.is_some())
        .filter(|made| visits.contains(&made.visit_id));
    i64::try_from(eligible.count()).unwrap()
}

#[actix_web::test]
async fn a_schedule_leaves_out_what_came_at_another_time() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let fires = left_form("/signup", 9_000);
    for n in 0..5 {
        last_week(&mut world, "[]");
        world.batches.pop();
        if n < 2 {
            let later = world.visits.last_mut().unwrap();
            later.started_at += DAY;
            later.day = calendar::day_of(later.started_at, &world.site.time_zone);
        }
        world.events(&fires);
    }
    // The last visit is of three days ago, as two others are.
    let fired_at = world.visits.last().unwrap().started_at + 9_000;
    world.insert(&app).await;
    let client = app.owner().await;
    let day = calendar::date_of(calendar::day_of(fired_at, &world.site.time_zone)).unwrap();
    let (day, hour) = (
        day.to_string(),
        calendar::local_time(fired_at, &world.site.time_zone).hour,
    );
    let hours = |from: u8| (from.to_string(), (from + 1).to_string());
    let (within, outside) = (hours(hour), hours((hour + 2) % 24));

    let always = told(&client, &world, &[]).await;
    assert!(always.contains("about 5 times"), "{always}");
    let until = told(&client, &world, &[("until_day", &day)]).await;
    assert!(until.contains("about 3 times"), "{until}");
    let open = [("from_hour", within.0.as_str()), ("until_hour", &within.1)];
    let open = told(&client, &world, &open).await;
    assert!(open.contains("about 5 times"), "{open}");
    let shut = [
        ("from_hour", outside.0.as_str()),
        ("until_hour", &outside.1),
    ];
    let shut = told(&client, &world, &shut).await;
    assert!(shut.contains("the moment came in none of them"), "{shut}");
}

#[actix_web::test]
async fn several_moments_and_questions_are_one_occasion_a_visit() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let exit = left_form("/signup", 9_000);
    let both = exit.replace(
        r#"[9000,"exit_intent"],"#,
        r#"[8000,"rage_click"],[9000,"exit_intent"],"#,
    );
    let rage = both.replace(r#"[9000,"exit_intent"],"#, "");
    let apart = both.replace(
        r#"[9000,"exit_intent"],"#,
        r#"[8500,"page_view",{"u":"/signup"}],[9000,"exit_intent"],"#,
    );
    for (body, n) in [(&exit, 2), (&rage, 3), (&both, 4), (&apart, 5)] {
        for _ in 0..n {
            last_week(&mut world, body);
        }
    }
    world.insert(&app).await;
    let client = app.owner().await;
    let questions = [
        ("question", "q1"),
        ("q1-title", "What stopped you?"),
        ("q1-kind", "text"),
        ("question", "q2"),
        ("q2-title", "What would help?"),
        ("q2-kind", "text"),
    ];
    let moments = [("ask_at", "exit"), ("ask_at", "rage_click")];
    let any = [&questions[..], &moments].concat();
    let all = [&any[..], &[("ask_all", "1")]].concat();

    let exits = told(&client, &world, &questions).await;
    assert!(exits.contains("about 11 times"), "{exits}");
    let any = told(&client, &world, &any).await;
    assert!(any.contains("about 14 times"), "{any}");
    let all = told(&client, &world, &all).await;
    assert!(all.contains("about 4 times"), "{all}");
}

/// A comparison group from about 5,000 visits a month that could be asked: 1,167 in seven days.
#[actix_web::test]
async fn a_new_question_leaves_a_tenth_unasked_where_that_tells_something() {
    let app = TestApp::spawn().await;
    let leaves = r#"[[0,"page_view",{"u":"/"}],[9000,"exit_intent"],[9000,"active",{"ms":9000}]]"#;
    let client = app.owner().await;
    for (visits, expected) in [(1_166, "0"), (1_167, "10")] {
        let mut world = World::new(&app, "Teapots").await;
        for _ in 0..visits {
            last_week(&mut world, leaves);
        }
        world.insert(&app).await;

        assert_eq!(held_out(&client, &world, "exit_intent").await, expected);
        // Whoever asks for the card is in no comparison.
        assert_eq!(held_out(&client, &world, "page_helpful").await, "0");
    }
}

/// What the editor of a new question has.
async fn held_out(client: &Client, world: &World, template: &str) -> String {
    let prompts = format!("/sites/{}/prompts", world.site.key);
    let made = client.post_form(&prompts, &[("template", template)]).await;
    let editor = client.get(made.location()).await.body;
    let (_, field) = editor.split_once(r#"name="held_out_percent""#).unwrap();
    let (_, value) = field.split_once("value=\"").unwrap();
    value.split('"').next().unwrap().to_owned()
}

#[actix_web::test]
async fn imported_visits_are_left_out_of_moments_that_they_cannot_tell_of() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let pages = r#"[[0,"page_view",{"u":"/signup"}],[2000,"form_started",{"f":"signup"}]]"#;
    let imported = |world: &mut World| {
        last_week(world, pages);
        world.batches.last_mut().unwrap().received_at += 2 * DAY;
        world.visits.last_mut().unwrap().is_imported = true;
    };
    for _ in 0..3 {
        imported(&mut world);
    }
    world.insert(&app).await;
    let client = app.owner().await;

    let exits = told(&client, &world, &[]).await;
    let views = told(
        &client,
        &world,
        &[("ask_at", "page_view"), ("after", ""), ("expect", "")],
    )
    .await;
    assert!(
        exits.starts_with("Not known how often (")
            && exits.contains("): all 3 visits were imported"),
        "{exits}"
    );
    assert!(views.contains("about 3 times"), "{views}");

    let mut live = World::new(&app, "Southwind").await;
    imported(&mut live);
    last_week(&mut live, &left_form("/signup", 9_000));
    // A page of the script itself, closed at once: it could have told.
    last_week(&mut live, pages);
    live.insert(&app).await;
    let exits = told(&client, &live, &[]).await;
    assert!(
        exits.contains("about 1 time last week") && exits.contains(", 2 visits)."),
        "{exits}"
    );
    assert!(exits.contains("1 imported visit is left out"), "{exits}");
}

//! The home page of a site.

use exitpoll::{
    clock::{DAY, MINUTE},
    db::entity::visit_goal,
    goal, prompt,
    site::calendar,
};

use super::world::{World, assert_reads, words};
use crate::support::app::TestApp;

fn fill(world: &mut World) {
    let (phone, looking) = (("c1", world.phone), ("c2", world.looking));
    for _ in 0..100 {
        world.visit(0);
    }
    for n in 0..40 {
        world.visit(1);
        match n {
            0..10 => drop(world.impression(Some("shown"))),
            10..15 => drop(world.impression(Some("held_out"))),
            15..17 => {
                world.impression(Some("shown"));
                world.answer(&[looking], "");
            }
            17 => {
                world.impression(Some("shown"));
                world.answer(&[phone, looking], "Too <many> questions");
            }
            18 => drop(world.impression(None)),
            _ => {}
        }
    }
    for n in 0..60 {
        let visit = world.visit(2);
        if n == 0 || n == 1 {
            visit.macro_at = Some(visit.started_at + MINUTE);
        }
        match n {
            0..10 => drop(world.impression(Some("shown"))),
            10..14 => drop(world.impression(Some("held_out"))),
            14..34 => {
                world.impression(Some("shown"));
                world.answer(&[phone], "");
            }
            34..46 => {
                world.impression(Some("shown"));
                world.answer(&[looking], "");
            }
            _ => {}
        }
    }
    for n in 0..50 {
        let visit = world.visit(3);
        if n < 3 {
            visit.closed_at = None;
            visit.last_at = visit.started_at + 119 * MINUTE;
        }
    }
}

/// Rows that must change nothing.
fn add_noise(world: &mut World) {
    let long_ago = calendar::day_of(world.now - 60 * DAY, &world.site.time_zone);
    world.visit(2).is_test = true;
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "a test");
    world.visit(3).is_automated = true;
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "a machine");
    world.visit(1).day = long_ago;
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "long ago");
    world.visit(1).funnel_version = 1;
    world.visit(0);
    world.impression(Some("shown")).is_test = true;
    world.answer(&[("c1", world.phone)], "another test");
    // That last visit counts, its test does not.
    world.visits.remove(0);
}

#[actix_web::test]
async fn every_figure_is_the_one_counted_by_hand() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    fill(&mut world);
    add_noise(&mut world);
    world.insert(&app).await;
    let mut other = World::new(&app, "Another").await;
    other.visit(3);
    other.insert(&app).await;
    let client = app.owner().await;

    let page = client.get(&format!("/sites/{}", world.site.key)).await;

    assert_eq!(page.status, 200, "{}", page.body);
    let text = words(&page.body);
    let narrowed = client
        .get(&format!("/sites/{}?device=desktop", world.site.key))
        .await;
    assert_reads(
        &words(&narrowed.body),
        &["No question has asked these visits here, so there are no reasons."],
    );
    assert_reads(
        &text,
        &[
            "250 visits",
            "Of the visits at “Started the form”, 54.5 % go no further in this order. They name “Phone number” most",
            "20.8 % of visits reached “Signed up”",
            "52 of 250 visits (16.2 to 26.3)",
            "250 All visits 100 % start",
            "100 left here 40.0 % ±6.0",
            "of visits No question has asked here yet, so there are no reasons.",
            "150 Viewed pricing 60.0 %",
            "40 left here 26.7 %",
            "3 of 3 Just looking",
            "1 of 3 Phone number",
            "“Too &#60;many&#62; questions” Just looking ·",
            "3 answers · Read answers → of those who left after “Viewed pricing” How sure? Of those who left after “Viewed pricing”",
            "answered 3 asked and silent 10 left unasked for comparison 5 could not be asked 22 all who left here 40",
            "110 Started the form 73.3 %",
            "60 left here 54.5 % ±9.1 of those at “Started the form” · 2 of them reached “Signed up” another way",
            "62 % (45–77) Phone number up to €1,400 20 answers",
            "38 % (23–55) Just looking up to €830 12",
            "answered 32 asked and silent 10 left unasked for comparison 4 could not be asked 14 all who left here 60",
            "50 Signed up 45.5 % ±9.1",
            "of the step before · 20.0 % of all",
            "Counts, not shares: 27 more answers would bear a share with its range.",
            "2 visits reached “Signed up” another way: without all of these steps, or in another order. Change the order under Goals",
            "3 visits are still open.",
            "1 visit of these days was counted by other steps and is left out.",
            "1 visit of automated browsers is not counted.",
            "Today, so far 250 52 20.8 %",
        ],
    );
    assert!(!text.contains("a machine") && !text.contains("a test") && !text.contains("long ago"));
    assert!(
        !page.body.contains(" style="),
        "the CSP forbids inline styles"
    );

    let with_machines = client
        .get(&format!("/sites/{}?automated=1", world.site.key))
        .await;
    assert_reads(
        &words(&with_machines.body),
        &["251 All visits", "51 Signed up"],
    );

    let fragment = client
        .get(&format!("/sites/{}?fragment=funnel&days=1", world.site.key))
        .await;
    assert!(!fragment.body.contains("<html"));
    assert_reads(&fragment.body, &["250", "All visits"]);
}

/// A hundred visits today and as many yesterday, of which more converted and fewer of those who answered named the phone number.
async fn a_change(app: &TestApp) -> World {
    let mut world = World::new(app, "Northwind").await;
    let yesterday = calendar::day_of(world.now - DAY, &world.site.time_zone);
    for (converted, day) in [(20, None), (60, Some(yesterday))] {
        for n in 0..100 {
            let step = if n < converted { 3 } else { 0 };
            let visit = world.visit(step);
            visit.day = day.unwrap_or(visit.day);
            if step == 0 && n < converted + 40 {
                // Everybody names the phone number today; yesterday only every other one did.
                world.impression(Some("shown"));
                let reason = if day.is_none() || n % 2 == 0 {
                    ("c1", world.phone)
                } else {
                    ("c2", world.looking)
                };
                world.answer(&[reason], "");
            }
        }
    }
    world
}

#[actix_web::test]
async fn a_change_since_the_days_before_is_told_with_its_interval() {
    let app = TestApp::spawn().await;
    let world = a_change(&app).await;
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client
        .get(&format!("/sites/{}?days=1", world.site.key))
        .await;

    assert_reads(
        &words(&page.body),
        &[
            "Of all visits, 80.0 % leave before “Viewed pricing”. They name “Phone number” most",
            "20.0 % of visits reached “Signed up”, 40.0 points fewer than on the day before",
            "Difference −51.2 to −26.8 points.",
            "100 % (91–100) Phone number ↑ 50 % before, 100 % now, as given 40 answers",
            "0 % (0–9) Just looking ↓ 50 % before, 0 % now, as given",
        ],
    );
}

#[actix_web::test]
async fn days_before_that_are_counted_in_part_are_compared_with_nothing() {
    let app = TestApp::spawn().await;
    let mut world = a_change(&app).await;
    world.visits.last_mut().unwrap().funnel_version = 1;
    world.insert(&app).await;

    let page = app.owner().await;
    let page = page.get(&format!("/sites/{}?days=1", world.site.key)).await;

    let text = words(&page.body);
    assert_reads(
        &text,
        &[
            "1 visit of the days before was counted by other steps: nothing is compared with those days.",
            "Some of the days before are not counted by the present steps, so there is nothing to compare with.",
        ],
    );
    assert!(
        !text.contains("points fewer") && !text.contains("% before"),
        "{text}"
    );
}

#[actix_web::test]
async fn a_decision_after_the_last_day_belongs_to_its_visit() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let date = calendar::date_of(calendar::day_of(world.now, &world.site.time_zone)).unwrap();
    let yesterday = date.yesterday().unwrap();
    world.visit(1).day = calendar::number(yesterday);
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;
    let client = app.owner().await;
    let home = format!("/sites/{}", world.site.key);

    for days in [format!("from={yesterday}&to={yesterday}"), "days=2".into()] {
        let funnel = client.get(&format!("{home}?{days}")).await;
        assert_reads(&words(&funnel.body), &["1 of 1 Phone number", "answered 1"]);
        let reports = client.get(&format!("{home}/reports?{days}")).await;
        assert_reads(&words(&reports.body), &["1 answer"]);
    }
}

#[actix_web::test]
async fn the_main_goal_reached_another_way_is_told() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for n in 0..31 {
        let visit = world.visit(if n < 12 { 2 } else { 0 });
        if n < 4 {
            visit.macro_at = Some(visit.started_at + MINUTE);
        }
        if n == 4 {
            world.impression(Some("shown"));
            world.answer(&[("c1", world.phone)], "");
        }
    }
    let mut straight = World::new(&app, "In order").await;
    straight.visit(3);
    straight.visit(2);
    world.insert(&app).await;
    straight.insert(&app).await;
    let client = app.owner().await;

    let page = client.get(&format!("/sites/{}", world.site.key)).await;
    let other = client.get(&format!("/sites/{}", straight.site.key)).await;

    assert_reads(
        &words(&page.body),
        &[
            "12 of 12 visits at “Started the form” go no further in this order. Named most so far",
            "12.9 % of visits reached “Signed up”",
            "12 left here of 12 at “Started the form” · 4 of them reached “Signed up” another way",
            "0 Signed up",
            "4 visits reached “Signed up” another way: without all of these steps, or in another order. Change the order under Goals",
        ],
    );
    assert!(!other.body.contains("another way"), "{}", other.body);
}

#[actix_web::test]
async fn a_new_site_is_told_what_to_do() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Fresh").await;
    let client = app.owner().await;

    let page = client.get(&format!("/sites/{}", site.key)).await;

    let snippet = format!("/x/{}.js", site.key);
    assert_reads(
        &words(&page.body),
        &[
            "Nothing has arrived yet",
            &snippet,
            "Choose goals",
            "Choose a question",
        ],
    );
}

#[actix_web::test]
async fn without_goals_there_is_one_band_and_a_way_on() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let site = app.insert_site("No goals").await;
    world.funnel_version = 1;
    world.visit(0).site_id = site.id;
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client.get(&format!("/sites/{}", site.key)).await;

    assert_reads(&words(&page.body), &["1 All visits start", "Choose goals"]);
}

#[actix_web::test]
async fn wrong_days_are_named_and_strangers_see_nothing() {
    let app = TestApp::spawn().await;
    let site = app.insert_site("Northwind").await;
    let client = app.owner().await;
    let address = format!("/sites/{}", site.key);

    assert_eq!(
        client
            .get(&format!("{address}?from=yesterday"))
            .await
            .status,
        422
    );
    assert_eq!(client.get("/sites/site_none").await.status, 404);
    assert!(
        app.anonymous()
            .get(&address)
            .await
            .location()
            .starts_with("/sign-in")
    );
}

/// The newest visit reached the goal of the step at this place, without those before it.
async fn reached_apart(world: &mut World, app: &TestApp, place: usize, after: i64) {
    let definitions = goal::store::load_definitions(&app.state.db.read, world.site.id)
        .await
        .unwrap();
    let bit = definitions.funnels.last().unwrap().steps[place - 1];
    let visit = world.visits.last_mut().unwrap();
    visit.mask_all |= 1 << bit;
    let goal = visit_goal::Model {
        site_id: visit.site_id,
        visit_id: visit.id,
        bit: bit.into(),
        first_at: visit.started_at + after,
        n: 1,
        value_minor: 0,
    };
    world.visit_goals.push(goal);
}

#[actix_web::test]
async fn answers_asked_at_a_later_step_say_so_where_they_stand() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    let phone = ("c1", world.phone);
    // At the form, which they reached without the prices; the decision comes two minutes after the start.
    for said in ["No phone", ""] {
        world.visit(0);
        reached_apart(&mut world, &app, 2, MINUTE).await;
        world.impression(Some("shown"));
        world.answer(&[phone], said);
    }
    // Asked on the first page; the form came later.
    world.visit(0);
    reached_apart(&mut world, &app, 2, 3 * MINUTE).await;
    world.impression(Some("shown"));
    world.answer(&[phone], "");
    // The prices came after the form: another order, and no step left out.
    world.visit(1);
    reached_apart(&mut world, &app, 1, 3 * MINUTE).await;
    reached_apart(&mut world, &app, 2, MINUTE).await;
    // In order, and asked by nobody.
    world.visit(2);
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client.get(&format!("/sites/{}", world.site.key)).await.body;

    let text = words(&page);
    assert_reads(
        &text,
        &[
            "3 of 3 Phone number 2 of them asked at “Started the form”, reached without “Viewed pricing”",
            "“No phone” Phone number · asked at “Started the form”, reached without “Viewed pricing” ·",
            "1 left here of 1 at “Started the form” 2 visits asked here came without “Viewed pricing”; their answers stand above. Look there",
            "only when it reached all the steps before",
        ],
    );
    assert!(page.contains("<a href=\"#left-0\">") && page.contains("id=\"left-0\""));
    assert_eq!(
        text.matches("No question has asked here yet").count(),
        1,
        "at the prices: {text}"
    );
}

#[actix_web::test]
async fn a_step_that_all_reached_another_way_names_them() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    world.visit(0);
    reached_apart(&mut world, &app, 2, MINUTE).await;
    world.impression(Some("shown"));
    world.answer(&[("c1", world.phone)], "");
    world.insert(&app).await;
    let client = app.owner().await;

    let page = client.get(&format!("/sites/{}", world.site.key)).await.body;

    assert_reads(
        &words(&page),
        &[
            "1 of 1 Phone number asked at “Started the form”, reached without “Viewed pricing”",
            "1 visit asked here came without “Viewed pricing”; its answers stand above.",
        ],
    );
}

#[actix_web::test]
async fn a_question_can_begin_where_they_leave() {
    let app = TestApp::spawn().await;
    let mut world = World::new(&app, "Northwind").await;
    for step in [0, 1, 2] {
        world.visit(step);
    }
    world.insert(&app).await;
    let client = app.owner().await;
    let base = format!("/sites/{}", world.site.key);
    let goals = goal::store::list_goals(&app.state.db.read, world.site.id)
        .await
        .unwrap();
    let id = |name: &str| {
        let goal = goals.iter().find(|goal| goal.name == name);
        goal.unwrap().id.to_string()
    };
    let (pricing, form) = (id("Viewed pricing"), id("Started the form"));

    let funnel = client.get(&base).await.body;
    let links: Vec<String> = funnel
        .split("href=\"")
        .filter_map(|part| part.split('"').next())
        .filter(|link| link.contains("/prompts/new?"))
        .map(|link| link.replace("&#38;", "&"))
        .collect();
    assert_eq!(
        links[..2],
        [
            format!("{base}/prompts/new?not={pricing}"),
            format!("{base}/prompts/new?after={pricing}&not={form}"),
        ]
    );
    let new = client.get(&links[1]).await.body;
    assert_reads(
        &words(&new),
        &["For visitors who reached “Viewed pricing” and not “Started the form”."],
    );
    assert!(new.contains("value=\"exit_intent\" checked"), "{new}");
    assert_reads(
        &words(&new),
        &["What kept you from ordering?” The total was higher than I expected"],
    );
    let (_, cart) = new.split_once("What kept you from ordering?").unwrap();
    let (cart, _) = cart.split_once("</label>").unwrap();
    assert!(
        cart.contains("/cart"),
        "a situation of another step stays what it is: {cart}"
    );
    let at_the_form = client.get(&links[2]).await.body;
    assert!(at_the_form.contains("value=\"form_abandoned\" checked"));

    let fields = [
        ("template", "exit_intent"),
        ("after", pricing.as_str()),
        ("not", form.as_str()),
    ];
    let made = client.post_form(&format!("{base}/prompts"), &fields).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let prompts = prompt::store::list_prompts(&app.state.db.read, world.site.id)
        .await
        .unwrap();
    let made = prompts.iter().find(|it| it.id != world.prompt_id).unwrap();
    let moment = &made.draft.moment;
    let asked = [moment.after, moment.expect].map(|goal| goal.map(|id| id.to_string()));
    assert_eq!(asked, [Some(pricing), Some(form)]);
}

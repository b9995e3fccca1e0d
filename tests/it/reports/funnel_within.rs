//! Steps within a time of the first: visits that browsers tell of, against a plain count of what they sent.

use exitpoll::{
    clock::{self, MINUTE},
    db::entity::batch,
    types::GoalId,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{
    dice::Dice,
    filters::rows,
    funnel_orders::world,
    world::{World, assert_reads, words},
};
use crate::support::{
    app::TestApp,
    widget::{FIREFOX, Widget, page, track},
};

/// What a visitor did: how long (ms) after the visit began, and the goal; 3 is no step.
type Way = Vec<(i64, usize)>;

/// Nothing ends a way, and none is left out.
const PLAIN: (&[usize], bool) = (&[], false);

/// Longer than any way takes.
const AGE: i64 = 100 * MINUTE;

fn event((at, goal): (i64, usize)) -> Value {
    match goal {
        0 => page(at, "/pricing", ""),
        1 => json!([at, "form_started", {"f": "signup"}]),
        2 => track(at, "signed_up"),
        _ => track(at, "help"),
    }
}

/// A visitor of its own.
async fn send(app: &TestApp, world: &World, (nth, way): (usize, &Way)) {
    let widget = Widget::new(app, &world.site);
    let widget = widget.with_user_agent(&format!("{FIREFOX} {nth}"));
    let mut view = widget.view(AGE);
    let (soon, late) = way.split_at(way.len() / 2);
    let first = std::iter::once(page(0, "/", "")).chain(soon.iter().copied().map(event));
    let mut first = view.batch(first.collect());
    first["d"] = ["", "touch"][nth % 2].into();
    view.post(&first).await;
    if !late.is_empty() {
        view.send(late.iter().copied().map(event).collect()).await;
    }
}

fn random_way(dice: &mut Dice) -> Way {
    let mut at = 0;
    let goals = (0..dice.below(9)).map(|_| {
        // Often the next one is due, so that many come far; times are whole half minutes, so that ends are met too.
        at += dice.below(16) as i64 * MINUTE / 2;
        (at, [0, 0, 1, 1, 2, 2, 3][dice.index(7)])
    });
    let mut way: Way = goals.collect();
    if dice.one_in(2) {
        let mut goals: Vec<usize> = way.iter().map(|(_, goal)| *goal).collect();
        goals.sort_unstable();
        for (step, goal) in way.iter_mut().zip(goals) {
            step.1 = goal;
        }
    }
    way
}

/// How many steps it came to, said once more in the plainest way; the help ends it after so many steps.
fn reached(way: &Way, window: i64, ends_at: &[usize]) -> usize {
    let mut best = 0;
    for (start, (begun, goal)) in way.iter().enumerate() {
        if *goal != 0 {
            continue;
        }
        let mut due = 1;
        for (at, goal) in &way[start + 1..] {
            if at - begun > window || due == 3 || (*goal == 3 && ends_at.contains(&due)) {
                break;
            }
            due += usize::from(*goal == due);
        }
        best = best.max(due);
    }
    best
}

/// The same of all, without those that the help cost a step where these are left out.
fn plain_count(ways: &[&Way], window: i64, (ends_at, leaves_out): (&[usize], bool)) -> Vec<i64> {
    let come = |way: &&Way| {
        let came = reached(way, window, ends_at);
        let is_voided = came < reached(way, window, &[]);
        (!(leaves_out && is_voided)).then_some(came)
    };
    let came: Vec<usize> = ways.iter().filter_map(come).collect();
    (0..4)
        .map(|step| came.iter().filter(|it| **it >= step).count() as i64)
        .collect()
}

async fn told(app: &TestApp, world: &World, query: &str) -> Vec<Value> {
    let file = format!("/sites/{}/reports/funnel", world.site.key);
    rows(app, &file, &format!("days=1&{query}")).await
}

fn steps(rows: &[Value], line: &str, visits: &str) -> Vec<i64> {
    let steps = rows.iter().filter(|row| row["line"] == line);
    steps.map(|row| row[visits].as_i64().unwrap()).collect()
}

/// By each two steps between which the help must not come.
async fn check_without(app: &TestApp, world: &World, query: &str, (ways, window): (&[&Way], i64)) {
    let between: [(&str, &[usize]); 3] = [
        ("", &[1, 2]),
        ("&after=1&before=2", &[1]),
        ("&after=2&before=3", &[2]),
    ];
    for (places, ends_at) in between {
        for (leave_out, leaves_out) in [("", false), ("&leave_out=1", true)] {
            let query = format!("{query}{places}{leave_out}");
            let rows = told(app, world, &query).await;
            let expected = plain_count(ways, window, (ends_at, leaves_out));
            assert_eq!(steps(&rows, "step", "visits"), expected, "{query}");
            let left_out = leaves_out.then(|| ways.len() as i64 - expected[0]);
            assert_eq!(rows[0]["left_out"].as_i64(), left_out, "{query}");
        }
    }
}

async fn check(app: &TestApp, world: &World, help: GoalId, ways: &[Way]) {
    let all: Vec<&Way> = ways.iter().collect();
    for minutes in [1, 3, 7, 15, 60, 1440] {
        let window = minutes * MINUTE;
        let query = format!("within={minutes}");
        let rows = told(app, world, &query).await;
        let expected = plain_count(&all, window, PLAIN);
        assert_eq!(steps(&rows, "step", "visits"), expected, "{query}");
        let in_time = rows.iter().all(|row| row["within_ms"] == window);
        assert!(in_time, "{query}");
        check_without(
            app,
            world,
            &format!("{query}&without={help}"),
            (&all, window),
        )
        .await;
    }
    // Narrowed, broken down, and with others beside.
    let (computers, phones): (Vec<_>, Vec<_>) =
        all.iter().enumerate().partition(|it| it.0 % 2 == 0);
    let sides = [computers, phones].map(|side| {
        let ways: Vec<&Way> = side.into_iter().map(|(_, way)| *way).collect();
        plain_count(&ways, 3 * MINUTE, PLAIN)
    });
    let query = "within=3&device=desktop&by=device&beside=device%3Dtouch";
    let rows = told(app, world, query).await;
    assert_eq!(steps(&rows, "step", "visits"), sides[0]);
    assert_eq!(steps(&rows, "group", "visits"), sides[0]);
    assert_eq!(steps(&rows, "step", "beside_visits"), sides[1]);
}

#[actix_web::test]
async fn random_visits_come_as_far_as_a_plain_count_says() {
    let app = TestApp::spawn().await;
    for seed in 1..=3 {
        let (world, help) = world(&app, &format!("World {seed}")).await;
        let mut dice = Dice(seed * 7_919);
        let ways: Vec<Way> = (0..70).map(|_| random_way(&mut dice)).collect();
        for way in ways.iter().enumerate() {
            send(&app, &world, way).await;
        }
        if seed > 1 {
            let later = clock::now() + 60 * MINUTE;
            app.state.settler.settle(later).await.unwrap();
        }
        check(&app, &world, help, &ways).await;
    }
}

async fn delete_events(app: &TestApp, world: &World) -> u64 {
    let tx = app.state.db.begin().await.unwrap();
    let of_site = batch::Column::SiteId.eq(world.site.id);
    let deleted = batch::Entity::delete_many().filter(of_site).exec(&tx).await;
    tx.commit().await.unwrap();
    deleted.unwrap().rows_affected
}

#[actix_web::test]
async fn where_events_are_gone_it_is_still_told_whom_nothing_between_could_keep_back() {
    const S: i64 = 1_000;
    let app = TestApp::spawn().await;
    let (world, help) = world(&app, "Shop").await;
    let ways: [Way; 3] = [
        // What came between decides.
        vec![(0, 0), (30 * S, 3), (60 * S, 1), (90 * S, 2)],
        // Too late for the second step, and for the third, whatever came between.
        vec![(0, 0), (30 * S, 3), (600 * S, 1)],
        vec![(0, 0), (60 * S, 1), (90 * S, 3), (900 * S, 2)],
    ];
    for way in ways.iter().enumerate() {
        send(&app, &world, way).await;
    }
    assert!(delete_events(&app, &world).await >= 3);

    let cases: [(&str, &[usize], &[usize]); 6] = [
        ("", &[1, 2], &[0, 1]),
        ("&leave_out=1", &[1, 2], &[1]),
        ("&before=2", &[1], &[0, 1]),
        ("&before=2&leave_out=1", &[1], &[1]),
        ("&after=2", &[2], &[1, 2]),
        ("&after=2&leave_out=1", &[2], &[1, 2]),
    ];
    for (query, ends_at, known) in cases {
        let known: Vec<&Way> = known.iter().map(|nth| &ways[*nth]).collect();
        let expected = plain_count(&known, 5 * MINUTE, (ends_at, false));
        let rows = told(&app, &world, &format!("within=5&without={help}{query}")).await;
        assert_eq!(steps(&rows, "step", "visits"), expected, "{query}");
        let left_out = query.contains("leave_out").then_some(0);
        assert_eq!(rows[0]["left_out"].as_i64(), left_out, "{query}");
    }
}

#[actix_web::test]
async fn where_events_are_gone_visits_are_left_out_only_where_these_decide() {
    const S: i64 = 1_000;
    let app = TestApp::spawn().await;
    let (world, help) = world(&app, "Shop").await;
    let ways: [Way; 5] = [
        // In time from its only beginning, and too late.
        vec![(0, 0), (60 * S, 1), (90 * S, 2)],
        vec![(0, 0), (60 * S, 1), (900 * S, 2)],
        // From its second beginning, of which no time is kept; and from its first, whatever came then.
        vec![(0, 0), (600 * S, 0), (660 * S, 1)],
        vec![(0, 0), (60 * S, 1), (600 * S, 0)],
        // A step before its turn.
        vec![(0, 1), (10 * S, 0), (20 * S, 1)],
    ];
    for way in ways.iter().enumerate() {
        send(&app, &world, way).await;
    }
    let all: Vec<&Way> = ways.iter().collect();
    let before = told(&app, &world, "within=5").await;
    assert_eq!(
        steps(&before, "step", "visits"),
        plain_count(&all, 5 * MINUTE, PLAIN)
    );

    assert!(delete_events(&app, &world).await >= 5);

    let after = told(&app, &world, "within=5").await;
    let known = [&ways[0], &ways[1], &ways[3]];
    assert_eq!(
        steps(&after, "step", "visits"),
        plain_count(&known, 5 * MINUTE, PLAIN)
    );
    let client = app.owner().await;
    let page = format!(
        "/sites/{}?days=1&within=5&without={help}&beside=all",
        world.site.key
    );
    let text = words(&client.get(&page).await.body);
    assert_reads(
        &text,
        &[
            "Within 5 minutes of the first step ×",
            "Beside: All visits ×",
            "A step counts only when it is reached within 5 minutes of the first one. Each time that a visit reaches the first step, the time begins anew. A visit that reaches “Opened the help” between the first step and the last has to begin again. What it had come to stays, and its best way counts.",
            "why visitors leave, is told where steps count in this order, with anything between them .",
            "2 visits of these days are left out of the steps: when they reached the steps is not known any more, or takes too many events to tell.",
            "On the other side, 2 visits of these days are left out: when they reached the steps is not known any more, or takes too many events to tell.",
        ],
    );
    // It works in order alone.
    let rows = told(&app, &world, "within=5&order=any").await;
    assert!(rows.iter().all(|row| row["within_ms"].is_null()));
    assert_eq!(steps(&rows, "step", "visits")[0], 5);
}

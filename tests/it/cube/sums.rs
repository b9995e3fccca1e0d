//! Sums of visits and of the goals that they reached, against one visit after the other.

use std::collections::BTreeMap;

use exitpoll::{
    db::entity::{OfSite, visit, visit_goal},
    report::{
        signatures::Query,
        sums::{self, GoalRow, PaceRow, StayRow, VisitRow},
    },
    types::Millis,
};
use sea_orm::ConnectionTrait;

use super::says;

type Key = (i32, String, bool, i32);

/// Adds up what stands under the same key; what comes to nothing is none.
fn added<K: Ord, const N: usize>(
    rows: impl Iterator<Item = (K, [i64; N])>,
) -> BTreeMap<K, [i64; N]> {
    let mut sums = BTreeMap::new();
    for (key, row) in rows {
        let sum = sums.entry(key).or_insert([0; N]);
        for (sum, more) in sum.iter_mut().zip(row) {
            *sum += more;
        }
    }
    sums
}

fn of_visit(row: VisitRow) -> (Key, [i64; 5]) {
    let key = (row.day, row.value, row.is_automated, row.version);
    let landmark = [
        row.at_landmark,
        row.at_landmark_converted,
        row.before_landmark,
    ];
    let [at, converted, before] = landmark;
    (key, [row.visits, row.conversions, at, converted, before])
}

fn of_goal(row: GoalRow) -> ((Key, i32), [i64; 7]) {
    let key = (row.day, row.value, row.is_automated, row.version);
    let sums = [
        row.visits,
        row.events,
        row.value_minor,
        row.before_main,
        row.followed,
        row.by_landmark,
        row.by_landmark_converted,
    ];
    ((key, row.bit), sums)
}

/// Quarters of a minute, halves from five minutes on, minutes from a quarter of an hour, five of them from half an hour, and one bin of
/// all beyond two hours.
fn bin(visit: &visit::Model, at: Millis) -> i32 {
    let widths = [(20, 15), (20, 30), (15, 60), (18, 300)];
    let mut ends = vec![0];
    for (n, seconds) in widths {
        for _ in 0..n {
            ends.push(ends.last().unwrap() + seconds * 1_000);
        }
    }
    let bin = ends
        .iter()
        .rposition(|end| *end <= (at - visit.started_at).max(0));
    i32::try_from(bin.unwrap()).unwrap()
}

/// When it converted, or was last seen before.
fn end(visit: &visit::Model) -> i32 {
    let ends = visit.macro_at.into_iter().chain([visit.last_at]);
    bin(visit, ends.min().unwrap())
}

/// Likewise of how long they stayed, and how long it took them to reach goals.
async fn check_stays(
    db: &impl ConnectionTrait,
    visits: &[&visit::Model],
    reached: &[visit_goal::Model],
    query: &Query,
) {
    let macros = |visit: &visit::Model| i64::from(visit.macro_at.is_some());
    let expected = visits.iter().map(|visit| {
        let key = (visit.day, visit.is_automated, visit.funnel_version);
        ((key, end(visit)), [1, macros(visit)])
    });
    let of_stay = |row: StayRow| {
        let key = (row.day, row.is_automated, row.version);
        ((key, row.bin), [row.visits, row.conversions])
    };
    let found = sums::stays(db, query).await.unwrap();
    assert_eq!(
        added(found.into_iter().map(of_stay)),
        added(expected),
        "{query:?}"
    );

    // Every goal is told from the second day on.
    let second = visits.iter().map(|visit| visit.day).min().unwrap_or(0) + 1;
    let told_from: Vec<(i32, i32)> = (0..63).map(|bit| (bit, second)).collect();
    for (told_from, since) in [(&[][..], 0), (&told_from, second)] {
        let told = visits.iter().filter(|visit| visit.day >= since);
        let expected = told.flat_map(|visit| {
            let key = (visit.is_automated, visit.funnel_version);
            let goals = reached.iter().filter(|goal| goal.visit_id == visit.id);
            let goals = goals.map(|goal| (goal.bit, bin(visit, goal.first_at) + 1, end(visit)));
            goals
                .filter(|(_, turn, end)| turn <= end)
                .flat_map(move |(bit, turn, end)| {
                    [
                        ((key, bit, 0, turn), [1, 0]),
                        ((key, bit, 1, end), [1, macros(visit)]),
                    ]
                })
        });
        let of_pace = |row: PaceRow| {
            let key = (row.is_automated, row.version);
            let key = (key, row.bit, row.is_end, row.bin);
            (key, [row.visits, row.conversions])
        };
        let found = sums::paces(db, query, told_from).await.unwrap();
        assert_eq!(
            added(found.into_iter().map(of_pace)),
            added(expected),
            "{query:?}"
        );
    }
}

/// Fails unless what reports read of these visits is what they come to.
pub(super) async fn check(db: &impl ConnectionTrait, visits: &[visit::Model], query: &Query) {
    let query = Query {
        is_ordered: false,
        ..query.clone()
    };
    let reached = visit_goal::Entity::of_site(query.site_id)
        .all(db)
        .await
        .unwrap();
    let asked_for = |visit: &&visit::Model| {
        let mut filters = query.filters.iter();
        let is_wanted = filters.all(|(dimension, value)| says(visit, *dimension) == *value);
        is_wanted && !visit.is_test && visit.pages > 0
    };
    let key = |visit: &visit::Model| {
        let value = query.by.map_or_else(String::new, |by| says(visit, by));
        (visit.day, value, visit.is_automated, visit.funnel_version)
    };
    let counted = |of: bool| i64::from(of);

    let expected = visits.iter().filter(asked_for).map(|visit| {
        let (is_macro, at) = (visit.macro_at.is_some(), visit.landmark == 1);
        let landmark = [at, at && is_macro, visit.landmark == 2].map(counted);
        let [at, converted, before] = landmark;
        (key(visit), [1, counted(is_macro), at, converted, before])
    });
    let found = sums::visits(db, &query).await.unwrap();
    assert_eq!(
        added(found.into_iter().map(of_visit)),
        added(expected),
        "{query:?}"
    );

    let expected = visits.iter().filter(asked_for).flat_map(|visit| {
        let goals = reached.iter().filter(|goal| goal.visit_id == visit.id);
        goals.map(move |goal| {
            let has = |mask: i64| mask >> goal.bit & 1 == 1;
            let (is_macro, is_before) = (visit.macro_at.is_some(), has(visit.mask_before));
            let by_landmark = visit.landmark == 1 && has(visit.mask_landmark);
            let sums = [
                1,
                i64::from(goal.n),
                goal.value_minor,
                counted(is_before),
                counted(is_before && is_macro),
                counted(by_landmark),
                counted(by_landmark && is_macro),
            ];
            ((key(visit), goal.bit), sums)
        })
    });
    let found = sums::goals(db, &query).await.unwrap();
    assert_eq!(
        added(found.into_iter().map(of_goal)),
        added(expected),
        "{query:?}"
    );
    let visits: Vec<_> = visits.iter().filter(asked_for).collect();
    check_stays(db, &visits, &reached, &query).await;
}

//! The funnel from rows that are counted by hand.

use proptest::prelude::*;

use super::*;
use crate::{goal::types::GoalRule, ingest::sums::Kind, report::funnel::Cause, types::ReasonId};

fn goal(bit: u8, value_minor: Option<i64>) -> GoalVersion {
    let rule = GoalRule::event("e");
    GoalVersion {
        bit,
        goal_id: GoalId::new(i64::from(bit)),
        rule,
        value_minor,
        worth_since: 0,
        since_at: 0,
        until_at: None,
    }
}

fn funnel(version: i32, steps: &[u8]) -> FunnelVersion {
    FunnelVersion {
        version,
        steps: steps.to_vec(),
        primary_bit: steps.last().copied(),
        bits: steps.iter().fold(0, |bits, bit| bits | 1 << bit),
        since_at: i64::from(version) * 1_000,
    }
}

/// Each on the first day of two.
fn facts(visits: Vec<VisitRow>) -> Facts {
    facts_by_day(visits.into_iter().map(|row| (1, row)))
}

/// With the day of each; before the first one it is of the period before.
fn facts_by_day(visits: impl IntoIterator<Item = (i32, VisitRow)>) -> Facts {
    let mut facts = Facts {
        definitions: Definitions {
            goals: vec![goal(0, None), goal(1, Some(5_000))],
            funnels: vec![funnel(1, &[0]), funnel(2, &[0, 1])],
        },
        days: vec![1, 2],
        ..Facts::default()
    };
    for (day, row) in visits {
        facts.by_day.push(sums::VisitRow {
            day,
            is_automated: row.automated == 1,
            version: row.funnel_version,
            visits: row.n,
            conversions: i64::from(row.converted) * row.n,
            ..sums::VisitRow::default()
        });
        facts.visits.push(VisitRow {
            present: i32::from(day > 0),
            ..row
        });
    }
    facts
}

fn visits(step: i32, asked: i32, n: i64) -> VisitRow {
    VisitRow {
        funnel_version: 2,
        step,
        converted: i32::from(step == 2),
        asked,
        could: if asked > 0 { vec![1] } else { vec![] },
        n,
        ..VisitRow::default()
    }
}

/// Who answered was offered the first set of reasons.
fn kind(asked: i32) -> Kind {
    Kind {
        version: 2,
        asked,
        could: vec![1],
        answered: if asked == 3 { vec![(1, 100)] } else { vec![] },
        ..Kind::default()
    }
}

#[test]
fn prices_only_those_who_could_be_asked_and_did_not_convert() {
    let reason_id = ReasonId::new(1);
    let reason = ReasonRow {
        present: 1,
        automated: 0,
        kind: kind(3),
        reason_id,
        name: "price".into(),
        is_loss: true,
        n: 20,
    };
    let mut world = facts(vec![
        visits(0, 3, 40),
        visits(0, 2, 60),
        visits(0, 0, 900),
        visits(1, 0, 10),
        visits(2, 0, 30),
        VisitRow {
            converted: 1,
            ..visits(0, 2, 7)
        },
    ]);
    world.reasons.push(reason);
    world.offers.0.insert(1, [reason_id].into());
    world.answered.push(VisitRow {
        present: 1,
        offered: vec![1],
        ..visits(0, 3, 40)
    });
    let answered = KindRow {
        kind: kind(3),
        n: 40,
        ..KindRow::default()
    };
    world.kinds = vec![
        KindRow {
            kind: kind(2),
            n: 67,
            ..answered.clone()
        },
        KindRow {
            reason_id: Some(reason_id),
            n: 20,
            ..answered.clone()
        },
        answered,
    ];

    let report = world.assemble();

    let drop = &report.drops[0];
    assert_eq!(
        (
            drop.left,
            drop.answered,
            drop.silent,
            drop.unreachable,
            drop.converted
        ),
        (Rate::new(1_007, 1_047), 40, 67, 900, 7)
    );
    // 100 lost, half of those who answered name it, 30 of 40 go on from the next step, 50.00 each.
    let up_to = drop.reasons[0].up_to.unwrap();
    assert!((up_to.conversions - 100.0 * 0.5 * 0.75).abs() < 1e-9);
    assert!((up_to.minor.unwrap() - 37.5 * 5_000.0).abs() < 1e-6);
    assert_eq!((drop.lost.visits, drop.lost_unreached.visits), (100, 900));
    let is_fix = |report: &FunnelReport| {
        let mut causes = report.fixes.iter().map(|fix| &fix.cause);
        causes.any(|cause| matches!(cause, Cause::Reason(..)))
    };
    assert!(is_fix(&report));
    world.reasons[0].is_loss = false;
    let found = world.assemble();
    let reason = &found.drops[0].reasons[0];
    assert!(reason.up_to.is_none() && reason.corrected.is_some());
    assert!(!is_fix(&found), "who found what they came for is not lost");
    assert_eq!(report.conversion.unwrap().rate, Rate::new(37, 1_047));
}

#[test]
fn what_comes_to_nothing_has_no_price() {
    let going_on = |converted| VisitRow {
        converted,
        ..visits(1, 0, 60)
    };
    let drops = |converted| {
        let lost = visits(0, 2, 60);
        let world = facts(vec![lost, going_on(converted)]);
        world.assemble().drops
    };

    assert!(drops(1)[0].lost_few.up_to.is_some());
    assert_eq!(drops(0)[0].lost_few.up_to, None);
}

#[test]
fn visits_of_other_steps_are_left_out_and_said_so() {
    let report = facts(vec![
        visits(0, 0, 5),
        VisitRow {
            funnel_version: 1,
            ..visits(1, 0, 3)
        },
    ])
    .assemble();

    assert_eq!(report.steps[0].of_all, Rate::new(5, 5));
    assert_eq!(report.other_steps, 3);
    assert_eq!(report.counts_from, Some(2), "the day after theirs");
}

#[test]
fn versions_with_the_same_steps_count_together_unless_goals_counted_from_their_saving_on() {
    let of = |funnel_version, row| VisitRow {
        funnel_version,
        ..row
    };
    let mut world = facts_by_day([
        (1, visits(1, 0, 5)),
        (1, of(3, visits(1, 0, 4))),
        (2, of(0, visits(0, 0, 2))),
    ]);
    let with_another_goal = FunnelVersion {
        bits: 0b111,
        ..funnel(3, &[0, 1])
    };
    world.definitions.funnels.push(with_another_goal);
    let report = world.assemble();
    assert_eq!(report.steps[0].of_all, Rate::new(9, 9));
    assert_eq!((report.other_steps, report.counts_from), (2, None));

    world.definitions.funnels[1].bits = 0;
    assert_eq!(world.assemble().steps[0].of_all, Rate::new(4, 4));
}

#[test]
fn automated_visits_count_only_when_wanted() {
    let mut world = facts(vec![
        visits(0, 0, 5),
        VisitRow {
            automated: 1,
            ..visits(1, 0, 3)
        },
    ]);
    assert_eq!(
        (
            world.assemble().steps[0].of_all.n,
            world.assemble().automated
        ),
        (5, 3)
    );

    world.with_automated = true;
    assert_eq!(
        (
            world.assemble().steps[0].of_all.n,
            world.assemble().automated
        ),
        (8, 0)
    );
}

#[test]
fn without_goals_there_is_one_band() {
    let report = Facts {
        visits: vec![visits(0, 0, 5)],
        ..Facts::default()
    }
    .assemble();

    assert_eq!(report.steps.len(), 1);
    assert!(report.drops.is_empty() && report.conversion.is_none());
}

fn row() -> impl Strategy<Value = (i32, VisitRow)> {
    let flags = (0..=1_i32, 0..=1_i32, 0..=1_i32, 0..=3_i32);
    (0..=2_i32, 1..=3_i32, 0..=3_i32, flags, 1_i64..1_000).prop_map(
        |(day, funnel_version, step, (converted, _, automated, asked), n)| {
            (
                day,
                VisitRow {
                    present: 0,
                    funnel_version,
                    step,
                    converted,
                    open: 0,
                    automated,
                    asked,
                    value: String::new(),
                    beyond: 0,
                    n,
                    answers: n,
                    offered: vec![],
                    could: vec![],
                },
            )
        },
    )
}

proptest! {
    #[test]
    fn parts_add_up_and_steps_never_grow(rows in proptest::collection::vec(row(), 0..60), with_automated: bool) {
        let report = Facts { with_automated, ..facts_by_day(rows) }.assemble();
        for drop in &report.drops {
            prop_assert_eq!(drop.answered + drop.silent + drop.unasked + drop.unreachable, drop.left.k);
            let [here, next] = [drop.step, drop.step + 1].map(|place| report.steps[place].of_all.k);
            prop_assert_eq!(here - next, drop.left.k);
        }
        if let Some(conversion) = report.conversion {
            let days: i64 = conversion.days.iter().map(|(_, day)| day.n).sum();
            prop_assert_eq!(days, conversion.rate.n);
        }
    }
}

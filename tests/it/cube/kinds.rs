//! Sums of visits that could be asked, against one visit after the other.

use std::collections::{BTreeMap, BTreeSet};

use exitpoll::{
    db::entity::{OfSite, impression, kind_day, visit_goal},
    goal,
    ingest::{
        cube::{ALL, Dimension},
        sums::Kind,
    },
    prompt::{self, types::Offers},
    site::types::Site,
};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{asked::LEADS_PAST, says};
use crate::support::app::TestApp;

/// The numbers of the sets of reasons that the questions of a decision offer, by question.
async fn offered(app: &TestApp, site: &Site, made: &impression::Model) -> BTreeMap<String, i32> {
    let db = &app.state.db.read;
    let Offers(sets) = prompt::store::list_offers(db, site.id).await.unwrap();
    let asked = prompt::store::load_version(db, site.id, made.prompt_id, made.prompt_version).await;
    let mut offered = BTreeMap::new();
    for question in asked.unwrap().design.questions {
        let reasons = question.reasons().collect();
        let same = sets.iter().filter(|(_, set)| **set == reasons);
        let numbers: Vec<i32> = same.map(|(number, _)| *number).collect();
        assert_eq!(numbers.len(), usize::from(!reasons.is_empty()));
        let numbers = numbers.into_iter();
        offered.extend(numbers.map(|number| (question.id.clone(), number)));
    }
    offered
}

/// One visit after the other that could be asked: what the sums of kinds should hold, and what they hold.
pub(super) async fn both(app: &TestApp, site: &Site) -> [BTreeMap<(i32, Kind), [i64; 2]>; 2] {
    let (made, answers) = (app.impressions(site).await, app.answers(site).await);
    let db = &app.state.db.read;
    let definitions = goal::store::load_definitions(db, site.id).await.unwrap();
    let goals = visit_goal::Entity::of_site(site.id).all(db).await.unwrap();
    let mut counted = BTreeMap::new();
    for visit in app.visits(site).await {
        let asked = made
            .iter()
            .filter(|it| it.visit_id == visit.id && it.arm.is_some());
        let asked: Vec<_> = asked.collect();
        let is_answered =
            |it: &&&impression::Model| answers.iter().any(|answer| answer.impression_id == it.id);
        let answered: Vec<_> = asked.iter().filter(is_answered).collect();
        let Some(place) = asked.iter().map(|it| it.funnel_step).min() else {
            continue;
        };
        let became = match (
            answered.len(),
            asked.iter().any(|it| it.arm.as_deref() == Some("shown")),
        ) {
            (0, false) => 1,
            (0, true) => 2,
            _ => 3,
        };
        let (mut could, mut chances) = (BTreeSet::new(), BTreeMap::new());
        for made in &asked {
            let offered = offered(app, site, made).await;
            could.extend(offered.values().copied());
            let chance = (made.probability.unwrap_or(1.0) * 100.0).round() as i32;
            let given = answers.iter().filter(|it| it.impression_id == made.id);
            let said: BTreeMap<&str, Option<f64>> = given
                .map(|it| (it.question_id.as_str(), it.number))
                .collect();
            for (question, number) in &offered {
                // Of the card with three questions low numbers lead past the last one.
                let likely = said.get("q2").copied().flatten();
                let way = match (said.contains_key(question.as_str()), likely) {
                    (true, _) => 'a',
                    (_, Some(likely)) if likely <= f64::from(LEADS_PAST) => 'p',
                    (_, Some(_)) => 's',
                    _ => continue,
                };
                let best = chances.entry(*number).or_insert((way, 0));
                *best = (way.min(best.0), chance.max(best.1));
            }
        }
        let of_way = |wanted: char| -> Vec<i32> {
            let each = chances.iter().filter(|(_, (way, _))| *way == wanted);
            each.map(|(number, _)| *number).collect()
        };
        let answered_with = chances.iter().filter(|(_, (way, _))| *way != 's');
        let answered_with = answered_with.map(|(number, (_, chance))| (*number, *chance));
        let steps = &definitions.funnel(visit.funnel_version).unwrap().steps;
        let of_funnel = steps.iter().fold(0, |bits, bit| bits | 1 << bit);
        let first = asked.iter().map(|it| it.decided_at).min();
        let by_then = goals
            .iter()
            .filter(|goal| goal.visit_id == visit.id && Some(goal.first_at) <= first);
        let reached = by_then.fold(0, |bits, goal| bits | 1 << goal.bit);
        let kind = Kind {
            version: visit.funnel_version,
            step: visit.funnel_step,
            mask: visit.mask_all & of_funnel,
            converted: i32::from(visit.macro_at.is_some()),
            reached: reached & of_funnel,
            place,
            visitor: says(&visit, Dimension::Visitor),
            asked: became,
            could: could.into_iter().collect(),
            answered: answered_with.collect(),
            past: of_way('p'),
            silent: of_way('s'),
            device: visit.device.clone(),
        };
        let sum = counted.entry((visit.day, kind)).or_insert([0; 2]);
        *sum = [sum[0] + 1, sum[1] + answered.len() as i64];
    }
    let rows = kind_day::Entity::of_site(site.id).filter(kind_day::Column::Dim.eq(ALL));
    let stored = rows.all(db).await.unwrap().into_iter().map(|row| {
        let kind = Kind::parse(&row.kind).unwrap();
        ((row.day, kind), [row.visits, row.answers])
    });
    [counted, stored.collect()]
}

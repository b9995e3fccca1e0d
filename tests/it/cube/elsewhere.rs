//! The same figures, made by another program in another language.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use exitpoll::{
    clock::{SECOND, now},
    db::{
        Db,
        entity::{OfSite, batch, funnel, goal_version, visit_goal},
    },
    report::signatures::{self, Query},
    site::types::Site,
};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use super::summed;
use crate::support::app::TestApp;

/// What lies in the journal, and how the site counts: nothing that the project's own fold or cube has made, but for which visit a batch
/// is of.
async fn recorded(db: &Db, site: &Site) -> Value {
    let (batches, rules, funnels) = (
        batch::Entity::of_site(site.id).all(&db.read).await.unwrap(),
        goal_version::Entity::of_site(site.id)
            .all(&db.read)
            .await
            .unwrap(),
        funnel::Entity::of_site(site.id)
            .all(&db.read)
            .await
            .unwrap(),
    );
    let newest = funnels.iter().max_by_key(|funnel| funnel.version).unwrap();
    let batches: Vec<Value> = batches
        .iter()
        .map(|it| json!({"visit": it.visit_id.0.to_string(), "view": it.view_id.0.to_string(), "at": it.view_started_at, "seq": it.first_seq, "body": it.body}))
        .collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|it| json!({"bit": it.bit, "rule": it.rule, "value": it.value_minor}))
        .collect();
    json!({
        "time_zone": site.time_zone, "currency": site.currency, "version": newest.version, "steps": newest.steps, "primary": newest.primary_bit,
        "bits": newest.bits.to_string(), "goals": rules, "batches": batches,
    })
}

/// The same figures, made by a program in another language from the journal alone.
pub(super) async fn check(app: &TestApp, site: &Site) {
    let db = &app.state.db;
    let mut program = Command::new("node")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/independent/cube.mjs"
        ))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed");
    let input = recorded(db, site).await.to_string();
    program
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();

    let mut visits: Vec<Value> = vec![];
    for row in app.visits(site).await {
        let mut goals: Vec<_> = visit_goal::Entity::of_site(site.id)
            .filter(visit_goal::Column::VisitId.eq(row.id))
            .all(&db.read)
            .await
            .unwrap();
        goals.sort_by_key(|goal| goal.bit);
        let goals: Vec<Value> = goals
            .iter()
            .map(|goal| json!([goal.bit, goal.first_at, goal.n, goal.value_minor]))
            .collect();
        visits.push(json!({
            "id": row.id.0.to_string(), "day": row.day, "started_at": row.started_at, "last_at": row.last_at, "pages": row.pages,
            "active_ms": row.active_ms, "entry_path": row.entry_path, "source": row.source, "campaign": row.campaign_name, "variant": row.variant, "load_ms": row.load_ms,
            "mask_all": row.mask_all, "mask_before": row.mask_before, "mask_landmark": row.mask_landmark, "landmark": row.landmark,
            "macro_at": row.macro_at, "funnel_step": row.funnel_step, "path": row.path, "value_minor": row.value_minor, "goals": goals,
        }));
    }
    visits.sort_by_key(|visit| visit["id"].to_string());
    assert_eq!(told["visits"], Value::from(visits));

    let query = Query {
        is_ordered: true,
        ..Query::new(site.id, (20_000_101, 22_000_101), now() - 10 * SECOND)
    };
    let mut cube: Vec<Value> = summed(signatures::load(&db.read, &query).await.unwrap())
        .into_iter()
        .map(
            |((day, _, _, signature), [visits, conversions, value_minor, active_ms])| {
                json!([
                    day,
                    signature.path,
                    signature.mask_before,
                    signature.mask_landmark,
                    visits,
                    conversions,
                    value_minor,
                    active_ms
                ])
            },
        )
        .collect();
    cube.sort_by_key(Value::to_string);
    assert_eq!(told["cube"], Value::from(cube));
}

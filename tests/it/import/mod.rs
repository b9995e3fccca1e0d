//! History of another tool.

mod answers;
mod command;
mod rows;
mod same;

use std::{fs, path::Path};

use exitpoll::{
    clock::MINUTE,
    goal::{
        self,
        types::{GoalRole, GoalRule, GoalStage, NewGoal},
    },
    import::{self, Kind, Request, Say, Summary},
    site::types::Site,
    types::Millis,
};
use tempfile::TempDir;

use crate::support::app::TestApp;

async fn add_goals(app: &TestApp, site: &Site, since: Millis) {
    let goal = |name: &str, role, rule, value_minor| NewGoal {
        name: name.into(),
        role,
        stage: GoalStage::Intent.into(),
        rule,
        value_minor,
        is_listed: true,
        is_key: role.is_key_by_itself(),
        serves: None,
    };
    let (path, form, name) = ("/pricing".into(), "signup".into(), "signed_up");
    let (url, form) = (GoalRule::Url { path }, GoalRule::FormStarted { form });
    let tx = app.state.db.begin().await.unwrap();
    for new in [
        goal("Viewed pricing", GoalRole::Milestone, url, None),
        goal("Started the form", GoalRole::Milestone, form, None),
        goal(
            "Signed up",
            GoalRole::Macro,
            GoalRule::event(name),
            Some(5_000),
        ),
    ] {
        goal::store::insert_goal(&tx, site.id, &new, since)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    app.state.snapshots.forget(site.id);
}

/// Imports a text and returns what came of it, with what was said of rejected rows.
async fn import_from(
    app: &TestApp,
    site: &Site,
    kind: Kind,
    file: &Path,
) -> (Summary, Vec<String>) {
    let request = Request {
        kind,
        file: file.to_owned(),
        site: site.key.to_string(),
    };
    let mut said = vec![];
    let summary = import::run(&app.state.db, &request, &mut |say| {
        if let Say::Rejected(why) = say {
            said.push(why);
        }
    })
    .await
    .unwrap();
    (summary, said)
}

async fn import(app: &TestApp, site: &Site, kind: Kind, text: &str) -> Summary {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("history.csv");
    fs::write(&file, text).unwrap();
    let (summary, said) = import_from(app, site, kind, &file).await;
    assert_eq!(said, [""; 0]);
    summary
}

/// Lines of a file of events: visits of one page view and one event each.
fn history(visits: i64, from: Millis) -> Vec<String> {
    (0..visits)
        .flat_map(|n| {
            let at = from + n * MINUTE;
            [
                format!("v{n},{at},page_view,/pricing"),
                format!("v{n},{},looked,", at + 5_000),
            ]
        })
        .collect()
}

const HEADER: &str = "visit,at,kind,page\n";

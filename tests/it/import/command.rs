//! The command: killed and run again, beside a server, and what it says.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use exitpoll::{
    clock::{self, DAY, MINUTE},
    db::entity::{OfSite, answer, visit},
    import::Kind,
    site::types::Site,
};
use sea_orm::{Database, PaginatorTrait};
use tempfile::TempDir;

use super::{HEADER, history, import};
use crate::support::{app::TestApp, program::Program, prompt::pricing};

/// `exitpoll import` as people run it.
fn program(url: &str, site: &Site, file: &Path) -> Command {
    program_of("events", url, site, file)
}

fn program_of(what: &str, url: &str, site: &Site, file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exitpoll"));
    command
        .args(["import", what, "--site", site.key.as_str()])
        .arg(file)
        .env("DATABASE_URL", url)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
    (output.status.code(), said.concat())
}

#[actix_web::test]
async fn an_import_that_was_killed_goes_on_where_it_was() {
    let mut app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.stop().await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("history.csv");
    let lines = history(6_000, clock::now() - 20 * DAY);
    fs::write(&file, HEADER.to_owned() + &lines.join("\n")).unwrap();
    let url = freed(&app);
    // Not as the program opens it: that would take the lock.
    let db = Database::connect(&url).await.unwrap();
    let count = async || visit::Entity::of_site(site.id).count(&db).await.unwrap();

    let mut killed = program(&url, &site, &file).spawn().unwrap();
    while count().await == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let stored = count().await;
    let (code, said) = run(program(&url, &site, &file));

    assert!(
        (1..6_000).contains(&stored),
        "{stored} of them, which is no middle"
    );
    assert_eq!(code, Some(0), "{said}");
    let summary = format!(
        "{} rows imported ({} visits), {} there already, 0 rejected",
        12_000 - 2 * stored,
        6_000 - stored,
        2 * stored
    );
    assert!(said.contains(&summary), "{said}");
    assert!(said.contains("storing 100 %  12000 rows"), "{said}");
    assert_eq!(count().await, 6_000);
}

#[actix_web::test]
async fn an_import_of_answers_that_was_killed_goes_on_where_it_was() {
    let mut app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.publish(&site, "Pricing", &pricing()).await;
    let from = clock::now() - 20 * DAY;
    let lines = history(800, from);
    import(
        &app,
        &site,
        Kind::Events,
        &(HEADER.to_owned() + &lines.join("\n")),
    )
    .await;
    app.stop().await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("answers.csv");
    let lines = (0..800).map(|n| format!("v{n},{},Pricing,Too dear\n", from + n * MINUTE + 9_000));
    let lines: String = lines.collect();
    fs::write(
        &file,
        "visit,answered_at,prompt,chosen\n".to_owned() + &lines,
    )
    .unwrap();
    let url = freed(&app);
    let db = Database::connect(&url).await.unwrap();
    let count = async || answer::Entity::of_site(site.id).count(&db).await.unwrap();

    let mut killed = program_of("answers", &url, &site, &file).spawn().unwrap();
    while count().await == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let stored = count().await;
    let (code, said) = run(program_of("answers", &url, &site, &file));

    assert!(
        (1..800).contains(&stored),
        "{stored} of them, which is no middle"
    );
    assert_eq!(code, Some(0), "{said}");
    let summary = format!(
        "{} rows imported ({} answers), {stored} there already, 0 rejected",
        800 - stored,
        800 - stored,
    );
    assert!(said.contains(&summary), "{said}");
    assert_eq!(count().await, 800);
}

/// The database, where the test's own process holds it no more: its lock lasts as long as the process.
fn freed(app: &TestApp) -> String {
    let Some(file) = app.database.url.strip_prefix("sqlite:") else {
        return app.database.url.clone();
    };
    let copy = format!("{file}.copy");
    for part in ["", "-wal"] {
        if fs::exists(format!("{file}{part}")).unwrap() {
            fs::copy(format!("{file}{part}"), format!("{copy}{part}")).unwrap();
        }
    }
    format!("sqlite:{copy}")
}

#[actix_web::test]
async fn beside_a_running_server_it_says_what_to_do_or_works() {
    let mut app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.stop().await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("history.csv");
    fs::write(
        &file,
        HEADER.to_owned() + &history(3, clock::now() - DAY).join("\n"),
    )
    .unwrap();
    let url = freed(&app);
    let _server = Program::start_at(&url).await;

    let (code, said) = run(program(&url, &site, &file));

    if url.starts_with("sqlite:") {
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.contains("stop the server, import, and start it again"),
            "{said}"
        );
    } else {
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("6 rows imported (3 visits)"), "{said}");
    }
}

#[actix_web::test]
async fn the_command_says_which_columns_there_are_and_which_one_is_wrong() {
    let mut app = TestApp::spawn().await;
    let site = app.insert_site("Shop").await;
    app.stop().await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("history.csv");
    fs::write(&file, "visit,at,kind,colour\n").unwrap();

    let (code, said) = run(program(&freed(&app), &site, &file));

    assert_eq!(code, Some(1));
    assert!(
        said.contains(
            "the column \"colour\" is not known; the columns of events are visit, at, kind"
        ),
        "{said}"
    );
    let mut help = Command::new(env!("CARGO_BIN_EXE_exitpoll"));
    help.args(["import", "--help"]).stdout(Stdio::piped());
    let (_, help) = run(help);
    let columns: BTreeMap<_, _> = Kind::ALL
        .iter()
        .flat_map(|kind| kind.columns())
        .copied()
        .collect();
    for (name, about) in columns {
        assert!(
            help.contains(name) && help.contains(about),
            "{name}: {help}"
        );
    }
    let rejected = file.with_file_name("bad.csv");
    fs::write(&rejected, format!("{HEADER}a,never,page_view,/")).unwrap();
    let (code, said) = run(program(&freed(&app), &site, &rejected));
    assert_eq!(code, Some(3), "{said}");
    // No terminal: nothing is written over, and each line stands alone.
    assert!(!said.contains('\r'), "{said:?}");
    for line in [
        "line 2: at must be a time",
        "reading 100 %",
        "storing 100 %",
    ] {
        assert!(said.lines().any(|said| said.starts_with(line)), "{said}");
    }
    assert!(said.contains("line 2: at must be a time"), "{said}");
    assert!(
        said.contains("0 rows imported (0 visits), 0 there already, 1 rejected"),
        "{said}"
    );
}

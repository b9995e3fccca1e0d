//! What the program says when it cannot start.

use std::{fs, net::TcpListener, process::Command};

use exitpoll::db;
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

use crate::support::app::{EMAIL, TestApp};

/// Address of a database file in a folder.
fn file_in(folder: &TempDir) -> String {
    format!("sqlite:{}", folder.path().join("exitpoll.db").display())
}

/// What the program says about a database that it cannot use, in its one line.
fn refusal_of(database: &str) -> String {
    let variables = [
        ("EXITPOLL_BIND", "127.0.0.1:0"),
        ("DATABASE_URL", database),
        ("EXITPOLL_LOG", "warn"),
    ];
    let (code, said) = run(&variables);
    assert_eq!((code, said.lines().count()), (1, 1), "{said}");
    said
}

/// Runs the program with these variables and returns its exit code and what it said.
fn run(variables: &[(&str, &str)]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_exitpoll"))
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn taken_port_is_named_in_one_line() {
    let folder = TempDir::new().unwrap();
    let database = format!("sqlite:{}", folder.path().join("exitpoll.db").display());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let bind = taken.local_addr().unwrap().to_string();

    let (code, said) = run(&[
        ("EXITPOLL_BIND", &bind),
        ("DATABASE_URL", &database),
        ("EXITPOLL_LOG", "warn"),
    ]);

    assert_eq!(code, 1);
    assert_eq!(
        said,
        format!(
            "exitpoll: EXITPOLL_BIND: {bind} is in use by another program; stop it or choose another port\n"
        )
    );
}

#[test]
fn wrong_setting_names_the_variable_and_what_would_be_right() {
    let cases = [
        (
            "EXITPOLL_BIND",
            "8080",
            "an address and a port, for example 127.0.0.1:8080",
        ),
        (
            "DATABASE_URL",
            "mysql://root:hunter2@localhost/x",
            "sqlite:<file> or postgres://user:password@host/database",
        ),
        (
            "EXITPOLL_PUBLIC_URL",
            "https://poll.example/path",
            "a scheme and a host without a path, for example https://poll.example.com",
        ),
        (
            "EXITPOLL_TRUSTED_PROXIES",
            "10.0.0.0/99",
            "addresses or networks separated by commas, for example 127.0.0.1, 10.0.0.0/8",
        ),
        (
            "EXITPOLL_RATE_CLIENT_PER_S",
            "0",
            "a whole number from 1 to 4294967295",
        ),
        (
            "EXITPOLL_RATE_SITE_BURST",
            "many",
            "a whole number from 1 to 4294967295",
        ),
        ("EXITPOLL_WEBHOOK_ALLOW_PRIVATE", "yes", "true or false"),
        (
            "EXITPOLL_LOG",
            "loud,=x",
            "error, warn, info, debug, or a filter such as info,exitpoll=debug",
        ),
    ];
    for (variable, value, right) in cases {
        let (code, said) = run(&[(variable, value)]);
        assert_eq!(code, 2, "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            said.starts_with(&format!("exitpoll: {variable} is ")),
            "{said}"
        );
        assert!(said.contains(&format!("it must be {right}")), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn unwritable_folder_is_named() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let inside_a_file = folder.path().join("file/data");

    let said = refusal_of(&format!("sqlite:{}/exitpoll.db", inside_a_file.display()));

    assert!(
        said.contains(&inside_a_file.display().to_string()) && said.contains("cannot be written"),
        "{said}"
    );
}

#[test]
fn file_that_is_no_database_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("exitpoll.db");
    let text = "this is not a database ".repeat(1_000);
    fs::write(&path, &text).unwrap();

    let said = refusal_of(&file_in(&folder));

    assert!(said.contains("not a usable SQLite database"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[actix_web::test]
async fn newer_schema_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let db = db::open(&file_in(&folder)).await.unwrap();
    let tx = db.begin().await.unwrap();
    let later =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_later', 0)";
    tx.execute_unprepared(later).await.unwrap();
    tx.commit().await.unwrap();
    db.close().await.unwrap();
    // This process keeps its lock on the file until it ends; the program finds a copy.
    let copy = TempDir::new().unwrap();
    fs::copy(
        folder.path().join("exitpoll.db"),
        copy.path().join("exitpoll.db"),
    )
    .unwrap();

    let said = refusal_of(&file_in(&copy));

    assert!(
        said.contains("newer exitpoll") && said.contains("m20990101_000001_later"),
        "{said}"
    );
}

#[test]
fn links_are_printed_for_a_database_that_exists_only() {
    for arguments in [&["setup-link"][..], &["reset-password", EMAIL]] {
        let folder = TempDir::new().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_exitpoll"))
            .args(arguments)
            .current_dir(folder.path())
            .env_remove("DATABASE_URL")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();

        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(output.stdout.is_empty());
        let looked_for = folder.path().join("data/exitpoll.db");
        assert!(
            said.contains(&looked_for.display().to_string()) && said.lines().count() == 1,
            "{said}"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[actix_web::test]
async fn links_are_printed_beside_a_running_server() {
    let app = TestApp::spawn().await;
    let print = |arguments: &'static [&'static str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exitpoll"));
        command
            .args(arguments)
            .env("DATABASE_URL", &app.database.url)
            .env("EXITPOLL_PUBLIC_URL", &app.base);
        async move {
            let output = actix_web::rt::task::spawn_blocking(move || command.output().unwrap())
                .await
                .unwrap();
            let (out, err) = (
                String::from_utf8(output.stdout).unwrap(),
                String::from_utf8(output.stderr).unwrap(),
            );
            (output.status.code().unwrap(), out.trim().to_owned(), err)
        }
    };

    let (code, link, note) = print(&["setup-link"]).await;
    assert_eq!(code, 0);
    let from = format!("EXITPOLL_PUBLIC_URL, {}", app.base);
    assert!(note.contains(&from) && note.lines().count() == 1, "{note}");
    let path = link.strip_prefix(&app.base).unwrap();
    assert_eq!(app.anonymous().get(path).await.status, 200);

    app.owner().await;
    let (code, _, said) = print(&["setup-link"]).await;
    assert!(
        code == 1 && said.contains("reset-password") && said.lines().count() == 1,
        "{said}"
    );
    let (code, link, _) = print(&["reset-password", EMAIL]).await;
    assert_eq!(code, 0);
    assert_eq!(
        app.anonymous()
            .get(link.strip_prefix(&app.base).unwrap())
            .await
            .status,
        200
    );
}

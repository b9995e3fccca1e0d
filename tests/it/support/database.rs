//! A fresh database for one test: a SQLite file, or a database of the PostgreSQL server in `TEST_DATABASE_URL`.

use std::{fs, path::Path, time::UNIX_EPOCH};

use exitpoll::{db, secret};
use sea_orm::{ConnectOptions, ConnectionTrait, Database as SeaOrm, DatabaseConnection};
use tempfile::TempDir;

/// Any number: those who make the template wait for each other by it.
const TEMPLATE_LOCK: i64 = 4_711;

/// Goes away with the test.
pub(crate) struct Database {
    /// What `DATABASE_URL` would be.
    pub(crate) url: String,
    admin_url: Option<String>,
    _folder: Option<TempDir>,
}

impl Database {
    /// A fresh, empty one.
    pub(crate) async fn create() -> Self {
        match server() {
            Some(admin_url) => Self::on_server(admin_url, None).await,
            None => Self::in_folder(TempDir::new().unwrap()),
        }
    }

    /// A fresh one with the schema of this build: a copy of what the first test that asks has made, as each migration takes its time.
    pub(crate) async fn migrated() -> Self {
        let template = format!("migrated_{}", build());
        let Some(admin_url) = server() else {
            let template = Path::new(env!("CARGO_TARGET_TMPDIR")).join(template + ".db");
            if !template.exists() {
                make_file(&template).await;
            }
            let made = Self::in_folder(TempDir::new().unwrap());
            fs::copy(&template, made.url.strip_prefix("sqlite:").unwrap()).unwrap();
            return made;
        };
        make_on_server(&admin_url, &template).await;
        Self::on_server(admin_url, Some(&template)).await
    }

    fn in_folder(folder: TempDir) -> Self {
        let url = format!("sqlite:{}", folder.path().join("exitpoll.db").display());
        Self {
            url,
            admin_url: None,
            _folder: Some(folder),
        }
    }

    async fn on_server(admin_url: String, template: Option<&str>) -> Self {
        let name = format!("test_{}", &secret::random_text()[..20]);
        let copied = template.map_or(String::new(), |it| format!(" TEMPLATE {it}"));
        execute(&admin_url, &format!("CREATE DATABASE {name}{copied}")).await;
        Self {
            url: beside(&admin_url, &name),
            admin_url: Some(admin_url),
            _folder: None,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "chooses the engine of a test run"
)]
fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok()
}

/// Another build may have other migrations.
fn build() -> u128 {
    let program = fs::metadata(std::env::current_exe().unwrap()).unwrap();
    let written = program.modified().unwrap().duration_since(UNIX_EPOCH);
    written.unwrap().as_millis()
}

/// Whole or not at all: tests run side by side, each in a process of its own.
async fn make_file(template: &Path) {
    let made = Database::in_folder(TempDir::new_in(template.parent().unwrap()).unwrap());
    db::open(&made.url).await.unwrap().close().await.unwrap();
    fs::rename(made.url.strip_prefix("sqlite:").unwrap(), template).unwrap();
}

async fn make_on_server(admin_url: &str, template: &str) {
    let connection = connect(admin_url).await;
    let run = async |sql: String| connection.execute_unprepared(&sql).await.unwrap();
    run(format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    let found = run(format!(
        "SELECT 1 FROM pg_database WHERE datname = '{template}'"
    ));
    if found.await.rows_affected() == 0 {
        let half = format!("{template}_half");
        run(format!("DROP DATABASE IF EXISTS {half}")).await;
        run(format!("CREATE DATABASE {half}")).await;
        let opened = db::open(&beside(admin_url, &half)).await.unwrap();
        opened.close().await.unwrap();
        run(format!("ALTER DATABASE {half} RENAME TO {template}")).await;
    }
    connection.close().await.unwrap();
}

fn beside(admin_url: &str, name: &str) -> String {
    let mut url = url::Url::parse(admin_url).unwrap();
    url.set_path(name);
    url.into()
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(admin_url) = self.admin_url.take() else {
            return;
        };
        let name = self
            .url
            .rsplit('/')
            .next()
            .unwrap()
            .split('?')
            .next()
            .unwrap()
            .to_owned();
        // A test's own runtime cannot be waited for while it is being left.
        let work = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(execute(
                &admin_url,
                &format!("DROP DATABASE {name} WITH (FORCE)"),
            ));
        });
        work.join().unwrap();
    }
}

/// One session: a lock is held by it.
async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    SeaOrm::connect(options).await.unwrap()
}

async fn execute(url: &str, sql: &str) {
    let connection = connect(url).await;
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

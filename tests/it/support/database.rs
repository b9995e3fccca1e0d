//! A fresh database for one test: a SQLite file, or a database of the PostgreSQL server in `TEST_DATABASE_URL`.

use exitpoll::secret;
use sea_orm::{ConnectionTrait, Database as SeaOrm};
use tempfile::TempDir;

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
        #[expect(
            clippy::disallowed_methods,
            reason = "chooses the engine of a test run"
        )]
        match std::env::var("TEST_DATABASE_URL") {
            Ok(admin_url) => Self::create_on_server(admin_url).await,
            Err(_) => Self::create_file(),
        }
    }

    fn create_file() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("exitpoll.db").display());
        Self {
            url,
            admin_url: None,
            _folder: Some(folder),
        }
    }

    async fn create_on_server(admin_url: String) -> Self {
        let name = format!("test_{}", &secret::random_text()[..20]);
        execute(&admin_url, &format!("CREATE DATABASE {name}")).await;
        let mut url = url::Url::parse(&admin_url).unwrap();
        url.set_path(&name);
        Self {
            url: url.into(),
            admin_url: Some(admin_url),
            _folder: None,
        }
    }
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

async fn execute(url: &str, sql: &str) {
    let connection = SeaOrm::connect(url).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

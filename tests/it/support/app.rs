//! The real server on a port of its own.

use actix_web::{dev::ServerHandle, rt, web::Data};
use clap::Parser;
use exitpoll::{
    clock,
    config::{Cli, Config},
    db, goal,
    server::Server,
    site::{
        self,
        types::{NewSite, Site, SiteKind},
    },
    state::AppState,
};

use super::{client::Client, database::Database};

/// E-mail address of the owner that [`TestApp::owner`] makes.
pub(crate) const EMAIL: &str = "anna@shop.example";
/// The owner's password.
pub(crate) const PASSWORD: &str = "three blue herons";

/// A running service with an empty database. Stops when it goes out of scope.
pub(crate) struct TestApp {
    /// `http://127.0.0.1:<port>`
    pub(crate) base: String,
    /// What its requests reach; for setting up and for looking behind the scenes.
    pub(crate) state: Data<AppState>,
    /// Where its rows are.
    pub(crate) database: Database,
    handle: ServerHandle,
    running: Option<tokio::task::JoinHandle<anyhow::Result<()>>>,
}

impl TestApp {
    /// Starts one with limits that no test meets by chance.
    pub(crate) async fn spawn() -> Self {
        let wide = [
            "--rate-client-per-s",
            "100000",
            "--rate-client-burst",
            "100000",
        ];
        Self::spawn_with(&wide).await
    }

    /// Starts one with further flags of the command line.
    pub(crate) async fn spawn_with(flags: &[&str]) -> Self {
        let database = Database::migrated().await;
        let fixed = [
            "exitpoll",
            "--bind",
            "127.0.0.1:0",
            "--database-url",
            &database.url,
        ];
        let cli = Cli::try_parse_from(fixed.iter().chain(flags)).unwrap();
        let config = Config::try_from(cli.settings).unwrap();
        let db = db::open(&config.database_url).await.unwrap();
        let server = Server::bind(config, db).unwrap();
        let (base, state, handle) = (
            format!("http://127.0.0.1:{}", server.port),
            server.state(),
            server.handle(),
        );
        let running = Some(rt::spawn(server.run()));
        Self {
            base,
            state,
            database,
            handle,
            running,
        }
    }

    /// Stops it as SIGTERM does, and waits until it has ended.
    pub(crate) async fn stop(&mut self) {
        self.handle.stop(true).await;
        self.running.take().unwrap().await.unwrap().unwrap();
    }

    /// Somebody with a browser and no session.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&self.base)
    }

    /// The owner, signed in; the first call makes the account as a person would.
    pub(crate) async fn owner(&self) -> Client {
        let mut client = self.anonymous();
        let form = [("email", EMAIL), ("password", PASSWORD)];
        let reply = client.post_form("/setup", &form).await;
        if reply.location() == "/sign-in" {
            let reply = client.post_form("/sign-in", &form).await;
            assert_eq!(reply.location(), "/", "{}", reply.body);
        }
        client.read_csrf().await;
        client
    }

    /// A site with `https://shop.example` and any localhost port allowed.
    pub(crate) async fn insert_site(&self, name: &str) -> Site {
        self.insert_site_in(name, "Europe/Berlin").await
    }

    /// The same, in another time zone.
    pub(crate) async fn insert_site_in(&self, name: &str, time_zone: &str) -> Site {
        let new = NewSite {
            name: name.to_owned(),
            time_zone: time_zone.to_owned(),
            currency: "EUR".to_owned(),
            kind: SiteKind::Own,
            origins: vec!["https://shop.example".to_owned()],
            allow_localhost: true,
        };
        let tx = self.state.db.begin().await.unwrap();
        let site = site::store::insert_site(&tx, new, clock::now())
            .await
            .unwrap();
        goal::store::start_funnel(&tx, site.id, clock::now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        site
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The command is sent at once; nobody needs to wait for the end.
        drop(self.handle.stop(false));
    }
}

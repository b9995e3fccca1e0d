//! Starts and stops the HTTP server. Tests start the same thing.

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web::Data};
use anyhow::Context;
use tokio::sync::oneshot;
use tracing_actix_web::TracingLogger;

use crate::{
    clock, config::Config, db::Db, ingest::expire::expire, state::AppState, telemetry::RequestSpan,
    web,
};

/// A server that listens but does not yet answer.
pub struct Server {
    /// The port it listens on; useful when the configured one is 0.
    pub port: u16,
    state: Data<AppState>,
    http: actix_web::dev::Server,
}

impl Server {
    /// Takes the port. Nothing is answered before [`Server::run`].
    pub fn bind(config: Config, db: Db) -> anyhow::Result<Self> {
        let listener = listen(&config)?;
        let port = listener
            .local_addr()
            .context("the system does not say which port it gave")?
            .port();
        let state = Data::from(Arc::new(AppState::new(config, db)));
        let shared = state.clone();
        let http = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .wrap(from_fn(web::middleware::boundary))
                .wrap(TracingLogger::<RequestSpan>::new())
                .configure(web::routes)
        })
        .client_request_timeout(Duration::from_secs(5))
        .client_disconnect_timeout(Duration::from_secs(2))
        .keep_alive(Duration::from_secs(15))
        .max_connections(12_000)
        .shutdown_timeout(10)
        .listen(listener)
        .context("the port cannot be listened on")?
        .run();
        Ok(Self { port, state, http })
    }

    /// What requests reach; for printing the first link, and for tests.
    pub fn state(&self) -> Data<AppState> {
        self.state.clone()
    }

    /// Stops the server from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.http.handle()
    }

    /// Answers requests until told to stop (SIGINT, SIGTERM or the handle), then finishes those under way.
    pub async fn run(self) -> anyhow::Result<()> {
        let state = self.state.clone();
        let housekeeping = tokio::spawn(async move {
            let mut every = tokio::time::interval(Duration::from_secs(60));
            loop {
                every.tick().await;
                state.limits.tidy();
                state.accounts.tidy();
                if let Err(error) = state.salts.tidy(clock::now()).await {
                    tracing::warn!(error = %error, "the salt of the day could not be changed");
                }
                if let Err(error) = expire(&state.db, clock::now()).await {
                    tracing::warn!(error = %error, "events that are kept no longer could not be deleted");
                }
            }
        });
        let (stop, stopped) = oneshot::channel();
        let webhooks = tokio::spawn(self.state.webhooks.clone().run(stopped));
        let (stop_recounts, stopped) = oneshot::channel();
        let recounts = tokio::spawn(self.state.recounter.clone().run(stopped));
        let (stop_settler, stopped) = oneshot::channel();
        let settler = tokio::spawn(self.state.settler.clone().run(stopped));
        let (stop_guard, stopped) = oneshot::channel();
        let guard = tokio::spawn(self.state.guard.clone().run(stopped));
        let outcome = self.http.await;
        housekeeping.abort();
        drop((stop, stop_recounts, stop_settler, stop_guard));
        webhooks.await.context("the webhooks failed")?;
        recounts.await.context("the recount failed")?;
        settler.await.context("settling visits failed")?;
        guard.await.context("looking at what asking costs failed")?;
        self.state
            .db
            .clone()
            .close()
            .await
            .context("the database was not closed cleanly")?;
        outcome.context("the server stopped")
    }
}

fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    use std::io::ErrorKind;
    let bind = config.bind;
    TcpListener::bind(bind).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            anyhow::anyhow!(
                "EXITPOLL_BIND: {bind} is in use by another program; stop it or choose another port"
            )
        }
        ErrorKind::PermissionDenied => {
            anyhow::anyhow!(
                "EXITPOLL_BIND: this user may not listen on {bind}; choose a port from 1024 up"
            )
        }
        ErrorKind::AddrNotAvailable => {
            anyhow::anyhow!(
                "EXITPOLL_BIND: this machine has no address {}; use 127.0.0.1 or 0.0.0.0",
                bind.ip()
            )
        }
        _ => anyhow::anyhow!("EXITPOLL_BIND: {bind} cannot be listened on ({error})"),
    })
}

//! The program itself, in a process of its own.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::database::Database;

/// The program as people start it. Killed when it goes out of scope.
pub(crate) struct Program {
    child: Child,
    /// Address and port.
    pub(crate) address: String,
    /// How long it took until it answered.
    pub(crate) started_in: Duration,
}

impl Program {
    /// Starts it with limits that no test meets, and waits until it answers.
    pub(crate) async fn start(database: &Database) -> Self {
        Self::start_with(database, &[], Stdio::inherit()).await
    }

    /// The same for a database that is no test's own.
    pub(crate) async fn start_at(url: &str) -> Self {
        Self::start_as(url, &[], Stdio::inherit()).await
    }

    /// Starts it with further variables. Its log goes to `log`.
    pub(crate) async fn start_with(
        database: &Database,
        variables: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        Self::start_as(&database.url, variables, log).await
    }

    async fn start_as(url: &str, variables: &[(&str, &str)], log: Stdio) -> Self {
        let begun = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_exitpoll"))
            .env("EXITPOLL_BIND", "127.0.0.1:0")
            .env("EXITPOLL_LOG", "error")
            .env("EXITPOLL_RATE_CLIENT_PER_S", "1000000")
            .env("EXITPOLL_RATE_CLIENT_BURST", "1000000")
            .env("EXITPOLL_RATE_SITE_PER_S", "1000000")
            .env("EXITPOLL_RATE_SITE_BURST", "1000000")
            .env("DATABASE_URL", url)
            .envs(variables.iter().copied())
            .stderr(log)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = said
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| {
                line.split_once("http://")
                    .map(|(_, at)| at.trim().to_owned())
            })
            .expect("it says where it listens");
        // Nobody reads on, but the pipe must stay open for what it says later.
        std::thread::spawn(move || said.for_each(drop));
        let health = format!("http://{address}/health");
        while reqwest::get(&health).await.is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "it never answers"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Self {
            child,
            address,
            started_in: begun.elapsed(),
        }
    }

    /// SIGKILL: nothing is flushed, nobody says goodbye.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}

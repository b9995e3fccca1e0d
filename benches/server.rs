//! The real server, as a process of its own.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A server under load.
pub(crate) trait Process {
    /// Its process.
    fn child(&self) -> &Child;
    /// Address and port.
    fn address(&self) -> &str;

    /// User and system time so far, µs.
    fn cpu_us(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child().id())).unwrap();
        // The second field is the name in brackets and may hold spaces.
        let fields: Vec<&str> = stat
            .rsplit_once(") ")
            .unwrap()
            .1
            .split_whitespace()
            .collect();
        let ticks: f64 = [fields[11], fields[12]]
            .iter()
            .map(|text| text.parse::<f64>().unwrap())
            .sum();
        // Linux counts in hundredths of a second on every machine that we serve.
        ticks * 10_000.0
    }

    /// A line of what the system says of its memory, KiB.
    fn status_kib(&self, line: &str) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child().id())).unwrap();
        let line = status.lines().find_map(|it| it.strip_prefix(line)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }
}

/// The real program.
pub(crate) struct Ours(Child, String);

impl Process for Ours {
    fn child(&self) -> &Child {
        &self.0
    }
    fn address(&self) -> &str {
        &self.1
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Ours {
    pub(crate) async fn start(url: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exitpoll"));
        command
            .env("EXITPOLL_BIND", "127.0.0.1:0")
            .env("EXITPOLL_RATE_CLIENT_PER_S", "4000000000")
            .env("EXITPOLL_RATE_CLIENT_BURST", "4000000000")
            .env("EXITPOLL_RATE_SITE_PER_S", "4000000000")
            .env("EXITPOLL_RATE_SITE_BURST", "4000000000")
            .env("DATABASE_URL", url);
        let (child, address) = start(&mut command).await;
        Self(child, address)
    }
}

/// Starts a server that says where it listens, and waits until it answers.
pub(crate) async fn start(command: &mut Command) -> (Child, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = said
        .by_ref()
        .map(Result::unwrap)
        .find_map(|line| {
            line.split_once("http://")
                .map(|(_, at)| at.trim().to_owned())
        })
        .unwrap();
    std::thread::spawn(move || said.for_each(drop));
    while reqwest::get(format!("http://{address}/health"))
        .await
        .is_err()
    {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    (child, address)
}

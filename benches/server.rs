//! The two servers, each a process of its own.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde::Deserialize;

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

    /// Resident memory, MiB.
    fn resident_mib(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child().id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
            / 1024
    }
}

/// The bare handler.
pub(crate) struct Bare(Child, String);

/// The real program.
pub(crate) struct Ours(Child, String);

impl Process for Bare {
    fn child(&self) -> &Child {
        &self.0
    }
    fn address(&self) -> &str {
        &self.1
    }
}

impl Process for Ours {
    fn child(&self) -> &Child {
        &self.0
    }
    fn address(&self) -> &str {
        &self.1
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Bare {
    pub(crate) async fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let (child, address) = start(command.arg("--bare")).await;
        Self(child, address)
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
async fn start(command: &mut Command) -> (Child, String) {
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

/// What the bare handler reads: the same fields, borrowed where that is possible.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    k: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    w: std::borrow::Cow<'a, str>,
    s: i32,
    t: i64,
    #[serde(borrow)]
    e: Vec<Event<'a>>,
}

#[derive(Deserialize)]
struct Event<'a>(
    i64,
    #[serde(borrow)] std::borrow::Cow<'a, str>,
    #[serde(borrow, default)] Option<&'a serde_json::value::RawValue>,
);

async fn parse(body: web::Bytes) -> HttpResponse {
    match serde_json::from_slice::<Body<'_>>(&body) {
        Ok(body) => {
            std::hint::black_box((&body.k, &body.w, body.s, body.t));
            for event in &body.e {
                std::hint::black_box((event.0, &event.1, event.2));
            }
            HttpResponse::NoContent().finish()
        }
        Err(_) => HttpResponse::BadRequest().finish(),
    }
}

/// Answers `/x/i` without doing anything but reading it.
pub(crate) fn serve_bare() {
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(|| App::new().route("/x/i", web::post().to(parse)))
            .bind("127.0.0.1:0")
            .unwrap();
        println!("http://{}", server.addrs().first().unwrap());
        server.run().await.unwrap();
    });
}

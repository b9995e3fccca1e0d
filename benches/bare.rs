//! The bare handler, a process of its own: it only parses the same body.

use std::process::{Child, Command};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde::Deserialize;

use crate::server::{Process, start};

/// The bare handler.
pub(crate) struct Bare(Child, String);

impl Process for Bare {
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

impl Bare {
    pub(crate) async fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let (child, address) = start(command.arg("--bare")).await;
        Self(child, address)
    }
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

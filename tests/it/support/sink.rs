//! Where webhooks lead in tests: a real HTTP server that says what it is told to and passes on what it gets.

use std::{
    collections::VecDeque,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::StatusCode,
    rt,
    web::{Bytes, Data, route},
};
use exitpoll::webhook::types::WebhookSecret;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A message as it came.
#[derive(Debug)]
pub(crate) struct Message {
    /// Path and query that it was sent to.
    pub(crate) path: String,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: String,
}

impl Message {
    /// What names the message.
    pub(crate) fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }

    /// The body as JSON, once the official library has verified the signature.
    pub(crate) fn verified(&self, secret: &WebhookSecret) -> Value {
        assert!(self.is_signed_by(secret), "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether the official library takes the signature.
    pub(crate) fn is_signed_by(&self, secret: &WebhookSecret) -> bool {
        let verifier = standardwebhooks::Webhook::new(secret.as_str()).unwrap();
        verifier.verify(self.body.as_bytes(), &self.headers).is_ok()
    }
}

struct Inner {
    received: UnboundedSender<Message>,
    statuses: Mutex<VecDeque<u16>>,
}

/// The server. Stops when it goes out of scope.
pub(crate) struct Sink {
    /// `http://127.0.0.1:<port>/hook`
    pub(crate) url: String,
    inner: Arc<Inner>,
    messages: UnboundedReceiver<Message>,
    handle: ServerHandle,
}

impl Sink {
    /// One that answers 200.
    pub(crate) fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    /// One on a port that was taken before.
    pub(crate) fn on(listener: TcpListener) -> Self {
        let (received, messages) = unbounded_channel();
        let inner = Arc::new(Inner {
            received,
            statuses: Mutex::default(),
        });
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let shared = Data::from(Arc::clone(&inner));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .default_service(route().to(take))
        })
        .workers(1)
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        rt::spawn(server);
        Self {
            url,
            inner,
            messages,
            handle,
        }
    }

    /// The next messages are answered with these statuses, later ones with 200.
    pub(crate) fn answer_with(&self, statuses: &[u16]) {
        self.inner.statuses.lock().unwrap().extend(statuses);
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Message {
        let next = tokio::time::timeout(Duration::from_secs(20), self.messages.recv()).await;
        next.expect("a message comes").unwrap()
    }

    /// Messages that came and were not looked at.
    pub(crate) fn unread(&self) -> usize {
        self.messages.len()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn take(request: HttpRequest, inner: Data<Inner>, body: Bytes) -> HttpResponse {
    let headers = request.headers().iter().map(|(name, value)| {
        let name: HeaderName = name.as_str().parse().unwrap();
        (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
    });
    let message = Message {
        path: request.uri().to_string(),
        headers: headers.collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let status = inner.statuses.lock().unwrap().pop_front().unwrap_or(200);
    inner.received.send(message).unwrap();
    HttpResponse::build(StatusCode::from_u16(status).unwrap())
        // Must never be followed.
        .insert_header(("location", "http://127.0.0.1:1/elsewhere"))
        .finish()
}

//! The widget, as far as the wire goes: speaks to `/x/i` as a page in a browser does.

use exitpoll::{site::types::Site, types::ViewId};
use serde_json::{Value, json};

use super::{app::TestApp, client::Reply};

/// A desktop browser.
pub(crate) const FIREFOX: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0";
/// Where the site's pages are.
pub(crate) const ORIGIN: &str = "https://shop.example";

/// A browser on a customer's site.
#[derive(Clone)]
pub(crate) struct Widget {
    http: reqwest::Client,
    address: String,
    key: String,
    /// Header `Origin`; empty sends none.
    pub(crate) origin: String,
    /// Header `User-Agent`.
    pub(crate) user_agent: String,
    /// Version of the configuration that it holds.
    pub(crate) config_version: i64,
}

impl Widget {
    /// A browser that has just loaded the site's script.
    pub(crate) fn new(app: &TestApp, site: &Site) -> Self {
        Self {
            http: reqwest::Client::new(),
            address: format!("{}/x/i", app.base),
            key: site.key.to_string(),
            origin: ORIGIN.to_owned(),
            user_agent: FIREFOX.to_owned(),
            config_version: site.config_version,
        }
    }

    /// The same with another user agent: another visitor.
    pub(crate) fn with_user_agent(mut self, user_agent: &str) -> Self {
        self.user_agent = user_agent.to_owned();
        self
    }

    /// A request that is sent as it is.
    pub(crate) async fn post(&self, body: impl Into<reqwest::Body>) -> Reply {
        self.send(self.request().body(body)).await
    }

    /// Prepares a request with headers of one's own.
    pub(crate) fn request(&self) -> reqwest::RequestBuilder {
        let request = self
            .http
            .post(&self.address)
            .header("content-type", "text/plain;charset=UTF-8")
            .header("accept-language", "en-GB,en")
            .header("user-agent", &self.user_agent);
        if self.origin.is_empty() {
            request
        } else {
            request.header("origin", &self.origin)
        }
    }

    /// Sends what was prepared.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    /// A page load that began `age_ms` ago.
    pub(crate) fn view(&self, age_ms: i64) -> View<'_> {
        View {
            widget: self,
            id: ViewId::new(exitpoll::clock::now() - age_ms),
            next: 0,
            age_ms,
            navigation: "navigate",
            test_token: None,
        }
    }

    /// A page load that begins now with a page view.
    pub(crate) async fn open(&self, path: &str, referrer: &str) -> (View<'_>, Value) {
        let mut view = self.view(0);
        let reply = view.send(json!([page(0, path, referrer)])).await;
        (view, reply)
    }
}

/// A page load.
pub(crate) struct View<'a> {
    widget: &'a Widget,
    /// Its id.
    pub(crate) id: ViewId,
    /// Number of the next event.
    pub(crate) next: i32,
    /// How long ago it began, ms: the send time of its requests.
    pub(crate) age_ms: i64,
    /// How it came about.
    pub(crate) navigation: &'static str,
    /// The owner's "ask me again" token.
    pub(crate) test_token: Option<String>,
}

impl View<'_> {
    /// A batch, frozen: the numbers of its events are taken.
    pub(crate) fn batch(&mut self, events: Value) -> Value {
        let mut body = json!({
            "v": 1, "k": self.widget.key, "c": self.widget.config_version,
            "w": self.id.0.to_string(), "s": self.next, "t": self.age_ms,
        });
        if self.next == 0 {
            body["n"] = self.navigation.into();
            body["d"] = "".into();
        }
        if let Some(token) = &self.test_token {
            body["x"] = token.clone().into();
        }
        self.next += i32::try_from(events.as_array().unwrap().len()).unwrap();
        body["e"] = events;
        body
    }

    /// Sends events and expects them to be taken.
    pub(crate) async fn send(&mut self, events: Value) -> Value {
        let batch = self.batch(events);
        self.post(&batch).await
    }

    /// Sends a frozen batch and expects it to be taken.
    pub(crate) async fn post(&self, batch: &Value) -> Value {
        let reply = self.widget.post(batch.to_string()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    }

    /// Says that a moment fired and returns the decision.
    pub(crate) async fn ask(&mut self, prompt: impl ToString, moment: &str) -> Value {
        let event = json!([self.age_ms, "eligible", {"p": prompt.to_string(), "m": moment}]);
        let reply = self.send(json!([event])).await;
        assert_eq!(reply["ask"].as_array().map(Vec::len), Some(1), "{reply}");
        reply["ask"][0].clone()
    }

    /// Sends the state of an answer.
    pub(crate) async fn answer(&self, token: &str, n: i32, done: bool, value: Value) -> Value {
        let answer =
            json!({"i": token, "n": n, "t": self.age_ms, "done": done, "v": {"q1": value}});
        let body = json!({
            "v": 1, "k": self.widget.key, "c": self.widget.config_version,
            "w": self.id.0.to_string(), "s": self.next, "t": self.age_ms, "e": [], "a": [answer],
        });
        self.post(&body).await
    }
}

/// A page view; `referrer` may be empty.
pub(crate) fn page(t: i64, path: &str, referrer: &str) -> Value {
    if referrer.is_empty() {
        json!([t, "page_view", {"u": path}])
    } else {
        json!([t, "page_view", {"u": path, "r": referrer}])
    }
}

/// The page was left.
pub(crate) fn hidden(t: i64) -> Value {
    json!([t, "page_hidden"])
}

/// `exitpoll('track', name)`
pub(crate) fn track(t: i64, name: &str) -> Value {
    json!([t, "track", {"name": name}])
}

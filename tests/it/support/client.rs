//! Somebody with a browser: keeps cookies, follows no redirect, sends forms as our pages do.

use reqwest::{
    RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap, LOCATION},
    redirect::Policy,
};
use url::form_urlencoded;

/// A browser.
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    /// Hidden field of the session's forms; empty before sign-in.
    pub(crate) csrf: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Status code.
    pub(crate) status: u16,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// Body.
    pub(crate) body: String,
}

impl Reply {
    /// A header's text; empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where a redirect leads; empty when it is none.
    pub(crate) fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A form as browsers encode it.
pub(crate) fn encode(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

impl Client {
    /// A browser that has seen nothing yet.
    pub(crate) fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            http,
            base: base.to_owned(),
            csrf: String::new(),
        }
    }

    /// Sends what was prepared with [`Client::request`].
    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    /// Prepares a request with headers of one's own.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.http
            .request(method.parse().unwrap(), format!("{}{path}", self.base))
    }

    /// GET
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path)).await
    }

    /// POST of a form from one of our pages, with the session's proof.
    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("csrf", self.csrf.as_str())])
            .collect();
        let request = self
            .request("POST", path)
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encode(&fields));
        self.send(request).await
    }

    /// Learns the hidden field from a page of the session.
    pub(crate) async fn read_csrf(&mut self) {
        let page = self.get("/sites").await;
        let start = page
            .body
            .split_once("name=\"csrf\" value=\"")
            .expect("a page with a form")
            .1;
        self.csrf = start.split('"').next().unwrap().to_owned();
    }
}

//! Webhooks: what is sent, when and how often, to whom never, and the page about it.

mod admin;
mod reach;
mod retries;
mod sending;

use std::time::Duration;

use exitpoll::{
    clock,
    db::{
        Db,
        entity::{OfSite, webhook_delivery},
    },
    site::types::Site,
    types::PromptId,
    webhook::{store, types::WebhookSecret},
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, SimpleExpr},
};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    prompt::pricing,
    sink::Sink,
    widget::{View, Widget},
};

/// A service that may send to this machine.
pub(super) async fn spawn() -> TestApp {
    let flags = [
        "--rate-client-per-s",
        "100000",
        "--rate-client-burst",
        "100000",
        "--webhook-allow-private",
        "true",
    ];
    TestApp::spawn_with(&flags).await
}

/// A site with a live question and a webhook.
pub(super) async fn set_up(app: &TestApp, sink: &Sink) -> (Site, PromptId, WebhookSecret) {
    let site = app.insert_site("Shop").await;
    let prompt = app.publish(&site, "Pricing", &pricing()).await;
    let secret = insert_webhook(&app.state.db, &site, &sink.url).await;
    (site, prompt, secret)
}

/// A visitor who was asked: the page load, and the token of the card.
pub(super) async fn asked(widget: &Widget, prompt: PromptId) -> (View<'_>, String) {
    let (mut view, _) = widget.open("/pricing?plan=pro", "").await;
    let decision = view.ask(prompt, "exit").await;
    let token = decision["show"]["token"].as_str().expect("is asked");
    let token = token.to_owned();
    (view, token)
}

/// A visitor answers with this comment.
pub(super) async fn answer(app: &TestApp, site: &Site, prompt: PromptId, comment: &str) {
    let widget = Widget::new(app, site).with_user_agent(&format!("Browser of {comment}"));
    let (view, token) = asked(&widget, prompt).await;
    view.answer(&token, 1, true, said(comment)).await;
}

/// The value of an answer.
pub(super) fn said(comment: &str) -> Value {
    json!({"c": ["c1"], "x": comment})
}

/// Gives the site a webhook.
pub(super) async fn insert_webhook(db: &Db, site: &Site, url: &str) -> WebhookSecret {
    let tx = db.begin().await.unwrap();
    let secret = store::insert_webhook(&tx, site.id, url, clock::now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    secret
}

impl TestApp {
    /// Messages of the site, oldest first.
    pub(super) async fn messages(&self, site: &Site) -> Vec<webhook_delivery::Model> {
        webhook_delivery::Entity::of_site(site.id)
            .order_by_asc(webhook_delivery::Column::Id)
            .all(&self.state.db.read)
            .await
            .unwrap()
    }

    /// Waits until the only message of the site is as wanted.
    pub(super) async fn message_when(
        &self,
        site: &Site,
        is_wanted: impl Fn(&webhook_delivery::Model) -> bool,
    ) -> webhook_delivery::Model {
        let all = self
            .messages_when(site, |all| all.len() == 1 && is_wanted(&all[0]))
            .await;
        all.into_iter().next().unwrap()
    }

    /// Waits until the messages of the site are as wanted.
    pub(super) async fn messages_when(
        &self,
        site: &Site,
        are_wanted: impl Fn(&[webhook_delivery::Model]) -> bool,
    ) -> Vec<webhook_delivery::Model> {
        for _ in 0..2_000 {
            let all = self.messages(site).await;
            if are_wanted(&all) {
                return all;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never so: {:#?}", self.messages(site).await);
    }

    /// Sets a column of every message of the site that waits, as if time had passed.
    pub(super) async fn set_waiting(
        &self,
        site: &Site,
        column: webhook_delivery::Column,
        value: impl Into<SimpleExpr>,
    ) {
        let tx = self.state.db.begin().await.unwrap();
        webhook_delivery::Entity::update_many()
            .col_expr(column, value.into())
            .filter(webhook_delivery::Column::SiteId.eq(site.id))
            .filter(webhook_delivery::Column::NextAttemptAt.is_not_null())
            .exec(&tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// What waits is due now.
    pub(super) async fn make_due(&self, site: &Site) {
        let now = Expr::value(clock::now());
        self.set_waiting(site, webhook_delivery::Column::NextAttemptAt, now)
            .await;
    }
}

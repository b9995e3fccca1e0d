//! Every query about webhooks: where to send, what is to be sent, and the log of it.

mod content;
mod outbox;

pub(super) use content::load_content;
pub use outbox::enqueue;
pub(super) use outbox::{claim_due, discard, finish, list_due_sites};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::types::{
    Delivery, DeliveryKind, DeliveryState, KEPT_FOR, OLD_SECRET_FOR, Webhook, WebhookSecret,
};
use crate::{
    db::entity::{OfSite, webhook, webhook_delivery},
    error::{AppError, AppResult},
    types::{DeliveryId, ImpressionId, Millis, SiteId},
};

/// What the log says of messages that were given up because the webhook was switched off.
const SWITCHED_OFF: &str = "The webhook was switched off before it was sent";

/// The webhook of the site, if it has one.
pub async fn find_webhook(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> Result<Option<Webhook>, DbErr> {
    let row = webhook::Entity::of_site(site_id).one(db).await?;
    Ok(row.map(|row| Webhook {
        site_id: row.site_id,
        url: row.url,
        secret: row.secret,
        old_secret: row.old_secret.zip(row.old_secret_until),
        is_enabled: row.is_enabled,
        gone_at: row.gone_at,
    }))
}

/// Gives the site a webhook, switched on. Returns its secret.
pub async fn insert_webhook(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    url: &str,
    at: Millis,
) -> AppResult<WebhookSecret> {
    let secret = WebhookSecret::random();
    webhook::Entity::insert(webhook::ActiveModel {
        site_id: Set(site_id),
        url: Set(url.to_owned()),
        secret: Set(secret.clone()),
        old_secret: Set(None),
        old_secret_until: Set(None),
        is_enabled: Set(true),
        gone_at: Set(None),
        created_at: Set(at),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(secret)
}

/// Changes where to send and whether. What waits is given up when it is switched off.
pub async fn save_webhook(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    url: &str,
    is_enabled: bool,
) -> AppResult<()> {
    let changed = webhook::Entity::update_many()
        .col_expr(webhook::Column::Url, Expr::value(url))
        .col_expr(webhook::Column::IsEnabled, Expr::value(is_enabled))
        .col_expr(webhook::Column::GoneAt, Expr::value(None::<Millis>))
        .filter(webhook::Column::SiteId.eq(site_id))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Err(AppError::NotFound("webhook"));
    }
    if !is_enabled {
        give_up_waiting(tx, site_id).await?;
    }
    Ok(())
}

/// Makes another secret, and keeps the one before it for a day.
pub async fn renew_secret(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    at: Millis,
) -> AppResult<WebhookSecret> {
    let old = find_webhook(tx, site_id)
        .await?
        .ok_or(AppError::NotFound("webhook"))?;
    let secret = WebhookSecret::random();
    let until = at + OLD_SECRET_FOR;
    webhook::Entity::update_many()
        .col_expr(webhook::Column::Secret, Expr::value(secret.clone()))
        .col_expr(webhook::Column::OldSecret, Expr::value(old.secret))
        .col_expr(webhook::Column::OldSecretUntil, Expr::value(until))
        .filter(webhook::Column::SiteId.eq(site_id))
        .exec(tx)
        .await?;
    Ok(secret)
}

/// Removes the webhook with its secret and its log.
pub async fn delete_webhook(tx: &impl ConnectionTrait, site_id: SiteId) -> AppResult<()> {
    webhook_delivery::Entity::delete_many()
        .filter(webhook_delivery::Column::SiteId.eq(site_id))
        .exec(tx)
        .await?;
    let deleted = webhook::Entity::delete_many()
        .filter(webhook::Column::SiteId.eq(site_id))
        .exec(tx)
        .await?;
    if deleted.rows_affected == 0 {
        return Err(AppError::NotFound("webhook"));
    }
    Ok(())
}

/// Removes what is known of messages about an answer that is deleted, or was taken back.
pub async fn forget_answer(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    impression_id: ImpressionId,
) -> Result<(), DbErr> {
    webhook_delivery::Entity::delete_many()
        .filter(webhook_delivery::Column::SiteId.eq(site_id))
        .filter(webhook_delivery::Column::ImpressionId.eq(impression_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that the address wants no more: switched off, and what waits is given up.
pub(super) async fn mark_gone(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    at: Millis,
) -> Result<(), DbErr> {
    webhook::Entity::update_many()
        .col_expr(webhook::Column::IsEnabled, Expr::value(false))
        .col_expr(webhook::Column::GoneAt, Expr::value(at))
        .filter(webhook::Column::SiteId.eq(site_id))
        .exec(tx)
        .await?;
    give_up_waiting(tx, site_id).await
}

/// Gives up what waits: nothing may arrive days after it was switched off.
pub(super) async fn give_up_waiting(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
) -> Result<(), DbErr> {
    use webhook_delivery::Column;
    webhook_delivery::Entity::update_many()
        .col_expr(Column::State, Expr::value(DeliveryState::Failed.as_str()))
        .col_expr(Column::NextAttemptAt, Expr::value(None::<Millis>))
        .col_expr(Column::LastError, Expr::value(SWITCHED_OFF))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::State.eq(DeliveryState::Waiting.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The newest messages. Answers in part that may still be completed are none yet.
pub async fn list_deliveries(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    limit: u64,
) -> AppResult<Vec<Delivery>> {
    use webhook_delivery::Column;
    let is_told = Column::Kind
        .ne(DeliveryKind::Partial.as_str())
        .or(Column::Attempts.gt(0))
        .or(Column::State.ne(DeliveryState::Waiting.as_str()));
    let rows = webhook_delivery::Entity::of_site(site_id)
        .filter(is_told)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(delivery_of).collect()
}

/// One message of the site.
pub async fn find_delivery(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    id: DeliveryId,
) -> AppResult<Delivery> {
    let row = webhook_delivery::Entity::of_site(site_id)
        .filter(webhook_delivery::Column::Id.eq(id))
        .one(db)
        .await?;
    delivery_of(row.ok_or(AppError::NotFound("message"))?)
}

/// Has a message that failed sent again, from the first attempt on.
pub async fn send_again(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: DeliveryId,
    at: Millis,
) -> AppResult<()> {
    use webhook_delivery::Column;
    let changed = webhook_delivery::Entity::update_many()
        .col_expr(Column::State, Expr::value(DeliveryState::Waiting.as_str()))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NextAttemptAt, Expr::value(at))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(DeliveryState::Failed.as_str()))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Err(AppError::Conflict(
            "this message is not one that failed; reload the page to see how far it is".into(),
        ));
    }
    Ok(())
}

/// Adds a message that its maker sends at once: nobody else may before that attempt is over.
pub(super) async fn insert_claimed(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    kind: DeliveryKind,
    body: String,
    at: Millis,
) -> AppResult<Delivery> {
    let id = DeliveryId::new(at);
    let row = webhook_delivery::ActiveModel {
        kind: Set(kind.as_str().to_owned()),
        body: Set(Some(body)),
        attempts: Set(1),
        next_attempt_at: Set(Some(at + outbox::LEASE)),
        last_attempt_at: Set(Some(at)),
        ..outbox::new_row(site_id, id, at)
    };
    webhook_delivery::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    find_delivery(tx, site_id, id).await
}

/// Removes messages that the log need not show any more.
pub async fn prune(tx: &impl ConnectionTrait, now: Millis) -> Result<u64, DbErr> {
    let deleted = webhook_delivery::Entity::delete_many()
        .filter(webhook_delivery::Column::CreatedAt.lt(now - KEPT_FOR))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected)
}

fn delivery_of(row: webhook_delivery::Model) -> AppResult<Delivery> {
    let unknown = |text: &str| anyhow::anyhow!("stored {text:?} is not known to this release");
    Ok(Delivery {
        site_id: row.site_id,
        id: row.id,
        kind: DeliveryKind::parse(&row.kind).ok_or_else(|| unknown(&row.kind))?,
        impression_id: row.impression_id,
        answer_seq: row.answer_seq,
        body: row.body,
        state: DeliveryState::parse(&row.state).ok_or_else(|| unknown(&row.state))?,
        attempts: row.attempts,
        next_attempt_at: row.next_attempt_at,
        last_attempt_at: row.last_attempt_at,
        last_ms: row.last_ms,
        last_status: row.last_status,
        last_error: row.last_error,
        created_at: row.created_at,
    })
}

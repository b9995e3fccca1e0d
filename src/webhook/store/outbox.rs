//! The outbox: a message is noted in the commit that stores the answer, claimed by one node at a time, and settled.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict},
};

use super::{super::types::retry_after, delivery_of, find_webhook, mark_gone};
use crate::{
    answer::record::NewAnswer,
    clock::MINUTE,
    db::entity::{
        OfSite,
        webhook_delivery::{ActiveModel, Column, Entity},
    },
    error::AppResult,
    secret,
    types::{DeliveryId, Millis, SiteId},
    webhook::types::{Delivery, DeliveryKind, DeliveryState, Outcome, PARTIAL_AFTER},
};

/// How long a message belongs to the node that took it; longer than any attempt. Should the node die, it is due again then.
pub(super) const LEASE: Millis = MINUTE;

/// A message that waits, before anything is known of it.
pub(super) fn new_row(site_id: SiteId, id: DeliveryId, at: Millis) -> ActiveModel {
    ActiveModel {
        site_id: Set(site_id),
        id: Set(id),
        state: Set(DeliveryState::Waiting.as_str().to_owned()),
        attempts: Set(0),
        impression_id: Set(None),
        answer_seq: Set(None),
        body: Set(None),
        created_at: Set(at),
        ..Default::default()
    }
}

/// Notes that a new state of an answer was stored, in the transaction that stores it. Nothing, unless the site has a webhook.
///
/// A complete answer is due at once, one in part when it has been left alone for half an hour; an older state that waits is not told.
pub async fn enqueue(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    answer: &NewAnswer,
) -> Result<(), DbErr> {
    let is_wanted = find_webhook(tx, site_id)
        .await?
        .is_some_and(|webhook| webhook.is_enabled);
    if !is_wanted {
        return Ok(());
    }
    let impression_id = answer.token.impression_id;
    Entity::delete_many()
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::ImpressionId.eq(impression_id))
        .filter(Column::State.eq(DeliveryState::Waiting.as_str()))
        .filter(Column::Attempts.eq(0))
        .exec(tx)
        .await?;
    let (kind, due_at) = match answer.is_complete {
        true => (DeliveryKind::Completed, answer.received_at),
        false => (DeliveryKind::Partial, answer.received_at + PARTIAL_AFTER),
    };
    let row = ActiveModel {
        kind: Set(kind.as_str().to_owned()),
        impression_id: Set(Some(impression_id)),
        answer_seq: Set(Some(answer.seq)),
        next_attempt_at: Set(Some(due_at)),
        ..new_row(site_id, DeliveryId::new(due_at), due_at)
    };
    Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The sites that have something to be sent.
pub(in crate::webhook) async fn list_due_sites(
    db: &impl ConnectionTrait,
    now: Millis,
) -> Result<Vec<SiteId>, DbErr> {
    due_sites(now).into_tuple().all(db).await
}

fn due_sites(now: Millis) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::SiteId)
        .distinct()
        .filter(Column::NextAttemptAt.lte(now))
}

fn due_of(site_id: SiteId, now: Millis) -> Select<Entity> {
    Entity::of_site(site_id)
        .filter(Column::NextAttemptAt.lte(now))
        .order_by_asc(Column::NextAttemptAt)
}

/// Takes messages that are due, the longest waiting first. Another node passes over them until the lease is over.
pub(in crate::webhook) async fn claim_due(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    now: Millis,
    limit: u64,
) -> AppResult<Vec<Delivery>> {
    let due = due_of(site_id, now)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::NextAttemptAt, Expr::value(now + LEASE))
        .col_expr(Column::LastAttemptAt, Expr::value(now))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::Id.is_in(due.iter().map(|row| row.id)))
        .exec(tx)
        .await?;
    let claimed = due.into_iter().map(|mut row| {
        row.attempts += 1;
        delivery_of(row)
    });
    claimed.collect()
}

/// Removes a message that no longer says what is stored.
pub(in crate::webhook) async fn discard(
    tx: &impl ConnectionTrait,
    delivery: &Delivery,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::SiteId.eq(delivery.site_id))
        .filter(Column::Id.eq(delivery.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes what came of an attempt. Nothing, when the message was taken by another node meanwhile, or removed.
pub(in crate::webhook) async fn finish(
    tx: &impl ConnectionTrait,
    claimed: &Delivery,
    body: &str,
    outcome: &Outcome,
    took_ms: Millis,
    now: Millis,
) -> Result<(), DbErr> {
    let is_last = claimed.kind == DeliveryKind::Test || outcome.is_gone();
    let wait = retry_after(claimed.attempts, secret::random_share()).filter(|_| !is_last);
    let (state, next) = match wait {
        _ if outcome.is_taken() => (DeliveryState::Delivered, None),
        Some(wait) => (DeliveryState::Waiting, Some(now + wait)),
        None => (DeliveryState::Failed, None),
    };
    // What was taken need not be kept twice.
    let kept = (state != DeliveryState::Delivered).then_some(body);
    let delivered_at = outcome.is_taken().then_some(now);
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::NextAttemptAt, Expr::value(next))
        .col_expr(Column::Body, Expr::value(kept))
        .col_expr(
            Column::LastStatus,
            Expr::value(outcome.status().map(i32::from)),
        )
        .col_expr(Column::LastError, Expr::value(outcome.trouble()))
        .col_expr(Column::LastMs, Expr::value(took_ms))
        .col_expr(Column::DeliveredAt, Expr::value(delivered_at))
        .filter(Column::SiteId.eq(claimed.site_id))
        .filter(Column::Id.eq(claimed.id))
        .filter(Column::State.eq(DeliveryState::Waiting.as_str()))
        .filter(Column::Attempts.eq(claimed.attempts))
        .exec(tx)
        .await?;
    if outcome.is_gone() {
        mark_gone(tx, claimed.site_id, now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, QueryTrait};

    use super::*;
    use crate::db;

    #[tokio::test]
    async fn what_is_due_is_found_among_what_waits_alone() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("plans.db").display());
        let db = db::open(&url).await.unwrap();

        for query in [due_sites(1), due_of(SiteId(1), 1)] {
            let mut statement = query.build(DbBackend::Sqlite);
            statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
            let rows = db.read.query_all_raw(statement).await.unwrap();
            let plan: Vec<String> = rows
                .iter()
                .map(|row| row.try_get("", "detail").unwrap())
                .collect();
            assert!(plan.len() == 1, "{plan:?}");
            assert!(plan[0].contains("webhook_deliveries_due"), "{plan:?}");
        }
    }
}

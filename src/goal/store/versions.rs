//! What goals meant, each in one of the places that a site has for it: a rule that counts otherwise takes another place.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::funnel::next_version;
use crate::{
    db::entity::{
        OfSite, goal,
        goal_version::{ActiveModel, Column, Entity, Model},
    },
    error::{AppResult, FieldErrors},
    goal::types::{GoalRule, GoalVersion, NewGoal},
    site::types::currency_exponent,
    types::{GoalId, Millis, SiteId},
};

/// Goal versions that a site can have: the bits of a mask of 64 signed bits, with room to spare.
pub const PLACES: i32 = 62;

/// Every goal version of the site, by its bit.
pub(super) async fn list_versions(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<Vec<GoalVersion>> {
    let rows = Entity::of_site(site_id)
        .order_by_asc(Column::Bit)
        .all(db)
        .await?;
    rows.iter().map(version_of).collect()
}

/// How many goal versions the site can still add; never more than [`PLACES`].
pub async fn places_left(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<i32> {
    Ok(PLACES - next_bit(&list_versions(db, site_id).await?))
}

fn next_bit(versions: &[GoalVersion]) -> i32 {
    let last = versions.last();
    last.map_or(0, |version| i32::from(version.bit) + 1)
}

pub(super) fn version_of(row: &Model) -> AppResult<GoalVersion> {
    Ok(GoalVersion {
        bit: bit_of(row.bit)?,
        goal_id: row.goal_id,
        rule: serde_json::from_str(&row.rule).map_err(anyhow::Error::from)?,
        value_minor: row.value_minor,
        worth_since: row.worth_since,
        since_at: row.since_at,
        until_at: row.until_at,
    })
}

/// A stored bit as the small number that it is.
pub(super) fn bit_of(stored: i32) -> AppResult<u8> {
    Ok(u8::try_from(stored).map_err(anyhow::Error::from)?)
}

/// Begins a version of the goal. It takes the bit under which the goal counted the same before, else a new one.
pub(super) async fn insert_version(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: GoalId,
    new: &NewGoal,
    at: Millis,
) -> AppResult<()> {
    let versions = list_versions(tx, site_id).await?;
    let before = versions
        .iter()
        .find(|old| old.goal_id == goal_id && old.rule.counts_like(&new.rule));
    let bit = before.map_or(next_bit(&versions), |old| i32::from(old.bit));
    if bit >= PLACES {
        return Err(no_place().into());
    }
    let row = ActiveModel {
        site_id: Set(site_id),
        bit: Set(bit),
        goal_id: Set(goal_id),
        rule: Set(stored(&new.rule)?),
        value_minor: Set(new.value_minor),
        since_at: Set(at),
        until_at: Set(None),
        worth_since: Set(next_version(tx, site_id).await?),
    };
    let again = OnConflict::columns([Column::SiteId, Column::Bit])
        .update_columns([
            Column::Rule,
            Column::ValueMinor,
            Column::SinceAt,
            Column::UntilAt,
            Column::WorthSince,
        ])
        .to_owned();
    Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

fn no_place() -> FieldErrors {
    FieldErrors::one(
        "kind",
        format!(
            "All {PLACES} places of this site for what it counts are taken: each rule keeps its own, also after it was changed or ended. \
             Names, values and the order need none, and a goal that goes back to a rule of its own, or is added again as it ended, takes the old one."
        ),
    )
}

/// The goal that ended while its rule counted what this one does; the one that ended last.
pub(super) async fn find_ended(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    rule: &GoalRule,
) -> AppResult<Option<GoalId>> {
    let ended = goal::Entity::of_site(site_id)
        .filter(goal::Column::ArchivedAt.is_not_null())
        .order_by_desc(goal::Column::ArchivedAt)
        .all(tx)
        .await?;
    let versions = list_versions(tx, site_id).await?;
    let meant = |row: &goal::Model| {
        let mut its = versions.iter().filter(|version| version.goal_id == row.id);
        its.any(|last| last.until_at == row.archived_at && last.rule.counts_like(rule))
    };
    Ok(ended.into_iter().find(meant).map(|row| row.id))
}

/// Changes the current version, whose rule counts the same as before. Where its worth is another one, all visits are to be counted again.
pub(super) async fn keep_version(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    old: &GoalVersion,
    new: &NewGoal,
) -> AppResult<()> {
    let worth_since = match old.value_minor == new.value_minor {
        true => old.worth_since,
        false => next_version(tx, site_id).await?,
    };
    Entity::update_many()
        .col_expr(Column::Rule, Expr::value(stored(&new.rule)?))
        .col_expr(Column::ValueMinor, Expr::value(new.value_minor))
        .col_expr(Column::WorthSince, Expr::value(worth_since))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::Bit.eq(i32::from(old.bit)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends what the goal means.
pub(super) async fn end_version(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    goal_id: GoalId,
    at: Millis,
) -> AppResult<()> {
    Entity::update_many()
        .col_expr(Column::UntilAt, Expr::value(Some(at)))
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::GoalId.eq(goal_id))
        .filter(Column::UntilAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Has all goals be worth the same number of another currency, rounded where that one has fewer digits. All visits are to be counted again.
pub async fn rename_currency(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    from: &str,
    to: &str,
) -> AppResult<()> {
    let unit = |currency| 10_i64.pow(currency_exponent(currency));
    let (old, new) = (unit(from), unit(to));
    // Whole numbers: both engines cut off what is behind them.
    let rounded = Expr::col(Column::ValueMinor).mul(new).add(old / 2).div(old);
    Entity::update_many()
        .col_expr(Column::ValueMinor, rounded)
        .col_expr(
            Column::WorthSince,
            Expr::value(next_version(tx, site_id).await?),
        )
        .filter(Column::SiteId.eq(site_id))
        .exec(tx)
        .await?;
    Ok(())
}

fn stored(rule: &GoalRule) -> AppResult<String> {
    Ok(serde_json::to_string(rule).map_err(anyhow::Error::from)?)
}

//! Versions of what a site counts: a new one whenever a bit, the steps or the primary macro changes.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder};

use super::{list_goals, recount, versions::bit_of};
use crate::{
    db::entity::{OfSite, funnel},
    error::AppResult,
    goal::types::{FunnelVersion, Goal},
    types::{Millis, SiteId},
};

/// The first funnel of a new site: all visits, and no step yet.
pub async fn start_funnel(tx: &impl ConnectionTrait, site_id: SiteId, at: Millis) -> AppResult<()> {
    insert_funnel(
        tx,
        site_id,
        &FunnelVersion {
            version: 1,
            steps: vec![],
            primary_bit: None,
            bits: 0,
            since_at: at,
        },
    )
    .await
}

/// Every funnel of the site, oldest first.
pub(super) async fn list_funnels(
    db: &impl ConnectionTrait,
    site_id: SiteId,
) -> AppResult<Vec<FunnelVersion>> {
    let rows = funnel::Entity::of_site(site_id)
        .order_by_asc(funnel::Column::Version)
        .all(db)
        .await?;
    rows.iter().map(funnel_of).collect()
}

/// Number of the version that the next change begins.
pub(super) async fn next_version(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<i32> {
    let current = list_funnels(db, site_id).await?.pop();
    Ok(current.map_or(1, |current| current.version + 1))
}

/// Starts a new version, by which all visits are counted again, if the goals are now others than in the current one.
pub(super) async fn refresh_funnel(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    at: Millis,
) -> AppResult<()> {
    let next = next_funnel(tx, site_id, at).await?;
    let current = list_funnels(tx, site_id).await?.pop();
    if current.as_ref().is_some_and(|current| {
        current.steps == next.steps
            && current.primary_bit == next.primary_bit
            && current.bits == next.bits
    }) {
        return Ok(());
    }
    begin(tx, site_id, &next).await
}

/// Has all visits counted again as a version of their own, whether or not the goals are others: something that visits are counted
/// by changed.
pub async fn count_again(tx: &impl ConnectionTrait, site_id: SiteId, at: Millis) -> AppResult<()> {
    let next = next_funnel(tx, site_id, at).await?;
    begin(tx, site_id, &next).await
}

async fn begin(tx: &impl ConnectionTrait, site_id: SiteId, next: &FunnelVersion) -> AppResult<()> {
    insert_funnel(tx, site_id, next).await?;
    recount::begin(tx, site_id, next.version, next.since_at).await
}

/// What the goals are now, as the next version.
async fn next_funnel(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    at: Millis,
) -> AppResult<FunnelVersion> {
    let goals = list_goals(db, site_id).await?;
    let (steps, primary_bit) = steps_of(&goals);
    Ok(FunnelVersion {
        version: next_version(db, site_id).await?,
        steps,
        primary_bit,
        bits: goals
            .iter()
            .fold(0, |bits, goal| bits | 1 << goal.current.bit),
        since_at: at,
    })
}

/// Bits of the steps in order, then that of the primary macro.
fn steps_of(goals: &[Goal]) -> (Vec<u8>, Option<u8>) {
    let mut milestones: Vec<_> = goals
        .iter()
        .filter_map(|goal| Some((goal.funnel_position?, goal.current.bit)))
        .collect();
    milestones.sort_unstable();
    let primary = goals
        .iter()
        .find(|goal| goal.is_primary)
        .map(|goal| goal.current.bit);
    (
        milestones
            .into_iter()
            .map(|(_, bit)| bit)
            .chain(primary)
            .collect(),
        primary,
    )
}

fn funnel_of(row: &funnel::Model) -> AppResult<FunnelVersion> {
    Ok(FunnelVersion {
        version: row.version,
        steps: serde_json::from_str(&row.steps).map_err(anyhow::Error::from)?,
        primary_bit: row.primary_bit.map(bit_of).transpose()?,
        bits: row.bits,
        since_at: row.since_at,
    })
}

async fn insert_funnel(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    new: &FunnelVersion,
) -> AppResult<()> {
    funnel::Entity::insert(funnel::ActiveModel {
        site_id: Set(site_id),
        version: Set(new.version),
        steps: Set(serde_json::to_string(&new.steps).map_err(anyhow::Error::from)?),
        primary_bit: Set(new.primary_bit.map(i32::from)),
        since_at: Set(new.since_at),
        bits: Set(new.bits),
        step_bits: Set(new.steps.iter().fold(0, |bits, bit| bits | 1 << bit)),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

//! When questions were paused by themselves, and with which figures.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};

use super::Pause;
use crate::{
    db::entity::{OfSite, harm_pause},
    error::AppResult,
    ingest::VISIT_GAP,
    report::prompt::Effect,
    stats::Rate,
    types::{PromptId, SiteId},
};

/// Notes that it was paused.
pub(super) async fn note(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    pause: &Pause,
) -> AppResult<()> {
    let effect = &pause.effect;
    harm_pause::Entity::insert(harm_pause::ActiveModel {
        site_id: Set(site_id),
        prompt_id: Set(id),
        at: Set(pause.at),
        since: Set(effect.since),
        goal: Set(pause.goal.clone()),
        percent: Set(effect.percent.into()),
        asked: Set(effect.asked.n),
        asked_reached: Set(effect.asked.k),
        unasked: Set(effect.unasked.n),
        unasked_reached: Set(effect.unasked.k),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// The last time that it was; while that share of the visits was left unasked, percent, if one is named.
pub(super) async fn newest(
    db: &impl ConnectionTrait,
    site_id: SiteId,
    id: PromptId,
    percent: Option<u8>,
) -> AppResult<Option<Pause>> {
    let mut pauses =
        harm_pause::Entity::of_site(site_id).filter(harm_pause::Column::PromptId.eq(id));
    if let Some(percent) = percent {
        pauses = pauses.filter(harm_pause::Column::Percent.eq(i32::from(percent)));
    }
    let row = pauses.order_by_desc(harm_pause::Column::At).one(db).await?;
    Ok(row.map(|row| Pause {
        at: row.at,
        goal: row.goal,
        effect: Effect {
            percent: u8::try_from(row.percent).unwrap_or_default(),
            since: row.since,
            until: row.at - VISIT_GAP,
            asked: Rate::new(row.asked_reached, row.asked),
            unasked: Rate::new(row.unasked_reached, row.unasked),
            reached_before: 0,
            others: 0,
        },
    }))
}

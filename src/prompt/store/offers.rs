//! Which reasons the questions of each version offer: of the visits that answered one, those who could name a reason.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};

use crate::{
    db::entity::{OfSite, offer, site},
    error::AppResult,
    prompt::types::{Design, Offers},
    types::{PromptId, ReasonId, SiteId},
};

/// All sets of reasons that questions of the site offer, or have offered.
pub async fn list_offers(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Offers> {
    let mut offers = BTreeMap::new();
    for (number, reasons) in known(db, site_id).await? {
        offers.insert(number, from_json(&reasons)?);
    }
    Ok(Offers(offers))
}

/// Notes what the questions of a new version offer. Sets of the same reasons have the same number.
pub async fn insert_offers(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    prompt_id: PromptId,
    version: i32,
    design: &Design,
) -> AppResult<()> {
    // Two that publish at once must not give one number to two sets.
    site::Entity::find_by_id(site_id)
        .lock_exclusive()
        .one(tx)
        .await?;
    let mut known = known(tx, site_id).await?;
    let mut rows = vec![];
    for question in &design.questions {
        let reasons: BTreeSet<ReasonId> = question.reasons().collect();
        if reasons.is_empty() {
            continue;
        }
        let reasons = to_json(&reasons)?;
        let same = known.iter().find(|(_, other)| **other == reasons);
        let next = known.last_key_value().map_or(1, |(last, _)| last + 1);
        let number = same.map_or(next, |(number, _)| *number);
        known.insert(number, reasons.clone());
        rows.push(offer::ActiveModel {
            site_id: Set(site_id),
            prompt_id: Set(prompt_id),
            version: Set(version),
            question_id: Set(question.id.clone()),
            number: Set(number),
            reasons: Set(reasons),
        });
    }
    if !rows.is_empty() {
        offer::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Points every set at another reason. It keeps its number, by which visits that are summed up tell it.
pub(super) async fn replace_reason(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    from: ReasonId,
    into: ReasonId,
) -> AppResult<()> {
    for (number, reasons) in known(tx, site_id).await? {
        let mut reasons = from_json(&reasons)?;
        if !reasons.remove(&from) {
            continue;
        }
        reasons.insert(into);
        offer::Entity::update_many()
            .col_expr(offer::Column::Reasons, Expr::value(to_json(&reasons)?))
            .filter(offer::Column::SiteId.eq(site_id))
            .filter(offer::Column::Number.eq(number))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The sets by their numbers, as they are stored.
async fn known(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<BTreeMap<i32, String>> {
    let sets: Vec<(i32, String)> = offer::Entity::of_site(site_id)
        .select_only()
        .columns([offer::Column::Number, offer::Column::Reasons])
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    Ok(sets.into_iter().collect())
}

fn to_json(reasons: &BTreeSet<ReasonId>) -> AppResult<String> {
    Ok(serde_json::to_string(reasons).map_err(anyhow::Error::from)?)
}

fn from_json(text: &str) -> AppResult<BTreeSet<ReasonId>> {
    Ok(serde_json::from_str(text).map_err(anyhow::Error::from)?)
}

//! Every query about reasons.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::types::{Reason, is_same_name};
use crate::{
    db::entity::{OfSite, reason},
    error::{AppError, AppResult, FieldErrors},
    types::{Millis, ReasonId, SiteId},
};

/// The site's codebook, by name.
pub async fn list_reasons(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Vec<Reason>> {
    let rows = reason::Entity::of_site(site_id)
        .order_by_asc(reason::Column::Name)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Reason {
            id: row.id,
            name: row.name,
        })
        .collect())
}

/// The reason of this name; made if there is none.
pub async fn ensure_reason(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    name: &str,
    at: Millis,
) -> AppResult<ReasonId> {
    let known = list_reasons(tx, site_id).await?;
    if let Some(reason) = known.iter().find(|reason| is_same_name(&reason.name, name)) {
        return Ok(reason.id);
    }
    let id = ReasonId::new(at);
    reason::Entity::insert(reason::ActiveModel {
        site_id: Set(site_id),
        id: Set(id),
        name: Set(name.trim().to_owned()),
        created_at: Set(at),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(id)
}

/// Calls a reason something else; what was answered keeps pointing at it.
pub async fn rename_reason(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: ReasonId,
    name: &str,
) -> AppResult<()> {
    let known = list_reasons(tx, site_id).await?;
    if known
        .iter()
        .any(|reason| reason.id != id && is_same_name(&reason.name, name))
    {
        return Err(FieldErrors::one("name", "Another reason has this name.").into());
    }
    let changed = reason::Entity::update_many()
        .col_expr(reason::Column::Name, Expr::value(name.trim()))
        .filter(reason::Column::SiteId.eq(site_id))
        .filter(reason::Column::Id.eq(id))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Err(AppError::NotFound("reason"));
    }
    Ok(())
}

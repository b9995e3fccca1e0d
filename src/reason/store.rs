//! Every query about reasons.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::types::{FOUND, Reason, is_same_name};
use crate::{
    db::entity::{OfSite, reason},
    error::{AppError, AppResult, FieldErrors},
    types::{Millis, ReasonId, SiteId},
};

/// Characters of a name at most, as the editor takes it.
const LONGEST_NAME: usize = 80;

/// The site's codebook, by name; without what was merged into another reason.
pub async fn list_reasons(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Vec<Reason>> {
    let rows = reason::Entity::of_site(site_id)
        .filter(reason::Column::MergedInto.is_null())
        .order_by_asc(reason::Column::Name)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Reason {
            id: row.id,
            name: row.name,
            is_loss: row.is_loss,
        })
        .collect())
}

/// The reasons of a site, read once and looked up by name.
#[derive(Debug)]
pub struct Codebook {
    site_id: SiteId,
    known: Vec<reason::Model>,
}

impl Codebook {
    /// Reads it, also what was merged into another reason.
    pub async fn load(db: &impl ConnectionTrait, site_id: SiteId) -> AppResult<Self> {
        let known = reason::Entity::of_site(site_id).all(db).await?;
        Ok(Self { site_id, known })
    }

    /// The reason of this name, or the one that it was merged into.
    pub fn find(&self, name: &str) -> Option<ReasonId> {
        let mut known = self.known.iter();
        let named = known.find(|reason| is_same_name(&reason.name, name));
        named.map(|reason| reason.merged_into.unwrap_or(reason.id))
    }

    /// The reason of this name, or the one that it was merged into; made if there is none.
    pub async fn ensure(
        &mut self,
        tx: &impl ConnectionTrait,
        name: &str,
        at: Millis,
    ) -> AppResult<ReasonId> {
        if let Some(known) = self.find(name) {
            return Ok(known);
        }
        let new = reason::Model {
            site_id: self.site_id,
            id: ReasonId::new(at),
            name: name.trim().to_owned(),
            created_at: at,
            merged_into: None,
            is_loss: !is_same_name(name, FOUND),
        };
        reason::Entity::insert(new.clone().into_active_model())
            .exec_without_returning(tx)
            .await?;
        let id = new.id;
        self.known.push(new);
        Ok(id)
    }
}

/// Calls a reason something else, and says whether it stands for a loss; what was answered keeps pointing at it.
pub async fn change_reason(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    reason: &Reason,
) -> AppResult<()> {
    let (id, name) = (reason.id, reason.name.trim());
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) {
        let message = format!("Give the reason a name of at most {LONGEST_NAME} characters.");
        return Err(FieldErrors::one("name", message).into());
    }
    let known = reason::Entity::of_site(site_id).all(tx).await?;
    for other in known.iter().filter(|other| is_same_name(&other.name, name)) {
        if other.id != id && other.merged_into.is_none() {
            let message = "Another reason has this name. Merge the two instead.";
            return Err(FieldErrors::one("name", message).into());
        }
        // The name is free again: what was merged away under it keeps only its answers.
        if other.merged_into.is_some() {
            set_name(tx, site_id, other.id, &other.id.to_string()).await?;
        }
    }
    set_name(tx, site_id, id, name).await?;
    reason::Entity::update_many()
        .col_expr(reason::Column::IsLoss, Expr::value(reason.is_loss))
        .filter(reason::Column::SiteId.eq(site_id))
        .filter(reason::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn set_name(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    id: ReasonId,
    name: &str,
) -> AppResult<()> {
    let changed = reason::Entity::update_many()
        .col_expr(reason::Column::Name, Expr::value(name))
        .filter(reason::Column::SiteId.eq(site_id))
        .filter(reason::Column::Id.eq(id))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Err(AppError::NotFound("reason"));
    }
    Ok(())
}

/// Lets `from` lead to `into`. Returns every reason that does: whatever points at one of them has to point at `into`.
pub async fn merge_reasons(
    tx: &impl ConnectionTrait,
    site_id: SiteId,
    from: ReasonId,
    into: ReasonId,
) -> AppResult<Vec<ReasonId>> {
    let of_from = Condition::any()
        .add(reason::Column::Id.eq(from))
        .add(reason::Column::MergedInto.eq(from));
    reason::Entity::update_many()
        .col_expr(reason::Column::MergedInto, Expr::value(Some(into)))
        .filter(reason::Column::SiteId.eq(site_id))
        .filter(of_from)
        .exec(tx)
        .await?;
    let merged = reason::Entity::of_site(site_id)
        .filter(reason::Column::MergedInto.eq(into))
        .all(tx)
        .await?;
    Ok(merged.into_iter().map(|row| row.id).collect())
}

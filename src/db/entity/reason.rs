//! Table `reasons`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, ReasonId, SiteId};

/// An entry of the site's codebook.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reasons")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReasonId,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub created_at: Millis,
    pub merged_into: Option<ReasonId>,
    pub is_loss: bool,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

//! Table `refused_origins`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId};

/// An origin whose events were refused.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "refused_origins")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub origin: String,
    pub first_at: Millis,
    pub last_at: Millis,
    pub n: i64,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

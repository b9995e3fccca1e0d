//! Table `signatures`.

use sea_orm::entity::prelude::*;

use crate::types::SiteId;

/// What visits that are alike in all that is counted have in common.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signatures")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub version: i32,
    pub mask_all: i64,
    pub mask_before: i64,
    pub mask_landmark: i64,
    pub landmark: i32,
    pub funnel_step: i32,
    #[sea_orm(column_type = "Text", nullable)]
    pub path: Option<String>,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

//! Table `visit_day`.

use sea_orm::entity::prelude::*;

use crate::types::SiteId;

/// Visits of a day: all of them, and again by what each dimension says.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_day")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub dim: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i32,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub value: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub is_automated: bool,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub visits: i64,
    pub conversions: i64,
    pub at_landmark: i64,
    pub at_landmark_converted: i64,
    pub before_landmark: i64,
    pub exits: i64,
    pub exits_stayed: i64,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

//! Table `goal_day`.

use sea_orm::entity::prelude::*;

use crate::types::SiteId;

/// How often a goal was reached on a day: in all visits, and again by what each dimension says.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "goal_day")]
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
    #[sea_orm(primary_key, auto_increment = false)]
    pub bit: i32,
    pub visits: i64,
    pub events: i64,
    pub value_minor: i64,
    pub before_main: i64,
    pub followed: i64,
    pub by_landmark: i64,
    pub by_landmark_converted: i64,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

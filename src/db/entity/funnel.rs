//! Table `funnels`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId};

/// What a site counts from `since_at` on: the steps of its funnel, and the bits of all goals in force.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "funnels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    #[sea_orm(column_type = "Text")]
    pub steps: String,
    pub primary_bit: Option<i32>,
    pub since_at: Millis,
    pub bits: i64,
    pub step_bits: i64,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

//! Table `goals`.

use sea_orm::entity::prelude::*;

use crate::types::{GoalId, Millis, SiteId};

/// A goal, whatever its version.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "goals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GoalId,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub role: String,
    #[sea_orm(column_type = "Text")]
    pub stage: String,
    pub is_listed: bool,
    pub funnel_position: Option<i32>,
    pub is_primary: bool,
    pub created_at: Millis,
    pub archived_at: Option<Millis>,
    pub is_key: bool,
    pub serves_id: Option<GoalId>,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

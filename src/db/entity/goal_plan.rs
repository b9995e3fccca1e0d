//! Table `goal_plans`.

use sea_orm::entity::prelude::*;

use crate::types::{GoalId, SiteId};

/// Who looks after a goal, and the days that its figures are held against.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "goal_plans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub goal_id: GoalId,
    #[sea_orm(column_type = "Text")]
    pub owner: String,
    /// First day, YYYYMMDD.
    pub baseline_from: Option<i32>,
    /// Last day.
    pub baseline_to: Option<i32>,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

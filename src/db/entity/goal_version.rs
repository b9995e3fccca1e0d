//! Table `goal_versions`.

use sea_orm::entity::prelude::*;

use crate::types::{GoalId, Millis, SiteId};

/// What a goal meant from `since_at` until `until_at`; its bit never stands for another rule.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "goal_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub bit: i32,
    pub goal_id: GoalId,
    #[sea_orm(column_type = "Text")]
    pub rule: String,
    pub value_minor: Option<i64>,
    pub since_at: Millis,
    pub until_at: Option<Millis>,
    pub worth_since: i32,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

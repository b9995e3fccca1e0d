//! Table `asked_day`.

use sea_orm::entity::prelude::*;

use crate::types::{PromptId, SiteId};

/// Decisions about a prompt in visits of a day, and what became of them: of all, and again by what each dimension says.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "asked_day")]
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
    pub prompt_id: PromptId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub is_automatic: bool,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub arm: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub unasked: i32,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub refusal: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub lost_to: PromptId,
    pub decisions: i64,
    pub visits: i64,
    pub opened: i64,
    pub seen: i64,
    pub begun: i64,
    pub answered: i64,
    pub closed: i64,
    pub reached: i64,
    pub reached_before: i64,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

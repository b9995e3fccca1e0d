//! Table `harm_pauses`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, PromptId, SiteId};

/// A question that was paused by itself, with the figures that led to it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "harm_pauses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub prompt_id: PromptId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Millis,
    /// Beginning of the comparison.
    pub since: Millis,
    /// What the main goal was called.
    #[sea_orm(column_type = "Text")]
    pub goal: String,
    /// Share left unasked.
    pub percent: i32,
    pub asked: i64,
    pub asked_reached: i64,
    pub unasked: i64,
    pub unasked_reached: i64,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

//! Table `offers`.

use sea_orm::entity::prelude::*;

use crate::types::{PromptId, SiteId};

/// The reasons that a question of a version offers; no row of one that offers none.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "offers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub prompt_id: PromptId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub question_id: String,
    /// Of the set of reasons: questions that offer the same have the same.
    pub number: i32,
    /// JSON: the ids of the reasons.
    #[sea_orm(column_type = "Text")]
    pub reasons: String,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

//! Table `prompt_states`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, PromptId, SiteId};

/// A change of a prompt's state.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "prompt_states")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub prompt_id: PromptId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Millis,
    #[sea_orm(column_type = "Text")]
    pub status: String,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

//! Table `answer_tags`.

use sea_orm::entity::prelude::*;

use crate::types::{ImpressionId, SiteId, TagId};

/// A tag on an answer.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "answer_tags")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub impression_id: ImpressionId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag_id: TagId,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

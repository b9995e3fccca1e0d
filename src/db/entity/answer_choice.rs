//! Table `answer_choices`.

use sea_orm::entity::prelude::*;

use crate::types::{ImpressionId, ReasonId, SiteId};

/// A choice of an answer, with the reason it stood for.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "answer_choices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub impression_id: ImpressionId,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub question_id: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub choice_id: String,
    pub reason_id: Option<ReasonId>,
    pub place: Option<i32>,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

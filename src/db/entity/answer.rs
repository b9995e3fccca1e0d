//! Table `answers`.

use sea_orm::entity::prelude::*;

use crate::types::{ImpressionId, Millis, PromptId, SiteId, VisitId};

/// The value given to one question.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "answers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub impression_id: ImpressionId,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub question_id: String,
    pub visit_id: VisitId,
    pub prompt_id: PromptId,
    pub prompt_version: i32,
    pub answered_at: Millis,
    pub received_at: Millis,
    pub seq: i32,
    pub is_complete: bool,
    pub is_late: bool,
    pub is_test: bool,
    #[sea_orm(column_type = "Text")]
    pub comment: String,
    pub number: Option<f64>,
    #[sea_orm(column_type = "Text")]
    pub value: String,
    #[sea_orm(column_type = "Text")]
    pub folded: String,
    /// Questions that the way of the answer led past, each between commas.
    #[sea_orm(column_type = "Text", nullable)]
    pub led_past: Option<String>,
    /// Likewise, those to which it led and that have no answer.
    #[sea_orm(column_type = "Text", nullable)]
    pub led_to: Option<String>,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

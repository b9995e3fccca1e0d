//! Table `impressions`.

use sea_orm::entity::prelude::*;

use crate::types::{ImpressionId, Millis, PromptId, SiteId, ViewId, VisitId};

/// One eligibility decision, and what became of it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "impressions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImpressionId,
    pub visit_id: VisitId,
    pub view_id: ViewId,
    pub seq: i32,
    pub prompt_id: PromptId,
    pub prompt_version: i32,
    #[sea_orm(column_type = "Text")]
    pub asked_at_moment: String,
    pub decided_at: Millis,
    #[sea_orm(column_type = "Text", nullable)]
    pub arm: Option<String>,
    pub probability: Option<f64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub refusal: Option<String>,
    pub lost_to: Option<PromptId>,
    pub funnel_step: i32,
    pub is_test: bool,
    pub is_automatic: bool,
    pub shown_at: Option<Millis>,
    pub seen_at: Option<Millis>,
    pub started_at: Option<Millis>,
    pub answered_at: Option<Millis>,
    pub dismissed_at: Option<Millis>,
    #[sea_orm(column_type = "Text", nullable)]
    pub ending: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub language: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub wording: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub fields: Option<String>,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

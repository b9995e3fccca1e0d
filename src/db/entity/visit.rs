//! Table `visits`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId, ViewId, VisitId};

/// The facts of one visit, folded from its batches.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visits")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VisitId,
    pub visitor: Vec<u8>,
    pub day: i32,
    pub funnel_version: i32,
    pub started_at: Millis,
    pub last_at: Millis,
    pub last_view_id: ViewId,
    pub last_seq: i32,
    pub closed_at: Option<Millis>,
    #[sea_orm(column_type = "Text")]
    pub device: String,
    #[sea_orm(column_type = "Text")]
    pub browser: String,
    #[sea_orm(column_type = "Text")]
    pub language: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub referrer: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub campaign: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub properties: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub entry_path: String,
    #[sea_orm(column_type = "Text")]
    pub last_path: String,
    pub pages: i32,
    pub active_ms: i64,
    pub mask_all: i64,
    pub mask_before: i64,
    pub macro_at: Option<Millis>,
    pub value_minor: i64,
    pub funnel_step: i32,
    #[sea_orm(column_type = "Text")]
    pub views: String,
    pub is_automated: bool,
    pub is_test: bool,
    pub is_ambiguous: bool,
    pub visitor_id: Option<Vec<u8>>,
    pub visit_number: Option<i32>,
    pub is_told: bool,
    pub exits: i32,
    pub exits_stayed: i32,
    pub mask_landmark: i64,
    pub landmark: i32,
    #[sea_orm(column_type = "Text")]
    pub path: String,
    #[sea_orm(column_type = "Text")]
    pub source: String,
    #[sea_orm(column_type = "Text")]
    pub campaign_name: String,
    #[sea_orm(column_type = "Text")]
    pub country: String,
    #[sea_orm(column_type = "Text")]
    pub variant: String,
    pub load_ms: Option<i64>,
    pub signature_id: i64,
    pub path_id: i64,
    pub is_settled: bool,
    pub is_imported: bool,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

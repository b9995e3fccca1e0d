//! Table `recounts`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId, VisitId};

/// How far a site's visits were counted again by its newest definitions.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "recounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    pub version: i32,
    pub since_at: Millis,
    pub total: Option<i64>,
    pub recounted: i64,
    pub reached: Option<VisitId>,
    pub reached_day: Option<i32>,
    pub is_tail: bool,
    #[sea_orm(column_type = "Text")]
    pub claimed_by: String,
    pub lease_until: Millis,
    pub finished_at: Option<Millis>,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

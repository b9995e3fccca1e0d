//! Table `visit_goals`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId, VisitId};

/// When and how often a visit reached a goal version.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_goals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit_id: VisitId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub bit: i32,
    pub first_at: Millis,
    pub n: i32,
    pub value_minor: i64,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

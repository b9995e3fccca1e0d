//! Table `batches`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId, ViewId, VisitId};

/// Events of one page load, as one row: the journal that everything else can be folded from.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "batches")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub view_id: ViewId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub first_seq: i32,
    pub visit_id: VisitId,
    pub view_started_at: Millis,
    pub received_at: Millis,
    #[sea_orm(column_type = "Text")]
    pub body: String,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

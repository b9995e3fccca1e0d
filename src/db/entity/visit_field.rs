//! Table `visit_fields`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId, VisitId};

/// What a visit did with a field of a form, written when the visit has ended.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "visit_fields")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub visit_id: VisitId,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub form: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub field: String,
    pub position: i32,
    pub focuses: i32,
    pub returns: i32,
    pub active_ms: Millis,
    pub hesitation_ms: Option<Millis>,
    pub changes: i32,
    pub deletes: i32,
    pub is_pasted: bool,
    pub is_autofilled: bool,
    pub errors: i32,
    pub is_filled: bool,
    pub is_last: bool,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

//! Table `seen_forms`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId};

/// A form that the site has been seen to have, and where.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "seen_forms")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub form: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub path: String,
    #[sea_orm(column_type = "Text")]
    pub label: String,
    pub first_at: Millis,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

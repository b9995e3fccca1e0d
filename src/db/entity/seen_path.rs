//! Table `seen_paths`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId};

/// A page that the site has been seen to have.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "seen_paths")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub path: String,
    pub first_at: Millis,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

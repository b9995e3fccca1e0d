//! Table `audits`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId};

/// What the comparison of a day in the cube with its visits came to, the last time.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audits")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i32,
    pub audited_at: Millis,
    pub visits: i64,
    pub differing: i64,
    pub mended: bool,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

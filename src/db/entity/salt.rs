//! Table `salts`.

use sea_orm::entity::prelude::*;

use crate::types::Millis;

/// The salt of one day (days since the epoch), shared by all nodes, deleted after 48 h.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "salts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i32,
    pub salt: Vec<u8>,
    pub created_at: Millis,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

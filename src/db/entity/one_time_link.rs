//! Table `one_time_links`.

use sea_orm::entity::prelude::*;

use crate::types::{MemberId, Millis};

/// A link that works once: set-up, or a new password.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    pub purpose: String,
    pub member_id: Option<MemberId>,
    pub expires_at: Millis,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

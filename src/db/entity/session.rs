//! Table `sessions`.

use sea_orm::entity::prelude::*;

use crate::types::{MemberId, Millis};

/// A sign-in of a member; only the hash of its token is stored.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    pub member_id: MemberId,
    pub created_at: Millis,
    pub seen_at: Millis,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

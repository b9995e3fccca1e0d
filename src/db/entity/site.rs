//! Table `sites`.

use sea_orm::entity::prelude::*;

use crate::types::{Millis, SiteId, SiteKey};

/// One website: the tenant.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sites")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SiteId,
    #[sea_orm(column_type = "Text")]
    pub key: SiteKey,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub time_zone: String,
    #[sea_orm(column_type = "Text")]
    pub currency: String,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub origins: String,
    pub allow_localhost: bool,
    pub config_version: i64,
    pub questions_per_visit: i32,
    pub cool_down_days: i32,
    pub signing_key: Vec<u8>,
    pub created_at: Millis,
    pub honours_dnt: bool,
    pub follows_banner: bool,
    pub tells_data_layer: bool,
    #[sea_orm(column_type = "Text")]
    pub theme: String,
    pub offers_never: bool,
    pub api_secret_hash: Option<Vec<u8>>,
    pub api_secret_at: Option<Millis>,
    pub keep_days: Option<i32>,
    pub measures_fields: bool,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

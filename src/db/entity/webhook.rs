//! Table `webhooks`.

use sea_orm::entity::prelude::*;

use crate::{
    types::{Millis, SiteId},
    webhook::types::WebhookSecret,
};

/// Where the answers of a site are sent.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: SiteId,
    #[sea_orm(column_type = "Text")]
    pub url: String,
    #[sea_orm(column_type = "Text")]
    pub secret: WebhookSecret,
    #[sea_orm(column_type = "Text", nullable)]
    pub old_secret: Option<WebhookSecret>,
    pub old_secret_until: Option<Millis>,
    pub is_enabled: bool,
    pub gone_at: Option<Millis>,
    pub created_at: Millis,
}

/// No relations: reports join in SQL.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl super::OfSite for Entity {
    const SITE: Column = Column::SiteId;
}

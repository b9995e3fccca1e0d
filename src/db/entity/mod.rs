//! One file per table: columns with their types, no rules.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::types::SiteId;

pub mod answer;
pub mod answer_choice;
pub mod answer_star;
pub mod answer_tag;
pub mod asked_day;
pub mod audit;
pub mod batch;
pub mod cube_day;
pub mod dismissed_suggestion;
pub mod drop;
pub mod funnel;
pub mod goal;
pub mod goal_day;
pub mod goal_plan;
pub mod goal_stage;
pub mod goal_version;
pub mod harm_pause;
pub mod impression;
pub mod kind_day;
pub mod member;
pub mod offer;
pub mod one_time_link;
pub mod prompt;
pub mod prompt_state;
pub mod prompt_version;
pub mod reason;
pub mod recount;
pub mod refused_origin;
pub mod salt;
pub mod seen_form;
pub mod seen_path;
pub mod session;
pub mod signature;
pub mod site;
pub mod tag;
pub mod visit;
pub mod visit_field;
pub mod visit_goal;
pub mod webhook;
pub mod webhook_delivery;

/// The only way into a table that belongs to a site.
pub trait OfSite: EntityTrait {
    /// The column that holds the tenant.
    const SITE: Self::Column;

    /// The rows of one site.
    fn of_site(site: SiteId) -> Select<Self> {
        Self::find().filter(Self::SITE.eq(site))
    }
}

//! Pages of members, one file a noun.

pub mod answers;
pub(in crate::web) mod change;
mod goal_fields;
mod goal_order;
pub mod goal_packs;
mod goal_picker;
pub mod goal_suggestions;
pub mod goals;
pub mod home;
pub mod prompt_edit;
pub mod prompt_life;
pub mod prompt_preview;
mod prompt_try;
pub mod prompt_versions;
pub mod prompts;
pub mod reasons;
pub mod reset;
pub mod sample;
pub mod setup;
pub mod sign_in;
pub mod site_look;
pub mod site_new;
pub(in crate::web) mod site_origin;
pub mod site_page;
pub mod site_settings;
pub mod sites;
pub mod webhook;

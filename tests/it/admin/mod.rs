//! Pages of members.

mod answers;
mod goal_clicks;
mod goal_form;
mod goal_keys;
mod goal_kinds;
mod goal_order;
mod goal_packs;
mod goal_suggestions;
mod goal_tactics;
mod goals;
mod inbox;
mod inbox_marks;
mod prompt_editor;
mod prompt_life;
mod prompt_order;
mod prompt_setting;
mod prompt_templates;
mod prompt_words;
mod prompts;
mod reasons;
mod reset;
mod settings;
mod settings_addresses;
mod setup;
mod sign_in;
mod sites;

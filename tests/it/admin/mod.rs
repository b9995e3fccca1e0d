//! Pages of members.

mod answers;
mod goals;
mod prompt_editor;
mod prompts;
mod reset;
mod settings;
mod setup;
mod sign_in;
mod sites;

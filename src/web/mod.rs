//! HTTP: the whole URL table, grouped by audience. Rules live in the features; this layer reads requests and writes pages.

pub mod admin;
pub mod api;
pub mod assets;
pub mod demo;
pub mod error;
pub mod extract;
pub mod health;
pub mod link;
pub mod middleware;
pub mod reports;
pub mod view;

use actix_web::{
    http::Method,
    web::{ServiceConfig, get, method, post, route},
};

use self::admin::{
    answers, goal_packs, goal_stages, goal_suggestions, goal_tactics, goal_value, goals, home,
    prompt_edit, prompt_life, prompt_preview, prompt_versions, prompts, reasons, reset, sample,
    setup, sign_in, site_look, site_new, site_page, site_settings, sites, tags, webhook,
};

/// Every route of the service, one a line.
#[rustfmt::skip]
pub fn routes(config: &mut ServiceConfig) {
    config
        // The widget: public, any origin, no cookies.
        .route("/x/i", post().to(api::ingest::create))
        .route("/x/i", method(Method::OPTIONS).to(api::ingest::preflight))
        .route("/x/e", post().to(api::events::create))
        .route("/x/goals", post().to(api::pick::create))
        .route("/x/why", post().to(api::look::create))
        .route("/x/{file}", get().to(api::script::show))
        // The built-in demo: a site like a customer's, and the live strip beside it.
        .route("/demo", get().to(demo::pages::home))
        .route("/demo/pricing", get().to(demo::pages::pricing))
        .route("/demo/signup", get().to(demo::pages::signup))
        .route("/demo/signup", post().to(demo::pages::sign_up))
        .route("/demo/thanks", get().to(demo::pages::thanks))
        .route("/demo/strip", get().to(demo::strip::show))
        .route("/demo/new-visitor", post().to(demo::strip::begin_again))
        // Visitors who open a prompt by its link.
        .route("/p/{key}/{id}", get().to(link::pages::show))
        .route("/p/{key}/{id}", post().to(link::pages::answer))
        .route("/p/{key}/{id}/look.css", get().to(link::pages::look))
        // Machines that watch the service.
        .route("/health", get().to(health::live))
        .route("/ready", get().to(health::ready))
        .route("/assets/{file}", get().to(assets::show))
        // People who are not signed in.
        .route("/", get().to(home::show))
        .route("/setup", get().to(setup::show))
        .route("/setup", post().to(setup::create))
        .route("/sign-in", get().to(sign_in::show))
        .route("/sign-in", post().to(sign_in::create))
        .route("/sign-out", post().to(sign_in::destroy))
        .route("/reset", get().to(reset::show))
        .route("/reset", post().to(reset::create))
        // Members: their sites.
        .route("/sites", get().to(sites::index))
        .route("/sites/new", get().to(site_new::new))
        .route("/sites/new", post().to(site_new::create))
        .route("/sites/sample", get().to(sample::show))
        .route("/sites/sample", post().to(sample::create))
        .route("/sites/{key}/remove", get().to(sample::preview_removal))
        .route("/sites/{key}/remove", post().to(sample::remove))
        .route("/sites/{key}/settings", get().to(site_settings::show))
        .route("/sites/{key}/settings", post().to(site_settings::update))
        .route("/sites/{key}/settings/origins", post().to(site_settings::update_origins))
        .route("/sites/{key}/settings/asking", post().to(site_settings::update_asking))
        .route("/sites/{key}/settings/look", post().to(site_look::update))
        .route("/sites/{key}/settings/look/preview", get().to(prompt_preview::show))
        .route("/sites/{key}/settings/look/preview", post().to(site_look::preview))
        .route("/sites/{key}/settings/page", post().to(site_page::update))
        .route("/sites/{key}/settings/keep", get().to(site_page::preview_keep))
        .route("/sites/{key}/settings/keep", post().to(site_page::update_keep))
        .route("/sites/{key}/settings/fields", post().to(site_page::update_fields))
        .route("/sites/{key}/settings/secret", post().to(site_page::create_secret))
        .route("/sites/{key}/settings/refused", post().to(site_settings::settle_refused))
        // Members: where answers are sent.
        .route("/sites/{key}/webhook", get().to(webhook::show))
        .route("/sites/{key}/webhook", post().to(webhook::create))
        .route("/sites/{key}/webhook/save", post().to(webhook::update))
        .route("/sites/{key}/webhook/secret", post().to(webhook::renew_secret))
        .route("/sites/{key}/webhook/test", post().to(webhook::test))
        .route("/sites/{key}/webhook/messages/{id}/again", post().to(webhook::send_again))
        .route("/sites/{key}/webhook/delete", post().to(webhook::delete))
        // Members: what a site counts.
        .route("/sites/{key}/goals", get().to(goals::index))
        .route("/sites/{key}/goals", post().to(goals::create))
        .route("/sites/{key}/goals/packs", get().to(goal_packs::show))
        .route("/sites/{key}/goals/packs", post().to(goal_packs::create))
        .route("/sites/{key}/goals/catalogue", get().to(goal_tactics::show))
        .route("/sites/{key}/goals/stages", get().to(goal_stages::show))
        .route("/sites/{key}/goals/stages", post().to(goal_stages::save))
        .route("/sites/{key}/goals/dismiss", post().to(goal_suggestions::dismiss))
        .route("/sites/{key}/goals/{id}", get().to(goals::edit))
        .route("/sites/{key}/goals/{id}", post().to(goals::update))
        .route("/sites/{key}/goals/{id}/value", post().to(goal_value::update))
        .route("/sites/{key}/goals/{id}/archive", post().to(goals::archive))
        .route("/sites/{key}/goals/{id}/move", post().to(goals::reorder))
        .route("/sites/{key}/goals/{id}/primary", post().to(goals::choose_primary))
        // Members: what visitors are asked.
        .route("/sites/{key}/prompts", get().to(prompts::index))
        .route("/sites/{key}/prompts", post().to(prompts::create))
        .route("/sites/{key}/prompts/new", get().to(prompts::new))
        .route("/sites/{key}/prompts/{id}", get().to(prompt_edit::edit))
        .route("/sites/{key}/prompts/{id}", post().to(prompt_edit::update))
        .route("/sites/{key}/prompts/{id}/preview", get().to(prompt_preview::show))
        .route("/sites/{key}/prompts/{id}/preview", post().to(prompt_preview::update))
        .route("/sites/{key}/prompts/{id}/publish", post().to(prompt_life::publish))
        .route("/sites/{key}/prompts/{id}/pause", post().to(prompt_life::pause))
        .route("/sites/{key}/prompts/{id}/resume", post().to(prompt_life::resume))
        .route("/sites/{key}/prompts/{id}/move", post().to(prompt_life::reorder))
        .route("/sites/{key}/prompts/{id}/duplicate", post().to(prompt_life::duplicate))
        .route("/sites/{key}/prompts/{id}/archive", post().to(prompt_life::archive))
        .route("/sites/{key}/prompts/{id}/bring-back", post().to(prompt_life::bring_back))
        .route("/sites/{key}/prompts/{id}/delete", post().to(prompt_life::delete))
        .route("/sites/{key}/prompts/{id}/versions", get().to(prompt_versions::index))
        .route("/sites/{key}/prompts/{id}/versions/{version}", post().to(prompt_versions::update))
        .route("/sites/{key}/reasons", get().to(reasons::index))
        .route("/sites/{key}/reasons/{id}", post().to(reasons::change))
        .route("/sites/{key}/reasons/{id}/merge", get().to(reasons::preview))
        .route("/sites/{key}/reasons/{id}/merge", post().to(reasons::merge))
        // Members: what visitors answered.
        .route("/sites/{key}/answers", get().to(answers::index))
        .route("/sites/{key}/answers.csv", get().to(answers::export::csv))
        .route("/sites/{key}/answers.json", get().to(answers::export::json))
        .route("/sites/{key}/answers/{id}/star", post().to(answers::marks::star))
        .route("/sites/{key}/answers/{id}/tags", post().to(answers::marks::tag))
        .route("/sites/{key}/answers/{id}/delete", post().to(answers::delete))
        .route("/sites/{key}/tags", get().to(tags::index))
        .route("/sites/{key}/tags/{id}", post().to(tags::rename))
        .route("/sites/{key}/tags/{id}/merge", post().to(tags::merge))
        .route("/sites/{key}/tags/{id}/delete", post().to(tags::delete))
        // Members: what visitors did, beside what they said.
        .route("/sites/{key}", get().to(reports::funnel::show))
        .route("/sites/{key}/reports/funnel.{format:csv|json}", get().to(reports::funnel_file::file))
        .route("/sites/{key}/answers/{id}", get().to(reports::journey::show))
        .route("/sites/{key}/prompts/{id}/report", get().to(reports::prompt::show))
        .route("/sites/{key}/prompts/{id}/report.{format:csv|json}", get().to(reports::prompt_file::file))
        .route("/sites/{key}/prompts/{id}/why", get().to(reports::why::show))
        .route("/sites/{key}/prompts/{id}/why.{format:csv|json}", get().to(reports::why_file::file))
        .route("/sites/{key}/reports", get().to(reports::list::show))
        .route("/sites/{key}/reports/quality", get().to(reports::quality::show))
        .route("/sites/{key}/reports/quality.{format:csv|json}", get().to(reports::quality::file))
        .route("/sites/{key}/reports/overview", get().to(reports::overview::show))
        .route("/sites/{key}/reports/overview.{format:csv|json}", get().to(reports::overview::file))
        .route("/sites/{key}/reports/knowable", get().to(reports::knowable::show))
        .route("/sites/{key}/reports/blueprint", get().to(reports::blueprint::show))
        .route("/sites/{key}/reports/blueprint", post().to(reports::blueprint::set_baseline))
        .route("/sites/{key}/reports/blueprint.{format:csv|json}", get().to(reports::blueprint::file))
        .route("/sites/{key}/reports/steps", get().to(reports::board::show))
        .route("/sites/{key}/reports/predictors", get().to(reports::predictors::show))
        .route("/sites/{key}/reports/predictors.{format:csv|json}", get().to(reports::predictors::file))
        .route("/sites/{key}/reports/steps.{format:csv|json}", get().to(reports::board::file))
        .route("/sites/{key}/reports/revenue", get().to(reports::revenue::show))
        .route("/sites/{key}/reports/revenue.{format:csv|json}", get().to(reports::revenue::file))
        .route("/sites/{key}/reports/scores", get().to(reports::scores::show))
        .route("/sites/{key}/reports/scores.{format:csv|json}", get().to(reports::scores::file))
        .route("/sites/{key}/reports/forms", get().to(reports::forms::show))
        .route("/sites/{key}/reports/forms.{format:csv|json}", get().to(reports::forms::file))
        .route("/sites/{key}/reports/reasons", get().to(reports::reasons::show))
        .route("/sites/{key}/reports/reasons.{format:csv|json}", get().to(reports::reasons::file))
        // Anything else.
        .default_service(route().to(error::not_found));
}

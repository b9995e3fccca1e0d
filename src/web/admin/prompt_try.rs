//! The link with which owners meet their own question, whatever its limits.

use super::site_origin;
use crate::{
    clock,
    goal::types::Goal,
    prompt::{
        start_page,
        types::{Prompt, PromptStatus, PromptVersion, ShownAs},
    },
    site::{
        tool::{self, Tool},
        types::{Origin, Site, SiteKind},
    },
};

/// Where the owner meets the question.
pub(super) enum AskAgain {
    /// Visitors cannot be asked before something is published.
    Unpublished,
    /// A link that opens the page.
    Link(String),
    /// What makes a test of the prompt's own link, behind it.
    Page(String),
    /// No origin can be opened; what to add to an address instead.
    Parameter(String),
    /// Nobody is asked.
    Paused,
    /// Made-up history has no pages.
    Sample,
}

impl AskAgain {
    /// Of the version that visitors get, at an address of the site that was last seen.
    pub(super) fn of(
        site: &Site,
        prompt: &Prompt,
        current: Option<&PromptVersion>,
        goals: &[Goal],
        form_paths: &[(String, String)],
        referrers: &[Origin],
    ) -> Self {
        match current {
            _ if site.kind == SiteKind::Sample => Self::Sample,
            None => Self::Unpublished,
            _ if prompt.status != PromptStatus::Published => Self::Paused,
            Some(current) if current.design.look.shown_as == ShownAs::Link => {
                let token = Tool::AskAgain.token(&site.signing_key, clock::now());
                Self::Page(tool::link("", "", &token))
            }
            Some(current) => {
                let page = start_page::start_page(&current.design, goals, form_paths);
                at(site, &page, referrers)
            }
        }
    }
}

/// The link to a page of the site, at the address that was last seen.
fn at(site: &Site, page: &str, referrers: &[Origin]) -> AskAgain {
    let token = Tool::AskAgain.token(&site.signing_key, clock::now());
    if site.kind == SiteKind::Demo {
        let page = if page.starts_with("/demo") {
            page
        } else {
            "/demo"
        };
        return AskAgain::Link(tool::link("", page, &token));
    }
    match site_origin::origin(site, referrers) {
        Some(origin) => AskAgain::Link(tool::link(&origin, page, &token)),
        None => AskAgain::Parameter(format!("?{}={token}", tool::PARAMETER)),
    }
}

//! The frame around every page, and how a template becomes an answer.

use actix_web::{
    HttpRequest, HttpResponse, Responder, body::BoxBody, http::StatusCode, http::header::LOCATION,
};
use askama::Template;
use url::form_urlencoded;

use super::unknown::Unknown;
use crate::{
    error::AppError,
    site::types::{Site, SiteKind},
    text_enum,
    web::error::PageError,
};

/// A rendered template.
pub struct Html<T> {
    template: T,
    status: StatusCode,
}

impl<T: Template> Html<T> {
    /// 200.
    pub fn ok(template: T) -> Self {
        Self {
            template,
            status: StatusCode::OK,
        }
    }

    /// 422: a form with what was typed and what is wrong.
    pub fn invalid(template: T) -> Self {
        Self {
            template,
            status: StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Another status.
    pub fn with(status: StatusCode, template: T) -> Self {
        Self { template, status }
    }
}

impl<T: Template> Responder for Html<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        match self.template.render() {
            Ok(html) => HttpResponse::build(self.status)
                .content_type("text/html; charset=utf-8")
                .body(html),
            Err(error) => HttpResponse::from_error(PageError(AppError::Internal(error.into()))),
        }
    }
}

/// 303 to a page, after a form was taken.
pub fn see_other(path: impl AsRef<str>) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path.as_ref()))
        .finish()
}

/// 303 to a page that says what was done.
pub fn see_other_with(path: impl AsRef<str>, flash: Flash) -> HttpResponse {
    let path = path.as_ref();
    let joint = if path.contains('?') { '&' } else { '?' };
    see_other(format!("{path}{joint}done={flash}"))
}

text_enum!(
    /// What an action said, carried by `?done=` so that nothing has to be remembered.
    Flash {
        /// A form was saved.
        Saved = "saved", "Saved.";
        /// For how long events are kept was saved; the page says what that means.
        KeepSaved = "keep_saved", "Saved.";
        /// A form was saved, and an address in it was completed.
        SchemeAdded = "scheme_added", "Saved. An address had no scheme. We put https:// before it, or http:// where it is this machine.";
        /// Something was deleted.
        Deleted = "deleted", "Deleted.";
        /// A prompt goes live.
        Published = "published", "Published. Visitors get it from their next page on.";
        /// A prompt rests.
        Paused = "paused", "Paused. Nobody is asked until you let it ask again.";
        /// A prompt was put away.
        Archived = "archived", "Archived. Nobody is asked; its report and its answers stay.";
        /// A prompt was taken out of the archive.
        BroughtBack = "brought_back", "Brought back. It asks nobody until you let it.";
        /// A prompt was doubled.
        Duplicated = "duplicated", "This is the copy, as a draft. The other one stays as it is.";
        /// An old version became the draft.
        DraftReplaced = "draft_replaced", "This is the design of that version, as a draft. Publish it when it is right.";
        /// Two reasons became one.
        Merged = "merged", "Merged. Every report counts them as one from now on.";
        /// A site was created.
        SiteCreated = "site_created", "The site is ready. Add the snippet next.";
        /// A site was created, and its address was completed.
        SiteCreatedWithScheme = "site_created_with_scheme", "The site is ready. Its address had no scheme. We put https:// before it, or http:// where it is this machine. Add the snippet next.";
        /// A refused origin was allowed.
        OriginAllowed = "origin_allowed", "Allowed. Events from there count from now on.";
        /// A message to the webhook is sent once more.
        SendingAgain = "sending_again", "It is sent again within seconds.";
        /// A password was changed.
        PasswordChanged = "password_changed", "Your password was changed. Sign in with the new one.";
        /// The session ended.
        SignedOut = "signed_out", "You are signed out.";
    }
);

impl Flash {
    /// Reads it from a query string.
    pub fn of(query: &str) -> Option<Self> {
        form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "done")
            .and_then(|(_, text)| Self::parse(&text))
    }
}

/// Which entry of the rail is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    /// The funnel: home of a site.
    Funnel,
    /// Goals, under the funnel.
    Goals,
    /// Answers.
    Answers,
    /// Prompts.
    Prompts,
    /// Reports.
    Reports,
    /// Settings.
    Settings,
    /// A page that belongs to no site.
    None,
}

/// A site in the switcher.
#[derive(Clone, Debug)]
pub struct SiteLink {
    /// Its public name.
    pub key: String,
    /// What the owner calls it.
    pub name: String,
    /// Where its visits come from.
    pub kind: SiteKind,
}

impl From<&Site> for SiteLink {
    fn from(site: &Site) -> Self {
        Self {
            key: site.key.as_str().to_owned(),
            name: site.name.clone(),
            kind: site.kind,
        }
    }
}

impl SiteLink {
    /// What the badge beside the name says; empty for a site of the owner.
    pub fn badge(&self) -> &'static str {
        match self.kind {
            SiteKind::Own => "",
            SiteKind::Demo => "demo",
            SiteKind::Sample => "made-up data",
        }
    }
}

/// What `layout.html` needs; every page of a member has one in a field `page`.
#[derive(Clone, Debug)]
pub struct Page {
    /// The current entry of the rail.
    pub nav: Nav,
    /// The site; without one there is no rail.
    pub site: Option<SiteLink>,
    /// All sites, for the switcher.
    pub sites: Vec<SiteLink>,
    /// E-mail address of the member.
    pub member: String,
    /// For the hidden field `csrf`.
    pub csrf: String,
    /// What the last action said.
    pub flash: Option<Flash>,
    /// What it is asked for and does not know.
    pub unknown: Option<Unknown>,
}

impl Page {
    /// The public name of the site; empty on a page that belongs to none.
    pub fn site_key(&self) -> &str {
        self.site.as_ref().map_or("", |site| &site.key)
    }

    /// What the owner calls the site; empty on a page that belongs to none.
    pub fn site_name(&self) -> &str {
        self.site.as_ref().map_or("", |site| &site.name)
    }

    /// What the account menu is called: the part before the @.
    pub fn member_name(&self) -> &str {
        self.member.split('@').next().unwrap_or_default()
    }

    /// `aria-current` of an entry of the rail.
    pub fn is(&self, nav: Nav) -> bool {
        self.nav == nav
    }
}

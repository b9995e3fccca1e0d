//! The site that a page is about.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::{SignedIn, base_url, state};
use crate::{
    error::AppError,
    site::{store, types::Site},
    web::{
        error::PageError,
        view::{
            page::{Flash, Nav, Page, SiteLink},
            unknown::Unknown,
        },
    },
};

/// A signed-in member and the site named by `{key}` in the path. A site that is not there is 404.
#[derive(Clone)]
pub struct SiteScope {
    /// Who looks.
    pub signed_in: SignedIn,
    /// At what.
    pub site: Site,
    /// Where else they may look.
    pub sites: Vec<SiteLink>,
    /// Where this service is reached.
    pub base_url: String,
    /// What the last action said.
    pub flash: Option<Flash>,
    /// What a report is asked for and does not know.
    pub unknown: Option<Unknown>,
}

impl SiteScope {
    /// The frame of a page of this site.
    pub fn page(&self, nav: Nav) -> Page {
        Page {
            nav,
            site: Some(SiteLink::from(&self.site)),
            sites: self.sites.clone(),
            member: self.signed_in.member.email.clone(),
            csrf: self.signed_in.csrf.clone(),
            flash: self.flash,
            unknown: self.unknown.clone(),
        }
    }

    async fn of(request: &HttpRequest) -> Result<Self, AppError> {
        let signed_in = SignedIn::of(request).await?;
        let key = request.match_info().get("key").unwrap_or_default();
        let sites = store::list(&state(request)?.db.read).await?;
        let links = sites.iter().map(SiteLink::from).collect();
        let site = sites
            .into_iter()
            .find(|site| site.key.as_str() == key)
            .ok_or(AppError::NotFound("site"))?;
        let pattern = request.match_pattern().unwrap_or_default();
        Ok(Self {
            signed_in,
            site,
            sites: links,
            base_url: base_url(request, &state(request)?.config),
            flash: Flash::of(request.query_string()),
            unknown: Unknown::of(&pattern, request.query_string()),
        })
    }
}

impl FromRequest for SiteScope {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await.map_err(PageError) })
    }
}

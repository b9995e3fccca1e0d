//! All sites.

use actix_web::{HttpRequest, Responder, web::Data};
use askama::Template;

use crate::{
    clock,
    site::{
        self,
        types::{Site, SiteKind},
    },
    state::AppState,
    web::{
        error::PageError,
        extract::SignedIn,
        view::{
            page::{Html, Page, SiteLink},
            when::ago,
        },
    },
};

#[derive(Template)]
#[template(path = "admin/sites.html")]
struct SitesPage {
    page: Page,
    has_own: bool,
    has_sample: bool,
    rows: Vec<Row>,
}

/// One site of the list.
struct Row {
    link: SiteLink,
    note: String,
    seen: Option<String>,
    /// Whether there are visits, all of a file.
    is_imported: bool,
}

impl Row {
    fn new(site: &Site, seen: Option<String>, is_imported: bool) -> Self {
        let host = site
            .origins
            .first()
            .and_then(|origin| origin.split_once("://"))
            .map(|(_, host)| host.to_owned());
        let note = match site.kind {
            SiteKind::Own => host.unwrap_or_else(|| "localhost".into()),
            SiteKind::Demo => String::new(),
            SiteKind::Sample => "kept apart from your sites".into(),
        };
        Self {
            link: SiteLink::from(site),
            note,
            seen,
            is_imported,
        }
    }
}

/// GET `/sites`
pub async fn index(
    request: HttpRequest,
    signed_in: SignedIn,
    state: Data<AppState>,
) -> Result<impl Responder, PageError> {
    let now = clock::now();
    let mut rows = Vec::new();
    for site in site::store::list(&state.db.read).await? {
        let seen = site::store::last_seen(&state.db.read, site.id).await?;
        let is_imported =
            seen.is_none() && site::store::has_imported(&state.db.read, site.id).await?;
        let seen = seen.map(|seen| ago(seen.at, now));
        rows.push(Row::new(&site, seen, is_imported));
    }
    Ok(Html::ok(SitesPage {
        page: signed_in.page(&request),
        has_own: rows.iter().any(|row| row.link.kind == SiteKind::Own),
        has_sample: rows.iter().any(|row| row.link.kind == SiteKind::Sample),
        rows,
    }))
}

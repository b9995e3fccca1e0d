//! `/`: leads to where there is something to do.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    account,
    error::AppError,
    site::{self, types::SiteKind},
    state::AppState,
    web::{error::PageError, extract::SignedIn, view::page::see_other},
};

/// GET `/`: set-up, sign-in, the only site, or all of them.
pub async fn show(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, PageError> {
    match SignedIn::of(&request).await {
        Ok(_) => {}
        Err(AppError::Unauthenticated) => {
            let has_members = account::store::has_members(&state.db.read).await?;
            return Ok(see_other(if has_members { "/sign-in" } else { "/setup" }));
        }
        Err(error) => return Err(error.into()),
    }
    let sites = site::store::list(&state.db.read).await?;
    let own: Vec<_> = sites
        .iter()
        .filter(|site| site.kind == SiteKind::Own)
        .collect();
    Ok(match own.as_slice() {
        [] if sites.is_empty() => see_other("/sites/new"),
        [only] => see_other(format!("/sites/{}", only.key)),
        _ => see_other("/sites"),
    })
}

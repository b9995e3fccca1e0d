//! What reaching a goal is worth, as the figures suggest it and the owner accepts it.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

use super::change::commit_change;
use crate::{
    clock,
    error::{AppError, FieldErrors},
    goal::store,
    state::AppState,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        view::page::{Flash, see_other_with},
    },
};

/// More than any goal is worth, in minor units.
const MOST: i64 = 1_000_000_000_000;

/// The value of a goal.
#[derive(Deserialize)]
pub struct ValueForm {
    /// Minor units of the site's currency.
    minor: i64,
}

/// POST `/sites/{key}/goals/{id}/value`.
pub async fn update(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(form): Form<ValueForm>,
) -> Result<HttpResponse, PageError> {
    let (site, id) = (&scope.site, path.1.parse());
    let id = id.map_err(|_| AppError::NotFound("goal"))?;
    if !(1..=MOST).contains(&form.minor) {
        let errors = FieldErrors::one("minor", "write an amount above 0, in cents or the like");
        return Err(AppError::from(errors).into());
    }
    let tx = state.db.begin().await?;
    store::set_value(&tx, site.id, id, form.minor, clock::now()).await?;
    commit_change(&state, tx, site.id).await?;
    let board = format!("/sites/{}/reports/steps", site.key);
    Ok(see_other_with(board, Flash::Saved))
}

//! Stars and tags: one click each, and back to where the button stood.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

use super::{answer_id, answers_url, query::list_again};
use crate::{
    answer::{store::marks, tag::parse_tags},
    clock,
    error::{AppError, AppResult},
    state::AppState,
    types::ImpressionId,
    web::{
        error::PageError,
        extract::{Form, SiteScope},
        reports::journey::with_wrong_tag,
        view::page::see_other,
    },
};

/// Where a button stood, and what it does.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct MarkForm {
    back: String,
    /// `answer` for the page of the answer.
    page: String,
    /// `1` to give a star, anything else to take it away.
    on: String,
    /// Names to add, between commas.
    tag: String,
    /// The tag to take off.
    remove: String,
}

impl MarkForm {
    fn leave(&self, scope: &SiteScope, id: ImpressionId) -> HttpResponse {
        let base = answers_url(&scope.site);
        if self.page == "answer" {
            return see_other(format!("{base}/{id}"));
        }
        see_other(format!("{base}?{}#{id}", list_again(&self.back)))
    }

    /// Adds tags, or takes one off.
    async fn change(&self, state: &AppState, scope: &SiteScope, id: ImpressionId) -> AppResult<()> {
        let (site_id, tx) = (scope.site.id, state.db.begin().await?);
        if self.remove.is_empty() {
            let names = parse_tags(&self.tag)?;
            marks::add_tags(&tx, site_id, id, &names, clock::now()).await?;
        } else {
            let tag_id = self.remove.parse();
            let tag_id = tag_id.map_err(|_| AppError::NotFound("tag"))?;
            marks::remove_tag(&tx, site_id, id, tag_id).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// POST `/sites/{key}/answers/{id}/star`.
pub async fn star(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(form): Form<MarkForm>,
) -> Result<HttpResponse, PageError> {
    let id = answer_id(&path.1)?;
    let at = (form.on == "1").then(clock::now);
    let tx = state.db.begin().await?;
    marks::set_star(&tx, scope.site.id, id, at).await?;
    tx.commit().await?;
    Ok(form.leave(&scope, id))
}

/// POST `/sites/{key}/answers/{id}/tags`: adds some, or takes one off.
pub async fn tag(
    request: HttpRequest,
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(form): Form<MarkForm>,
) -> Result<HttpResponse, PageError> {
    let id = answer_id(&path.1)?;
    match form.change(&state, &scope, id).await {
        Ok(()) => Ok(form.leave(&scope, id)),
        Err(AppError::Invalid(errors)) => {
            let wrong = (form.tag, errors);
            Ok(with_wrong_tag(&request, &state, &scope, id, wrong).await?)
        }
        Err(error) => Err(error.into()),
    }
}

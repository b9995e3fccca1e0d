//! The site's tags: how often each is used, renaming, merging and deleting.

use actix_web::{
    HttpResponse, Responder,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    answer::{
        store::marks,
        tag::{LONGEST_TAG, Tag, parse_tag},
    },
    error::{AppError, AppResult},
    site::types::Site,
    state::AppState,
    types::TagId,
    web::{
        error::PageError,
        extract::{Form, NoFields, SiteScope},
        view::{
            number,
            page::{Flash, Html, Nav, Page, see_other_with},
        },
    },
};

/// A tag of the list.
struct TagRow {
    tag: Tag,
    answers: String,
}

#[derive(Template)]
#[template(path = "admin/tags.html")]
struct TagsPage {
    page: Page,
    base: String,
    answers: String,
    rows: Vec<TagRow>,
}

impl TagsPage {
    fn others(&self, row: &TagRow) -> impl Iterator<Item = &Tag> {
        let id = row.tag.id;
        let tags = self.rows.iter().map(|row| &row.tag);
        tags.filter(move |tag| tag.id != id)
    }
}

/// GET `/sites/{key}/tags`.
pub async fn index(state: Data<AppState>, scope: SiteScope) -> Result<impl Responder, PageError> {
    let site = &scope.site;
    let tx = state.db.snapshot().await?;
    let tags = marks::list_tags(&tx, site.id).await?;
    let counts = marks::count_by_tag(&tx, site.id).await?;
    tx.commit().await.map_err(AppError::from)?;
    let row = |tag: Tag| TagRow {
        answers: number::count(counts.get(&tag.id).copied().unwrap_or(0)),
        tag,
    };
    Ok(Html::ok(TagsPage {
        page: scope.page(Nav::Answers),
        base: tags_url(site),
        answers: format!("/sites/{}/answers", site.key),
        rows: tags.into_iter().map(row).collect(),
    }))
}

/// What is to be done with a tag.
#[derive(Deserialize)]
pub struct TagForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    into: String,
}

/// POST `/sites/{key}/tags/{id}`: another name.
pub async fn rename(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(form): Form<TagForm>,
) -> Result<HttpResponse, PageError> {
    let (site, name) = (&scope.site, parse_tag(&form.name)?);
    let tx = state.db.begin().await?;
    marks::rename_tag(&tx, site.id, tag_id(&path.1)?, &name).await?;
    tx.commit().await?;
    Ok(see_other_with(tags_url(site), Flash::Saved))
}

/// POST `/sites/{key}/tags/{id}/merge`: makes one of two.
pub async fn merge(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    Form(form): Form<TagForm>,
) -> Result<HttpResponse, PageError> {
    let (site, from, into) = (&scope.site, tag_id(&path.1)?, tag_id(&form.into)?);
    let tx = state.db.begin().await?;
    marks::merge_tags(&tx, site.id, from, into).await?;
    tx.commit().await?;
    Ok(see_other_with(tags_url(site), Flash::Saved))
}

/// POST `/sites/{key}/tags/{id}/delete`.
pub async fn delete(
    state: Data<AppState>,
    scope: SiteScope,
    path: Path<(String, String)>,
    _: Form<NoFields>,
) -> Result<HttpResponse, PageError> {
    let site = &scope.site;
    let tx = state.db.begin().await?;
    marks::delete_tag(&tx, site.id, tag_id(&path.1)?).await?;
    tx.commit().await?;
    Ok(see_other_with(tags_url(site), Flash::Deleted))
}

fn tag_id(text: &str) -> AppResult<TagId> {
    text.parse().map_err(|_| AppError::NotFound("tag"))
}

fn tags_url(site: &Site) -> String {
    format!("/sites/{}/tags", site.key)
}

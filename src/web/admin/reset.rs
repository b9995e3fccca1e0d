//! A new password, with the link that `exitpoll reset-password` prints.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{Data, Query},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    account::{
        password, store,
        types::{LinkPurpose, Member},
    },
    clock,
    error::{AppError, AppResult, FieldErrors},
    site,
    state::AppState,
    web::{
        error::PageError,
        extract::OpenForm,
        view::page::{Flash, Html, see_other_with},
    },
};

#[derive(Template)]
#[template(path = "admin/reset.html")]
struct ResetPage {
    email: String,
    link: String,
    errors: FieldErrors,
}

/// What `/reset?link=` carries.
#[derive(Deserialize)]
pub struct LinkQuery {
    #[serde(default)]
    link: String,
}

/// What the form posts.
#[derive(Deserialize)]
pub struct ResetForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    link: String,
}

/// GET `/reset`
pub async fn show(
    request: HttpRequest,
    state: Data<AppState>,
    query: Query<LinkQuery>,
) -> Result<HttpResponse, PageError> {
    let link = query.into_inner().link;
    let member = member_of(&state, &link).await?;
    let page = ResetPage {
        email: member.email,
        link,
        errors: FieldErrors::default(),
    };
    Ok(Html::ok(page).respond_to(&request))
}

/// POST `/reset`
pub async fn create(
    request: HttpRequest,
    state: Data<AppState>,
    form: OpenForm<ResetForm>,
) -> Result<HttpResponse, PageError> {
    let OpenForm(form) = form;
    let member = member_of(&state, &form.link).await?;
    let sites = site::store::list(&state.db.read).await?;
    let names: Vec<_> = sites.into_iter().map(|site| site.name).collect();
    if let Some(refusal) = password::refusal(&form.password, &member.email, &names) {
        let errors = FieldErrors::one("password", refusal);
        let page = ResetPage {
            email: member.email,
            link: form.link,
            errors,
        };
        return Ok(Html::invalid(page).respond_to(&request));
    }
    let hash = state.accounts.passwords.hash(form.password).await?;
    let tx = state.db.begin().await?;
    if !store::consume_link(&tx, LinkPurpose::Reset, &form.link, clock::now()).await? {
        return Err(used_up().into());
    }
    store::save_password(&tx, member.id, hash).await?;
    tx.commit().await?;
    Ok(see_other_with("/sign-in", Flash::PasswordChanged))
}

/// For whom the link is, as long as it works.
async fn member_of(state: &AppState, link: &str) -> AppResult<Member> {
    let found = store::find_link(&state.db.read, LinkPurpose::Reset, link, clock::now()).await?;
    let id = found.flatten().ok_or_else(used_up)?;
    store::find_member(&state.db.read, id)
        .await?
        .ok_or_else(used_up)
}

fn used_up() -> AppError {
    AppError::Forbidden(
        "this link was used already or has expired. If you have chosen a password with it, sign in with that; \
         else run `exitpoll reset-password <email>` again on the server and open the new link"
            .into(),
    )
}

//! What handlers ask for. Every extractor answers in our error format.

mod base_url;
mod body;
mod client_ip;
mod csrf;
mod form;
mod member;
mod site_scope;
mod visitor;

pub use base_url::{base_url, own_origin};
pub use body::read_body;
pub use client_ip::{ClientIp, country_of};
pub use csrf::{check_origin, csrf_token};
pub use form::{FORM_LIMIT, Form, NoFields, OpenForm};
pub use member::{SignedIn, session_cookie, session_cookie_name, session_token};
pub use site_scope::SiteScope;
pub use visitor::visitors_of;

use actix_web::{HttpRequest, web::Data};

use crate::{error::AppError, state::AppState};

/// The shared state.
fn state(request: &HttpRequest) -> Result<Data<AppState>, AppError> {
    request
        .app_data::<Data<AppState>>()
        .cloned()
        .ok_or_else(|| AppError::Internal(anyhow::anyhow!("the application has no state")))
}

//! Pages that members read. Each loads one report, puts it into words and figures, and renders it.

mod beside;
mod between;
pub mod blueprint;
pub mod board;
mod choice;
mod file;
pub mod forms;
pub mod funnel;
pub mod funnel_file;
pub mod journey;
pub mod knowable;
pub mod list;
pub mod overview;
pub mod predictors;
pub mod prompt;
pub mod prompt_file;
pub mod quality;
pub mod reasons;
pub mod revenue;
pub mod scores;
pub mod why;
pub mod why_file;

use actix_web::HttpRequest;
use url::form_urlencoded;

use crate::{
    error::{AppError, AppResult},
    report::period::{Period, PeriodQuery},
    site::types::Site,
    types::Millis,
    web::view::unknown::Unknown,
};

/// The days that the query string asks for, where a file can be made of what else it says.
fn period(request: &HttpRequest, site: &Site, now: Millis) -> AppResult<Period> {
    let pattern = request.match_pattern().unwrap_or_default();
    Unknown::refuse_file(&pattern, request.query_string())?;
    let mut query = PeriodQuery::default();
    for (name, text) in form_urlencoded::parse(request.query_string().as_bytes()) {
        let text = Some(text.into_owned());
        match name.as_ref() {
            "days" => query.days = text,
            "from" => query.from = text,
            "to" => query.to = text,
            "automated" => query.automated = text,
            _ => {}
        }
    }
    Period::parse(&query, &site.time_zone, now).map_err(AppError::Invalid)
}

/// Whether only a part of the page is wanted, for a live region.
fn is_fragment(request: &HttpRequest) -> bool {
    form_urlencoded::parse(request.query_string().as_bytes()).any(|(name, _)| name == "fragment")
}

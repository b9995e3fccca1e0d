//! Which visits stand beside those that the funnel is about, as the query string says.

use super::choice::{load_text, said, wrong};
use crate::{
    db::Db,
    error::{AppError, AppResult, FieldErrors},
    report::{
        funnel::Beside,
        overview::Choice,
        period::{Period, PeriodQuery},
    },
    site::types::Site,
    web::view::chosen,
};

/// Reads it: other visits of these days, or of other days these or others.
pub(super) async fn read(
    query: &str,
    db: &Db,
    site: &Site,
    period: &Period,
) -> AppResult<Option<Beside>> {
    let text = said(query, "beside").unwrap_or_default();
    let days = days(query, period)?;
    if text.is_empty() && days.is_none() {
        return Ok(None);
    }
    if text == chosen::OTHERS {
        if days.is_some() {
            let right = "“All other visits” are of the same days; choose all visits, or leave the other days out";
            return Err(FieldErrors::one("beside", right).into());
        }
        return Ok(Some(Beside {
            text,
            ..Beside::default()
        }));
    }
    // Of other days, and nothing else, it is the same visits.
    let asked = if text.is_empty() { query } else { &text };
    let visits = load_text(asked, db, site, days.as_ref().unwrap_or(period)).await;
    let visits = Choice {
        by: None,
        ..visits.map_err(|error| of_beside(error, &text))?
    };
    let told = chosen::text(&visits);
    if told == chosen::ALL && !["", chosen::ALL].contains(&text.as_str()) {
        let right = "write all, others, or filters as in device%3Dtouch";
        return Err(wrong("beside", right).into());
    }
    Ok(Some(Beside {
        text: if text.is_empty() { text } else { told },
        visits: Some(visits),
        days,
    }))
}

/// What is wrong with the visits that `text` asks for is wrong with it.
fn of_beside(error: AppError, text: &str) -> AppError {
    match error {
        AppError::Invalid(FieldErrors(errors)) if !text.is_empty() => {
            let mut named = FieldErrors::default();
            for error in errors {
                named.add("beside", format!("beside: {}", error.message));
            }
            named.into()
        }
        other => other,
    }
}

/// The days of the other side, where these are others.
fn days(query: &str, period: &Period) -> Result<Option<Period>, FieldErrors> {
    let asked = PeriodQuery {
        from: said(query, "beside_from"),
        to: said(query, "beside_to"),
        ..PeriodQuery::default()
    };
    if asked.from.is_none() && asked.to.is_none() {
        return Ok(None);
    }
    let days = Period::of_days(&asked, period.today).map_err(|FieldErrors(errors)| {
        let mut named = FieldErrors::default();
        for error in errors {
            named.add(format!("beside_{}", error.field), error.message);
        }
        named
    })?;
    Ok(Some(Period {
        automated: period.automated,
        ..days
    }))
}

//! Which visits a report is about besides its days: filters, and what they are broken down by, as the query string says.

use actix_web::HttpRequest;
use url::form_urlencoded;

use super::{beside, between};
use crate::{
    db::Db,
    error::{AppResult, FieldErrors},
    ingest::cube::Dimension,
    report::{
        funnel::FunnelChoice,
        overview::Choice,
        period::Period,
        segment::{self, Segment},
        signatures::funnel::Order,
    },
    site::types::Site,
    types::GoalId,
    web::view::chosen::told,
};

/// Characters of a value at most: more than any that is stored.
const LONGEST: usize = 500;
/// Minutes of a day.
const MOST_MINUTES: u16 = 24 * 60;

/// Reads the query string.
pub(super) fn read(request: &HttpRequest) -> Result<Choice, FieldErrors> {
    parse(request.query_string())
}

/// What names no dimension is left out. An empty break-down is none; an empty value is one that visits have.
fn parse(query: &str) -> Result<Choice, FieldErrors> {
    let mut choice = Choice::default();
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        if name == "by" && !text.is_empty() {
            let by = Dimension::parse(&text).ok_or_else(|| wrong("by", &one_of(Dimension::ALL)))?;
            if choice.by.replace(by).is_some() {
                return Err(wrong("by", "give it once"));
            }
        } else if let Some(dimension) = Dimension::parse(&name) {
            if choice.filters.iter().any(|(set, _)| *set == dimension) {
                return Err(wrong(&name, "give it once"));
            }
            choice.filters.push((dimension, value(dimension, &text)?));
        }
    }
    Ok(choice)
}

/// A value that visits can have.
fn value(dimension: Dimension, text: &str) -> Result<String, FieldErrors> {
    match dimension.values() {
        Some(values) if !text.is_empty() && !values.contains(&text) => {
            Err(wrong(dimension.as_str(), &one_of(values)))
        }
        // PostgreSQL takes no NUL.
        _ => Ok(text.chars().filter(|c| *c != '\0').take(LONGEST).collect()),
    }
}

/// What is wrong with a part of the query string, with what would be right.
pub(super) fn wrong(name: &str, right: &str) -> FieldErrors {
    FieldErrors::one(name, format!("{name}: {right}"))
}

/// `write desktop or touch`.
fn one_of(names: impl IntoIterator<Item = impl ToString>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => {
            format!("write {} or {last}", others.join(", "))
        }
        _ => format!("write {}", names.concat()),
    }
}

/// The same of a report that can be asked for visits by what they did.
pub(super) async fn load(
    request: &HttpRequest,
    db: &Db,
    site: &Site,
    period: &Period,
) -> AppResult<Choice> {
    load_text(request.query_string(), db, site, period).await
}

/// Which visits a query string asks for.
pub(super) async fn load_text(
    query: &str,
    db: &Db,
    site: &Site,
    period: &Period,
) -> AppResult<Choice> {
    let mut choice = parse(query)?;
    let (did, not) = (goal(query, "did")?, goal(query, "not")?);
    let tx = db.snapshot().await?;
    let segment = Segment::load(&tx, site, (did, not)).await?;
    for (name, asked, found) in [("did", did, &segment.did), ("not", not, &segment.not)] {
        if asked.is_some() && found.is_none() {
            return Err(no_goal(name).into());
        }
    }
    choice.segment = segment;
    choice.segment.left_out = segment::left_out(&tx, site, period, &choice).await?;
    tx.commit().await?;
    Ok(choice)
}

/// The goal that is asked for under this name.
fn goal(query: &str, wanted: &str) -> Result<Option<GoalId>, FieldErrors> {
    let read = said(query, wanted).map(|id| id.parse().map_err(|_| no_goal(wanted)));
    read.transpose()
}

/// What stands under this name, where that is not empty.
pub(super) fn said(query: &str, wanted: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let said = pairs.find(|(name, text)| name == wanted && !text.is_empty());
    said.map(|(_, text)| text.into_owned())
}

pub(super) fn no_goal(name: &str) -> FieldErrors {
    wrong(
        name,
        "there is no such goal; its page under Goals has its id in the address",
    )
}

/// The same for the funnel, with how its steps count.
pub(super) async fn load_funnel(
    request: &HttpRequest,
    db: &Db,
    site: &Site,
    period: &Period,
) -> AppResult<FunnelChoice> {
    let mut choice = FunnelChoice {
        visits: load(request, db, site, period).await?,
        ..FunnelChoice::default()
    };
    let pairs = form_urlencoded::parse(request.query_string().as_bytes());
    for (name, text) in pairs.filter(|(_, text)| !text.is_empty()) {
        match name.as_ref() {
            "order" => {
                let order = Order::parse(&text);
                choice.order = order.ok_or_else(|| wrong("order", &one_of(Order::ALL)))?;
            }
            "within" => choice.within = Some(minutes(&text)?),
            "times" if text == "1" => choice.is_timed = true,
            "times" => return Err(wrong("times", "write 1, or leave it out").into()),
            _ => {}
        }
    }
    between::read(&mut choice, request.query_string(), (db, site)).await?;
    choice.beside = beside::read(request.query_string(), db, site, period).await?;
    Ok(choice)
}

/// A time that a visit can last.
fn minutes(text: &str) -> Result<u16, FieldErrors> {
    let minutes = text.parse().ok();
    let minutes = minutes.filter(|minutes| (1..=MOST_MINUTES).contains(minutes));
    minutes.ok_or_else(|| {
        let right = format!("write a whole number of minutes from 1 to {MOST_MINUTES}");
        wrong("within", &right)
    })
}

/// The parts of the query string that lead to this choice.
pub(super) fn pairs(choice: &Choice) -> Vec<(&'static str, String)> {
    let by = choice.by.map(|by| ("by", by.to_string()));
    let filters = choice.filters.iter();
    let filters = filters.map(|(dimension, value)| (dimension.as_str(), value.clone()));
    let deeds = told(&choice.segment).map(|(name, _, deed)| (name, deed.id.to_string()));
    by.into_iter().chain(filters).chain(deeds).collect()
}

/// The same for the funnel.
pub(super) fn funnel_pairs(choice: &FunnelChoice) -> Vec<(&'static str, String)> {
    let own = choice.pairs();
    own.into_iter().chain(pairs(&choice.visits)).collect()
}

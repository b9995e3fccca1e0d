//! Which visits a report is about besides its days: filters, and what they are broken down by, as the query string says.

use actix_web::HttpRequest;
use url::form_urlencoded;

use crate::{
    db::Db,
    error::AppResult,
    ingest::cube::Dimension,
    report::{
        funnel::{Beside, FunnelChoice},
        overview::Choice,
        period::Period,
        segment::{self, Segment},
        signatures::funnel::Order,
    },
    site::types::Site,
    web::view::chosen::{self, told},
};

/// Characters of a value at most: more than any that is stored.
const LONGEST: usize = 500;
/// Minutes of a day.
const MOST_MINUTES: u16 = 24 * 60;

/// Reads the query string. What names no dimension is left out; of two filters by one dimension the first holds.
pub(super) fn read(request: &HttpRequest) -> Choice {
    read_text(request.query_string())
}

fn read_text(query: &str) -> Choice {
    let mut choice = Choice::default();
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        if name == "by" {
            choice.by = Dimension::parse(&text);
        } else if let Some(dimension) = Dimension::parse(&name) {
            let is_set = choice.filters.iter().any(|(set, _)| *set == dimension);
            if !is_set {
                // PostgreSQL takes no NUL.
                let value = text.chars().filter(|c| *c != '\0').take(LONGEST);
                choice.filters.push((dimension, value.collect()));
            }
        }
    }
    choice
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

async fn load_text(query: &str, db: &Db, site: &Site, period: &Period) -> AppResult<Choice> {
    let goal = |wanted| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let (_, id) = pairs.find(|(name, _)| name == wanted)?;
        id.parse().ok()
    };
    let mut choice = read_text(query);
    let tx = db.snapshot().await?;
    choice.segment = Segment::load(&tx, site, (goal("did"), goal("not"))).await?;
    choice.segment.left_out = segment::left_out(&tx, site, period, &choice).await?;
    tx.commit().await?;
    Ok(choice)
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
    for (name, text) in form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "order" => choice.order = Order::parse(&text).unwrap_or_default(),
            "without" => choice.without = text.parse().ok(),
            "within" => choice.within = minutes(&text),
            "times" => choice.is_timed = text == "1",
            "beside" if !text.is_empty() => {
                choice.beside = Some(beside(&text, db, site, period).await?);
            }
            _ => {}
        }
    }
    Ok(choice)
}

/// A time that a visit can last.
fn minutes(text: &str) -> Option<u16> {
    let minutes = text.parse().ok();
    minutes.filter(|minutes| (1..=MOST_MINUTES).contains(minutes))
}

/// Visits to stand beside others: all others, or what a query string of their own says.
async fn beside(text: &str, db: &Db, site: &Site, period: &Period) -> AppResult<Beside> {
    if text == chosen::OTHERS {
        return Ok(Beside {
            text: text.into(),
            visits: None,
        });
    }
    let visits = Choice {
        by: None,
        ..load_text(text, db, site, period).await?
    };
    Ok(Beside {
        text: chosen::text(&visits),
        visits: Some(visits),
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

//! What an event tells that it is worth.

use super::{event::Event, fold::StoredBatch, group::Group, reply::DropReason};
use crate::{
    site::types::{Site, currency_exponent},
    types::Millis,
};

/// Property of an event that names the currency of its amount, as shops tell it.
const CURRENCY: &str = "currency";

/// The amount that the event tells, in minor units of `currency` (ISO 4217), the site's; `None` when it tells none.
///
/// One in another currency comes to nothing: it is neither so many of the site's units nor what the goal would say by itself.
pub(super) fn told(event: &Event, currency: &str) -> Option<i64> {
    let value = event.props.value?;
    Some(match is_in_other(event, currency) {
        true => 0,
        false => minor_units(value, currency),
    })
}

impl Group {
    /// Counts the events of a new batch that are kept with an amount that is not added up.
    pub(super) fn count_other_currencies(&mut self, site: &Site, batch: &StoredBatch, at: Millis) {
        let events = batch.events.iter();
        let n = events
            .filter(|event| is_in_other(event, &site.currency))
            .count();
        if n > 0 {
            self.drop_counted(site.id, DropReason::OtherCurrency, n, at);
        }
    }
}

/// Whether the event tells an amount in another currency than this one.
fn is_in_other(event: &Event, currency: &str) -> bool {
    let props = event.props.props.as_ref();
    let named = props.and_then(|props| props.get(CURRENCY)?.as_text());
    let code = named.map(str::trim).filter(|text| is_code(text));
    event.props.value.is_some() && code.is_some_and(|code| !code.eq_ignore_ascii_case(currency))
}

fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// An amount in the major unit as whole minor units, within what a site can plausibly mean.
fn minor_units(value: f64, currency: &str) -> i64 {
    let minor = value * f64::from(10_u32.pow(currency_exponent(currency)));
    #[expect(
        clippy::cast_possible_truncation,
        reason = "clamped far inside i64; NaN becomes 0"
    )]
    let whole = minor.round().clamp(-1e11, 1e11) as i64;
    whole
}

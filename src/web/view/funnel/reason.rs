//! A reason on the card of a drop-off: its share, what it may come to, its trend. Pure.

use super::{amount, drop::asked_later};
use crate::{
    report::funnel::{DropOff, ReasonShare, Step, Way},
    stats::is_apart,
    web::view::{chart::bars::Bar, number},
};

/// One reason.
pub struct ReasonView {
    /// `41 %`, or `3 of 5` when there are too few answers for a share.
    pub share: String,
    /// `(35–48)`.
    pub range: String,
    /// The layout.
    pub bar: Bar,
    /// The reason.
    pub words: String,
    /// `up to €4,900 · ↑ 12 % before, 31 % now, as given`.
    pub more: String,
    /// `88 answers`.
    pub count: String,
    /// Drawn smaller.
    pub is_minor: bool,
}

pub(super) fn reason_view(
    place: usize,
    reason: &ReasonShare,
    drop: &DropOff,
    steps: &[Step],
    currency: &str,
) -> ReasonView {
    let words = reason.name.clone();
    let more: Vec<String> = more(reason, drop, steps, currency);
    let more = more.join(" · ");
    let is_minor = place > 1;
    let Some(share) = &reason.corrected else {
        return ReasonView {
            share: number::of(reason.rate),
            range: String::new(),
            bar: Bar::plain(reason.rate),
            words,
            more,
            count: String::new(),
            is_minor,
        };
    };
    let unit = match (place, reason.rate.k) {
        (0, 1) => " answer",
        (0, _) => " answers",
        _ => "",
    };
    ReasonView {
        share: number::weighted_percent(share),
        range: format!("({})", number::whole_interval(share.interval)),
        bar: Bar::of(share.share, Some(share.interval)),
        words,
        more,
        count: format!("{}{unit}", number::count(reason.rate.k)),
        is_minor,
    }
}

/// What stands behind the name: the price, of how many it is the share where others could be asked something else, the trend, whether
/// correcting moved the share, and where they were asked.
fn more(reason: &ReasonShare, drop: &DropOff, steps: &[Step], currency: &str) -> Vec<String> {
    let up_to = reason
        .up_to
        .map(|up_to| format!("up to {}", amount(up_to, currency)));
    let up_to = up_to.or((!reason.is_loss).then(|| "no loss".to_owned()));
    let trend = reason.trend.map(|way| {
        let arrow = match way {
            Way::Up => "↑",
            Way::Down => "↓",
        };
        let [before, now] = [reason.before, reason.rate].map(number::whole_percent);
        format!("{arrow} {before} before, {now} now, as given")
    });
    let raw = reason.rate.share().zip(reason.corrected);
    let raw = raw
        .filter(|(raw, corrected)| trend.is_none() && is_apart(*raw, corrected.share))
        .map(|_| {
            let given = number::whole_percent(reason.rate);
            format!("{given} before correcting")
        });
    let later = reason.later.iter().map(|(place, n)| {
        let asked = asked_later(drop.step, *place, steps);
        if *n == reason.rate.k {
            asked
        } else {
            format!("{} of them {asked}", number::count(*n))
        }
    });
    let could = (reason.corrected.is_some() && reason.could < drop.could)
        .then(|| format!("of {} that could be asked", number::count(reason.could)));
    let parts = up_to.into_iter().chain(could).chain(trend).chain(raw);
    parts.chain(later).collect()
}

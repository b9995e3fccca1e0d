//! Whether those who answered are like those for whom it opened, in words. Pure.

use super::{dimension::value_words, number};
use crate::{
    ingest::cube::Dimension,
    report::prompt::{Bias, KindResponse},
    stats::{Rate, Representative},
};

/// Response of each kind of visit.
pub struct BiasView {
    /// The R-indicator, and what it says.
    pub finding: String,
    /// Kind, and how many answered of those for whom it opened.
    pub kinds: Vec<(String, String)>,
}

impl BiasView {
    pub(super) fn new(bias: &Bias) -> Self {
        let mut visitors = bias.kinds.iter().map(|kind| &kind.visitor);
        let first = visitors.next();
        let has_visitors = visitors.any(|it| Some(it) != first);
        let kinds = bias.kinds.iter();
        Self {
            finding: finding(bias),
            kinds: kinds
                .map(|kind| (name(kind, has_visitors), response(kind.rate)))
                .collect(),
        }
    }
}

/// What the R-indicator says, or why there is none.
fn finding(bias: &Bias) -> String {
    let all = bias.all();
    let said = match bias.indicator {
        Some(indicator) => format!("R-indicator {indicator:.2} of 1; {}", verdict(indicator)),
        None => "not known, since the card opened for one kind of visits only".to_owned(),
    };
    format!(
        "Response bias: {said}. Of the {} cards that opened, {} were answered.",
        number::count(all.n),
        number::count(all.k)
    )
}

/// What an R-indicator says.
pub(super) fn verdict(indicator: f64) -> &'static str {
    match Representative::of(indicator) {
        Representative::Good => "all kinds of visits answered about alike",
        Representative::Fair => "some kinds of visits answered less than others",
        Representative::Poor => "kinds of visits answered very unlike each other",
    }
}

/// `Phone or tablet, new`.
fn name(kind: &KindResponse, has_visitors: bool) -> String {
    let device = value_words(Dimension::Device, &kind.device);
    if !has_visitors {
        return device;
    }
    let visitor = value_words(Dimension::Visitor, &kind.visitor);
    format!("{device}, {}", visitor.to_lowercase())
}

/// `9.1 % ±1.7 (96 of 1,051)`; of few `3 of 5`.
fn response(rate: Rate) -> String {
    let of = number::of(rate);
    match rate.is_enough() {
        true => format!("{} {} ({of})", number::percent(rate), number::spread(rate)),
        false => of,
    }
}

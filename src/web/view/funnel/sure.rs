//! How sure the shares and prices of a drop-off are, and how they come about. Pure.

use super::amount;
use crate::{
    report::funnel::{Correction, DropOff, FunnelReport, ReasonShare},
    stats::{ENOUGH, Rate, Representative, is_apart},
    web::view::{number, prompt_bias::verdict},
};

/// A reason as given and corrected.
pub struct SureRow {
    /// The reason.
    pub reason: String,
    /// `20 of 32`.
    pub answers: String,
    /// `62 % (45–77)`.
    pub given: String,
    /// Likewise in the days before; empty when nobody could name it.
    pub before: String,
    /// `270 of 400`: those who left and could be asked for it.
    pub could: String,
    /// `58 % (40–74)`.
    pub corrected: String,
    /// `€1,400`; empty when it is not priced.
    pub up_to: String,
}

pub(super) fn sure_rows(drop: &DropOff, currency: &str) -> Vec<SureRow> {
    let rows = drop.reasons.iter().filter_map(|reason| {
        let corrected = reason.corrected.as_ref()?;
        Some(SureRow {
            reason: reason.name.clone(),
            answers: number::of(reason.rate),
            given: given(reason.rate),
            before: given(reason.before),
            could: number::of(Rate::new(reason.could, drop.left.k)),
            corrected: number::weighted(corrected),
            up_to: match reason.up_to {
                Some(up_to) => amount(up_to, currency),
                None if !reason.is_loss => "no loss".into(),
                None => String::new(),
            },
        })
    });
    rows.collect()
}

/// `62 % (45–77)`, or `3 of 5`.
fn given(rate: Rate) -> String {
    match (rate.n, rate.is_enough()) {
        (0, _) => String::new(),
        (_, false) => number::of(rate),
        (_, true) => format!(
            "{} ({})",
            number::whole_percent(rate),
            number::whole_range(rate)
        ),
    }
}

/// How many of those who left a question that offers reasons could reach; the others are not spoken for.
pub(super) fn reach(drop: &DropOff) -> Option<String> {
    let reach = drop.reach();
    if reach.k == 0 {
        return None;
    }
    let could = match (reach.k == reach.n, reach.is_enough()) {
        (true, _) => "The question could reach all who left".to_owned(),
        (_, true) => format!(
            "The question could reach {} of those who left",
            number::percent(reach)
        ),
        (_, false) => format!(
            "The question could reach {} of the {} who left",
            number::count(reach.k),
            number::count(reach.n)
        ),
    };
    let others = drop.left.k - drop.spoken_for;
    let is_priced = drop.reasons.iter().any(|reason| reason.up_to.is_some());
    if !is_priced || others == 0 {
        return Some(format!("{could}."));
    }
    let the_other = match drop.spoken_for == drop.could {
        true => "the other ",
        false => "",
    };
    let are = if others == 1 { "is" } else { "are" };
    let others = number::counted(others, "visit", "visits");
    Some(format!(
        "{could}; {the_other}{others} {are} spoken for by no share and {are} in no reason’s price."
    ))
}

pub(super) fn sure_notes(drop: &DropOff, report: &FunnelReport, currency: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(correction) = drop.correction.filter(|_| drop.has_shares()) {
        notes.extend(corrected(drop, correction));
    } else if (1..ENOUGH).contains(&drop.answered_few) {
        let more = number::not_enough(drop.answered_few, "answer", "answers");
        notes.push(format!(
            "Counts, not shares: {more} Who stays silent may think differently."
        ));
    }
    notes.extend(price(drop, report, currency));
    notes
}

fn corrected(drop: &DropOff, correction: Correction) -> Vec<String> {
    let mut notes = vec![format!(
        "Shares are corrected to everybody who left here and could have been asked for the reason, {} in all: each answer counts for the visits that were like it when it was first decided whether to ask (question, step, device, new or returning), divided by its chance of being asked and cut to 0.3 to 5 times the median. Kinds of visits with fewer than 10 answers are taken together.",
        number::counted(drop.spoken_for, "visit", "visits"),
    )];
    let is_alike =
        |reason: &ReasonShare| reason.rate.n == drop.offered && reason.could == drop.could;
    let is_one = drop.reasons.iter().all(is_alike);
    notes.push(match is_one {
        true => format!(
            "{} so weighted tell as much as {:.0} that count alike; the range is Wilson’s of that number, at 95 %. A visit that names several reasons counts with each.",
            number::counted(drop.offered, "answer", "answers"),
            correction.answers,
        ),
        false => "The range is Wilson’s of as many answers as would tell as much if they counted alike, at 95 %: each reason has its own number, equal_answers in the files. A visit that names several reasons counts with each.".into(),
    });
    if !is_one {
        notes.push("A reason has its share of those who answered a question that offers it, corrected to those who could have been asked one: no share and no price speaks for the others. Of fewer than 30 answers there is a count and no share.".into());
    }
    let apart = drop.reasons.iter().filter(|reason| {
        let shares = reason.rate.share().zip(reason.corrected);
        shares.is_some_and(|(raw, corrected)| is_apart(raw, corrected.share))
    });
    let apart: Vec<String> = apart.map(|it| format!("“{}”", it.name)).collect();
    if let Some(r) = correction.representativity.filter(|_| is_one) {
        notes.push(match Representative::of(r) {
            // It can be good and still move one reason.
            Representative::Good if !apart.is_empty() => format!("R-indicator {r:.2} of 1."),
            _ => format!("R-indicator {r:.2} of 1: {}.", verdict(r)),
        });
    }
    if !apart.is_empty() {
        notes.push(format!(
            "Correcting moves {} by more than 5 points: those who answered are unlike those who could have.",
            apart.join(", ")
        ));
    }
    notes.push("It cannot correct silence that depends on the reason itself: whoever is too annoyed to answer is missing among the annoyed.".into());
    notes
}

/// The formula of the prices, with its figures.
fn price(drop: &DropOff, report: &FunnelReport, currency: &str) -> Option<String> {
    let all = drop.lost.up_to?;
    let priced = drop.reasons.iter().filter(|it| it.up_to.is_some());
    let (least, most) = span(priced.map(|reason| reason.lost))?;
    let lost = match least == most {
        true => number::counted(least, "visit", "visits"),
        false => format!("{} to {} visits", number::count(least), number::count(most)),
    };
    let unpriced = [drop.lost_few, drop.lost_else, drop.lost_unreached];
    let unpriced: i64 = unpriced.iter().map(|part| part.visits).sum();
    let value = report.value_minor.map(|minor| {
        format!(
            " × {}, the value of the goal",
            number::money(minor, currency)
        )
    });
    let main = report.conversion.as_ref().map_or("", |main| &main.name);
    Some(format!(
        "Up to = {lost} lost here that could be asked for the reason × its share × {} of the visits that went on and reached “{main}”, of the same kind of device where these are 30 or more{}. All reasons together come to no more than {}: shares that add up to more than 100 % of those who could be asked the same are scaled down. {} that no share speaks for {} in no reason’s price. An upper bound: it goes with leaving, and not everyone would come back.",
        number::fraction(all.conversions / drop.lost.visits.max(1) as f64),
        value.unwrap_or_default(),
        amount(all, currency),
        number::counted(unpriced, "lost visit", "lost visits"),
        if unpriced == 1 { "is" } else { "are" },
    ))
}

/// The least and the most; `None` of nothing.
fn span(mut each: impl Iterator<Item = i64>) -> Option<(i64, i64)> {
    let first = each.next()?;
    Some(each.fold((first, first), |(least, most), n| {
        (least.min(n), most.max(n))
    }))
}

//! What to fix first, in words, each with what to do next. Pure.

use super::{
    amount,
    drop::{answers_query, ask_query},
};
use crate::{
    report::funnel::{Cause, Fix, FunnelReport, UpTo},
    stats::ENOUGH,
    web::view::{chosen::Chosen, number},
};

/// Rows that the page shows of each list.
const SHOWN: usize = 6;

/// Things to fix.
pub struct FixList {
    /// What they have in common.
    pub about: &'static str,
    /// The largest possible gain on top.
    pub fixes: Vec<FixView>,
    /// How many more there are.
    pub rest: usize,
}

/// One thing to fix.
pub struct FixView {
    /// `up to €1,400`, or `44 visits` when what they would come to is not known.
    pub amount: String,
    /// What it is about.
    pub what: String,
    /// How the amount comes about.
    pub how: String,
    /// What to do next.
    pub action: &'static str,
    /// Where that is, behind the site's address.
    pub href: String,
}

/// Those of which it is known why, and the others.
pub(super) fn fix_lists(
    report: &FunnelReport,
    chosen: &Chosen<'_>,
    currency: &str,
) -> Vec<FixList> {
    let list = |(is_known, about)| {
        let fixes = report.fixes.iter();
        let fixes: Vec<_> = fixes
            .filter(|fix| fix.cause.is_known() == is_known)
            .collect();
        FixList {
            about,
            rest: fixes.len().saturating_sub(SHOWN),
            fixes: fixes
                .into_iter()
                .take(SHOWN)
                .map(|fix| fix_view(fix, report, chosen, currency))
                .collect(),
        }
    };
    let lists = [
        (
            true,
            "What is lost in the funnel and why, by where, the largest possible gain on top.",
        ),
        (false, "What is lost and not known why:"),
    ];
    let lists = lists.map(list).into_iter();
    lists.filter(|list| !list.fixes.is_empty()).collect()
}

fn fix_view(fix: &Fix, report: &FunnelReport, chosen: &Chosen<'_>, currency: &str) -> FixView {
    let (action, href) = action(fix, report, chosen);
    FixView {
        amount: match fix.up_to {
            Some(up_to) => format!("up to {}", amount(up_to, currency)),
            None => number::counted(fix.lost, "visit", "visits"),
        },
        what: what(fix, report),
        how: how(fix, report),
        action,
        href,
    }
}

fn what(fix: &Fix, report: &FunnelReport) -> String {
    let name = |place: usize| report.steps.get(place).map_or("", |step| &step.name);
    let place = match fix.step {
        0 => format!("before “{}”", name(1)),
        step => format!("at “{}”", name(step)),
    };
    match &fix.cause {
        Cause::Reason(_, reason, _) => format!("“{reason}”, {place}"),
        Cause::FewAnswers(0) => format!("Asked why and not answered, {place}"),
        Cause::FewAnswers(n) if *n >= ENOUGH => format!(
            "No reason named, {place}: {} in words alone",
            number::counted(*n, "answer", "answers")
        ),
        Cause::FewAnswers(n) => format!(
            "Too few answers for shares, {place}: {}",
            number::counted(*n, "answer", "answers")
        ),
        Cause::NoReasons(0) => format!("Asked nothing that tells why, {place}"),
        Cause::NoReasons(n) => format!(
            "Asked, but not why, {place}: {}",
            number::counted(*n, "answer", "answers")
        ),
        Cause::Unasked => format!("Not asked why, {place}"),
        Cause::Order => format!(
            "The order of the steps looks wrong behind “{}”",
            name(fix.step)
        ),
    }
}

fn how(fix: &Fix, report: &FunnelReport) -> String {
    let lost = number::counted(fix.lost, "lost visit", "lost visits");
    let Some((drop, up_to)) = report.drops.get(fix.step).zip(fix.up_to) else {
        return match fix.cause {
            Cause::Order => format!("{lost} that may not have left"),
            _ => format!("{lost}; too few went on here to say what they would come to"),
        };
    };
    let Cause::Reason(id, _, share) = &fix.cause else {
        return format!("{lost} × {}", onward(up_to, fix.lost));
    };
    let reason = drop.reasons.iter().find(|it| it.reason_id == *id);
    let all = reason.and_then(|it| it.all_up_to).unwrap_or(up_to);
    let several = all.conversions * share.share / up_to.conversions;
    let several = if several > 1.005 {
        format!(" ÷ {several:.2}, as shares come to more than all")
    } else {
        String::new()
    };
    let share = number::weighted(share);
    format!("{lost} × {share} × {}{several}", onward(all, fix.lost))
}

/// How many of these would come to the main goal if they went on like others.
fn onward(up_to: UpTo, lost: i64) -> String {
    let share = number::fraction(up_to.conversions / lost.max(1) as f64);
    format!("{share} of those who go on, by device")
}

/// Whether a question reaches some of those who leave at a step.
fn is_asked(report: &FunnelReport, step: usize) -> bool {
    let drop = report.drops.get(step);
    drop.is_some_and(|drop| drop.answered + drop.silent > 0)
}

fn action(fix: &Fix, report: &FunnelReport, chosen: &Chosen<'_>) -> (&'static str, String) {
    let answers = || format!("/answers?{}", answers_query(fix.step, chosen));
    match &fix.cause {
        Cause::Reason(id, ..) => ("Read their answers", format!("{}&reason={id}", answers())),
        Cause::FewAnswers(0) => ("Look at the questions", "/prompts".into()),
        Cause::FewAnswers(_) => ("Read the answers", answers()),
        // What asks here already comes first wherever both could.
        Cause::Unasked if is_asked(report, fix.step) => {
            ("Look at the questions", "/prompts".into())
        }
        Cause::NoReasons(_) | Cause::Unasked => {
            let here = report.steps.get(fix.step);
            let query = here.map(|here| ask_query(here, report.steps.get(fix.step + 1)));
            let query = query.unwrap_or_default();
            ("Ask here", format!("/prompts/new?{query}"))
        }
        Cause::Order => ("Look at the order", "/goals".into()),
    }
}

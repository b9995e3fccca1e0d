//! How far visits were counted again by goals that were changed, and which are not, in one line each. Pure.

use jiff::civil::Date;

use super::{
    number,
    when::{When, day_short, days_long},
};
use crate::{goal::types::Recount, site::calendar::date_of};

/// `Recounting by the new steps: 12,400 of 58,000 visits, back to 3 November.` Nothing when nothing waits.
pub fn recount_line(recount: Option<&Recount>, when: &When) -> Option<String> {
    let recount = recount.filter(|it| !it.is_finished)?;
    let Some(total) = recount.total else {
        return Some("Recounting by the new steps begins.".into());
    };
    if !recount.is_running() {
        return None;
    }
    let so_far = format!(
        "Recounting by the new steps: {} of {}",
        number::count(recount.recounted.min(total)),
        number::counted(total, "visit", "visits")
    );
    let back_to = recount.reached_day.and_then(date_of);
    Some(match back_to {
        Some(day) => format!("{so_far}, back to {}.", days_long(day, day, when.today())),
        None => format!("{so_far}."),
    })
}

/// Whether there are visits that will be counted again.
fn is_due(recount: Option<&Recount>) -> bool {
    recount.is_some_and(|it| !it.is_finished)
}

/// `2 visits of these days are not counted by the present goals yet.` Where nothing will count them again it is said that nothing can.
pub fn uncounted(visits: i64, recount: Option<&Recount>, by: &str) -> Option<String> {
    if visits == 0 {
        return None;
    }
    let are = if visits == 1 { "is" } else { "are" };
    let visits = number::counted(visits, "visit", "visits");
    Some(match is_due(recount) {
        true => format!("{visits} of these days {are} not counted by {by} yet."),
        false => format!(
            "{visits} of these days can no longer be counted by {by}: their events are not kept any more."
        ),
    })
}

/// `counted from 24 Nov on`: what it is about is recorded since it was saved.
pub fn counted_from(day: i32, today: Date) -> String {
    let day = day_short(date_of(day).unwrap_or_default(), today);
    format!("counted from {day} on")
}

/// The same of the main goal, as a sentence; nothing where all of the days tell of it.
pub fn main_counted_from(main: Option<&str>, day: Option<i32>, today: Date) -> Option<String> {
    let from = counted_from(day?, today);
    Some(format!(
        "“{}” is {from}: it is recorded since it was saved.",
        main?
    ))
}

/// What a page is headed by on which nothing is counted.
pub fn nothing_counted(recount: Option<&Recount>, by: &str) -> String {
    match is_due(recount) {
        true => format!("Visits are counted again by {by}"),
        false => format!("No visit of these days can be counted by {by}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_far_it_is_while_there_is_something_to_do() {
        let when = When::new("Europe/Berlin", 1_763_800_000_000);
        let recount = Recount {
            version: 3,
            since_at: 0,
            total: Some(58_000),
            recounted: 12_400,
            reached: None,
            reached_day: Some(20_251_103),
            is_tail: false,
            is_finished: false,
        };
        let line = |recount: &Recount| recount_line(Some(recount), &when);

        assert_eq!(
            line(&recount)
                .as_deref()
                .map(|line| line.replace('\u{a0}', " ")),
            Some(
                "Recounting by the new steps: 12,400 of 58,000 visits, back to 3 November.".into()
            )
        );
        let begun = Recount {
            recounted: 0,
            total: Some(1),
            reached_day: None,
            ..recount.clone()
        };
        assert_eq!(
            line(&begun)
                .as_deref()
                .map(|line| line.replace('\u{a0}', " ")),
            Some("Recounting by the new steps: 0 of 1 visit.".into())
        );
        for done in [
            Recount {
                is_tail: true,
                ..recount.clone()
            },
            Recount {
                total: Some(0),
                ..recount.clone()
            },
            Recount {
                total: None,
                is_finished: true,
                ..recount.clone()
            },
        ] {
            assert_eq!(line(&done), None);
        }
        let unbegun = Recount {
            total: None,
            ..recount
        };
        assert_eq!(
            line(&unbegun).as_deref(),
            Some("Recounting by the new steps begins.")
        );
        assert_eq!(recount_line(None, &when), None);
    }
}

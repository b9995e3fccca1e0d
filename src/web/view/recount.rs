//! How far visits were counted again by goals that were changed, in one line. Pure.

use super::{
    number,
    when::{When, days_long},
};
use crate::{goal::types::Recount, site::calendar::date_of};

/// `Recounting by the new steps: 12,400 of 58,000 visits, back to 3 November.` Nothing when nothing waits.
pub fn recount_line(recount: Option<&Recount>, when: &When) -> Option<String> {
    let recount = recount.filter(|it| it.is_running())?;
    let total = recount.total?;
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
                ..recount
            },
        ] {
            assert_eq!(line(&done), None);
        }
        assert_eq!(recount_line(None, &when), None);
    }
}

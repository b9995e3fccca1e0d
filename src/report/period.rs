//! Which days a report is about, in the site's time zone. Pure.

use std::collections::HashMap;

use jiff::{ToSpan, civil::Date};
use serde::Deserialize;

use crate::{clock::DAY, error::FieldErrors, site::calendar, types::Millis};

/// The longest range that a report takes, in days.
const MAX_DAYS: i32 = 731;
/// The range of a report when nothing is asked for: four whole weeks, so that no weekday counts more than another.
pub const DEFAULT_DAYS: i32 = 28;
/// The ranges that are one click away.
pub const PRESETS: [(i32, &str); 4] = [
    (1, "Today"),
    (7, "7 days"),
    (DEFAULT_DAYS, "28 days"),
    (90, "90 days"),
];

/// What stands in the query string of a report.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PeriodQuery {
    /// Number of days up to today.
    pub days: Option<String>,
    /// First day, `2026-11-20`.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// `1` counts automated browsers too.
    pub automated: Option<String>,
}

/// The days of a report, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day, today at the latest.
    pub to: Date,
    /// The site's present day.
    pub today: Date,
    /// Whether automated browsers count.
    pub automated: bool,
    /// Whether it was asked for as so many days up to today, and moves on with the calendar.
    pub moves: bool,
}

impl Period {
    /// Reads the query; days are those of `time_zone` at `now`.
    pub fn parse(query: &PeriodQuery, time_zone: &str, now: Millis) -> Result<Self, FieldErrors> {
        let today = calendar::day_of(now, time_zone);
        Self::of_days(query, calendar::date_of(today).unwrap_or_default())
    }

    /// The same when `today` is the site's present day.
    pub fn of_days(query: &PeriodQuery, today: Date) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut day = |field: &str, text: &Option<String>| {
            let text = text
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())?;
            let date = text
                .parse::<Date>()
                .ok()
                .filter(|date| (2000..=2200).contains(&date.year()));
            if date.is_none() {
                errors.add(
                    field,
                    "write the day as year-month-day, for example 2026-11-20",
                );
            }
            date
        };
        let (from, to) = (day("from", &query.from), day("to", &query.to));
        let days = read_days(query, &mut errors);
        let moves = from.is_none() && to.is_none();
        let to = to.unwrap_or(today).min(today);
        let from = from.unwrap_or_else(|| to.saturating_sub((days - 1).days()));
        if from > to {
            errors.add(
                "from",
                "the first day must not be after the last one, nor after today",
            );
        } else if length(from, to) > MAX_DAYS {
            errors.add(
                "from",
                format!("at most {MAX_DAYS} days fit in a report; choose a later first day"),
            );
        }
        let automated = query.automated.as_deref().unwrap_or_default();
        if !matches!(automated, "" | "0" | "1") {
            errors.add(
                "automated",
                "automated: write 1 to count automated browsers too, or leave it out",
            );
        }
        errors.or(Self {
            from,
            to,
            today,
            automated: automated == "1",
            moves,
        })
    }

    /// Number of days.
    pub fn length(&self) -> i32 {
        length(self.from, self.to)
    }

    /// When it begins, and when it is over.
    pub fn times(&self, time_zone: &str) -> (Millis, Millis) {
        let start = |day| calendar::start_of_day(calendar::number(day), time_zone);
        let end = self.to.tomorrow().unwrap_or(self.to);
        (start(self.from), start(end))
    }

    /// Every day, oldest first.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.from
            .series(1.day())
            .take(usize::try_from(self.length()).unwrap_or_default())
    }

    /// The first day of the week of each day, both YYYYMMDD; weeks are counted from the first day of the period.
    pub fn weeks(&self) -> HashMap<i32, i32> {
        let days: Vec<i32> = self.days().map(calendar::number).collect();
        days.chunks(7)
            .flat_map(|week| week.iter().zip(std::iter::repeat(week.first())))
            .filter_map(|(day, first)| Some((*day, *first?)))
            .collect()
    }

    /// Whether the last day is not over.
    pub fn is_today_included(&self) -> bool {
        self.to == self.today
    }

    /// The same number of days right before.
    pub fn previous(&self) -> (Date, Date) {
        (
            self.from.saturating_sub(self.length().days()),
            self.from.saturating_sub(1.day()),
        )
    }

    /// The same as a period.
    pub fn before(&self) -> Self {
        let (from, to) = self.previous();
        Self {
            from,
            to,
            moves: false,
            ..self.clone()
        }
    }

    /// Whether both are of the same days.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.from, self.to) == (other.from, other.to)
    }

    /// Whether it was asked for as the last `days` days.
    pub fn is_preset(&self, days: i32) -> bool {
        self.moves && self.length() == days
    }

    /// The query string that leads back here.
    pub fn query(&self) -> String {
        let automated = if self.automated { "&automated=1" } else { "" };
        if self.moves {
            // Bookmarks of "the last 7 days" move on with the calendar; what was asked for by dates stays.
            return format!("days={}{automated}", self.length());
        }
        format!("from={}&to={}{automated}", self.from, self.to)
    }
}

/// When visits that began on these days can have become known, and can have been asked: a visit lasts a day at most, events may
/// arrive a day late, and the site may have had another time zone.
pub(super) fn known_within(from: Date, to: Date, time_zone: &str) -> (Millis, Millis) {
    let start = |day| calendar::start_of_day(calendar::number(day), time_zone);
    (start(from) - 2 * DAY, start(to) + 4 * DAY)
}

fn read_days(query: &PeriodQuery, errors: &mut FieldErrors) -> i32 {
    let Some(text) = query.days.as_deref().filter(|text| !text.is_empty()) else {
        return DEFAULT_DAYS;
    };
    match text.parse::<i32>() {
        Ok(days) if (1..=MAX_DAYS).contains(&days) => days,
        _ => {
            errors.add(
                "days",
                format!("write a whole number of days from 1 to {MAX_DAYS}"),
            );
            DEFAULT_DAYS
        }
    }
}

fn length(from: Date, to: Date) -> i32 {
    (to - from).get_days() + 1
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// 20 November 2026, 23:30 UTC: already the 21st in Berlin.
    const NOW: Millis = 1_795_217_400_000;

    fn parse(days: &str, from: &str, to: &str, zone: &str) -> Result<Period, FieldErrors> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let query = PeriodQuery {
            days: some(days),
            from: some(from),
            to: some(to),
            automated: None,
        };
        Period::parse(&query, zone, NOW)
    }

    #[test]
    fn today_is_the_sites() {
        assert_eq!(parse("1", "", "", "UTC").unwrap().to, date(2026, 11, 20));
        assert_eq!(
            parse("1", "", "", "Europe/Berlin").unwrap().to,
            date(2026, 11, 21)
        );
    }

    #[test]
    fn four_weeks_when_nothing_is_asked_for() {
        let period = parse("", "", "", "UTC").unwrap();

        assert_eq!(
            (period.from, period.to),
            (date(2026, 10, 24), date(2026, 11, 20))
        );
        assert_eq!(period.length(), 28);
        assert_eq!(period.previous(), (date(2026, 9, 26), date(2026, 10, 23)));
        assert!(period.is_preset(28));
        assert_eq!(period.query(), "days=28");
    }

    #[test]
    fn given_days_are_taken_and_the_future_is_cut_off() {
        let period = parse("", "2026-11-01", "2026-11-03", "UTC").unwrap();
        assert_eq!(
            period.days().map(calendar::number).collect::<Vec<_>>(),
            [20_261_101, 20_261_102, 20_261_103]
        );
        assert_eq!(period.query(), "from=2026-11-01&to=2026-11-03");

        assert_eq!(
            parse("", "2026-11-01", "2027-01-01", "UTC").unwrap().to,
            date(2026, 11, 20)
        );
    }

    #[test]
    fn what_was_asked_for_by_dates_stays_and_the_last_days_move_on() {
        let query = |days, from, to| parse(days, from, to, "UTC").unwrap().query();
        assert_eq!(query("7", "", ""), "days=7");
        assert_eq!(query("", "", ""), "days=28");
        let today = parse("1", "", "", "UTC").unwrap().today;
        assert_eq!(
            query("", &today.to_string(), ""),
            format!("from={today}&to={today}")
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let field = |result: Result<Period, FieldErrors>| result.unwrap_err().0[0].field.clone();

        assert_eq!(field(parse("", "yesterday", "", "UTC")), "from");
        assert_eq!(field(parse("", "", "2026-13-01", "UTC")), "to");
        assert_eq!(field(parse("0", "", "", "UTC")), "days");
        assert_eq!(field(parse("", "2026-11-05", "2026-11-04", "UTC")), "from");
        assert_eq!(field(parse("", "2001-01-01", "", "UTC")), "from");
    }

    proptest! {
        #[test]
        fn no_text_is_fatal(days in ".*", from in ".*", to in ".*") {
            let _ = parse(&days, &from, &to, "Europe/Berlin");
        }

        #[test]
        fn periods_and_the_ones_before_touch_and_do_not_overlap(days in 1..=731_i32) {
            let period = parse(&days.to_string(), "", "", "UTC").unwrap();
            let (from, to) = period.previous();
            prop_assert_eq!(to.saturating_add(1.day()), period.from);
            prop_assert_eq!(length(from, to), days);
            prop_assert_eq!(period.days().count() as i32, days);
        }
    }
}

//! Days of a site's time zone. Pure.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

use crate::types::Millis;

/// The zone with this IANA name; UTC when the name is unknown, which the site form refuses.
fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

fn zoned(at: Millis, time_zone: &str) -> Zoned {
    Timestamp::from_millisecond(at)
        .unwrap_or_default()
        .to_zoned(zone(time_zone))
}

/// The day that `at` falls on, as YYYYMMDD.
pub fn day_of(at: Millis, time_zone: &str) -> i32 {
    number(zoned(at, time_zone).date())
}

/// The time of a site's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// YYYYMMDD.
    pub day: i32,
    /// From 0 on Monday.
    pub weekday: u8,
    /// From 0.
    pub hour: u8,
}

/// What the site's clocks say at `at`.
pub fn local_time(at: Millis, time_zone: &str) -> LocalTime {
    let zoned = zoned(at, time_zone);
    let weekday = zoned.weekday().to_monday_zero_offset();
    LocalTime {
        day: number(zoned.date()),
        weekday: u8::try_from(weekday).unwrap_or_default(),
        hour: u8::try_from(zoned.hour()).unwrap_or_default(),
    }
}

/// The first instant of a day; clocks that are put forward at midnight begin it later.
pub fn start_of_day(day: i32, time_zone: &str) -> Millis {
    let Some(date) = date_of(day) else { return 0 };
    zone(time_zone)
        .to_ambiguous_zoned(date.at(0, 0, 0, 0))
        .compatible()
        .map_or(0, |zoned| zoned.timestamp().as_millisecond())
}

/// The date of a day written YYYYMMDD; `None` when there is no such day.
pub fn date_of(day: i32) -> Option<Date> {
    let part = |number: i32| i8::try_from(number % 100).ok();
    Date::new(
        i16::try_from(day / 10_000).ok()?,
        part(day / 100)?,
        part(day)?,
    )
    .ok()
}

/// A date as YYYYMMDD.
pub fn number(date: Date) -> i32 {
    i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day())
}

/// The days from `first` to `last`, both included; empty when `last` is before `first`.
pub fn days_between(first: i32, last: i32) -> Vec<i32> {
    let (Some(first), Some(last)) = (date_of(first), date_of(last)) else {
        return vec![];
    };
    first
        .series(jiff::Span::new().days(1))
        .take_while(|date| *date <= last)
        .map(number)
        .collect()
}

/// The exact name of a time zone of the IANA database, whatever the case it was written in.
pub fn find_time_zone(name: &str) -> Option<String> {
    // The database also answers to "Etc/Unknown", which is no place.
    let zone = TimeZone::get(name.trim())
        .ok()
        .filter(|zone| !zone.is_unknown())?;
    zone.iana_name().map(str::to_owned)
}

/// Names of all time zones, for a list to choose from.
pub fn time_zones() -> Vec<String> {
    let is_place =
        |name: &String| name == "UTC" || (name.contains('/') && !name.starts_with("Etc/"));
    jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(is_place)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_named_exactly() {
        assert_eq!(
            find_time_zone("europe/berlin").as_deref(),
            Some("Europe/Berlin")
        );
        assert_eq!(find_time_zone("Mars/Olympus"), None);
        assert_eq!(find_time_zone(""), None);
        let zones = time_zones();
        assert!(zones.len() > 300 && zones.contains(&"America/New_York".to_owned()));
        assert!(
            zones
                .iter()
                .all(|zone| find_time_zone(zone).as_ref() == Some(zone))
        );
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_site() {
        // 2026-03-29 00:30 UTC is 01:30 in Berlin; the clocks go forward half an hour later.
        let at = 1_774_744_200_000;
        assert_eq!(day_of(at, "Europe/Berlin"), 20_260_329);
        assert_eq!(day_of(at, "America/New_York"), 20_260_328);
        assert_eq!(start_of_day(20_260_329, "Europe/Berlin"), 1_774_738_800_000);
        assert_eq!(
            start_of_day(20_260_330, "Europe/Berlin") - start_of_day(20_260_329, "Europe/Berlin"),
            23 * 3_600_000
        );
    }

    #[test]
    fn the_sites_clocks_know_day_and_hour() {
        // 2026-03-28 23:30 UTC, a Saturday, is Sunday in Berlin.
        let local = local_time(1_774_740_600_000, "Europe/Berlin");
        assert_eq!((local.day, local.weekday, local.hour), (20_260_329, 6, 0));
        let local = local_time(1_774_740_600_000, "UTC");
        assert_eq!((local.day, local.weekday, local.hour), (20_260_328, 5, 23));
    }

    #[test]
    fn days_cross_the_end_of_a_month() {
        assert_eq!(
            days_between(20_260_227, 20_260_302),
            [20_260_227, 20_260_228, 20_260_301, 20_260_302]
        );
        assert!(days_between(20_260_302, 20_260_227).is_empty());
        assert_eq!(date_of(20_260_230), None);
    }

    proptest::proptest! {
        #[test]
        fn every_instant_lies_in_its_day(at in 0_i64..4_000_000_000_000, zone in proptest::sample::select(vec!["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Sao_Paulo"])) {
            let day = day_of(at, zone);
            proptest::prop_assert!(start_of_day(day, zone) <= at);
        }
    }
}

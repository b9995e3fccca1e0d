//! How instants and days are written, in the site's time zone. Pure.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

use crate::types::Millis;

/// The site's clock: its zone, and what time it is there.
#[derive(Clone, Debug)]
pub struct When {
    zone: TimeZone,
    now: Millis,
}

impl When {
    /// The clock of a site in `time_zone` (IANA) at `now`; UTC when the zone is not known here.
    pub fn new(time_zone: &str, now: Millis) -> Self {
        Self {
            zone: TimeZone::get(time_zone).unwrap_or(TimeZone::UTC),
            now,
        }
    }

    /// The zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The present instant.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// The present day.
    pub fn today(&self) -> Date {
        self.at(self.now).date()
    }

    fn at(&self, at: Millis) -> Zoned {
        Timestamp::from_millisecond(at)
            .unwrap_or_default()
            .to_zoned(self.zone.clone())
    }

    /// `today, 14:02`, `yesterday, 16:20`, `18 Nov, 22:51`, `18 Nov 2025, 22:51`.
    pub fn moment(&self, at: Millis) -> String {
        let (then, today) = (self.at(at), self.at(self.now).date());
        let time = then.strftime("%H:%M");
        if then.date() == today {
            format!("today, {time}")
        } else if today
            .yesterday()
            .is_ok_and(|yesterday| yesterday == then.date())
        {
            format!("yesterday, {time}")
        } else {
            format!("{}, {time}", day_short(then.date(), today))
        }
    }

    /// `18 Nov`, with the year when it is another.
    pub fn day(&self, at: Millis) -> String {
        day_short(self.at(at).date(), self.at(self.now).date())
    }

    /// `13:55:02`.
    pub fn clock(&self, at: Millis) -> String {
        self.at(at).strftime("%H:%M:%S").to_string()
    }

    /// For `<time datetime>`.
    pub fn machine(&self, at: Millis) -> String {
        self.at(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// `22 Oct`, with the year when it is not `today`'s.
pub fn day_short(day: Date, today: Date) -> String {
    let format = if day.year() == today.year() {
        "%-d %b"
    } else {
        "%-d %b %Y"
    };
    day.strftime(format).to_string()
}

/// `22 October to 20 November`; one day stands alone.
pub fn days_long(from: Date, to: Date, today: Date) -> String {
    let long = |day: Date, with_year: bool| {
        day.strftime(if with_year { "%-d %B %Y" } else { "%-d %B" })
            .to_string()
    };
    let with_year = to.year() != today.year() || from.year() != to.year();
    if from == to {
        long(to, with_year)
    } else {
        format!(
            "{} to {}",
            long(from, from.year() != to.year()),
            long(to, with_year)
        )
    }
}

/// `0.8 s`, `41 s`, `2 min 40 s`, `1 h 5 min`.
pub fn duration(ms: Millis) -> String {
    let seconds = (ms.max(0) + 500) / 1_000;
    match seconds {
        _ if ms < 9_950 => format!("{:.1}\u{a0}s", ms.max(0) as f64 / 1_000.0),
        0..60 => format!("{seconds}\u{a0}s"),
        60..3_600 if seconds % 60 == 0 => format!("{}\u{a0}min", seconds / 60),
        60..3_600 => format!("{}\u{a0}min {}\u{a0}s", seconds / 60, seconds % 60),
        _ => format!(
            "{}\u{a0}h {}\u{a0}min",
            seconds / 3_600,
            seconds % 3_600 / 60
        ),
    }
}

/// How long ago something was: "4 seconds ago". What lies ahead by a wrong clock is now.
pub fn ago(at: Millis, now: Millis) -> String {
    let (n, unit) = match (now - at).max(0) / 1_000 {
        seconds @ 0..60 => (seconds, "second"),
        seconds @ 60..3_600 => (seconds / 60, "minute"),
        seconds @ 3_600..172_800 => (seconds / 3_600, "hour"),
        seconds => (seconds / 86_400, "day"),
    };
    format!("{n} {unit}{} ago", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn instants_are_told_as_people_tell_them() {
        // 20 November 2026, 13:02:05 UTC.
        let now = 1_795_179_725_000;
        let when = When::new("Europe/Berlin", now);
        let hour = 3_600_000;

        assert_eq!(when.moment(now), "today, 14:02");
        assert_eq!(when.moment(now - 20 * hour), "yesterday, 18:02");
        assert_eq!(when.moment(now - 48 * hour), "18 Nov, 14:02");
        assert_eq!(when.moment(now - 400 * 24 * hour), "16 Oct 2025, 15:02");
        assert_eq!(when.clock(now), "14:02:05");
        assert_eq!(when.machine(now), "2026-11-20T14:02:05+01:00");
    }

    #[test]
    fn days_name_the_year_only_when_needed() {
        let today = date(2026, 11, 20);

        assert_eq!(
            days_long(date(2026, 10, 22), today, today),
            "22 October to 20 November"
        );
        assert_eq!(days_long(today, today, today), "20 November");
        assert_eq!(
            days_long(date(2025, 12, 30), date(2026, 1, 2), today),
            "30 December 2025 to 2 January 2026"
        );
        assert_eq!(day_short(date(2026, 11, 6), today), "6 Nov");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let cases = [
            (840, "0.8 s"),
            (41_200, "41 s"),
            (160_000, "2 min 40 s"),
            (120_000, "2 min"),
            (3_900_000, "1 h 5 min"),
            (9_970, "10 s"),
        ];
        for (ms, text) in cases {
            assert_eq!(duration(ms).replace('\u{a0}', " "), text);
        }
    }

    #[test]
    fn times_past_are_told_in_words() {
        for (past, words) in [
            (400, "0 seconds ago"),
            (1_000, "1 second ago"),
            (59_999, "59 seconds ago"),
            (60_000, "1 minute ago"),
            (7_200_000, "2 hours ago"),
            (172_800_000, "2 days ago"),
            (-5_000, "0 seconds ago"),
        ] {
            assert_eq!(ago(1_000_000_000 - past, 1_000_000_000), words);
        }
    }
}

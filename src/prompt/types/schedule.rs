//! On which days and at which hours a prompt asks. Pure.

use serde::{Deserialize, Serialize};

use crate::{site::calendar::LocalTime, text_enum};

text_enum!(
    /// A day of the week.
    Weekday {
        /// The first.
        Monday = "mon", "Monday";
        /// The second.
        Tuesday = "tue", "Tuesday";
        /// The third.
        Wednesday = "wed", "Wednesday";
        /// The fourth.
        Thursday = "thu", "Thursday";
        /// The fifth.
        Friday = "fri", "Friday";
        /// The sixth.
        Saturday = "sat", "Saturday";
        /// The seventh.
        Sunday = "sun", "Sunday";
    }
);

/// Days and hours in the site's time zone. The default is always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// First day, YYYYMMDD.
    pub from_day: Option<i32>,
    /// Last day, YYYYMMDD, to its end.
    pub until_day: Option<i32>,
    /// Days of the week; empty is every day.
    pub weekdays: Vec<Weekday>,
    /// First hour, 0 to 23.
    pub from_hour: u8,
    /// The hour at which it ends, 1 to 24; one that is not after the first is of the next day.
    pub until_hour: u8,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            from_day: None,
            until_day: None,
            weekdays: vec![],
            from_hour: 0,
            until_hour: 24,
        }
    }
}

impl Schedule {
    /// Whether it asks at this time.
    pub fn is_open(&self, now: LocalTime) -> bool {
        let is_hour = if self.from_hour < self.until_hour {
            (self.from_hour..self.until_hour).contains(&now.hour)
        } else {
            now.hour >= self.from_hour || now.hour < self.until_hour
        };
        let today = Weekday::ALL.get(usize::from(now.weekday));
        is_hour
            && self.from_day.is_none_or(|from| from <= now.day)
            && self.until_day.is_none_or(|until| now.day <= until)
            && (self.weekdays.is_empty() || today.is_some_and(|day| self.weekdays.contains(day)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_hours_are_those_of_the_site() {
        // 2026-11-20 is a Friday.
        let at = |day, weekday, hour| LocalTime { day, weekday, hour };
        let friday = |hour| at(20_261_120, 4, hour);
        let always = Schedule::default();
        let work = Schedule {
            weekdays: Weekday::ALL[..5].to_vec(),
            from_hour: 9,
            until_hour: 17,
            ..Schedule::default()
        };
        let night = Schedule {
            from_hour: 22,
            until_hour: 6,
            ..Schedule::default()
        };
        let week = Schedule {
            from_day: Some(20_261_116),
            until_day: Some(20_261_120),
            ..Schedule::default()
        };
        let cases = [
            (&always, friday(0), true),
            (&always, friday(23), true),
            (&work, friday(9), true),
            (&work, friday(17), false),
            (&work, at(20_261_121, 5, 12), false),
            (&night, friday(23), true),
            (&night, friday(5), true),
            (&night, friday(6), false),
            (&week, at(20_261_115, 6, 12), false),
            (&week, at(20_261_116, 0, 0), true),
            (&week, friday(23), true),
            (&week, at(20_261_121, 5, 0), false),
        ];
        for (schedule, now, is_open) in cases {
            assert_eq!(schedule.is_open(now), is_open, "{schedule:?} at {now:?}");
        }
    }
}

//! Who comes, and what they are up to.

use super::random::Random;
use crate::{
    clock::{DAY, HOUR, MINUTE},
    ingest::visit::{Browser, VisitorHash},
    types::Millis,
};

/// Fields of the sign-up form, in their order.
pub(super) const FIELDS: [&str; 6] = ["name", "email", "company", "size", "phone", "password"];
/// Place of the phone number among them.
const PHONE: usize = 4;

/// What a visitor is up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// One page and away.
    Glance,
    /// Looks around, without prices.
    LookAround,
    /// Looks at the prices and goes.
    Price,
    /// Sees the form and goes.
    SeeForm,
    /// Gives up the form at this field; `after_error` when it was refused before.
    GiveUp {
        /// Place of the field.
        field: usize,
        /// The form had shown an error.
        after_error: bool,
    },
    /// Signs up.
    SignUp,
}

/// How a visitor leaves the page on which they give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// With the pointer over the top edge.
    OverTheTop,
    /// To another page of the site.
    OtherPage,
    /// Closes or leaves without a sign.
    Silently,
}

/// Somebody with a browser, and with chance of their own.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) hash: VisitorHash,
    pub(super) browser: Browser,
    pub(super) random: Random,
}

impl Person {
    /// Draws their browser; `random` goes on as theirs.
    pub(super) fn draw(mut random: Random, is_touch: bool) -> Self {
        Self {
            hash: random.bytes(),
            browser: draw_browser(&mut random, is_touch),
            random,
        }
    }
}

/// One visitor.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) person: Person,
    pub(super) start: Millis,
    pub(super) entry: &'static str,
    pub(super) referrer: Option<&'static str>,
    pub(super) aim: Aim,
    pub(super) leave: Leave,
}

/// The time that a sample spans.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: Millis,
    pub(super) to: Millis,
}

impl Span {
    /// From the midnight that many days ago to a little while before now, so that no visit reaches into the future.
    pub(super) fn new(days: u32, now: Millis) -> Self {
        let today = now.div_euclid(DAY) * DAY;
        let from = today - i64::from(days.max(1) - 1) * DAY;
        Self {
            from,
            to: (now - 30 * MINUTE).max(from + MINUTE),
        }
    }

    /// When the phone number became optional: people notice it in the trend and in the reasons.
    pub(super) fn change(self) -> Millis {
        self.from + (self.to - self.from) * 2 / 3
    }

    /// When each visit begins, oldest first.
    pub(super) fn starts(self, visits: u64, seed: u64) -> Vec<Millis> {
        let mut random = Random::new(seed, u64::MAX);
        let mut starts = vec![];
        while (starts.len() as u64) < visits {
            #[expect(clippy::cast_possible_truncation, reason = "a span of days in ms")]
            let at = self.from + (random.share() * (self.to - self.from) as f64) as i64;
            if random.happens(bustle(at)) {
                starts.push(at);
            }
        }
        starts.sort_unstable();
        starts
    }
}

/// How busy the site is then, from 0 to 1.
fn bustle(at: Millis) -> f64 {
    // 1 January 1970 was a Thursday.
    let weekday = (at.div_euclid(DAY) + 3).rem_euclid(7);
    let day = match weekday {
        5 => 0.5,
        6 => 0.55,
        4 => 0.9,
        _ => 1.0,
    };
    let hour = match at.rem_euclid(DAY) / HOUR {
        0..=5 => 0.08,
        6 | 7 | 23 => 0.3,
        9..=11 => 1.0,
        13..=16 => 0.95,
        20 | 21 => 0.8,
        _ => 0.65,
    };
    day * hour
}

impl Visitor {
    /// Draws visitor number `number`, who comes at `start`.
    pub(super) fn draw(seed: u64, number: u64, start: Millis, span: Span) -> Self {
        let mut random = Random::new(seed, number);
        let is_touch = random.happens(0.42);
        let is_phone_optional = start >= span.change();
        let aim = draw_aim(&mut random, is_touch, is_phone_optional);
        let entry = match aim {
            Aim::Price if random.happens(0.3) => "/pricing",
            _ => random
                .pick(&[("/", 78.0), ("/features", 9.0), ("/blog/answer-once", 13.0)])
                .unwrap_or("/"),
        };
        let referrer = draw_referrer(&mut random);
        let leave = draw_leave(&mut random, is_touch);
        Self {
            person: Person::draw(random, is_touch),
            start,
            entry,
            referrer,
            aim,
            leave,
        }
    }

    pub(super) fn is_touch(&self) -> bool {
        self.person.browser.device == "touch"
    }
}

fn draw_aim(random: &mut Random, is_touch: bool, is_phone_optional: bool) -> Aim {
    let aims = [
        (Aim::Glance, if is_touch { 40.0 } else { 31.0 }),
        (Aim::LookAround, 17.0),
        (Aim::Price, 26.0),
        (Aim::SeeForm, 4.0),
        (Aim::SignUp, if is_touch { 10.0 } else { 18.0 }),
    ];
    match random.pick(&aims) {
        Some(Aim::SignUp) => fill_in(random, is_phone_optional),
        Some(aim) => aim,
        None => Aim::Glance,
    }
}

/// How far somebody comes who starts the form.
fn fill_in(random: &mut Random, is_phone_optional: bool) -> Aim {
    let give_up = [
        0.03,
        0.06,
        0.06,
        0.03,
        if is_phone_optional { 0.16 } else { 0.36 },
        0.09,
    ];
    for (field, probability) in give_up.into_iter().enumerate() {
        if random.happens(probability) {
            return Aim::GiveUp {
                field,
                after_error: field >= PHONE && random.happens(0.2),
            };
        }
    }
    Aim::SignUp
}

fn draw_browser(random: &mut Random, is_touch: bool) -> Browser {
    let families: &[(&str, f64)] = if is_touch {
        &[
            ("Safari", 52.0),
            ("Chrome", 38.0),
            ("Samsung Internet", 7.0),
            ("Firefox", 3.0),
        ]
    } else {
        &[
            ("Chrome", 58.0),
            ("Edge", 17.0),
            ("Safari", 15.0),
            ("Firefox", 10.0),
        ]
    };
    let languages = [
        ("en-GB", 34.0),
        ("en-US", 30.0),
        ("de-DE", 14.0),
        ("nl-NL", 8.0),
        ("fr-FR", 8.0),
        ("es-ES", 6.0),
    ];
    Browser {
        device: if is_touch { "touch" } else { "desktop" }.into(),
        browser: random.pick(families).unwrap_or("Chrome").into(),
        language: random.pick(&languages).unwrap_or("en-GB").into(),
        country: String::new(),
        is_automated: false,
    }
}

fn draw_referrer(random: &mut Random) -> Option<&'static str> {
    let referrers = [
        (None, 34.0),
        (Some("https://www.google.com/"), 38.0),
        (Some("https://www.bing.com/"), 5.0),
        (Some("https://www.linkedin.com/"), 9.0),
        (Some("https://news.ycombinator.com/"), 4.0),
        (Some("https://www.capterra.com/"), 10.0),
    ];
    random.pick(&referrers).flatten()
}

fn draw_leave(random: &mut Random, is_touch: bool) -> Leave {
    let top = if is_touch { 0.0 } else { 52.0 };
    random
        .pick(&[
            (Leave::OverTheTop, top),
            (Leave::OtherPage, 27.0),
            (Leave::Silently, 30.0),
        ])
        .unwrap_or(Leave::Silently)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_795_179_725_000;

    #[test]
    fn visits_lie_within_the_span_and_repeat_with_their_seed() {
        let span = Span::new(10, NOW);
        let starts = span.starts(500, 3);

        assert!(starts.is_sorted());
        assert!(starts.iter().all(|at| (span.from..NOW).contains(at)));
        assert_eq!(starts, span.starts(500, 3));
        assert_ne!(starts, span.starts(500, 4));
    }

    #[test]
    fn fewer_give_up_at_the_phone_number_once_it_is_optional() {
        let span = Span::new(30, NOW);
        let gave_up = |at: Millis| {
            (0..5_000)
                .map(|number| Visitor::draw(1, number, at, span).aim)
                .filter(|aim| matches!(aim, Aim::GiveUp { field: PHONE, .. }))
                .count()
        };

        assert!(2 * gave_up(span.from) > 3 * gave_up(span.change()));
    }
}

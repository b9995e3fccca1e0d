//! Worlds whose truth is known: drawn from a number, played through the same writer as everything else, and told as figures that the
//! reports can be held against.
//!
//! A visit opens the first page, may take small steps there, and goes on to the prices or leaves. Most who see the prices hesitate:
//! then the one question is decided about. Small steps are taken later too, by those who stay longer, and whoever signs up stays
//! longer: so each of them looks useful unless time is cut at the landmark. One of them is, when it is taken on the first page. In a
//! null world none is, and asking costs nothing.

mod play;
mod site;
mod truth;

pub use self::{
    site::create,
    truth::{Asking, Named, Truths},
};
use super::{
    progress::Progress,
    random::Random,
    run::{self, Means, Request},
    visitor::Span,
};
use crate::{error::AppResult, site::types::Site, types::Millis};

/// The small step that raises the chance to sign up, but for null worlds; the others never do.
const USEFUL: usize = 0;
/// Part of the conversions that asking costs, but for null worlds.
const COST: f64 = 0.05;

/// A small step: what it is called, and the event by which it is told.
const STEPS: [(&str, &str); 4] = [
    ("Watched the tour", "tour"),
    ("Opened the FAQ", "faq"),
    ("Compared plans", "plans"),
    ("Read a review", "review"),
];

/// Why visitors do not sign up; nobody with a mouse has the first reason.
const REASONS: [&str; 4] = [
    "Hard to use on a phone",
    "Too expensive",
    "A function is missing",
    "Only looking",
];
/// What they choose who have none of the reasons.
const NO_REASON: &str = "Something else";

/// What holds in one world.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    seed: u64,
    is_null: bool,
    /// Part of all visits that sign up on the first page, before the landmark.
    at_once: f64,
    /// Chance to take each small step on the first page.
    first: [f64; STEPS.len()],
    /// Chance to take each in any later part of the visit.
    later: [f64; STEPS.len()],
    /// How many times as likely they sign up who took the useful step on the first page.
    lift: f64,
    /// Share left unasked, percent.
    unasked: u8,
    mouse: Kind,
    touch: Kind,
}

/// What visitors with one kind of device have in common. Shares and chances are fractions of one.
#[derive(Clone, Debug, PartialEq)]
struct Kind {
    /// Of all visits.
    share: f64,
    /// To go on to the prices.
    goes_on: f64,
    /// To hesitate there.
    hesitates: f64,
    /// To sign up there, unasked and without the useful step.
    signs_up: f64,
    /// To answer when asked.
    answers: f64,
    /// To have each reason.
    reasons: [f64; REASONS.len()],
}

impl World {
    /// The world of this number; about every second one is null.
    pub fn draw(seed: u64) -> Self {
        // Visitors have the other streams.
        let mut random = Random::new(seed, u64::MAX - 1);
        let mut within = |low: f64, high: f64| low + random.share() * (high - low);
        let is_null = within(0.0, 1.0) < 0.5;
        let touch = within(0.35, 0.6);
        let lift = within(1.3, 1.6);
        Self {
            seed,
            is_null,
            at_once: within(0.01, 0.04),
            first: std::array::from_fn(|_| within(0.2, 0.4)),
            later: std::array::from_fn(|_| within(0.15, 0.3)),
            lift: if is_null { 1.0 } else { lift },
            unasked: within(20.0, 50.0) as u8,
            mouse: Kind {
                share: 1.0 - touch,
                goes_on: within(0.65, 0.85),
                hesitates: within(0.7, 0.9),
                signs_up: within(0.3, 0.45),
                answers: within(0.4, 0.55),
                reasons: [0.0, within(0.15, 0.4), within(0.15, 0.4), within(0.1, 0.3)],
            },
            touch: Kind {
                share: touch,
                goes_on: within(0.55, 0.75),
                hesitates: within(0.7, 0.9),
                signs_up: within(0.15, 0.3),
                answers: within(0.15, 0.25),
                reasons: [
                    within(0.4, 0.6),
                    within(0.1, 0.3),
                    within(0.1, 0.3),
                    within(0.1, 0.3),
                ],
            },
        }
    }

    fn kinds(&self) -> [&Kind; 2] {
        [&self.mouse, &self.touch]
    }

    fn cost(&self) -> f64 {
        if self.is_null { 0.0 } else { COST }
    }

    /// Chance to sign up at the prices.
    fn signs_up(&self, kind: &Kind, is_watched: bool, is_asked: bool) -> f64 {
        let lift = if is_watched { self.lift } else { 1.0 };
        let kept = if is_asked { 1.0 - self.cost() } else { 1.0 };
        kind.signs_up * lift * kept
    }
}

/// Plays visits of the world that the request's seed names into its site, and returns when the last one is written.
pub async fn fill(
    means: &Means,
    site: &Site,
    request: Request,
    progress: &Progress,
    now: Millis,
) -> AppResult<()> {
    let world = &World::draw(request.seed);
    let stage = run::stage(means, site).await?;
    let starts = Span::new(request.days, now).starts(request.visits, world.seed);
    let visits = (0..).zip(starts);
    let visits = visits.map(|(number, start)| play::play(&stage, world, number, start));
    run::play_all(means, visits, progress).await
}

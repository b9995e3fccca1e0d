//! A question that costs conversions, in words. Pure.

use super::{prompt_effect, when::When};
use crate::harm::{Harm, HarmState};

/// Why it is left alone from then on.
const ONCE: &str = "it is not paused by itself a second time, unless you leave another share unasked, which begins a new comparison.";

/// What is said of it, wherever its owner may look.
pub struct HarmView {
    /// Names the question.
    pub id: String,
    /// What the owner calls it.
    pub name: String,
    /// What is so.
    pub what: String,
    /// By how much, and what follows.
    pub then: String,
    /// Whether it is paused.
    pub is_paused: bool,
}

impl HarmView {
    /// Puts it into words.
    pub fn new(harm: &Harm, when: &When) -> Self {
        let name = &harm.name;
        let found = prompt_effect::found(&harm.effect, &harm.goal).unwrap_or_default();
        let asking = format!("Asking “{name}” costs conversions.");
        let (what, then) = match harm.state {
            HarmState::Asking => (asking, found),
            HarmState::Resumed(at) => (
                asking,
                format!(
                    "{found} It was paused by itself on {}, and asks again since: {ONCE}",
                    when.day(at)
                ),
            ),
            HarmState::Paused(at) => (
                format!(
                    "“{name}” was paused by itself on {}: asking cost conversions.",
                    when.day(at)
                ),
                format!("{found} Once you let it ask again, {ONCE}"),
            ),
        };
        Self {
            id: harm.prompt_id.to_string(),
            name: name.clone(),
            what,
            then,
            is_paused: matches!(harm.state, HarmState::Paused(_)),
        }
    }
}

//! How many answers a prompt has, where it stops at a number of them. Counted where answers are committed.

use std::collections::{BTreeMap, HashMap};

use super::{event::EventKind, group::Group, writer::Job};
use crate::{
    answer::record::NewAnswer,
    prompt::types::{PublishedPrompt, Quota},
    types::{PromptId, Scalar, SiteId},
};

/// Tallies of the prompts about which something is decided.
pub type Tallies = HashMap<(SiteId, PromptId), Tally>;

/// Answers of one prompt, tests left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub answers: u32,
    /// By question and choice, at least those that have a quota.
    pub choices: BTreeMap<(String, String), u32>,
}

impl Tally {
    /// Whether each choice that has a quota has as many answers; never without quotas.
    pub fn has_all(&self, quotas: &[Quota]) -> bool {
        let count = |quota: &Quota| {
            let key = (quota.question.clone(), quota.choice.clone());
            self.choices.get(&key).copied().unwrap_or_default()
        };
        !quotas.is_empty() && quotas.iter().all(|quota| count(quota) >= quota.most)
    }

    /// Counts an answer that waits for the commit. One that is a later state of another is counted again until then, which can
    /// refuse a moment of the same commit too many, and never too few.
    fn add(&mut self, answer: &NewAnswer) {
        self.answers += 1;
        for value in &answer.values {
            for (choice, _) in &value.choices {
                let key = (value.question_id.clone(), choice.clone());
                *self.choices.entry(key).or_default() += 1;
            }
        }
    }
}

impl Job {
    /// Prompts with a limit about which something is to be decided; all of them for an owner who looks.
    pub(super) fn limited(&self) -> impl Iterator<Item = &PublishedPrompt> {
        let events = self.payload.e.iter().flatten();
        let eligible = events.filter(|event| event.kind == Some(EventKind::Eligible));
        let named = eligible.filter_map(|event| event.props.p.as_ref().and_then(Scalar::as_text));
        let named: Vec<PromptId> = named.filter_map(|id| id.parse().ok()).collect();
        self.snapshot.prompts.iter().filter(move |prompt| {
            let fairness = &prompt.design.fairness;
            let is_limited = fairness.response_limit.is_some() || !fairness.quotas.is_empty();
            is_limited && (self.payload.looks || named.contains(&prompt.id))
        })
    }
}

impl Group {
    /// Counts an answer of this group, so that a later request of the same commit knows of it.
    pub(super) fn tally(&mut self, site: SiteId, answer: &NewAnswer) {
        let tally = self.tallies.get_mut(&(site, answer.token.prompt_id));
        if let Some(tally) = tally.filter(|_| !answer.token.is_test) {
            tally.add(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_full_when_each_of_them_is() {
        let quota = |choice: &str, most| Quota {
            question: "q1".into(),
            choice: choice.into(),
            most,
        };
        let mut tally = Tally::default();
        let quotas = [quota("c1", 2), quota("c2", 1)];
        assert!(!tally.has_all(&[]), "without quotas nothing is full");
        for (choice, is_full) in [("c1", false), ("c1", false), ("c1", false), ("c2", true)] {
            let key = ("q1".to_owned(), choice.to_owned());
            *tally.choices.entry(key).or_default() += 1;
            assert_eq!(tally.has_all(&quotas), is_full, "{tally:?}");
        }
    }
}

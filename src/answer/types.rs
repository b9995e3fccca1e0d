//! What an answer is. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{filter::Converted, tag::Tag};
use crate::{
    prompt::types::{Design, FIRST_WORDING, Question, QuestionKind},
    types::{ImpressionId, Millis, PromptId, ReasonId, VisitId},
};

/// A choice that was made, and the reason that it stood for then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Id within the version of the prompt.
    pub choice_id: String,
    /// Its reason.
    pub reason_id: Option<ReasonId>,
    /// Its place in a ranking, from 1.
    pub place: Option<i32>,
}

/// The value given to one question.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The question.
    pub question_id: String,
    /// What was chosen; empty for free text.
    pub chosen: Vec<Chosen>,
    /// What was written; empty for nothing.
    pub comment: String,
    /// A value on a scale; 1 for a link followed and a box ticked.
    pub number: Option<f64>,
    /// An address, a date, a number as it was written; empty for nothing.
    pub text: String,
}

/// The value given to one question, in the words that the visitor read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The question.
    pub question: String,
    /// What was chosen, in the order of the card; of a ranking in that of the visitor.
    pub chosen: Vec<String>,
    /// What was written; empty for nothing.
    pub comment: String,
}

/// What is said of a ranking that was seen and sent on without being touched: nobody knows whether the visitor agreed.
const AS_SHOWN: &str = "Left as shown";

/// What came back from one card, with what its visit says about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The decision from which it followed; names the answer.
    pub impression_id: ImpressionId,
    /// The visit.
    pub visit_id: VisitId,
    /// What was asked.
    pub prompt_id: PromptId,
    /// In which words.
    pub prompt_version: i32,
    /// Given.
    pub answered_at: Millis,
    /// By question; at least one.
    pub given: Vec<Given>,
    /// Sent off, not only begun.
    pub is_complete: bool,
    /// Arrived long after it was given.
    pub is_late: bool,
    /// Given by the owner through an "ask me again" link.
    pub is_test: bool,
    /// Given by an automated browser.
    pub is_automated: bool,
    /// Language of the card; unknown of old ones.
    pub language: Option<String>,
    /// Wording of the card, likewise.
    pub wording: Option<String>,
    /// Whether it is known that the visit reached the main goal, or that it did not.
    pub is_told: bool,
    /// When it reached it; nothing of a visit that cannot tell.
    pub converted_at: Option<Millis>,
    /// What the page told along with it, by name.
    pub fields: BTreeMap<String, String>,
    /// Code of the moment at which it was asked.
    pub asked_at: String,
    /// Code of the device; empty for unknown.
    pub device: String,
    /// Where another tool replays the visit.
    pub replay_url: Option<String>,
    /// Marked by somebody of the site.
    pub is_starred: bool,
    /// The site's own words for it, by name.
    pub tags: Vec<Tag>,
}

impl Answer {
    /// Whether the visit reached the main goal after it had answered.
    pub fn is_converted_later(&self) -> bool {
        self.converted() == Converted::Later
    }

    /// Whether the visit reached the main goal, seen from the answer.
    pub fn converted(&self) -> Converted {
        match self.converted_at {
            Some(at) if at > self.answered_at => Converted::Later,
            Some(_) => Converted::Before,
            None if self.is_told => Converted::Not,
            None => Converted::Unknown,
        }
    }

    /// The reasons that its choices stood for, each once.
    pub fn reasons(&self) -> BTreeSet<ReasonId> {
        let chosen = self.given.iter().flat_map(|given| &given.chosen);
        chosen.filter_map(|chosen| chosen.reason_id).collect()
    }

    /// What was said, in the order of the card, in the wording that was shown and the owner's own language. `design` is the version that
    /// was shown.
    pub fn said(&self, design: &Design) -> Vec<Said> {
        let wording = self.wording.as_deref().unwrap_or(FIRST_WORDING);
        let design = design.said(&design.lang, wording);
        // Where answers lead past questions, it is not known whether this one was seen.
        let is_straight = design.questions.iter().all(|it| it.jumps.is_empty());
        let is_passed = |question: &Question| {
            self.is_complete && is_straight && question.kind == QuestionKind::Ranking
        };
        let of = |question: &Question| {
            let mut given = self.given.iter();
            match given.find(|given| given.question_id == question.id) {
                Some(given) => Some(given.said(question)),
                None => is_passed(question).then(|| Said {
                    question: question.title.clone(),
                    chosen: vec![AS_SHOWN.into()],
                    comment: String::new(),
                }),
            }
        };
        design.questions.iter().filter_map(of).collect()
    }
}

impl Given {
    fn said(&self, question: &Question) -> Said {
        Said {
            question: question.title.clone(),
            chosen: self.words(question),
            comment: self.comment.clone(),
        }
    }

    fn words(&self, question: &Question) -> Vec<String> {
        match (question.kind, question.scale(), self.number) {
            (_, Some(scale), Some(n)) => vec![
                question
                    .value_label(n)
                    .map_or_else(|| format!("{n} of {}", scale.end()), Into::into),
            ],
            (QuestionKind::Link, _, Some(_)) => vec!["Followed the link".into()],
            (QuestionKind::Consent, _, Some(_)) => vec!["Agreed".into()],
            _ if !self.text.is_empty() => vec![self.text.clone()],
            _ => self.labels(question),
        }
    }

    fn labels(&self, question: &Question) -> Vec<String> {
        let place = |id: &str| {
            let mut chosen = self.chosen.iter();
            chosen
                .find(|chosen| chosen.choice_id == id)
                .map(|chosen| chosen.place)
        };
        let labels = question.labels();
        let mut chosen: Vec<_> = labels
            .filter_map(|(id, label)| Some((place(id)?, label)))
            .collect();
        chosen.sort_by_key(|(place, _)| *place);
        let words = |(place, label): (Option<i32>, &str)| match place {
            Some(place) => format!("{place}. {label}"),
            None => label.to_owned(),
        };
        chosen.into_iter().map(words).collect()
    }
}

/// Place in a list of answers, newest first: what comes after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the last one shown was given.
    pub answered_at: Millis,
    /// Which it was.
    pub impression_id: ImpressionId,
}

impl Cursor {
    /// What comes after this answer.
    pub fn of(answer: &Answer) -> Self {
        Self {
            answered_at: answer.answered_at,
            impression_id: answer.impression_id,
        }
    }

    /// Reads what [`Cursor`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self {
            answered_at: at.parse().ok()?,
            impression_id: id.parse().ok()?,
        })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.answered_at, self.impression_id)
    }
}

/// Visits that left at one step of the funnel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAt {
    /// The last step that they reached; 0 is all visits.
    pub step: i32,
    /// First day of their start, YYYYMMDD.
    pub from: i32,
    /// Last day of it.
    pub to: i32,
    /// The funnels that count the same steps.
    pub funnel_versions: Vec<i32>,
    /// Whether automated browsers count.
    pub with_automated: bool,
    /// What else holds for them: something of the visit `v`, in SQL, and what it is.
    pub only: Vec<(&'static str, String)>,
    /// And what they did: conditions on `v`, each beginning with `AND`, or nothing.
    pub deeds: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_written() {
        let cursor = Cursor {
            answered_at: 1_700_000_000_000,
            impression_id: ImpressionId::new(5),
        };

        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        assert_eq!(Cursor::parse("5"), None);
    }
}

//! What a prompt is: a moment, where, and a question. Pure.

use serde::{Deserialize, Serialize};

use crate::{
    goal::types::matches_pattern,
    text_enum,
    types::{GoalId, Millis, PromptId, ReasonId},
};

text_enum!(
    /// Life of a prompt.
    PromptStatus {
        /// Never published.
        Draft = "draft", "Draft";
        /// Asks visitors.
        Published = "published", "Asking";
        /// Was published, asks nobody now.
        Paused = "paused", "Paused";
    }
);

text_enum!(
    /// Where in a visit a moment may ask.
    AskAt {
        /// The pointer leaves through the top edge of the page.
        Exit = "exit", "When they move to leave the page";
        /// The form was closed, scrolled away, or left after an error.
        LeaveForm = "leave_form", "When they turn away from the form";
        /// No activity in the form for a minute.
        Stall = "stall", "When they stop for a minute";
        /// On a later page of the same visit.
        NextPage = "next_page", "On the next page they open";
    }
);

text_enum!(
    /// How fast the pointer must move to count as leaving.
    Sensitivity {
        /// Only a quick move.
        Low = "low", "Low";
        /// The usual.
        Medium = "medium", "Medium";
        /// A slow move too.
        High = "high", "High";
    }
);

impl Sensitivity {
    /// Least speed of a pointer that leaves, px/ms.
    pub const fn speed(self) -> f64 {
        match self {
            Self::Low => 0.8,
            Self::Medium => 0.4,
            Self::High => 0.15,
        }
    }
}

text_enum!(
    /// The three ways to begin.
    PromptTemplate {
        /// A form was started and not finished.
        FormAbandoned = "form_abandoned", "Form started, not finished";
        /// Pricing was viewed and the visit did not convert.
        PricingViewed = "pricing_viewed", "Pricing viewed, not converted";
        /// The visitor is about to leave.
        ExitIntent = "exit_intent", "About to leave";
    }
);

text_enum!(
    /// Where the card opens on a wide screen; phones have it at the bottom.
    Place {
        /// Where chat windows stand too.
        BottomRight = "bottom_right", "Bottom right";
        /// Clear of what stands at the right.
        BottomLeft = "bottom_left", "Bottom left";
    }
);

text_enum!(
    /// How a question is answered.
    QuestionKind {
        /// One choice.
        Single = "single", "One choice";
        /// Any number of choices.
        Multi = "multi", "Several choices";
        /// Free text.
        Text = "text", "Free text";
    }
);

/// "A happened, B has not, ask at M, cancel if C": A, B and C are goals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// A; `None` asks whatever happened before.
    pub after: Option<GoalId>,
    /// B; reaching it cancels the question.
    pub expect: Option<GoalId>,
    /// C; reaching any of these cancels it too.
    #[serde(default)]
    pub cancel: Vec<GoalId>,
    /// M; at least one.
    pub ask_at: Vec<AskAt>,
    /// The form whose turning-away signals count, when A is a started form.
    pub form: Option<String>,
    /// Active time before exit intent may fire, ms.
    pub min_active_ms: i64,
    /// How fast the pointer must leave.
    pub sensitivity: Sensitivity,
    /// How long after A the question still makes sense, ms.
    pub within_ms: Millis,
}

impl Moment {
    /// Whether reaching the goal arms or cancels the question.
    pub fn refers_to(&self, goal_id: GoalId) -> bool {
        self.after
            .iter()
            .chain(&self.expect)
            .chain(&self.cancel)
            .any(|goal| *goal == goal_id)
    }
}

/// A choice; its id stays the same across versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Stable within the prompt: `c1`, `c2`…
    pub id: String,
    /// What visitors read.
    pub label: String,
    /// The reason that it stands for.
    pub reason_id: ReasonId,
}

/// The one question of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Stable within the prompt: `q1`.
    pub id: String,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What visitors read.
    pub title: String,
    /// A line beneath; empty for none.
    #[serde(default)]
    pub help: String,
    /// In the order of the card; none for free text.
    pub choices: Vec<Choice>,
    /// The reason behind "something else"; `None` leaves that choice out.
    pub other: Option<ReasonId>,
    /// Label of "something else".
    pub other_label: String,
    /// Label of the comment line; empty leaves it out.
    pub comment_label: String,
}

/// Id of the choice "something else".
pub const OTHER_CHOICE: &str = "other";

/// Everything about a prompt that a version freezes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Design {
    /// Which template it came from.
    pub template: PromptTemplate,
    /// When to ask.
    pub moment: Moment,
    /// Path patterns; empty means every page.
    pub pages: Vec<String>,
    /// What to ask.
    pub question: Question,
    /// Thank-you line.
    pub thanks: String,
    /// Language of the words, BCP 47.
    pub lang: String,
    /// Where the card opens.
    pub place: Place,
    /// Share of eligible visits left unasked for comparison, 0 to 50 %.
    pub held_out_percent: u8,
}

impl Design {
    /// Whether the prompt may ask on this path.
    pub fn is_on_page(&self, path: &str) -> bool {
        self.pages.is_empty()
            || self
                .pages
                .iter()
                .any(|pattern| matches_pattern(pattern, path))
    }

    /// The reason behind a choice of this version; `None` when there is no such choice.
    pub fn reason_of(&self, choice_id: &str) -> Option<ReasonId> {
        if choice_id == OTHER_CHOICE {
            return self.question.other;
        }
        self.question
            .choices
            .iter()
            .find(|choice| choice.id == choice_id)
            .map(|choice| choice.reason_id)
    }
}

/// A prompt as the owner sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// The prompt.
    pub id: PromptId,
    /// What the owner calls it.
    pub name: String,
    /// Whether it asks.
    pub status: PromptStatus,
    /// What the editor holds.
    pub draft: Design,
    /// The version that visitors get, or got before the pause.
    pub published_version: Option<i32>,
    /// Created.
    pub created_at: Millis,
    /// Last saved.
    pub updated_at: Millis,
}

/// A version as visitors get it.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedPrompt {
    /// The prompt.
    pub id: PromptId,
    /// Its version.
    pub version: i32,
    /// What the version froze.
    pub design: Design,
}

/// A version in the list of versions.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptVersion {
    /// Rises by one with every change that is published.
    pub version: i32,
    /// What it froze.
    pub design: Design,
    /// When visitors first got it.
    pub published_at: Millis,
}

//! Which answers are listed. Pure.

use super::types::LeftAt;
use crate::{
    prompt::types::AskAt,
    text_enum,
    types::{Millis, PromptId, ReasonId, TagId},
};

text_enum!(
    /// Whether the visit reached the main goal, seen from the answer.
    Converted {
        /// After it had answered.
        Later = "later", "Converted later";
        /// Before it answered.
        Before = "before", "Converted before";
        /// Not so far.
        Not = "not", "Not converted";
        /// The visit was not counted with the main goal as it is now.
        Unknown = "unknown", "Not known";
    }
);

text_enum!(
    /// What browsers run on.
    Device {
        /// With a pointer.
        Desktop = "desktop", "Computer";
        /// With a touch screen.
        Touch = "touch", "Phone or tablet";
    }
);

text_enum!(
    /// What is special about an answer.
    AnswerState {
        /// Begun and not sent off.
        Partly = "partly", "Answered in part";
        /// Arrived long after it was given.
        Late = "late", "Late";
        /// Of the owner.
        Test = "test", "Test";
        /// Of an automated browser.
        Automated = "automated", "Automated";
    }
);

/// Which answers are listed; what is set holds together, of the card and not of each of its questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerFilter {
    /// These words were written, or stand in an address, a date or a number; folded, empty for any.
    pub words: String,
    /// Something was said in words of one's own; an address, a date or a number is none.
    pub is_worded: bool,
    /// Of this prompt only.
    pub prompt_id: Option<PromptId>,
    /// A choice stood for it.
    pub reason_id: Option<ReasonId>,
    /// Has this tag.
    pub tag_id: Option<TagId>,
    /// Has a star.
    pub is_starred: bool,
    /// Given from here on and before there.
    pub given: Option<(Millis, Millis)>,
    /// By whether the visit converted.
    pub converted: Option<Converted>,
    /// Asked at this moment.
    pub asked_at: Option<AskAt>,
    /// On this kind of device.
    pub device: Option<Device>,
    /// Of this state only.
    pub state: Option<AnswerState>,
    /// Of visits that left there only, without tests.
    pub left_at: Option<LeftAt>,
    /// What else holds for the visit `v`, in SQL, and what it is.
    pub visits: Vec<(&'static str, String)>,
    /// And what it did: conditions on `v`, each beginning with `AND`, or nothing.
    pub deeds: String,
}

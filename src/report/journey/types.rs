//! What a journey is made of. Pure.

use crate::{goal::types::GoalRole, types::Millis};

/// A line of the journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Millis,
    /// What.
    pub what: What,
    /// The site's own server told it, not the page.
    pub is_told: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A page was shown.
    Page {
        /// Its path, with campaign parameters.
        path: String,
        /// Where they came from; empty within the site.
        referrer: String,
        /// Until it had loaded.
        loaded_ms: Option<Millis>,
        /// Active time on it.
        active_ms: Millis,
        /// Deepest mark, per cent.
        scrolled: i64,
    },
    /// A link or button was clicked.
    Click {
        /// The developer's words on it.
        label: String,
        /// Where it leads, when that is another site.
        away: String,
    },
    /// The first change in a form.
    FormStarted {
        /// Its key.
        form: String,
        /// The field in which it began, when they went to no other.
        last_field: String,
        /// Whether all that is known to have been changed in it was filled in by the browser.
        is_autofilled: bool,
    },
    /// The last field that they went to.
    LastField {
        /// Its form.
        form: String,
        /// Its name.
        field: String,
    },
    /// Tried to send a form.
    FormAttempted {
        /// Its key.
        form: String,
    },
    /// A form refused what was entered.
    FormFailed {
        /// Its key.
        form: String,
        /// The field, when it is known.
        field: String,
    },
    /// A form was completed.
    FormCompleted {
        /// Its key.
        form: String,
    },
    /// Turned away from a form.
    FormAbandoned {
        /// Its key.
        form: String,
        /// How.
        why: String,
        /// How long after it they came back and completed the form after all, ms: later in the visit, or, when they agreed to be
        /// known again, in a later one.
        recovered_ms: Option<Millis>,
    },
    /// The pointer moved to leave.
    Exit,
    /// The page's own event.
    Tracked {
        /// Its name.
        name: String,
    },
    /// A goal was reached.
    Goal {
        /// What the owner calls it.
        name: String,
        /// What it means.
        role: GoalRole,
    },
    /// A question opened.
    Asked {
        /// Name of the prompt.
        prompt: String,
        /// Code of the moment.
        moment: String,
    },
    /// Could have been asked, and was left unasked for comparison.
    HeldOut {
        /// Name of the prompt.
        prompt: String,
    },
    /// A question was answered.
    Answered {
        /// Name of the prompt.
        prompt: String,
        /// The answer that the page is about.
        is_this: bool,
        /// Since it was asked.
        after_ms: Millis,
    },
    /// Help was shown or taken after an answer.
    Helped {
        /// How: `shown`, `link` or `chat`.
        how: String,
    },
    /// A question was closed without an answer.
    Closed {
        /// Name of the prompt.
        prompt: String,
    },
    /// The visit is over.
    Left,
    /// The visit may still move on.
    StillOpen,
}

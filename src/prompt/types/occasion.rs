//! Where in a visit a question may be asked, and what the moments are about that are about something. Pure.

use serde::{Deserialize, Serialize};

pub use crate::goal::filter::{Comparison, Filter};
use crate::{clock::SECOND, text_enum, types::Millis};

text_enum!(
    /// Where in a visit a moment may ask.
    AskAt {
        /// The pointer leaves through the top edge of the page; on a phone, they come back after a while or scroll up fast.
        Exit = "exit", "When they move to leave the page";
        /// The form was closed, scrolled away, or left after an error.
        LeaveForm = "leave_form", "When they turn away from the form";
        /// No activity in the form for a minute.
        #[serde(alias = "stall")]
        Stall = "stalled", "When they stop for a minute";
        /// On a later page of the same visit.
        NextPage = "next_page", "On the next page they open";
        /// On the first page of the visit after the one in which A was reached; only of visitors who agreed to be known again.
        NextVisit = "next_visit", "On the first page of their next visit";
        /// The same field was wrong at a second attempt.
        FieldError = "field_error", "When the same field is wrong twice";
        /// A page was opened.
        PageView = "page_view", "When they open a page";
        /// A share of the page has been in sight.
        Scroll = "scroll", "When they have scrolled far enough";
        /// Half of an element was in sight for a second.
        Seen = "seen", "When something comes into sight";
        /// The end of the text is in the upper part of the window.
        EndOfContent = "end_of_content", "When they reach the end of the text";
        /// Attention for the page.
        Dwell = "dwell", "After some time on the page";
        /// Nothing was done for a while, with the page in front.
        Idle = "idle", "When they do nothing for a while";
        /// An element was clicked.
        Click = "click", "When they click something";
        /// `exitpoll('track', name)` was called.
        Event = "event", "When the page reports an event";
        /// Something was copied from the page.
        Copy = "copy", "When they copy something from the page";
        /// A dialog or a widget of the page was closed.
        WidgetClosed = "widget_closed", "When they close a dialog or chat";
        /// A was reached.
        Reached = "reached", "Right after they have done the first thing";
        /// Three quick clicks in one place.
        RageClick = "rage_click", "When they click again and again in one place";
        /// The page does not exist.
        NotFound = "not_found", "When the page was not found";
        /// The page shows that a search found nothing.
        NoResults = "no_results", "When a search finds nothing";
    }
);

impl AskAt {
    /// As the editor shows them together.
    pub const GROUPS: &'static [(&'static str, &'static [Self])] = &[
        ("Leaving", &[Self::Exit, Self::NextPage, Self::NextVisit]),
        ("A form", &[Self::LeaveForm, Self::Stall, Self::FieldError]),
        (
            "Reading",
            &[
                Self::PageView,
                Self::Scroll,
                Self::Seen,
                Self::EndOfContent,
                Self::Dwell,
                Self::Idle,
            ],
        ),
        (
            "Doing something",
            &[
                Self::Click,
                Self::Event,
                Self::Copy,
                Self::WidgetClosed,
                Self::Reached,
            ],
        ),
        (
            "Trouble",
            &[Self::RageClick, Self::NotFound, Self::NoResults],
        ),
    ];

    /// Whether the script that every visitor loads tells of it; the others need a file of their own.
    pub fn is_common(self) -> bool {
        matches!(
            self,
            Self::Exit | Self::NextPage | Self::NextVisit | Self::LeaveForm | Self::Stall
        )
    }

    /// Whether it is about something that was done before.
    pub fn needs_after(self) -> bool {
        matches!(self, Self::Reached | Self::NextVisit)
    }

    /// Whether it is about a form that was started.
    pub fn is_about_a_form(self) -> bool {
        matches!(self, Self::LeaveForm | Self::Stall | Self::FieldError)
    }

    /// What happened, as a report tells it.
    pub fn told(self) -> &'static str {
        match self {
            Self::Exit => "Moved to leave",
            Self::NextPage => "Went on to another page",
            Self::NextVisit => "Came back after an earlier visit",
            Self::LeaveForm => "Turned away from the form",
            Self::Stall => "Stopped for a minute",
            Self::FieldError => "The same field was wrong twice",
            Self::PageView => "Opened the page",
            Self::Scroll => "Scrolled far enough",
            Self::Seen => "Saw what the question is about",
            Self::EndOfContent => "Reached the end of the text",
            Self::Dwell => "Spent some time on the page",
            Self::Idle => "Did nothing for a while",
            Self::Click => "Clicked what the question is about",
            Self::Event => "The page reported the event",
            Self::Copy => "Copied something from the page",
            Self::WidgetClosed => "Closed a dialog or chat",
            Self::Reached => "Had just done it",
            Self::RageClick => "Clicked again and again in one place",
            Self::NotFound => "The page was not found",
            Self::NoResults => "A search found nothing",
        }
    }
}

/// What the moments are about that are about something. Each counts only when its moment is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// Share of the page that must have been in sight, 1 to 100 %.
    pub scroll_percent: u8,
    /// Selector of what must come into sight.
    pub seen: String,
    /// Attention for the page, ms.
    pub dwell_ms: Millis,
    /// Time without doing anything, ms.
    pub idle_ms: Millis,
    /// Selector of what must be clicked.
    pub click: String,
    /// Name of the event.
    pub event: String,
    /// What it must say; all of them.
    pub filters: Vec<Filter>,
    /// Selector of what the page shows when a search finds nothing.
    pub no_results: String,
    /// Name of the dialog or widget; empty for any, or for none but what `gone` finds.
    pub widget: String,
    /// Selector of what counts as closed when it is no longer seen; empty for nothing.
    pub gone: String,
}

impl Default for Details {
    fn default() -> Self {
        Self {
            scroll_percent: 50,
            seen: String::new(),
            dwell_ms: 30 * SECOND,
            idle_ms: 30 * SECOND,
            click: String::new(),
            event: String::new(),
            filters: vec![],
            no_results: String::new(),
            widget: String::new(),
            gone: String::new(),
        }
    }
}

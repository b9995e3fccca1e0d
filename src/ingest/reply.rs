//! What the widget is told after the commit; names as in the wire contract.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{content::Content, decide::Refusal, imported::Taken, look::Look};
use crate::{
    text_enum,
    types::{GoalId, PromptId, VisitId},
};

text_enum!(
    /// Why something sent was not kept. The label is what the owner reads under Data quality.
    DropReason {
        /// A kind of event that this release does not know.
        UnknownKind = "unknown_kind", "Sent by a newer script";
        /// An event of a form that the wire does not have.
        Malformed = "malformed", "An event that cannot be read";
        /// More than 24 hours old.
        TooLate = "too_late", "Arrived more than 24 hours late";
        /// An answer without a valid token.
        BadToken = "bad_token", "Answer without a valid token";
        /// An answer that does not fit the question.
        DoesNotFit = "does_not_fit", "Answer that does not fit the question";
        /// An answer more than 7 days old.
        AnswerTooLate = "answer_too_late", "Answer arrived more than 7 days late";
        /// A step of a link whose answer is complete or was deleted.
        AnswerOver = "answer_over", "Change of an answer that was complete or deleted";
        /// More than a site may send at once.
        RateLimited = "rate_limited", "Sent faster than the limit of the site";
        /// An event told by the site's server of a visit that is gone.
        NoVisit = "no_visit", "Told of a visit that is gone";
        /// A request that names no origin.
        NoOrigin = "no_origin", "Sent by a program, not by a web page";
        /// More moments than a visit can plausibly come to.
        TooManyMoments = "too_many_moments", "Too many moments in one visit";
        /// An event is kept, and the amount that it tells is not added up.
        OtherCurrency = "other_currency", "Amount in another currency than the site’s: not added up";
        /// A request from an origin that is not allowed.
        RefusedOrigin = "refused_origin", "Sent from an address that is not allowed";
    }
);

/// The reply to one request.
#[derive(Debug, Default, Serialize)]
pub struct Reply {
    /// Current version of the site's configuration.
    pub cv: i64,
    /// The whole configuration, when the widget holds another version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Box<RawValue>>,
    /// State of the visit; only for the first batch of a page load.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub start: Option<Start>,
    /// Questions put off to the page just opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub armed: Option<Vec<PromptId>>,
    /// Prompts that need not be asked for again in this page load; with the first batch and with every decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided: Option<Vec<PromptId>>,
    /// Whether an automatic question is still to be had; likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<bool>,
    /// Names the visit to the site's own server, when the page asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// One decision for each `eligible` event.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ask: Vec<Ask>,
    /// What was not kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<Dropped>,
    /// For an owner who looks; never sent as it is.
    #[serde(skip)]
    pub look: Option<Box<Look>>,
    /// What became of something imported; no request is.
    #[serde(skip)]
    pub taken: Option<Taken>,
}

/// State of the visit at the start of a page load.
#[derive(Debug, Serialize)]
pub struct Start {
    /// The visit.
    pub visit: VisitId,
    /// Goals reached; left out when the continuation was ambiguous, so that nobody learns another's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goals: Option<Vec<GoalId>>,
}

/// The decision about one prompt.
#[derive(Debug, Serialize)]
pub struct Ask {
    /// The prompt, as the widget named it.
    pub p: String,
    /// The decision.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Show it, leave it unasked for comparison, or why not.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Open the card.
    Show(Box<Card>),
    /// Left unasked for comparison.
    HeldOut(bool),
    /// Not eligible.
    No(Refusal),
}

/// What the card needs.
#[derive(Debug, Serialize)]
pub struct Card {
    /// Lets one submission in.
    pub token: String,
    /// What visitors read.
    pub content: Content,
}

/// What was not kept.
#[derive(Debug, Serialize)]
pub struct Dropped {
    /// Why.
    pub why: DropReason,
    /// How many.
    pub n: usize,
    /// Questions and choices that nobody was asked, such as `q9` and `q1.c7`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub what: Vec<String>,
}

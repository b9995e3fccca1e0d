//! What a prompt is: a moment, where, and a question. Pure.

mod address;
mod fairness;
mod field;
mod flow;
mod look;
mod moment;
mod occasion;
mod offers;
mod property;
mod question;
mod schedule;
mod source;
mod target;
mod words;

pub use address::{AddressKind, AddressRule, Join, compile, parameters};
pub use fairness::{Fairness, Quota};
pub use field::{FieldSource, HiddenField};
pub use flow::{Ending, EndingKind, Jump, JumpWhen};
pub use look::{Look, Place, ShownAs, Side};
pub use moment::{Moment, Sensitivity};
pub use occasion::{AskAt, Comparison, Details, Filter};
pub use offers::Offers;
pub use property::{PropertyRule, PropertyTest};
pub use question::{
    Choice, NONE_CHOICE, OTHER_CHOICE, Question, QuestionKind, ScaleLook, TextInput,
};
pub use schedule::{Schedule, Weekday};
pub use source::{Campaign, SourceKind, SourceRule};
pub use target::{DeviceRule, Target, VisitorRule};
pub use words::{FIRST_WORDING, OtherWords, TAB_LABEL, Wording, Words, in_wording, ours};

use serde::{Deserialize, Serialize};

use crate::{
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
        /// Put away: asks nobody, and stands in no list that is not asked for it.
        Archived = "archived", "Archived";
    }
);

text_enum!(
    /// The ways to begin, in the order of the bank; a design remembers its own.
    PromptTemplate {
        /// A form was started and not finished.
        FormAbandoned = "form_abandoned", "Form started, not finished";
        /// A form showed an error and was left.
        FormError = "form_error", "After an error in a form";
        /// Somebody stopped in the middle of a form.
        FormStalled = "form_stalled", "Stuck in a form";
        /// Pricing was viewed and the visit did not convert.
        PricingViewed = "pricing_viewed", "Pricing viewed, not converted";
        /// The cart was viewed and nothing ordered.
        CartLeft = "cart_left", "Cart left";
        /// The checkout was begun and not finished.
        CheckoutStopped = "checkout_stopped", "Checkout stopped";
        /// A demo was watched.
        DemoWatched = "demo_watched", "Demo watched";
        /// The visitor is about to leave.
        ExitIntent = "exit_intent", "About to leave";
        /// About to leave a page to read.
        ContentExit = "content_exit", "About to leave an article";
        /// A help page was read.
        PageHelpful = "page_helpful", "Page helpful?";
        /// A chat or pop-up was closed.
        WidgetClosed = "widget_closed", "Chat or pop-up closed";
        /// Is here again.
        ReturningVisitor = "returning_visitor", "Back again";
        /// A search found nothing.
        SearchEmpty = "search_empty", "Search without a result";
        /// A page was not found.
        NotFound = "not_found", "Page not found";
        /// The main goal was reached.
        AfterConversion = "after_conversion", "What almost stopped you?";
        /// The main goal was reached: how they came to know of it.
        HeardAbout = "heard_about", "How did you hear of us?";
        /// Whether they would recommend it.
        Nps = "nps", "Would recommend (NPS)";
        /// How satisfied they are.
        Csat = "csat", "Satisfaction (CSAT)";
        /// How easy it was.
        Ces = "ces", "Effort (CES)";
        /// What is missing in a product.
        FeatureRequest = "feature_request", "What is missing?";
        /// A plan was cancelled.
        PlanCancelled = "plan_cancelled", "Plan cancelled";
    }
);

/// Everything about a prompt that a version freezes. As an owner writes it, goals are described and reasons are words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Design<Goal = GoalId, Reason = ReasonId> {
    /// Which template it came from.
    pub template: PromptTemplate,
    /// When to ask.
    pub moment: Moment<Goal>,
    /// Whom to ask, and where.
    pub target: Target,
    /// How often, and how many not.
    pub fairness: Fairness,
    /// What to ask; at least one.
    pub questions: Vec<Question<Reason>>,
    /// Thank-you line: the usual ending.
    pub thanks: String,
    /// Other endings.
    #[serde(default)]
    pub endings: Vec<Ending>,
    /// Language of the words, BCP 47.
    pub lang: String,
    /// In other languages and other wordings.
    #[serde(default)]
    pub other_words: OtherWords,
    /// What goes along with the answer.
    #[serde(default)]
    pub fields: Vec<HiddenField>,
    /// How and where the card is shown.
    pub look: Look,
}

#[cfg(test)]
impl<Goal, Reason> Design<Goal, Reason>
where
    Moment<Goal>: Default,
    Question<Reason>: Default,
{
    /// What unit tests begin with: one empty question to everybody who moves to leave.
    pub(crate) fn plain(template: PromptTemplate) -> Self {
        Self {
            template,
            moment: Moment {
                ask_at: vec![AskAt::Exit],
                ..Moment::default()
            },
            target: Target::default(),
            fairness: Fairness::default(),
            questions: vec![Question::default()],
            thanks: String::new(),
            endings: vec![],
            lang: "en".into(),
            other_words: OtherWords::default(),
            fields: vec![],
            look: Look::default(),
        }
    }
}

impl<Goal, Reason> Design<Goal, Reason> {
    /// The question of this id.
    pub fn question(&self, id: &str) -> Option<&Question<Reason>> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// Names of the hidden fields that are told so.
    pub fn fields_from(&self, from: FieldSource) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter();
        fields
            .filter(move |field| field.from == from)
            .map(|field| field.name.as_str())
    }

    /// What a list calls it: its first question, in quotation marks, and how many more there are.
    pub fn headline(&self) -> String {
        let title = |question: &Question<Reason>| question.title.clone();
        let first = self.questions.first().map(title).unwrap_or_default();
        match self.questions.len() {
            0 | 1 => format!("“{first}”"),
            n => format!("“{first}” (+{} more)", n - 1),
        }
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
    /// Its place in the order in which prompts have their say; of those with the same, the older one goes first.
    pub place: i32,
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
    /// What the owner noted about it; empty for nothing.
    pub note: String,
}

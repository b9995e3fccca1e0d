//! The bank: one entry a situation, as data. What it takes from the site stands in its words, `super` puts it in.

use crate::{
    prompt::types::{
        AskAt::{
            self, Dwell, EndOfContent, Exit, FieldError, LeaveForm, NextPage, NoResults, Reached,
            Stall,
        },
        PromptTemplate::{self, *},
        QuestionKind::{self, Rating, Single, Text},
        VisitorRule,
    },
    reason::types::FOUND,
    text_enum,
};

text_enum!(
    /// Where on a site a situation belongs.
    Group {
        /// Forms that were not finished.
        Forms = "forms", "Forms";
        /// Prices, cart, checkout.
        Buying = "buying", "Prices and checkout";
        /// Pages that people read.
        Reading = "reading", "Pages and content";
        /// What people look for and do not find.
        Finding = "finding", "Searching and finding";
        /// People who did what the site hopes for.
        Converted = "converted", "After they converted";
        /// Figures that are watched over time.
        Scores = "scores", "Scores";
        /// People who use a product.
        Product = "product", "Product and plans";
    }
);

/// What must have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Nothing.
    Anything,
    /// The site's form was started.
    FormStarted,
    /// The site's prices were viewed.
    Pricing,
    /// A page was viewed: the first seen path that holds one of these words, else the last.
    Page(&'static [&'static str], &'static str),
    /// The page reported this event.
    Event(&'static str),
    /// The main goal was reached.
    Converted,
}

/// What must not have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// Nothing: whoever comes this far is asked.
    Nothing,
    /// The site's form was completed.
    FormCompleted,
    /// The main goal was reached.
    Converted,
}

/// A situation, the question for it, and why it is worth asking.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) template: PromptTemplate,
    pub(super) group: Group,
    pub(super) why: &'static str,
    pub(super) after: After,
    pub(super) expect: Expect,
    pub(super) ask_at: &'static [AskAt],
    /// Where, like [`After::Page`]; `None` for everywhere.
    pub(super) pages: Option<(&'static [&'static str], &'static str)>,
    pub(super) kind: QuestionKind,
    pub(super) title: &'static str,
    /// Label for visitors, and the reason that it stands for.
    pub(super) choices: &'static [(&'static str, &'static str)],
    pub(super) has_other: bool,
    /// Words for the low and the high end of a scale; a rating without them is a thumb down and a thumb up.
    pub(super) ends: (&'static str, &'static str),
    /// What is asked for besides: in a line beneath choices, as a second question after a scale, as the help of free text.
    pub(super) comment: &'static str,
    /// Whether they were here before.
    pub(super) visitor: VisitorRule,
}

/// What most entries have in common.
const USUAL: Entry = Entry {
    template: ExitIntent,
    group: Group::Reading,
    why: "",
    after: After::Anything,
    expect: Expect::Converted,
    ask_at: &[Exit, NextPage],
    pages: None,
    kind: Single,
    title: "",
    choices: &[],
    has_other: true,
    ends: ("", ""),
    comment: "Anything to add?",
    visitor: VisitorRule::Any,
};

/// Every situation, in the order of the screen.
pub(super) const BANK: &[Entry] = &[
    Entry {
        template: FormAbandoned,
        group: Group::Forms,
        why: "Best first question: it names what stands in the way.",
        after: After::FormStarted,
        expect: Expect::FormCompleted,
        ask_at: &[Exit, LeaveForm, Stall, NextPage],
        title: "What stopped you from completing this?",
        choices: &[
            ("It takes too long", "Too long"),
            (
                "I would rather not give one of the details",
                "Unsure about giving a detail",
            ),
            ("Something did not work", "An error"),
            ("I need someone's approval first", "Need approval"),
            ("The price", "Price"),
            ("I was just looking", "Just looking"),
        ],
        ..USUAL
    },
    Entry {
        template: FormError,
        group: Group::Forms,
        why: "Tells a form that is too much from one that is broken, in the words of whoever met it.",
        after: After::FormStarted,
        expect: Expect::FormCompleted,
        ask_at: &[FieldError],
        title: "Which part did not work?",
        choices: &[
            (
                "A field did not take what I entered",
                "A field refused the entry",
            ),
            ("I did not understand what was asked", "Unclear question"),
            ("Nothing happened when I sent it", "Sending did nothing"),
            ("It took too long to load", "Too slow"),
            ("Everything worked, I changed my mind", "Just looking"),
        ],
        comment: "What did you see?",
        ..USUAL
    },
    Entry {
        template: FormStalled,
        group: Group::Forms,
        why: "Finds the field that makes people stop and think, while they still know why.",
        after: After::FormStarted,
        expect: Expect::FormCompleted,
        ask_at: &[Stall],
        title: "Is something here unclear?",
        choices: &[
            ("What to write in a field", "Unclear question"),
            (
                "Why you need one of the details",
                "Unsure about giving a detail",
            ),
            ("What happens after I send it", "Unclear what follows"),
            ("I have to look something up", "Needs to look something up"),
            ("No, all is clear", "Nothing unclear"),
        ],
        comment: "Which field?",
        ..USUAL
    },
    Entry {
        template: PricingViewed,
        group: Group::Buying,
        why: "Good when few visits reach the form: it asks where the decision is made.",
        after: After::Pricing,
        title: "What is missing for you to decide?",
        choices: &[
            ("It is too expensive", "Price"),
            ("The plans are not clear to me", "Unclear plan"),
            ("A feature is missing", "Missing feature"),
            ("I need to compare first", "Comparing"),
            ("I need to ask someone first", "Need approval"),
            ("I am not ready yet", "Not ready"),
        ],
        ..USUAL
    },
    Entry {
        template: CartLeft,
        group: Group::Buying,
        why: "Parts costs that came as a surprise from people who never meant to buy today.",
        after: After::Page(&["cart", "basket", "bag"], "/cart"),
        title: "What kept you from ordering?",
        choices: &[
            ("The total was higher than I expected", "Price"),
            ("Shipping costs too much", "Shipping costs"),
            ("It would arrive too late", "Delivery time"),
            ("I want to compare first", "Comparing"),
            ("I was just looking", "Just looking"),
        ],
        ..USUAL
    },
    Entry {
        template: CheckoutStopped,
        group: Group::Buying,
        why: "The dearest drop-off there is. It asks on the next page, never in the middle of a payment.",
        after: After::Page(&["checkout", "payment"], "/checkout*"),
        ask_at: &[NextPage],
        title: "What stopped you at checkout?",
        choices: &[
            ("My way of paying was missing", "Payment method"),
            ("I had to make an account", "Account required"),
            ("Costs were added at the end", "Price"),
            ("I was not sure that it is safe", "Trust"),
            ("Something did not work", "An error"),
        ],
        ..USUAL
    },
    Entry {
        template: DemoWatched,
        group: Group::Buying,
        why: "People who watched to the end are close: ask what they need next, and put it there.",
        after: After::Event("demo_watched"),
        ask_at: &[Reached, NextPage],
        title: "What would you like to see next?",
        choices: &[
            ("Prices", "Wants prices"),
            ("An example of somebody like us", "Wants an example"),
            ("To try it myself", "Wants to try"),
            ("To talk to someone", "Wants to talk"),
        ],
        ..USUAL
    },
    Entry {
        template: ExitIntent,
        group: Group::Reading,
        why: "Reaches the most visits; answers are broader.",
        ask_at: &[Exit],
        title: "Did you find what you came for?",
        choices: &[
            ("Yes", FOUND),
            ("Partly", "Found part of it"),
            ("No", "Did not find it"),
        ],
        has_other: false,
        comment: "What were you looking for?",
        ..USUAL
    },
    Entry {
        template: ContentExit,
        group: Group::Reading,
        why: "Shows which question an article leaves open: often the subject of the next one.",
        expect: Expect::Nothing,
        ask_at: &[Exit],
        pages: Some((&["blog", "article", "news", "guide"], "/blog*")),
        title: "Did this answer your question?",
        choices: &[
            ("Yes", "Answered"),
            ("Partly", "Answered in part"),
            ("No", "Not answered"),
        ],
        has_other: false,
        comment: "What is still open?",
        ..USUAL
    },
    Entry {
        template: PageHelpful,
        group: Group::Reading,
        why: "Finds the help pages that send people to support instead of on their way.",
        expect: Expect::Nothing,
        ask_at: &[EndOfContent, Exit],
        pages: Some((&["help", "docs", "faq", "support"], "/help*")),
        kind: Rating,
        title: "Was this page helpful?",
        comment: "What was missing or wrong?",
        ..USUAL
    },
    Entry {
        template: WidgetClosed,
        group: Group::Reading,
        why: "Whoever closes a chat or a pop-up unused had something in mind when opening it.",
        ask_at: &[AskAt::WidgetClosed],
        kind: Text,
        title: "Is there anything we could have answered?",
        comment: "Your question, in a few words.",
        ..USUAL
    },
    Entry {
        template: ReturningVisitor,
        group: Group::Reading,
        why: "People who come back are weighing something: ask what. Only visitors who agreed to be known again can be asked.",
        visitor: VisitorRule::Returning,
        ask_at: &[Dwell],
        title: "What brings you here today?",
        choices: &[
            ("I am comparing options", "Comparing"),
            ("I am looking for a price", "Wants prices"),
            ("I have a question before I decide", "Open question"),
            ("I use it already", "Is a customer"),
            ("I was just looking", "Just looking"),
        ],
        ..USUAL
    },
    Entry {
        template: SearchEmpty,
        group: Group::Finding,
        why: "What people search for and do not find is a list of what to write or to sell.",
        expect: Expect::Nothing,
        ask_at: &[NoResults],
        kind: Text,
        title: "What were you looking for?",
        comment: "In your own words.",
        ..USUAL
    },
    Entry {
        template: NotFound,
        group: Group::Finding,
        why: "Tells broken links of your own from those of others, and what people hoped to find behind them.",
        expect: Expect::Nothing,
        ask_at: &[AskAt::NotFound],
        title: "This page is missing. How did you get here?",
        choices: &[
            ("By a link on this site", "Broken link here"),
            ("From a search engine", "Broken link in a search engine"),
            ("By a link on another site", "Broken link elsewhere"),
            ("From a bookmark or an old e-mail", "Old address"),
        ],
        comment: "What did you hope to find?",
        ..USUAL
    },
    Entry {
        template: AfterConversion,
        group: Group::Converted,
        why: "Those who made it still remember what nearly kept them: it keeps the others.",
        after: After::Converted,
        expect: Expect::Nothing,
        ask_at: &[NextPage],
        title: "What almost stopped you?",
        choices: &[
            ("The price", "Price"),
            ("I was not sure whether to trust it", "Trust"),
            (
                "Something I wanted to know was missing",
                "Missing information",
            ),
            ("It was a lot of effort", "Effort"),
            ("Nothing", "Nothing"),
        ],
        ..USUAL
    },
    Entry {
        template: HeardAbout,
        group: Group::Converted,
        why: "Referrers cannot see a colleague's word of mouth or a podcast. People can say it.",
        after: After::Converted,
        expect: Expect::Nothing,
        ask_at: &[NextPage],
        title: "How did you first hear of us?",
        choices: &[
            ("From a search", "Heard by search"),
            ("From somebody I know", "Heard from a person"),
            ("On social media", "Heard on social media"),
            ("In an article or a podcast", "Heard in an article"),
            ("From an advertisement", "Heard from an advertisement"),
        ],
        ..USUAL
    },
    Entry {
        template: Nps,
        group: Group::Scores,
        why: "One figure to watch over months, asked of people who have done what they came for.",
        after: After::Converted,
        expect: Expect::Nothing,
        ask_at: &[NextPage],
        kind: QuestionKind::Nps,
        title: "How likely are you to recommend us?",
        ends: ("Not at all likely", "Very likely"),
        comment: "What is the main reason?",
        ..USUAL
    },
    Entry {
        template: Csat,
        group: Group::Scores,
        why: "How a single visit went, while it is still fresh.",
        expect: Expect::Nothing,
        ask_at: &[Exit],
        kind: QuestionKind::Csat,
        title: "How satisfied are you with your visit today?",
        ends: ("Very dissatisfied", "Very satisfied"),
        comment: "What would have made it better?",
        ..USUAL
    },
    Entry {
        template: Ces,
        group: Group::Scores,
        why: "Effort goes with leaving sooner than satisfaction does. Ask it right after the task.",
        after: After::Converted,
        expect: Expect::Nothing,
        ask_at: &[Reached, NextPage],
        kind: QuestionKind::Ces,
        title: "How easy was that?",
        ends: ("Very hard", "Very easy"),
        comment: "What took the most effort?",
        ..USUAL
    },
    Entry {
        template: FeatureRequest,
        group: Group::Product,
        why: "One open question, asked where the product is used, finds more than a list of ideas.",
        expect: Expect::Nothing,
        ask_at: &[Exit],
        pages: Some((&["app", "dashboard", "account"], "/app*")),
        kind: Text,
        title: "What is the one thing that you miss most?",
        comment: "In your own words.",
        ..USUAL
    },
    Entry {
        template: PlanCancelled,
        group: Group::Product,
        why: "The reason of whoever leaves, given once and in one click: the most honest list of what to mend.",
        after: After::Event("plan_cancelled"),
        expect: Expect::Nothing,
        ask_at: &[Reached, NextPage],
        title: "Why did you cancel?",
        choices: &[
            ("It is too expensive", "Price"),
            ("A feature is missing", "Missing feature"),
            ("I did not use it enough", "Not used enough"),
            (
                "I found something that suits me better",
                "Chose another product",
            ),
            ("It did not work well", "An error"),
            ("I no longer need it", "No longer needed"),
        ],
        ..USUAL
    },
];

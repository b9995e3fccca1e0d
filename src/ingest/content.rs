//! The words of a card, as the widget gets them: what can be said once is said here, for its files are paid by visitors.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::sheet::sheet;
use crate::{
    delivery::script::lazy_name,
    prompt::{
        languages::{self, Phrases},
        types::{
            Design, Ending, EndingKind, FieldSource, NONE_CHOICE, OTHER_CHOICE, Question,
            QuestionKind, ScaleLook, TextInput,
        },
    },
    site::theme::Theme,
    types::VisitId,
};

/// The words of a card.
#[derive(Debug, Serialize)]
pub struct Content {
    lang: String,
    dir: &'static str,
    questions: Vec<QuestionContent>,
    submit: &'static str,
    next: &'static str,
    back: &'static str,
    of: &'static str,
    later: &'static str,
    /// Words on the button that ends all asking, where the site has it; only on a card that opened by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) never: Option<&'static str>,
    close: &'static str,
    thanks: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    endings: BTreeMap<String, EndingContent>,
    /// Place, colours, corners and font.
    css: String,
    /// Without it the card is as dark as the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    dark: Option<bool>,
    /// Names of the hidden fields that the code which shows the card may tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
    /// The file that draws further kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    kinds: Option<String>,
    /// Place of the question that it opens with; visitors begin at the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<usize>,
}

#[derive(Debug, Default, Serialize)]
struct QuestionContent {
    id: String,
    kind: &'static str,
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    help: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<ChoiceContent>,
    #[serde(skip_serializing_if = "String::is_empty")]
    comment: String,
    /// What is said when nothing is given; without it nothing need be.
    #[serde(skip_serializing_if = "Option::is_none")]
    must: Option<String>,
    /// What is said when what is given does not fit.
    #[serde(skip_serializing_if = "String::is_empty")]
    wrong: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    low: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    high: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    button: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    up: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    down: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    jumps: Vec<JumpContent>,
}

/// Where an answer leads.
#[derive(Debug, Serialize)]
struct JumpContent {
    op: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    value: String,
    to: String,
}

#[derive(Debug, Serialize)]
struct EndingContent {
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    chat: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    soon: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    help: bool,
}

impl EndingContent {
    fn of(ending: &Ending, phrases: &Phrases) -> Self {
        let after = (ending.after_s > 0).then_some(ending.after_s);
        Self {
            text: ending.text.clone(),
            url: ending.url.clone(),
            label: ending.label.clone(),
            chat: ending.chat.clone(),
            after,
            soon: after.map(|seconds| phrases.soon.replace("{n}", &seconds.to_string())),
            help: ending.kind == EndingKind::Help,
        }
    }
}

#[derive(Debug, Serialize)]
struct ChoiceContent {
    id: String,
    label: String,
    /// Opens a line to write in.
    #[serde(skip_serializing_if = "is_false")]
    words: bool,
    /// Excludes the others.
    #[serde(skip_serializing_if = "is_false")]
    only: bool,
}

fn is_false(is_set: &bool) -> bool {
    !is_set
}

impl Content {
    /// The card of a design that speaks the visit's language and wording; `theme` is the look of the site.
    pub fn of<Goal, Reason>(design: &Design<Goal, Reason>, theme: &Theme, visit: VisitId) -> Self {
        let phrases = languages::phrases(&design.lang);
        let theme = design.look.theme.as_ref().unwrap_or(theme);
        let asks = |question: &&Question<Reason>| question.kind.can_be_required();
        let is_only = design.questions.iter().filter(asks).count() == 1;
        let questions = design.questions.iter();
        let is_apart = |question: &Question<Reason>| is_drawn_apart(question.kind);
        Self {
            lang: design.lang.clone(),
            dir: languages::direction(&design.lang),
            submit: &phrases.submit,
            next: &phrases.next,
            back: &phrases.back,
            of: &phrases.of,
            later: &phrases.later,
            never: None,
            fields: design
                .fields_from(FieldSource::Code)
                .map(str::to_owned)
                .collect(),
            close: &phrases.close,
            thanks: design.thanks.clone(),
            endings: design
                .endings
                .iter()
                .map(|ending| (ending.id.clone(), EndingContent::of(ending, phrases)))
                .collect(),
            css: sheet(design.look.place, theme),
            dark: theme.is_dark(),
            at: None,
            kinds: design
                .questions
                .iter()
                .any(is_apart)
                .then(|| lazy_name("k")),
            questions: questions
                .map(|question| QuestionContent::of(question, is_only, visit, phrases))
                .collect(),
        }
    }

    /// Opens with another question than the first: for who writes it.
    pub fn begin_at(&mut self, question: usize) {
        self.at = (question > 0).then_some(question);
    }
}

/// Whether the kind is drawn by the file of further kinds.
fn is_drawn_apart(kind: QuestionKind) -> bool {
    use QuestionKind as Kind;
    matches!(
        kind,
        Kind::Dropdown | Kind::Ranking | Kind::Date | Kind::Consent
    )
}

impl QuestionContent {
    /// The only question of a card has to be answered: there is nothing else to send.
    fn of<Reason>(
        question: &Question<Reason>,
        is_only: bool,
        visit: VisitId,
        phrases: &'static Phrases,
    ) -> Self {
        let is_required = (question.is_required || is_only) && question.kind.can_be_required();
        let or_own = |words: &str| match question.message.as_str() {
            "" => words.to_owned(),
            own => own.to_owned(),
        };
        let bound = |n: u8| (n > 0).then_some(n);
        let ranks = question.kind == QuestionKind::Ranking;
        let is_multi = question.kind == QuestionKind::Multi;
        Self {
            id: question.id.clone(),
            kind: kind(question.kind),
            title: question.title.clone(),
            help: question.help.clone(),
            choices: choices(question, visit),
            comment: question.comment_label.clone(),
            must: is_required.then(|| or_own(must(question, phrases))),
            wrong: Some(wrong(question, phrases))
                .filter(|words| !words.is_empty())
                .map(|words| or_own(&words))
                .unwrap_or_default(),
            min: bound(question.at_least).filter(|_| is_multi),
            max: bound(question.at_most).filter(|_| is_multi),
            input: input(question),
            note: question.note.clone(),
            from: question.scale().map(|scale| *scale.start()),
            to: question.scale().map(|scale| *scale.end()),
            marks: marks(question),
            low: question.low_label.clone(),
            high: question.high_label.clone(),
            button: question.button.clone(),
            url: question.url.clone(),
            up: ranks.then_some(phrases.up.as_str()),
            down: ranks.then_some(phrases.down.as_str()),
            jumps: question
                .jumps
                .iter()
                .map(|jump| JumpContent {
                    op: jump.when.as_str(),
                    value: jump.value.clone(),
                    to: jump.to.clone(),
                })
                .collect(),
        }
    }
}

/// What draws the kind.
fn kind(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Email => "text",
        kind if kind.is_scale() => "scale",
        kind => kind.as_str(),
    }
}

fn input<Reason>(question: &Question<Reason>) -> Option<&'static str> {
    match (question.kind, question.input) {
        (QuestionKind::Email, _) => Some("email"),
        (QuestionKind::Text, TextInput::Line) => Some("text"),
        (QuestionKind::Text, TextInput::Number) => Some("number"),
        (QuestionKind::Text, TextInput::Url) => Some("url"),
        _ => None,
    }
}

fn must<'a, Reason>(question: &Question<Reason>, phrases: &'a Phrases) -> &'a str {
    match question.kind {
        QuestionKind::Multi => &phrases.choose_some,
        QuestionKind::Text => &phrases.write_something,
        QuestionKind::Email => &phrases.write_email,
        QuestionKind::Date => &phrases.choose_date,
        QuestionKind::Consent => &phrases.tick,
        _ => &phrases.choose_one,
    }
}

fn wrong<Reason>(question: &Question<Reason>, phrases: &Phrases) -> String {
    let words = match (question.kind, question.input) {
        (QuestionKind::Multi, _) => {
            return bounds(question.at_least, question.at_most, phrases);
        }
        (QuestionKind::Email, _) => &phrases.wrong_email,
        (QuestionKind::Date, _) => &phrases.wrong_date,
        (QuestionKind::Text, TextInput::Number) => &phrases.wrong_number,
        (QuestionKind::Text, TextInput::Url) => &phrases.wrong_url,
        _ => "",
    };
    words.to_owned()
}

fn bounds(at_least: u8, at_most: u8, phrases: &Phrases) -> String {
    let words = match (at_least, at_most) {
        (0, 0) => "",
        (0, _) => &phrases.at_most,
        (_, 0) => &phrases.at_least,
        (least, most) if least == most => &phrases.exactly,
        _ => &phrases.between,
    };
    words
        .replace("{least}", &at_least.to_string())
        .replace("{most}", &at_most.to_string())
}

fn marks<Reason>(question: &Question<Reason>) -> Vec<&'static str> {
    const FACES: [&str; 5] = ["😞", "🙁", "😐", "🙂", "😀"];
    let Some(scale) = question
        .scale()
        .filter(|_| question.kind == QuestionKind::Rating)
    else {
        return vec![];
    };
    let top = *scale.end();
    match question.look {
        ScaleLook::Number => vec![],
        ScaleLook::Star => scale.map(|_| "★").collect(),
        ScaleLook::Thumbs => vec!["👎", "👍"],
        // Spread evenly over the scale, the saddest and the happiest at its ends.
        ScaleLook::Emoji => scale
            .filter_map(|value| FACES.get(usize::try_from((value - 1) * 4 / (top - 1)).ok()?))
            .copied()
            .collect(),
    }
}

fn choices<Reason>(question: &Question<Reason>, visit: VisitId) -> Vec<ChoiceContent> {
    let mut choices: Vec<(&str, &str)> = question.labels().collect();
    if question.is_shuffled {
        // The same for the whole visit; what is not one of the owner's choices stays at the end.
        let place = |id: &str| {
            let visit = visit.to_string();
            let seed = [visit.as_str(), &question.id, id].join(" ");
            (is_last(id), Sha256::digest(seed.as_bytes()))
        };
        choices.sort_by_cached_key(|(id, _)| {
            if is_last(id) {
                (is_last(id), Default::default())
            } else {
                place(id)
            }
        });
    }
    choices
        .into_iter()
        .map(|(id, label)| ChoiceContent {
            id: id.to_owned(),
            label: label.to_owned(),
            words: id == OTHER_CHOICE,
            only: id == NONE_CHOICE,
        })
        .collect()
}

fn is_last(id: &str) -> bool {
    id == OTHER_CHOICE || id == NONE_CHOICE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{prompt::types::Choice, types::ReasonId};

    fn shuffled() -> Question {
        let choice = |n: u128| Choice {
            id: format!("c{n}"),
            label: format!("Choice {n}"),
            reason: ReasonId(uuid::Uuid::from_u128(n)),
        };
        Question {
            kind: QuestionKind::Multi,
            choices: (1..7).map(choice).collect(),
            is_shuffled: true,
            other: Some(ReasonId(uuid::Uuid::from_u128(9))),
            other_label: "Something else".into(),
            none_label: "None of these".into(),
            ..Question::default()
        }
    }

    fn order(visit: u128) -> Vec<String> {
        let visit = VisitId(uuid::Uuid::from_u128(visit));
        let shown = choices(&shuffled(), visit).into_iter();
        shown.map(|choice| choice.id).collect()
    }

    #[test]
    fn the_order_is_the_visits_own_and_the_same_each_time() {
        let orders: Vec<_> = (0..20).map(order).collect();

        assert_eq!(orders, (0..20).map(order).collect::<Vec<_>>());
        assert!(orders.iter().any(|order| order != &orders[0]));
        for order in orders {
            assert_eq!(order[6..], ["other", "none"]);
        }
    }

    #[test]
    fn the_faces_of_a_scale_go_from_sad_to_happy() {
        for (top, faces) in [(2, "😞😀"), (3, "😞😐😀"), (5, "😞🙁😐🙂😀")] {
            let question = Question::<ReasonId> {
                kind: QuestionKind::Rating,
                look: ScaleLook::Emoji,
                top,
                ..Question::default()
            };
            assert_eq!(marks(&question).concat(), faces);
        }
    }

    #[test]
    fn how_many_choices_there_may_be_is_said_in_words() {
        let cases = [
            ((0, 0), ""),
            ((2, 0), "Choose at least 2."),
            ((0, 3), "Choose at most 3."),
            ((2, 2), "Choose 2."),
            ((1, 3), "Choose 1 to 3."),
        ];
        for ((least, most), words) in cases {
            assert_eq!(bounds(least, most, languages::phrases("en")), words);
        }
    }
}

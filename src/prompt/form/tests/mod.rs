//! The editor's form: what it takes and what it says.

mod look;
mod moment;
mod words;

use proptest::prelude::*;

use super::*;
use crate::prompt::types::Question;
use crate::{
    goal::types::{GoalRole, GoalRule, GoalStage, GoalVersion},
    types::GoalId,
};

fn signed_up() -> Goal {
    let id = GoalId(uuid::Uuid::from_u128(7));
    let rule = GoalRule::event("signed_up");
    Goal {
        id,
        name: "Signed up".into(),
        role: GoalRole::Macro,
        stage: GoalStage::Decision.into(),
        is_listed: true,
        funnel_position: None,
        is_primary: true,
        is_key: false,
        serves: None,
        current: GoalVersion {
            bit: 0,
            goal_id: id,
            rule,
            value_minor: None,
            worth_since: 0,
            since_at: 0,
            until_at: None,
        },
    }
}

fn filled(changes: &[(&str, &str)]) -> PromptForm {
    let mut pairs: Vec<(String, String)> = [
        ("name", "Sign-up not finished"),
        ("question", "q1"),
        ("q1-title", "What stopped you?"),
        ("q1-kind", "single"),
        ("q1-choice_id", "c1"),
        ("q1-choice_label", "Too long"),
        ("q1-choice_reason", "Effort"),
        ("q1-choice_id", ""),
        ("q1-choice_label", "Too dear"),
        ("q1-choice_reason", ""),
        ("q1-choice_id", ""),
        ("q1-choice_label", " "),
        ("q1-choice_reason", ""),
        ("after", "form_started"),
        ("after_subject", "signup"),
        ("ask_at", "exit"),
        ("ask_at", "stalled"),
        ("sensitivity", "medium"),
        ("min_active_seconds", "5"),
        ("within_minutes", "10"),
        ("thanks", "Thank you."),
        ("lang", "en"),
        ("held_out_percent", "0"),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect();
    for (key, value) in changes {
        pairs.retain(|(name, _)| name != key);
        pairs.push(((*key).to_owned(), (*value).to_owned()));
    }
    pairs.into()
}

fn read(form: &PromptForm, taken: &[&str]) -> Result<NewDesign, FieldErrors> {
    let part_ids = taken.iter().map(|&id| id.to_owned()).collect();
    let goals = [signed_up()];
    let context = FormContext {
        template: PromptTemplate::FormAbandoned,
        goals: &goals,
        part_ids: &part_ids,
    };
    form.parse(context).map(|(_, design)| design)
}

#[test]
fn a_new_choice_takes_an_id_that_was_never_used() {
    let design = read(&filled(&[]), &["c1", "c2", "c9"]).unwrap();

    let choices: Vec<_> = design.questions[0]
        .choices
        .iter()
        .map(|choice| (choice.id.as_str(), choice.reason.as_str()))
        .collect();
    assert_eq!(choices, [("c1", "Effort"), ("c10", "Too dear")]);
}

#[test]
fn choices_are_reasons_until_the_box_is_empty_and_old_versions_say_nothing_of_it() {
    let names = |changes: &[(&str, &str)]| {
        let mut pairs = Vec::from(changes);
        pairs.push(("name", "Team"));
        read(&filled(&pairs), &[]).unwrap().questions[0].names_reasons
    };
    assert!(names(&[]), "a form that knows nothing of it");
    assert!(!names(&[("q1-reasons", "0")]));
    assert!(names(&[("q1-reasons", "1")]));
    let both: PromptForm = [("question", "q1"), ("q1-reasons", "0"), ("q1-reasons", "1")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec()
        .into();
    assert!(!both.questions[0].is_without_reasons, "the box comes last");

    let stored: Question = serde_json::from_str(r#"{"id":"q1","kind":"single"}"#).unwrap();

    assert!(stored.names_reasons);
    assert!(!QuestionForm::of(&stored, &[]).is_without_reasons);
}

#[test]
fn an_id_that_is_not_the_prompts_own_is_not_taken_over() {
    let design = read(&filled(&[]), &[]).unwrap();

    let ids: Vec<_> = design.questions[0]
        .choices
        .iter()
        .map(|choice| choice.id.as_str())
        .collect();
    assert_eq!(ids, ["c1", "c2"]);
}

#[test]
fn each_wrong_field_is_named() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("name", " ")], "name"),
        (&[("q1-title", "")], "q1-title"),
        (&[("q1-kind", "telepathy")], "q1-kind"),
        (&[("question", "one")], "questions"),
        (&[("q1-choice_label", "Only one")], "q1-choices"),
        (&[("ask_at", "never")], "ask_at"),
        (&[("after", ""), ("ask_at", "stalled")], "ask_at"),
        (&[("after", ""), ("ask_at", "reached")], "ask_at"),
        (
            &[("ask_at", "scroll"), ("scroll_percent", "101")],
            "scroll_percent",
        ),
        (&[("ask_at", "scroll")], "scroll_percent"),
        (
            &[("ask_at", "dwell"), ("dwell_seconds", "0")],
            "dwell_seconds",
        ),
        (&[("ask_at", "idle"), ("idle_seconds", "4")], "idle_seconds"),
        (
            &[("ask_at", "seen"), ("seen_selector", " ")],
            "seen_selector",
        ),
        (
            &[("ask_at", "click"), ("click_selector", "a { color: red }")],
            "click_selector",
        ),
        (&[("ask_at", "no_results")], "no_results_selector"),
        (&[("ask_at", "event"), ("event_name", "")], "event_name"),
        (
            &[
                ("ask_at", "event"),
                ("event_name", "compared"),
                ("filter_property", "plans"),
                ("filter_is", "greater"),
                ("filter_value", "many"),
            ],
            "filters",
        ),
        (&[("delay_seconds", "601")], "delay_seconds"),
        (&[("after_subject", " ")], "after_subject"),
        (&[("after", "gl_00000000000000000000000000000000")], "after"),
        (
            &[("expect", "form_started"), ("expect_subject", "signup")],
            "expect",
        ),
        (&[("sensitivity", "")], "sensitivity"),
        (&[("within_minutes", "0")], "within_minutes"),
        (&[("min_active_seconds", "-1")], "min_active_seconds"),
        (&[("held_out_percent", "51")], "held_out_percent"),
        (&[("held_out_percent", "ten")], "held_out_percent"),
        (
            &[("address_text", "signup"), ("address_test", "equals")],
            "address_1",
        ),
        (
            &[("address_text", "/p?plan=pro"), ("address_test", "equals")],
            "address_1",
        ),
        (
            &[
                ("address_text", "pro"),
                ("address_test", "not_contains"),
                ("address_part", "query"),
            ],
            "address_1",
        ),
        (
            &[("address_text", "/a(b"), ("address_test", "regex")],
            "address_1",
        ),
        (&[("languages", "en, e")], "languages"),
        (&[("source_kind", "referrer")], "source_1"),
        (
            &[("source_kind", "utm_source"), ("source_text", " ")],
            "source_1",
        ),
        (&[("reached", "gl_x")], "reached"),
        (
            &[("property_name", ""), ("property_value", "pro")],
            "property_1",
        ),
        (
            &[
                ("property_name", "seats"),
                ("property_test", "at_least"),
                ("property_value", "many"),
            ],
            "property_1",
        ),
        (&[("lang", "en_GB!")], "lang"),
        (&[("thanks", "")], "thanks"),
    ];
    for (changes, field) in cases {
        let errors = read(&filled(changes), &[]).unwrap_err();
        assert!(
            errors.of(field).is_some(),
            "{changes:?} should name {field}: {errors:?}"
        );
    }
}

#[test]
fn a_target_reads_back_as_it_was_typed() {
    let goal = signed_up().id.to_string();
    let form = filled(&[
        ("address_part", "query"),
        ("address_test", "not_starts_with"),
        ("address_text", "https://shop.example/pricing?plan=pro"),
        ("addresses_join", "all"),
        ("device", "touch"),
        ("languages", "en,de-CH"),
        ("source_kind", "referrer"),
        ("source_text", "https://www.google.com/search"),
        ("reached", &goal),
        ("not_reached", &goal),
        ("earlier_visits", "1"),
        ("property_name", "experiment:price"),
        ("property_test", "is_not"),
        ("property_value", "free"),
    ]);
    let target = read(&form, &[]).unwrap().target;

    assert_eq!(target.addresses[0].text, "/pricing?plan=pro");
    assert!(target.addresses[0].not && target.addresses[0].with_query);
    assert_eq!(target.sources[0].text, "www.google.com");
    assert_eq!(target.reached, [signed_up().id]);
    assert_eq!(
        (&target.not_reached, target.earlier_visits),
        (&target.reached, true)
    );
    let mut errors = FieldErrors::default();
    let again = TargetForm::of(&target)
        .spared()
        .parse(&[signed_up()], &mut errors);
    assert_eq!((again, errors.0.len()), (target, 0));
}

#[test]
fn free_text_has_neither_choices_nor_a_comment() {
    let design = read(&filled(&[("q1-kind", "text"), ("q1-other", "1")]), &[]).unwrap();

    assert!(design.questions[0].choices.is_empty());
    assert_eq!(design.questions[0].other, None);
    assert!(design.questions[0].comment_label.is_empty());
}

#[test]
fn questions_keep_their_order_and_share_one_row_of_choice_ids() {
    let mut pairs = vec![
        ("question", "q4"),
        ("q4-title", "First?"),
        ("q4-kind", "single"),
    ];
    for label in ["a", "b"] {
        pairs.extend([("q4-choice_label", label), ("q4-choice_id", "")]);
    }
    let mut form = filled(&pairs[1..]);
    let mut all: Vec<(String, String)> = vec![("question".into(), "q4".into())];
    all.extend(
        pairs[1..]
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    );
    let first = PromptForm::from(all).questions.remove(0);
    form.questions.insert(0, first);

    let design = read(&form, &["q1", "c1"]).unwrap();

    let ids: Vec<_> = design
        .questions
        .iter()
        .map(|question| {
            let choices = question.choices.iter().map(|choice| choice.id.as_str());
            (question.id.as_str(), choices.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(ids, [("q4", vec!["c2", "c3"]), ("q1", vec!["c1", "c4"])]);
}

#[test]
fn buttons_add_move_and_remove_questions() {
    let mut form = filled(&[]);
    let taken = ["q1", "q2", "c1"].map(str::to_owned).into();
    let ids = |form: &PromptForm| {
        let ids = form.questions.iter().map(|question| question.id.clone());
        ids.collect::<Vec<_>>()
    };

    assert!(form.press("add-question", &taken));
    assert_eq!(
        (ids(&form), form.shown.as_str()),
        (vec!["q1".into(), "q3".into()], "q3")
    );
    assert!(form.press("q3-up", &taken));
    assert_eq!(ids(&form), ["q3", "q1"]);
    assert!(form.press("q3-up", &taken), "the first stays the first");
    assert!(form.press("q3-down", &taken) && form.press("q1-remove", &taken));
    assert_eq!((ids(&form), form.shown.as_str()), (vec!["q3".into()], "q3"));
    assert!(form.press("q3-remove", &taken), "one always stays");
    assert_eq!(ids(&form), ["q3"]);
    assert!(form.press("q3-add-choice", &taken) && form.press("q3-remove-choice-1", &taken));
    assert_eq!(form.questions[0].choices.len(), 2);
    for nothing in ["save", "q9-up", "q3-fly", "remove-1", ""] {
        assert!(!form.press(nothing, &taken), "{nothing}");
    }
}

proptest! {
    #[test]
    fn no_input_makes_the_parser_panic(pairs in prop::collection::vec(("(question|q1-choice_id|q1-choice_label|q1-choice_reason|after|address_text|source_kind|property_value|lang|name)", ".{0,20}"), 0..20)) {
        let _ = read(&PromptForm::from(pairs), &["c1", "c4294967295"]);
    }
}

fn with_ways(changes: &[(&str, &str)]) -> Result<NewDesign, FieldErrors> {
    let mut pairs: Vec<(String, String)> = vec![];
    let fields = [
        ("question", "q1"),
        ("q1-title", "How easy was it?"),
        ("q1-kind", "ces"),
        ("q1-jump_when", "at_most"),
        ("q1-jump_value", "3"),
        ("q1-jump_to", "e1"),
        ("question", "q2"),
        ("q2-title", "What else?"),
        ("q2-kind", "text"),
        ("ending", "e1"),
        ("e1-kind", "help"),
        ("e1-text", "We can help."),
        ("e1-url", "https://example.com/help"),
        ("e1-chat", "Chat with us"),
    ];
    let kept = fields
        .iter()
        .filter(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    for (key, value) in kept.chain(changes) {
        pairs.push(((*key).to_owned(), (*value).to_owned()));
    }
    let with = PromptForm::from(pairs);
    let form = PromptForm {
        questions: with.questions,
        endings: with.endings,
        hidden: with.hidden,
        ..filled(&[])
    };
    read(&form, &["q1", "q2"])
}

#[test]
fn answers_lead_forward_and_to_endings() {
    let design = with_ways(&[]).unwrap();

    let jump = &design.questions[0].jumps[0];
    assert_eq!((jump.value.as_str(), jump.to.as_str()), ("3", "e1"));
    let ending = &design.endings[0];
    assert_eq!(
        (ending.label.as_str(), ending.chat.as_str(), ending.after_s),
        ("Open", "Chat with us", 0)
    );
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("q1-jump_value", "few")], "q1-jumps"),
        (&[("q1-jump_when", "is")], "q1-jumps"),
        (&[("q1-jump_to", "q1")], "q1-jumps"),
        (&[("q1-jump_to", "e9")], "q1-jumps"),
        (&[("e1-text", " ")], "e1-text"),
        (&[("e1-url", "http://example.com")], "e1-url"),
        (&[("e1-url", "javascript:alert(1)")], "e1-url"),
        (
            &[("e1-kind", "redirect"), ("e1-after_s", "1")],
            "e1-after_s",
        ),
    ];
    for (changes, field) in cases {
        let errors = with_ways(changes).unwrap_err();
        assert!(
            errors.of(field).is_some(),
            "{changes:?} should name {field}: {errors:?}"
        );
    }
}

#[test]
fn each_kind_keeps_what_it_needs_and_names_what_is_wrong() {
    let kind = |fields: &[(&str, &str)]| {
        let mut changes = vec![("q2-kind", "text")];
        changes.extend(fields);
        with_ways(&changes).map(|design| design.questions[1].clone())
    };

    let rating = kind(&[
        ("q2-kind", "rating"),
        ("q2-top", "7"),
        ("q2-look", "star"),
        ("q2-url", "x"),
    ]);
    let rating = rating.unwrap();
    assert_eq!((rating.top, rating.url.as_str()), (7, ""));
    let link = kind(&[
        ("q2-kind", "link"),
        ("q2-url", "https://example.com"),
        ("q2-required", "1"),
    ]);
    assert!(!link.unwrap().is_required, "a link is never in the way");
    for (fields, field) in [
        (&[("q2-kind", "rating"), ("q2-top", "11")], "q2-top"),
        (
            &[("q2-kind", "link"), ("q2-url", "http://example.com")],
            "q2-url",
        ),
        (&[("q2-kind", "consent"), ("q2-note", " ")], "q2-note"),
    ] {
        let errors = kind(fields).unwrap_err();
        assert!(errors.of(field).is_some(), "{fields:?}: {errors:?}");
    }
}

#[test]
fn a_new_choice_can_be_named_before_it_is_saved() {
    let taken = ["c1", "c2", "q1"].map(String::from).into();
    let mut form = filled(&[]);
    assert!(form.press("q1-add-jump", &taken));
    let new = form.questions[0]
        .choices
        .iter()
        .find(|row| row.label == "Too dear");
    let id = new.unwrap().id.clone();
    assert_eq!(id, "c3");
    form.questions[0].jumps = vec![JumpRow {
        when: "is".into(),
        value: id.clone(),
        to: String::new(),
    }];

    let context = FormContext {
        template: PromptTemplate::FormAbandoned,
        goals: &[],
        part_ids: &taken,
    };
    let (_, design) = form.parse(context).unwrap();

    let question = &design.questions[0];
    assert_eq!(question.jumps[0].value, id);
    assert!(
        question
            .choices
            .iter()
            .any(|choice| choice.id == id && choice.label == "Too dear")
    );
}

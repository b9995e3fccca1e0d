//! The editor's form: what it takes and what it says.

use proptest::prelude::*;

use super::*;
use crate::{
    goal::types::{GoalRole, GoalRule, GoalStage, GoalVersion},
    prompt::draft::GoalChoice,
    types::GoalId,
};

fn signed_up() -> Goal {
    let id = GoalId(uuid::Uuid::from_u128(7));
    let rule = GoalRule::Event {
        name: "signed_up".into(),
    };
    Goal {
        id,
        name: "Signed up".into(),
        role: GoalRole::Macro,
        stage: GoalStage::Decision,
        is_listed: true,
        funnel_position: None,
        is_primary: true,
        current: GoalVersion {
            bit: 0,
            goal_id: id,
            rule,
            value_minor: None,
            since_at: 0,
            until_at: None,
        },
    }
}

fn filled(changes: &[(&str, &str)]) -> PromptForm {
    let mut pairs: Vec<(String, String)> = [
        ("name", "Sign-up not finished"),
        ("title", "What stopped you?"),
        ("kind", "single"),
        ("choice_id", "c1"),
        ("choice_label", "Too long"),
        ("choice_reason", "Effort"),
        ("choice_id", ""),
        ("choice_label", "Too dear"),
        ("choice_reason", ""),
        ("choice_id", ""),
        ("choice_label", " "),
        ("choice_reason", ""),
        ("after", "form_started"),
        ("after_subject", "signup"),
        ("ask_at", "exit"),
        ("ask_at", "stall"),
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
    let choice_ids = taken.iter().map(|&id| id.to_owned()).collect();
    let goals = [signed_up()];
    let context = FormContext {
        template: PromptTemplate::FormAbandoned,
        goals: &goals,
        choice_ids: &choice_ids,
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
        (&[("title", "")], "title"),
        (&[("kind", "stars")], "kind"),
        (&[("choice_label", "Only one")], "choices"),
        (&[("ask_at", "never")], "ask_at"),
        (&[("after", ""), ("ask_at", "stall")], "ask_at"),
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
        (&[("pages", "/ok\nsignup")], "pages"),
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
fn goals_are_chosen_or_described() {
    let id = signed_up().id.to_string();
    let design = read(&filled(&[("expect", &id), ("cancel", &id)]), &[]).unwrap();

    assert_eq!(
        design.moment.after,
        Some(GoalChoice::Rule(GoalRule::FormStarted {
            form: "signup".into()
        }))
    );
    assert_eq!(
        design.moment.expect,
        Some(GoalChoice::Known(signed_up().id))
    );
    assert_eq!(design.moment.cancel, [GoalChoice::Known(signed_up().id)]);
}

#[test]
fn free_text_has_no_choices_and_always_a_line_to_write_in() {
    let design = read(&filled(&[("kind", "text"), ("other", "1")]), &[]).unwrap();

    assert!(design.questions[0].choices.is_empty());
    assert_eq!(design.questions[0].other, None);
    assert!(!design.questions[0].comment_label.is_empty());
}

proptest! {
    #[test]
    fn no_input_makes_the_parser_panic(pairs in prop::collection::vec(("(choice_id|choice_label|choice_reason|after|pages|lang|name)", ".{0,20}"), 0..20)) {
        let _ = read(&PromptForm::from(pairs), &["c1", "c4294967295"]);
    }
}

//! When to ask: what the editor takes and gives back.

use super::*;
use crate::prompt::{
    draft::GoalChoice,
    types::{AskAt, Moment},
};

/// The form with more pairs of a name that others have too.
fn with_pairs(more: &[(&str, &str)]) -> PromptForm {
    let mut form = filled(&[("ask_at", "")]);
    form.moment.ask_at.clear();
    for (key, value) in more {
        form.moment.take(key, value);
    }
    form
}

#[test]
fn what_a_moment_is_about_reads_back() {
    let mut pairs = vec![
        ("ask_all", "on"),
        ("ask_touch", "on"),
        ("ask_keys", "on"),
        ("delay_seconds", "15"),
        ("scroll_percent", "60"),
        ("seen_selector", " #prices "),
        ("dwell_seconds", "45"),
        ("idle_seconds", "20"),
        ("click_selector", ".plan > button"),
        ("event_name", "compared"),
        ("no_results_selector", ".nothing"),
        ("widget_name", "chat"),
        ("gone_selector", " #chat-box "),
        ("filter_property", "plans"),
        ("filter_is", "greater"),
        ("filter_value", "2"),
    ];
    let every: Vec<_> = AskAt::ALL
        .iter()
        .map(|ask_at| ("ask_at", ask_at.as_str()))
        .collect();
    pairs.extend(every);
    let posted = with_pairs(&pairs);
    let moment = read(&posted, &[]).unwrap().moment;

    assert_eq!(moment.ask_at, AskAt::ALL);
    assert_eq!(moment.details.seen, "#prices");
    assert_eq!(moment.details.gone, "#chat-box");
    assert_eq!(
        (moment.delay_ms, moment.all, moment.touch),
        (15_000, true, true)
    );
    let stored: Moment = Moment {
        after: None,
        expect: None,
        cancel: vec![],
        ask_at: moment.ask_at,
        details: moment.details,
        all: moment.all,
        delay_ms: moment.delay_ms,
        touch: moment.touch,
        keys: moment.keys,
        min_active_ms: moment.min_active_ms,
        sensitivity: moment.sensitivity,
        within_ms: moment.within_ms,
    };
    let json = serde_json::to_string(&stored).unwrap();
    let again = MomentForm::of(&serde_json::from_str(&json).unwrap(), &[]);
    let shown = &posted.moment;
    assert_eq!(again.details.filters, shown.details.filters);
    assert_eq!(again.details.scroll_percent, shown.details.scroll_percent);
    assert_eq!(again.ask_at, shown.ask_at);
    assert_eq!(
        (again.all, again.touch, again.keys, again.delay_seconds),
        (true, true, true, "15".into())
    );
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
fn what_disappears_is_a_selector_or_nothing() {
    let wrong = |gone: &str| {
        let mut form = with_pairs(&[("ask_at", "widget_closed"), ("gone_selector", gone)]);
        form.moment.after.clear();
        read(&form, &[])
            .err()
            .map(|errors| errors.of("gone_selector").is_some())
    };

    assert_eq!(wrong("a { color: red }"), Some(true));
    assert_eq!((wrong(""), wrong("#chat")), (None, None));
}

#[test]
fn what_a_moment_is_about_that_is_not_chosen_is_not_complained_about() {
    let design = read(
        &filled(&[("scroll_percent", "x"), ("seen_selector", "{")]),
        &[],
    )
    .unwrap();

    assert_eq!(design.moment.details.scroll_percent, 50);
    assert_eq!((design.moment.delay_ms, design.moment.touch), (0, false));
}

#[test]
fn a_moment_stored_before_there_were_more_of_them_reads_as_it_was() {
    let stored = r#"{"after":null,"expect":null,"ask_at":["exit","stall"],"min_active_ms":0,"sensitivity":"low","within_ms":60000}"#;
    let moment: Moment = serde_json::from_str(stored).unwrap();

    assert_eq!(moment.ask_at, [AskAt::Exit, AskAt::Stall]);
    assert!(moment.touch && !moment.all && moment.delay_ms == 0);
}

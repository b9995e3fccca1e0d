//! Other languages and other wordings, as they are posted.

use super::*;
use crate::prompt::form::MOST_WORDINGS;

/// The form with these words; `c1` and `c2` are choices of the prompt.
fn posted(words: &[(&str, &str)]) -> PromptForm {
    let mut pairs: Vec<(String, String)> = [
        ("name", "Sign-up not finished"),
        ("question", "q1"),
        ("q1-title", "What stopped you?"),
        ("q1-kind", "single"),
        ("q1-choice_id", "c1"),
        ("q1-choice_label", "Too long"),
        ("q1-choice_id", "c2"),
        ("q1-choice_label", "Too dear"),
        ("q1-other", "1"),
        ("ask_at", "exit"),
        ("sensitivity", "medium"),
        ("min_active_seconds", "5"),
        ("within_minutes", "10"),
        ("thanks", "Thank you."),
        ("lang", "en"),
        ("held_out_percent", "0"),
        ("sample_percent", "100"),
        ("ask_again_days", "30"),
        ("from_hour", "0"),
        ("until_hour", "24"),
    ]
    .into_iter()
    .chain(words.iter().copied())
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect();
    pairs.dedup();
    pairs.into()
}

fn design(words: &[(&str, &str)]) -> Result<NewDesign, FieldErrors> {
    read(&posted(words), &["q1", "c1", "c2"])
}

const GERMAN: [(&str, &str); 3] = [
    ("translation", "de"),
    ("de:questions.q1.title", "Was hat Sie abgehalten?"),
    ("de:questions.q1.choices.c2.label", "Zu teuer"),
];

#[test]
fn what_is_not_translated_falls_back_text_by_text() {
    let german = design(&GERMAN).unwrap().said("de", "a");

    let question = &german.questions[0];
    assert_eq!(question.title, "Was hat Sie abgehalten?");
    let labels: Vec<_> = question.labels().collect();
    assert_eq!(
        labels,
        [
            ("c1", "Too long"),
            ("c2", "Zu teuer"),
            ("other", "Etwas anderes")
        ],
        "choices keep their ids; what was ours is said in ours"
    );
    assert_eq!(question.choices[1].reason, "Too dear", "and their reasons");
    assert_eq!(german.thanks, "Thank you.");
    assert_eq!(german.lang, "de");
}

#[test]
fn a_language_that_it_does_not_speak_gets_the_original() {
    let design = design(&GERMAN).unwrap();

    let said = design.said("fr", "a");

    assert_eq!((said.lang.as_str(), said.words()), ("en", design.words()));
}

#[test]
fn a_wording_replaces_the_original_and_speaks_a_language_only_as_a_whole() {
    let mut words = GERMAN.to_vec();
    words.extend([
        ("wording", "b"),
        ("b:questions.q1.title", "Why not today?"),
        ("b:thanks", "Thanks a lot."),
        ("de:b/thanks", "Vielen Dank."),
    ]);
    let design = design(&words).unwrap();

    let title = |lang, wording| design.said(lang, wording).questions[0].title.clone();
    let thanks = |lang, wording| design.said(lang, wording).thanks;

    assert_eq!(title("en", "a"), "What stopped you?");
    assert_eq!(title("en", "b"), "Why not today?");
    assert_eq!(title("de", "a"), "Was hat Sie abgehalten?");
    assert_eq!(
        title("de", "b"),
        "Why not today?",
        "the wording that was drawn, if in another language"
    );
    assert_eq!(
        (thanks("de", "a"), thanks("de", "b")),
        ("Thank you.".into(), "Thanks a lot.".into()),
        "one text of it is not translated, so the whole card speaks English"
    );
    assert_eq!(
        (design.speaks("de", "a"), design.speaks("de", "b")),
        ("de", "en")
    );
}

#[test]
fn a_wording_of_which_every_text_is_translated_speaks_the_language() {
    let mut words = GERMAN.to_vec();
    words.extend([
        ("wording", "b"),
        ("b:questions.q1.title", "Why not today?"),
        ("de:b/questions.q1.title", "Warum nicht heute?"),
        // What is ours needs no translation.
        ("q1-other_label", "Another reason"),
        ("b:questions.q1.other_label", "Something else"),
    ]);

    let german = design(&words).unwrap().said("de", "b");

    assert_eq!(german.lang, "de");
    assert_eq!(german.questions[0].title, "Warum nicht heute?");
    assert_eq!(german.questions[0].other_label, "Etwas anderes");
}

#[test]
fn words_for_what_is_gone_and_words_that_are_the_same_are_left_out() {
    let mut words = GERMAN.to_vec();
    words.extend([
        ("de:questions.q9.title", "Weg"),
        ("de:thanks", "  "),
        ("wording", "b"),
        ("b:questions.q1.title", "Why not today?"),
        ("b:thanks", "Thank you."),
    ]);

    let other = design(&words).unwrap().other_words;

    let places: Vec<&String> = other.translations["de"].keys().collect();
    assert_eq!(
        places,
        ["questions.q1.choices.c2.label", "questions.q1.title"]
    );
    let places: Vec<&String> = other.wordings[0].words.keys().collect();
    assert_eq!(places, ["questions.q1.title"]);
}

#[test]
fn what_is_wrong_is_named() {
    let long = "x".repeat(121);
    let errors = design(&[
        ("translation", "en"),
        ("translation", "de"),
        ("de:questions.q1.title", &long),
        ("wording", "b"),
    ])
    .unwrap_err();

    let fields: Vec<_> = errors.0.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["wording-b", "lang", "de:questions.q1.title"]);
}

#[test]
fn the_editor_tells_what_is_missing() {
    let form = posted(&GERMAN);
    let design = design(&GERMAN).unwrap();

    let rows = form.translated(&form.words.translations[0], &design);

    let missing: Vec<_> = rows
        .iter()
        .filter(|said| said.is_missing())
        .map(|said| (said.what.as_str(), said.original.as_str()))
        .collect();
    assert_eq!(
        missing,
        [("Choice", "Too long"), ("Thank-you line", "Thank you.")]
    );
}

#[test]
fn buttons_add_and_remove_languages_and_wordings() {
    let mut form = posted(&[("new_language", "de-CH")]);
    let none = BTreeSet::new();

    assert!(form.press("add-language", &none));
    assert_eq!(form.words.translations[0].id, "de-CH");
    for (wrong, why) in [("de-ch", "already"), ("EN", "already"), ("d", "tag")] {
        form.words.new_language = wrong.into();
        assert!(form.press("add-language", &none));
        assert_eq!(form.words.translations.len(), 1, "{wrong}");
        assert!(
            form.words.wrong_language("en").unwrap().contains(why),
            "{wrong}"
        );
    }
    for _ in 0..5 {
        assert!(form.press("add-wording", &none));
    }
    assert_eq!(form.words.wordings.len(), MOST_WORDINGS - 1);
    assert!(form.press("remove-wording-b", &none));
    assert_eq!(form.words.wordings[0].id, "c");
    assert!(form.press("remove-language-de-CH", &none));
    assert_eq!(form.words.translations, []);
}

#[test]
fn what_is_left_empty_is_said_in_the_language_of_the_words() {
    let mut form = posted(&[]);
    form.lang = "de-AT".into();

    let design = read(&form, &["q1", "c1", "c2"]).unwrap();

    assert_eq!(design.questions[0].other_label, "Etwas anderes");
}

#[test]
fn a_new_choice_can_be_translated_before_it_is_saved() {
    let mut form = posted(&[
        ("q1-choice_id", ""),
        ("q1-choice_label", "No invoice"),
        ("new_language", "de"),
    ]);
    let taken: BTreeSet<String> = ["q1", "c1", "c2"].map(str::to_owned).into();

    assert!(form.press("add-language", &taken));

    let design = read(&form, &["q1", "c1", "c2"]).unwrap();
    let rows = form.translated(&form.words.translations[0], &design);
    let is_there = |said: &crate::prompt::form::Said| said.original == "No invoice";
    let row = rows.iter().find(|said| is_there(said)).unwrap();
    assert_eq!(row.field, "de:questions.q1.choices.c3.label");
}

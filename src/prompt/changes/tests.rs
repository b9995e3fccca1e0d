//! What changed between two designs, as an owner reads it.

use super::*;
use crate::prompt::types::{AddressRule, Choice, PromptTemplate};

fn choice(id: &str, label: &str, reason: ReasonId) -> Choice {
    Choice {
        id: id.into(),
        label: label.into(),
        reason,
    }
}

fn design(reason: ReasonId) -> Design {
    let mut design = Design::plain(PromptTemplate::FormAbandoned);
    let question = &mut design.questions[0];
    question.kind = QuestionKind::Single;
    question.title = "What stopped you from finishing?".into();
    question.choices = vec![
        choice("c1", "Too long", reason),
        choice("c2", "The price", reason),
    ];
    design.thanks = "Thank you.".into();
    design
}

fn told(old: &Design, new: &Design, names: &Names) -> Vec<(String, String, String)> {
    let all = changes(old, new, names).into_iter();
    all.map(|change| {
        let text = |text: Option<String>| text.unwrap_or_else(|| "–".into());
        (change.what, text(change.before), text(change.after))
    })
    .collect()
}

#[test]
fn each_setting_is_told_in_the_words_of_the_editor() {
    let (price, effort, goal) = (ReasonId::new(1), ReasonId::new(2), GoalId::new(3));
    let names = Names {
        goals: HashMap::from([(goal, "Signed up".to_owned())]),
        reasons: HashMap::from([(price, "Price".into()), (effort, "Effort".into())]),
    };
    let old = design(price);
    let mut new = old.clone();
    let question = &mut new.questions[0];
    question.kind = QuestionKind::Single;
    question.title = "What stopped you from signing up?".into();
    question.choices = vec![
        choice("c2", "The price", price),
        choice("c1", "Too long", effort),
        choice("c3", "Just looking", price),
    ];
    new.moment.expect = Some(goal);
    new.moment.ask_at = vec![AskAt::Exit, AskAt::NextPage];
    new.moment.within_ms = HOUR;
    new.target.addresses = ["/signup", "/pricing"].map(AddressRule::pattern).into();
    new.fairness.held_out_percent = 10;
    new.look.place = Place::BottomLeft;

    let lines = told(&old, &new, &names);
    let lines: Vec<_> = lines
        .iter()
        .map(|(what, before, after)| (what.as_str(), before.as_str(), after.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (
                "Question",
                "What stopped you from finishing?",
                "What stopped you from signing up?"
            ),
            ("Choice", "–", "Just looking"),
            ("Reason of “Too long”", "Price", "Effort"),
            (
                "Order of the choices",
                "Too long, The price",
                "The price, Too long, Just looking"
            ),
            ("and not", "–", "Signed up"),
            (
                "When to ask",
                "When they move to leave the page",
                "When they move to leave the page, On the next page they open"
            ),
            ("Time in which it still makes sense", "10 minutes", "1 hour"),
            ("Where", "–", "match /signup, match /pricing"),
            ("Where the card opens", "Bottom right", "Bottom left"),
            ("Left unasked for comparison", "0 %", "10 %"),
        ]
    );
    assert!(told(&new, &new, &names).is_empty());
}

#[test]
fn a_choice_that_came_is_no_other_order() {
    let old = design(ReasonId::new(1));
    let mut new = old.clone();
    new.questions[0].choices.remove(0);

    let told = told(&old, &new, &Names::default());

    assert!(
        told.iter().all(|(what, ..)| !what.contains("Order")),
        "{told:?}"
    );
    assert_eq!(told[0], ("Choice".into(), "Too long".into(), "–".into()));
}

#[test]
fn what_no_list_knows_is_told_by_its_own_name() {
    let paths = ["moment.new_thing", "questions.q1.scale_labels", "novelty"];
    let names = paths.map(|path| name(path, &Settings::new()));

    assert_eq!(
        names,
        [
            "When to ask: new thing",
            "Question: scale labels",
            "novelty"
        ]
    );
}

#[test]
fn words_inside_a_changed_text_are_marked() {
    let change = Change {
        what: "Question".into(),
        before: Some("What stopped you?".into()),
        after: Some("What stopped you today?".into()),
    };
    let (mut before, mut after) = (String::new(), String::new());
    for part in change.parts() {
        match part {
            Part::Kept(text) => {
                before.push_str(&text);
                after.push_str(&text);
            }
            Part::Gone(text) => before.push_str(&text),
            Part::New(text) => after.push_str(&text),
        }
    }

    assert_eq!(before, "What stopped you?");
    assert_eq!(after, "What stopped you today?");
    let marked: Vec<_> = change.parts();
    assert!(
        marked.iter().all(|part| !matches!(part, Part::Gone(_))),
        "{marked:?}"
    );
}

#[test]
fn words_in_other_languages_and_wordings_are_told_by_what_they_stand_for() {
    let reason = ReasonId::new(1);
    let old = design(reason);
    let mut new = old.clone();
    let words = |texts: &[(&str, &str)]| -> crate::prompt::types::Words {
        let texts = texts.iter();
        texts
            .map(|(place, text)| ((*place).to_owned(), (*text).to_owned()))
            .collect()
    };
    new.other_words.wordings = vec![crate::prompt::types::Wording {
        id: "b".into(),
        words: words(&[("questions.q1.title", "Why not?")]),
    }];
    let german = words(&[
        ("questions.q1.choices.c2.label", "Der Preis"),
        ("b/questions.q1.title", "Warum nicht?"),
    ]);
    new.other_words.translations.insert("de".into(), german);

    let told = told(&old, &new, &Names::default());

    let mut whats: Vec<_> = told
        .iter()
        .map(|(what, _, after)| (what.as_str(), after.as_str()))
        .collect();
    whats.sort_unstable();
    assert_eq!(
        whats,
        [
            ("Choice in German", "Der Preis"),
            ("Question in German, wording B", "Warum nicht?"),
            ("Question in wording B", "Why not?"),
        ]
    );
}

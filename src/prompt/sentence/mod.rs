//! The plain sentence that says who is asked, when and where. Pure.

mod fairness;
mod shown_as;
mod target;

pub use shown_as::opening;
pub use target::{audience, rules};

use super::{
    draft::{GoalChoice, NewDesign, NewMoment},
    types::{AskAt, Details, ShownAs, Target},
};
use crate::{
    clock::{MINUTE, SECOND},
    goal::types::{Goal, GoalRule},
    types::Millis,
};

/// Who sees the question and when, in one or two sentences.
pub fn sentence(design: &NewDesign, goals: &[Goal]) -> String {
    if !design.look.shown_as.waits_for_a_moment() {
        return shown_as::sentence(design, goals);
    }
    let moment = &design.moment;
    let mut text = format!("Asks {}, ", who(moment, goals));
    text.push_str(&whens(moment));
    text.push_str(&format!(", {}", target::place(&design.target)));
    for part in target::audience(&design.target, goals) {
        text.push_str(&format!(", {part}"));
    }
    for part in fairness::limits(&design.fairness) {
        text.push_str(&format!(", {part}"));
    }
    text.push_str(", at most once a visit. ");
    text.push_str(&match design.fairness.held_out_percent {
        0 => "Nobody is left unasked for comparison.".to_owned(),
        percent => format!("{percent} % of them are left unasked for comparison."),
    });
    if design.fairness.is_guarded() {
        text.push_str(" It is paused by itself when asking turns out to cost conversions.");
    }
    text
}

/// Whom alone: `visitors who viewed /pricing in the last 10 minutes, on computers`.
pub fn whom(design: &NewDesign, goals: &[Goal]) -> String {
    let mut text = who(&design.moment, goals);
    for part in target::audience(&design.target, goals) {
        text.push_str(&format!(", {part}"));
    }
    text
}

/// How often alone: `once a visit, to 20 % of them, 10 % left unasked for comparison`.
pub fn often(design: &NewDesign) -> String {
    let fairness = &design.fairness;
    if design.look.shown_as == ShownAs::Link {
        let mut parts = vec!["whoever opens it".to_owned()];
        parts.extend(fairness::limits_of_all(fairness));
        return parts.join(", ");
    }
    let mut text = "once a visit".to_owned();
    for part in fairness::limits(fairness) {
        text.push_str(&format!(", {part}"));
    }
    match fairness.held_out_percent {
        0 => {}
        percent => text.push_str(&format!(", {percent} % left unasked for comparison")),
    }
    if fairness.is_guarded() {
        text.push_str(", paused by itself on harm");
    }
    text
}

/// Where alone: `on every page`.
pub fn place(target: &Target) -> String {
    target::place(target)
}

/// Whom and when, for a list: `Visitors who viewed /pricing in the last 10 minutes, as they move to leave the page`.
pub fn summary(moment: &NewMoment, goals: &[Goal]) -> String {
    let who = who(moment, goals);
    let mut letters = who.chars();
    let first = letters.next().map(char::to_uppercase);
    let who: String = first.into_iter().flatten().chain(letters).collect();
    format!("{who}, {}", whens(moment))
}

fn who(moment: &NewMoment, goals: &[Goal]) -> String {
    let mut parts = Vec::new();
    if let Some(after) = &moment.after {
        parts.push(format!(
            "{} in the last {}",
            done(after, goals),
            span(moment.within_ms)
        ));
    }
    if let Some(expect) = &moment.expect {
        let started = moment.after.as_ref().and_then(|after| after.rule(goals));
        parts.push(match (started, expect.rule(goals)) {
            (
                Some(GoalRule::FormStarted { form: started }),
                Some(GoalRule::FormCompleted { form, .. }),
            ) if started == form => "did not finish it".into(),
            _ => format!("have not {}", done(expect, goals)),
        });
    }
    parts.extend(
        moment
            .cancel
            .iter()
            .map(|goal| format!("have not {}", done(goal, goals))),
    );
    if parts.is_empty() {
        return "every visitor".into();
    }
    format!(
        "visitors who {}",
        join(&parts.iter().map(String::as_str).collect::<Vec<_>>(), "and")
    )
}

/// As people say it after "in the last": `day`, `hour`, `10 minutes`.
pub fn span(ms: Millis) -> String {
    match ms / MINUTE {
        1 => "minute".into(),
        60 => "hour".into(),
        1_440 => "day".into(),
        n => format!("{n} minutes"),
    }
}

/// What was done, as a participle: it reads the same after "who" and after "have not".
fn done(choice: &GoalChoice, goals: &[Goal]) -> String {
    match choice.rule(goals) {
        None => "reached a goal that is no longer counted".into(),
        Some(rule @ GoalRule::Event { name, .. }) => match listed_name(choice, goals) {
            Some(goal) => format!("reached “{goal}” ({name})"),
            None => rule.done(),
        },
        Some(rule @ GoalRule::Click { selector, .. }) if !selector.is_empty() => {
            match listed_name(choice, goals) {
                Some(goal) => format!("reached “{goal}”"),
                None => rule.done(),
            }
        }
        Some(rule) => rule.done(),
    }
}

/// What the owner calls the goal.
fn listed_name<'a>(choice: &GoalChoice, goals: &'a [Goal]) -> Option<&'a str> {
    let is_it = |goal: &&Goal| *choice == GoalChoice::Known(goal.id) && goal.is_listed;
    goals.iter().find(is_it).map(|goal| goal.name.as_str())
}

/// At which moments, and how long after them.
pub fn whens(moment: &NewMoment) -> String {
    let told: Vec<String> = moment
        .ask_at
        .iter()
        .map(|ask_at| when(*ask_at, &moment.details))
        .collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    let is_all = moment.all && told.len() > 1;
    let mut text = join(&told, if is_all { "and" } else { "or" });
    if is_all {
        text.push_str(", once all of it has come on one page");
    }
    match moment.delay_ms / SECOND {
        0 => {}
        1 => text.push_str(", a second later"),
        seconds => text.push_str(&format!(", {seconds} seconds later")),
    }
    text
}

fn when(ask_at: AskAt, details: &Details) -> String {
    match ask_at {
        AskAt::Exit => "as they move to leave the page".into(),
        AskAt::LeaveForm => "as they turn away from the form".into(),
        AskAt::Stall => "after a minute without progress in it".into(),
        AskAt::NextPage => "on the next page they open".into(),
        AskAt::NextVisit => "on the first page of their next visit, within 7 days and where they agreed to be known again".into(),
        AskAt::FieldError => "when the same field is wrong twice".into(),
        AskAt::PageView => "as they open a page".into(),
        AskAt::Scroll => format!("once they have scrolled to {} %", details.scroll_percent),
        AskAt::Seen => format!("once “{}” is in sight", details.seen),
        AskAt::EndOfContent => "at the end of the text".into(),
        AskAt::Dwell => format!("after {} of attention", seconds(details.dwell_ms)),
        AskAt::Idle => format!("after {} of doing nothing", seconds(details.idle_ms)),
        AskAt::Click => format!("after a click on “{}”", details.click),
        AskAt::Event => event(details),
        AskAt::Copy => "as they copy something".into(),
        AskAt::WidgetClosed => closed(details),
        AskAt::Reached => "right after that".into(),
        AskAt::RageClick => "as they click again and again in one place".into(),
        AskAt::NotFound => "when the page was not found".into(),
        AskAt::NoResults => "when a search finds nothing".into(),
    }
}

fn closed(details: &Details) -> String {
    match (details.widget.as_str(), details.gone.as_str()) {
        ("", "") => "as they close a dialog or chat".into(),
        (widget, "") => format!("as they close “{widget}”"),
        ("", gone) => format!("as “{gone}” is closed"),
        (widget, gone) => format!("as they close “{widget}” or “{gone}”"),
    }
}

fn seconds(ms: Millis) -> String {
    match ms / SECOND {
        1 => "a second".into(),
        n => format!("{n} seconds"),
    }
}

fn event(details: &Details) -> String {
    let filters = details.filters.iter();
    let told: Vec<String> = filters
        .map(|filter| {
            format!(
                "{} {} “{}”",
                filter.property,
                filter.is.label(),
                filter.value
            )
        })
        .collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    let mut text = format!("when the page reports “{}”", details.event);
    if !told.is_empty() {
        text.push_str(&format!(" in which {}", join(&told, "and")));
    }
    text
}

/// "a, b or c".
fn join(parts: &[&str], word: &str) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::types::{
        AddressKind, AddressRule, Comparison, DeviceRule, Fairness, Filter, Join, PromptTemplate,
        PropertyRule, PropertyTest, Schedule, SourceKind, SourceRule, Target, Weekday,
    };
    use crate::types::GoalId;

    fn design(after: Option<GoalRule>, expect: Option<GoalRule>) -> NewDesign {
        let mut design = NewDesign::plain(PromptTemplate::FormAbandoned);
        design.moment.after = after.map(GoalChoice::Rule);
        design.moment.expect = expect.map(GoalChoice::Rule);
        design.moment.ask_at.push(AskAt::NextPage);
        design
    }

    #[test]
    fn says_who_when_and_where() {
        let form = || "signup".to_owned();
        let mut asked = design(
            Some(GoalRule::FormStarted { form: form() }),
            Some(GoalRule::completed(form())),
        );
        asked.fairness.held_out_percent = 10;
        asked.target.addresses = ["/signup", "/"].map(AddressRule::pattern).into();

        assert_eq!(
            sentence(&asked, &[]),
            "Asks visitors who started the form “signup” in the last 10 minutes and did not finish it, \
             as they move to leave the page or on the next page they open, on /signup and /, \
             at most once a visit. 10 % of them are left unasked for comparison."
        );
    }

    #[test]
    fn spans_are_said_as_people_say_them() {
        let mut asked = design(Some(GoalRule::event("e")), None);
        for (minutes, words) in [
            (1, "in the last minute,"),
            (2, "in the last 2 minutes,"),
            (60, "in the last hour,"),
            (1_440, "in the last day,"),
        ] {
            asked.moment.within_ms = minutes * MINUTE;
            let told = sentence(&asked, &[]);
            assert!(told.contains(words), "{told}");
        }
    }

    #[test]
    fn moments_are_told_with_what_they_are_about() {
        let mut asked = design(None, None);
        asked.moment.ask_at = vec![AskAt::Scroll, AskAt::Event];
        asked.moment.details.scroll_percent = 60;
        asked.moment.details.event = "compared".into();
        asked.moment.details.filters = vec![Filter {
            property: "plans".into(),
            is: Comparison::Greater,
            value: "2".into(),
        }];
        asked.moment.all = true;
        asked.moment.delay_ms = 15 * SECOND;

        assert_eq!(
            summary(&asked.moment, &[]),
            "Every visitor, once they have scrolled to 60 % and when the page reports “compared” in which plans is more than “2”, \
             once all of it has come on one page, 15 seconds later"
        );
    }

    #[test]
    fn a_question_without_conditions_is_for_everyone() {
        assert_eq!(
            sentence(&design(None, None), &[]),
            "Asks every visitor, as they move to leave the page or on the next page they open, on every page, \
             at most once a visit. Nobody is left unasked for comparison."
        );
    }

    #[test]
    fn whom_it_is_for_is_said_in_plain_words() {
        let mut asked = design(None, None);
        asked.target = Target {
            addresses: vec![
                AddressRule {
                    kind: AddressKind::StartsWith,
                    ..AddressRule::pattern("/pricing")
                },
                AddressRule {
                    kind: AddressKind::Contains,
                    not: true,
                    ..AddressRule::pattern("checkout")
                },
            ],
            addresses_join: Join::All,
            device: DeviceRule::Computer,
            languages: vec!["en".into(), "de".into()],
            sources: vec![
                SourceRule {
                    kind: SourceKind::Direct,
                    text: String::new(),
                },
                SourceRule {
                    kind: SourceKind::Referrer,
                    text: "google.com".into(),
                },
            ],
            properties: vec![PropertyRule {
                name: "seats".into(),
                test: PropertyTest::AtLeast,
                value: "5".into(),
            }],
            ..Target::default()
        };

        asked.fairness = Fairness {
            sample_percent: 25,
            schedule: Schedule {
                weekdays: Weekday::ALL[..5].to_vec(),
                from_hour: 9,
                until_hour: 17,
                ..Schedule::default()
            },
            response_limit: Some(200),
            ..Fairness::default()
        };

        let told = sentence(&asked, &[]);

        let words = ", on addresses that begin with /pricing and do not contain checkout, on computers, \
                     in browsers set to en or de, coming directly or from google.com, where seats is at least 5, to 25 % of them, Monday to Friday, between 9:00 and 17:00, \
                     until 200 answers have come, at most once a visit";
        assert!(told.contains(words), "{told}");

        asked.target = Target {
            not_reached: vec![GoalId::new(1)],
            earlier_visits: true,
            ..Target::default()
        };
        let words = ", not having reached a goal that is no longer counted in this visit or, as far as that is known, an earlier one,";
        let told = sentence(&asked, &[]);
        assert!(told.contains(words), "{told}");
    }
}

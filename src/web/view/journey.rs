//! What a visit did, in words. Pure.

use super::when::{When, duration};
use crate::{
    answer::types::Said,
    clock::DAY,
    goal::types::GoalRole,
    prompt::types::AskAt,
    report::journey::{Journey, Line, Outcome, What},
    types::Millis,
};

/// A page that took longer to load than this is worth a look.
const SLOW_LOAD: Millis = 3_000;

/// A line of the journey.
pub struct LineView {
    /// Class of its mark.
    pub class: &'static str,
    /// `13:55:02`.
    pub time: String,
    /// For `<time datetime>`.
    pub machine_time: String,
    /// What happened.
    pub what: String,
    /// More about it.
    pub notes: Vec<String>,
    /// How long the page took, when that was long.
    pub slow: Option<String>,
    /// Whether what comes next happened after the answer.
    pub is_answer: bool,
}

/// Every line of a journey. `is_own` tells the site's own hosts: nobody "came from" there.
pub fn lines(journey: &Journey, when: &When, is_own: impl Fn(&str) -> bool) -> Vec<LineView> {
    let said = chosen(&journey.said, "in words");
    journey
        .lines
        .iter()
        .map(|line| line_view(line, when, &said, &is_own))
        .collect()
}

/// What was chosen, of all questions; or in words that nothing was.
pub fn chosen(said: &[Said], in_words: &str) -> String {
    let chosen: Vec<&str> = said
        .iter()
        .flat_map(|said| &said.chosen)
        .map(String::as_str)
        .collect();
    if chosen.is_empty() {
        in_words.to_owned()
    } else {
        chosen.join(", ")
    }
}

fn line_view(line: &Line, when: &When, said: &str, is_own: &impl Fn(&str) -> bool) -> LineView {
    let (class, what, mut notes) = words(&line.what, said);
    if let What::Page { referrer, .. } = &line.what
        && !referrer.is_empty()
        && !is_own(site_of(referrer))
    {
        notes.push(format!("came from {}", site_of(referrer)));
    }
    if line.is_told {
        notes.push("told by your server".into());
    }
    let slow = match &line.what {
        What::Page {
            loaded_ms: Some(ms),
            ..
        } if *ms > SLOW_LOAD => Some(format!("loaded in {}", duration(*ms))),
        _ => None,
    };
    LineView {
        class,
        time: when.clock(line.at),
        machine_time: when.machine(line.at),
        what,
        notes,
        slow,
        is_answer: matches!(line.what, What::Answered { is_this: true, .. }),
    }
}

type Words = (&'static str, String, Vec<String>);

fn words(what: &What, said: &str) -> Words {
    match what {
        What::Page {
            path,
            loaded_ms,
            active_ms,
            scrolled,
            ..
        } => page_words(path, *loaded_ms, *active_ms, *scrolled),
        What::Goal { name, role } => ("goal", format!("{}: {name}", role_word(*role)), vec![]),
        What::Asked { prompt, moment } => {
            ("asked", format!("Asked: {prompt}"), moment_words(moment))
        }
        What::HeldOut { prompt } => (
            "asked",
            format!("Left unasked for comparison: {prompt}"),
            vec![],
        ),
        What::Answered {
            is_this: true,
            after_ms,
            ..
        } => (
            "answered",
            format!("Answered: {said}"),
            answered_after(*after_ms),
        ),
        What::Answered {
            prompt, after_ms, ..
        } => (
            "answered",
            format!("Answered: {prompt}"),
            answered_after(*after_ms),
        ),
        What::Closed { prompt } => ("asked", format!("Closed the question: {prompt}"), vec![]),
        What::Left => (
            "",
            "Left".into(),
            vec!["No activity since; the visit is closed".into()],
        ),
        What::StillOpen => (
            "",
            "Last seen".into(),
            vec!["The visit is still open".into()],
        ),
        What::FormStarted {
            form,
            last_field,
            is_autofilled,
        } => {
            let how = if *is_autofilled {
                " (filled in by the browser)"
            } else {
                ""
            };
            let last = (!last_field.is_empty()).then(|| format!("Last field: {last_field}"));
            (
                "",
                format!("Started the form {form}{how}"),
                last.into_iter().collect(),
            )
        }
        deed => ("", deed_words(deed), vec![]),
    }
}

fn deed_words(what: &What) -> String {
    match what {
        What::Click { label, away } if away.is_empty() => format!("Clicked “{label}”"),
        What::Click { label, away } if label.is_empty() => format!("Clicked a link to {away}"),
        What::Click { label, away } => format!("Clicked “{label}”, to {away}"),
        What::LastField { field, .. } => format!("Last field: {field}"),
        What::FormAttempted { form } => format!("Tried to send the form {form}"),
        What::FormFailed { form, field } if field.is_empty() => {
            format!("The form {form} showed an error")
        }
        What::FormFailed { form, field } => format!("The form {form} showed an error at {field}"),
        What::FormCompleted { form } => format!("Completed the form {form}"),
        What::FormAbandoned {
            form,
            why,
            recovered_ms,
        } => {
            let after = recovered_ms.map(|ms| format!("; completed it {} later", span(ms)));
            let (how, after) = (turned_away(why), after.unwrap_or_default());
            format!("Turned away from the form {form}{how}{after}")
        }
        What::Helped { how } => match how.as_str() {
            "link" => "Followed the link of the help".into(),
            "chat" => "Asked for the chat".into(),
            _ => "Was offered help".into(),
        },
        What::Exit => "Moved to leave the page".into(),
        What::Tracked { name } => format!("Event: {name}"),
        _ => String::new(),
    }
}

fn page_words(path: &str, loaded_ms: Option<Millis>, active_ms: Millis, scrolled: i64) -> Words {
    let mut notes = Vec::new();
    if let Some(ms) = loaded_ms.filter(|ms| *ms <= SLOW_LOAD) {
        notes.push(format!("loaded in {}", duration(ms)));
    }
    if active_ms >= 1_000 {
        notes.push(format!("active for {}", duration(active_ms)));
    }
    if scrolled > 0 {
        notes.push(format!("scrolled to {scrolled}\u{a0}%"));
    }
    ("page", format!("Opened {path}"), notes)
}

/// `https://www.google.com/search` is told as `google.com`.
pub fn site_of(referrer: &str) -> &str {
    let host = referrer
        .split("//")
        .nth(1)
        .unwrap_or(referrer)
        .split('/')
        .next()
        .unwrap_or(referrer);
    host.strip_prefix("www.").unwrap_or(host)
}

fn role_word(role: GoalRole) -> &'static str {
    match role {
        GoalRole::Macro => "Reached the goal",
        GoalRole::Milestone => "Step",
        GoalRole::Engagement => "Signal",
    }
}

fn answered_after(ms: Millis) -> Vec<String> {
    if ms > 0 {
        vec![format!("{} after the card opened", duration(ms))]
    } else {
        vec![]
    }
}

fn moment_words(moment: &str) -> Vec<String> {
    let words = match AskAt::parse(moment) {
        Some(AskAt::Exit) => "The pointer moved to leave the page",
        Some(AskAt::LeaveForm) => "They turned away from the form",
        Some(AskAt::Stall) => "Nothing happened in the form for a minute",
        Some(AskAt::NextPage) => "On a later page of the same visit",
        Some(other) => other.told(),
        None => return vec![],
    };
    vec![words.into()]
}

/// Days where it took days: to the minute, nobody wants to know.
fn span(ms: Millis) -> String {
    match ms / DAY {
        0 => duration(ms),
        1 => "a day".into(),
        days => format!("{days} days"),
    }
}

fn turned_away(why: &str) -> &'static str {
    match why {
        "exit_mouse" => ", moving to leave the page",
        "hidden" => ", leaving the page",
        "navigated" => ", for another page",
        "closed" => ", closing it",
        "stalled" => ", doing nothing for a minute",
        "scrolled_away" => ", scrolling on",
        "after_error" => ", after an error",
        _ => "",
    }
}

/// Whether the visit reached the main goal: class of the status, and the words.
pub fn outcome(outcome: Outcome, goal: Option<&str>) -> Option<(&'static str, String)> {
    let goal = goal?;
    Some(match outcome {
        Outcome::Before => ("on", format!("Had reached “{goal}” before the answer")),
        Outcome::Later(ms) => (
            "on",
            format!("Reached “{goal}” {} after the answer", duration(ms)),
        ),
        Outcome::NotYet => (
            "wait",
            format!("Has not reached “{goal}” so far; the visit is still open"),
        ),
        Outcome::Not => ("", format!("Did not reach “{goal}” in this visit")),
        Outcome::Unknown => (
            "",
            format!("Whether it reached “{goal}” is not known: the visit is not counted by it"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::HOUR;

    #[test]
    fn deeds_are_told_in_plain_words() {
        let said = "Too long";
        let cases = [
            (
                What::FormStarted {
                    form: "signup".into(),
                    last_field: "name".into(),
                    is_autofilled: false,
                },
                "Started the form signup",
            ),
            (
                What::FormStarted {
                    form: "signup".into(),
                    last_field: String::new(),
                    is_autofilled: true,
                },
                "Started the form signup (filled in by the browser)",
            ),
            (
                What::LastField {
                    form: "signup".into(),
                    field: "phone".into(),
                },
                "Last field: phone",
            ),
            (
                What::FormAbandoned {
                    form: "signup".into(),
                    why: "exit_mouse".into(),
                    recovered_ms: None,
                },
                "Turned away from the form signup, moving to leave the page",
            ),
            (
                What::FormAbandoned {
                    form: "signup".into(),
                    why: String::new(),
                    recovered_ms: Some(2 * DAY + HOUR),
                },
                "Turned away from the form signup; completed it 2 days later",
            ),
            (
                What::Click {
                    label: "Docs".into(),
                    away: "https://docs.example/".into(),
                },
                "Clicked “Docs”, to https://docs.example/",
            ),
            (
                What::Answered {
                    prompt: "P".into(),
                    is_this: true,
                    after_ms: 11_000,
                },
                "Answered: Too long",
            ),
            (
                What::Goal {
                    name: "Signed up".into(),
                    role: GoalRole::Macro,
                },
                "Reached the goal: Signed up",
            ),
        ];
        for (what, text) in cases {
            assert_eq!(words(&what, said).1, text);
        }
    }

    #[test]
    fn a_page_tells_how_it_was() {
        let line = Line {
            at: 0,
            is_told: false,
            what: What::Page {
                path: "/pricing".into(),
                referrer: "https://www.google.com/search".into(),
                loaded_ms: Some(840),
                active_ms: 160_000,
                scrolled: 75,
            },
        };
        let told = |own: &str| {
            let when = When::new("UTC", 0);
            let view = line_view(&line, &when, "", &|host: &str| host == own);
            assert_eq!(
                (view.class, view.what.as_str()),
                ("page", "Opened /pricing")
            );
            view.notes.join(", ").replace('\u{a0}', " ")
        };

        let deeds = "loaded in 0.8 s, active for 2 min 40 s, scrolled to 75 %";
        assert_eq!(
            told("shop.example"),
            format!("{deeds}, came from google.com")
        );
        assert_eq!(told("google.com"), deeds);
    }
}

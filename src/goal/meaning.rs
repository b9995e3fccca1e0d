//! What a goal's rule says, in words. Pure.

use super::{filter::Filter, rule::GoalRule};

/// `2 minutes`, `90 seconds`.
fn time_span(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (_, 1) if seconds == 1 => "1 second".into(),
        (1, 0) => "1 minute".into(),
        (minutes, 0) if minutes > 0 => format!("{minutes} minutes"),
        _ => format!("{seconds} seconds"),
    }
}

/// ` with plan is pro and seats is more than 2`; empty without filters.
fn with(filters: &[Filter]) -> String {
    let said: Vec<String> = filters.iter().map(Filter::words).collect();
    match said.is_empty() {
        true => String::new(),
        false => format!(" with {}", said.join(" and ")),
    }
}

impl GoalRule {
    /// A name for it, in the past tense.
    pub fn describe(&self) -> String {
        match self {
            Self::Url { path } => format!("Viewed {path}"),
            Self::Event { name, filters } => format!("Event {name}{}", with(filters)),
            Self::FormViewed { form } => format!("Saw form {form}"),
            Self::FormStarted { form } => format!("Started form {form}"),
            Self::FieldReached { form, field } => format!("Reached {field} in form {form}"),
            Self::FormCompleted { form, .. } => format!("Completed form {form}"),
            Self::Click { label, .. } if !label.is_empty() => format!("Clicked {label}"),
            Self::Click { href, .. } if !href.is_empty() => format!("Clicked a link to {href}"),
            Self::Click { selector, .. } => format!("Clicked {selector}"),
            Self::Download { href } if href.is_empty() => "Downloaded a file".into(),
            Self::Download { href } => format!("Downloaded {href}"),
            Self::Outbound { href } if href.is_empty() => "Clicked a link to another site".into(),
            Self::Outbound { href } => format!("Went to {href}"),
            Self::Search => "Searched the site".into(),
            Self::Video { percent: 0 } => "Started a video".into(),
            Self::Video { percent } => format!("Watched {percent} % of a video"),
            Self::Scrolled { percent, path } if path.is_empty() => {
                format!("Scrolled {percent} % of a page")
            }
            Self::Scrolled { percent, path } => format!("Scrolled {percent} % of {path}"),
            Self::Active { seconds } => format!("Stayed {}", time_span(*seconds)),
            Self::Viewed { path, times } => format!("Viewed {path} {times} times"),
            Self::Returned { visits } => format!("Came for visit {visits}"),
        }
    }

    /// What has to happen, in a few words; `clickWords` of the widget says the same of a click.
    pub fn meaning(&self) -> String {
        match self {
            Self::Url { path } => format!("Page is {path}"),
            Self::Event { name, filters } => format!("Event {name}{}", with(filters)),
            Self::FormViewed { form } => format!("Form “{form}” seen"),
            Self::FormStarted { form } => format!("Form “{form}” started"),
            Self::FieldReached { form, field } => {
                format!("Field “{field}” of form “{form}” reached")
            }
            Self::FormCompleted { form, selector } if selector.is_empty() => {
                format!("Form “{form}” completed")
            }
            Self::FormCompleted { form, selector } => {
                format!("Form “{form}” completed, also when {selector} appears")
            }
            Self::Click {
                label,
                href,
                selector,
            } => match (label.is_empty(), href.is_empty()) {
                (false, false) => format!("Clicked “{label}” (link to {href})"),
                (false, true) => format!("Clicked “{label}”"),
                (true, false) => format!("Clicked a link to {href}"),
                (true, true) => format!("Clicked the element {selector}"),
            },
            Self::Download { href } if href.is_empty() => "Clicked a link to a file".into(),
            Self::Download { href } => format!("Clicked a link to the file {href}"),
            Self::Outbound { href } if href.is_empty() => "Clicked a link to another site".into(),
            Self::Outbound { href } => format!("Clicked a link to {href}, another site"),
            Self::Search => "Used the site’s search".into(),
            Self::Video { percent: 0 } => "A video or sound began to play".into(),
            Self::Video { percent } => format!("{percent} % of a video or sound played"),
            Self::Scrolled { percent, path } if path.is_empty() => {
                format!("{percent} % of a page in sight")
            }
            Self::Scrolled { percent, path } => format!("{percent} % of the page {path} in sight"),
            Self::Active { seconds } => {
                format!("{} of attention in one visit", time_span(*seconds))
            }
            Self::Viewed { path, times } => {
                format!("Page {path} viewed {times} times in one visit")
            }
            Self::Returned { visits } => {
                format!("Visit {visits} or later of a visitor who agreed to be known again")
            }
        }
    }

    /// The same as something that visitors have done, for the middle of a sentence.
    pub fn done(&self) -> String {
        match self {
            Self::Url { path } if path == "*" || path == "/*" => "viewed any page".into(),
            Self::Url { path } => format!("viewed {path}"),
            Self::Event { name, filters } => format!("reached “{name}”{}", with(filters)),
            Self::FormViewed { form } => format!("seen {}", any_form(form)),
            Self::FormStarted { form } => format!("started {}", any_form(form)),
            Self::FieldReached { form, field } => {
                format!("reached the field “{field}” of {}", any_form(form))
            }
            Self::FormCompleted { form, .. } => format!("completed {}", any_form(form)),
            Self::Click { label, .. } if !label.is_empty() => format!("clicked “{label}”"),
            Self::Click { href, .. } if !href.is_empty() => format!("clicked a link to {href}"),
            Self::Click { selector, .. } => format!("clicked {selector}"),
            Self::Download { href } if href.is_empty() => "clicked a link to a file".into(),
            Self::Download { href } => format!("clicked a link to the file {href}"),
            Self::Outbound { href } if href.is_empty() => "clicked a link to another site".into(),
            Self::Outbound { href } => format!("clicked a link to {href}"),
            Self::Search => "used the search".into(),
            Self::Video { percent: 0 } => "started a video".into(),
            Self::Video { percent } => format!("watched {percent} % of a video"),
            Self::Scrolled { percent, path } if path.is_empty() => {
                format!("scrolled {percent} % of a page")
            }
            Self::Scrolled { percent, path } => format!("scrolled {percent} % of {path}"),
            Self::Active { seconds } => format!("stayed {}", time_span(*seconds)),
            Self::Viewed { path, times } => format!("viewed {path} {times} times"),
            Self::Returned { visits } => format!("come for visit {visits} or a later one"),
        }
    }
}

/// `any form`, or which.
fn any_form(form: &str) -> String {
    match form {
        "*" => "any form".into(),
        form => format!("the form “{form}”"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_read_as_people_say_them() {
        for (seconds, words) in [
            (1, "1 second"),
            (45, "45 seconds"),
            (60, "1 minute"),
            (61, "61 seconds"),
            (90, "90 seconds"),
            (120, "2 minutes"),
        ] {
            assert_eq!(time_span(seconds), words);
        }
    }
}

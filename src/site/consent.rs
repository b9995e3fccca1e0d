//! What is remembered of visitors with and without their consent, in words: one table for the settings and the README.

/// One thing, and how it works in each mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// What.
    pub what: &'static str,
    /// Before consent, and after it was refused.
    pub without: &'static str,
    /// After `exitpoll('consent', 'granted')`, or the same said by the consent banner.
    pub with: &'static str,
}

/// Every row, the most basic first.
pub const MODES: &[Mode] = &[
    Mode {
        what: "On the device",
        without: "Nothing",
        with: "A random id and answers that are not sent yet, in the site's own storage",
    },
    Mode {
        what: "“Don't ask me again”",
        without: "One sign that names nobody, written by the visitor's own click on it; your pages then open no question by themselves",
        with: "The same",
    },
    Mode {
        what: "A visit across pages",
        without: "Yes, by a hash that lasts two days; ambiguous cases are counted",
        with: "Yes, by the id",
    },
    Mode {
        what: "Asked once, asked on the next page",
        without: "Within the visit",
        with: "Across visits",
    },
    Mode {
        what: "Left alone after a question",
        without: "Until the visit ends",
        with: "As many days after being asked or closing as the settings say (30 at first), for ever after an answer",
    },
    Mode {
        what: "New or returning visitor",
        without: "Unknown",
        with: "Known from the consent on",
    },
    Mode {
        what: "Unsent answers",
        without: "Kept while the page is open, sent at the latest when it is left",
        with: "Kept through reload and closed tabs, up to 50 for 7 days",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_says_the_same() {
        let readme = include_str!("../../README.md");
        for Mode {
            what,
            without,
            with,
        } in MODES
        {
            let row = format!("| {what} | {without} | {with} |");
            assert!(readme.contains(&row), "{row}");
        }
    }
}

//! The columns of each kind of file. Pure.

use crate::text_enum;

text_enum!(
    /// What a file holds, one a line.
    Kind {
        /// What visitors did.
        Events = "events", "events";
        /// Visits of which no events are known.
        Visits = "visits", "visits";
        /// What was answered in them.
        Answers = "answers", "answers";
    }
);

/// Last column of the file of rejected rows; in a file to import it is passed over.
pub const REASON: &str = "rejected_because";

/// A column, and what stands in it.
type Column = (&'static str, &'static str);

const EVENTS: &[Column] = &[
    ("visit", "required; any text that names the visit"),
    (
        "at",
        "required; 2026-03-01T12:00:00Z, or unix seconds or ms",
    ),
    (
        "kind",
        "required; page_view, click, form_started … (README), any other name is a custom event",
    ),
    ("page", "path or address; required for page_view"),
    ("referrer", "address that led to a page_view"),
    ("device", "desktop, mobile or tablet"),
    ("browser", "family, such as Firefox"),
    ("language", "such as en or de-CH"),
    ("country", "two letters, such as DE"),
    (
        "visit_number",
        "the how-manieth of its visitor; 1 is a new one, empty is unknown",
    ),
    ("form", "key of the form, for form_ and field_ kinds"),
    ("field", "name of the field; never what was entered"),
    ("label", "words of what was clicked"),
    ("href", "where it leads"),
    (
        "value",
        "what a custom event is worth in the site's currency, ms of active and page_load, % of scroll",
    ),
    ("props", "JSON object of texts, numbers and truth values"),
];

const VISITS: &[Column] = &[
    ("visit", "required; any text that names the visit"),
    (
        "started_at",
        "required; 2026-03-01T12:00:00Z, or unix seconds or ms",
    ),
    ("page", "required; path or address of the first page"),
    ("referrer", "address that led to it"),
    ("device", "desktop, mobile or tablet"),
    ("browser", "family, such as Firefox"),
    ("language", "such as en or de-CH"),
    ("country", "two letters, such as DE"),
    (
        "visit_number",
        "the how-manieth of its visitor; 1 is a new one, empty is unknown",
    ),
    (
        "utm_source",
        "campaign, if the page's address does not say it",
    ),
    ("utm_medium", "likewise"),
    ("utm_campaign", "likewise"),
    (
        "converted",
        "yes, true or 1 for the main goal of the site, or the name of one of its goals; empty, no, false or 0 for none",
    ),
    ("converted_at", "when; the start of the visit if left out"),
    ("value", "what it was worth, in the site's currency"),
];

const ANSWERS: &[Column] = &[
    (
        "visit",
        "required; as the file of its events or of its visits names it",
    ),
    (
        "answered_at",
        "required; 2026-03-01T12:00:00Z, or unix seconds or ms",
    ),
    (
        "prompt",
        "required; name or id of one that the site has published",
    ),
    (
        "question",
        "which of its questions, by its words or its id; the first if left out",
    ),
    (
        "chosen",
        "choices in their words, with \" · \" between; or a value of the scale, a date, yes",
    ),
    ("words", "what was written, alone or beside a choice"),
    (
        "complete",
        "false for an answer that was begun and not sent off",
    ),
    (
        "more",
        "empty: each question that was answered has a row of its own",
    ),
    ("test", "false or empty: tests are not imported"),
    ("automated", "false or empty: nor are automated browsers"),
];

/// What else the file of answers has that the product gives: it follows from the visit, or belongs to the site.
const PASSED_OVER: [&str; 13] = [
    "answer",
    "version",
    "moment",
    "reasons",
    "tags",
    "starred",
    "late",
    "converted",
    "converted_at",
    "device",
    "language",
    "replay_url",
    "fields",
];

impl Kind {
    /// Columns with what stands in them.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Events => EVENTS,
            Self::Visits => VISITS,
            Self::Answers => ANSWERS,
        }
    }

    fn passes_over(self, name: &str) -> bool {
        name == REASON || self == Self::Answers && PASSED_OVER.contains(&name)
    }

    fn is_required(self, name: &str) -> bool {
        let mut columns = self.columns().iter();
        columns.any(|(column, about)| *column == name && about.starts_with("required"))
    }

    /// Place of each known column in a file with this header, or why the file cannot be read.
    pub(super) fn places(self, header: &[&str]) -> Result<Vec<(&'static str, usize)>, String> {
        let known = || {
            let names: Vec<_> = self.columns().iter().map(|(name, _)| *name).collect();
            names.join(", ")
        };
        let mut places: Vec<(&'static str, usize)> = vec![];
        for (place, name) in header.iter().enumerate() {
            let name = name.trim();
            if self.passes_over(name) {
                continue;
            }
            let Some((column, _)) = self.columns().iter().find(|(column, _)| *column == name)
            else {
                return Err(format!(
                    "the column {name:?} is not known; the columns of {self} are {}",
                    known()
                ));
            };
            if places.iter().any(|(taken, _)| taken == column) {
                return Err(format!("the column {name:?} is there twice"));
            }
            places.push((column, place));
        }
        let missing = self.columns().iter().find(|(column, _)| {
            self.is_required(column) && places.iter().all(|(there, _)| there != column)
        });
        match missing {
            Some((column, about)) => Err(format!(
                "the column {column:?} is missing ({about}); the columns of {self} are {}",
                known()
            )),
            None => Ok(places),
        }
    }
}

/// All columns of all kinds, for the command line.
pub fn help() -> String {
    let mut text = String::from(
        "The first line of FILE names its columns, in any order. Rows need no order; all rows of a visit, or of an answer, are in one file.\n",
    );
    for kind in Kind::ALL {
        text.push_str(&format!("\nColumns of {kind}:\n"));
        for (name, about) in kind.columns() {
            text.push_str(&format!("  {name:<13} {about}\n"));
        }
    }
    text.push_str(
        "\nImporting a file again changes nothing. What cannot be read goes to FILE.rejected.csv, or FILE.rejected-2.csv where that is there, with the reason \
         and the other rows of its visit or answer; the exit code is then 3.\n\
         With SQLite the server must be stopped; with PostgreSQL it may run.",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_header_is_named_with_what_is_known() {
        let wrong = Kind::Events.places(&["visit", "at", "kind", "color"]);
        let message = wrong.unwrap_err();
        assert!(
            message.starts_with(
                "the column \"color\" is not known; the columns of events are visit, at, kind, page"
            ),
            "{message}"
        );
        let twice = Kind::Events.places(&["visit", "at", "kind", "at"]);
        assert_eq!(twice.unwrap_err(), "the column \"at\" is there twice");
        let missing = Kind::Visits.places(&["visit", "page"]).unwrap_err();
        assert!(missing.starts_with("the column \"started_at\" is missing"));
    }

    #[test]
    fn a_file_of_rejected_rows_can_be_imported_once_it_is_mended() {
        let places = Kind::Events.places(&["kind", "at", "visit", REASON]);

        assert_eq!(places, Ok(vec![("kind", 0), ("at", 1), ("visit", 2)]));
    }
}

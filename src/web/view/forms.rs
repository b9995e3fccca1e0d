//! Forms field by field, in words and figures. Pure.

use url::form_urlencoded;

use super::{
    board::Cell,
    number,
    recount::recount_line,
    when::{When, duration},
};
use crate::{
    report::{
        forms::{FieldFigures, FormFigures, Forms},
        period::Period,
    },
    stats::ENOUGH,
    types::Millis,
};

/// The page.
pub struct FormsView {
    /// The finding.
    pub heading: String,
    /// The forms to choose from; empty of one.
    pub forms: Vec<FormChoice>,
    /// What is known of the chosen form; empty when nothing is.
    pub note: String,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// How far visits were counted again.
    pub recount: Option<String>,
    /// How many automated visits are left out.
    pub automated: Option<String>,
    /// The query string of this page, for its files and its links.
    pub query: String,
}

/// A form to choose.
pub struct FormChoice {
    /// Its key.
    pub form: String,
    /// `1,204 visits`.
    pub visits: String,
    /// Leads to it.
    pub query: String,
    /// Whether it is shown now.
    pub is_current: bool,
}

/// A field.
pub struct FieldView {
    /// Its name.
    pub name: String,
    /// Visits that had to do with it.
    pub visits: String,
    /// The figures, each with its name.
    pub cells: Vec<(&'static str, Cell)>,
}

impl FormsView {
    /// Puts forms into words.
    pub fn new(report: &Forms, period: &Period, when: &When) -> Self {
        let chosen = report.chosen.as_ref();
        let query = |form: &str| {
            let mut query = form_urlencoded::Serializer::new(period.query());
            query.append_pair("form", form).finish()
        };
        let is_current = |form: &str| chosen.is_some_and(|chosen| chosen.form == form);
        let choices = report.forms.iter().map(|(form, visits)| FormChoice {
            form: form.clone(),
            visits: number::counted(*visits, "visit", "visits"),
            query: query(form),
            is_current: is_current(form),
        });
        Self {
            heading: chosen.map_or_else(|| "Forms, field by field".into(), heading),
            forms: if report.forms.len() > 1 || chosen.is_none() {
                choices.collect()
            } else {
                vec![]
            },
            note: chosen.map(note).unwrap_or_default(),
            fields: chosen
                .map(|form| form.fields.iter().map(FieldView::new).collect())
                .unwrap_or_default(),
            recount: recount_line(report.recount.as_ref(), when),
            automated: (report.automated > 0).then(|| {
                let visits = number::counted(report.automated, "visit", "visits");
                let are = if report.automated == 1 { "is" } else { "are" };
                format!("{visits} of automated browsers {are} not counted.")
            }),
            query: chosen.map_or_else(|| period.query(), |form| query(&form.form)),
        }
    }
}

/// Where most stop, where enough did.
fn heading(form: &FormFigures) -> String {
    let most = form.fields.iter().max_by_key(|field| field.left.k);
    match most {
        Some(field) if field.left.is_enough() => format!(
            "Of those who leave “{}”, {} stop at {}",
            form.form,
            number::percent(field.left),
            match field.field.as_str() {
                "" => "a field that is never named".into(),
                name => format!("“{name}”"),
            }
        ),
        _ => format!(
            "{} came to “{}”",
            number::counted(form.visits, "visit", "visits"),
            form.form
        ),
    }
}

fn note(form: &FormFigures) -> String {
    let left = match form.abandoned {
        0 => "none left it unfinished".into(),
        n => format!("{} left it unfinished", number::count(n)),
    };
    let visits = number::counted(form.visits, "visit", "visits");
    let few = match form.visits {
        n if n < ENOUGH => format!(" {}", number::not_enough(n, "visit", "visits")),
        _ => String::new(),
    };
    format!("{visits}, of which {left}.{few}")
}

impl FieldView {
    fn new(field: &FieldFigures) -> Self {
        // The number of visits stands in the row, and a range beneath its share keeps the table narrow.
        let share = |rate| {
            let Cell { share, spread, .. } = Cell::new(rate);
            Cell {
                share,
                spread: String::new(),
                of: spread,
            }
        };
        Self {
            name: match field.field.as_str() {
                "" => "Fields never named".into(),
                name => name.into(),
            },
            visits: number::count(field.visits),
            cells: vec![
                ("Left the form here", Cell::new(field.left)),
                ("Active time", time(field.active_ms, None)),
                (
                    "Hesitation",
                    time(field.hesitation_ms, Some(field.hesitated)),
                ),
                ("Went back to it", share(field.returned)),
                ("Deleted", share(field.deleted)),
                ("Pasted", share(field.pasted)),
                ("Filled by the browser", share(field.autofilled)),
                ("Errors", share(field.wrong)),
                ("Filled when left", share(field.filled)),
            ],
        }
    }
}

/// `4.2 s`, and of how many visits where that is not the number in the row.
fn time(ms: Option<Millis>, of: Option<i64>) -> Cell {
    let visits = |n| format!("of {}", number::counted(n, "visit", "visits"));
    Cell {
        share: ms.map_or_else(|| "–".into(), duration),
        spread: String::new(),
        of: of.filter(|n| *n > 0).map(visits).unwrap_or_default(),
    }
}

//! The section "extra data with each answer", as it is posted. Pure.

use crate::{
    error::FieldErrors,
    prompt::types::{FieldSource, HiddenField},
};

/// Hidden fields of one prompt.
const MOST_FIELDS: usize = 8;
/// Rows that the editor shows at least.
const ROWS: usize = 3;
/// Characters of a name.
const LONGEST_NAME: usize = 40;

/// A hidden field as it was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldRow {
    /// Its name; a row without one is left out.
    pub name: String,
    /// A [`FieldSource`].
    pub from: String,
}

/// Every row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HiddenForm {
    /// As they were posted.
    pub rows: Vec<FieldRow>,
}

impl HiddenForm {
    pub(super) fn take(&mut self, key: &str, value: &str) {
        match key {
            // The first of a row; the other follows it.
            "field_name" => self.rows.push(FieldRow {
                name: value.to_owned(),
                ..FieldRow::default()
            }),
            "field_from" => {
                if let Some(row) = self.rows.last_mut() {
                    value.clone_into(&mut row.from);
                }
            }
            _ => {}
        }
    }

    pub(super) fn of(fields: &[HiddenField]) -> Self {
        let row = |field: &HiddenField| FieldRow {
            name: field.name.clone(),
            from: field.from.to_string(),
        };
        Self {
            rows: fields.iter().map(row).collect(),
        }
    }

    /// Those with a name and one to fill in, as many as may be.
    pub fn shown(&self) -> Vec<FieldRow> {
        let mut rows: Vec<FieldRow> = self.named().cloned().collect();
        let most = (rows.len() + 1).clamp(ROWS, MOST_FIELDS.max(rows.len()));
        rows.resize(most, FieldRow::default());
        rows
    }

    fn named(&self) -> impl Iterator<Item = &FieldRow> {
        self.rows.iter().filter(|row| !row.name.trim().is_empty())
    }

    pub(super) fn parse(&self, errors: &mut FieldErrors) -> Vec<HiddenField> {
        let mut fields: Vec<HiddenField> = vec![];
        for (number, row) in (1..).zip(self.named()) {
            let field = format!("field_{number}");
            let name = row.name.trim();
            if !is_name(name) {
                errors.add(
                    &field,
                    "Use letters, digits, _ and - only, at most 40 of them, beginning with a letter.",
                );
            } else if fields.iter().any(|other| other.name == name) {
                errors.add(&field, "Name each of them once.");
            } else if fields.len() == MOST_FIELDS {
                errors.add(&field, format!("There may be at most {MOST_FIELDS}."));
            }
            fields.push(HiddenField {
                name: name.to_owned(),
                from: FieldSource::parse(&row.from).unwrap_or(FieldSource::Address),
            });
        }
        fields
    }
}

fn is_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(names: &[&str]) -> HiddenForm {
        let mut form = HiddenForm::default();
        for name in names {
            form.take("field_name", name);
            form.take("field_from", "page");
        }
        form
    }

    #[test]
    fn rows_with_a_name_count_and_read_back() {
        let posted = form(&["", " plan ", "order-id"]);
        let mut errors = FieldErrors::default();
        let fields = posted.parse(&mut errors);

        assert!(errors.0.is_empty());
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["plan", "order-id"]);
        assert!(fields.iter().all(|field| field.from == FieldSource::Page));
        let again = HiddenForm::of(&fields);
        assert_eq!(again.parse(&mut errors), fields);
        assert_eq!(again.shown().len(), 3);
        assert_eq!(form(&["a"; 8]).shown().len(), 8);
    }

    #[test]
    fn what_is_wrong_names_its_row() {
        let long = "a".repeat(41);
        for (names, wrong) in [
            (&["plan", "my plan"][..], "field_2"),
            (&["1st"], "field_1"),
            (&[long.as_str()], "field_1"),
            (&["plan", "plan"], "field_2"),
            (&["a", "b", "c", "d", "e", "f", "g", "h", "i"], "field_9"),
        ] {
            let mut errors = FieldErrors::default();
            form(names).parse(&mut errors);
            assert_eq!(errors.0.len(), 1, "{names:?}");
            assert_eq!(errors.0[0].field, wrong);
        }
    }
}

//! Figures by what one dimension says; each row leads to the page where only these visits count. Pure.

use super::{
    board::Cell,
    chosen::Chosen,
    dimension::{place, value_words},
    number,
};
use crate::ingest::cube::Dimension;

/// Values of a dimension on the page.
const MOST_VALUES: usize = 30;

/// By what one dimension says.
pub struct ValuesView {
    /// The dimension.
    pub name: &'static str,
    /// What is told of each value.
    pub columns: Vec<String>,
    /// One a value.
    pub rows: Vec<ValueRow>,
    /// What is not on the page.
    pub rest: Option<String>,
}

/// Visits of which the dimension says the same.
pub struct ValueRow {
    /// What it says.
    pub name: String,
    /// Where only these are counted.
    pub only: String,
    /// In the order of the columns, under their names.
    pub cells: Vec<(String, Cell)>,
}

impl ValuesView {
    /// Of what each value comes to, the largest first, where they have no order of their own.
    pub(super) fn new(
        by: Dimension,
        chosen: &Chosen<'_>,
        columns: Vec<String>,
        values: impl ExactSizeIterator<Item = (String, Vec<Cell>)>,
    ) -> Self {
        let rest = values.len().saturating_sub(MOST_VALUES);
        let mut values: Vec<_> = values.collect();
        values.sort_by_key(|(value, _)| place(by, value));
        let rows = values
            .into_iter()
            .take(MOST_VALUES)
            .map(|(value, cells)| ValueRow {
                name: value_words(by, &value),
                only: chosen.with(by, &value),
                cells: columns.iter().cloned().zip(cells).collect(),
            });
        Self {
            name: by.label(),
            rows: rows.collect(),
            rest: (rest > 0).then(|| {
                format!(
                    "{} more are not on the page. The files have them.",
                    number::count(rest as i64)
                )
            }),
            columns,
        }
    }
}

impl Cell {
    /// A number of visits, or answers.
    pub(super) fn of_count(n: i64) -> Self {
        Self {
            share: number::count(n),
            spread: String::new(),
            of: String::new(),
        }
    }
}

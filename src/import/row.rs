//! A line of a file: its cells by the names of their columns, and what they say happened.

use std::borrow::Cow;

use csv::StringRecord;

use super::{
    answers::{self, Askable},
    clean,
    columns::Kind,
    events, visits,
};
use crate::{
    delivery::snapshot::Snapshot,
    ingest::{event::Event, visit::Browser},
    types::{GoalId, Millis},
};

/// A line as it was read.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Line of the file, from 1.
    pub(super) line: u64,
    /// Its cells.
    pub(super) cells: StringRecord,
}

/// Something that happened in a visit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Happened {
    /// When.
    pub(super) at: Millis,
    /// What; its own time is set once its page load is known.
    pub(super) event: Event,
    /// With what; empty texts where the line does not say it.
    pub(super) browser: Browser,
    /// The how-manieth visit of its visitor; `None` where the line does not say it.
    pub(super) number: Option<i32>,
}

/// What the cells of a file mean.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    pub(super) kind: Kind,
    pub(super) places: &'a [(&'static str, usize)],
    pub(super) snapshot: &'a Snapshot,
    /// Names of the goals that lists show.
    pub(super) goals: &'a [(String, GoalId)],
    /// What answers may be to; known of a file of answers only.
    pub(super) prompts: &'a [Askable],
    pub(super) now: Millis,
}

impl Reader<'_> {
    /// The cell of a column; empty when there is none.
    pub(super) fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        let place = self.places.iter().find(|(name, _)| *name == column);
        let cell = place.and_then(|(_, place)| row.cells.get(*place));
        cell.unwrap_or_default().trim()
    }

    /// The cell, if anything stands in it.
    pub(super) fn said<'a>(&self, row: &'a Row, column: &str) -> Option<&'a str> {
        Some(self.cell(row, column)).filter(|cell| !cell.is_empty())
    }

    /// Name of the visit.
    pub(super) fn visit<'a>(&self, row: &'a Row) -> Result<&'a str, String> {
        self.said(row, "visit")
            .ok_or_else(|| "visit must name the visit, by any text".into())
    }

    /// Names what goes in whole or not at all: the visit, or its answer to a prompt.
    pub(super) fn whole<'a>(&self, row: &'a Row) -> Result<Cow<'a, str>, String> {
        let visit = self.visit(row)?;
        Ok(match self.kind {
            Kind::Events | Kind::Visits => visit.into(),
            Kind::Answers => format!("{visit}\n{}", answers::prompt(self, row)?.id).into(),
        })
    }

    /// What would be right, where the line is not.
    pub(super) fn check(&self, row: &Row) -> Result<(), String> {
        match self.kind {
            Kind::Events | Kind::Visits => self.happened(row).map(drop),
            Kind::Answers => answers::read(self, row).map(drop),
        }
    }

    /// What the line says happened in its visit, or what would be right.
    pub(super) fn happened(&self, row: &Row) -> Result<Vec<Happened>, String> {
        match self.kind {
            Kind::Events => events::read(self, row),
            Kind::Visits => visits::read(self, row),
            Kind::Answers => Ok(vec![]),
        }
    }

    /// The how-manieth of its visitor the visit was.
    pub(super) fn number(&self, row: &Row) -> Result<Option<i32>, String> {
        let number = self.said(row, "visit_number");
        number.map(clean::visit_number).transpose()
    }

    /// With what the visit was.
    pub(super) fn browser(&self, row: &Row) -> Result<Browser, String> {
        let device = self.said(row, "device").map(clean::device).transpose()?;
        let language = self
            .said(row, "language")
            .map(clean::language)
            .transpose()?;
        let country = self.said(row, "country").map(clean::country).transpose()?;
        Ok(Browser {
            device: device.unwrap_or_default(),
            browser: self
                .said(row, "browser")
                .map(clean::browser)
                .unwrap_or_default(),
            language: language.unwrap_or_default(),
            country: country.unwrap_or_default(),
            is_automated: false,
        })
    }
}

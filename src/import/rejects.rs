//! Rows that could not be taken, in a file beside the one that was read, each with the reason.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use csv::{StringRecord, Writer};

use super::{columns::REASON, row::Row};

/// Reasons told on the spot; the rest stands in the file only.
const TOLD: u64 = 20;

/// The file; it is made with the first row that goes there.
pub(super) struct Rejects {
    path: PathBuf,
    header: StringRecord,
    file: Option<Writer<File>>,
    n: u64,
}

impl Rejects {
    pub(super) fn beside(file: &Path, header: StringRecord) -> Self {
        Self {
            path: file.with_extension("rejected.csv"),
            header,
            file: None,
            n: 0,
        }
    }

    /// Keeps the row. Returns what to say of it, for the first few.
    pub(super) fn add(&mut self, row: &Row, why: &str) -> anyhow::Result<Option<String>> {
        self.n += 1;
        if self.file.is_none() {
            let mut file = Writer::from_path(&self.path)?;
            let names = self.header.iter().filter(|name| name.trim() != REASON);
            file.write_record(names.chain([REASON]))?;
            self.file = Some(file);
        }
        // Of a file of rejected rows, the reasons of the last time are left out.
        let cells = self
            .header
            .iter()
            .zip(row.cells.iter().chain(std::iter::repeat("")))
            .filter(|(name, _)| name.trim() != REASON)
            .map(|(_, cell)| cell);
        if let Some(file) = &mut self.file {
            file.write_record(cells.chain([why]))?;
        }
        Ok((self.n <= TOLD).then(|| format!("line {}: {why}", row.line)))
    }

    /// How many, and where they are.
    pub(super) fn finish(self) -> anyhow::Result<(u64, Option<PathBuf>)> {
        let Some(mut file) = self.file else {
            return Ok((0, None));
        };
        file.flush()?;
        Ok((self.n, Some(self.path)))
    }
}

//! Brings the rows of each visit together without holding the file in memory: rows go to one of several temporary files by the name of
//! their visit, and one of these is read at a time.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, BufWriter, Seek},
};

use csv::{Reader, ReaderBuilder, StringRecord, Writer, WriterBuilder};

use super::row::Row;
use crate::ingest::visit::VisitorHash;

/// Bytes that one temporary file is to hold, about: what is in memory at a time is a few times as much.
const PART: u64 = 16 * 1024 * 1024;
/// Temporary files that are open at once. A file of more than 4 GiB makes them larger.
const MAX_PARTS: u64 = 256;

/// Rows by the name of their visit.
pub(super) type Visits = HashMap<String, Gathered>;

/// What the file says of a visit.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Rows that can be read.
    pub(super) rows: Vec<Row>,
    /// Line of a row that cannot.
    pub(super) unread: Option<u64>,
}

/// The temporary files. The system removes them when the process ends, however it does.
pub(super) struct Spill {
    parts: Vec<Writer<BufWriter<File>>>,
}

impl Spill {
    /// For a file of so many bytes.
    pub(super) fn for_bytes(bytes: u64) -> std::io::Result<Self> {
        let n = (bytes / PART + 1).min(MAX_PARTS);
        let mut writer = WriterBuilder::new();
        writer.flexible(true);
        let part = |_| Ok(writer.from_writer(BufWriter::new(tempfile::tempfile()?)));
        Ok(Self {
            parts: (0..n).map(part).collect::<std::io::Result<_>>()?,
        })
    }

    /// Keeps a row of the visit that the hash stands for.
    pub(super) fn add(&mut self, visit: &VisitorHash, name: &str, row: &Row) -> anyhow::Result<()> {
        self.write(visit, name, row.line, &row.cells)
    }

    /// Notes that the row of this line is of the visit and cannot be read: told by a row without cells.
    pub(super) fn spoil(
        &mut self,
        visit: &VisitorHash,
        name: &str,
        line: u64,
    ) -> anyhow::Result<()> {
        self.write(visit, name, line, &StringRecord::new())
    }

    fn write(
        &mut self,
        visit: &VisitorHash,
        name: &str,
        line: u64,
        cells: &StringRecord,
    ) -> anyhow::Result<()> {
        let [first, second, ..] = *visit;
        let place = usize::from(u16::from_be_bytes([first, second])) % self.parts.len();
        if let Some(part) = self.parts.get_mut(place) {
            part.write_field(line.to_string())?;
            part.write_field(name)?;
            part.write_record(cells)?;
        }
        Ok(())
    }

    /// The visits, one temporary file after the other.
    pub(super) fn into_parts(self) -> impl Iterator<Item = anyhow::Result<Visits>> {
        self.parts.into_iter().map(|part| {
            let mut file = part
                .into_inner()
                .map_err(|error| anyhow::anyhow!("{error}"))?
                .into_inner()?;
            file.rewind()?;
            let reader = ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(BufReader::new(file));
            read(reader)
        })
    }
}

fn read(mut reader: Reader<BufReader<File>>) -> anyhow::Result<Visits> {
    let mut visits = Visits::new();
    for record in reader.records() {
        let record = record?;
        let mut cells = record.iter();
        let line = cells.next().unwrap_or_default().parse()?;
        let name = cells.next().unwrap_or_default().to_owned();
        let cells: StringRecord = cells.collect();
        let gathered = visits.entry(name).or_default();
        match cells.is_empty() {
            true => gathered.unread = gathered.unread.or(Some(line)),
            false => gathered.rows.push(Row { line, cells }),
        }
    }
    Ok(visits)
}

//! Rows that could not be taken, in a file beside the one that was read, each with the reason.

use std::{
    fs::{self, File},
    io::{BufReader, ErrorKind, Read},
    path::{Path, PathBuf},
};

use csv::{StringRecord, Writer};

use super::{columns::REASON, row::Row};

/// Reasons told on the spot; the rest stands in the file only.
const TOLD: u64 = 20;

/// The file; it is made with the first row that goes there, beside those of other runs: somebody may be mending them.
pub(super) struct Rejects {
    beside: PathBuf,
    header: StringRecord,
    file: Option<(PathBuf, Writer<File>)>,
    /// Those of other runs.
    others: Vec<PathBuf>,
    n: u64,
}

impl Rejects {
    pub(super) fn beside(file: &Path, header: StringRecord) -> Self {
        Self {
            beside: file.to_owned(),
            header,
            file: None,
            others: vec![],
            n: 0,
        }
    }

    /// How many so far.
    pub(super) fn rows(&self) -> u64 {
        self.n
    }

    /// Keeps the row. Returns what to say of it, for the first few.
    pub(super) fn add(&mut self, row: &Row, why: &str) -> anyhow::Result<Option<String>> {
        self.n += 1;
        if self.file.is_none() {
            let (path, mut file) = self.create()?;
            let names = self.header.iter().filter(|name| name.trim() != REASON);
            file.write_record(names.chain([REASON]))?;
            self.file = Some((path, file));
        }
        // Of a file of rejected rows, the reasons of the last time are left out.
        let cells = self
            .header
            .iter()
            .zip(row.cells.iter().chain(std::iter::repeat("")))
            .filter(|(name, _)| name.trim() != REASON)
            .map(|(_, cell)| cell);
        if let Some((_, file)) = &mut self.file {
            file.write_record(cells.chain([why]))?;
        }
        Ok((self.n <= TOLD).then(|| format!("line {}: {why}", row.line)))
    }

    fn create(&mut self) -> std::io::Result<(PathBuf, Writer<File>)> {
        let mut name = String::from("rejected.csv");
        for n in 2.. {
            let path = self.beside.with_extension(&name);
            match File::create_new(&path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    self.others.push(path);
                    name = format!("rejected-{n}.csv");
                }
                created => return Ok((path, Writer::from_writer(created?))),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    /// How many, and where they are: where another run has left the very same, there.
    pub(super) fn finish(self) -> anyhow::Result<(u64, Option<PathBuf>)> {
        let Some((path, mut file)) = self.file else {
            return Ok((0, None));
        };
        file.flush()?;
        drop(file);
        for other in self.others {
            if is_same(&path, &other)? {
                fs::remove_file(&path)?;
                return Ok((self.n, Some(other)));
            }
        }
        Ok((self.n, Some(path)))
    }
}

/// Whether two files hold the same; neither is held in memory.
fn is_same(one: &Path, other: &Path) -> std::io::Result<bool> {
    if fs::metadata(one)?.len() != fs::metadata(other)?.len() {
        return Ok(false);
    }
    let read = |path| Ok::<_, std::io::Error>(BufReader::new(File::open(path)?).bytes());
    for (one, other) in read(one)?.zip(read(other)?) {
        if one? != other? {
            return Ok(false);
        }
    }
    Ok(true)
}

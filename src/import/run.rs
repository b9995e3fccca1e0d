//! An import from its first line to its last.

use std::{fs::File, io::BufReader, path::PathBuf, sync::Arc};

use anyhow::Context;
use csv::{ReaderBuilder, StringRecord};
use futures_util::{StreamExt, stream};

use super::{
    answers::{self, Askable},
    columns::Kind,
    progress::{Progress, Stage},
    quotes::Quotes,
    rejects::Rejects,
    row::{Reader, Row},
    spill::{Gathered, Spill, Visits},
    whole,
};
use crate::{
    clock,
    db::Db,
    delivery::snapshot::Snapshot,
    error::AppError,
    goal,
    ingest::{
        imported::{Imported, Taken},
        writer::Writer,
    },
    prompt::{
        self,
        types::{Prompt, PublishedPrompt},
    },
    site::{
        self,
        types::{Site, SiteKind},
    },
    types::{GoalId, Millis, SiteId},
};

/// Visits on their way to the writer at once, so that they share commits.
const IN_FLIGHT: usize = 256;

/// What is to be imported.
#[derive(Clone, Debug)]
pub struct Request {
    /// What the file holds.
    pub kind: Kind,
    /// The file.
    pub file: PathBuf,
    /// Key of the site.
    pub site: String,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Visits that are new.
    pub visits: u64,
    /// Answers that are new.
    pub answers: u64,
    /// The rows of these.
    pub imported: u64,
    /// Rows that were there already.
    pub before: u64,
    /// Rows that were not taken.
    pub rejected: u64,
    /// Where these are.
    pub rejects: Option<PathBuf>,
}

/// What is said on the way.
pub enum Say<'a> {
    /// How far it is.
    Progress(&'a Progress),
    /// Why a row was not taken.
    Rejected(String),
}

/// Imports the file.
pub async fn run(
    db: &Db,
    request: &Request,
    say: &mut dyn FnMut(Say<'_>),
) -> anyhow::Result<Summary> {
    let mut import = Import::begin(db, request).await?;
    let spill = import.read(say)?;
    import.store(db, spill, say).await?;
    db.analyze().await;
    import.finish()
}

struct Import<'a> {
    request: &'a Request,
    snapshot: Arc<Snapshot>,
    goals: Vec<(String, GoalId)>,
    prompts: Vec<Askable>,
    places: Vec<(&'static str, usize)>,
    rejects: Rejects,
    rows: u64,
    now: Millis,
    summary: Summary,
}

impl<'a> Import<'a> {
    async fn begin(db: &Db, request: &'a Request) -> anyhow::Result<Self> {
        let mut file = open(request)?;
        let header = file
            .headers()
            .context("the first line cannot be read")?
            .clone();
        let names: Vec<&str> = header.iter().collect();
        let places = request.kind.places(&names).map_err(anyhow::Error::msg)?;
        let (snapshot, goals) = load(db, &request.site).await?;
        let prompts = match request.kind {
            Kind::Answers => load_prompts(db, snapshot.site.id).await?,
            Kind::Events | Kind::Visits => vec![],
        };
        Ok(Self {
            request,
            snapshot,
            goals,
            prompts,
            places,
            rejects: Rejects::beside(&request.file, header),
            rows: 0,
            now: clock::now(),
            summary: Summary::default(),
        })
    }

    fn reader(&self) -> Reader<'_> {
        Reader {
            kind: self.request.kind,
            places: &self.places,
            snapshot: &self.snapshot,
            goals: &self.goals,
            prompts: &self.prompts,
            now: self.now,
        }
    }

    /// Checks every row, and returns the good ones.
    fn read(&mut self, say: &mut dyn FnMut(Say<'_>)) -> anyhow::Result<Spill> {
        let bytes = std::fs::metadata(&self.request.file)?.len();
        let mut spill = Spill::for_bytes(bytes)?;
        let mut progress = Progress::of(Stage::Reading, bytes);
        let mut file = open(self.request)?;
        let columns = file.headers()?.len();
        let mut record = csv::ByteRecord::new();
        while file.read_byte_record(&mut record)? {
            let line = record.position().map_or(0, csv::Position::line);
            let line = line + file.get_ref().left_of_end();
            let (row, fits) = row_of(line, &record, columns);
            let read = fits.and_then(|()| {
                let reader = self.reader();
                reader.check(&row)?;
                reader.whole(&row)
            });
            match read {
                Ok(name) => {
                    let hash = whole::visitor_of(&self.snapshot, &name);
                    spill.add(&hash, &name, &row)?;
                    self.rows += 1;
                }
                Err(why) => {
                    self.reject(&row, &why, say)?;
                    if let Ok(name) = self.reader().whole(&row) {
                        let hash = whole::visitor_of(&self.snapshot, &name);
                        spill.spoil(&hash, &name, line)?;
                    }
                }
            }
            let done = file.position().byte();
            progress.advance(1, done, &mut |progress| say(Say::Progress(progress)));
        }
        say(Say::Progress(&progress));
        Ok(spill)
    }

    fn reject(&mut self, row: &Row, why: &str, say: &mut dyn FnMut(Say<'_>)) -> anyhow::Result<()> {
        if let Some(said) = self.rejects.add(row, why)? {
            say(Say::Rejected(said));
        }
        Ok(())
    }

    fn reject_all(
        &mut self,
        rows: &[Row],
        why: &str,
        say: &mut dyn FnMut(Say<'_>),
    ) -> anyhow::Result<()> {
        rows.iter().try_for_each(|row| self.reject(row, why, say))
    }

    async fn store(
        &mut self,
        db: &Db,
        spill: Spill,
        say: &mut dyn FnMut(Say<'_>),
    ) -> anyhow::Result<()> {
        let (writer, written) = Writer::start(db.clone(), IN_FLIGHT);
        let mut progress = Progress::of(Stage::Storing, self.rows);
        for visits in spill.into_parts() {
            let rejected = self.rejects.rows();
            let wholes = self.wholes(visits?, say)?;
            let left_out = self.rejects.rows() - rejected;
            let done = progress.rows() + left_out;
            progress.advance(left_out, done, &mut |progress| say(Say::Progress(progress)));
            let import = async |(new, rows): (Imported, Vec<Row>)| (writer.import(new).await, rows);
            let mut taken = stream::iter(wholes).map(import).buffer_unordered(IN_FLIGHT);
            while let Some((outcome, rows)) = taken.next().await {
                let n = rows.len() as u64;
                self.settle(outcome, &rows, say)?;
                let done = progress.rows() + n;
                progress.advance(n, done, &mut |progress| say(Say::Progress(progress)));
            }
        }
        say(Say::Progress(&progress));
        drop(writer);
        written.await.context("the writer ended")
    }

    /// Makes visits or answers of their rows. What is stored of one stays, so one with a row that cannot be read is not stored without it.
    fn wholes(
        &mut self,
        visits: Visits,
        say: &mut dyn FnMut(Say<'_>),
    ) -> anyhow::Result<Vec<(Imported, Vec<Row>)>> {
        let mut wholes = Vec::with_capacity(visits.len());
        for (name, Gathered { mut rows, unread }) in visits {
            rows.sort_by_key(|row| row.line);
            if let Some(line) = unread {
                let (one, what) = match self.request.kind {
                    Kind::Answers => ("an", "answer"),
                    Kind::Events | Kind::Visits => ("a", "visit"),
                };
                let why = format!(
                    "line {line} is of the same {what} and cannot be read; {one} {what} goes in whole"
                );
                self.reject_all(&rows, &why, say)?;
                continue;
            }
            if let (Kind::Visits, Some(first)) = (self.request.kind, rows.first()) {
                let why = format!(
                    "the visit stands on line {} already; give each visit a name of its own",
                    first.line
                );
                self.reject_all(&rows.split_off(1), &why, say)?;
            }
            match self.whole(&name, &rows) {
                Ok(new) => wholes.push((new, rows)),
                Err(why) => self.reject_all(&rows, &why, say)?,
            }
        }
        Ok(wholes)
    }

    fn whole(&self, name: &str, rows: &[Row]) -> Result<Imported, String> {
        let reader = self.reader();
        if self.request.kind == Kind::Answers {
            return answers::whole(&reader, &self.snapshot, rows).map(Imported::Answer);
        }
        let mut happened = vec![];
        for row in rows {
            happened.extend(reader.happened(row)?);
        }
        whole::visit_of(&self.snapshot, name, happened, self.now).map(Imported::Visit)
    }

    fn settle(
        &mut self,
        outcome: Result<Taken, AppError>,
        rows: &[Row],
        say: &mut dyn FnMut(Say<'_>),
    ) -> anyhow::Result<()> {
        let n = rows.len() as u64;
        let why = match outcome {
            Ok(Taken::Added) => {
                match self.request.kind {
                    Kind::Answers => self.summary.answers += 1,
                    Kind::Events | Kind::Visits => self.summary.visits += 1,
                }
                self.summary.imported += n;
                return Ok(());
            }
            Ok(Taken::Before) => {
                self.summary.before += n;
                return Ok(());
            }
            Ok(Taken::Different) => {
                "this was imported before with other rows, and was left as it is; all rows of a visit, or of an answer, are in one file"
            }
            Ok(Taken::NoVisit) => {
                "no visit of this name is there; import its events, or the visits, before the answers"
            }
            Ok(Taken::OutOfTime) => {
                "answered_at must lie between the beginning of the visit and a week after its day"
            }
            Ok(Taken::Deleted) => "this answer was deleted on the site, and stays deleted",
            Err(AppError::Unwritable) => "the database does not take this; the log says why",
            Err(error) => {
                return Err(anyhow::Error::new(error)
                    .context("the import was cut short; run it again, what is stored stays"));
            }
        };
        self.reject_all(rows, why, say)
    }

    fn finish(self) -> anyhow::Result<Summary> {
        let mut summary = self.summary;
        (summary.rejected, summary.rejects) = self.rejects.finish()?;
        Ok(summary)
    }
}

fn open(request: &Request) -> anyhow::Result<csv::Reader<Quotes<BufReader<File>>>> {
    let file = File::open(&request.file)
        .with_context(|| format!("{} cannot be read", request.file.display()))?;
    Ok(ReaderBuilder::new()
        .flexible(true)
        .from_reader(Quotes::of(BufReader::new(file))))
}

/// The site, and the names of its goals.
async fn load(db: &Db, key: &str) -> anyhow::Result<(Arc<Snapshot>, Vec<(String, GoalId)>)> {
    let site = site::store::find_by_key(&db.read, key).await?;
    let site = site.with_context(|| {
        format!(
            "there is no site with the key {key:?}; it stands under Settings, and in the address of its pages: site_…"
        )
    })?;
    refuse_made_up(&site)?;
    let goals = goal::store::list_goals(&db.read, site.id).await?;
    let names = goals.into_iter().filter(|goal| goal.is_listed);
    let names = names.map(|goal| (goal.name, goal.id)).collect();
    Ok((Arc::new(Snapshot::load(&db.read, site).await?), names))
}

/// What visitors did elsewhere does not go among visits that are made up.
fn refuse_made_up(site: &Site) -> anyhow::Result<()> {
    let what = match site.kind {
        SiteKind::Own => return Ok(()),
        SiteKind::Sample => "a sample site, whose visits are made up",
        SiteKind::Demo => "the demo, whose visits are tries of its own pages",
    };
    anyhow::bail!("{} is {what}: import into a site of your own", site.key)
}

/// What the site has ever asked, in the newest version.
async fn load_prompts(db: &Db, site: SiteId) -> anyhow::Result<Vec<Askable>> {
    let mut askable = vec![];
    for Prompt { id, name, .. } in prompt::store::list_prompts(&db.read, site).await? {
        let versions = prompt::store::list_versions(&db.read, site, id).await?;
        if let Some(newest) = versions.into_iter().next() {
            let (version, design) = (newest.version, newest.design);
            let prompt = Arc::new(PublishedPrompt {
                id,
                version,
                design,
            });
            askable.push(Askable { name, prompt });
        }
    }
    Ok(askable)
}

/// The row, and whether it has a form that can be read.
fn row_of(line: u64, record: &csv::ByteRecord, columns: usize) -> (Row, Result<(), String>) {
    let is_text = record.iter().all(|cell| std::str::from_utf8(cell).is_ok());
    let cells: StringRecord = record.iter().map(String::from_utf8_lossy).collect();
    let fits = match (is_text, cells.len() == columns) {
        (false, _) => Err("the row must be UTF-8 text".into()),
        (_, false) => Err(format!(
            "the row must have {columns} cells as the first line has; it has {}",
            cells.len()
        )),
        _ => Ok(()),
    };
    (Row { line, cells }, fits)
}

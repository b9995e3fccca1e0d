//! The list as a file: exactly what the page would list, page by page, so that its length costs no memory.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    web::{Bytes, Data, Query},
};
use futures_util::stream::try_unfold;
use serde::Serialize;

use super::{
    query::{AnswersQuery, Names, Search},
    rows::{AnswerRow, Context, Wording, answer_row, load_wording, main_goal},
};
use crate::{
    answer::{
        filter::AnswerFilter,
        store,
        types::{Cursor, Said},
    },
    clock,
    error::{AppError, AppResult},
    site::types::Site,
    state::AppState,
    web::{
        error::PageError,
        extract::SiteScope,
        view::{file::harmless, when::When},
    },
};

/// Answers read at once.
const AT_ONCE: u64 = 500;

/// The columns of the table, in their order.
const COLUMNS: [&str; 22] = [
    "answer",
    "answered_at",
    "prompt",
    "version",
    "moment",
    "question",
    "chosen",
    "words",
    "more",
    "reasons",
    "tags",
    "starred",
    "complete",
    "late",
    "test",
    "automated",
    "converted",
    "converted_at",
    "device",
    "language",
    "replay_url",
    "fields",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
}

/// GET `/sites/{key}/answers.csv`.
pub async fn csv(
    state: Data<AppState>,
    scope: SiteScope,
    query: Query<AnswersQuery>,
) -> Result<HttpResponse, PageError> {
    export(state, scope, &query, Format::Csv).await
}

/// GET `/sites/{key}/answers.json`.
pub async fn json(
    state: Data<AppState>,
    scope: SiteScope,
    query: Query<AnswersQuery>,
) -> Result<HttpResponse, PageError> {
    export(state, scope, &query, Format::Json).await
}

async fn export(
    state: Data<AppState>,
    scope: SiteScope,
    query: &AnswersQuery,
    format: Format,
) -> Result<HttpResponse, PageError> {
    let (db, site) = (&state.db.read, scope.site);
    let names = Names::load(db, site.id).await?;
    let tx = state.db.snapshot().await?;
    let search = Search::parse(query, &tx, &site, &names).await?;
    tx.commit().await?;
    let export = Export {
        main_goal: main_goal(db, site.id).await?,
        when: When::new(&site.time_zone, clock::now()),
        wording: Wording::new(),
        filter: search.filter,
        next: Some(Cursor::parse(&query.before)),
        is_begun: false,
        state,
        site,
        names,
        format,
    };
    Ok(as_file(export))
}

fn as_file(export: Export) -> HttpResponse {
    let (kind, name) = match export.format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "answers.csv"),
        Format::Json => ("application/json", "answers.json"),
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let parts = try_unfold(export, |mut export| async move {
        let part = export.part().await?;
        Ok::<_, AppError>(part.map(|part| (Bytes::from(part), export)))
    });
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .streaming(parts)
}

/// A file that is being written.
struct Export {
    state: Data<AppState>,
    site: Site,
    names: Names,
    wording: Wording,
    main_goal: Option<String>,
    when: When,
    filter: AnswerFilter,
    format: Format,
    /// After which answer the next page begins; `None` when all is written.
    next: Option<Option<Cursor>>,
    is_begun: bool,
}

impl Export {
    /// The next part of the file; `None` behind its end.
    async fn part(&mut self) -> AppResult<Option<Vec<u8>>> {
        let Some(after) = self.next else {
            return Ok(None);
        };
        let tx = self.state.db.snapshot().await?;
        let site_id = self.site.id;
        let answers = store::list_answers(&tx, site_id, &self.filter, after, AT_ONCE).await?;
        load_wording(&mut self.wording, &tx, site_id, &answers, &self.names).await?;
        tx.commit().await?;
        let is_last = (answers.len() as u64) < AT_ONCE;
        self.next = answers.last().map(|last| Some(Cursor::of(last)));
        self.next.take_if(|_| is_last);
        let context = Context {
            names: &self.names,
            wording: &self.wording,
            main_goal: self.main_goal.as_deref(),
            when: &self.when,
        };
        let rows = answers
            .into_iter()
            .map(|answer| answer_row(answer, &context));
        let records: Vec<Record> = rows.map(|row| self.record(&row)).collect();
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        match self.format {
            Format::Csv => csv_part(&records, is_first).map(Some),
            Format::Json => json_part(&records, is_first, is_last).map(Some),
        }
    }

    fn record(&self, row: &AnswerRow) -> Record {
        let answer = &row.answer;
        let reasons = answer.reasons();
        let named = self.names.reasons.iter();
        let named = named.filter(|reason| reasons.contains(&reason.id));
        Record {
            answer: answer.impression_id.to_string(),
            answered_at: row.at_machine.clone(),
            prompt: row.prompt.clone(),
            version: answer.prompt_version,
            moment: answer.asked_at.clone(),
            said: row.said.iter().map(SaidRecord::of).collect(),
            reasons: named.map(|reason| reason.name.clone()).collect(),
            tags: answer.tags.iter().map(|tag| tag.name.clone()).collect(),
            starred: answer.is_starred,
            complete: answer.is_complete,
            late: answer.is_late,
            test: answer.is_test,
            automated: answer.is_automated,
            converted: answer.converted().as_str(),
            converted_at: answer.converted_at.map(|at| self.when.machine(at)),
            device: answer.device.clone(),
            language: answer.language.clone(),
            replay_url: answer.replay_url.clone(),
            fields: answer.fields.clone(),
        }
    }
}

/// One answer of the file.
#[derive(Serialize)]
struct Record {
    answer: String,
    answered_at: String,
    prompt: String,
    version: i32,
    moment: String,
    said: Vec<SaidRecord>,
    reasons: Vec<String>,
    tags: Vec<String>,
    starred: bool,
    complete: bool,
    late: bool,
    test: bool,
    automated: bool,
    converted: &'static str,
    converted_at: Option<String>,
    device: String,
    language: Option<String>,
    replay_url: Option<String>,
    fields: BTreeMap<String, String>,
}

/// What was said to one question.
#[derive(Serialize)]
struct SaidRecord {
    question: String,
    chosen: Vec<String>,
    words: String,
}

impl SaidRecord {
    fn of(said: &Said) -> Self {
        Self {
            question: said.question.clone(),
            chosen: said.chosen.clone(),
            words: said.comment.clone(),
        }
    }

    fn line(&self) -> String {
        let said = [self.chosen.join(" · "), self.words.clone()];
        let said: Vec<String> = said.into_iter().filter(|text| !text.is_empty()).collect();
        format!("{}: {}", self.question, said.join(" · "))
    }
}

impl Record {
    fn cells(&self) -> [String; COLUMNS.len()] {
        let first = self.said.first();
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let more: Vec<String> = self.said.iter().skip(1).map(SaidRecord::line).collect();
        let fields = self.fields.iter();
        let fields: Vec<String> = fields
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        [
            self.answer.clone(),
            self.answered_at.clone(),
            self.prompt.clone(),
            self.version.to_string(),
            self.moment.clone(),
            text(first.map(|said| &said.question)),
            first
                .map(|said| said.chosen.join(" · "))
                .unwrap_or_default(),
            text(first.map(|said| &said.words)),
            more.join("\n"),
            self.reasons.join("; "),
            self.tags.join(", "),
            self.starred.to_string(),
            self.complete.to_string(),
            self.late.to_string(),
            self.test.to_string(),
            self.automated.to_string(),
            self.converted.to_owned(),
            text(self.converted_at.as_ref()),
            self.device.clone(),
            text(self.language.as_ref()),
            text(self.replay_url.as_ref()),
            fields.join("\n"),
        ]
    }
}

fn csv_part(records: &[Record], is_first: bool) -> AppResult<Vec<u8>> {
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(vec![]);
    let wrong = |error: ::csv::Error| AppError::Internal(error.into());
    if is_first {
        writer.write_record(COLUMNS).map_err(wrong)?;
    }
    for record in records {
        let cells = record.cells().map(harmless);
        writer.write_record(cells).map_err(wrong)?;
    }
    let written = writer.into_inner();
    written.map_err(|error| AppError::Internal(error.into_error().into()))
}

fn json_part(records: &[Record], is_first: bool, is_last: bool) -> AppResult<Vec<u8>> {
    let mut part = if is_first { "{\"answers\":[" } else { "" }.to_owned();
    for (index, record) in records.iter().enumerate() {
        part.push_str(if is_first && index == 0 { "\n" } else { ",\n" });
        let text = serde_json::to_string(record);
        part.push_str(&text.map_err(|error| AppError::Internal(error.into()))?);
    }
    if is_last {
        part.push_str("\n]}\n");
    }
    Ok(part.into_bytes())
}

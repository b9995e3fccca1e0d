//! Forms, field by field: what visits did with each, where those stopped that went no further.
//!
//! Of visits that have ended: their figures are written when they are settled (`ingest/fields.rs`).

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use super::period::{Period, known_within};
use crate::{
    db::Db,
    error::AppResult,
    goal::{self, types::Recount},
    site::{
        calendar,
        types::{Site, SiteKind},
    },
    stats::Rate,
    types::{Millis, VisitId},
};

/// Forms and fields that are read, those of most visits first: anybody can send a page's events, with names of any number.
const MOST: usize = 100;
/// Times are counted by this, ms: an honest figure is no finer, and equal times are one row.
const GRAIN: Millis = 100;

/// The forms of one site over one period.
#[derive(Clone, Debug, Default)]
pub struct Forms {
    /// Each with its visits, most first.
    pub forms: Vec<(String, i64)>,
    /// The one that was asked for, else the first.
    pub chosen: Option<FormFigures>,
    /// Visits of automated browsers with the chosen form that do not count.
    pub automated: i64,
    /// How far visits were counted again since the last change of goals.
    pub recount: Option<Recount>,
}

/// A form.
#[derive(Clone, Debug)]
pub struct FormFigures {
    /// Its key.
    pub form: String,
    /// Visits with one of its fields.
    pub visits: i64,
    /// Of these, those that started it, did not complete it, and were in a field last.
    pub abandoned: i64,
    /// In the order in which visitors come to them; those last to which nobody went.
    pub fields: Vec<FieldFigures>,
}

/// A field of a form. All counts are visits.
#[derive(Clone, Debug, Default)]
pub struct FieldFigures {
    /// Its name; empty for all those that are never named, of which only visits, `left` and `returned` are known.
    pub field: String,
    /// That went there, had it filled in by their browser, or were told that it is wrong.
    pub visits: i64,
    /// That were there last, of those that left the form.
    pub left: Rate,
    /// Attention, the median of those that went there.
    pub active_ms: Option<Millis>,
    /// From the focus to the first change, the median of those that changed it.
    pub hesitation_ms: Option<Millis>,
    /// That changed it, whose hesitation is known.
    pub hesitated: i64,
    /// That went back to it from another field.
    pub returned: Rate,
    /// That deleted something.
    pub deleted: Rate,
    /// That pasted something.
    pub pasted: Rate,
    /// That had it filled in by their browser.
    pub autofilled: Rate,
    /// That were told that it is wrong.
    pub wrong: Rate,
    /// That left it not empty.
    pub filled: Rate,
}

#[derive(Debug, FromQueryResult)]
struct FormRow {
    form: String,
    is_automated: bool,
    visits: i64,
    abandoned: i64,
}

#[derive(Debug, FromQueryResult)]
struct FieldRow {
    field: String,
    visits: i64,
    entered: i64,
    positions: i64,
    n_last: i64,
    returned: i64,
    deleted: i64,
    pasted: i64,
    autofilled: i64,
    wrong: i64,
    filled: i64,
}

/// So many visits had this time, in [`GRAIN`].
#[derive(Debug, FromQueryResult)]
struct TimeRow {
    field: String,
    time: i64,
    n: i64,
}

/// Loads the report of a form, and without one of that which most visits came to.
pub async fn load(db: &Db, site: &Site, period: &Period, form: Option<&str>) -> AppResult<Forms> {
    let with_automated = site.kind == SiteKind::Demo || period.automated;
    let tx = db.snapshot().await?;
    let of = Visits {
        tx: &tx,
        site,
        period,
        with_automated,
    };
    let rows: Vec<FormRow> = of.read(&forms_sql(), None).await?;
    let (counted, left_out): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| with_automated || !row.is_automated);
    let forms = merged(counted);
    let asked = match form {
        Some(key) => forms.iter().find(|it| it.form == key),
        None => forms.first(),
    };
    let chosen = match asked {
        Some(form) => Some(of.figures(form).await?),
        None => None,
    };
    let recount = goal::store::recount::find(&tx, site.id).await?;
    tx.commit().await?;
    let automated = left_out.iter().filter(|row| {
        let chosen = chosen.as_ref();
        chosen.is_none_or(|chosen| chosen.form == row.form)
    });
    Ok(Forms {
        automated: automated.map(|row| row.visits).max().unwrap_or_default(),
        forms: forms.into_iter().map(|it| (it.form, it.visits)).collect(),
        chosen,
        recount,
    })
}

/// Automated browsers and others together, most visits first.
fn merged(rows: Vec<FormRow>) -> Vec<FormRow> {
    let mut forms: BTreeMap<String, FormRow> = BTreeMap::new();
    for row in rows {
        match forms.get_mut(&row.form) {
            Some(form) => {
                form.visits += row.visits;
                form.abandoned += row.abandoned;
            }
            None => drop(forms.insert(row.form.clone(), row)),
        }
    }
    let mut forms: Vec<FormRow> = forms.into_values().collect();
    forms.sort_by_key(|form| std::cmp::Reverse(form.visits));
    forms
}

/// How many rows hold `condition`.
fn count(condition: &str, name: &str) -> String {
    format!("CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT) AS {name}")
}

const OF_VISITS: &str = "FROM visit_fields f
    JOIN visits v ON v.site_id = f.site_id AND v.id = f.visit_id
    WHERE f.site_id = $1 AND f.visit_id BETWEEN $4 AND $5 AND v.day BETWEEN $2 AND $3 AND NOT v.is_test AND v.pages > 0";

fn forms_sql() -> String {
    let abandoned = count("f.is_last", "abandoned");
    format!(
        "SELECT f.form, v.is_automated, COUNT(DISTINCT f.visit_id) AS visits, {abandoned} {OF_VISITS} GROUP BY 1, 2 ORDER BY 3 DESC LIMIT {MOST}"
    )
}

fn fields_sql() -> String {
    let counts = [
        ("f.focuses > 0", "entered"),
        ("f.is_last", "n_last"),
        ("f.returns > 0", "returned"),
        ("f.deletes > 0", "deleted"),
        ("f.is_pasted", "pasted"),
        ("f.is_autofilled", "autofilled"),
        ("f.errors > 0", "wrong"),
        ("f.is_filled", "filled"),
    ];
    let counts = counts.map(|(condition, name)| count(condition, name));
    format!(
        "SELECT f.field, COUNT(*) AS visits, CAST(SUM(f.position) AS BIGINT) AS positions, {} {OF_VISITS} AND f.form = $6",
        counts.join(", ")
    )
}

fn times_sql(column: &str, condition: &str) -> String {
    format!(
        "SELECT f.field, {column} / {GRAIN} AS time, COUNT(*) AS n {OF_VISITS} AND f.form = $6 AND {condition}"
    )
}

/// The visits that count.
struct Visits<'a, Db> {
    tx: &'a Db,
    site: &'a Site,
    period: &'a Period,
    with_automated: bool,
}

impl<Db: ConnectionTrait> Visits<'_, Db> {
    async fn read<Row: FromQueryResult>(
        &self,
        sql: &str,
        form: Option<&str>,
    ) -> AppResult<Vec<Row>> {
        let (from, to) = (self.period.from, self.period.to);
        let (earliest, latest) = known_within(from, to, &self.site.time_zone);
        let values: [Value; 5] = [
            self.site.id.into(),
            calendar::number(from).into(),
            calendar::number(to).into(),
            VisitId::first_of(earliest).into(),
            VisitId::first_of(latest).into(),
        ];
        let values = values.into_iter().chain(form.map(Value::from));
        let backend = self.tx.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        Ok(Row::find_by_statement(statement).all(self.tx).await?)
    }

    /// Of one form, without the automated browsers that do not count.
    async fn of_form<Row: FromQueryResult>(
        &self,
        sql: &str,
        form: &str,
        group: &str,
    ) -> AppResult<Vec<Row>> {
        let people = match self.with_automated {
            true => "",
            false => " AND NOT v.is_automated",
        };
        let sql = format!("{sql}{people} GROUP BY {group}");
        self.read(&sql, Some(form)).await
    }

    async fn figures(&self, form: &FormRow) -> AppResult<FormFigures> {
        let key = &form.form;
        let group = format!("1 ORDER BY 2 DESC LIMIT {MOST}");
        let mut rows: Vec<FieldRow> = self.of_form(&fields_sql(), key, &group).await?;
        let active = times_sql("f.active_ms", "f.focuses > 0 AND f.field <> ''");
        let active = medians(self.of_form(&active, key, "1, 2").await?);
        let hesitation = times_sql("f.hesitation_ms", "f.hesitation_ms IS NOT NULL");
        let hesitation = medians(self.of_form(&hesitation, key, "1, 2").await?);
        rows.sort_by(|left, right| place(left).total_cmp(&place(right)));
        let fields = rows.into_iter().map(|row| {
            let of_visits = |k| Rate::new(k, row.visits);
            let is_named = !row.field.is_empty();
            let of_named = |k| {
                if is_named {
                    of_visits(k)
                } else {
                    Rate::default()
                }
            };
            let hesitation = hesitation.get(&row.field);
            FieldFigures {
                visits: row.visits,
                left: Rate::new(row.n_last, form.abandoned),
                active_ms: active.get(&row.field).map(|(median, _)| *median),
                hesitation_ms: hesitation.map(|(median, _)| *median),
                hesitated: hesitation.map_or(0, |(_, n)| *n),
                returned: of_visits(row.returned),
                deleted: of_named(row.deleted),
                pasted: of_named(row.pasted),
                autofilled: of_named(row.autofilled),
                wrong: of_named(row.wrong),
                filled: of_named(row.filled),
                field: row.field,
            }
        });
        Ok(FormFigures {
            form: key.clone(),
            visits: form.visits,
            abandoned: form.abandoned,
            fields: fields.collect(),
        })
    }
}

/// The how-manieth field of the form it is on average; behind all others where nobody went.
fn place(row: &FieldRow) -> f64 {
    match row.entered {
        0 => f64::INFINITY,
        entered => row.positions as f64 / entered as f64,
    }
}

/// The median of each field in ms, and of how many visits.
fn medians(mut rows: Vec<TimeRow>) -> BTreeMap<String, (Millis, i64)> {
    rows.sort_by_key(|row| row.time);
    let mut fields: BTreeMap<String, Vec<(i64, i64)>> = BTreeMap::new();
    for row in rows {
        fields.entry(row.field).or_default().push((row.time, row.n));
    }
    let median = |(field, times): (String, Vec<(i64, i64)>)| {
        let n: i64 = times.iter().map(|(_, n)| n).sum();
        let nth = |place: i64| {
            let mut before = 0;
            let found = times.iter().find(|(_, n)| {
                before += n;
                before >= place
            });
            found.map_or(0, |(time, _)| *time)
        };
        // Of an even number the mean of the two in the middle.
        let twice = nth((n + 1) / 2) + nth(n / 2 + 1);
        (field, (twice * GRAIN / 2, n))
    };
    fields.into_iter().map(median).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_or_the_mean_of_two() {
        let of = |times: &[(i64, i64)]| {
            let row = |(time, n): &(i64, i64)| TimeRow {
                field: "mail".into(),
                time: *time,
                n: *n,
            };
            medians(times.iter().map(row).collect())["mail"]
        };
        assert_eq!(of(&[(7, 1)]), (700, 1));
        assert_eq!(of(&[(30, 1), (10, 1)]), (2_000, 2));
        assert_eq!(of(&[(30, 1), (20, 1), (10, 1)]), (2_000, 3));
        assert_eq!(of(&[(90, 2), (10, 3)]), (1_000, 5));
        assert_eq!(of(&[(11, 3), (10, 3)]), (1_050, 6));
    }
}

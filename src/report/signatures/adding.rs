//! Rows of a table of sums, while they are added up from packs. Pure.

use std::{collections::HashMap, fmt::Write, sync::Arc};

use foldhash::fast::RandomState;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::packed::Days;
use crate::ingest::{pack::Listed, sums::Sums};

/// What the dimension says that visits are told apart by.
#[derive(Default)]
pub(super) struct Values {
    places: HashMap<String, u32>,
    all: Vec<String>,
}

impl Values {
    /// All of them as JSON, by their places.
    pub(super) fn as_json(&self) -> Arc<[String]> {
        let all = self.all.iter();
        all.map(|it| Json::from(it.as_str()).to_string()).collect()
    }

    /// The place of a value, at which it is put in if it is not there.
    pub(super) fn place(&mut self, value: &str) -> u32 {
        if let Some(place) = self.places.get(value) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.places.insert(value.to_owned(), place);
        self.all.push(value.to_owned());
        place
    }
}

/// Whose rows are added up together: the place of what the dimension says, and automated browsers or the others.
pub(super) type Group = (u32, bool);

/// What a row is told apart by: under which day it stands, its group, and the place of its keys.
type Alike = (i32, Group, usize);

/// Rows of a table that are being added up.
pub(super) struct Adding<'a> {
    pub(super) sums: &'static Sums,
    under: &'a Days,
    days: Vec<i32>,
    keys: HashMap<String, usize>,
    rows: Rows,
}

/// They may be a hundred thousand, each met on every day: none has memory of its own.
#[derive(Debug, PartialEq, Eq)]
struct Rows {
    /// Where the sums of each begin.
    places: HashMap<Alike, usize, RandomState>,
    sums: Vec<i64>,
}

impl Rows {
    fn add(&mut self, alike: Alike, sums: &[i64]) {
        let next = self.sums.len();
        let begin = *self.places.entry(alike).or_insert(next);
        if begin == next {
            self.sums.extend(sums);
            return;
        }
        for (sum, more) in self.sums.iter_mut().skip(begin).zip(sums) {
            *sum += more;
        }
    }
}

/// The sums of one group on one day, by the place of the keys.
struct OfGroup {
    /// Numbers in a row.
    width: usize,
    sums: Vec<i64>,
    /// Keys that have any.
    met: Vec<usize>,
}

impl OfGroup {
    fn add(&mut self, keys: usize, sums: &[i64], n: i64) {
        let begin = keys * self.width;
        let Some(row) = self.sums.get_mut(begin..begin + self.width) else {
            return;
        };
        // The first is a number of visits or decisions: a row without any is none.
        if row.first() == Some(&0) {
            self.met.push(keys);
        }
        for (sum, more) in row.iter_mut().zip(sums) {
            *sum += more * n;
        }
    }

    /// Adds them to others, and is empty.
    fn move_to(&mut self, rows: &mut Rows, under: i32, group: Group) {
        for keys in self.met.drain(..) {
            let begin = keys * self.width;
            if let Some(row) = self.sums.get_mut(begin..begin + self.width) {
                rows.add((under, group, keys), row);
                row.fill(0);
            }
        }
    }
}

/// How many visits of a group come to the same list: there are fewer lists than visits.
struct Met {
    /// By the place of the list.
    visits: Vec<i64>,
    /// Lists that have any.
    lists: Vec<usize>,
}

impl Met {
    fn new(lists: usize) -> Self {
        Self {
            visits: vec![0; lists],
            lists: vec![],
        }
    }

    fn count(&mut self, list: Option<usize>) {
        let Some((list, visits)) = list.and_then(|list| Some((list, self.visits.get_mut(list)?)))
        else {
            return;
        };
        if *visits == 0 {
            self.lists.push(list);
        }
        *visits += 1;
    }

    /// Tells each list and its visits, and has none.
    fn drain(&mut self, mut each: impl FnMut(usize, i64)) {
        for list in self.lists.drain(..) {
            if let Some(visits) = self.visits.get_mut(list) {
                each(list, std::mem::take(visits));
            }
        }
    }
}

impl<'a> Adding<'a> {
    pub(super) fn new((sums, under): (&'static Sums, &'a Days)) -> Self {
        Self {
            sums,
            under,
            days: vec![],
            keys: HashMap::new(),
            rows: Rows {
                places: HashMap::default(),
                sums: vec![],
            },
        }
    }

    /// Whether any day was added.
    pub(super) fn has_days(&self) -> bool {
        !self.days.is_empty()
    }

    /// Adds the visits of a day that are asked for, those of a group together.
    pub(super) fn add(&mut self, day: i32, visits: &[(Group, u32)], listed: &Listed<'_>) {
        self.days.push(day);
        let keys: Vec<usize> = listed.rows.iter().map(|(it, _)| self.place(it)).collect();
        let mut of_group = OfGroup {
            width: self.sums.packed().count(),
            sums: vec![0; self.keys.len() * self.sums.packed().count()],
            met: vec![],
        };
        let under = self.under.of(day);
        let mut met = Met::new(listed.lists.len());
        for group in visits.chunk_by(|one, next| one.0 == next.0) {
            for (_, visit) in group {
                met.count(listed.place(*visit));
            }
            met.drain(|list, n| {
                for row in listed.lists.get(list).into_iter().flatten() {
                    if let Some(((_, sums), keys)) = listed.rows.get(*row).zip(keys.get(*row)) {
                        of_group.add(*keys, sums, n);
                    }
                }
            });
            if let Some((group, _)) = group.first() {
                of_group.move_to(&mut self.rows, under, *group);
            }
        }
    }

    fn place(&mut self, keys: &str) -> usize {
        let next = self.keys.len();
        match self.keys.get(keys) {
            Some(place) => *place,
            None => *self.keys.entry(keys.to_owned()).or_insert(next),
        }
    }

    /// What was added up. What stands under a day before the first one that is asked for stands under that.
    pub(super) fn done(self, first: i32, values: &Arc<[String]>) -> Table {
        let mut keys = vec![String::new(); self.keys.len()];
        for (mut text, place) in self.keys {
            if let Some(key) = keys.get_mut(place) {
                text.truncate(text.trim_end_matches('}').len());
                *key = text;
            }
        }
        Table {
            name: self.sums.table,
            days: self.days,
            first,
            keys,
            values: Arc::clone(values),
            packed: self.sums.packed().collect(),
            rows: self.rows,
        }
    }
}

/// Rows of a table that are added up. Each is written when it is read: as text all of them would take several times their memory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Of these days.
    pub(super) days: Vec<i32>,
    first: i32,
    /// JSON objects without their end.
    keys: Vec<String>,
    /// JSON texts.
    values: Arc<[String]>,
    /// Names of what is added up.
    packed: Vec<&'static str>,
    rows: Rows,
}

impl Table {
    /// The rows, read one by one.
    pub(super) fn read<R: DeserializeOwned>(&self) -> serde_json::Result<Vec<R>> {
        let mut text = String::new();
        let mut all = Vec::with_capacity(self.rows.places.len());
        for (alike, begin) in &self.rows.places {
            text.clear();
            self.write(&mut text, *alike, *begin);
            all.push(serde_json::from_str(&text)?);
        }
        Ok(all)
    }

    /// All of them, a JSON array.
    pub(super) fn text(&self) -> String {
        let mut text = String::from("[");
        for (alike, begin) in &self.rows.places {
            if text.len() > 1 {
                text.push(',');
            }
            self.write(&mut text, *alike, *begin);
        }
        text.push(']');
        text
    }

    /// Writes the row whose sums begin there.
    fn write(&self, text: &mut String, (day, (value, is_automated), key): Alike, begin: usize) {
        let value = usize::try_from(value)
            .ok()
            .and_then(|it| self.values.get(it));
        let key = self.keys.get(key).map_or("{", String::as_str);
        let value = value.map_or("\"\"", String::as_str);
        let day = day.max(self.first);
        // Writing to text cannot fail.
        let _ = write!(
            text,
            "{key},\"day\":{day},\"value\":{value},\"is_automated\":{is_automated}"
        );
        let sums = self.packed.iter().zip(self.rows.sums.iter().skip(begin));
        for (name, sum) in sums.filter(|(_, sum)| **sum != 0) {
            let _ = write!(text, ",\"{name}\":{sum}");
        }
        text.push('}');
    }
}

//! Packs of a day: what its settled visits say, and the rows of sums that each of them comes to. Pure.
//!
//! Reports that tell visits apart by several things, or by one of too many values for the sums, need not read the visits: they add up
//! the rows of those that are asked for. A pack has a part for each dimension, for each table of sums, and for the stamps of its visits,
//! which stand in the same order in all of them.
//!
//! Bytes of a part: [`FORMAT`]; how many visits; the different values, counted, each behind its length; then the place of each visit's
//! value among them, of one, two or four bytes. Numbers are of four bytes, the lowest first. In the part of a table the values are lists
//! of rows, by their places among the different rows, which stand before all this: the sums, of eight bytes each, and the keys.

use std::collections::HashMap;

use super::{cube::Dimension, sums::Sums};

/// Parts of another format are as good as none.
const FORMAT: u8 = 1;
/// Bytes of a sum.
const WIDE: usize = 8;

/// A part of a pack.
#[derive(Clone, Copy)]
pub enum Part {
    /// What decides whether a visit is asked for, beside what the dimensions say: [`Stamp`].
    Stamps,
    /// What a dimension says.
    Says(Dimension),
    /// The rows of a table.
    Rows(&'static Sums),
}

impl Part {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stamps => "stamps",
            Self::Says(dimension) => dimension.as_str(),
            Self::Rows(sums) => sums.table,
        }
    }
}

/// What decides whether a visit is asked for, whatever the dimensions say of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Whether the browser was automated.
    pub is_automated: bool,
    /// Version of the definitions it was counted by.
    pub version: i32,
    /// Bits of the goals reached.
    pub mask: i64,
}

impl Stamp {
    /// As it stands in a part.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.is_automated)];
        bytes.extend(self.version.to_le_bytes());
        bytes.extend(self.mask.to_le_bytes());
        bytes
    }

    /// Reads one; `None` when it is broken.
    pub fn of_bytes(mut bytes: &[u8]) -> Option<Self> {
        let [automated] = *take(&mut bytes)?;
        Some(Self {
            is_automated: automated == 1,
            version: i32::from_le_bytes(*take(&mut bytes)?),
            mask: i64::from_le_bytes(*take(&mut bytes)?),
        })
    }
}

/// Different values, each once.
#[derive(Default)]
struct Values {
    places: HashMap<Vec<u8>, u32>,
    /// Each behind its length.
    bytes: Vec<u8>,
}

impl Values {
    /// The place of a value, at which it is put in if it is not there.
    fn place(&mut self, value: &[u8]) -> u32 {
        if let Some(place) = self.places.get(value) {
            return *place;
        }
        let place = number(self.places.len());
        self.places.insert(value.into(), place);
        self.bytes.extend(number(value.len()).to_le_bytes());
        self.bytes.extend(value);
        place
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(number(self.places.len()).to_le_bytes());
        bytes.extend(&self.bytes);
    }
}

/// What visits say, one after the other.
#[derive(Default)]
pub struct Column {
    values: Values,
    places: Vec<u32>,
}

impl Column {
    /// Adds what the next visit says.
    pub fn add(&mut self, value: &[u8]) {
        let place = self.values.place(value);
        self.places.push(place);
    }

    /// The part.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        self.write(&mut bytes);
        bytes
    }

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(number(self.places.len()).to_le_bytes());
        self.values.write(bytes);
        let width = width(self.values.places.len());
        for place in self.places {
            bytes.extend(place.to_le_bytes().iter().take(width));
        }
    }
}

/// The rows of a table to which visits come, in whatever order.
pub struct Lists {
    rows: Values,
    /// Of each visit the places of its rows.
    of_visits: Vec<Vec<u8>>,
}

impl Lists {
    /// Of so many visits.
    pub fn new(visits: usize) -> Self {
        Self {
            rows: Values::default(),
            of_visits: vec![vec![]; visits],
        }
    }

    /// Adds a row of a visit.
    pub fn add(&mut self, visit: usize, keys: &str, sums: &[i64]) {
        let mut row: Vec<u8> = sums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
        row.extend(keys.as_bytes());
        let place = self.rows.place(&row);
        if let Some(list) = self.of_visits.get_mut(visit) {
            list.extend(place.to_le_bytes());
        }
    }

    /// The part.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        self.rows.write(&mut bytes);
        let mut lists = Column::default();
        for list in &self.of_visits {
            lists.add(list);
        }
        lists.write(&mut bytes);
        bytes
    }
}

/// A part that is read: what each visit says.
#[derive(Debug, PartialEq, Eq)]
pub struct Said<'a> {
    /// The different values.
    pub values: Vec<&'a [u8]>,
    /// For each visit the place of its value.
    pub places: Vec<usize>,
}

impl<'a> Said<'a> {
    /// Reads a part; `None` when it is of another format, or broken.
    pub fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let [FORMAT] = *take(bytes)? else {
            return None;
        };
        Self::of(bytes)
    }

    fn of(bytes: &mut &'a [u8]) -> Option<Self> {
        let visits = count(bytes)?;
        let values = values(bytes)?;
        let width = width(values.len());
        let places = cut(bytes, visits.checked_mul(width)?)?;
        let places: Vec<usize> = match width {
            1 => places.iter().copied().map(usize::from).collect(),
            2 => {
                let (places, _) = places.as_chunks();
                let places = places.iter().copied().map(u16::from_le_bytes);
                places.map(usize::from).collect()
            }
            _ => {
                let (places, _) = places.as_chunks();
                let places = places.iter().copied().map(u32::from_le_bytes);
                places.map(usize::try_from).collect::<Result<_, _>>().ok()?
            }
        };
        if places.iter().any(|place| *place >= values.len()) {
            return None;
        }
        Some(Self { values, places })
    }
}

/// The part of a table that is read.
#[derive(Debug, PartialEq, Eq)]
pub struct Listed<'a> {
    /// The different rows: their keys and sums.
    pub rows: Vec<(&'a str, Vec<i64>)>,
    /// The different lists of rows, by their places.
    pub lists: Vec<Vec<usize>>,
    /// For each visit the place of its list.
    pub places: Vec<usize>,
}

impl<'a> Listed<'a> {
    /// Reads a part with so many sums in a row; `None` when it is of another format, or broken.
    pub fn read(mut bytes: &'a [u8], sums: usize) -> Option<Self> {
        let bytes = &mut bytes;
        let [FORMAT] = *take(bytes)? else {
            return None;
        };
        let rows: Option<Vec<_>> = values(bytes)?
            .into_iter()
            .map(|row| row_of(row, sums))
            .collect();
        let rows = rows?;
        let said = Said::of(bytes)?;
        let lists: Option<Vec<_>> = said
            .values
            .iter()
            .map(|list| list_of(list, rows.len()))
            .collect();
        Some(Self {
            rows,
            lists: lists?,
            places: said.places,
        })
    }
}

impl Listed<'_> {
    /// The place of the list of a visit.
    pub fn place(&self, visit: u32) -> Option<usize> {
        self.places.get(usize::try_from(visit).ok()?).copied()
    }
}

fn row_of(row: &[u8], sums: usize) -> Option<(&str, Vec<i64>)> {
    let (sums, keys) = row.split_at_checked(sums * WIDE)?;
    let (sums, _) = sums.as_chunks();
    let sums = sums.iter().map(|sum| i64::from_le_bytes(*sum)).collect();
    Some((std::str::from_utf8(keys).ok()?, sums))
}

fn list_of(list: &[u8], rows: usize) -> Option<Vec<usize>> {
    let (places, _) = list.as_chunks();
    let places = places.iter().map(|place| {
        let place = usize::try_from(u32::from_le_bytes(*place)).ok()?;
        (place < rows).then_some(place)
    });
    places.collect()
}

/// A count: none of them comes near to four billion.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Bytes of a place among so many.
fn width(values: usize) -> usize {
    match values {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

/// Takes so many bytes from the front.
fn cut<'a>(bytes: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (front, rest) = bytes.split_at_checked(n)?;
    *bytes = rest;
    Some(front)
}

fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    cut(bytes, N)?.try_into().ok()
}

fn count(bytes: &mut &[u8]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(*take(bytes)?)).ok()
}

/// Takes values, each behind its length, behind their number.
fn values<'a>(bytes: &mut &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let n = count(bytes)?;
    let value = |_| {
        let n = count(bytes)?;
        cut(bytes, n)
    };
    (0..n).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_visit_says_comes_back_however_many_there_are() {
        for n in [0, 1, 256, 257, 65_536, 65_537] {
            let said: Vec<String> = (0..n).map(|n| format!("ä{n}")).collect();
            let mut column = Column::default();
            for value in &said {
                column.add(value.as_bytes());
            }
            let bytes = column.into_bytes();

            let read = Said::read(&bytes).unwrap();

            let back = read.places.iter().map(|place| read.values[*place]);
            assert!(back.eq(said.iter().map(String::as_bytes)));
        }
    }

    #[test]
    fn stamps_come_back() {
        for n in 0..20 {
            let stamp = Stamp {
                is_automated: n % 2 == 0,
                version: n - 5,
                mask: i64::MIN >> n,
            };
            assert_eq!(Stamp::of_bytes(&stamp.to_bytes()), Some(stamp));
        }
        assert_eq!(Stamp::of_bytes(&[1, 2, 3]), None);
    }

    type Row = (String, Vec<i64>);

    /// Rows of 300 visits: of each as many as its number has left over by three.
    fn lists() -> (Lists, Vec<Vec<Row>>) {
        let mut lists = Lists::new(300);
        let mut all = vec![vec![]; 300];
        for row in 0..3 {
            for visit in (0..300).filter(|visit| visit % 3 > row) {
                let (keys, sums) = (format!("ä{}", visit % 7), vec![i64::MAX >> row, -1]);
                lists.add(visit, &keys, &sums);
                all[visit].push((keys, sums));
            }
        }
        (lists, all)
    }

    #[test]
    fn the_rows_of_each_visit_come_back() {
        let (lists, all) = lists();
        let bytes = lists.into_bytes();

        let read = Listed::read(&bytes, 2).unwrap();

        let rows = |place: &usize| -> Vec<Row> {
            let rows = read.lists[*place].iter().map(|row| &read.rows[*row]);
            rows.map(|(keys, sums)| (String::from(*keys), sums.clone()))
                .collect()
        };
        let back: Vec<_> = read.places.iter().map(rows).collect();
        assert_eq!(back, all);
    }

    #[test]
    fn what_is_broken_is_no_part() {
        let mut column = Column::default();
        for n in 0..300 {
            column.add(format!("{n}").as_bytes());
        }
        let column = column.into_bytes();
        for end in 0..column.len() {
            assert_eq!(Said::read(&column[..end]), None, "{end}");
        }
        let lists = lists().0.into_bytes();
        for end in 0..lists.len() {
            assert_eq!(Listed::read(&lists[..end], 2), None, "{end}");
        }
        // Rows that are too short for so many sums.
        assert_eq!(Listed::read(&lists, 3), None);
        // The place of the last visit's value is none.
        for n in [3, 300, 65_537] {
            let mut column = Column::default();
            for n in 0..n {
                column.add(format!("{n}").as_bytes());
            }
            let mut column = column.into_bytes();
            *column.last_mut().unwrap() = 0xff;
            let second = column.len() - 2;
            column[second] = 0xff;
            assert_eq!(Said::read(&column), None, "{n}");
        }
        for mut other in [column, lists] {
            other[0] += 1;
            assert_eq!(Said::read(&other), None);
            assert_eq!(Listed::read(&other, 2), None);
        }
    }
}

//! The pack of a day: what its settled visits say and came to, column by column. Pure.
//!
//! Reports that tell visits apart by several things, or by one of too many values for the sums, need not read the visits.
//!
//! Bytes: [`FORMAT`], then how many visits (numbers are of four bytes, the lowest first), then columns until the end: its name and its
//! different values, counted, each behind its length; then the place of each visit's value among them, of one, two or four bytes. The
//! last column holds what visits came to ([`Outcome`]).

use std::collections::HashMap;

use super::cube::Dimension;

/// Packs of another format are as good as none.
const FORMAT: u8 = 1;
/// The name of the last column.
const OUTCOMES: &[u8] = b"";

/// What a visit came to, as far as the overview counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the browser was automated.
    pub is_automated: bool,
    /// Whether it opened a page: whoever only answered a question by its link did not.
    pub has_pages: bool,
    /// Whether it reached the main goal.
    pub is_converted: bool,
    /// Version of the definitions it was counted by.
    pub version: i32,
    /// Bits of the goals reached.
    pub mask: i64,
    /// Cards with an answer.
    pub answers: u8,
    /// Of questions that wait for a moment: those that opened.
    pub opened: u8,
    /// Of these, those with an answer.
    pub answered: u8,
}

impl Outcome {
    fn to_bytes(self) -> Vec<u8> {
        let flags = [self.is_automated, self.has_pages, self.is_converted].map(u8::from);
        let mut bytes = flags.to_vec();
        bytes.extend(self.version.to_le_bytes());
        bytes.extend(self.mask.to_le_bytes());
        bytes.extend([self.answers, self.opened, self.answered]);
        bytes
    }

    fn of_bytes(mut bytes: &[u8]) -> Option<Self> {
        let [automated, pages, converted] = *take(&mut bytes)?;
        let (version, mask) = (*take(&mut bytes)?, *take(&mut bytes)?);
        let [answers, opened, answered] = *take(&mut bytes)?;
        Some(Self {
            is_automated: automated == 1,
            has_pages: pages == 1,
            is_converted: converted == 1,
            version: i32::from_le_bytes(version),
            mask: i64::from_le_bytes(mask),
            answers,
            opened,
            answered,
        })
    }
}

/// Packs visits one after the other.
pub struct Packer {
    visits: u32,
    /// What each dimension says, in their order, and the outcomes.
    columns: Vec<Filling>,
}

#[derive(Default)]
struct Filling {
    places: HashMap<Vec<u8>, u32>,
    /// Each behind its length.
    values: Vec<u8>,
    codes: Vec<u32>,
}

impl Default for Packer {
    fn default() -> Self {
        let columns = Dimension::ALL.iter().map(|_| Filling::default());
        Self {
            visits: 0,
            columns: columns.chain([Filling::default()]).collect(),
        }
    }
}

impl Packer {
    /// Adds a visit, of which the dimensions say this in their order.
    pub fn add(&mut self, says: &[String], outcome: Outcome) {
        self.visits += 1;
        let outcome = outcome.to_bytes();
        let says = says.iter().map(String::as_bytes);
        for (column, value) in self.columns.iter_mut().zip(says.chain([&outcome[..]])) {
            column.add(value);
        }
    }

    /// The pack.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend(self.visits.to_le_bytes());
        let names = Dimension::ALL.iter().map(|it| it.as_str().as_bytes());
        for (name, column) in names.chain([OUTCOMES]).zip(self.columns) {
            put(&mut bytes, name);
            column.write(&mut bytes);
        }
        bytes
    }
}

impl Filling {
    fn add(&mut self, value: &[u8]) {
        let code = match self.places.get(value) {
            Some(code) => *code,
            None => {
                let code = number(self.places.len());
                self.places.insert(value.into(), code);
                put(&mut self.values, value);
                code
            }
        };
        self.codes.push(code);
    }

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(number(self.places.len()).to_le_bytes());
        bytes.extend(self.values);
        let width = width(self.places.len());
        for code in self.codes {
            bytes.extend(code.to_le_bytes().iter().take(width));
        }
    }
}

/// Writes bytes behind their length.
fn put(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.extend(number(value.len()).to_le_bytes());
    bytes.extend(value);
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

/// A pack that is read.
pub struct Pack<'a> {
    columns: Vec<(&'a [u8], Column<'a>)>,
}

/// A column of a pack.
pub struct Column<'a> {
    values: Vec<&'a [u8]>,
    /// Places of the values, as they stand.
    codes: &'a [u8],
}

impl<'a> Pack<'a> {
    /// Reads a pack; `None` when it is of another format, or broken.
    pub fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let [format] = *take(bytes)?;
        let visits = count(bytes)?;
        let mut columns = vec![];
        while format == FORMAT && !bytes.is_empty() {
            let name = counted(bytes)?;
            let n = count(bytes)?;
            let values: Option<Vec<_>> = (0..n).map(|_| counted(bytes)).collect();
            let codes = cut(bytes, visits.checked_mul(width(n))?)?;
            let values = values?;
            columns.push((name, Column { values, codes }));
        }
        Some(Self { columns })
    }

    /// What the dimension says; `None` when the pack is from before there was this one.
    pub fn column(&self, dimension: Dimension) -> Option<&Column<'a>> {
        self.named(dimension.as_str().as_bytes())
    }

    /// What the visits came to: each outcome once, and its place for each visit.
    pub fn outcomes(&self) -> Option<(Vec<Outcome>, Vec<usize>)> {
        let column = self.named(OUTCOMES)?;
        let outcomes: Option<_> = column
            .values
            .iter()
            .map(|it| Outcome::of_bytes(it))
            .collect();
        Some((outcomes?, column.places()?))
    }

    fn named(&self, name: &[u8]) -> Option<&Column<'a>> {
        let mut columns = self.columns.iter();
        columns
            .find(|(it, _)| *it == name)
            .map(|(_, column)| column)
    }
}

impl<'a> Column<'a> {
    /// The different values; what is no text is empty.
    pub fn values(&self) -> impl Iterator<Item = &'a str> {
        let values = self.values.iter();
        values.map(|value| std::str::from_utf8(value).unwrap_or_default())
    }

    /// The place of a value; `None` when no visit has it.
    pub fn place_of(&self, value: &str) -> Option<usize> {
        self.values.iter().position(|it| *it == value.as_bytes())
    }

    /// For each visit the place of its value; `None` when the pack is broken.
    pub fn places(&self) -> Option<Vec<usize>> {
        let number = |code: &[u8]| {
            let bytes = code.iter().rev();
            bytes.fold(0, |sum, byte| sum << 8 | usize::from(*byte))
        };
        let values = self.values.len();
        let places = self.codes.chunks_exact(width(values)).map(number);
        places
            .map(|place| (place < values).then_some(place))
            .collect()
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

fn counted<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let n = count(bytes)?;
    cut(bytes, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the dimensions say of visit `n`: the last one says something else of each, in one byte, two or more.
    fn says(n: usize) -> Vec<String> {
        let last = Dimension::ALL.len() - 1;
        let said = |place| if place == last { n } else { n % (place + 1) };
        (0..=last)
            .map(|place| format!("ä{}", said(place)))
            .collect()
    }

    fn outcome(n: usize) -> Outcome {
        Outcome {
            is_automated: n.is_multiple_of(2),
            has_pages: n.is_multiple_of(3),
            is_converted: n.is_multiple_of(5),
            version: -1 - i32::from(n.is_multiple_of(7)),
            mask: i64::MAX >> (n % 5),
            answers: 255,
            opened: u8::from(n.is_multiple_of(2)),
            answered: 3,
        }
    }

    #[test]
    fn every_visit_comes_back_however_many_there_are() {
        for n in [0, 1, 256, 257, 65_536, 65_537] {
            let mut packer = Packer::default();
            for n in 0..n {
                packer.add(&says(n), outcome(n));
            }
            let bytes = packer.into_bytes();

            let pack = Pack::read(&bytes).unwrap();

            let (outcomes, places) = pack.outcomes().unwrap();
            assert_eq!(places.len(), n);
            for (nth, place) in places.iter().enumerate() {
                assert_eq!(outcomes[*place], outcome(nth));
            }
            for (place, dimension) in Dimension::ALL.iter().enumerate() {
                let column = pack.column(*dimension).unwrap();
                let values: Vec<&str> = column.values().collect();
                let places = column.places().unwrap();
                assert_eq!(places.len(), n);
                // A prime number of them is passed over each time, and none of the last.
                for nth in (0..n).step_by(211).chain(n.saturating_sub(3)..n) {
                    assert_eq!(values[places[nth]], says(nth)[place]);
                    assert_eq!(column.place_of(values[places[nth]]), Some(places[nth]));
                }
            }
        }
    }

    #[test]
    fn what_is_broken_is_no_pack() {
        let mut packer = Packer::default();
        for n in 0..300 {
            packer.add(&says(n), outcome(n));
        }
        let bytes = packer.into_bytes();

        for end in 0..bytes.len() {
            let is_whole = Pack::read(&bytes[..end]).is_some_and(|it| it.outcomes().is_some());
            assert!(!is_whole, "{end}");
        }
        let mut other = bytes;
        other[0] += 1;
        assert!(Pack::read(&other).is_none_or(|it| it.outcomes().is_none()));
    }
}

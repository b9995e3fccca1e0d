//! A quote that is opened and not closed. The CSV reader would take all that follows for one cell, or what stands before the next quote.

use std::io::{Error, ErrorKind, Read, Result};

/// A quoted cell of more bytes is one whose end is missing.
const LONGEST: usize = 1024 * 1024;

/// A file that is read up to such a quote, and then fails with its line.
pub(super) struct Quotes<R> {
    file: R,
    line: u64,
    place: Place,
    /// Whether its first line ends as on Windows; before its end it is not known.
    ends_in_two: Option<bool>,
    last: u8,
    /// Line of the quote.
    open: Option<u64>,
}

/// Where in a cell the next byte stands.
#[derive(Clone, Copy)]
enum Place {
    /// At its beginning.
    Begin,
    /// Where a quote is a letter.
    Plain,
    /// In quotes since this line, and so many bytes.
    Quoted(u64, usize),
    /// Behind a quote in quotes: they end there, or it was the first of two.
    Behind(u64, usize),
}

impl<R> Quotes<R> {
    pub(super) fn of(file: R) -> Self {
        Self {
            file,
            line: 1,
            place: Place::Begin,
            ends_in_two: None,
            last: 0,
            open: None,
        }
    }

    /// Bytes of a line's end that the reader finds before the next line: it takes the first of two for the end.
    pub(super) fn left_of_end(&self) -> u64 {
        self.ends_in_two.map_or(0, u64::from)
    }

    /// Where the next byte stands, or the line of a quote that was not closed.
    fn after(&self, byte: u8) -> std::result::Result<Place, u64> {
        Ok(match (self.place, byte) {
            (Place::Quoted(since, n), b'"') => Place::Behind(since, n),
            (Place::Quoted(since, LONGEST..), _) => return Err(since),
            (Place::Quoted(since, n), _) | (Place::Behind(since, n), b'"') => {
                Place::Quoted(since, n + 1)
            }
            (_, b',' | b'\n' | b'\r') => Place::Begin,
            (Place::Begin, b'"') => Place::Quoted(self.line, 0),
            // Text behind a quote some lines later: that one opens another cell.
            (Place::Behind(since, _), _) if since < self.line => return Err(since),
            _ => Place::Plain,
        })
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        if let Some(line) = self.open {
            return Err(not_closed(line));
        }
        let n = self.file.read(bytes)?;
        if let (0, false, Place::Quoted(since, _)) = (n, bytes.is_empty(), self.place) {
            return Err(not_closed(since));
        }
        for (place, byte) in bytes.iter().take(n).enumerate() {
            match self.after(*byte) {
                Ok(next) => self.place = next,
                Err(line) if place == 0 => return Err(not_closed(line)),
                // What stands before it is read first.
                Err(line) => {
                    self.open = Some(line);
                    return Ok(place);
                }
            }
            if *byte == b'\n' {
                self.line += 1;
                self.ends_in_two.get_or_insert(self.last == b'\r');
            }
            self.last = *byte;
        }
        Ok(n)
    }
}

fn not_closed(line: u64) -> Error {
    let what = "a quote is opened and not closed; close it, or write it twice where it is a part of a quoted text";
    Error::new(
        ErrorKind::InvalidData,
        format!("line {line}: {what}. Nothing was imported"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads so many bytes at a time.
    fn read(text: &str, at_a_time: usize) -> std::result::Result<String, String> {
        let mut quotes = Quotes::of(text.as_bytes());
        let (mut read, mut bytes) = (vec![], vec![0; at_a_time]);
        loop {
            match quotes.read(&mut bytes) {
                Ok(0) => return Ok(String::from_utf8(read).unwrap()),
                Ok(n) => read.extend(bytes.iter().take(n)),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    #[test]
    fn what_is_closed_is_read_as_it_is() {
        let long = format!("a,\"{}\"\n", "x\n".repeat(LONGEST / 4));
        for text in [
            "",
            "a,b\nc,d",
            "\"a\",\"b\"\r\n\"c, \"\"d\"\"\",\"\"\n\"\"",
            "a,\"two\nlines\"\nb,\"\"\"quoted\"\"\"\n",
            // Quotes in the middle of a cell are letters.
            "5\" nail,it's 7\"\nb,\"c\"d\n",
            &long,
        ] {
            for at_a_time in [1, 3, 8_192] {
                assert_eq!(read(text, at_a_time).as_deref(), Ok(text));
            }
        }
    }

    #[test]
    fn what_is_not_closed_is_named_with_the_line_where_it_was_opened() {
        let long = format!("a\n\n\"b{}\"\n", "x,y\n".repeat(LONGEST / 4));
        for text in [
            "a\nb\nc,\"d",
            "a\nb\nc,\"d\ne,f\n",
            "a\n\"b\n\"\nc,\"d\ne,\"f\"\n",
            "a\nb\n\"c\nd,\"\"\n",
            &long,
        ] {
            for at_a_time in [1, 3, 8_192] {
                let why = read(text, at_a_time).unwrap_err();
                let line = if text.starts_with("a\n\"b") { 4 } else { 3 };
                assert!(why.starts_with(&format!("line {line}: a quote")), "{why}");
            }
        }
    }
}

//! Whether a text is a CSS selector that a browser reads: one that it does not would find nothing for ever. Pure.
//!
//! By the grammar of Selectors Level 4, and stricter where that forgives: brackets and quotes are closed, and no list is empty.

/// Bytes of the longest one that is read: brackets in brackets are read by calls in calls.
const LONGEST: usize = 1_000;

/// Whether browsers read it. What it finds is known on the page alone.
pub fn is_selector(text: &str) -> bool {
    let mut rest = Rest(text.trim());
    text.len() <= LONGEST && rest.list().is_some() && rest.0.is_empty()
}

/// What is still to be read; each step tells `None` where it finds something else.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn next(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn skip(&mut self) -> Option<char> {
        let mut signs = self.0.chars();
        let skipped = signs.next();
        self.0 = signs.as_str();
        skipped
    }

    fn take(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// Signs as long as they are of the kind.
    fn take_while(&mut self, is_one: impl Fn(char) -> bool) -> &'a str {
        let left = self.0.trim_start_matches(is_one);
        let (taken, left) = self.0.split_at(self.0.len() - left.len());
        self.0 = left;
        taken
    }

    /// Tells whether there were any.
    fn spaces(&mut self) -> bool {
        !self
            .take_while(|sign| sign.is_ascii_whitespace())
            .is_empty()
    }

    /// Selectors with commas between, up to the end or a bracket.
    fn list(&mut self) -> Option<()> {
        loop {
            self.spaces();
            self.complex()?;
            self.spaces();
            if self.take(",").is_none() {
                return Some(());
            }
        }
    }

    /// `.a > b c`.
    fn complex(&mut self) -> Option<()> {
        self.compound()?;
        loop {
            let is_apart = self.spaces();
            let is_joined = [">", "+", "~"].iter().any(|sign| self.take(sign).is_some());
            if is_joined {
                self.spaces();
            } else if !is_apart || matches!(self.next(), None | Some(',' | ')')) {
                return Some(());
            }
            self.compound()?;
        }
    }

    /// `a.b[c]:d`: of at least one part, a name only at its beginning.
    fn compound(&mut self) -> Option<()> {
        let mut has_part = self.take("*").is_some() || self.name().is_some();
        loop {
            match self.next() {
                Some('#' | '.') => {
                    self.skip();
                    self.name()?;
                }
                Some('[') => self.attribute()?,
                Some(':') => self.pseudo()?,
                _ => return has_part.then_some(()),
            }
            has_part = true;
        }
    }

    fn name(&mut self) -> Option<()> {
        let before = self.0;
        let dashes = self.take_while(|sign| sign == '-').len();
        let begins = |sign: char| sign.is_ascii_alphabetic() || sign == '_' || !sign.is_ascii();
        let is_begun = dashes > 1 || self.next().is_some_and(|sign| begins(sign) || sign == '\\');
        if !is_begun {
            self.0 = before;
            return None;
        }
        loop {
            self.take_while(|sign| begins(sign) || sign == '-' || sign.is_ascii_digit());
            if self.take("\\").is_none() {
                return Some(());
            }
            self.escaped()?;
        }
    }

    /// What stands behind `\`: any sign, or the number of one and a space.
    fn escaped(&mut self) -> Option<()> {
        let first = self.skip()?;
        if first.is_ascii_hexdigit() {
            self.take_while(|sign| sign.is_ascii_hexdigit());
            let _end = self.take(" ");
        }
        Some(())
    }

    /// `[name]`, `[name^="value" i]`.
    fn attribute(&mut self) -> Option<()> {
        self.take("[")?;
        self.spaces();
        self.name()?;
        self.spaces();
        if self.next() != Some(']') {
            let _kind = ["~", "|", "^", "$", "*"]
                .iter()
                .find_map(|kind| self.take(kind));
            self.take("=")?;
            self.spaces();
            match self.next() {
                Some('"' | '\'') => self.quoted()?,
                _ => self.name()?,
            }
            self.spaces();
            let _flag = self.take("i").or_else(|| self.take("s"));
            self.spaces();
        }
        self.take("]")
    }

    fn quoted(&mut self) -> Option<()> {
        let quote = self.skip()?;
        loop {
            match self.skip()? {
                '\\' => drop(self.skip()?),
                sign if sign == quote => return Some(()),
                _ => {}
            }
        }
    }

    /// `:name`, `::name`, `:name(…)`.
    fn pseudo(&mut self) -> Option<()> {
        self.take(":")?;
        let _second = self.take(":");
        let before = self.0;
        self.name()?;
        let (name, _) = before.split_at(before.len() - self.0.len());
        if self.take("(").is_none() {
            return Some(());
        }
        match name.to_ascii_lowercase().as_str() {
            "is" | "not" | "where" => self.list()?,
            _ => self.argument()?,
        }
        self.take(")")
    }

    /// What stands in brackets, with what is in it closed.
    fn argument(&mut self) -> Option<()> {
        let mut is_empty = true;
        loop {
            match self.next()? {
                ')' => return (!is_empty).then_some(()),
                '"' | '\'' => self.quoted()?,
                '[' => self.attribute()?,
                ']' => return None,
                '(' => {
                    self.take("(")?;
                    self.argument()?;
                    self.take(")")?;
                }
                _ => drop(self.skip()),
            }
            is_empty = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_read_is_one() {
        for text in [
            ".thank-you",
            "#plans .card",
            "*",
            "a",
            "  div > p + p ~ em  ",
            "a,b , c",
            "main.wide#top[data-x]:hover",
            "[data-id=x1]",
            "[ href ^= \"/a]b,\" i ]",
            "[title='it\\'s']",
            "li:nth-child(2n + 1)",
            "p::first-line",
            ":not(.a, #b > c)",
            ":has(> img[alt=\"(\"])",
            ".md\\:flex",
            "#\\31 23",
            "#größe",
            "._x.--y.-z",
            "button:not([disabled]):is(.a, .b)",
        ] {
            assert!(is_selector(text), "{text}");
        }
    }

    #[test]
    fn what_no_browser_reads_is_none() {
        for text in [
            "",
            " ",
            "##",
            "#",
            ".",
            "a..b",
            ".1a",
            "#1",
            "> a",
            "a >",
            "a > > b",
            "a,",
            ",a",
            "a,,b",
            "[",
            "[]",
            "[a",
            "a]",
            "[a=]",
            "[a==b]",
            "[a=\"b]",
            "[a=1]",
            "a:",
            "a:not(",
            ":not()",
            ":not(##)",
            "a)",
            ":nth-child(2",
            "a\\",
            "div { color: red }",
            "a!b",
            "<a>",
            "100%",
        ] {
            assert!(!is_selector(text), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_not_read() {
        for part in [":not(", ":a((", "a "] {
            assert!(!is_selector(&part.repeat(20_000)), "{part}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_to_an_end(text in "[a#.:,>()\\[\\]\"'\\\\ =*é-]{0,24}") {
            let _ = is_selector(&text);
        }
    }
}

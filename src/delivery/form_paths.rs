//! On which pages each form of a site was seen.

use std::collections::{BTreeSet, HashMap};

use crate::goal::types::matches_pattern;

/// Pairs of a form and a page: as many as are stored for a site.
const MOST: usize = 500;

/// Paths by form.
#[derive(Debug, Default)]
pub(super) struct FormPaths {
    paths: HashMap<String, BTreeSet<String>>,
    /// How many in all: a form on every page, or a path with a number in it, would otherwise grow for as long as the site is up.
    pairs: usize,
}

impl FormPaths {
    /// Notes that the form was seen on the page, while there is room.
    pub(super) fn note(&mut self, form: &str, path: &str) {
        if self.pairs >= MOST || self.is_known(form, path) {
            return;
        }
        let paths = self.paths.entry(form.to_owned()).or_default();
        paths.insert(path.to_owned());
        self.pairs += 1;
    }

    /// Whether there is nothing to be noted.
    pub(super) fn is_settled(&self, form: &str, path: &str) -> bool {
        self.pairs >= MOST || self.is_known(form, path)
    }

    /// Whether a form of that pattern was seen on the page.
    pub(super) fn holds(&self, pattern: &str, path: &str) -> bool {
        let mut forms = self.paths.iter();
        forms.any(|(form, paths)| matches_pattern(pattern, form) && paths.contains(path))
    }

    fn is_known(&self, form: &str, path: &str) -> bool {
        self.paths
            .get(form)
            .is_some_and(|paths| paths.contains(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_on_every_page_takes_no_more_room_than_many_forms() {
        let mut one = FormPaths::default();
        let mut many = FormPaths::default();
        for n in 0..2 * MOST {
            one.note("newsletter", &format!("/orders/{n}"));
            one.note("newsletter", "/orders/0");
            many.note(&format!("form {n}"), "/");
        }

        let pairs = |noted: &FormPaths| noted.paths.values().map(BTreeSet::len).sum::<usize>();
        assert_eq!((pairs(&one), pairs(&many)), (MOST, MOST));
        assert!(one.holds("newsletter", "/orders/0"));
        assert!(!one.holds("newsletter", &format!("/orders/{MOST}")));
    }
}

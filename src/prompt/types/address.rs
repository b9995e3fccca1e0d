//! On which addresses a prompt may ask. Pure.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::{
    goal::types::{matches_pattern, normal_path},
    text_enum,
};

/// Bytes that a compiled pattern may take: a long list of names fits, a pattern that repeats itself a thousand times does not.
const MAX_COMPILED: usize = 1 << 18;

text_enum!(
    /// How an address is compared.
    AddressKind {
        /// The whole of it.
        Equals = "equals", "is";
        /// Any part of it.
        Contains = "contains", "contains";
        /// Its beginning.
        StartsWith = "starts_with", "begins with";
        /// Its end.
        EndsWith = "ends_with", "ends with";
        /// The whole of it; `*` stands for any characters.
        Wildcard = "wildcard", "matches, with *";
        /// Any part of it, by a regular expression.
        Regex = "regex", "matches the expression";
    }
);

impl AddressKind {
    /// The words on the screen for the opposite.
    pub fn denial(self) -> &'static str {
        match self {
            Self::Equals => "is not",
            Self::Contains => "does not contain",
            Self::StartsWith => "does not begin with",
            Self::EndsWith => "does not end with",
            Self::Wildcard => "does not match, with *",
            Self::Regex => "does not match the expression",
        }
    }
}

text_enum!(
    /// How several rules are joined.
    Join {
        /// One of them has to hold.
        Any = "any", "any of them holds";
        /// Each of them has to hold.
        All = "all", "all of them hold";
    }
);

/// A rule over the address of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredRule")]
pub struct AddressRule {
    /// How it is compared.
    pub kind: AddressKind,
    /// Holds where the comparison fails.
    pub not: bool,
    /// With what.
    pub text: String,
    /// Compared with the path and the query parameters that `text` names, instead of the path alone.
    pub with_query: bool,
}

/// A rule as it may lie in a stored design: before there were kinds of rules, it was a path pattern.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredRule {
    Pattern(String),
    Rule {
        kind: AddressKind,
        not: bool,
        text: String,
        with_query: bool,
    },
}

impl From<StoredRule> for AddressRule {
    fn from(stored: StoredRule) -> Self {
        match stored {
            StoredRule::Pattern(pattern) => Self::pattern(&pattern),
            StoredRule::Rule {
                kind,
                not,
                text,
                with_query,
            } => Self {
                kind,
                not,
                text,
                with_query,
            },
        }
    }
}

impl AddressRule {
    /// The paths of a pattern in which `*` stands for any characters.
    pub fn pattern(path: &str) -> Self {
        Self {
            kind: AddressKind::Wildcard,
            not: false,
            text: path.to_owned(),
            with_query: false,
        }
    }

    /// Whether it holds for a path and its query, which begins behind the question mark.
    pub fn holds(&self, path: &str, query: &str) -> bool {
        let address = self.compared(path, query);
        let text = self.text.as_str();
        let is_met = match self.kind {
            AddressKind::Equals => normal_address(text) == address,
            AddressKind::Contains => address.contains(text),
            AddressKind::StartsWith => address.starts_with(text),
            AddressKind::EndsWith => address.ends_with(text),
            AddressKind::Wildcard => matches_pattern(&normal_address(text), &address),
            AddressKind::Regex => compile(text).is_ok_and(|pattern| pattern.is_match(&address)),
        };
        is_met != self.not
    }

    /// Names of the query parameters that the rule compares, in its order.
    pub fn parameters(&self) -> Vec<&str> {
        if self.with_query {
            parameters(&self.text)
        } else {
            vec![]
        }
    }

    /// What the rule is compared with: without the parameters that it does not name, and those in its order.
    pub fn compared(&self, path: &str, query: &str) -> String {
        let path = normal_path(path);
        let parts = self.parameters().into_iter().filter_map(|name| {
            query
                .split('&')
                .find(|part| part.split('=').next() == Some(name))
        });
        match parts.collect::<Vec<_>>().join("&") {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// A path pattern that holds wherever the rule does, for the widget: `*` stands for any characters.
    pub fn hint(&self) -> String {
        let path = match self.text.split_once('?') {
            Some((path, _)) if self.with_query => path,
            _ => &self.text,
        };
        let is_in_path = !self.with_query || self.text.contains('?');
        match self.kind {
            _ if self.not || !is_in_path => "*".into(),
            AddressKind::Equals | AddressKind::Wildcard => path.into(),
            AddressKind::StartsWith => format!("{}*", path.trim_end_matches('/')),
            AddressKind::Contains if !self.with_query => format!("*{path}*"),
            AddressKind::EndsWith if !self.with_query => format!("*{path}"),
            _ => "*".into(),
        }
    }
}

/// The rule's own text, compared as an address is: without a trailing slash of its path.
fn normal_address(text: &str) -> String {
    match text.split_once('?') {
        Some((path, query)) => format!("{}?{query}", normal_path(path)),
        None => normal_path(text).to_owned(),
    }
}

/// Names of query parameters: what stands before each equals sign.
pub fn parameters(text: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut names = vec![];
    for (at, _) in text.match_indices('=') {
        let before = &text[..at];
        let start = before.rfind(|c| !is_name(c)).map_or(0, |last| {
            // The letter behind a backslash belongs to the expression: `\bplan=`.
            let is_escape = before[last..].starts_with('\\');
            last + 1 + usize::from(is_escape)
        });
        let name = before.get(start..).unwrap_or_default();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Reads a regular expression; it is matched in linear time and takes little memory, whoever wrote it.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(MAX_COMPILED)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "This expression is too large: shorten it.".into(),
            error => {
                let last = error.to_string();
                let last = last.lines().last().unwrap_or_default();
                let why = last.trim_start_matches("error: ");
                format!("This is no regular expression: {why}.")
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: AddressKind, text: &str) -> AddressRule {
        AddressRule {
            kind,
            not: false,
            text: text.into(),
            with_query: text.contains('='),
        }
    }

    #[test]
    fn each_kind_compares_what_its_name_says() {
        use AddressKind::{Contains, EndsWith, Equals, Regex, StartsWith, Wildcard};
        let cases = [
            (Equals, "/pricing", "/pricing", "", true),
            (Equals, "/pricing/", "/pricing", "utm_source=x", true),
            (Equals, "/pricing", "/pricing/teams", "", false),
            (Equals, "/", "/", "", true),
            (Contains, "ric", "/pricing", "", true),
            (Contains, "Ric", "/pricing", "", false),
            (StartsWith, "/pricing", "/pricing/teams", "", true),
            (StartsWith, "/pricing", "/blog/pricing", "", false),
            (EndsWith, "/teams", "/pricing/teams", "", true),
            (EndsWith, "/teams", "/teams/all", "", false),
            (Wildcard, "/p*/teams", "/pricing/teams", "", true),
            (Wildcard, "/p*/teams", "/pricing", "", false),
            (Regex, r"^/orders/\d+$", "/orders/12", "", true),
            (Regex, r"^/orders/\d+$", "/orders/x", "", false),
            (Regex, "(", "/(", "", false),
            // The rule's own parameters only, in its order, whatever else the address has.
            (Equals, "/p?plan=pro", "/p", "utm_source=x&plan=pro", true),
            (Equals, "/p?plan=pro", "/p", "plan=team", false),
            (Equals, "/p?plan=pro", "/p", "", false),
            (Equals, "/p?a=1&b=2", "/p", "b=2&c=3&a=1", true),
            (Contains, "plan=pro", "/p", "my-plan=pro", false),
            (Contains, "plan=", "/p", "plan=", true),
            (StartsWith, "/p?plan=t", "/p", "plan=team", true),
            (EndsWith, "plan=team", "/p", "plan=team", true),
            (Wildcard, "*?plan=*", "/any", "plan=x", true),
            (Regex, r"\bplan=(pro|team)$", "/p", "x=1&plan=team", true),
            (Regex, r"\bplan=(pro|team)$", "/p", "x=plan=team", false),
        ];
        for (kind, text, path, query, holds) in cases {
            let rule = rule(kind, text);
            assert_eq!(rule.holds(path, query), holds, "{rule:?} on {path}?{query}");
            let not = AddressRule { not: true, ..rule };
            assert_eq!(not.holds(path, query), !holds, "{not:?} on {path}?{query}");
        }
    }

    #[test]
    fn parameters_are_named_before_an_equals_sign() {
        assert_eq!(parameters("/p?plan=pro&seats=5"), ["plan", "seats"]);
        assert_eq!(parameters(r"[?&]plan=(pro|team)"), ["plan"]);
        assert_eq!(parameters(r"\bplan=\d+&q-1.x_y=$"), ["plan", "q-1.x_y"]);
        assert_eq!(parameters("(?:plan|tier)="), Vec::<&str>::new());
        assert_eq!(parameters("=x&=y&a=1&a=2"), ["a"]);
    }

    #[test]
    fn an_expression_that_grows_without_bound_is_refused() {
        assert!(
            compile(r"(\w{100}){100}")
                .unwrap_err()
                .contains("too large")
        );
        let error = compile("/a(b").unwrap_err();
        assert_eq!(error, "This is no regular expression: unclosed group.");
    }

    #[test]
    fn a_stored_path_pattern_is_a_rule() {
        let rules: Vec<AddressRule> = serde_json::from_str(
            r#"["/signup*",{"kind":"equals","not":true,"text":"/","with_query":false}]"#,
        )
        .unwrap();

        assert_eq!(rules[0], AddressRule::pattern("/signup*"));
        let json = serde_json::to_string(&rules).unwrap();
        assert_eq!(
            serde_json::from_str::<Vec<AddressRule>>(&json).unwrap(),
            rules
        );
    }

    proptest::proptest! {
        #[test]
        fn wherever_a_rule_holds_its_hint_does(
            kind in proptest::sample::select(AddressKind::ALL),
            not: bool,
            text in "/?[a-c/?=*]{0,6}",
            path in "/[a-c/]{0,6}",
            query in "[a-c=&]{0,6}",
        ) {
            let rule = AddressRule { kind, not, with_query: text.contains('='), text };
            let is_hinted = matches_pattern(normal_path(&rule.hint()), normal_path(&path));
            proptest::prop_assert!(is_hinted || !rule.holds(&path, &query), "{:?}", rule.hint());
        }

        #[test]
        fn no_text_makes_a_rule_panic(text in ".{0,30}", path in ".{0,20}", query in ".{0,20}") {
            for kind in AddressKind::ALL {
                let rule = AddressRule { kind: *kind, not: false, text: text.clone(), with_query: true };
                let _ = (rule.holds(&path, &query), rule.hint(), rule.parameters().len());
            }
        }
    }
}

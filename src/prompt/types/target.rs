//! Whom to ask, and where. Pure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{AddressRule, Join, PropertyRule, SourceRule};
use crate::{text_enum, types::GoalId};

text_enum!(
    /// With what visitors come.
    DeviceRule {
        /// With anything.
        Any = "any", "Any device";
        /// With a mouse.
        Computer = "desktop", "Computers";
        /// Phones and tablets.
        Touch = "touch", "Phones and tablets";
    }
);

text_enum!(
    /// Whether they were here before, which is known only of visitors who agreed to be known again.
    VisitorRule {
        /// Whether or not that is known.
        Any = "any", "New and returning visitors";
        /// On the first visit.
        New = "new", "Only new visitors";
        /// On a later visit.
        Returning = "returning", "Only returning visitors";
    }
);

/// Whom to ask, and where. What is empty leaves nobody out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// Addresses on which it may ask; path patterns in older designs.
    #[serde(alias = "pages")]
    pub addresses: Vec<AddressRule>,
    /// How these are joined.
    pub addresses_join: Join,
    /// With what.
    pub device: DeviceRule,
    /// Whether they were here before.
    pub visitor: VisitorRule,
    /// The least number of a returning visitor's visit, from 2.
    pub least_visit: i32,
    /// Language tags; `en` stands for `en-GB` too.
    pub languages: Vec<String>,
    /// Where the visit came from: any of these.
    pub sources: Vec<SourceRule>,
    /// Goals that the visit must have reached, each of them.
    pub reached: Vec<GoalId>,
    /// Goals that the visit must not have reached, none of them.
    pub not_reached: Vec<GoalId>,
    /// Whether earlier visits count for both, which are known only of visitors who agreed to be known again.
    pub earlier_visits: bool,
    /// What the page said of the visit: each of these.
    pub properties: Vec<PropertyRule>,
}

impl Default for Target {
    fn default() -> Self {
        Self {
            addresses: vec![],
            addresses_join: Join::Any,
            device: DeviceRule::Any,
            visitor: VisitorRule::Any,
            least_visit: 2,
            languages: vec![],
            sources: vec![],
            reached: vec![],
            not_reached: vec![],
            earlier_visits: false,
            properties: vec![],
        }
    }
}

impl Target {
    /// Goals that it speaks of.
    pub fn goals(&self) -> impl Iterator<Item = &GoalId> {
        self.reached.iter().chain(&self.not_reached)
    }

    /// Whether the prompt may ask on this address.
    pub fn is_on_address(&self, path: &str, query: &str) -> bool {
        let mut rules = self.addresses.iter();
        self.addresses.is_empty()
            || match self.addresses_join {
                Join::Any => rules.any(|rule| rule.holds(path, query)),
                Join::All => rules.all(|rule| rule.holds(path, query)),
            }
    }

    /// Whether the browser's language is one of those asked for.
    pub fn is_in_language(&self, language: &str) -> bool {
        let is_of = |wanted: &String| {
            language
                .get(..wanted.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(wanted))
                && matches!(language.as_bytes().get(wanted.len()), None | Some(b'-'))
        };
        self.languages.is_empty() || self.languages.iter().any(is_of)
    }

    /// Whether a visit of this number is asked for; `None` where it takes a number and there is none.
    pub fn is_visit(&self, number: Option<i32>) -> Option<bool> {
        match self.visitor {
            VisitorRule::Any => Some(true),
            VisitorRule::New => Some(number? == 1),
            VisitorRule::Returning => Some(number? >= self.least_visit),
        }
    }

    /// Path patterns, at least one, of which one holds wherever the prompt may ask.
    pub fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = self.addresses.iter().map(AddressRule::hint).collect();
        if self.addresses_join == Join::All {
            // Each holds, so any one of them will do: the longest leaves out the most.
            hints.sort_by_key(String::len);
            hints.drain(..hints.len().saturating_sub(1));
        }
        if hints.is_empty() || hints.iter().any(|hint| hint == "*") {
            return vec!["*".into()];
        }
        hints
    }

    /// Names of the query parameters that its rules compare.
    pub fn parameters(&self) -> BTreeSet<&str> {
        self.addresses
            .iter()
            .flat_map(AddressRule::parameters)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::types::AddressKind;

    fn target(join: Join, rules: &[(AddressKind, bool, &str)]) -> Target {
        let rule = |(kind, not, text): &(AddressKind, bool, &str)| AddressRule {
            kind: *kind,
            not: *not,
            text: (*text).into(),
            with_query: text.contains('='),
        };
        Target {
            addresses: rules.iter().map(rule).collect(),
            addresses_join: join,
            ..Target::default()
        }
    }

    #[test]
    fn rules_are_joined_by_any_or_all() {
        let rules = [
            (AddressKind::StartsWith, false, "/shop"),
            (AddressKind::Contains, true, "checkout"),
        ];
        let on = |join, path: &str| target(join, &rules).is_on_address(path, "");

        assert!(on(Join::All, "/shop/shoes"));
        assert!(!on(Join::All, "/shop/checkout"));
        assert!(!on(Join::All, "/blog"));
        assert!(on(Join::Any, "/blog"));
        assert!(!on(Join::Any, "/checkout"));
        assert!(target(Join::All, &[]).is_on_address("/", ""));
    }

    #[test]
    fn the_widget_gets_patterns_that_leave_nothing_out() {
        use AddressKind::{Contains, Equals, Regex, StartsWith};
        let hints = |join, rules: &[_]| target(join, rules).hints();
        let shop = (StartsWith, false, "/shop");
        let not = (Contains, true, "checkout");

        assert_eq!(hints(Join::All, &[shop, not]), ["/shop*"]);
        assert_eq!(hints(Join::Any, &[shop, not]), ["*"]);
        assert_eq!(
            hints(Join::Any, &[shop, (Equals, false, "/")]),
            ["/shop*", "/"]
        );
        assert_eq!(hints(Join::Any, &[(Regex, false, "x")]), ["*"]);
        assert_eq!(hints(Join::Any, &[]), ["*"]);
        let query = [(Equals, false, "/p?plan=pro")];
        assert_eq!(hints(Join::Any, &query), ["/p"]);
        let asked = target(Join::Any, &query);
        assert_eq!(asked.parameters().into_iter().collect::<Vec<_>>(), ["plan"]);
    }

    #[test]
    fn a_language_stands_for_its_regions() {
        let target = Target {
            languages: vec!["en".into(), "de-CH".into()],
            ..Target::default()
        };
        for (language, is_in) in [
            ("en", true),
            ("EN-gb", true),
            ("eng", false),
            ("de", false),
            ("de-ch", true),
            ("", false),
        ] {
            assert_eq!(target.is_in_language(language), is_in, "{language}");
        }
        assert!(Target::default().is_in_language(""));
    }

    #[test]
    fn whether_they_were_here_before_may_be_unknown() {
        let is = |visitor, number| {
            let target = Target {
                visitor,
                least_visit: 3,
                ..Target::default()
            };
            target.is_visit(number)
        };
        assert_eq!(is(VisitorRule::Any, None), Some(true));
        assert_eq!(is(VisitorRule::New, None), None);
        assert_eq!(is(VisitorRule::New, Some(1)), Some(true));
        assert_eq!(is(VisitorRule::New, Some(2)), Some(false));
        assert_eq!(is(VisitorRule::Returning, None), None);
        assert_eq!(is(VisitorRule::Returning, Some(2)), Some(false));
        assert_eq!(is(VisitorRule::Returning, Some(3)), Some(true));
    }

    #[test]
    fn a_target_of_an_older_design_reads_back() {
        let target: Target = serde_json::from_str(r#"{"pages":["/signup"]}"#).unwrap();

        assert_eq!(target.addresses, [AddressRule::pattern("/signup")]);
        let json = serde_json::to_string(&target).unwrap();
        assert_eq!(serde_json::from_str::<Target>(&json).unwrap(), target);
    }
}

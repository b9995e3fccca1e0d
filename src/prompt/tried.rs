//! Why a prompt may or may not ask on an address that the owner tries. Pure.

use super::types::{AddressRule, Join, Target};

/// Whether the address matches, and by which rules.
pub fn explain(target: &Target, path: &str, query: &str) -> String {
    let (met, failed): (Vec<&AddressRule>, Vec<&AddressRule>) = target
        .addresses
        .iter()
        .partition(|rule| rule.holds(path, query));
    let is_match = target.is_on_address(path, query);
    let telling = match (is_match, target.addresses_join) {
        _ if target.addresses.is_empty() => {
            return "It matches, because it may ask on every page.".into();
        }
        (true, Join::Any) => met.get(..1).unwrap_or_default().to_vec(),
        (true, Join::All) => met,
        (false, Join::Any) => failed,
        (false, Join::All) => failed.get(..1).unwrap_or_default().to_vec(),
    };
    let why: Vec<String> = telling
        .into_iter()
        .map(|rule| {
            let is_said_so = rule.not != is_match;
            let words = if is_said_so {
                rule.kind.label()
            } else {
                rule.kind.denial()
            };
            format!("{} {words} {}", rule.compared(path, query), rule.text)
        })
        .collect();
    let matches = if is_match {
        "It matches"
    } else {
        "It does not match"
    };
    format!("{matches}, because {}.", why.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::types::AddressKind;

    #[test]
    fn the_rules_that_decide_are_named() {
        let rule = |kind, not, text: &str| AddressRule {
            kind,
            not,
            text: text.into(),
            with_query: text.contains('='),
        };
        let rules = [
            rule(AddressKind::StartsWith, false, "/shop"),
            rule(AddressKind::Contains, true, "checkout"),
            rule(AddressKind::Contains, false, "plan=pro"),
        ];
        let tell = |rules: &[AddressRule], join, path: &str, query: &str| {
            let target = Target {
                addresses: rules.to_vec(),
                addresses_join: join,
                ..Target::default()
            };
            explain(&target, path, query)
        };

        assert_eq!(
            tell(&[], Join::All, "/", ""),
            "It matches, because it may ask on every page."
        );
        assert_eq!(
            tell(&rules[..2], Join::All, "/shop/x", ""),
            "It matches, because /shop/x begins with /shop and /shop/x does not contain checkout."
        );
        assert_eq!(
            tell(&rules[..2], Join::All, "/shop/checkout", ""),
            "It does not match, because /shop/checkout contains checkout."
        );
        assert_eq!(
            tell(&rules[..1], Join::Any, "/blog", ""),
            "It does not match, because /blog does not begin with /shop."
        );
        assert_eq!(
            tell(&rules[2..], Join::Any, "/p", "a=1&plan=pro"),
            "It matches, because /p?plan=pro contains plan=pro."
        );
    }
}

//! Rules over what the page said of a visit: `exitpoll('set', {plan: 'pro'})`. Pure.

use serde::{Deserialize, Serialize};

use crate::{text_enum, types::Scalar};

text_enum!(
    /// How a property is compared.
    PropertyTest {
        /// The same text, or the same number. What is not set is nothing.
        Is = "is", "is";
        /// Anything else, or not set.
        IsNot = "is_not", "is not";
        /// Any part of its text.
        Contains = "contains", "contains";
        /// A number that is as large.
        AtLeast = "at_least", "is at least";
        /// A number that is no larger.
        AtMost = "at_most", "is at most";
        /// Anything.
        IsSet = "is_set", "is set";
        /// Nothing.
        IsNotSet = "is_not_set", "is not set";
    }
);

impl PropertyTest {
    /// Whether it compares with anything.
    pub fn has_value(self) -> bool {
        !matches!(self, Self::IsSet | Self::IsNotSet)
    }

    /// Whether it compares numbers.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::AtLeast | Self::AtMost)
    }
}

/// A rule over one property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyRule {
    /// Its name.
    pub name: String,
    /// How it is compared.
    pub test: PropertyTest,
    /// With what; empty where nothing is compared.
    pub value: String,
}

impl PropertyRule {
    /// Whether it holds for the value that the page set, if any.
    pub fn holds(&self, set: Option<&Scalar>) -> bool {
        let number = || Some((set?.as_number()?, self.value.trim().parse::<f64>().ok()?));
        let is = || match number() {
            Some((set, value)) => set == value,
            None => set.is_some_and(|set| set.to_string() == self.value),
        };
        match self.test {
            PropertyTest::Is => is(),
            PropertyTest::IsNot => !is(),
            PropertyTest::Contains => set.is_some_and(|set| set.to_string().contains(&self.value)),
            PropertyTest::AtLeast => number().is_some_and(|(set, value)| set >= value),
            PropertyTest::AtMost => number().is_some_and(|(set, value)| set <= value),
            PropertyTest::IsSet => set.is_some(),
            PropertyTest::IsNotSet => set.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_compares_what_its_name_says() {
        use PropertyTest::{AtLeast, AtMost, Contains, Is, IsNot, IsNotSet, IsSet};
        let text = |text: &str| Some(Scalar::Text(text.into()));
        let cases = [
            (Is, "pro", text("pro"), true),
            (Is, "pro", text("Pro"), false),
            (Is, "5", Some(Scalar::Whole(5)), true),
            (Is, "5.0", text("5"), true),
            (Is, "true", Some(Scalar::Bool(true)), true),
            (Is, "pro", None, false),
            (IsNot, "pro", text("team"), true),
            (IsNot, "pro", text("pro"), false),
            (IsNot, "pro", None, true),
            (Contains, "ro", text("pro"), true),
            (Contains, "ro", None, false),
            (AtLeast, "5", Some(Scalar::Whole(5)), true),
            (AtLeast, "5", Some(Scalar::Number(4.9)), false),
            (AtLeast, "5", text("many"), false),
            (AtLeast, "5", None, false),
            (AtMost, "5", text("5"), true),
            (AtMost, "5", Some(Scalar::Whole(6)), false),
            (IsSet, "", text(""), true),
            (IsSet, "", None, false),
            (IsNotSet, "", None, true),
            (IsNotSet, "", text("x"), false),
        ];
        for (test, value, set, holds) in cases {
            let rule = PropertyRule {
                name: "plan".into(),
                test,
                value: value.into(),
            };
            assert_eq!(rule.holds(set.as_ref()), holds, "{rule:?} of {set:?}");
        }
    }
}

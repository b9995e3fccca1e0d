//! What a property of an event must say. Pure; the widget compares the same (`filters.ts`).

use serde::{Deserialize, Serialize};

use crate::{text_enum, types::Scalar};

text_enum!(
    /// How a property of an event is compared.
    Comparison {
        /// The same.
        Equals = "equals", "is";
        /// A part of it.
        Contains = "contains", "contains";
        /// As numbers.
        Greater = "greater", "is more than";
        /// As numbers.
        Less = "less", "is less than";
    }
);

/// A property that an event must have.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Filter {
    /// Its name.
    pub property: String,
    /// How it is compared.
    pub is: Comparison,
    /// With what.
    pub value: String,
}

impl Comparison {
    /// Whether it compares numbers.
    pub fn is_of_numbers(self) -> bool {
        matches!(self, Self::Greater | Self::Less)
    }
}

impl Filter {
    /// Whether what the event says of the property is what it must say.
    pub fn holds(&self, said: &Scalar) -> bool {
        let numbers = || {
            let said = match said {
                Scalar::Bool(is_set) => f64::from(u8::from(*is_set)),
                said => said.as_number()?,
            };
            Some((said, self.value.trim().parse::<f64>().ok()?))
        };
        match self.is {
            Comparison::Equals => said.to_string() == self.value,
            Comparison::Contains => said.to_string().contains(&self.value),
            Comparison::Greater => numbers().is_some_and(|(said, value)| said > value),
            Comparison::Less => numbers().is_some_and(|(said, value)| said < value),
        }
    }

    /// `plan is pro`.
    pub fn words(&self) -> String {
        format!("{} {} {}", self.property, self.is.label(), self.value)
    }
}

//! What goes along with an answer without being asked: named by the owner, told by the page. Pure.

use serde::{Deserialize, Serialize};

use crate::text_enum;

text_enum!(
    /// Who tells it.
    FieldSource {
        /// A parameter of the address of a page of the visit.
        Address = "address", "the address";
        /// `exitpoll('set', …)`.
        Page = "page", "the page, by set";
        /// `exitpoll('show', …)`.
        Code = "code", "the code that shows it";
    }
);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenField {
    /// Its name, there and here.
    pub name: String,
    /// Who tells it.
    pub from: FieldSource,
}

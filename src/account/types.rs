//! Who signs in. Pure.

use crate::{
    clock::{DAY, HOUR},
    text_enum,
    types::{MemberId, Millis},
};

text_enum!(
    /// What a member may do. Members other than the owner come with invitations.
    Role {
        /// May do everything.
        Owner = "owner", "Owner";
    }
);

text_enum!(
    /// What a one-time link is for.
    LinkPurpose {
        /// The first sign-in of an instance.
        Setup = "setup", "Set-up";
        /// A new password.
        Reset = "reset", "New password";
    }
);

/// How long a one-time link works.
pub const LINK_LIFE: Millis = HOUR;
/// A session ends when it has not been used for so long,
pub const SESSION_IDLE: Millis = 12 * HOUR;
/// and in any case after so long.
pub const SESSION_LIFE: Millis = 7 * DAY;

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The member.
    pub id: MemberId,
    /// In lower case.
    pub email: String,
    /// What the member may do.
    pub role: Role,
}

/// An e-mail address as it is compared: trimmed, lower case. `None` when it cannot be one.
pub fn normal_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (name, host) = email.rsplit_once('@')?;
    let is_plausible = !name.is_empty()
        && host.len() > 1
        && email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    is_plausible.then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_lower_case() {
        assert_eq!(
            normal_email(" Anna@Shop.example ").as_deref(),
            Some("anna@shop.example")
        );
        for wrong in ["", "anna", "@shop.example", "anna@", "an na@shop.example"] {
            assert_eq!(normal_email(wrong), None, "{wrong}");
        }
    }
}

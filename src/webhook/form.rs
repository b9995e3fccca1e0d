//! A webhook as an owner posts it.

use serde::Deserialize;

use super::{Reach, types::Webhook};
use crate::error::FieldErrors;

/// Longest address.
const MAX_URL: usize = 2_000;

/// Address and switch, as they were posted; fields that are missing are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebhookForm {
    /// Where to send.
    pub url: String,
    /// Any value when ticked.
    pub enabled: String,
}

impl WebhookForm {
    /// The form that shows a stored webhook.
    pub fn of(webhook: &Webhook) -> Self {
        let enabled = if webhook.is_enabled { "1" } else { "" };
        Self {
            url: webhook.url.clone(),
            enabled: enabled.into(),
        }
    }

    /// Reads address and switch, or says what would be right.
    pub fn parse(&self, reach: Reach) -> Result<(String, bool), FieldErrors> {
        let url = match reach.read(&self.url) {
            _ if self.url.len() > MAX_URL => Err(format!("Use at most {MAX_URL} characters")),
            read => read,
        };
        match url {
            Ok(url) => Ok((url.into(), !self.enabled.is_empty())),
            Err(message) => Err(FieldErrors::one("url", message)),
        }
    }
}

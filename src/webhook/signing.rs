//! Signatures of Standard Webhooks: HMAC-SHA-256 over `id.timestamp.body`. Pure.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::types::Webhook;
use crate::{
    clock::SECOND,
    secret,
    types::{DeliveryId, Millis},
};

/// Headers of a message sent at `at`. While an old secret counts there are two signatures, and the receiver may check either.
pub(super) fn headers(
    webhook: &Webhook,
    id: DeliveryId,
    body: &str,
    at: Millis,
) -> [(&'static str, String); 3] {
    let timestamp = at / SECOND;
    let signed = format!("{id}.{timestamp}.{body}");
    let old = webhook.old_secret.iter().filter(|(_, until)| *until > at);
    let signatures: Vec<String> = std::iter::once(&webhook.secret)
        .chain(old.map(|(secret, _)| secret))
        .map(|secret| STANDARD.encode(secret::hmac_sha256(&secret.key(), signed.as_bytes())))
        .map(|signature| format!("v1,{signature}"))
        .collect();
    [
        ("webhook-id", id.to_string()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ]
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::{clock, types::SiteId, webhook::types::WebhookSecret};

    #[test]
    fn the_official_library_takes_the_signature_of_either_secret_and_no_other() {
        let now = clock::now();
        let [new, old, expired] = [(); 3].map(|()| WebhookSecret::random());
        let mut webhook = Webhook {
            site_id: SiteId(1),
            url: String::new(),
            secret: new.clone(),
            old_secret: Some((old.clone(), now + 1)),
            is_enabled: true,
            gone_at: None,
        };
        let body = "{\"words\":\"é, 好\"}";
        let takes = |webhook: &Webhook, secret: &WebhookSecret, body: &str| {
            let headers: HeaderMap =
                super::headers(webhook, DeliveryId::new(now), "{\"words\":\"é, 好\"}", now)
                    .into_iter()
                    .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                    .collect();
            let verifier = standardwebhooks::Webhook::new(secret.as_str()).unwrap();
            verifier.verify(body.as_bytes(), &headers).is_ok()
        };

        assert!(takes(&webhook, &new, body) && takes(&webhook, &old, body));
        assert!(!takes(&webhook, &new, "{}"), "another body");
        assert!(!takes(&webhook, &WebhookSecret::random(), body));
        webhook.old_secret = Some((expired.clone(), now));
        assert!(takes(&webhook, &new, body) && !takes(&webhook, &expired, body));
    }
}

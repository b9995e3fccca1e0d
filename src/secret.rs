//! Randomness, keyed hashes and signatures: the only place that makes them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::types::Millis;

/// `N` random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// 52 random letters and digits (260 bits), lower case and safe in a URL.
pub fn random_text() -> String {
    let alphabet = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes: [u8; 52] = random_bytes();
    bytes
        .iter()
        .filter_map(|byte| alphabet.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect()
}

/// A `UUIDv7` whose time is `at`, so that simulated history sorts as real history does.
pub fn uuid_at(at: Millis) -> Uuid {
    Builder::from_unix_timestamp_millis(u64::try_from(at).unwrap_or_default(), &random_bytes())
        .into_uuid()
}

/// The `UUIDv7` of this time that a hash stands for: the same for the same hash.
pub fn uuid_of(at: Millis, hash: &[u8; 16]) -> Uuid {
    let mut rest = [0; 10];
    rest.copy_from_slice(&hash[..10]);
    Builder::from_unix_timestamp_millis(u64::try_from(at).unwrap_or_default(), &rest).into_uuid()
}

/// A uniform draw from `0..1`.
pub fn random_share() -> f64 {
    f64::from(u32::from_le_bytes(random_bytes())) / (f64::from(u32::MAX) + 1.0)
}

/// SHA-256, for tokens that are stored only as their hash.
pub fn sha256(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

/// The first 63 bits of SHA-256, for keys that follow from what they stand for; never 0.
pub fn short_hash(bytes: &[u8]) -> i64 {
    let mut short = [0; 8];
    for (to, from) in short.iter_mut().zip(Sha256::digest(bytes)) {
        *to = from;
    }
    (i64::from_le_bytes(short) & i64::MAX).max(1)
}

/// `HMAC-SHA-256`, for signatures that others check.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The first 16 bytes of `HMAC-SHA-256` over the parts, each preceded by its length so that parts cannot run together.
pub fn keyed_hash(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(mac.finalize().into_bytes()) {
        *to = from;
    }
    short
}

/// Signs `payload`: base64url of the payload and its 16-byte keyed hash.
pub fn sign(key: &[u8], purpose: &str, payload: &[u8]) -> String {
    let mut bytes = payload.to_vec();
    bytes.extend(keyed_hash(key, &[purpose.as_bytes(), payload]));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The payload of a text made by [`sign`] with the same key and purpose; `None` for anything else.
pub fn verify(key: &[u8], purpose: &str, signed: &str) -> Option<Vec<u8>> {
    let mut bytes = URL_SAFE_NO_PAD.decode(signed).ok()?;
    let hash = bytes.split_off(bytes.len().checked_sub(16)?);
    same(&hash, &keyed_hash(key, &[purpose.as_bytes(), &bytes])).then_some(bytes)
}

/// A signed text that lets its bearer do what `purpose` names until `expires`.
pub fn pass(key: &[u8], purpose: &str, expires: Millis) -> String {
    sign(key, purpose, &expires.to_le_bytes())
}

/// Whether a text was made by [`pass`] with the same key and purpose, and still holds.
pub fn is_pass(key: &[u8], purpose: &str, text: &str, now: Millis) -> bool {
    verify(key, purpose, text)
        .and_then(|payload| <[u8; 8]>::try_from(payload).ok())
        .is_some_and(|expires| now < Millis::from_le_bytes(expires))
}

/// Compares in constant time.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(left, right).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_text_opens_only_with_its_key_and_purpose() {
        let signed = sign(b"key", "test", b"payload");

        assert_eq!(
            verify(b"key", "test", &signed).as_deref(),
            Some(&b"payload"[..])
        );
        assert_eq!(verify(b"other", "test", &signed), None);
        assert_eq!(verify(b"key", "impression", &signed), None);
        assert_eq!(verify(b"key", "test", "AAAA"), None);
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(
            keyed_hash(b"k", &[b"ab", b"c"]),
            keyed_hash(b"k", &[b"a", b"bc"])
        );
    }
}

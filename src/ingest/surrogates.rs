//! Halves of characters. A text that JavaScript cut inside a character ends in an escape like `\ud83d`, which JSON allows and
//! Rust's strings cannot hold. Pure.

use std::{borrow::Cow, ops::RangeInclusive};

const HIGH: RangeInclusive<u16> = 0xd800..=0xdbff;
const LOW: RangeInclusive<u16> = 0xdc00..=0xdfff;
/// Bytes of an escape like `\ud83d`.
const ESCAPE: usize = 6;

/// The JSON text with U+FFFD for each half of a character that is without its other half.
pub(super) fn mended(json: &[u8]) -> Cow<'_, [u8]> {
    let mut mended = Cow::Borrowed(json);
    let mut at = 0;
    while let Some(found) = json
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'\\'))
    {
        at += found;
        match (escaped(json, at), escaped(json, at + ESCAPE)) {
            (Some(high), Some(low)) if HIGH.contains(&high) && LOW.contains(&low) => {
                at += 2 * ESCAPE;
            }
            (Some(half), _) => {
                let is_half = HIGH.contains(&half) || LOW.contains(&half);
                if is_half && let Some(escape) = mended.to_mut().get_mut(at..at + ESCAPE) {
                    escape.copy_from_slice(b"\\ufffd");
                }
                at += ESCAPE;
            }
            // Another escape: what follows the backslash is no beginning of one.
            (None, _) => at += 2,
        }
    }
    mended
}

/// The code unit that is written as an escape at this place.
fn escaped(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix(b"\\u")?;
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok()?;
    u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_replaced_and_whole_characters_stay() {
        for (text, expected) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\uDE00 x""#, r#""\ufffd x""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\n\ude00""#, r#""\ufffd\n\ufffd""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
        ] {
            let mended = mended(text.as_bytes());
            assert_eq!(std::str::from_utf8(&mended).unwrap(), expected);
            assert!(serde_json::from_slice::<String>(&mended).is_ok(), "{text}");
        }
        for text in [
            r#""\ud83d\ude00 \u00e9 \n""#,
            r#""\\ud83d""#,
            r#""\\\\ud83d""#,
            r#""\u+83d""#,
            r#""\ud8"#,
            r#""\"#,
            "",
        ] {
            let mended = mended(text.as_bytes());
            assert!(matches!(mended, Cow::Borrowed(_)), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_javascript_writes_can_be_read(units in proptest::collection::vec(proptest::prelude::any::<u16>(), 0..20)) {
            let escapes: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = format!("\"{escapes}\"");
            let read: String = serde_json::from_slice(&mended(json.as_bytes())).unwrap();
            proptest::prop_assert_eq!(read, String::from_utf16_lossy(&units));
        }
    }
}

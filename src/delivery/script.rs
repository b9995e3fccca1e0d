//! The built widget, embedded in the binary, and its compressed forms.

use std::{io::Write, sync::LazyLock};

use sha2::{Digest, Sha256};

const CORE: &str = include_str!("../../widget/dist/core.js");
/// Files that most page views never need, by the letter that their names begin with. `build.mjs` makes them.
const LAZY: [(&str, &str); 13] = [
    ("u", include_str!("../../widget/dist/view.js")),
    ("m", include_str!("../../widget/dist/occasions.js")),
    ("t", include_str!("../../widget/dist/touch.js")),
    ("k", include_str!("../../widget/dist/kinds.js")),
    ("s", include_str!("../../widget/dist/places.js")),
    ("g", include_str!("../../widget/dist/goals.js")),
    ("p", include_str!("../../widget/dist/pick.js")),
    ("a", include_str!("../../widget/dist/api.js")),
    ("d", include_str!("../../widget/dist/data_layer.js")),
    ("h", include_str!("../../widget/dist/chats.js")),
    ("c", include_str!("../../widget/dist/banner.js")),
    ("w", include_str!("../../widget/dist/debug.js")),
    ("f", include_str!("../../widget/dist/measures.js")),
];
/// Stands in the core where the site's configuration goes.
const PLACE: &str = "__EXITPOLL_CONFIG__";

/// A text file as it is sent.
#[derive(Clone, Debug)]
pub struct Script {
    /// As it is.
    pub plain: String,
    /// Compressed by brotli at its highest quality.
    pub brotli: Vec<u8>,
    /// Strong validator: the beginning of the SHA-256.
    pub etag: String,
}

impl Script {
    fn new(plain: String) -> Self {
        let digest = Sha256::digest(plain.as_bytes());
        let etag = digest
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            brotli: compress(plain.as_bytes()),
            plain,
            etag,
        }
    }

    /// The core with a site's configuration inside.
    pub fn core(config_json: &str) -> Self {
        Self::new(CORE.replacen(PLACE, config_json, 1))
    }
}

static LAZY_SCRIPTS: LazyLock<Vec<(&str, Script)>> = LazyLock::new(|| {
    LAZY.iter()
        .map(|(letter, text)| (*letter, Script::new((*text).to_owned())))
        .collect()
});

/// The lazy file of this letter, the same for every site.
pub fn lazy(letter: &str) -> Option<&'static Script> {
    let mut scripts = LAZY_SCRIPTS.iter();
    scripts
        .find(|(own, _)| *own == letter)
        .map(|(_, script)| script)
}

/// Name under which a lazy file is served; changes with its content.
///
/// # Panics
///
/// When there is no file of this letter.
pub fn lazy_name(letter: &str) -> String {
    let script = lazy(letter).expect("every letter that is named has a file");
    format!("{letter}.{}.js", script.etag)
}

fn compress(plain: &[u8]) -> Vec<u8> {
    let mut compressor = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, 11, 22);
    compressor
        .write_all(plain)
        .expect("writing to memory does not fail");
    compressor.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_takes_the_place_that_the_build_left_for_it() {
        assert_eq!(CORE.matches(PLACE).count(), 1);
        let script = Script::core(r#"{"v":1}"#);
        assert!(script.plain.contains(r#"{"v":1}"#));
        assert!(!script.plain.contains(PLACE));
    }

    #[test]
    fn compressed_text_reads_back() {
        for (letter, text) in LAZY {
            let mut plain = Vec::new();
            brotli::BrotliDecompress(&mut lazy(letter).unwrap().brotli.as_slice(), &mut plain)
                .unwrap();
            assert_eq!(plain, text.as_bytes());
        }
    }
}

//! Lists the languages of the card: every file of `src/prompt/languages` is one, so that another language is one file.

use std::{env, fs, io, path::Path};

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script its folders by the environment"
)]
fn main() -> io::Result<()> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"))
        .join("src/prompt/languages");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut rows = vec![];
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let tag = path.file_stem().unwrap_or_default().to_string_lossy();
            rows.push(format!("({tag:?}, include_str!({path:?})),\n"));
        }
    }
    rows.sort();
    let list = format!("&[\n{}]\n", rows.concat());
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("languages.rs"), list)
}

//! Reads the sources and fails with the number of the rule that is broken; the rules stand in ARCHITECTURE.md.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

/// Lines of a file at most, its unit tests not counted.
const MAX_LINES: usize = 500;

/// The dependency line: a module may import those of a lower rank, never one of its own rank or a higher one.
const LINE: &[(&str, u8)] = &[
    ("main", 100),
    ("server", 90),
    ("web", 80),
    // Sample sites are furnished as the demo is.
    ("seed", 75),
    ("import", 73),
    // The live strip shows the funnel.
    ("demo", 72),
    // Pauses by what the report of a question says.
    ("harm", 71),
    ("report", 70),
    ("ingest", 60),
    ("webhook", 55),
    ("answer", 50),
    ("delivery", 50),
    ("prompt", 40),
    ("reason", 30),
    ("goal", 20),
    ("site", 10),
    ("stats", 5),
];

/// What imports nothing of the project, so that it can be read and tested by itself.
const PURE: &[&str] = &["stats"];

/// What stands beside the line, and who may import it.
const BESIDE: &[(&str, &[&str])] = &[
    ("account", &["main", "server", "state", "web"]),
    (
        "config",
        &["account", "limit", "main", "server", "state", "web"],
    ),
    ("limit", &["account", "state", "web"]),
    ("server", &["main"]),
    ("state", &["server", "web"]),
    ("telemetry", &["main", "server", "web"]),
    ("web", &["server"]),
];

/// What every module may import.
const GROUND: &[&str] = &["clock", "db", "error", "secret", "text_enum", "types"];

/// Traits and types with which queries are written.
const QUERY_WORDS: &[&str] = &[
    "EntityTrait",
    "FromQueryResult",
    "PaginatorTrait",
    "QueryFilter",
    "QueryOrder",
    "QuerySelect",
    "Statement",
];

/// Files that hold queries without being called store: what they do is a rule and its query in one step.
const QUERY_FILES: &[&str] = &[
    // Upserts an answer by rules that only SQL can keep atomic.
    "src/answer/record.rs",
    // Makes the salt of the day unless another node has.
    "src/ingest/visitor.rs",
];

#[derive(Default)]
struct Findings(String);

impl Findings {
    fn add(&mut self, rule: u8, file: &Source, what: impl std::fmt::Display) {
        writeln!(self.0, "rule {rule}: {}: {what}", file.path).unwrap();
    }

    fn report(self) {
        assert!(self.0.is_empty(), "\n{}", self.0);
    }
}

struct Source {
    /// From the root of the project, with slashes.
    path: String,
    text: String,
}

impl Source {
    /// The file up to its tests: rules about imports are for the product.
    fn product(&self) -> &str {
        let end = self.text.find("#[cfg(test)]").unwrap_or(self.text.len());
        &self.text[..end]
    }

    /// Top-level module that the file belongs to.
    fn module(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside
            .split('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs")
    }

    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| {
            self.path == *place || (place.ends_with('/') && self.path.starts_with(place))
        })
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }
}

fn sources(folder: &str, extension: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![];
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap();
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(read(root, &path));
            }
        }
    }
    assert!(
        !found.is_empty(),
        "no .{extension} files under {folder}: this test looks in the wrong place"
    );
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn read(root: &Path, path: &PathBuf) -> Source {
    Source {
        path: path
            .strip_prefix(root)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/"),
        text: fs::read_to_string(path).unwrap(),
    }
}

fn product_sources() -> Vec<Source> {
    let mut files = sources("src", "rs");
    files.retain(|file| !file.is_test());
    files
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

/// Code without comments, so that a word in a sentence breaks no rule.
fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// First names of every path that begins with `root::`, also those inside `root::{…}`.
fn imports(text: &str, root: &str) -> Vec<String> {
    let mut names = vec![];
    let mark = format!("{root}::");
    for (at, _) in text.match_indices(&mark) {
        if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &text[at + mark.len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(group_names(group)),
            None => names.push(name_at(rest)),
        }
    }
    names
}

fn group_names(group: &str) -> Vec<String> {
    let mut names = vec![];
    let mut depth = 0;
    let mut starts_name = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts_name = true,
            c if starts_name && !c.is_whitespace() => {
                names.push(name_at(&group[at..]));
                starts_name = false;
            }
            _ => {}
        }
    }
    names
}

fn name_at(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

fn rank(module: &str) -> Option<u8> {
    LINE.iter()
        .find(|(name, _)| *name == module)
        .map(|(_, rank)| *rank)
}

fn may_import(from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    if PURE.contains(&from) {
        return false;
    }
    if GROUND.contains(&to) {
        return true;
    }
    // The state is what `server` and `web` share: it holds a handle of every feature.
    if from == "state" {
        return !matches!(to, "main" | "server" | "web" | "telemetry");
    }
    if let Some((_, readers)) = BESIDE.iter().find(|(name, _)| *name == to) {
        return readers.contains(&from);
    }
    match (rank(from), rank(to)) {
        (Some(from), Some(to)) => from > to,
        _ => false,
    }
}

#[test]
fn rule_1_actix_stays_at_the_edge() {
    let mut findings = Findings::default();
    for file in product_sources() {
        let is_edge = file.is_in(&[
            "src/main.rs",
            "src/server.rs",
            "src/telemetry.rs",
            "src/web/",
        ]);
        if !is_edge && has_word(&without_comments(file.product()), "actix_web") {
            findings.add(1, &file, "uses actix_web");
        }
    }
    findings.report();
}

#[test]
fn rule_2_pages_are_written_in_web_only() {
    let mut findings = Findings::default();
    for file in product_sources() {
        if !file.is_in(&["src/web/"]) && has_word(&without_comments(file.product()), "askama") {
            findings.add(2, &file, "uses askama");
        }
    }
    findings.report();
}

#[test]
fn rule_3_queries_live_in_stores() {
    let mut findings = Findings::default();
    for file in product_sources() {
        let is_store = file.path.split('/').any(|part| {
            part.trim_end_matches(".rs") == "store" || part.trim_end_matches(".rs") == "stores"
        });
        if is_store || file.is_in(&["src/db/", "src/report/"]) || file.is_in(QUERY_FILES) {
            continue;
        }
        let code = without_comments(file.product());
        for word in QUERY_WORDS.iter().filter(|word| has_word(&code, word)) {
            findings.add(3, &file, format_args!("writes a query ({word})"));
        }
    }
    findings.report();
}

#[test]
fn rules_4_and_5_imports_follow_the_line() {
    let mut findings = Findings::default();
    for file in product_sources() {
        let from = file.module();
        if from == "lib" {
            continue;
        }
        let root = if from == "main" { "exitpoll" } else { "crate" };
        let code = without_comments(file.product());
        for to in imports(&code, root) {
            // Entities use every feature's types as column types; types import no entity.
            let is_column_type = from == "db"
                && rank(&to).is_some()
                && code
                    .match_indices(&format!("crate::{to}::"))
                    .all(|(at, path)| code[at + path.len()..].starts_with("types"));
            let known = rank(&to).is_some()
                || GROUND.contains(&to.as_str())
                || BESIDE.iter().any(|(name, _)| *name == to);
            if !known {
                // A macro or a module that nobody has placed yet.
                if to.chars().next().is_some_and(char::is_lowercase) && is_module(&to) {
                    findings.add(
                        5,
                        &file,
                        format_args!("{to} has no place in the dependency line"),
                    );
                }
            } else if !is_column_type && !may_import(from, &to) {
                let rule = if to == "web" { 4 } else { 5 };
                findings.add(rule, &file, format_args!("{from} may not import {to}"));
            }
        }
        if rank(from).is_none()
            && !GROUND.contains(&from)
            && !BESIDE.iter().any(|(name, _)| *name == from)
        {
            findings.add(
                5,
                &file,
                format_args!("{from} has no place in the dependency line"),
            );
        }
    }
    findings.report();
}

fn is_module(name: &str) -> bool {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    src.join(name).is_dir() || src.join(format!("{name}.rs")).is_file()
}

#[test]
fn rule_6_time_and_randomness_come_from_one_place() {
    let mut findings = Findings::default();
    for file in product_sources() {
        let code = without_comments(file.product());
        let ask_for_time = ["SystemTime", "Timestamp::now", "Zoned::now", "Utc::now"];
        if file.path != "src/clock.rs" && ask_for_time.iter().any(|word| has_word(&code, word)) {
            findings.add(6, &file, "asks for the time; use clock::now");
        }
        let draw = ["getrandom", "new_v4", "now_v7", "thread_rng"];
        if file.path != "src/secret.rs" && draw.iter().any(|word| has_word(&code, word)) {
            findings.add(6, &file, "draws at random; use secret");
        }
    }
    findings.report();
}

#[test]
fn rule_7_only_the_settings_read_the_environment() {
    let mut findings = Findings::default();
    for file in product_sources() {
        let code = without_comments(file.product());
        let read = [
            "std::env",
            "env::var",
            "env::vars",
            "env::var_os",
            "env::args",
        ];
        if file.path != "src/config.rs" && read.iter().any(|word| has_word(&code, word)) {
            findings.add(7, &file, "reads the environment");
        }
    }
    findings.report();
}

#[test]
fn rule_8_templates_escape_and_hold_no_code() {
    let mut findings = Findings::default();
    let mut templates = sources("templates", "html");
    templates.extend(if has_files("templates", "svg") {
        sources("templates", "svg")
    } else {
        vec![]
    });
    for file in templates {
        let text = file.text.to_lowercase();
        let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if squeezed.contains("|safe") {
            findings.add(8, &file, "turns escaping off with |safe");
        }
        if text.contains("<style") {
            findings.add(8, &file, "holds an inline style sheet");
        }
        for (at, _) in text.match_indices("<script") {
            let tag = text[at..].split('>').next().unwrap_or_default();
            if !tag.contains(" src=") {
                findings.add(8, &file, "holds an inline script");
            }
        }
        for name in attributes(&text) {
            let is_handler = name.len() > 3 && name.starts_with("on");
            if name == "style" || is_handler {
                findings.add(8, &file, format_args!("has the inline attribute {name}"));
            }
        }
    }
    findings.report();
}

fn has_files(folder: &str, extension: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                return true;
            }
        }
    }
    false
}

/// Names that stand before `="`, outside of template tags.
fn attributes(text: &str) -> Vec<&str> {
    text.match_indices("=\"")
        .chain(text.match_indices("='"))
        .filter_map(|(at, _)| {
            let before = &text[..at];
            let start =
                before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')? + 1;
            let is_attribute = before[..start].ends_with(char::is_whitespace);
            is_attribute.then(|| &before[start..])
        })
        .collect()
}

#[test]
fn rule_9_every_module_says_what_it_is() {
    let mut findings = Findings::default();
    for folder in ["src", "migrations", "tests/it", "benches"] {
        for file in sources(folder, "rs") {
            if !file.text.starts_with("//!") {
                findings.add(9, &file, "does not begin with //!");
            }
        }
    }
    findings.report();
}

#[test]
fn rule_10_files_stay_readable() {
    let mut findings = Findings::default();
    for folder in ["src", "migrations", "tests/it", "benches"] {
        for file in sources(folder, "rs") {
            let lines = file.product().lines().count();
            if lines > MAX_LINES {
                findings.add(
                    10,
                    &file,
                    format_args!("has {lines} lines; at most {MAX_LINES}"),
                );
            }
        }
    }
    findings.report();
}

/// Every file and folder in there, from the root of the project, with a slash before it.
fn paths(folder: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![];
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy();
            found.push(format!("/{}", name.replace('\\', "/")));
            if path.is_dir() && !path.ends_with("node_modules") {
                folders.push(path);
            }
        }
    }
    found
}

#[test]
fn the_architecture_names_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let folders = ["src", "tests", "widget/src", "widget/test", "widget/bench"];
    let there: Vec<String> = folders.into_iter().flat_map(paths).collect();
    let is_there = |named: &str| {
        // What the line is about may begin the path; `*` stands for any beginning of a name, or its end.
        let (start, end) = named.trim_end_matches('/').rsplit_once('*').map_or_else(
            || (String::new(), format!("/{}", named.trim_end_matches('/'))),
            |(start, end)| (start.to_owned(), end.to_owned()),
        );
        let mut there = there.iter();
        root.join(named).exists() || there.any(|path| path.contains(&start) && path.ends_with(&end))
    };
    let is_path = |word: &&str| {
        let is_file = [".rs", ".ts", ".mjs"].iter().any(|end| word.ends_with(end));
        (is_file || word.contains('/')) && !word.contains(' ')
    };
    // Every second piece stands between marks.
    let marked = text.split('`').skip(1).step_by(2);
    let gone: Vec<&str> = marked
        .filter(is_path)
        .filter(|path| !is_there(path))
        .collect();
    assert!(gone.is_empty(), "{gone:?}");
}

#[test]
fn the_reader_of_imports_sees_every_form() {
    let text = "use crate::{\n    a::{B, c::D},\n    e,\n    f::G,\n};\nfn x() { crate::h::i(); $crate::j::k(); }";

    assert_eq!(imports(text, "crate"), ["a", "e", "f", "h"]);
}

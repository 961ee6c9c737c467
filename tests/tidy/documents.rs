//! What documents name must exist.

use std::collections::BTreeMap;
use std::path::Path;

use crate::report;
use crate::tree::{self, File};

/// Where the sources of the crates lie that a document may name as `name::item`.
const CRATES: &[(&str, &str)] = &[
    ("proto", "proto/"),
    ("siegel_proto", "proto/"),
    ("client_core", "client-core/"),
    ("siegel_client_core", "client-core/"),
    ("server", "server/"),
    ("siegel_server", "server/"),
    ("siegel_cli", "apps/cli/"),
    ("siegel_tests", "tests/"),
];

/// A name that ends like this can only be a file of ours.
const FILE_ENDINGS: &[&str] = &[".rs", ".md", ".toml", ".proto", ".sql", ".sh", ".c"];

#[test]
fn every_path_in_a_document_exists() {
    let problems: Vec<String> = tree::files("md")
        .iter()
        .flat_map(|document| {
            let spans = code_spans(&document.text);
            let paths = spans.iter().filter(|span| is_path(span));
            let missing = paths.filter(|path| !exists(document, path));
            missing
                .map(|path| format!("{}: `{path}`", document.path))
                .collect::<Vec<_>>()
        })
        .collect();
    report("paths that do not exist", &problems);
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut problems = Vec::new();
    for document in tree::files("md") {
        for link in document
            .text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let path = link.split('#').next().unwrap();
            let outside = path.contains("://") || path.starts_with("mailto:");
            let folder = Path::new(&document.path).parent().unwrap();
            if !outside && !path.is_empty() && !tree::root().join(folder).join(path).exists() {
                problems.push(format!("{}: {link}", document.path));
            }
        }
    }
    report("links that lead nowhere", &problems);
}

#[test]
fn every_item_in_a_document_exists() {
    let mut sources: BTreeMap<&str, String> = BTreeMap::new();
    for file in tree::files("rs") {
        for (_, folder) in CRATES
            .iter()
            .filter(|(_, folder)| file.path.starts_with(folder))
        {
            sources.entry(folder).or_default().push_str(&file.text);
        }
    }
    let mut problems = Vec::new();
    for document in tree::files("md") {
        for span in code_spans(&document.text) {
            let Some((name, item)) = span.split_once("::") else {
                continue;
            };
            let Some((_, folder)) = CRATES.iter().find(|(own, _)| *own == name) else {
                continue;
            };
            let source = sources.get(folder).map_or("", String::as_str);
            let last = item.rsplit("::").next().unwrap();
            let ident = last.split(['(', '<', '!']).next().unwrap();
            if !ident.contains(['{', '*']) && !has_word(source, ident) {
                problems.push(format!("{}: `{span}`", document.path));
            }
        }
    }
    report("items that do not exist", &problems);
}

/// Inline code outside fenced blocks.
fn code_spans(text: &str) -> Vec<String> {
    let prose: Vec<&str> = text
        .split("```")
        .enumerate()
        .filter(|(i, _)| i % 2 == 0)
        .map(|(_, part)| part)
        .collect();
    let spans = prose
        .iter()
        .flat_map(|part| part.split('`').skip(1).step_by(2));
    spans.map(str::to_owned).collect()
}

/// Whether the words name something in this checkout: below a folder of the root, or by
/// an ending that only our files have.
fn is_path(span: &str) -> bool {
    let foreign = |c: char| c.is_whitespace() || "<>$…*:#()'\"".contains(c);
    if !span.contains('/') || span.contains(foreign) || span.starts_with(['/', '.']) {
        return span.starts_with(".ci/");
    }
    let first = span.split('/').next().unwrap();
    tree::root().join(first).is_dir() && first != "data"
        || FILE_ENDINGS.iter().any(|ending| span.ends_with(ending))
}

/// Whether the path, with `{a,b}` written out, exists below the root or beside the document.
fn exists(document: &File, path: &str) -> bool {
    let beside = tree::root().join(&document.path);
    let beside = beside.parent().unwrap();
    alternatives(path)
        .iter()
        .all(|path| tree::root().join(path).exists() || beside.join(path).exists())
}

fn alternatives(path: &str) -> Vec<String> {
    let parts = path.split_once('{').and_then(|(before, rest)| {
        let (choices, after) = rest.split_once('}')?;
        Some((before, choices, after))
    });
    let Some((before, choices, after)) = parts else {
        return vec![path.to_owned()];
    };
    choices
        .split(',')
        .flat_map(|choice| alternatives(&format!("{before}{choice}{after}")))
        .collect()
}

fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

#[test]
fn the_checks_know_a_path_when_they_see_one() {
    let text = "See `server/nothing.rs`, `text/plain`, `tests/tidy/{main,nope}.rs`, `GET /x`.\n\
                ```\n`server/in-a-block.rs`\n```\nand `proto::limits`.";
    let document = File {
        path: "docs/x.md".into(),
        text: text.into(),
    };
    let spans = code_spans(text);
    let paths: Vec<&String> = spans.iter().filter(|span| is_path(span)).collect();
    assert_eq!(paths, ["server/nothing.rs", "tests/tidy/{main,nope}.rs"]);
    assert!(paths.iter().all(|path| !exists(&document, path)));
    assert!(exists(&document, "tests/tidy/{main,tree}.rs"));
    assert!(has_word("pub fn message(", "message") && !has_word("messages", "message"));
}

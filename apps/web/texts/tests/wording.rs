//! What can be checked of wording by counting: easy German stays easy, and no language
//! stands there untranslated.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on says where it stopped"
)]

use std::fs;
use std::path::Path;

const MOST_WORDS: usize = 12;

#[test]
fn sentences_in_easy_german_are_short() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let messages = read(&folder.join("de-easy/client.ftl"));
    let messages = messages
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('=').map_or(line, |(_, text)| text));
    let notice = read(&folder.join("notice/de-easy.txt"));
    for text in messages.chain(notice.lines()) {
        for sentence in text.split_inclusive(['.', '?', '!', ':']) {
            let words = sentence.split_whitespace().count();
            assert!(words <= MOST_WORDS, "{words} words: {sentence}");
        }
    }
}

#[test]
fn no_long_text_is_the_same_in_two_languages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let german = long_values(&read(&folder.join("de/client.ftl")));
    for language in ["en", "tr", "ar", "uk", "ru", "fa"] {
        let theirs = long_values(&read(&folder.join(language).join("client.ftl")));
        let same = theirs.iter().find(|text| german.contains(text));
        assert_eq!(same, None, "untranslated in {language}");
    }
}

fn long_values(source: &str) -> Vec<String> {
    source
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(_, text)| text.to_owned())
        .filter(|text| words(text) > 3)
        .collect()
}

/// Counts words, without what is put in.
fn words(text: &str) -> usize {
    let parts = text.split(['{', '}']).step_by(2);
    parts.map(|part| part.split_whitespace().count()).sum()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a text file of this crate")
}

//! Search: the core finds the lines; here is marked what was found in them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use siegel_client_core::Client;
use siegel_client_core::room::timeline::{Body, Line};
use siegel_proto::ids::RoomId;
use siegel_web_bridge::Trouble;
use siegel_web_bridge::view::{ExcerptKind, Hit};

use super::excerpt::excerpt;
use super::names::Names;
use super::{of_core, room, room_id};

/// Characters kept before the first word found.
const BEFORE: usize = 40;
/// Characters kept in all.
const LONGEST: usize = 160;
/// Hits a page gets at once.
const MOST: usize = 200;

/// Lines that hold all words, the latest first.
pub fn search(
    client: &Client,
    text: &str,
    only: Option<RoomId>,
    most: u32,
) -> Result<Vec<Hit>, Trouble> {
    let words: Vec<String> = words(text).map(|word| fold(word.text)).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let most = usize::try_from(most).unwrap_or(MOST).min(MOST);
    // The room is sorted out afterwards: the core's index knows all rooms.
    let wanted = if only.is_some() { usize::MAX } else { most };
    let found = of_core(client.search(text, wanted))?;
    let mut rooms: BTreeMap<RoomId, (Names, String)> = BTreeMap::new();
    let mut hits = Vec::new();
    for hit in found {
        if only.is_some_and(|only| only != hit.room) || hits.len() == most {
            continue;
        }
        let (names, title) = match rooms.entry(hit.room) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let view = of_core(client.room(hit.room))?;
                let title = room::card(client, view)?.title;
                new.insert((Names::of(client, hit.room)?, title))
            }
        };
        let mut excerpt = excerpt(&hit.line, names);
        let mut marks = Vec::new();
        if let Some((text, found)) = searched(&hit.line).and_then(|text| find(&text, &words)) {
            excerpt.kind = ExcerptKind::Text(text);
            marks = found;
        }
        hits.push(Hit {
            room: room_id(hit.room),
            room_title: title.clone(),
            excerpt,
            marks,
        });
    }
    Ok(hits)
}

/// What of a line is looked through.
fn searched(line: &Line) -> Option<String> {
    match &line.body {
        Body::Text { body, .. } => Some(body.clone()),
        Body::Attachment(file) if file.caption.is_empty() => Some(file.file_name.clone()),
        Body::Attachment(file) => Some(format!("{} {}", file.file_name, file.caption)),
        Body::DataCard(card) => {
            let values: Vec<&str> = card.fields.iter().map(|f| f.value.as_str()).collect();
            Some(values.join(" "))
        }
        _ => None,
    }
}

/// The part of the text around the first word found, and what was found in it; `None` if a
/// word is missing.
fn find(text: &str, wanted: &[String]) -> Option<(String, Vec<(u32, u32)>)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut missing: Vec<bool> = vec![true; wanted.len()];
    for word in words(text) {
        let folded = fold(word.text);
        let mut found = false;
        for (wanted, missing) in wanted.iter().zip(&mut missing) {
            if folded.starts_with(wanted.as_str()) {
                *missing = false;
                found = true;
            }
        }
        if found {
            spans.push((word.at, word.at + word.text.len()));
        }
    }
    if missing.contains(&true) {
        return None;
    }
    let first = spans.first()?.0;
    let start = text[..first]
        .char_indices()
        .rev()
        .nth(BEFORE - 1)
        .map_or(0, |(at, _)| at);
    let end = text[start..]
        .char_indices()
        .nth(LONGEST)
        .map_or(text.len(), |(at, _)| start + at);
    let marks = spans
        .into_iter()
        .filter(|(_, to)| *to <= end)
        .filter_map(|(from, to)| {
            let (from, to) = (from.checked_sub(start)?, to.checked_sub(start)?);
            Some((u32::try_from(from).ok()?, u32::try_from(to).ok()?))
        })
        .collect();
    Some((text[start..end].to_owned(), marks))
}

struct Word<'a> {
    at: usize,
    text: &'a str,
}

fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = text;
    let mut at = 0;
    std::iter::from_fn(move || {
        let skip = rest.find(char::is_alphanumeric)?;
        rest = &rest[skip..];
        at += skip;
        // Marks stay with the letter they stand on.
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && !is_mark(c))
            .unwrap_or(rest.len());
        let word = Word {
            at,
            text: &rest[..length],
        };
        rest = &rest[length..];
        at += length;
        Some(word)
    })
}

/// "Müller", "Mueller" and "MÜLLER" fold alike, and so do "Straße" and "strasse".
fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    let mut characters = word.chars().flat_map(char::to_lowercase).peekable();
    while let Some(c) = characters.next() {
        // A letter with its dots written apart.
        let dotted = characters.next_if_eq(&'\u{308}').is_some();
        match (c, dotted) {
            ('ä', _) | ('a', true) => folded.push_str("ae"),
            ('ö', _) | ('o', true) => folded.push_str("oe"),
            ('ü', _) | ('u', true) => folded.push_str("ue"),
            ('ß', _) => folded.push_str("ss"),
            (c, _) if is_mark(c) => {}
            (c, _) => folded.push(plain(c)),
        }
    }
    folded
}

/// The letter under the accents of European names.
fn plain(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' | 'ă' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' => 's',
        'ť' | 'ţ' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, wanted: &str) -> Option<String> {
        let wanted: Vec<String> = words(wanted).map(|word| fold(word.text)).collect();
        let (excerpt, marks) = find(text, &wanted)?;
        let marked: Vec<&str> = marks
            .iter()
            .map(|(from, to)| &excerpt[*from as usize..*to as usize])
            .collect();
        Some(marked.join("|"))
    }

    #[test]
    fn umlauts_are_found_however_they_are_written() {
        for wanted in ["müller", "Mueller", "MÜLL", "mu\u{308}ller"] {
            assert_eq!(
                found("Frau Müller ruft an", wanted).as_deref(),
                Some("Müller")
            );
        }
        assert_eq!(
            found("Lange Strasse 4", "Straße").as_deref(),
            Some("Strasse")
        );
        assert_eq!(found("Herr Yıldız", "yildiz").as_deref(), Some("Yıldız"));
    }

    #[test]
    fn all_words_must_begin_some_word() {
        assert_eq!(
            found("Termin am Dienstag", "dien ter").as_deref(),
            Some("Termin|Dienstag")
        );
        assert_eq!(found("Termin am Dienstag", "tag"), None);
        assert_eq!(found("Termin am Dienstag", "termin montag"), None);
    }

    #[test]
    fn an_excerpt_begins_shortly_before_the_first_word_found() {
        let text = format!("{} Treffpunkt {}", "ä".repeat(300), "ö".repeat(300));
        let (excerpt, marks) = find(&text, &["treff".to_owned()]).unwrap();
        assert!(excerpt.chars().count() <= LONGEST);
        let (from, to) = marks[0];
        assert_eq!(&excerpt[from as usize..to as usize], "Treffpunkt");
    }
}

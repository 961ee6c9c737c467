//! Whether a text looks as if it held what belongs on a data card.
//!
//! A guess, made on this device while somebody types: it offers a card and stops nobody. It
//! knows dates of birth, telephone numbers and addresses as they are written in Germany.

use std::ops::Range;

use siegel_web_bridge::view::FieldKind;

const PHONE_DIGITS: Range<usize> = 7..16;
const POSTCODE_DIGITS: usize = 5;
/// Before a birthday and a number stand words that are not worth keeping.
const BORN: [&str; 5] = ["geb", "geb.", "geboren", "born", "*"];
const CALL: [&str; 6] = ["tel", "tel.", "telefon", "handy", "mobil", "phone"];
const STREETS: [&str; 9] = [
    "straße", "strasse", "str.", "weg", "platz", "allee", "gasse", "damm", "ufer",
];
/// More words than this are a sentence and no name.
const NAME_WORDS: usize = 4;

/// What was found, in the order of the fields of a card; empty if nothing was.
pub(super) fn sniff(text: &str, year: i64) -> Vec<(FieldKind, String)> {
    let words = words(text);
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut found = Vec::new();
    if let Some((range, date)) = birth_date(text, &words, year) {
        taken.push(range);
        found.push((FieldKind::BirthDate, date));
    }
    if let Some(range) = address(text, &words) {
        found.push((FieldKind::Address, text[range.clone()].to_owned()));
        taken.push(range);
    }
    if let Some((range, number)) = phone(text, &words) {
        taken.push(range);
        found.push((FieldKind::Phone, number));
    }
    if found.is_empty() {
        return found;
    }
    let rest = rest(text, taken);
    let is_name = (1..=NAME_WORDS).contains(&rest.split_whitespace().count())
        && rest.split_whitespace().all(is_capital);
    match rest.as_str() {
        "" => {}
        _ if is_name => found.insert(0, (FieldKind::Name, rest)),
        _ => found.push((FieldKind::Other, rest)),
    }
    found
}

/// Words with their places.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (place, letter) in text.char_indices() {
        match (start, letter.is_whitespace()) {
            (None, false) => start = Some(place),
            (Some(begin), true) => {
                words.push(begin..place);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|begin| begin..text.len()));
    words
}

/// A date that says it is one of birth, or that lies in a past year.
fn birth_date(text: &str, words: &[Range<usize>], year: i64) -> Option<(Range<usize>, String)> {
    words.iter().enumerate().find_map(|(place, word)| {
        let date = text[word.clone()].trim_matches(|c: char| !c.is_ascii_digit());
        let mut parts = date.split('.');
        let (day, month, of) = (parts.next()?, parts.next()?, parts.next()?);
        let number = |part: &str| part.parse::<i64>().ok();
        let sound = (1..=31).contains(&number(day)?) && (1..=12).contains(&number(month)?);
        let past = of.len() == 4 && (1900..year).contains(&number(of)?);
        let before = place.checked_sub(1).and_then(|before| words.get(before));
        let says = before.filter(|before| is_one_of(&text[(*before).clone()], &BORN));
        if !sound || parts.next().is_some() || !(past || says.is_some() && number(of).is_some()) {
            return None;
        }
        let start = says.map_or(word.start, |before| before.start);
        Some((start..word.end, date.to_owned()))
    })
}

/// Digits that begin with `0` or `+`, parted by what people part them with.
fn phone(text: &str, words: &[Range<usize>]) -> Option<(Range<usize>, String)> {
    words.iter().enumerate().find_map(|(place, word)| {
        let begins = text[word.clone()].trim_start_matches('(');
        if !begins.starts_with(['0', '+']) {
            return None;
        }
        let tail = &text[word.start..];
        let parts = |c: char| c.is_ascii_digit() || " -/()+".contains(c);
        let end = tail.find(|c| !parts(c)).unwrap_or(tail.len());
        let number = tail[..end].trim();
        let digits = number.chars().filter(char::is_ascii_digit).count();
        if !PHONE_DIGITS.contains(&digits) {
            return None;
        }
        let before = place.checked_sub(1).and_then(|before| words.get(before));
        let says = before.filter(|before| is_one_of(&text[(*before).clone()], &CALL));
        let start = says.map_or(word.start, |before| before.start);
        Some((start..word.start + number.len(), number.to_owned()))
    })
}

/// A street with a number, a postcode with a place, or both.
fn address(text: &str, words: &[Range<usize>]) -> Option<Range<usize>> {
    let word = |place: usize| words.get(place).map(|range| &text[range.clone()]);
    let is_street = |place: usize| {
        let name = word(place).unwrap_or_default().to_lowercase();
        let number = word(place + 1).unwrap_or_default();
        STREETS.iter().any(|ending| name.ends_with(ending))
            && number.starts_with(|c: char| c.is_ascii_digit())
    };
    let is_postcode = |place: usize| {
        let code = word(place).unwrap_or_default();
        code.len() == POSTCODE_DIGITS
            && code.bytes().all(|digit| digit.is_ascii_digit())
            && word(place + 1).is_some_and(is_capital)
    };
    let street = (0..words.len()).find(|place| is_street(*place));
    let postcode = (0..words.len()).find(|place| is_postcode(*place));
    let first = match (street, postcode) {
        // “Lange Straße 5”: the name stands before.
        (Some(street), _)
            if word(street).is_some_and(|name| STREETS.contains(&&*name.to_lowercase())) =>
        {
            street.saturating_sub(1)
        }
        (Some(street), _) => street,
        (None, Some(postcode)) => postcode,
        (None, None) => return None,
    };
    let last = match (street, postcode) {
        (Some(street), Some(postcode)) if postcode > street && postcode - street <= 3 => {
            postcode + 1
        }
        (Some(street), _) => street + 1,
        (None, Some(postcode)) => postcode + 1,
        (None, None) => return None,
    };
    let (start, end) = (words.get(first)?.start, words.get(last)?.end);
    let trimmed = text[start..end].trim_end_matches([',', '.', ';', '!', '?']);
    Some(start..start + trimmed.len())
}

/// What is left when the ranges are taken out, without the commas that parted them.
fn rest(text: &str, mut taken: Vec<Range<usize>>) -> String {
    taken.sort_by_key(|range| range.start);
    let mut left = String::new();
    let mut from = 0;
    for range in taken {
        left.push_str(text.get(from..range.start).unwrap_or_default());
        left.push(',');
        from = from.max(range.end);
    }
    left.push_str(text.get(from..).unwrap_or_default());
    let parts = left.split([',', ';', '\n']);
    let parts = parts.map(|part| part.trim_matches([' ', '.', ':']));
    parts
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

fn is_one_of(word: &str, known: &[&str]) -> bool {
    let word = word.trim_end_matches([':', ',']).to_lowercase();
    known.contains(&word.as_str())
}

fn is_capital(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(FieldKind, String)> {
        sniff(text, 2026)
    }

    #[test]
    fn what_is_typed_into_a_message_comes_apart_into_fields() {
        let all = found(
            "Kim Beispiel, geb. 3.4.1991, Holunderweg 5, 12345 Musterstadt, Tel. 030 555-0143",
        );
        let expected = [
            (FieldKind::Name, "Kim Beispiel"),
            (FieldKind::BirthDate, "3.4.1991"),
            (FieldKind::Address, "Holunderweg 5, 12345 Musterstadt"),
            (FieldKind::Phone, "030 555-0143"),
        ];
        assert_eq!(all, expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn a_sentence_around_a_number_is_kept_as_a_note() {
        let all = found("Bitte ruf sie an: +49 151 23456789");
        assert_eq!(all[0], (FieldKind::Phone, "+49 151 23456789".to_owned()));
        assert_eq!(all[1], (FieldKind::Other, "Bitte ruf sie an".to_owned()));
    }

    #[test]
    fn a_street_whose_name_is_two_words_is_found_whole() {
        assert_eq!(found("Lange Straße 12b")[0].1, "Lange Straße 12b");
        assert_eq!(found("10115 Berlin")[0].0, FieldKind::Address);
    }

    #[test]
    fn everyday_messages_are_left_alone() {
        for text in [
            "",
            "Guten Morgen",
            "Termin am 3.12.2026 um 9:00",
            "Treffen 08:30 in Raum 204",
            "0 von 5 Plätzen, 50 % frei",
            "Version 1.2.3",
            "Auf dem Weg",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn nothing_that_is_typed_breaks_it() {
        for text in [
            "ä.ö.ü",
            "😀0😀+",
            "geb. 31.",
            "(((0",
            "straße",
            "Straße 5 ",
            "+++++++",
            "1.1.1999.",
        ] {
            found(text);
        }
        assert_eq!(found("1.1.1999.")[0].1, "1.1.1999");
    }
}

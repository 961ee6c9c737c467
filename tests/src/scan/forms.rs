//! The text itself in other character sets and spellings.

use unicode_normalization::UnicodeNormalization;

/// Each spelling of the text, by name; the plain one first.
pub fn of(text: &str) -> Vec<(String, Vec<u8>)> {
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let forms = [
        ("utf-8", text.as_bytes().to_vec()),
        ("lower case", text.to_lowercase().into_bytes()),
        ("upper case", text.to_uppercase().into_bytes()),
        (
            "utf-16le",
            utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        ),
        (
            "utf-16be",
            utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        ),
        (
            "utf-32le",
            text.chars()
                .flat_map(|c| u32::from(c).to_le_bytes())
                .collect(),
        ),
        (
            "utf-32be",
            text.chars()
                .flat_map(|c| u32::from(c).to_be_bytes())
                .collect(),
        ),
        (
            "latin-1",
            text.chars()
                .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
                .collect(),
        ),
        (
            "reversed",
            text.chars().rev().collect::<String>().into_bytes(),
        ),
        ("reversed bytes", text.bytes().rev().collect()),
        ("nfc", text.nfc().collect::<String>().into_bytes()),
        ("nfd", text.nfd().collect::<String>().into_bytes()),
        (
            "rot13",
            text.chars().map(rot13).collect::<String>().into_bytes(),
        ),
        ("transliterated", transliterated(text).into_bytes()),
        ("without accents", without_accents(text).into_bytes()),
        (
            "without accents, lower case",
            without_accents(text).to_lowercase().into_bytes(),
        ),
    ];
    forms
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect()
}

fn rot13(c: char) -> char {
    let turn = |c: char, base: u8| char::from((c as u8 - base + 13) % 26 + base);
    match c {
        'a'..='z' => turn(c, b'a'),
        'A'..='Z' => turn(c, b'A'),
        other => other,
    }
}

fn transliterated(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            'ä' => plain.push_str("ae"),
            'ö' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'Ä' => plain.push_str("Ae"),
            'Ö' => plain.push_str("Oe"),
            'Ü' => plain.push_str("Ue"),
            'ß' => plain.push_str("ss"),
            other => plain.push(other),
        }
    }
    plain
}

fn without_accents(text: &str) -> String {
    text.nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .collect()
}

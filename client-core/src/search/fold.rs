//! One form for words that people take for the same: without case, accents and vowel
//! signs, ä like ae like a, ß like ss.

/// The words of a text, each folded and with a space before it: a word that begins with
/// `muell` is found as ` mull` in it.
pub(super) fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 1);
    let mut inside = false;
    for character in text.chars() {
        if is_mark(character) {
            continue;
        }
        if !character.is_alphanumeric() {
            inside = false;
            continue;
        }
        if !std::mem::replace(&mut inside, true) {
            words.push(' ');
        }
        for lower in character.to_lowercase() {
            push(&mut words, lower);
        }
    }
    words
}

/// Adds one letter in its plain form. The second half of `ae`, `oe` and `ue` goes, so that
/// they meet their umlauts.
fn push(words: &mut String, lower: char) {
    if lower == 'e' && words.ends_with(['a', 'o', 'u']) {
        return;
    }
    match plain(lower) {
        "" if !is_mark(lower) => words.push(lower),
        plain => words.push_str(plain),
    }
}

/// Marks above and below letters, and what stretches Arabic words.
const fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{487}'
            | '\u{610}'..='\u{61a}'
            | '\u{640}'
            | '\u{64b}'..='\u{65f}'
            | '\u{670}'
            | '\u{200b}'..='\u{200f}'
            | '\u{ad}'
    )
}

/// The plain form of a lower-case letter; empty if it is plain already.
const fn plain(lower: char) -> &'static str {
    match lower {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'æ' => "a",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ə' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'œ' => "o",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        // Cyrillic: letters that many keyboards and writers replace.
        'ё' => "е",
        'й' => "и",
        'ї' => "і",
        'ґ' => "г",
        // Arabic and Farsi: forms of one letter.
        'أ' | 'إ' | 'آ' | 'ٱ' => "ا",
        'ى' | 'ی' | 'ئ' => "ي",
        'ؤ' => "و",
        'ة' | 'ۀ' => "ه",
        'ک' => "ك",
        '٠' | '۰' => "0",
        '١' | '۱' => "1",
        '٢' | '۲' => "2",
        '٣' | '۳' => "3",
        '٤' | '۴' => "4",
        '٥' | '۵' => "5",
        '٦' | '۶' => "6",
        '٧' | '۷' => "7",
        '٨' | '۸' => "8",
        '٩' | '۹' => "9",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_that_people_take_for_the_same_fold_alike() {
        let same = [
            ["Müller", "mueller", "MULLER"],
            ["Straße", "strasse", "STRASSE"],
            ["Gül", "gul", "GU\u{308}L"],
            ["İstanbul", "istanbul", "Istanbul"],
            ["Ёлка", "елка", "ЕЛКА"],
            ["مُحَمَّد", "محمد", "محـمد"],
            ["على", "علي", "علی"],
        ];
        for [one, two, three] in same {
            assert_eq!(words(one), words(two), "{one} {two}");
            assert_eq!(words(one), words(three), "{one} {three}");
        }
    }

    #[test]
    fn every_word_begins_with_one_space() {
        assert_eq!(words("  Guten—Morgen, Frau K.!"), " guten morgen frau k");
        assert_eq!(words(" …!"), "");
    }

    proptest! {
        #[test]
        fn the_beginning_of_a_word_finds_it(word in "[a-zäöüßéA-ZÄÖÜ]{1,12}", length in 1usize..12) {
            let beginning: String = word.chars().take(length).collect();
            prop_assert!(words(&word).starts_with(&words(&beginning)));
        }
    }
}

//! What a person or a room may be called on the screen.
//!
//! A name is a claim. It must not look like another person's by means the eye cannot
//! see, nor like a badge of the app; who somebody is stands in the credential.

use siegel_proto::limits;

use crate::unicode::{cut, is_hidden, single_spaced};

/// Characters shown of a name.
const MAX_CHARACTERS: usize = 64;
/// Marks on one letter: more is decoration that runs into the neighbouring lines.
const MAX_MARKS: usize = 2;

/// Cleans a name for storing and showing; `None` if nothing visible is left.
#[must_use]
pub fn clean(name: &str) -> Option<String> {
    let mut marks = 0;
    let visible: String = name
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_hidden(*c) && !is_symbol(*c))
        .filter(|c| {
            marks = if is_mark(*c) { marks + 1 } else { 0 };
            marks <= MAX_MARKS
        })
        .collect();
    let spaced = single_spaced(visible.trim_start_matches(|c| is_mark(c) || c == ' '));
    let end = spaced
        .char_indices()
        .nth(MAX_CHARACTERS)
        .map_or(spaced.len(), |(end, _)| end);
    let short = cut(&spaced[..end], limits::NAME_BYTES).trim_end();
    (!short.is_empty()).then(|| short.to_owned())
}

/// Whether a word of the name mixes Latin with Greek or Cyrillic letters, as "Аnna" with
/// a Cyrillic first letter does. Show a warning; such names exist, but rarely.
#[must_use]
pub fn mixes_alphabets(name: &str) -> bool {
    name.split(|c: char| !c.is_alphabetic()).any(|word| {
        let alphabets = word.chars().filter_map(alphabet);
        let mut seen: Vec<Alphabet> = alphabets.collect();
        seen.sort();
        seen.dedup();
        seen.len() > 1
    })
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    /// Letters styled for mathematics: they stand for Latin ones in no real name.
    Styled,
}

fn alphabet(character: char) -> Option<Alphabet> {
    match character {
        'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            Some(Alphabet::Latin)
        }
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Alphabet::Greek),
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' => Some(Alphabet::Cyrillic),
        '\u{2100}'..='\u{214f}' | '\u{ff21}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}' => {
            Some(Alphabet::Styled)
        }
        _ => None,
    }
}

/// Ticks, locks, stars and other pictures that could pass for a badge.
fn is_symbol(character: char) -> bool {
    matches!(
        character,
        '\u{a9}' | '\u{ae}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{2122}'
        | '\u{2190}'..='\u{2bff}'
        | '\u{3000}'..='\u{3004}'
        | '\u{3007}'..='\u{3020}'
        | '\u{3200}'..='\u{33ff}'
        | '\u{1f000}'..='\u{1faff}'
    )
}

fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5bd}'
        | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{fe20}'..='\u{fe2f}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_stay() {
        for name in [
            "Anna Müller-Lüdenscheidt",
            "Dr. J. O’Brien",
            "Олена Шевченко",
            "فاطمة الزهراء",
            "Nguyễn Thị Hương",
            "王小明",
            "অনিতা",
        ] {
            assert_eq!(clean(name).as_deref(), Some(name));
            assert!(!mixes_alphabets(name));
        }
    }

    #[test]
    fn attack_18_nothing_invisible_tells_two_names_apart() {
        for spoofed in [
            "Anna\u{200b} Berg",
            "An\u{ad}na Berg",
            "\u{202e}Anna\u{202c} Berg",
            "Anna \u{2003}\u{a0} Berg",
            "Anna\tBerg\n",
            "\u{feff}Anna Berg\0",
            "Anna\u{e0041}\u{fe0f} Berg",
            "\u{2066}Anna\u{2069} Berg",
            "Anna Berg\u{3164}",
        ] {
            assert_eq!(clean(spoofed).as_deref(), Some("Anna Berg"), "{spoofed:?}");
        }
    }

    #[test]
    fn attack_18_no_name_wears_a_badge() {
        for spoofed in [
            "Anna ✓",
            "✅ Anna",
            "Anna 🔒",
            "⭐Anna⭐",
            "Anna ☑\u{fe0f}",
            "Anna ®",
        ] {
            assert_eq!(clean(spoofed).as_deref(), Some("Anna"), "{spoofed}");
        }
    }

    #[test]
    fn attack_18_foreign_letters_in_a_word_are_told() {
        assert!(mixes_alphabets("Аnna Berg"));
        assert!(mixes_alphabets("Anna Βerg"));
        assert!(mixes_alphabets("Anna B𝐞rg"));
        assert!(!mixes_alphabets("Anna Шевченко"));
    }

    #[test]
    fn a_name_of_nothing_is_none() {
        for nothing in ["", " \t", "\u{200b}\u{202e}", "🔒✓", "\u{301}\u{301}"] {
            assert_eq!(clean(nothing), None);
        }
    }

    #[test]
    fn decoration_is_cut_back() {
        let loud = format!("A{}nna", "\u{301}".repeat(50));
        assert_eq!(clean(&loud).as_deref(), Some("A\u{301}\u{301}nna"));
        assert_eq!(
            clean(&"x".repeat(4096)).map(|name| name.len()),
            Some(MAX_CHARACTERS)
        );
    }

    proptest! {
        #[test]
        fn attack_18_whatever_is_sent(sent in "(\\PC|\u{202e}|\u{200d}|✓|\u{301}| ){0,300}") {
            if let Some(name) = clean(&sent) {
                prop_assert!(name.len() <= limits::NAME_BYTES);
                prop_assert!(name.chars().count() <= MAX_CHARACTERS);
                prop_assert!(!name.chars().any(|c| is_hidden(c) || is_symbol(c)));
                prop_assert_eq!(name.trim(), &name);
                prop_assert_eq!(clean(&name), Some(name));
            }
        }
    }
}

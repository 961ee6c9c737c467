//! Characters that are not what the eye takes them for.

/// Characters without a shape of their own: controls, invisible joiners and spaces, and
/// those that turn the direction of what follows. They serve to make one name look like
/// another.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00ad}'                  // soft hyphen
            | '\u{034f}'                // combining grapheme joiner
            | '\u{061c}'                // Arabic letter mark
            | '\u{115f}'..='\u{1160}'   // Hangul fillers
            | '\u{17b4}'..='\u{17b5}'   // Khmer inherent vowels
            | '\u{180b}'..='\u{180f}'   // Mongolian selectors
            | '\u{200b}'..='\u{200f}'   // zero-width characters and direction marks
            | '\u{2028}'..='\u{202e}'   // separators, direction embeddings and overrides
            | '\u{2060}'..='\u{206f}'   // word joiner, direction isolates
            | '\u{2800}'                // Braille blank
            | '\u{3164}' | '\u{ffa0}'   // Hangul fillers
            | '\u{fe00}'..='\u{fe0f}'   // variation selectors
            | '\u{feff}'                // byte order mark
            | '\u{fff0}'..='\u{ffff}'   // specials
            | '\u{1bca0}'..='\u{1bca3}' // shorthand controls
            | '\u{1d173}'..='\u{1d17a}' // musical controls
            | '\u{e000}'..='\u{f8ff}'   // private use
            | '\u{e0000}'..='\u{10ffff}' // tags, selectors, private use
        )
}

/// Puts one space for every run of white space and none at the ends.
pub(crate) fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cuts at a character's end, at most `bytes` long.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

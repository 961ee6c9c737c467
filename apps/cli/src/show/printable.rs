//! Text of other people on its way to a terminal. A message could otherwise move the
//! cursor, change the window's title, or turn the order of letters around.

/// One line: every control and format character is shown as `�`, line breaks as spaces.
pub fn line(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '\n' || c == '\t' {
                ' '
            } else {
                shown(c)
            }
        })
        .collect()
}

/// Several lines: line breaks stay, and each further line starts with `indent`, so that
/// a message cannot look like the head of another.
pub fn lines(text: &str, indent: &str) -> String {
    text.lines()
        .map(line)
        .collect::<Vec<_>>()
        .join(&format!("\n{indent}"))
}

fn shown(c: char) -> char {
    if c.is_control() || is_format(c) {
        char::REPLACEMENT_CHARACTER
    } else {
        c
    }
}

/// Characters without a shape of their own: bidirectional controls, invisible joiners and
/// separators, tags. The joiners that scripts and emoji need (U+200C, U+200D) stay.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_18_no_name_can_steer_the_terminal_or_hide_its_order() {
        let hostile = "\u{1b}]0;owned\u{7}Anna\r\u{202e}gnp.exe\u{200b}\u{9b}2J\n";
        let safe = line(hostile);
        assert!(!safe.chars().any(char::is_control));
        assert_eq!(safe, "�]0;owned�Anna��gnp.exe��2J ");
    }

    #[test]
    fn a_message_cannot_imitate_the_next_one() {
        assert_eq!(
            lines("Hallo\n12 Bo: ja\r\nGrüße", "   "),
            "Hallo\n   12 Bo: ja\n   Grüße"
        );
    }

    #[test]
    fn ordinary_scripts_are_left_alone() {
        for text in ["Jürgen Müßig", "علي", "👩‍🚒", "می‌خواهم"] {
            assert_eq!(line(text), text);
        }
    }
}

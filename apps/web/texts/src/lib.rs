//! Every sentence of the web app, in every language, compiled in.
//!
//! The sentences stand in Fluent files beside this crate, one folder per language. The
//! build turns each message into a method of [`Texts`]; a page that asks for a sentence
//! that does not exist, or forgets an argument, does not compile.

mod language;
mod notice;
mod plural;

pub use language::Language;
pub use notice::{NOTICE_VERSION, notice};
use plural::Category;

/// The sentences in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    language: Language,
}

impl Texts {
    /// In this language.
    #[must_use]
    pub const fn speaking(language: Language) -> Self {
        Self { language }
    }

    /// Which language it is.
    #[must_use]
    pub const fn spoken(self) -> Language {
        self.language
    }

    fn fill(self, pieces: &[Piece], values: &[Value<'_>]) -> String {
        let mut out = String::new();
        self.fill_into(&mut out, pieces, values);
        out
    }

    fn fill_into(self, out: &mut String, pieces: &[Piece], values: &[Value<'_>]) {
        for piece in pieces {
            match *piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Argument(place) => match values.get(place) {
                    // Isolated, so that a name in another script does not turn the sentence.
                    Some(Value::Text(text)) => {
                        out.push('\u{2068}');
                        out.push_str(text);
                        out.push('\u{2069}');
                    }
                    Some(Value::Number(number)) => out.push_str(&number.to_string()),
                    None => {}
                },
                Piece::Choice(place, choices) => {
                    let Some(Value::Number(number)) = values.get(place) else {
                        continue;
                    };
                    let category = plural::category(self.language, *number);
                    let chosen = choices
                        .iter()
                        .find(|(known, _)| *known == category)
                        .or(choices.last());
                    if let Some((_, pieces)) = chosen {
                        self.fill_into(out, pieces, values);
                    }
                }
            }
        }
    }
}

/// A part of a sentence with arguments.
enum Piece {
    Text(&'static str),
    Argument(usize),
    Choice(usize, &'static [(Category, &'static [Piece])]),
}

/// What is put in.
enum Value<'a> {
    Text(&'a str),
    Number(u64),
}

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_choose_their_words() {
        let german = Texts::speaking(Language::German);
        assert_eq!(german.message_count_new(1), "Eine neue Nachricht");
        assert_eq!(german.message_count_new(5), "5 neue Nachrichten");
        let russian = Texts::speaking(Language::Russian);
        assert_eq!(russian.message_count_new(22), "22 новых сообщения");
        assert_eq!(russian.message_count_new(11), "11 новых сообщений");
        let arabic = Texts::speaking(Language::Arabic);
        assert_eq!(arabic.message_count_new(2), "رسالتان جديدتان");
    }

    #[test]
    fn a_name_cannot_turn_the_sentence_around() {
        let sentence = Texts::speaking(Language::English).is_typing("\u{202e}moc");
        assert!(sentence.starts_with('\u{2068}'));
        assert_eq!(sentence.matches('\u{2069}').count(), 1);
    }
}

//! Which form of a word a whole number takes, by the rules of the CLDR.

use crate::Language;

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Category {
    One,
    Two,
    Few,
    Other,
}

/// The form for a number. Where the texts have no form of their own for the CLDR's
/// "zero" and "many", those take the last one.
pub(crate) const fn category(language: Language, number: u64) -> Category {
    let (tens, ones) = (number % 100, number % 10);
    match language {
        Language::Farsi if number <= 1 => Category::One,
        Language::Russian | Language::Ukrainian => match (tens, ones) {
            (11..=14, _) => Category::Other,
            (_, 1) => Category::One,
            (_, 2..=4) => Category::Few,
            _ => Category::Other,
        },
        Language::Arabic => match (number, tens) {
            (1, _) => Category::One,
            (2, _) => Category::Two,
            (_, 3..=10) => Category::Few,
            _ => Category::Other,
        },
        _ if number == 1 => Category::One,
        _ => Category::Other,
    }
}

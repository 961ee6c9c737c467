//! The notice a client reads before anything else: what is written here, who can read it,
//! how long it stays, and the right to take consent back.

use crate::Language;

/// Names this wording; a changed wording gets a new one.
pub const NOTICE_VERSION: &str = "2026-11";

/// The wording in a language.
#[must_use]
pub const fn notice(language: Language) -> &'static str {
    match language {
        Language::German => include_str!("../notice/de.txt"),
        Language::English => include_str!("../notice/en.txt"),
        Language::EasyGerman => include_str!("../notice/de-easy.txt"),
        Language::Turkish => include_str!("../notice/tr.txt"),
        Language::Arabic => include_str!("../notice/ar.txt"),
        Language::Ukrainian => include_str!("../notice/uk.txt"),
        Language::Russian => include_str!("../notice/ru.txt"),
        Language::Farsi => include_str!("../notice/fa.txt"),
    }
}

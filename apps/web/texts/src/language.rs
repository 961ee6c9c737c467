//! The languages, as their speakers call them.

/// A language of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// German.
    German,
    /// English.
    English,
    /// German in Leichte Sprache.
    EasyGerman,
    /// Turkish.
    Turkish,
    /// Arabic.
    Arabic,
    /// Ukrainian.
    Ukrainian,
    /// Russian.
    Russian,
    /// Farsi.
    Farsi,
}

impl Language {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::German,
        Self::English,
        Self::EasyGerman,
        Self::Turkish,
        Self::Arabic,
        Self::Ukrainian,
        Self::Russian,
        Self::Farsi,
    ];

    /// What staff screens are complete in.
    pub const STAFF: [Self; 2] = [Self::German, Self::English];

    /// The name in the language itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::German => "Deutsch",
            Self::English => "English",
            Self::EasyGerman => "Leichte Sprache",
            Self::Turkish => "Türkçe",
            Self::Arabic => "العربية",
            Self::Ukrainian => "Українська",
            Self::Russian => "Русский",
            Self::Farsi => "فارسی",
        }
    }

    /// The code for `lang` attributes, notices and voices, BCP 47.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
            Self::EasyGerman => "de-simple",
            Self::Turkish => "tr",
            Self::Arabic => "ar",
            Self::Ukrainian => "uk",
            Self::Russian => "ru",
            Self::Farsi => "fa",
        }
    }

    /// Whether it runs from right to left.
    #[must_use]
    pub const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Arabic | Self::Farsi)
    }

    /// The language of a code; of `de-AT` it is German.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let exact = Self::ALL.into_iter().find(|one| one.code() == code);
        let main = code.split('-').next().unwrap_or(code);
        exact.or_else(|| Self::ALL.into_iter().find(|one| one.code() == main))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back() {
        for language in Language::ALL {
            assert_eq!(Language::from_code(language.code()), Some(language));
        }
        assert_eq!(Language::from_code("de-AT"), Some(Language::German));
        assert_eq!(Language::from_code("xx"), None);
    }
}

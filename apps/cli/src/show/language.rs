//! The language the program speaks.

use std::env::VarError;

/// German or English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Deutsch
    De,
    /// English
    En,
}

impl Language {
    /// German where the system speaks German, else English. POSIX: the first variable
    /// that is set and not empty decides.
    pub fn of_system(env: impl Fn(&str) -> Result<String, VarError>) -> Self {
        let set = |name: &&str| env(name).ok().filter(|value| !value.is_empty());
        let first = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
        if first.is_some_and(|value| value.starts_with("de")) {
            Self::De
        } else {
            Self::En
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_set_variable_decides() {
        let speak = |pairs: &'static [(&str, &str)]| {
            Language::of_system(move |name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found
                    .map(|(_, value)| (*value).to_owned())
                    .ok_or(VarError::NotPresent)
            })
        };
        assert_eq!(speak(&[("LANG", "de_AT.UTF-8")]), Language::De);
        assert_eq!(
            speak(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]),
            Language::En
        );
        assert_eq!(speak(&[("LC_ALL", ""), ("LANG", "de")]), Language::De);
        assert_eq!(speak(&[]), Language::En);
    }
}

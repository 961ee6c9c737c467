//! One thing that was looked at.

use std::fmt;

/// What was found, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    verdict: Verdict,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Good,
    /// May be as it should be; only a person knows.
    Look(String),
    Bad(String),
}

impl Finding {
    /// As it should be.
    pub(super) fn good(text: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Good,
            text: text.into(),
        }
    }

    /// May be as it should be; what to think of.
    pub(super) fn look(text: impl Into<String>, think: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Look(think.into()),
            text: text.into(),
        }
    }

    /// Not as it should be; what to do.
    pub(super) fn bad(text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Bad(remedy.into()),
            text: text.into(),
        }
    }

    /// Whether something must be done.
    pub fn is_bad(&self) -> bool {
        matches!(self.verdict, Verdict::Bad(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.verdict {
            Verdict::Good => write!(f, "[ok] {}", self.text),
            Verdict::Look(think) => write!(f, "[??] {}\n     {think}", self.text),
            Verdict::Bad(remedy) => write!(f, "[!!] {}\n     To do: {remedy}", self.text),
        }
    }
}

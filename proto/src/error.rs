//! Refusals and what a client may do about them.

use crate::wire;

pub use wire::ErrorCode;

/// The bytes are not what the protocol says; names the part that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed {0}")]
pub struct Malformed(pub &'static str);

/// A part that people fill in is too long, missing or out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} too long, missing or out of range", .0.name())]
pub struct OutOfBounds(pub Part);

impl From<OutOfBounds> for Malformed {
    fn from(OutOfBounds(part): OutOfBounds) -> Self {
        Self(part.name())
    }
}

/// What a person would have to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A name, title, label, position or language.
    Name,
    /// What a message says, a caption included.
    Text,
    /// A reaction.
    Reaction,
    /// A file's name, kind or size.
    File,
    /// A voice note's length.
    VoiceNote,
    /// Who is mentioned.
    Mentions,
    /// Why something is forwarded.
    Reason,
    /// A data card's fields.
    Card,
    /// A notice, or their number.
    Notice,
    /// When somebody reads, and what is said about it.
    Hours,
    /// The numbers for emergencies.
    EmergencyNumbers,
    /// Days after which entries go.
    Retention,
    /// A number of the policy.
    Policy,
    /// What the app keeps for itself.
    Setting,
    /// The whole of it, as it would be sent.
    Whole,
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Text => "text",
            Self::Reaction => "reaction",
            Self::File => "file",
            Self::VoiceNote => "voice note",
            Self::Mentions => "mentions",
            Self::Reason => "reason",
            Self::Card => "data card",
            Self::Notice => "notice",
            Self::Hours => "hours",
            Self::EmergencyNumbers => "emergency numbers",
            Self::Retention => "retention",
            Self::Policy => "policy",
            Self::Setting => "setting",
            Self::Whole => "content",
        }
    }
}

/// A refused request: stable code and the value that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("refused: {}", .code.as_str_name())]
pub struct Refusal {
    /// What the client should do.
    pub code: ErrorCode,
    /// `stale_epoch`, `version_conflict`, `offset_mismatch`: the value the relay holds; else 0.
    pub current: u64,
    /// `rate_limited`: milliseconds to wait; else 0.
    pub retry_after_ms: u32,
}

impl Refusal {
    /// A refusal that needs no value.
    pub const fn new(code: ErrorCode) -> Self {
        Self {
            code,
            current: 0,
            retry_after_ms: 0,
        }
    }

    /// A refusal that names the value the relay holds.
    pub const fn with_current(code: ErrorCode, current: u64) -> Self {
        Self {
            code,
            current,
            retry_after_ms: 0,
        }
    }

    /// Too many requests; the same one can succeed after the wait.
    pub const fn rate_limited(retry_after_ms: u32) -> Self {
        Self {
            code: ErrorCode::RateLimited,
            current: 0,
            retry_after_ms,
        }
    }

    /// `rate_limited`: seconds after which the same request can succeed.
    pub fn wait_seconds(&self) -> i64 {
        i64::from(self.retry_after_ms / 1_000) + 1
    }

    /// The code as it stands in problem details: `stale_epoch`.
    pub fn code_name(&self) -> String {
        self.code
            .as_str_name()
            .trim_start_matches("ERROR_CODE_")
            .to_ascii_lowercase()
    }
}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        Self::new(ErrorCode::Malformed)
    }
}

impl From<Refusal> for wire::Error {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code.into(),
            current: refusal.current,
            retry_after_ms: refusal.retry_after_ms,
        }
    }
}

impl From<wire::Error> for Refusal {
    /// A code this build does not know reads as [`ErrorCode::Unavailable`]: retry later.
    fn from(error: wire::Error) -> Self {
        let code = match ErrorCode::try_from(error.code) {
            Ok(ErrorCode::Unspecified) | Err(_) => ErrorCode::Unavailable,
            Ok(code) => code,
        };
        Self {
            code,
            current: error.current,
            retry_after_ms: error.retry_after_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_code_means_retry_later() {
        let refusal = Refusal::from(wire::Error {
            code: 9999,
            current: 0,
            retry_after_ms: 0,
        });
        assert_eq!(refusal.code, ErrorCode::Unavailable);
        assert_eq!(refusal.code_name(), "unavailable");
    }
}

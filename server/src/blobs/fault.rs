//! Why a bucket cannot be used, told to the operator with what to do. None of it repeats a
//! key.

use std::error::Error;

use object_store::client::HttpError;

/// Why a bucket cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No answer, or one that tells of trouble over there. It may pass.
    #[error(
        "the object store does not answer: see that it runs, that blob_store.endpoint names it, \
         and that a firewall lets the relay through"
    )]
    Unreachable(#[source] Cause),
    /// It does not know the bucket.
    #[error("the object store has no such bucket: make it, or correct blob_store.bucket")]
    NoBucket(#[source] Cause),
    /// It does not know the key, or the secret does not fit.
    #[error(
        "the object store does not accept the key: correct blob_store.access_key and \
         blob_store.secret_key"
    )]
    WrongKey(#[source] Cause),
    /// The key is accepted and may not do this.
    #[error(
        "the key may not use the bucket: let it list, read, write and delete in the bucket, and \
         nothing else"
    )]
    NotAllowed(#[source] Cause),
    /// The bucket lies in another region.
    #[error("the bucket lies in another region: correct blob_store.region")]
    Region(#[source] Cause),
    /// Another relay's, or this one's before its data were put back from a backup.
    #[error(
        "the bucket belongs to other data, or to these before a restore: name an empty bucket, \
         or, if no relay uses this one any more, run siegel-server migrate-blobs --take-over"
    )]
    Foreign,
    /// Something else.
    #[error("the object store refuses: its answer follows")]
    Other(#[source] Cause),
}

/// What the object store or the network said: its code, or the last word. Whole answers are
/// not repeated; some of them hold the name of the key.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Cause(String);

impl Cause {
    const MOST: usize = 160;

    /// These words.
    pub fn new(text: &str) -> Self {
        let line = text.lines().next().unwrap_or_default();
        Self(line.chars().take(Self::MOST).collect())
    }
}

impl Fault {
    /// Whether nothing but an operator can change it.
    pub const fn is_lasting(&self) -> bool {
        !matches!(self, Self::Unreachable(_) | Self::Other(_))
    }

    /// No answer within the time there is.
    pub fn late() -> Self {
        Self::Unreachable(Cause::new("no answer in time"))
    }

    /// For the log, which holds no address.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::NoBucket(_) => "no_bucket",
            Self::WrongKey(_) => "wrong_key",
            Self::NotAllowed(_) => "not_allowed",
            Self::Region(_) => "region",
            Self::Foreign => "foreign",
            Self::Other(_) => "other",
        }
    }
}

/// What came of asking for an object.
#[derive(Debug)]
pub enum Answer {
    /// The bucket is there and the object is not.
    Missing,
    /// The bucket cannot be used.
    Fault(Fault),
}

impl From<object_store::Error> for Answer {
    fn from(error: object_store::Error) -> Self {
        let code = code_of(&error);
        let is_away = is_away(&error);
        let is_missing = matches!(error, object_store::Error::NotFound { .. });
        let is_closed = matches!(
            error,
            object_store::Error::PermissionDenied { .. }
                | object_store::Error::Unauthenticated { .. }
        );
        let cause = match &code {
            Some(code) => Cause::new(&format!("it says {code}")),
            None => Cause::new(&last_word(&error)),
        };
        Self::Fault(match code.as_deref() {
            Some("NoSuchBucket") => Fault::NoBucket(cause),
            Some("InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidSecurity") => {
                Fault::WrongKey(cause)
            }
            Some("AccessDenied" | "AccountProblem" | "AllAccessDisabled") => {
                Fault::NotAllowed(cause)
            }
            Some(
                "AuthorizationHeaderMalformed" | "PermanentRedirect" | "IllegalLocationConstraint",
            ) => Fault::Region(cause),
            _ if is_missing => return Self::Missing,
            _ if is_closed => Fault::NotAllowed(cause),
            _ if is_away => Fault::Unreachable(cause),
            _ => Fault::Other(cause),
        })
    }
}

impl From<object_store::Error> for Fault {
    fn from(error: object_store::Error) -> Self {
        match Answer::from(error) {
            Answer::Fault(fault) => fault,
            Answer::Missing => Self::Other(Cause::new("an object is missing")),
        }
    }
}

/// The code in the answer of the store: the one thing in it that is meant for programs.
fn code_of(error: &object_store::Error) -> Option<String> {
    let text = error.to_string();
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    Some(code.to_owned())
}

fn last_word(error: &object_store::Error) -> String {
    let mut last: &dyn Error = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

/// Whether no answer came, or one that tells of trouble over there.
fn is_away(error: &object_store::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<HttpError>() {
            return true;
        }
        cause = error.source();
    }
    // `Server returned non-2xx status code: 503`, which has no type of its own outside.
    let text = error.to_string();
    ["status code: 5", "status code: 429"]
        .iter()
        .any(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(code: &str) -> Fault {
        Fault::from(object_store::Error::PermissionDenied {
            path: String::new(),
            source: format!("<Error><Code>{code}</Code><Key>siegel</Key></Error>").into(),
        })
    }

    #[test]
    fn what_the_store_says_is_told_apart() {
        assert!(matches!(
            denied("SignatureDoesNotMatch"),
            Fault::WrongKey(_)
        ));
        assert!(matches!(denied("AccessDenied"), Fault::NotAllowed(_)));
        assert!(matches!(denied("NoSuchBucket"), Fault::NoBucket(_)));
        let denied = denied("AccessDenied");
        assert!(denied.is_lasting());
        let cause = denied.source().expect("a cause").to_string();
        assert_eq!(cause, "it says AccessDenied");
        let busy = Fault::from(object_store::Error::Generic {
            store: "S3",
            source: "Server returned non-2xx status code: 503 Slow Down: ".into(),
        });
        assert!(!busy.is_lasting() && busy.code() == "unreachable");
        let gone = Answer::from(object_store::Error::NotFound {
            path: String::new(),
            source: "<Error><Code>NoSuchKey</Code></Error>".into(),
        });
        assert!(matches!(gone, Answer::Missing));
    }
}

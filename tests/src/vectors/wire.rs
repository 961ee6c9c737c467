//! The vectors of `proto`: one file per case, each with its message, what it says and its
//! bytes.

use std::fmt::Debug;

use prost::Message;
use serde_json::json;

use super::describe::{Descriptors, meaning};
use super::{contents, hex, identities, pretty, replies, requests};

/// A value and its one encoding.
pub struct Case {
    /// File name without its ending: `client_frame/attach`.
    pub name: String,
    /// The message of the `.proto` sources.
    pub message: &'static str,
    /// The encoding.
    pub bytes: Vec<u8>,
    read: Box<Read>,
}

type Read = dyn Fn(&[u8]) -> Result<Vec<u8>, String> + Send + Sync;

/// Every case.
pub fn all() -> Vec<Case> {
    let mut cases = requests::all();
    cases.extend(replies::all());
    cases.extend(contents::all());
    cases.extend(identities::all());
    cases
}

impl Case {
    /// A value with its encoder and its checking decoder.
    pub fn new<T, E>(
        name: impl Into<String>,
        message: &'static str,
        value: T,
        encode: impl Fn(&T) -> Vec<u8> + Send + Sync + 'static,
        decode: impl Fn(&[u8]) -> Result<T, E> + Send + Sync + 'static,
    ) -> Self
    where
        T: PartialEq + Debug + Send + Sync + 'static,
        E: Debug,
    {
        Self {
            name: name.into(),
            message,
            bytes: encode(&value),
            read: Box::new(move |bytes| {
                let read = decode(bytes).map_err(|error| format!("is refused: {error:?}"))?;
                if read != value {
                    return Err(format!("reads as {read:?} instead of {value:?}"));
                }
                Ok(encode(&read))
            }),
        }
    }

    /// A value that goes through a message of the sources.
    pub fn wired<T, W>(
        name: impl Into<String>,
        message: &'static str,
        value: T,
        to_wire: impl Fn(&T) -> W + Send + Sync + 'static,
    ) -> Self
    where
        T: TryFrom<W> + PartialEq + Debug + Send + Sync + 'static,
        T::Error: Debug,
        W: Message + Default,
    {
        let encode = move |value: &T| to_wire(value).encode_to_vec();
        let decode = |bytes: &[u8]| {
            let wire = W::decode(bytes).map_err(|error| error.to_string())?;
            T::try_from(wire).map_err(|error| format!("{error:?}"))
        };
        Self::new(name, message, value, encode, decode)
    }

    /// Decodes bytes, which must give the case's value, and encodes that anew.
    ///
    /// # Errors
    /// They give another value or none.
    pub fn read(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        (self.read)(bytes)
    }

    /// The file.
    pub fn text(&self) -> String {
        let says = Descriptors::default().read(self.message, &self.bytes);
        pretty(&json!({
            "message": self.message,
            "says": meaning(&says.expect("an example of its message")),
            "hex": hex(&self.bytes),
        }))
    }
}

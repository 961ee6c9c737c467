//! Directory entries: ciphertext for the relay, names for colleagues.

use bytes::Bytes;
use prost::Message as _;

use crate::certificate::{self, Certificate};
use crate::error::Malformed;
use crate::ids::PersonId;
use crate::{limits, padding, wire};

/// Writes the own account's entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PutDirectoryEntry {
    /// One more than what stands there.
    pub version: u64,
    /// Sealed, padded.
    pub sealed: Bytes,
}

/// An entry as the relay hands it out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryEntry {
    /// Whose it is.
    pub person: PersonId,
    /// Its version.
    pub version: u64,
    /// Sealed, padded.
    pub sealed: Bytes,
}

/// A page of what was written to the directory, oldest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directory {
    /// Each account's latest entry.
    pub entries: Vec<DirectoryEntry>,
    /// The change the page goes up to: counts writes of the whole directory, and begins anew
    /// with the relay's generation.
    pub up_to: u64,
    /// There is more after it.
    pub more: bool,
}

/// What a directory entry says; the relay never sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryEntryBody {
    /// What colleagues call the person.
    pub display_name: String,
    /// What the person does; may be empty.
    pub position: String,
    /// The chain of the account's identity, not yet verified.
    pub chain: Vec<Certificate>,
    /// When it was written, seconds since 1970 by the writer's clock.
    pub written_at: i64,
}

impl DirectoryEntryBody {
    /// Encodes for sealing.
    pub fn encode(&self) -> Vec<u8> {
        wire::DirectoryEntryBody {
            display_name: self.display_name.clone(),
            position: self.position.clone(),
            chain: Some(wire::CertificateChain {
                certificates: self.chain.iter().map(wire::Certificate::from).collect(),
            }),
            written_at: self.written_at,
        }
        .encode_to_vec()
    }

    /// Parses what was sealed.
    ///
    /// # Errors
    /// [`Malformed`] if a name is too long or the chain does not parse.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire =
            wire::DirectoryEntryBody::decode(bytes).map_err(|_| Malformed("directory entry"))?;
        if wire.display_name.len().max(wire.position.len()) > limits::NAME_BYTES {
            return Err(Malformed("directory entry"));
        }
        Ok(Self {
            display_name: wire.display_name,
            position: wire.position,
            chain: certificate::parse_chain(wire.chain.ok_or(Malformed("chain"))?.certificates)?,
            written_at: wire.written_at,
        })
    }
}

fn sealed(bytes: Bytes) -> Result<Bytes, Malformed> {
    if bytes.len() > limits::DIRECTORY_ENTRY_BYTES || !padding::is_bucket(bytes.len()) {
        return Err(Malformed("sealed directory entry"));
    }
    Ok(bytes)
}

impl TryFrom<wire::PutDirectoryEntry> for PutDirectoryEntry {
    type Error = Malformed;

    fn try_from(wire: wire::PutDirectoryEntry) -> Result<Self, Malformed> {
        Ok(Self {
            version: wire.version,
            sealed: sealed(wire.sealed)?,
        })
    }
}

impl From<PutDirectoryEntry> for wire::PutDirectoryEntry {
    fn from(entry: PutDirectoryEntry) -> Self {
        Self {
            version: entry.version,
            sealed: entry.sealed,
        }
    }
}

impl TryFrom<wire::DirectoryEntry> for DirectoryEntry {
    type Error = Malformed;

    fn try_from(wire: wire::DirectoryEntry) -> Result<Self, Malformed> {
        Ok(Self {
            person: PersonId::from_slice(&wire.account_id)?,
            version: wire.version,
            sealed: sealed(wire.sealed)?,
        })
    }
}

impl From<DirectoryEntry> for wire::DirectoryEntry {
    fn from(entry: DirectoryEntry) -> Self {
        Self {
            account_id: entry.person.to_wire(),
            version: entry.version,
            sealed: entry.sealed,
        }
    }
}

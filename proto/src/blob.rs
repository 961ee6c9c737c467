//! Blobs: encrypted attachments.

use crate::error::{ErrorCode, Refusal};
use crate::ids::{BlobId, ContentHash, TokenHash};
use crate::{limits, padding, room, wire};

/// Announces a blob; its bytes follow over HTTP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CreateBlob {
    /// Random, chosen by the client.
    pub blob: BlobId,
    /// Bytes of ciphertext, a blob bucket.
    pub size: u64,
    /// Of the ciphertext.
    pub hash: ContentHash,
    /// Of the secret that reads and deletes.
    pub secret_hash: TokenHash,
    /// Days until the relay drops it, at the latest.
    pub expires_in_days: u32,
}

impl TryFrom<wire::CreateBlob> for CreateBlob {
    type Error = Refusal;

    fn try_from(wire: wire::CreateBlob) -> Result<Self, Refusal> {
        if wire.size > limits::BLOB_BYTES {
            return Err(Refusal::new(ErrorCode::TooLarge));
        }
        if !padding::is_blob_bucket(wire.size) {
            return Err(Refusal::new(ErrorCode::NotPadded));
        }
        Ok(Self {
            blob: BlobId::from_slice(&wire.blob_id)?,
            size: wire.size,
            hash: ContentHash::from_slice(&wire.hash)?,
            secret_hash: TokenHash::from_slice(&wire.secret_hash)?,
            expires_in_days: room::expiry(wire.expires_in_days)?,
        })
    }
}

impl From<CreateBlob> for wire::CreateBlob {
    fn from(create: CreateBlob) -> Self {
        Self {
            blob_id: create.blob.to_wire(),
            size: create.size,
            hash: create.hash.to_wire(),
            secret_hash: create.secret_hash.to_wire(),
            expires_in_days: create.expires_in_days,
        }
    }
}

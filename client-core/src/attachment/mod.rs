//! Files: sealed in frames, so that neither end needs the whole file in memory.
//!
//! STREAM-BE32 (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over XChaCha20-Poly1305 with a
//! fresh random key per file. Frames are counted and the last one is marked, so none can
//! be dropped, moved or cut off; version, blob and padded length are associated data of
//! every frame. A sealed frame is 64 KiB, so sixteen make one part of an upload. The file
//! is filled up with zeros until the ciphertext's length is a blob bucket.

mod frames;
mod opener;
mod sealer;
#[cfg(test)]
mod tests;

use siegel_proto::ids::{BlobId, ContentHash};

pub use frames::sealed_size;
pub use opener::{Opener, Verified, Verifier};
pub use sealer::Sealer;

use crate::secret::Secret32;

/// What the message says of a file: all that is needed to open the blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFile {
    /// The blob.
    pub blob: BlobId,
    /// Of this file alone.
    pub key: Secret32,
    /// BLAKE3 of the ciphertext.
    pub hash: ContentHash,
    /// Bytes of ciphertext.
    pub sealed_size: u64,
    /// Bytes of the file.
    pub size: u64,
}

/// A file could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    /// Larger than [`siegel_proto::limits::FILE_BYTES`]: tell the person.
    #[error("the file is too large")]
    TooLarge,
    /// The file or blob is not as long as it was said to be: start over.
    #[error("the length is not as announced")]
    Length,
    /// The message contradicts itself: show the attachment as damaged.
    #[error("the attachment's sizes do not fit each other")]
    Malformed,
    /// The blob is not the one the message names: fetch it again, then show it as damaged.
    #[error("the blob is not the one that was sent")]
    Substituted,
    /// The blob was not sealed as the message says: show the attachment as damaged.
    #[error("the blob does not open")]
    Damaged,
}

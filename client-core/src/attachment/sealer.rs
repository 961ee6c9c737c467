//! Sealing a file as it is read.

use siegel_proto::ids::{BlobId, ContentHash};
use zeroize::Zeroizing;

use super::frames::{Frames, SEALED_FRAME, TAG, sealed_size};
use super::{AttachmentError, SealedFile};
use crate::moment::StepRng;
use crate::secret::Secret32;

/// Turns a file into a blob, frame by frame.
///
/// An upload that breaks off is continued with the *same* sealed bytes, or sealed anew
/// under a new key: never seal a file that may have changed under the old one.
pub struct Sealer {
    file: SealedFile,
    frames: Frames,
    frame: Zeroizing<Vec<u8>>,
    file_left: u64,
    hasher: blake3::Hasher,
}

impl Sealer {
    /// Starts a file of exactly `size` bytes under a fresh key.
    ///
    /// # Errors
    /// [`AttachmentError::TooLarge`] beyond the limit.
    pub fn new(blob: BlobId, size: u64, rng: &mut StepRng) -> Result<Self, AttachmentError> {
        let key = Secret32::random(rng);
        let sealed_size = sealed_size(size)?;
        Ok(Self {
            frames: Frames::new(blob, &key, sealed_size),
            file: SealedFile {
                blob,
                key,
                hash: ContentHash::new([0; 32]),
                sealed_size,
                size,
            },
            frame: empty_frame(),
            file_left: size,
            hasher: blake3::Hasher::new(),
        })
    }

    /// Bytes of ciphertext there will be in all.
    #[must_use]
    pub fn sealed_size(&self) -> u64 {
        self.file.sealed_size
    }

    /// Takes bytes of the file off the front of `input` until a frame is full, and
    /// returns the frame sealed. Call it until it returns `None`, then with more bytes.
    /// After the file's last byte it returns the frames of the filling.
    ///
    /// # Errors
    /// [`AttachmentError::Length`] if there are more bytes than announced.
    pub fn push(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, AttachmentError> {
        if input.len() as u64 > self.file_left {
            return Err(AttachmentError::Length);
        }
        let room = self.frames.next_sealed().saturating_sub(TAG as usize);
        let (taken, rest) = input.split_at(input.len().min(room - self.frame.len().min(room)));
        self.frame.extend_from_slice(taken);
        *input = rest;
        self.file_left -= taken.len() as u64;
        if self.file_left == 0 {
            self.frame.resize(room, 0);
        }
        if self.frames.is_done() || self.frame.len() < room {
            return Ok(None);
        }
        self.frames.seal(&mut self.frame)?;
        let sealed = std::mem::replace(&mut self.frame, empty_frame());
        self.hasher.update(&sealed);
        Ok(Some(sealed.to_vec()))
    }

    /// What the message has to say of the file.
    ///
    /// # Errors
    /// [`AttachmentError::Length`] if not every frame was taken out.
    pub fn finish(self) -> Result<SealedFile, AttachmentError> {
        if !self.frames.is_done() {
            return Err(AttachmentError::Length);
        }
        let hash = ContentHash::new(*self.hasher.finalize().as_bytes());
        Ok(SealedFile { hash, ..self.file })
    }
}

/// Never grows, so it is wiped where it lies.
fn empty_frame() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(SEALED_FRAME as usize))
}

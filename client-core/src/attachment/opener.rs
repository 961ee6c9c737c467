//! Opening a blob: first that it is the one that was sent, then what is in it.

use siegel_proto::ids::ContentHash;
use zeroize::Zeroizing;

use super::frames::{Frames, SEALED_FRAME, sealed_size};
use super::{AttachmentError, SealedFile};

/// The first pass over a blob, without the key: length and hash.
pub struct Verifier {
    file: SealedFile,
    left: u64,
    hasher: blake3::Hasher,
}

/// Proof that a blob was held against its message; needed to open it.
pub struct Verified(SealedFile);

impl Verifier {
    /// Starts with what the message says.
    ///
    /// # Errors
    /// [`AttachmentError::Malformed`] if the sizes are not what a sealer would choose.
    pub fn new(file: SealedFile) -> Result<Self, AttachmentError> {
        if sealed_size(file.size) != Ok(file.sealed_size) {
            return Err(AttachmentError::Malformed);
        }
        Ok(Self {
            left: file.sealed_size,
            file,
            hasher: blake3::Hasher::new(),
        })
    }

    /// The next bytes of the blob, however many.
    ///
    /// # Errors
    /// [`AttachmentError::Length`] if there are more than announced.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), AttachmentError> {
        self.left = self
            .left
            .checked_sub(bytes.len() as u64)
            .ok_or(AttachmentError::Length)?;
        self.hasher.update(bytes);
        Ok(())
    }

    /// The verdict, after the last byte.
    ///
    /// # Errors
    /// [`AttachmentError::Length`] if bytes are missing, [`AttachmentError::Substituted`]
    /// if it is another blob.
    pub fn finish(self) -> Result<Verified, AttachmentError> {
        if self.left != 0 {
            return Err(AttachmentError::Length);
        }
        if ContentHash::new(*self.hasher.finalize().as_bytes()) != self.file.hash {
            return Err(AttachmentError::Substituted);
        }
        Ok(Verified(self.file))
    }
}

/// The second pass: the blob's bytes go in, the file's come out.
pub struct Opener {
    frames: Frames,
    frame: Zeroizing<Vec<u8>>,
    file_left: u64,
    hash: ContentHash,
    hasher: blake3::Hasher,
}

impl Opener {
    /// Begins at the blob's first byte again.
    #[must_use]
    pub fn new(verified: Verified) -> Self {
        let Verified(file) = verified;
        Self {
            frames: Frames::new(file.blob, &file.key, file.sealed_size),
            frame: empty_frame(),
            file_left: file.size,
            hash: file.hash,
            hasher: blake3::Hasher::new(),
        }
    }

    /// Takes bytes of the blob off the front of `input` until a frame is complete, and
    /// returns the file's bytes in it, none if it is all filling. Call it until it
    /// returns `None`, then with more bytes.
    ///
    /// # Errors
    /// [`AttachmentError::Damaged`] or [`AttachmentError::Length`]; what came out before
    /// must then be thrown away.
    pub fn push(
        &mut self,
        input: &mut &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, AttachmentError> {
        let whole = self.frames.next_sealed();
        if whole == 0 && !input.is_empty() {
            return Err(AttachmentError::Length);
        }
        let (taken, rest) = input.split_at(input.len().min(whole - self.frame.len()));
        self.frame.extend_from_slice(taken);
        *input = rest;
        if self.frames.is_done() || self.frame.len() < whole {
            return Ok(None);
        }
        self.hasher.update(&self.frame);
        let mut frame = std::mem::replace(&mut self.frame, empty_frame());
        self.frames.open(&mut frame)?;
        let length = frame
            .len()
            .min(usize::try_from(self.file_left).unwrap_or(usize::MAX));
        if frame[length..].iter().any(|filling| *filling != 0) {
            return Err(AttachmentError::Damaged);
        }
        frame.truncate(length);
        self.file_left -= length as u64;
        Ok(Some(frame))
    }

    /// Whether the file is whole. Show nothing of it before.
    ///
    /// # Errors
    /// [`AttachmentError::Length`] if bytes are missing, [`AttachmentError::Substituted`]
    /// if the blob changed between the passes.
    pub fn finish(self) -> Result<(), AttachmentError> {
        if !self.frames.is_done() {
            return Err(AttachmentError::Length);
        }
        if ContentHash::new(*self.hasher.finalize().as_bytes()) != self.hash {
            return Err(AttachmentError::Substituted);
        }
        Ok(())
    }
}

fn empty_frame() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(SEALED_FRAME as usize))
}

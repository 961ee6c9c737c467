//! How a file is cut into frames, for both directions.

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::KeyInit;
use chacha20poly1305::aead::stream::{NewStream, StreamBE32, StreamPrimitive};
use siegel_proto::ids::BlobId;
use siegel_proto::{label, limits, padding, signing};

use super::AttachmentError;
use crate::secret::Secret32;

pub(super) const SEALED_FRAME: u64 = 64 * 1024;
pub(super) const TAG: u64 = 16;

const VERSION: u8 = 1;
/// XChaCha20's nonce less STREAM's counter and mark.
const NONCE_PREFIX_BYTES: usize = 19;

/// Bytes of ciphertext for a file of `size` bytes: a blob bucket.
///
/// # Errors
/// [`AttachmentError::TooLarge`] beyond the limit.
pub fn sealed_size(size: u64) -> Result<u64, AttachmentError> {
    if size > limits::FILE_BYTES {
        return Err(AttachmentError::TooLarge);
    }
    let mut bucket = size;
    loop {
        bucket = padding::blob_bucket(bucket).ok_or(AttachmentError::TooLarge)?;
        if padded_size(bucket) >= size {
            return Ok(bucket);
        }
        bucket += 1;
    }
}

/// Bytes of plaintext, filling included, in a blob of this size.
fn padded_size(sealed: u64) -> u64 {
    sealed - TAG * sealed.div_ceil(SEALED_FRAME)
}

/// The cipher and the position in the file.
pub(super) struct Frames {
    stream: StreamBE32<XChaCha20Poly1305>,
    associated_data: Vec<u8>,
    position: u32,
    sealed_left: u64,
}

impl Frames {
    pub(super) fn new(blob: BlobId, key: &Secret32, sealed_size: u64) -> Self {
        // The key serves one file, so any prefix would do; the blob's id makes even a
        // key that is used twice by mistake give unrelated frames.
        let mut prefix = [0; NONCE_PREFIX_BYTES];
        prefix[..16].copy_from_slice(blob.as_bytes());
        let cipher = XChaCha20Poly1305::new(key.expose().into());
        let padded = padded_size(sealed_size).to_be_bytes();
        Self {
            stream: StreamBE32::from_aead(cipher, (&prefix).into()),
            associated_data: signing::message(
                label::ATTACHMENT,
                &[&[VERSION], blob.as_bytes(), &padded],
            ),
            position: 0,
            sealed_left: sealed_size,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.sealed_left == 0
    }

    /// Bytes of the next frame's ciphertext; 0 after the last.
    pub(super) fn next_sealed(&self) -> usize {
        // At most 64 KiB.
        usize::try_from(self.sealed_left.min(SEALED_FRAME)).unwrap_or(0)
    }

    pub(super) fn seal(&mut self, frame: &mut Vec<u8>) -> Result<(), AttachmentError> {
        let (position, last) = self.advance();
        self.stream
            .encrypt_in_place(position, last, &self.associated_data, frame)
            .map_err(|_| AttachmentError::Length)
    }

    pub(super) fn open(&mut self, frame: &mut Vec<u8>) -> Result<(), AttachmentError> {
        let (position, last) = self.advance();
        self.stream
            .decrypt_in_place(position, last, &self.associated_data, frame)
            .map_err(|_| AttachmentError::Damaged)
    }

    fn advance(&mut self) -> (u32, bool) {
        let position = self.position;
        self.position += 1;
        self.sealed_left = self.sealed_left.saturating_sub(SEALED_FRAME);
        (position, self.is_done())
    }
}

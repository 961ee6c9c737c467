//! Rows as CBOR, leaving no plaintext behind in buffers.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::{Zeroize, Zeroizing};

use super::error::VaultError;
use crate::secret::WipingBuffer;

/// The reader's own scratch space on the stack would not be wiped. No more of it is used, and
/// wiped, than the row is long.
const SCRATCH_BYTES: usize = 4096;

pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let mut buffer = WipingBuffer::default();
    ciborium::into_writer(value, &mut buffer).map_err(|_| VaultError::Encoding)?;
    Ok(buffer.into_inner())
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, VaultError> {
    let mut scratch = [0; SCRATCH_BYTES];
    let scratch = &mut scratch[..bytes.len().min(SCRATCH_BYTES)];
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_buffer(&mut rest, scratch);
    scratch.zeroize();
    match value {
        Ok(value) if rest.is_empty() => Ok(value),
        _ => Err(VaultError::Encoding),
    }
}

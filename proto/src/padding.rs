//! Size buckets: the only lengths the relay sees.

use crate::error::Malformed;
use crate::limits;

const SMALLEST_PAYLOAD: usize = 256;
const SMALLEST_BLOB: u64 = 4 * 1024;

/// The smallest payload bucket that holds `length` bytes: powers of two from 256 bytes
/// and the steps half way between them. `None` above [`limits::PAYLOAD_BYTES`].
pub fn bucket(length: usize) -> Option<usize> {
    let mut power = SMALLEST_PAYLOAD;
    while power <= limits::PAYLOAD_BYTES {
        for size in [power, power + power / 2] {
            if length <= size && size <= limits::PAYLOAD_BYTES {
                return Some(size);
            }
        }
        power *= 2;
    }
    None
}

/// Whether `length` is a payload bucket.
pub fn is_bucket(length: usize) -> bool {
    bucket(length) == Some(length)
}

/// The smallest blob bucket that holds `length` bytes: `m * 2^k` with `m` from 8 to 15,
/// so padding adds at most an eighth. `None` above [`limits::BLOB_BYTES`].
pub fn blob_bucket(length: u64) -> Option<u64> {
    if length > limits::BLOB_BYTES {
        return None;
    }
    let length = length.max(SMALLEST_BLOB);
    let shift = length.ilog2() - 3;
    let step = 1u64 << shift;
    Some(length.div_ceil(step) << shift)
}

/// Whether `length` is a blob bucket.
pub fn is_blob_bucket(length: u64) -> bool {
    blob_bucket(length) == Some(length)
}

const LENGTH_BYTES: usize = 4;

/// Bytes [`pad`] adds in front.
pub const OVERHEAD: usize = LENGTH_BYTES;

/// Puts the length (four bytes, big endian) before `bytes` and zeros behind, up to the
/// bucket. `None` if no bucket is large enough.
pub fn pad(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = bucket(LENGTH_BYTES + bytes.len())?;
    let length = u32::try_from(bytes.len()).ok()?;
    let mut out = Vec::with_capacity(size);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
    out.resize(size, 0);
    Some(out)
}

/// Takes off what [`pad`] put on.
///
/// # Errors
/// [`Malformed`] if the length does not fit or the filling is not zero: there is exactly
/// one padded form, so nothing can be hidden in it.
pub fn unpad(padded: &[u8]) -> Result<&[u8], Malformed> {
    let (length, rest) = padded
        .split_first_chunk::<LENGTH_BYTES>()
        .ok_or(Malformed("padding"))?;
    let length = u32::from_be_bytes(*length) as usize;
    let (bytes, filling) = rest.split_at_checked(length).ok_or(Malformed("padding"))?;
    let canonical = bucket(LENGTH_BYTES + length) == Some(padded.len());
    if !canonical || filling.iter().any(|byte| *byte != 0) {
        return Err(Malformed("padding"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_what_they_are_chosen_for() {
        for length in 0..=limits::PAYLOAD_BYTES {
            let size = bucket(length).expect("within the limit");
            assert!(size >= length && is_bucket(size));
            assert!(length <= SMALLEST_PAYLOAD || size < length + length / 2 + 1);
        }
        assert_eq!(bucket(limits::PAYLOAD_BYTES + 1), None);
        assert!(is_bucket(limits::PAYLOAD_BYTES));
    }

    #[test]
    fn blob_buckets_add_at_most_an_eighth() {
        for length in (0..limits::BLOB_BYTES).step_by(65_521) {
            let size = blob_bucket(length).expect("within the limit");
            assert!(size >= length && is_blob_bucket(size));
            assert!(size <= length.max(SMALLEST_BLOB) + length.max(SMALLEST_BLOB) / 8);
        }
        assert_eq!(blob_bucket(limits::BLOB_BYTES + 1), None);
        assert!(is_blob_bucket(limits::BLOB_BYTES));
    }

    #[test]
    fn only_the_canonical_padding_is_taken_off() {
        let padded = pad(b"hello").expect("small");
        assert_eq!(unpad(&padded), Ok(&b"hello"[..]));
        let mut hidden = padded.clone();
        *hidden.last_mut().expect("not empty") = 1;
        assert!(unpad(&hidden).is_err());
        let mut longer = padded.clone();
        longer.resize(384, 0);
        assert!(unpad(&longer).is_err());
        assert!(unpad(&[255; 256]).is_err());
        assert!(unpad(&[]).is_err());
    }
}

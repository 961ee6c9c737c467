//! Sealing small things under a derived key: capsules, directory entries, key packages.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use siegel_proto::signing;
use zeroize::Zeroizing;

use crate::moment::StepRng;
use crate::secret::Secret32;

const NONCE_BYTES: usize = 24;

/// Bytes sealing adds: nonce and tag.
pub const OVERHEAD: usize = NONCE_BYTES + 16;

/// The bytes were not sealed under this key for this purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot be opened with this key")]
pub struct CannotOpen;

/// Derives the key of one purpose (HKDF-SHA256, RFC 5869).
pub fn derive(secret: &Secret32, label: &str) -> Secret32 {
    derive_for(secret, label, &[])
}

/// Derives the key of one purpose and one thing it is for.
pub fn derive_for(secret: &Secret32, label: &str, parts: &[&[u8]]) -> Secret32 {
    let mut key = Zeroizing::new([0; 32]);
    let info = signing::message(label, parts);
    // 32 bytes are far below the 8,160 that HKDF-SHA256 can give.
    let filled = Hkdf::<Sha256>::new(None, secret.expose()).expand(&info, &mut *key);
    debug_assert!(filled.is_ok());
    Secret32::new(*key)
}

/// Seals with XChaCha20-Poly1305 and a random nonce, which stands in front.
///
/// # Errors
/// [`CannotOpen`] if the plaintext is beyond the cipher's limit of 256 GiB.
pub fn seal(
    key: &Secret32,
    label: &str,
    parts: &[&[u8]],
    plaintext: &[u8],
    rng: &mut StepRng,
) -> Result<Vec<u8>, CannotOpen> {
    let nonce: [u8; NONCE_BYTES] = rng.bytes();
    let aad = signing::message(label, parts);
    let payload = Payload {
        msg: plaintext,
        aad: &aad,
    };
    let sealed = XChaCha20Poly1305::new(key.expose().into())
        .encrypt(XNonce::from_slice(&nonce), payload)
        .map_err(|_| CannotOpen)?;
    Ok([&nonce[..], &sealed].concat())
}

/// Opens what [`seal`] sealed.
///
/// # Errors
/// [`CannotOpen`] if a byte of key, label, parts or text differs.
pub fn open(
    key: &Secret32,
    label: &str,
    parts: &[&[u8]],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES).ok_or(CannotOpen)?;
    let aad = signing::message(label, parts);
    let payload = Payload {
        msg: sealed,
        aad: &aad,
    };
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt(XNonce::from_slice(nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| CannotOpen)
}

#[cfg(test)]
mod tests {
    use siegel_proto::label;

    use super::*;
    use crate::moment::Entropy;

    #[test]
    fn attack_31_every_byte_is_authenticated() {
        let mut rng = StepRng::new(Entropy([1; 32]));
        let key = derive(&Secret32::random(&mut rng), label::CAPSULE_KEY);
        let sealed = seal(&key, label::CAPSULE, &[b"a"], b"text", &mut rng).expect("seals");
        let opened = open(&key, label::CAPSULE, &[b"a"], &sealed).expect("opens");
        assert_eq!(&opened[..], b"text");
        assert!(open(&key, label::CAPSULE, &[b"b"], &sealed).is_err());
        assert!(open(&key, label::KEY_PACKAGE, &[b"a"], &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&key, label::CAPSULE, &[b"a"], &changed).is_err());
        }
    }
}

//! The one way to put parts together for a hash, a signature, a derived key or
//! associated data: label and parts, each with its length in front.

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use crate::ids::{PublicKey, Signature};

/// Encodes a label and parts so that no two different inputs give the same bytes:
/// each is preceded by its length as four bytes, big endian.
pub fn message(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts
        .iter()
        .fold(4 + label.len(), |sum, part| sum + 4 + part.len());
    let mut out = Vec::with_capacity(length);
    for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
        // Parts are bounded by the frame limit, far below 4 GiB.
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// Signs [`message`] with Ed25519 (RFC 8032).
pub fn sign(key: &SigningKey, label: &str, parts: &[&[u8]]) -> Signature {
    Signature::new(key.sign(&message(label, parts)).to_bytes())
}

/// A signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold")]
pub struct BadSignature;

/// Verifies what [`sign`] made. Weak keys and malleable signatures are refused
/// (`verify_strict`).
///
/// # Errors
/// [`BadSignature`] if the key or the signature is not valid.
pub fn verify(
    key: &PublicKey,
    label: &str,
    parts: &[&[u8]],
    signature: &Signature,
) -> Result<(), BadSignature> {
    let key = VerifyingKey::from_bytes(key.as_bytes()).map_err(|_| BadSignature)?;
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    key.verify_strict(&message(label, parts), &signature)
        .map_err(|_| BadSignature)
}

/// The public half of a signing key.
pub fn public_key(key: &SigningKey) -> PublicKey {
    PublicKey::new(key.verifying_key().to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label;

    #[test]
    fn moving_a_boundary_changes_the_message() {
        assert_ne!(message("a", &[b"bc", b"d"]), message("a", &[b"b", b"cd"]));
        assert_ne!(message("ab", &[b"c"]), message("a", &[b"bc"]));
        assert_ne!(message("a", &[b""]), message("a", &[]));
    }

    #[test]
    fn attack_30_a_signature_for_one_purpose_is_refused_for_every_other() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = public_key(&key);
        for made in label::ALL {
            let signature = sign(&key, made, &[b"body"]);
            for read in label::ALL {
                let holds = verify(&public, read, &[b"body"], &signature).is_ok();
                assert_eq!(holds, made == read, "{made} read as {read}");
            }
        }
    }

    #[test]
    fn attack_25_a_key_of_low_order_signs_nothing() {
        // The neutral element, for which any message verifies under the lax rules.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        let result = verify(
            &PublicKey::new(neutral),
            label::POLICY,
            &[b"body"],
            &Signature::new(signature),
        );
        assert_eq!(result, Err(BadSignature));
    }
}

//! The second, post-quantum wrapping of a Welcome.
//!
//! The suite's own encryption of a Welcome rests on X25519 alone. Who records it today
//! and breaks X25519 tomorrow would have the first secret of the joiner's chain; with
//! this wrapping (HPKE, RFC 9180, with X-Wing: ML-KEM-768 and X25519) they would need to
//! break ML-KEM as well. It neither covers a member removed later nor authenticates: the
//! sender is authenticated by what is inside.

use hpke::{Deserializable, Kem as _, OpModeR, OpModeS, Serializable};
use serde::{Deserialize, Serialize};
use siegel_proto::{label, signing};
use zeroize::Zeroizing;

use crate::moment::StepRng;
use crate::secret::Secret32;

type Kem = hpke::kem::XWing;
type Kdf = hpke::kdf::HkdfSha256;
type Aead = hpke::aead::ChaCha20Poly1305;
type PublicKey = <Kem as hpke::Kem>::PublicKey;
type PrivateKey = <Kem as hpke::Kem>::PrivateKey;
type Encapsulated = <Kem as hpke::Kem>::EncappedKey;

/// Bytes of a public key, in a key package's extension.
pub const PUBLIC_KEY_BYTES: usize = 1216;
/// Bytes [`seal`] adds: the encapsulated key and the tag.
pub const OVERHEAD: usize = ENCAPSULATED_BYTES + 16;

const ENCAPSULATED_BYTES: usize = 1120;

/// A Welcome could not be wrapped or unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WelcomeSealError {
    /// The key package's extension holds no X-Wing key: refuse the key package.
    #[error("the public key is malformed")]
    PublicKey,
    /// Not sealed to this key, or changed on the way: drop it.
    #[error("the welcome does not open")]
    Welcome,
}

/// The private half, stored beside the key package it belongs to and deleted with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WelcomeKey(Secret32);

impl WelcomeKey {
    /// Makes a key pair for one key package.
    pub fn generate(rng: &mut StepRng) -> Self {
        let (private, _) = Kem::gen_keypair_with_rng(rng);
        let bytes = Zeroizing::new(<[u8; 32]>::from(private.to_bytes()));
        Self(Secret32::new(*bytes))
    }

    /// The public half, [`PUBLIC_KEY_BYTES`] long.
    ///
    /// # Errors
    /// None in practice: every 32 bytes are a private key.
    pub fn public(&self) -> Result<Vec<u8>, WelcomeSealError> {
        Ok(Kem::sk_to_pk(&self.private()?).to_bytes().to_vec())
    }

    /// Takes the wrapping off. What comes out is untrusted until the MLS library has
    /// verified it.
    ///
    /// # Errors
    /// [`WelcomeSealError::Welcome`] if it was not made by [`seal`] for this key.
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, WelcomeSealError> {
        let (encapsulated, ciphertext) = sealed
            .split_at_checked(ENCAPSULATED_BYTES)
            .ok_or(WelcomeSealError::Welcome)?;
        let encapsulated =
            Encapsulated::from_bytes(encapsulated).map_err(|_| WelcomeSealError::Welcome)?;
        hpke::single_shot_open::<Aead, Kdf, Kem>(
            &OpModeR::Base,
            &self.private()?,
            &encapsulated,
            &info(),
            ciphertext,
            &[],
        )
        .map(Zeroizing::new)
        .map_err(|_| WelcomeSealError::Welcome)
    }

    fn private(&self) -> Result<PrivateKey, WelcomeSealError> {
        PrivateKey::from_bytes(self.0.expose()).map_err(|_| WelcomeSealError::Welcome)
    }
}

/// Wraps a Welcome for the holder of `public_key`.
///
/// # Errors
/// [`WelcomeSealError::PublicKey`] if it is not an X-Wing key.
pub fn seal(
    public_key: &[u8],
    welcome: &[u8],
    rng: &mut StepRng,
) -> Result<Vec<u8>, WelcomeSealError> {
    let public_key = PublicKey::from_bytes(public_key).map_err(|_| WelcomeSealError::PublicKey)?;
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<Aead, Kdf, Kem>(
        &OpModeS::Base,
        &public_key,
        &info(),
        welcome,
        &[],
        rng,
    )
    .map_err(|_| WelcomeSealError::PublicKey)?;
    Ok([&encapsulated.to_bytes()[..], &ciphertext].concat())
}

fn info() -> Vec<u8> {
    signing::message(label::WELCOME, &[])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::moment::Entropy;

    fn rng(seed: u8) -> StepRng {
        StepRng::new(Entropy([seed; 32]))
    }

    #[test]
    fn sizes_are_as_announced() {
        let public = WelcomeKey::generate(&mut rng(1)).public().unwrap();
        assert_eq!(public.len(), PUBLIC_KEY_BYTES);
        assert_eq!(
            seal(&public, b"welcome", &mut rng(2)).unwrap().len(),
            OVERHEAD + 7
        );
    }

    #[test]
    fn attack_31_no_changed_welcome_opens() {
        let key = WelcomeKey::generate(&mut rng(1));
        let sealed = seal(&key.public().unwrap(), b"welcome", &mut rng(2)).unwrap();
        for place in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[place] ^= 1;
            assert_eq!(
                key.open(&flipped),
                Err(WelcomeSealError::Welcome),
                "byte {place}"
            );
        }
        for length in [0, 1, ENCAPSULATED_BYTES, sealed.len() - 1] {
            assert_eq!(key.open(&sealed[..length]), Err(WelcomeSealError::Welcome));
        }
    }

    #[test]
    fn another_device_cannot_open_it() {
        let public = WelcomeKey::generate(&mut rng(1)).public().unwrap();
        let sealed = seal(&public, b"welcome", &mut rng(2)).unwrap();
        assert!(WelcomeKey::generate(&mut rng(3)).open(&sealed).is_err());
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let public = WelcomeKey::generate(&mut rng(1)).public().unwrap();
        for bytes in [&public[1..], &[&public[..], &[0]].concat(), &[]] {
            assert_eq!(
                seal(bytes, b"w", &mut rng(2)),
                Err(WelcomeSealError::PublicKey)
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_wrapped_is_unwrapped(seed: u8, welcome: Vec<u8>) {
            let key = WelcomeKey::generate(&mut rng(seed));
            let mut row = Vec::new();
            ciborium::into_writer(&key, &mut row).unwrap();
            let stored: WelcomeKey = ciborium::from_reader(&row[..]).unwrap();
            let sealed = seal(&key.public().unwrap(), &welcome, &mut rng(!seed)).unwrap();
            prop_assert_eq!(&*stored.open(&sealed).unwrap(), &welcome);
        }
    }
}

//! Cryptography for the MLS library, with the step's randomness and no other.
//!
//! The library's own provider seeds itself from the operating system, so it cannot serve
//! a core whose randomness is an argument. This one offers the one suite and puts its
//! calls through to the same audited crates; a test holds it against the library's.

use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use hpke::{Deserializable, Kem as _, OpModeR, OpModeS, Serializable};
use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::random::OpenMlsRand;
use openmls_traits::types::{
    AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeAeadType, HpkeCiphertext,
    HpkeConfig, HpkeKdfType, HpkeKemType, HpkeKeyPair, KemOutput, SignatureScheme,
};
use rand_core::Rng;
use sha2::{Digest, Sha256};
use tls_codec::SecretVLBytes;
use zeroize::{Zeroize, Zeroizing};

use super::SUITE;
use crate::moment::StepRng;

type Kem = hpke::kem::X25519HkdfSha256;
type Kdf = hpke::kdf::HkdfSha256;
type HpkeAead = hpke::aead::ChaCha20Poly1305;

const NONCE_BYTES: usize = 12;

/// The suite's operations. The lock is what the library's traits ask for; a step runs on
/// one thread.
pub struct Crypto {
    rng: Mutex<StepRng>,
}

impl Crypto {
    /// Uses `rng` for everything that is drawn.
    #[must_use]
    pub fn new(rng: StepRng) -> Self {
        Self {
            rng: Mutex::new(rng),
        }
    }

    fn rng(&self) -> MutexGuard<'_, StepRng> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Crypto {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Crypto(..)")
    }
}

impl OpenMlsRand for Crypto {
    type Error = Infallible;

    fn random_array<const N: usize>(&self) -> Result<[u8; N], Infallible> {
        Ok(self.rng().bytes())
    }

    fn random_vec(&self, len: usize) -> Result<Vec<u8>, Infallible> {
        let mut bytes = vec![0; len];
        self.rng().fill_bytes(&mut bytes);
        Ok(bytes)
    }
}

impl OpenMlsCrypto for Crypto {
    fn supports(&self, ciphersuite: Ciphersuite) -> Result<(), CryptoError> {
        require(ciphersuite == SUITE, CryptoError::UnsupportedCiphersuite)
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        vec![SUITE]
    }

    fn hkdf_extract(
        &self,
        hash: HashType,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<SecretVLBytes, CryptoError> {
        sha256(hash)?;
        let (mut prk, _) = Hkdf::<Sha256>::extract(Some(salt), ikm);
        let secret = SecretVLBytes::from(prk.as_slice());
        prk.as_mut_slice().zeroize();
        Ok(secret)
    }

    /// HKDF's extraction is defined as HMAC (RFC 5869, section 2.2).
    fn hmac(
        &self,
        hash: HashType,
        key: &[u8],
        message: &[u8],
    ) -> Result<SecretVLBytes, CryptoError> {
        self.hkdf_extract(hash, key, message)
    }

    fn hkdf_expand(
        &self,
        hash: HashType,
        prk: &[u8],
        info: &[u8],
        okm_len: usize,
    ) -> Result<SecretVLBytes, CryptoError> {
        sha256(hash)?;
        let hkdf =
            Hkdf::<Sha256>::from_prk(prk).map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
        let mut okm = vec![0; okm_len];
        hkdf.expand(info, &mut okm)
            .map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
        Ok(okm.into())
    }

    fn hash(&self, hash: HashType, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        sha256(hash)?;
        Ok(Sha256::digest(data).to_vec())
    }

    fn aead_encrypt(
        &self,
        alg: AeadType,
        key: &[u8],
        data: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let (cipher, nonce) = aead(alg, key, nonce)?;
        cipher
            .encrypt(&nonce, Payload { msg: data, aad })
            .map_err(|_| CryptoError::CryptoLibraryError)
    }

    fn aead_decrypt(
        &self,
        alg: AeadType,
        key: &[u8],
        ct_tag: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let (cipher, nonce) = aead(alg, key, nonce)?;
        cipher
            .decrypt(&nonce, Payload { msg: ct_tag, aad })
            .map_err(|_| CryptoError::AeadDecryptionError)
    }

    fn signature_key_gen(&self, alg: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        ed25519(alg)?;
        let seed = Zeroizing::new(self.rng().bytes::<32>());
        let key = SigningKey::from_bytes(&seed);
        Ok((seed.to_vec(), key.verifying_key().to_bytes().to_vec()))
    }

    fn verify_signature(
        &self,
        alg: SignatureScheme,
        data: &[u8],
        pk: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        ed25519(alg)?;
        let key = VerifyingKey::try_from(pk).map_err(|_| CryptoError::InvalidPublicKey)?;
        let signature =
            Signature::from_slice(signature).map_err(|_| CryptoError::InvalidSignature)?;
        key.verify_strict(data, &signature)
            .map_err(|_| CryptoError::InvalidSignature)
    }

    fn sign(&self, alg: SignatureScheme, data: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError> {
        ed25519(alg)?;
        let key = SigningKey::try_from(key).map_err(|_| CryptoError::SigningError)?;
        Ok(key.sign(data).to_bytes().to_vec())
    }

    fn hpke_seal(
        &self,
        config: HpkeConfig,
        pk_r: &[u8],
        info: &[u8],
        aad: &[u8],
        ptxt: &[u8],
    ) -> Result<HpkeCiphertext, CryptoError> {
        let (encapped, ciphertext) = hpke::single_shot_seal_with_rng::<HpkeAead, Kdf, Kem>(
            &OpModeS::Base,
            &public_key(&config, pk_r)?,
            info,
            ptxt,
            aad,
            &mut *self.rng(),
        )
        .map_err(|_| CryptoError::HpkeEncryptionError)?;
        Ok(HpkeCiphertext {
            kem_output: encapped.to_bytes().to_vec().into(),
            ciphertext: ciphertext.into(),
        })
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        input: &HpkeCiphertext,
        sk_r: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let encapped = <Kem as hpke::Kem>::EncappedKey::from_bytes(input.kem_output.as_slice())
            .map_err(|_| CryptoError::HpkeDecryptionError)?;
        hpke::single_shot_open::<HpkeAead, Kdf, Kem>(
            &OpModeR::Base,
            &private_key(&config, sk_r)?,
            &encapped,
            info,
            input.ciphertext.as_slice(),
            aad,
        )
        .map_err(|_| CryptoError::HpkeDecryptionError)
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        pk_r: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        exporter_length: usize,
    ) -> Result<(KemOutput, ExporterSecret), CryptoError> {
        let (encapped, context) = hpke::setup_sender_with_rng::<HpkeAead, Kdf, Kem>(
            &OpModeS::Base,
            &public_key(&config, pk_r)?,
            info,
            &mut *self.rng(),
        )
        .map_err(|_| CryptoError::SenderSetupError)?;
        let mut secret = vec![0; exporter_length];
        context
            .export(exporter_context, &mut secret)
            .map_err(|_| CryptoError::ExporterError)?;
        Ok((encapped.to_bytes().to_vec(), secret.into()))
    }

    fn hpke_setup_receiver_and_export(
        &self,
        config: HpkeConfig,
        enc: &[u8],
        sk_r: &[u8],
        info: &[u8],
        exporter_context: &[u8],
        exporter_length: usize,
    ) -> Result<ExporterSecret, CryptoError> {
        let encapped = <Kem as hpke::Kem>::EncappedKey::from_bytes(enc)
            .map_err(|_| CryptoError::ReceiverSetupError)?;
        let context = hpke::setup_receiver::<HpkeAead, Kdf, Kem>(
            &OpModeR::Base,
            &private_key(&config, sk_r)?,
            &encapped,
            info,
        )
        .map_err(|_| CryptoError::ReceiverSetupError)?;
        let mut secret = vec![0; exporter_length];
        context
            .export(exporter_context, &mut secret)
            .map_err(|_| CryptoError::ExporterError)?;
        Ok(secret.into())
    }

    fn derive_hpke_keypair(
        &self,
        config: HpkeConfig,
        ikm: &[u8],
    ) -> Result<HpkeKeyPair, CryptoError> {
        hpke_suite(&config)?;
        let (private, public) = Kem::derive_keypair(ikm);
        let private = Zeroizing::new(private.to_bytes().to_vec());
        Ok(HpkeKeyPair {
            private: private.as_slice().into(),
            public: public.to_bytes().to_vec(),
        })
    }
}

fn require(holds: bool, otherwise: CryptoError) -> Result<(), CryptoError> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn sha256(hash: HashType) -> Result<(), CryptoError> {
    require(
        hash == HashType::Sha2_256,
        CryptoError::UnsupportedHashAlgorithm,
    )
}

fn ed25519(scheme: SignatureScheme) -> Result<(), CryptoError> {
    require(
        scheme == SignatureScheme::ED25519,
        CryptoError::UnsupportedSignatureScheme,
    )
}

fn aead(alg: AeadType, key: &[u8], nonce: &[u8]) -> Result<(ChaCha20Poly1305, Nonce), CryptoError> {
    require(
        alg == AeadType::ChaCha20Poly1305,
        CryptoError::UnsupportedAeadAlgorithm,
    )?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| CryptoError::InvalidLength)?;
    let cipher = ChaCha20Poly1305::new_from_slice(key).map_err(|_| CryptoError::InvalidLength)?;
    Ok((cipher, nonce.into()))
}

fn hpke_suite(config: &HpkeConfig) -> Result<(), CryptoError> {
    let HpkeConfig(kem, kdf, aead) = config;
    let ours = *kem == HpkeKemType::DhKem25519
        && *kdf == HpkeKdfType::HkdfSha256
        && *aead == HpkeAeadType::ChaCha20Poly1305;
    require(ours, CryptoError::UnsupportedCiphersuite)
}

fn public_key(
    config: &HpkeConfig,
    bytes: &[u8],
) -> Result<<Kem as hpke::Kem>::PublicKey, CryptoError> {
    hpke_suite(config)?;
    <Kem as hpke::Kem>::PublicKey::from_bytes(bytes).map_err(|_| CryptoError::InvalidPublicKey)
}

fn private_key(
    config: &HpkeConfig,
    bytes: &[u8],
) -> Result<<Kem as hpke::Kem>::PrivateKey, CryptoError> {
    hpke_suite(config)?;
    <Kem as hpke::Kem>::PrivateKey::from_bytes(bytes).map_err(|_| CryptoError::InvalidLength)
}

#[cfg(test)]
mod tests {
    use openmls_rust_crypto::RustCrypto;
    use proptest::prelude::*;

    use super::*;
    use crate::moment::Entropy;

    const HASH: HashType = HashType::Sha2_256;
    const AEAD: AeadType = AeadType::ChaCha20Poly1305;
    const SIGNATURE: SignatureScheme = SignatureScheme::ED25519;

    fn ours() -> Crypto {
        Crypto::new(StepRng::new(Entropy([6; 32])))
    }

    fn hpke_config() -> HpkeConfig {
        SUITE.hpke_config()
    }

    #[test]
    fn no_other_suite_is_spoken() {
        let crypto = ours();
        assert_eq!(crypto.supported_ciphersuites(), [SUITE]);
        let other = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;
        assert!(crypto.supports(other).is_err());
        assert!(
            crypto
                .derive_hpke_keypair(other.hpke_config(), &[1; 32])
                .is_err()
        );
        assert!(crypto.hash(HashType::Sha2_384, b"").is_err());
        assert!(
            crypto
                .aead_encrypt(AeadType::Aes128Gcm, &[0; 16], b"", &[0; 12], b"")
                .is_err()
        );
        assert!(
            crypto
                .signature_key_gen(SignatureScheme::ECDSA_SECP256R1_SHA256)
                .is_err()
        );
    }

    #[test]
    fn attack_24_no_shortened_tag_signature_or_key_is_taken() {
        let crypto = ours();
        let (private, public) = crypto.signature_key_gen(SIGNATURE).unwrap();
        let signature = crypto.sign(SIGNATURE, b"data", &private).unwrap();
        let sealed = crypto
            .aead_encrypt(AEAD, &[1; 32], b"data", &[2; 12], b"aad")
            .unwrap();
        let pair = crypto.derive_hpke_keypair(hpke_config(), &[3; 32]).unwrap();
        let boxed = crypto
            .hpke_seal(hpke_config(), &pair.public, b"i", b"a", b"data")
            .unwrap();
        let verify = |public: &[u8], signature: &[u8]| {
            crypto.verify_signature(SIGNATURE, b"data", public, signature)
        };
        let open = |sealed: &[u8]| crypto.aead_decrypt(AEAD, &[1; 32], sealed, &[2; 12], b"aad");
        let unbox = |kem: &[u8], ciphertext: &[u8]| {
            let input = HpkeCiphertext {
                kem_output: kem.into(),
                ciphertext: ciphertext.into(),
            };
            crypto.hpke_open(hpke_config(), &input, &pair.private, b"i", b"a")
        };
        let (kem, ciphertext) = (boxed.kem_output.as_slice(), boxed.ciphertext.as_slice());
        assert!(verify(&public, &signature).is_ok());
        assert!(open(&sealed).is_ok());
        assert!(unbox(kem, ciphertext).is_ok());
        for bytes in wrong(&signature) {
            assert!(verify(&public, &bytes).is_err());
        }
        for bytes in wrong(&public) {
            assert!(verify(&bytes, &signature).is_err());
        }
        for bytes in wrong(&sealed) {
            assert!(open(&bytes).is_err());
        }
        for bytes in wrong(ciphertext) {
            assert!(unbox(kem, &bytes).is_err());
        }
        for bytes in wrong(kem) {
            assert!(unbox(&bytes, ciphertext).is_err());
        }
        for length in (0..32).filter(|length| *length != 12) {
            assert!(
                crypto
                    .aead_encrypt(AEAD, &[1; 32], b"", &vec![0; length], b"")
                    .is_err()
            );
            assert!(
                crypto
                    .aead_encrypt(AEAD, &vec![0; length], b"", &[0; 12], b"")
                    .is_err()
            );
        }
    }

    /// Every shorter form, one byte more, and every bit but the last flipped: X25519
    /// ignores the topmost bit of a public key (RFC 7748).
    fn wrong(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut all: Vec<Vec<u8>> = (0..bytes.len()).map(|len| bytes[..len].to_vec()).collect();
        all.push([bytes, &[0]].concat());
        for bit in 0..bytes.len() * 8 - 1 {
            let mut flipped = bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            all.push(flipped);
        }
        all
    }

    #[test]
    fn attack_25_points_of_low_order_are_refused() {
        let crypto = ours();
        let mut points = vec![[0; 32]];
        points.push(std::array::from_fn(|place| u8::from(place == 0)));
        for point in points {
            assert!(
                crypto
                    .hpke_seal(hpke_config(), &point, b"", b"", b"data")
                    .is_err()
            );
            assert!(
                crypto
                    .verify_signature(SIGNATURE, b"data", &point, &[0; 64])
                    .is_err()
            );
        }
    }

    proptest! {
        #[test]
        fn the_librarys_own_provider_agrees(
            key: [u8; 32],
            nonce: [u8; 12],
            data: Vec<u8>,
            aad: Vec<u8>,
            length in 0..200usize,
        ) {
            let (ours, theirs) = (ours(), RustCrypto::default());
            prop_assert!(
                ours.hkdf_extract(HASH, &key, &data).unwrap().as_slice()
                    == theirs.hkdf_extract(HASH, &key, &data).unwrap().as_slice()
            );
            prop_assert!(
                ours.hmac(HASH, &aad, &data).unwrap().as_slice()
                    == theirs.hmac(HASH, &aad, &data).unwrap().as_slice()
            );
            prop_assert!(
                ours.hkdf_expand(HASH, &key, &aad, length).unwrap().as_slice()
                    == theirs.hkdf_expand(HASH, &key, &aad, length).unwrap().as_slice()
            );
            prop_assert_eq!(ours.hash(HASH, &data), theirs.hash(HASH, &data));
            let sealed = ours.aead_encrypt(AEAD, &key, &data, &nonce, &aad).unwrap();
            prop_assert_eq!(theirs.aead_decrypt(AEAD, &key, &sealed, &nonce, &aad).unwrap(), &data[..]);
            let (private, public) = ours.signature_key_gen(SIGNATURE).unwrap();
            let signature = theirs.sign(SIGNATURE, &data, &private).unwrap();
            prop_assert_eq!(ours.sign(SIGNATURE, &data, &private).unwrap(), &signature[..]);
            prop_assert!(ours.verify_signature(SIGNATURE, &data, &public, &signature).is_ok());
        }

        #[test]
        fn hpke_is_spoken_across_both_providers(
            ikm: [u8; 32],
            data: Vec<u8>,
            info: Vec<u8>,
            aad: Vec<u8>,
        ) {
            let (ours, theirs) = (ours(), RustCrypto::default());
            let pair = ours.derive_hpke_keypair(hpke_config(), &ikm).unwrap();
            let same = theirs.derive_hpke_keypair(hpke_config(), &ikm).unwrap();
            prop_assert_eq!(&pair.public, &same.public);
            let sealed = ours.hpke_seal(hpke_config(), &pair.public, &info, &aad, &data).unwrap();
            let opened = theirs.hpke_open(hpke_config(), &sealed, &pair.private, &info, &aad);
            prop_assert_eq!(opened.unwrap(), &data[..]);
            let sealed = theirs.hpke_seal(hpke_config(), &pair.public, &info, &aad, &data).unwrap();
            let opened = ours.hpke_open(hpke_config(), &sealed, &pair.private, &info, &aad);
            prop_assert_eq!(opened.unwrap(), &data[..]);
            let (kem, sent) = ours
                .hpke_setup_sender_and_export(hpke_config(), &pair.public, &info, &aad, 40)
                .unwrap();
            let received = theirs
                .hpke_setup_receiver_and_export(hpke_config(), &kem, &pair.private, &info, &aad, 40)
                .unwrap();
            prop_assert!(sent[..] == received[..]);
        }
    }
}

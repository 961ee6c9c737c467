//! The device's MLS signature key in the form the library asks for.

use ed25519_dalek::{Signer as _, SigningKey};
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::SignatureScheme;
use siegel_proto::ids::PublicKey;
use siegel_proto::signing;

use crate::secret::Secret32;

/// Signs as a device. Wipes itself.
pub struct DeviceSigner(SigningKey);

impl DeviceSigner {
    /// From the key's seed (RFC 8032).
    pub fn new(seed: &Secret32) -> Self {
        Self(SigningKey::from_bytes(seed.expose()))
    }

    /// The public half, as it stands in the leaf.
    pub fn public_key(&self) -> PublicKey {
        signing::public_key(&self.0)
    }
}

impl Signer for DeviceSigner {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.0.sign(payload).to_bytes().to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

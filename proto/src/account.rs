//! Accounts and devices: enrolling and opening a staff session.

use bytes::Bytes;
use ed25519_dalek::SigningKey;

use crate::certificate::{self, Certificate};
use crate::error::Malformed;
use crate::ids::{DeviceId, PublicKey, Signature};
use crate::signing::{self, BadSignature};
use crate::{label, wire};

/// The 32 random bytes a relay wants signed on this connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Challenge([u8; 32]);

impl Challenge {
    /// Takes 32 bytes drawn at random.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Parses the bytes of a wire field.
    ///
    /// # Errors
    /// [`Malformed`] if it is not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| Malformed("Challenge"))
    }

    /// The bytes as a wire field.
    pub fn to_wire(self) -> Bytes {
        Bytes::copy_from_slice(&self.0)
    }

    /// Answers with the device's auth key.
    pub fn answer(&self, key: &SigningKey, device: DeviceId) -> Signature {
        signing::sign(key, label::DEVICE_AUTH, &[&self.0, device.as_bytes()])
    }

    /// Checks an answer.
    ///
    /// # Errors
    /// [`BadSignature`] if it was not made with the key for this challenge and device.
    pub fn check(
        &self,
        key: &PublicKey,
        device: DeviceId,
        answer: &Signature,
    ) -> Result<(), BadSignature> {
        let parts: [&[u8]; 2] = [&self.0, device.as_bytes()];
        signing::verify(key, label::DEVICE_AUTH, &parts, answer)
    }
}

/// Registers an account's device by its certificate chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Enrol {
    /// From the root to the device; not yet verified.
    pub chain: Vec<Certificate>,
    /// The device's answer to the challenge.
    pub answer: Signature,
}

/// Opens a staff session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authenticate {
    /// The device.
    pub device: DeviceId,
    /// Its answer to the challenge.
    pub answer: Signature,
}

impl TryFrom<wire::Enrol> for Enrol {
    type Error = Malformed;

    fn try_from(wire: wire::Enrol) -> Result<Self, Malformed> {
        Ok(Self {
            chain: certificate::parse_chain(wire.chain)?,
            answer: Signature::from_slice(&wire.signature)?,
        })
    }
}

impl From<&Enrol> for wire::Enrol {
    fn from(enrol: &Enrol) -> Self {
        Self {
            chain: enrol.chain.iter().map(wire::Certificate::from).collect(),
            signature: enrol.answer.to_wire(),
        }
    }
}

impl TryFrom<wire::Authenticate> for Authenticate {
    type Error = Malformed;

    fn try_from(wire: wire::Authenticate) -> Result<Self, Malformed> {
        Ok(Self {
            device: DeviceId::from_slice(&wire.device_id)?,
            answer: Signature::from_slice(&wire.signature)?,
        })
    }
}

impl From<&Authenticate> for wire::Authenticate {
    fn from(authenticate: &Authenticate) -> Self {
        Self {
            device_id: authenticate.device.to_wire(),
            signature: authenticate.answer.to_wire(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_for_one_challenge_and_device() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let public = signing::public_key(&key);
        let device = DeviceId::new([2; 16]);
        let challenge = Challenge::new([3; 32]);
        let answer = challenge.answer(&key, device);
        assert!(challenge.check(&public, device, &answer).is_ok());
        assert!(
            Challenge::new([4; 32])
                .check(&public, device, &answer)
                .is_err()
        );
        assert!(
            challenge
                .check(&public, DeviceId::new([5; 16]), &answer)
                .is_err()
        );
    }
}

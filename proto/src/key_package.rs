//! Key packages of staff devices, sealed so that the relay cannot read them.

use bytes::Bytes;

use crate::error::{ErrorCode, Malformed, Refusal};
use crate::ids::{DeviceId, PersonId};
use crate::{limits, wire};

/// A sealed key package and the day the relay drops it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyPackage {
    /// Sealed under a key derived from the directory key.
    pub sealed: Bytes,
    /// Day since 1970.
    pub expires_day: u32,
}

/// Adds to the pool of the session's device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublishKeyPackages {
    /// One-time key packages.
    pub key_packages: Vec<KeyPackage>,
    /// Replaces the one handed out when the pool is empty.
    pub last_resort: Option<KeyPackage>,
    /// Drops the pool first.
    pub replace: bool,
}

/// Takes one key package of every device of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimKeyPackages {
    /// The account.
    pub person: PersonId,
}

/// A key package taken from the pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimedKeyPackage {
    /// The device it adds.
    pub device: DeviceId,
    /// Sealed.
    pub sealed: Bytes,
    /// Whether others may have got the same one.
    pub last_resort: bool,
}

impl TryFrom<wire::KeyPackage> for KeyPackage {
    type Error = Refusal;

    fn try_from(wire: wire::KeyPackage) -> Result<Self, Refusal> {
        if wire.sealed.len() > limits::KEY_PACKAGE_BYTES {
            return Err(Refusal::new(ErrorCode::TooLarge));
        }
        Ok(Self {
            sealed: wire.sealed,
            expires_day: wire.expires_day,
        })
    }
}

impl From<KeyPackage> for wire::KeyPackage {
    fn from(key_package: KeyPackage) -> Self {
        Self {
            sealed: key_package.sealed,
            expires_day: key_package.expires_day,
        }
    }
}

impl TryFrom<wire::PublishKeyPackages> for PublishKeyPackages {
    type Error = Refusal;

    fn try_from(wire: wire::PublishKeyPackages) -> Result<Self, Refusal> {
        if wire.key_packages.len() > limits::KEY_PACKAGES_PER_DEVICE {
            return Err(Refusal::new(ErrorCode::QuotaExceeded));
        }
        Ok(Self {
            key_packages: wire
                .key_packages
                .into_iter()
                .map(KeyPackage::try_from)
                .collect::<Result<_, _>>()?,
            last_resort: wire.last_resort.map(KeyPackage::try_from).transpose()?,
            replace: wire.replace,
        })
    }
}

impl From<PublishKeyPackages> for wire::PublishKeyPackages {
    fn from(publish: PublishKeyPackages) -> Self {
        Self {
            key_packages: publish.key_packages.into_iter().map(Into::into).collect(),
            last_resort: publish.last_resort.map(Into::into),
            replace: publish.replace,
        }
    }
}

impl TryFrom<wire::ClaimKeyPackages> for ClaimKeyPackages {
    type Error = Malformed;

    fn try_from(wire: wire::ClaimKeyPackages) -> Result<Self, Malformed> {
        Ok(Self {
            person: PersonId::from_slice(&wire.account_id)?,
        })
    }
}

impl TryFrom<wire::ClaimedKeyPackage> for ClaimedKeyPackage {
    type Error = Malformed;

    fn try_from(wire: wire::ClaimedKeyPackage) -> Result<Self, Malformed> {
        if wire.sealed.len() > limits::KEY_PACKAGE_BYTES {
            return Err(Malformed("key package"));
        }
        Ok(Self {
            device: DeviceId::from_slice(&wire.device_id)?,
            sealed: wire.sealed,
            last_resort: wire.last_resort,
        })
    }
}

impl From<ClaimedKeyPackage> for wire::ClaimedKeyPackage {
    fn from(claimed: ClaimedKeyPackage) -> Self {
        Self {
            device_id: claimed.device.to_wire(),
            sealed: claimed.sealed,
            last_resort: claimed.last_resort,
        }
    }
}

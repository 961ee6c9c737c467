//! What this device is: one row.

use prost::Message as _;
use serde::{Deserialize, Serialize};
use siegel_proto::capsule::BearerToken;
use siegel_proto::certificate::PersonRole;
use siegel_proto::ids::{Generation, OrganisationId, PublicKey, RoomId};
use siegel_proto::organisation::{Policy, Revocation, Revoked, SetUpToken, Signed};
use siegel_proto::seat::SeatToken;
use siegel_proto::wire;

use crate::error::{Error, Holder};
use crate::identity::Keys;
use crate::link::LinkSecret;
use crate::mls::policy::RevokedSet;
use crate::moment::Timestamp;
use crate::secret::Secret32;
use crate::vault::{Scope, Table, Vault};

const DEVICE: Table = Table::new("device");
const REVOCATION: Table = Table::new("revocation");
const DEVICE_KEY: &[u8] = b"self";
const REVOKED_KEY: &[u8] = b"revoked";
const POLICY_KEY: &[u8] = b"policy";
const WISHED_KEY: &[u8] = b"to be revoked";
const JOINING_KEY: &[u8] = b"joining";

/// What this device is and holds.
#[derive(Clone, Serialize, Deserialize)]
pub struct Device {
    /// `https://host`.
    pub origin: String,
    /// The organisation's root key.
    pub root: PublicKey,
    /// The person's keys on this device.
    pub keys: Keys,
    /// Admins: seed of the root key.
    pub root_seed: Option<Secret32>,
    /// Staff: the key of the directory.
    pub directory_key: Option<Secret32>,
    /// Staff: where Welcomes arrive.
    pub inbox: Option<Inbox>,
    /// How far the device has come.
    pub stage: Stage,
    /// What colleagues call the person; empty for guests.
    pub name: String,
    /// What the person does.
    pub position: String,
    /// The organisation's policy, without its notices.
    pub policy: Policy,
    /// The relay's data as last seen.
    pub generation: Option<Generation>,
    /// When the relay was last seen to have been put back to a backup.
    #[serde(default)]
    pub put_back_at: Option<Timestamp>,
    /// The highest revocation seen.
    pub revocations: u64,
    /// The version of the own directory entry at the relay; 0 for none.
    pub directory_version: u64,
    /// What was written to the directory up to this change is known.
    #[serde(default)]
    pub directory_seen: u64,
    /// Whether a last-resort key package was published to this generation.
    pub last_resort: bool,
    /// When pool and last resort were last made anew.
    #[serde(default)]
    pub key_packages_at: Option<Timestamp>,
}

/// A device's own log for Welcomes.
#[derive(Clone, Serialize, Deserialize)]
pub struct Inbox {
    /// Its id.
    pub room: RoomId,
    /// Opens its seat.
    pub token: SeatToken,
    /// Processed up to here.
    pub cursor: u64,
    /// Whether the relay has it.
    pub created: bool,
}

/// How far a device has come.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The organisation is yet to be made.
    SetUp(#[serde(with = "set_up_token")] SetUpToken),
    /// The relay is yet to take the device in.
    Enrol,
    /// At work.
    Ready,
    /// Revoked.
    Revoked,
}

/// A join that waits for its capsule.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Joining {
    pub(crate) origin: String,
    pub(crate) guest: bool,
    pub(crate) secret: LinkSecret,
    /// Makes the claim repeatable by this device alone.
    pub(crate) claimant: BearerToken,
    pub(crate) name: String,
    pub(crate) position: String,
    /// The capsule is opened and stored; the relay is yet to be told.
    pub(crate) opened: bool,
}

impl Device {
    /// Loads the row.
    ///
    /// # Errors
    /// [`Error::NotJoined`] if there is none.
    pub fn load(vault: &Vault) -> Result<Self, Error> {
        vault
            .get(Scope::Device, DEVICE, DEVICE_KEY)?
            .ok_or(Error::NotJoined)
    }

    /// Whether there is one.
    pub fn exists(vault: &Vault) -> bool {
        vault.contains(Scope::Device, DEVICE, DEVICE_KEY)
    }

    /// Stages the row.
    ///
    /// # Errors
    /// [`Error::Vault`] if it cannot be encoded.
    pub fn save(&self, vault: &Vault) -> Result<(), Error> {
        Ok(vault.put(Scope::Device, DEVICE, DEVICE_KEY, self)?)
    }

    /// The organisation.
    pub fn organisation(&self) -> OrganisationId {
        OrganisationId::of(&self.root)
    }

    /// Whether the person is staff.
    pub fn is_staff(&self) -> bool {
        self.keys.role != PersonRole::Guest
    }

    /// The root key's seed.
    ///
    /// # Errors
    /// [`Error::Only`] if this device does not hold it.
    pub fn root_seed(&self) -> Result<&Secret32, Error> {
        self.root_seed.as_ref().ok_or(Error::Only(Holder::Admin))
    }

    /// The directory key.
    ///
    /// # Errors
    /// [`Error::Only`] on a guest's device.
    pub fn directory_key(&self) -> Result<&Secret32, Error> {
        self.directory_key
            .as_ref()
            .ok_or(Error::Only(Holder::Staff))
    }
}

/// The organisation's policy with its notices.
pub(crate) fn policy(vault: &Vault) -> Result<Policy, Error> {
    match known_policy(vault)? {
        Some(policy) => Ok(policy),
        None => Ok(Device::load(vault)?.policy),
    }
}

/// The policy as the relay last showed it; `None` before that.
pub(crate) fn known_policy(vault: &Vault) -> Result<Option<Policy>, Error> {
    Ok(vault.get(Scope::Device, DEVICE, POLICY_KEY)?)
}

pub(crate) fn save_policy(vault: &Vault, policy: &Policy) -> Result<(), Error> {
    Ok(vault.put(Scope::Device, DEVICE, POLICY_KEY, policy)?)
}

pub(crate) fn revoked(vault: &Vault) -> Result<RevokedSet, Error> {
    Ok(vault
        .get(Scope::Device, DEVICE, REVOKED_KEY)?
        .unwrap_or_default())
}

pub(crate) fn save_revoked(vault: &Vault, revoked: &RevokedSet) -> Result<(), Error> {
    Ok(vault.put(Scope::Device, DEVICE, REVOKED_KEY, revoked)?)
}

/// Keeps a revocation as the root has signed it: a relay that was put back has lost it.
pub(crate) fn keep_revocation(
    vault: &Vault,
    number: u64,
    signed: &Signed<Revocation>,
) -> Result<(), Error> {
    let bytes = wire::Revocation::from(signed).encode_to_vec();
    let key = number.to_be_bytes();
    Ok(vault.put(
        Scope::Device,
        REVOCATION,
        &key,
        &serde_bytes::Bytes::new(&bytes),
    )?)
}

/// The revocation of this number, if this device was told it in this form.
pub(crate) fn kept_revocation(
    vault: &Vault,
    number: u64,
) -> Result<Option<Signed<Revocation>>, Error> {
    let key = number.to_be_bytes();
    let bytes: Option<serde_bytes::ByteBuf> = vault.get(Scope::Device, REVOCATION, &key)?;
    let wire = bytes.and_then(|bytes| wire::Revocation::decode(&bytes[..]).ok());
    Ok(wire.map(Signed::try_from).transpose()?)
}

/// Whom the admin has declared to be no longer trusted, until the relay has told so.
pub(crate) fn wished_revocations(vault: &Vault) -> Result<Vec<Revoked>, Error> {
    Ok(vault
        .get(Scope::Device, DEVICE, WISHED_KEY)?
        .unwrap_or_default())
}

pub(crate) fn save_wished_revocations(vault: &Vault, wishes: &Vec<Revoked>) -> Result<(), Error> {
    if wishes.is_empty() {
        vault.delete(Scope::Device, DEVICE, WISHED_KEY);
        return Ok(());
    }
    Ok(vault.put(Scope::Device, DEVICE, WISHED_KEY, wishes)?)
}

impl Joining {
    /// The kind of link, as it stands in the link.
    pub(crate) const fn kind(&self) -> &'static str {
        if self.guest { "guest" } else { "staff" }
    }

    pub(crate) fn load(vault: &Vault) -> Result<Option<Self>, Error> {
        Ok(vault.get(Scope::Device, DEVICE, JOINING_KEY)?)
    }

    pub(crate) fn save(&self, vault: &Vault) -> Result<(), Error> {
        Ok(vault.put(Scope::Device, DEVICE, JOINING_KEY, self)?)
    }

    pub(crate) fn delete(vault: &Vault) {
        vault.delete(Scope::Device, DEVICE, JOINING_KEY);
    }
}

mod set_up_token {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use serde_bytes::ByteArray;
    use siegel_proto::organisation::SetUpToken;

    pub(super) fn serialize<S: Serializer>(token: &SetUpToken, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(token.as_bytes())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<SetUpToken, D::Error> {
        let bytes = ByteArray::<32>::deserialize(d)?;
        SetUpToken::from_slice(&bytes[..]).map_err(D::Error::custom)
    }
}

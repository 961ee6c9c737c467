//! What Siegel adds to MLS: the contents of its extensions and the envelope of Welcomes.

use bytes::Bytes;
use prost::Message as _;

use crate::error::Malformed;
use crate::ids::{ContentHash, DeviceId, PersonId, RoomId, SeatHash};
use crate::seat::SeatKey;
use crate::{limits, wire};

/// Extension type of [`LeafInfo`], from the private-use range (RFC 9420, section 17.3).
pub const LEAF_INFO: u16 = 0xF100;
/// Extension type of [`KeyPackageInfo`].
pub const KEY_PACKAGE_INFO: u16 = 0xF101;
/// Extension type of [`RoomInfo`].
pub const ROOM_INFO: u16 = 0xF102;

const ROOM_INFO_VERSION: u32 = 1;
const WELCOME_KEY_BYTES: usize = 1_216;

/// In every leaf: the seat that goes with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeafInfo {
    /// From which the relay's seat hash is made.
    pub seat_key: SeatKey,
    /// Where Welcomes for this device go; `None` for guests.
    pub inbox: Option<RoomId>,
}

/// In every key package: how to welcome the device, and until when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyPackageInfo {
    /// X-Wing public key.
    pub welcome_key: Bytes,
    /// Seconds since 1970.
    pub expires_at: i64,
}

/// In every group context: what all members agree on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RoomInfo {
    /// What the room is called.
    pub title: String,
    /// Who may add and remove.
    pub managers: Vec<PersonId>,
    /// How long messages live, days.
    pub retention_days: u32,
    /// What staff in the room is called.
    pub people: Vec<(PersonId, String)>,
}

/// A Welcome sealed to one device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedWelcome {
    /// BLAKE3 of the public key it is sealed to.
    pub key_id: ContentHash,
    /// Opaque.
    pub sealed: Bytes,
}

/// Asks those who manage a room to let a device in again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Readmission {
    /// Into which room.
    pub room: RoomId,
    /// Which device.
    pub device: DeviceId,
    /// Its seat as it knows it: a device that was let in since has another.
    pub seat: SeatHash,
    /// The last entry it has processed.
    pub seq: u64,
}

/// A [`Readmission`] on its way to an inbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedReadmission {
    /// Opaque.
    pub sealed: Bytes,
}

impl Readmission {
    /// Encodes what is sealed.
    pub fn encode(&self) -> Vec<u8> {
        wire::Readmission {
            room_id: self.room.to_wire(),
            device_id: self.device.to_wire(),
            seat_hash: self.seat.to_wire(),
            seq: self.seq,
        }
        .encode_to_vec()
    }

    /// Parses what was sealed.
    ///
    /// # Errors
    /// [`Malformed`] if a part has the wrong length.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire = wire::Readmission::decode(bytes).map_err(|_| Malformed("readmission"))?;
        Ok(Self {
            room: RoomId::from_slice(&wire.room_id)?,
            device: DeviceId::from_slice(&wire.device_id)?,
            seat: SeatHash::from_slice(&wire.seat_hash)?,
            seq: wire.seq,
        })
    }
}

impl SealedReadmission {
    /// Encodes the envelope.
    pub fn encode(&self) -> Vec<u8> {
        wire::SealedReadmission {
            sealed: self.sealed.clone(),
        }
        .encode_to_vec()
    }

    /// Parses the envelope.
    ///
    /// # Errors
    /// [`Malformed`] if it holds something else, a Welcome for instance.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire =
            wire::SealedReadmission::decode(bytes).map_err(|_| Malformed("sealed readmission"))?;
        match wire.sealed.is_empty() {
            true => Err(Malformed("sealed readmission")),
            false => Ok(Self {
                sealed: wire.sealed,
            }),
        }
    }
}

impl LeafInfo {
    /// Encodes the extension's content.
    pub fn encode(&self) -> Vec<u8> {
        wire::LeafInfo {
            seat_key: Bytes::copy_from_slice(self.seat_key.as_bytes()),
            inbox_id: self.inbox.map(RoomId::to_wire).unwrap_or_default(),
        }
        .encode_to_vec()
    }

    /// Parses the extension's content.
    ///
    /// # Errors
    /// [`Malformed`] if a part has the wrong length.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire = wire::LeafInfo::decode(bytes).map_err(|_| Malformed("leaf info"))?;
        Ok(Self {
            seat_key: SeatKey::from_slice(&wire.seat_key)?,
            inbox: match wire.inbox_id.is_empty() {
                true => None,
                false => Some(RoomId::from_slice(&wire.inbox_id)?),
            },
        })
    }
}

impl KeyPackageInfo {
    /// Encodes the extension's content.
    pub fn encode(&self) -> Vec<u8> {
        wire::KeyPackageInfo {
            welcome_key: self.welcome_key.clone(),
            expires_at: self.expires_at,
        }
        .encode_to_vec()
    }

    /// Parses the extension's content.
    ///
    /// # Errors
    /// [`Malformed`] if the key has the wrong length.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire =
            wire::KeyPackageInfo::decode(bytes).map_err(|_| Malformed("key package info"))?;
        if wire.welcome_key.len() != WELCOME_KEY_BYTES {
            return Err(Malformed("welcome key"));
        }
        Ok(Self {
            welcome_key: wire.welcome_key,
            expires_at: wire.expires_at,
        })
    }

    /// Names the key in a [`SealedWelcome`].
    pub fn key_id(&self) -> ContentHash {
        ContentHash::of(&self.welcome_key)
    }
}

impl RoomInfo {
    /// Whether the person may add and remove.
    pub fn is_manager(&self, person: PersonId) -> bool {
        self.managers.contains(&person)
    }

    /// What the room calls a person.
    pub fn name_of(&self, person: PersonId) -> Option<&str> {
        let mut people = self.people.iter();
        people
            .find(|(id, _)| *id == person)
            .map(|(_, name)| name.as_str())
    }

    /// Encodes the extension's content.
    pub fn encode(&self) -> Vec<u8> {
        wire::RoomInfo {
            version: ROOM_INFO_VERSION,
            title: self.title.clone(),
            managers: self.managers.iter().map(|id| id.to_wire()).collect(),
            retention_days: self.retention_days,
            people: self
                .people
                .iter()
                .map(|(id, name)| wire::PersonName {
                    person_id: id.to_wire(),
                    display_name: name.clone(),
                })
                .collect(),
        }
        .encode_to_vec()
    }

    /// Parses the extension's content.
    ///
    /// # Errors
    /// [`Malformed`] if the version is not known, a part is too long, or the room would
    /// have no manager.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire = wire::RoomInfo::decode(bytes).map_err(|_| Malformed("room info"))?;
        let in_range = wire.version == ROOM_INFO_VERSION
            && wire.title.len() <= limits::NAME_BYTES
            && (1..=limits::SEATS_PER_ROOM).contains(&wire.managers.len())
            && wire.people.len() <= limits::SEATS_PER_ROOM
            && (1..=limits::EXPIRY_DAYS).contains(&wire.retention_days)
            && wire
                .people
                .iter()
                .all(|person| person.display_name.len() <= limits::NAME_BYTES);
        if !in_range {
            return Err(Malformed("room info"));
        }
        Ok(Self {
            title: wire.title,
            managers: wire
                .managers
                .iter()
                .map(|id| PersonId::from_slice(id))
                .collect::<Result<_, _>>()?,
            retention_days: wire.retention_days,
            people: wire
                .people
                .into_iter()
                .map(|person| {
                    Ok((
                        PersonId::from_slice(&person.person_id)?,
                        person.display_name,
                    ))
                })
                .collect::<Result<_, Malformed>>()?,
        })
    }
}

impl SealedWelcome {
    /// Encodes the envelope.
    pub fn encode(&self) -> Vec<u8> {
        wire::SealedWelcome {
            key_id: self.key_id.to_wire(),
            sealed: self.sealed.clone(),
        }
        .encode_to_vec()
    }

    /// Parses the envelope.
    ///
    /// # Errors
    /// [`Malformed`] if the key id has the wrong length.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire = wire::SealedWelcome::decode(bytes).map_err(|_| Malformed("sealed welcome"))?;
        Ok(Self {
            key_id: ContentHash::from_slice(&wire.key_id)?,
            sealed: wire.sealed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_without_a_manager_does_not_parse() {
        let mut info = RoomInfo {
            title: "Fall 7".into(),
            managers: vec![PersonId::new([1; 16])],
            retention_days: 90,
            people: vec![(PersonId::new([1; 16]), "Anna".into())],
        };
        assert_eq!(RoomInfo::decode(&info.encode()), Ok(info.clone()));
        info.managers.clear();
        assert!(RoomInfo::decode(&info.encode()).is_err());
    }
}

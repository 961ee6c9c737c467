//! Which MLS group a room is in.

use openmls::group::GroupId;
use siegel_proto::ids::RoomId;

/// One MLS group of a room. There is one so far: a reset goes on in the same group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoomGroup {
    /// The room, and so the log at the relay.
    pub room: RoomId,
    /// 0 in every group that is made; for a room that one day needs a new group.
    pub incarnation: u32,
}

impl RoomGroup {
    /// The MLS group id: room id and incarnation, big endian.
    #[must_use]
    pub fn to_group_id(self) -> GroupId {
        let mut bytes = self.room.as_bytes().to_vec();
        bytes.extend_from_slice(&self.incarnation.to_be_bytes());
        GroupId::from_slice(&bytes)
    }

    /// Reads a group id; `None` if it is not a room's.
    #[must_use]
    pub fn from_group_id(id: &GroupId) -> Option<Self> {
        let (room, incarnation) = id.as_slice().split_first_chunk::<16>()?;
        Some(Self {
            room: RoomId::new(*room),
            incarnation: u32::from_be_bytes(incarnation.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_twenty_bytes_name_a_group(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let id = GroupId::from_slice(&bytes);
            let parsed = RoomGroup::from_group_id(&id);
            prop_assert_eq!(parsed.map(RoomGroup::to_group_id), (bytes.len() == 20).then_some(id));
        }
    }
}

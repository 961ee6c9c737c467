//! When somebody reads: said by staff devices to the rooms with clients in them.

use serde::{Deserialize, Serialize};
use siegel_proto::availability::Availability;
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::Kind;
use siegel_proto::ids::{PersonId, RoomId};

use super::{Room, Stage};
use crate::client::{Client, Cx};
use crate::device::{self, Device};
use crate::error::{Error, Holder};
use crate::event::Event;
use crate::moment::Timestamp;
use crate::vault::{Scope, Table, Vault};

const AVAILABILITY: Table = Table::new("availability");
const OWN: &[u8] = b"own";

/// When a colleague reads in a room, as they last said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    /// Who.
    pub person: PersonId,
    /// When it was said, by their clock.
    pub said_at: Timestamp,
    /// What.
    pub availability: Availability,
}

/// Remembers what a person said; the last word counts.
pub(super) fn note(
    vault: &Vault,
    room: RoomId,
    person: PersonId,
    sent_at: i64,
    said: &Availability,
) -> Result<(), Error> {
    let scope = Room::scope(room);
    if said.spans.is_empty() && said.away_until == 0 {
        vault.delete(scope, AVAILABILITY, person.as_bytes());
        return Ok(());
    }
    let reads = Reads {
        person,
        said_at: Timestamp::from_seconds(sent_at),
        availability: said.clone(),
    };
    Ok(vault.put(scope, AVAILABILITY, person.as_bytes(), &reads)?)
}

impl Client {
    /// When colleagues in a room read.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn availability(&self, room: RoomId) -> Result<Vec<Reads>, Error> {
        let rows = self.vault.scan(Room::scope(room), AVAILABILITY, &[])?;
        Ok(rows.into_iter().map(|(_, reads)| reads).collect())
    }

    /// What this person tells clients.
    ///
    /// # Errors
    /// [`Error::Vault`] if the row cannot be read.
    pub fn own_availability(&self) -> Result<Option<Availability>, Error> {
        Ok(self.vault.get(Scope::Device, AVAILABILITY, OWN)?)
    }

    /// Tells it every room with a client, and new ones from now on.
    pub(crate) fn set_availability(
        &mut self,
        cx: &mut Cx,
        mut said: Availability,
    ) -> Result<(), Error> {
        said.check()?;
        let device = Device::load(&self.vault)?;
        if !device.is_staff() {
            return Err(Error::Only(Holder::Staff));
        }
        if said.emergency.is_empty() {
            said.emergency = device::policy(&self.vault)?.emergency;
        }
        self.vault.put(Scope::Device, AVAILABILITY, OWN, &said)?;
        for id in Room::ids(&self.vault)? {
            let room = Room::load(&self.vault, id)?;
            if room.stage == Stage::Active && !room.shut && self.has_guest(cx, &room)? {
                self.queue_content(cx, id, Kind::Availability(said.clone()))?;
                self.pump(cx, id)?;
            }
        }
        cx.event(Event::SettingsChanged);
        Ok(())
    }

    fn has_guest(&mut self, cx: &mut Cx, room: &Room) -> Result<bool, Error> {
        let root = Device::load(&self.vault)?.root;
        let group = self.take_group(cx, room)?;
        let leaves = group.leaves(&root);
        self.keep_group(room.room, group);
        Ok(leaves?
            .iter()
            .any(|leaf| leaf.identity.role == PersonRole::Guest))
    }
}

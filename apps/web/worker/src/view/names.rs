//! What to call people.

use std::collections::BTreeMap;

use siegel_client_core::Client;
use siegel_proto::ids::{PersonId, RoomId};
use siegel_web_bridge::Trouble;
use siegel_web_bridge::view::PersonRef;

use super::{of_core, person_id};

/// Names of everybody who can stand in a room's lines.
pub struct Names {
    own: PersonId,
    names: BTreeMap<PersonId, String>,
}

impl Names {
    /// Everybody known, with the names by which members know each other in this room.
    pub fn of(client: &Client, room: RoomId) -> Result<Self, Trouble> {
        let profile = of_core(client.profile())?;
        let contacts = of_core(client.contacts())?;
        let mut names: BTreeMap<PersonId, String> = contacts
            .iter()
            .map(|contact| (contact.person, contact.display_name().to_owned()))
            .collect();
        // A room this device was removed from has no members to ask any more.
        for member in client.members(room).unwrap_or_default() {
            if !member.name.is_empty() {
                names.insert(member.person, member.name);
            }
        }
        names.insert(profile.person, profile.name);
        Ok(Self {
            own: profile.person,
            names,
        })
    }

    /// This person.
    pub fn own(&self) -> PersonId {
        self.own
    }

    /// What to call somebody; empty if nothing is known.
    pub fn name(&self, person: PersonId) -> String {
        self.names.get(&person).cloned().unwrap_or_default()
    }

    /// Somebody in a sentence.
    pub fn refer(&self, person: PersonId) -> PersonRef {
        PersonRef {
            person: person_id(person),
            name: self.name(person),
            own: person == self.own,
        }
    }
}

//! People, rooms and messages: what they are called, and which one is meant.

use data_encoding::HEXLOWER;
use siegel_client_core::Client;
use siegel_client_core::client::InvitationView;
use siegel_client_core::room::invitation::InvitationId;
use siegel_client_core::room::timeline::Line;
use siegel_proto::certificate::PersonRole;
use siegel_proto::ids::{DeviceId, PersonId, RoomId};

use crate::driver::DriverError;
use crate::failure::{Failure, Kind};
use crate::select::{Candidate, Missed, select};
use crate::show::printable;
use crate::show::texts::Texts;

/// How many letters of an id stand for it where people read it.
const SHORT: usize = 8;
/// More lines than a room can hold.
const ALL: usize = usize::MAX;

/// An id as scripts get it: ids never begin with a dash this way.
pub fn hex(id: &[u8; 16]) -> String {
    HEXLOWER.encode(id)
}

/// The beginning of an id.
pub fn short(id: &[u8; 16]) -> String {
    hex(id).chars().take(SHORT).collect()
}

/// A role as scripts get it.
pub fn role(role: PersonRole) -> &'static str {
    match role {
        PersonRole::Admin => "admin",
        PersonRole::Guest => "guest",
        PersonRole::Staff | PersonRole::Unspecified => "staff",
    }
}

/// A role as people read it.
pub fn role_word(role: PersonRole, texts: Texts) -> String {
    match role {
        PersonRole::Admin => texts.admin(),
        PersonRole::Guest => texts.client(),
        PersonRole::Staff | PersonRole::Unspecified => texts.staff(),
    }
}

/// What to call a person on one line: label, name, or the beginning of the id.
pub fn name(client: &Client, person: PersonId, texts: Texts) -> Result<String, Failure> {
    let profile = client.profile().map_err(DriverError::from)?;
    let contacts = client.contacts().map_err(DriverError::from)?;
    let known = if profile.person == person {
        profile.name
    } else {
        let contact = contacts.iter().find(|contact| contact.person == person);
        contact
            .map(|contact| contact.display_name().to_owned())
            .unwrap_or_default()
    };
    let known = match known.is_empty() {
        true => name_in_a_room(client, person)?,
        false => known,
    };
    Ok(called(&known, person, texts))
}

/// A client has no directory: colleagues' names stand in the rooms they share.
fn name_in_a_room(client: &Client, person: PersonId) -> Result<String, Failure> {
    for room in client.rooms().map_err(DriverError::from)? {
        let Ok(members) = client.members(room.room) else {
            continue;
        };
        let named = members.into_iter().find(|member| member.person == person);
        if let Some(member) = named.filter(|member| !member.name.is_empty()) {
            return Ok(member.name);
        }
    }
    Ok(String::new())
}

/// The name if there is one, else the beginning of the id.
pub fn called(name: &str, person: PersonId, texts: Texts) -> String {
    if name.trim().is_empty() {
        texts.nameless(short(person.as_bytes()))
    } else {
        printable::line(name)
    }
}

/// The colleague or client that is meant, among everybody this device knows.
pub fn find(client: &Client, wish: &str) -> Result<PersonId, Failure> {
    let contacts = client.contacts().map_err(DriverError::from)?;
    let candidates: Vec<_> = contacts
        .iter()
        .map(|contact| Candidate {
            value: contact.person,
            name: contact.display_name().to_owned(),
            id: hex(contact.person.as_bytes()),
        })
        .collect();
    pick(Kind::Person, wish, &candidates)
}

/// The member of a room that is meant.
pub fn find_member(client: &Client, room: RoomId, wish: &str) -> Result<PersonId, Failure> {
    let members = client.members(room).map_err(DriverError::from)?;
    let candidates: Vec<_> = members
        .into_iter()
        .map(|member| Candidate {
            id: hex(member.person.as_bytes()),
            value: member.person,
            name: member.name,
        })
        .collect();
    pick(Kind::Person, wish, &candidates)
}

/// The room that is meant.
pub fn find_room(client: &Client, wish: &str) -> Result<RoomId, Failure> {
    let rooms = client.rooms().map_err(DriverError::from)?;
    let candidates: Vec<_> = rooms
        .into_iter()
        .map(|view| Candidate {
            id: hex(view.room.as_bytes()),
            value: view.room,
            name: view.title,
        })
        .collect();
    pick(Kind::Room, wish, &candidates)
}

/// The message that is meant: its number, or the beginning of its id.
pub fn find_message(client: &Client, room: RoomId, wish: &str) -> Result<Line, Failure> {
    let lines = client
        .timeline_after(room, 0, ALL)
        .map_err(DriverError::from)?;
    if let Ok(number) = wish.parse::<u64>() {
        let numbered = lines
            .iter()
            .find(|line| line.seq == number && line.message.is_some());
        if let Some(line) = numbered {
            return Ok(line.clone());
        }
    }
    let candidates: Vec<_> = lines
        .into_iter()
        .filter_map(|line| {
            let id = hex(line.message?.as_bytes());
            Some(Candidate {
                value: line,
                name: String::new(),
                id,
            })
        })
        .collect();
    pick(Kind::Message, wish, &candidates)
}

/// The device that is meant, by the beginning of its id.
pub fn find_device<'a>(
    wish: &str,
    devices: impl Iterator<Item = &'a str>,
) -> Result<String, Failure> {
    let candidates: Vec<_> = devices
        .map(|device| Candidate {
            value: device.to_owned(),
            name: String::new(),
            id: device.to_owned(),
        })
        .collect();
    pick(Kind::Device, wish, &candidates)
}

/// The id that stands behind what scripts get.
pub fn device_id(hex: &str) -> Result<DeviceId, Failure> {
    let bytes = HEXLOWER.decode(hex.as_bytes()).unwrap_or_default();
    DeviceId::from_slice(&bytes).map_err(|_| Failure::Missed {
        kind: Kind::Device,
        name: printable::line(hex),
        missed: Missed::Nothing,
    })
}

/// The invitation that is meant, by its label or the beginning of its id.
pub fn find_invitation(views: &[InvitationView], wish: &str) -> Result<InvitationId, Failure> {
    let candidates: Vec<_> = views
        .iter()
        .map(|view| Candidate {
            value: view.id,
            name: view.label.clone(),
            id: hex(&view.id.0),
        })
        .collect();
    pick(Kind::Invitation, wish, &candidates)
}

fn pick<T: Clone>(kind: Kind, wish: &str, candidates: &[Candidate<T>]) -> Result<T, Failure> {
    let found = if wish.is_empty() {
        Err(Missed::Nothing)
    } else {
        select(wish, candidates)
    };
    found.map_err(|missed| Failure::Missed {
        kind,
        name: printable::line(wish),
        missed,
    })
}

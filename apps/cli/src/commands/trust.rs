//! `devices`, `safety-words`, `verify`, `revoke` and `revoke-device`.

use serde::Serialize;
use siegel_client_core::{Client, Command, safety_words};
use siegel_proto::ids::{PersonId, RoomId};

use super::context::Context;
use crate::args::{Devices, Person, Revoke, RevokeDevice};
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::people;
use crate::show::output::Show;
use crate::show::texts::Texts;

/// A device of somebody.
#[derive(Serialize)]
struct DeviceLine {
    device: String,
    person: String,
    name: String,
    own: bool,
}

#[derive(Serialize)]
struct DeviceList {
    devices: Vec<DeviceLine>,
}

/// What two people compare.
#[derive(Serialize)]
struct SafetyWords {
    person: String,
    name: String,
    words: Vec<String>,
}

#[derive(Serialize)]
struct Verified {
    person: String,
    name: String,
}

#[derive(Serialize)]
struct RevokedPerson {
    person: String,
    name: String,
}

#[derive(Serialize)]
struct RevokedDevice {
    device: String,
    name: String,
}

impl Show for RevokedDevice {
    fn text(&self, texts: Texts) -> String {
        let device: String = self.device.chars().take(8).collect();
        texts.device_revoked(device, &self.name)
    }
}

impl Show for DeviceList {
    fn text(&self, texts: Texts) -> String {
        let line = |device: &DeviceLine| {
            let id: String = device.device.chars().take(8).collect();
            let own = if device.own {
                format!(" ({})", texts.you())
            } else {
                String::new()
            };
            format!("{id}  {}{own}", device.name)
        };
        self.devices.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl Show for SafetyWords {
    fn text(&self, texts: Texts) -> String {
        format!(
            "{}\n\n  {}\n",
            texts.compare_words(&self.name),
            self.words.join("  ")
        )
    }
}

impl Show for Verified {
    fn text(&self, texts: Texts) -> String {
        texts.now_verified(&self.name)
    }
}

impl Show for RevokedPerson {
    fn text(&self, texts: Texts) -> String {
        texts.now_revoked(&self.name)
    }
}

/// `siegel devices [ROOM]`
pub async fn devices(context: &Context, wish: Devices) -> Result<(), Failure> {
    let mut session = context.offline()?;
    session.try_in_step().await?;
    let client = session.driver.client()?;
    let rooms = match &wish.room {
        Some(wish) => vec![people::find_room(client, wish)?],
        None => own_rooms(client)?,
    };
    let texts = session.output.texts();
    let devices = known_devices(client, &rooms, texts)?;
    session.output.show(&DeviceList { devices })?;
    session.close()
}

/// `siegel safety-words ROOM PERSON`
pub async fn words(context: &Context, wish: Person) -> Result<(), Failure> {
    let mut session = context.offline()?;
    session.try_in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &wish.room)?;
    let person = people::find_member(client, room, &wish.person)?;
    let words = safety_words(client, room, person)?;
    let name = people::name(client, person, session.output.texts())?;
    session.output.show(&SafetyWords {
        person: people::hex(person.as_bytes()),
        name,
        words,
    })?;
    session.close()
}

/// `siegel verify ROOM PERSON`
pub async fn verify(context: &Context, wish: Person) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &wish.room)?;
    let person = people::find_member(client, room, &wish.person)?;
    let name = people::name(client, person, session.output.texts())?;
    session.command(Command::AcceptIdentity(person))?;
    session.carry_out(Command::Verify { room, person }).await?;
    session.output.show(&Verified {
        person: people::hex(person.as_bytes()),
        name,
    })?;
    session.forget_changed(person);
    session.close()
}

/// `siegel revoke PERSON --for-ever`
pub async fn revoke(context: &Context, wish: Revoke) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let client = session.driver.client()?;
    let person = people::find(client, &wish.person)?;
    let name = people::name(client, person, session.output.texts())?;
    session.command(Command::RevokePerson(person))?;
    session.confirmed().await?;
    session.output.show(&RevokedPerson {
        person: people::hex(person.as_bytes()),
        name,
    })?;
    session.close()
}

/// `siegel revoke-device DEVICE --for-ever`
pub async fn revoke_device(context: &Context, wish: RevokeDevice) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let client = session.driver.client()?;
    let texts = session.output.texts();
    let known = known_devices(client, &own_rooms(client)?, texts)?;
    let found = people::find_device(
        &wish.device,
        known.iter().map(|device| device.device.as_str()),
    )?;
    let name = known.into_iter().find(|device| device.device == found);
    let name = name.map(|device| device.name).unwrap_or_default();
    let device = people::device_id(&found)?;
    session.command(Command::RevokeDevice(device))?;
    session.confirmed().await?;
    session.output.show(&RevokedDevice {
        device: found,
        name,
    })?;
    session.close()
}

/// Rooms this device is in.
fn own_rooms(client: &Client) -> Result<Vec<RoomId>, Failure> {
    let rooms = client.rooms().map_err(DriverError::from)?.into_iter();
    Ok(rooms
        .filter(|view| view.members > 0)
        .map(|view| view.room)
        .collect())
}

/// The own device and those of everybody in these rooms.
fn known_devices(
    client: &Client,
    rooms: &[RoomId],
    texts: Texts,
) -> Result<Vec<DeviceLine>, Failure> {
    let own = client.profile().map_err(DriverError::from)?;
    let mut devices = vec![DeviceLine {
        device: people::hex(own.device.as_bytes()),
        person: people::hex(own.person.as_bytes()),
        name: people::called(&own.name, own.person, texts),
        own: true,
    }];
    for room in rooms {
        for member in client.members(*room).map_err(DriverError::from)? {
            for device in member.devices {
                let device = people::hex(device.as_bytes());
                if devices.iter().all(|known| known.device != device) {
                    devices.push(DeviceLine {
                        device,
                        person: people::hex(member.person.as_bytes()),
                        name: people::called(&member.name, member.person, texts),
                        own: member.own,
                    });
                }
            }
        }
    }
    Ok(devices)
}

/// The words over both identities, once both are known here.
fn safety_words(client: &Client, room: RoomId, person: PersonId) -> Result<Vec<String>, Failure> {
    let own = client.profile().map_err(DriverError::from)?.person;
    let contacts = client.contacts().map_err(DriverError::from)?;
    let key = |wanted| {
        let known = contacts.iter().find(|contact| contact.person == wanted);
        // A changed identity is the one that has to be compared now.
        known.map(|contact| contact.changed.unwrap_or(contact.identity_key))
    };
    let (Some(one), Some(other)) = (key(own), key(person)) else {
        return Err(Failure::NotMet);
    };
    let words = safety_words::safety_words(&one, &other, &room).map_err(|_| Failure::NotMet)?;
    Ok(words.map(str::to_owned).to_vec())
}

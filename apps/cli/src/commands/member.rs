//! `people`, `members`, `add`, `remove` and `promote`.

use serde::Serialize;
use siegel_client_core::Command;
use siegel_client_core::client::MemberView;
use siegel_client_core::contact::Contact;
use siegel_proto::certificate::PersonRole;
use siegel_proto::ids::{PersonId, RoomId};

use super::context::Context;
use crate::args::{InRoom, People, Person};
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::people;
use crate::session::Session;
use crate::show::output::Show;
use crate::show::printable;
use crate::show::texts::Texts;

/// One person in a list.
#[derive(Serialize)]
struct PersonLine {
    person: String,
    name: String,
    role: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    position: String,
    /// Of the room; absent among contacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    devices: Option<usize>,
    manager: bool,
    verified: bool,
    /// A client that has not opened the link.
    provisional: bool,
    identity_changed: bool,
    revoked: bool,
    own: bool,
    #[serde(skip)]
    word: PersonRole,
}

#[derive(Serialize)]
struct PeopleList {
    people: Vec<PersonLine>,
}

/// A change of members that the relay has stored.
#[derive(Serialize)]
struct Changed {
    room: String,
    seq: u64,
}

impl Show for PeopleList {
    fn text(&self, texts: Texts) -> String {
        self.people
            .iter()
            .map(|person| person.text(texts))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Show for Changed {
    fn text(&self, texts: Texts) -> String {
        texts.members_changed()
    }
}

impl PersonLine {
    fn text(&self, texts: Texts) -> String {
        let mut notes = vec![people::role_word(self.word, texts)];
        if !self.position.is_empty() {
            notes.push(printable::line(&self.position));
        }
        notes.extend(self.devices.map(|count| texts.devices(count)));
        let standing = match (self.own, self.provisional, self.verified) {
            (true, _, _) => texts.you(),
            (_, true, _) => texts.not_arrived(),
            (_, _, true) => texts.verified(),
            _ => texts.not_verified(),
        };
        notes.push(standing);
        let flags = [
            (self.manager, texts.manager()),
            (self.identity_changed, texts.changed()),
            (self.revoked, texts.revoked_member()),
        ];
        notes.extend(
            flags
                .into_iter()
                .filter(|(set, _)| *set)
                .map(|(_, note)| note),
        );
        let id: String = self.person.chars().take(8).collect();
        format!("{id}  {}  ({})", self.name, notes.join(", "))
    }
}

/// `siegel people`
pub async fn people(context: &Context) -> Result<(), Failure> {
    let mut session = context.offline()?;
    session.try_in_step().await?;
    let client = session.driver.client()?;
    let own = client.profile().map_err(DriverError::from)?.person;
    let contacts = client.contacts().map_err(DriverError::from)?;
    let texts = session.output.texts();
    let people = contacts
        .into_iter()
        .map(|contact| known(contact, own, texts))
        .collect();
    session.output.show(&PeopleList { people })?;
    session.close()
}

/// `siegel members ROOM`
pub async fn list(context: &Context, room: InRoom) -> Result<(), Failure> {
    let mut session = context.offline()?;
    session.try_in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &room.room)?;
    let members = client.members(room).map_err(DriverError::from)?;
    let texts = session.output.texts();
    let people = members
        .into_iter()
        .map(|member| present(member, texts))
        .collect();
    session.output.show(&PeopleList { people })?;
    session.close()
}

/// `siegel add ROOM NAME…`
pub async fn add(context: &Context, wishes: People) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &wishes.room)?;
    let people: Vec<_> = wishes
        .people
        .iter()
        .map(|wish| people::find(client, wish))
        .collect::<Result<_, _>>()?;
    changed(&mut session, room, Command::Add { room, people }).await?;
    session.close()
}

/// `siegel remove ROOM NAME…`
pub async fn remove(context: &Context, wishes: People) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &wishes.room)?;
    let persons: Vec<_> = wishes
        .people
        .iter()
        .map(|wish| people::find_member(client, room, wish))
        .collect::<Result<_, _>>()?;
    for person in persons {
        changed(&mut session, room, Command::Remove { room, person }).await?;
    }
    session.close()
}

/// `siegel promote ROOM NAME`
pub async fn promote(context: &Context, wish: Person) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &wish.room)?;
    let person = people::find_member(client, room, &wish.person)?;
    changed(&mut session, room, Command::Promote { room, person }).await?;
    session.close()
}

/// Carries out a change of a room and shows that the relay has it.
pub async fn changed(session: &mut Session, room: RoomId, command: Command) -> Result<(), Failure> {
    let (_, seq) = session.carry_out(command).await?;
    Ok(session.output.show(&Changed {
        room: people::hex(room.as_bytes()),
        seq,
    })?)
}

fn known(contact: Contact, own: PersonId, texts: Texts) -> PersonLine {
    PersonLine {
        person: people::hex(contact.person.as_bytes()),
        name: people::called(contact.display_name(), contact.person, texts),
        role: people::role(contact.role),
        word: contact.role,
        position: contact.position,
        devices: None,
        manager: false,
        verified: contact.verified,
        provisional: contact.provisional,
        identity_changed: contact.changed.is_some(),
        revoked: false,
        own: contact.person == own,
    }
}

fn present(member: MemberView, texts: Texts) -> PersonLine {
    PersonLine {
        person: people::hex(member.person.as_bytes()),
        name: people::called(&member.name, member.person, texts),
        role: people::role(member.role),
        word: member.role,
        position: String::new(),
        devices: Some(member.devices.len()),
        manager: member.manager,
        verified: member.verified,
        provisional: member.provisional,
        identity_changed: member.changed,
        revoked: member.revoked,
        own: member.own,
    }
}

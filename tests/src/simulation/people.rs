//! What people do, in words a story can use. A person whose device crashed under a
//! command looks what became of it and tries again.

use siegel_client_core::client::{MemberView, RoomView};
use siegel_client_core::command::Command;
use siegel_client_core::event::Failure;
use siegel_client_core::room::timeline::{Body, Line};
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::{Kind, Notice};
use siegel_proto::ids::{MessageId, PersonId, RoomId};

use super::world::{DeviceNo, Done, World};

impl World {
    /// A command that must be carried out.
    pub fn command(&mut self, at: DeviceNo, command: impl Fn() -> Command) {
        loop {
            match self.try_command(at, command()) {
                Ok(Done::Yes) => return,
                Ok(Done::Lost) => {}
                Err(error) => panic!("{} may not: {error:?}", self.devices[at].name),
            }
        }
    }

    /// Sets the organisation up.
    pub fn set_up(&mut self, name: &str) -> DeviceNo {
        let at = self.add_device(name);
        self.command(at, || Command::SetUp {
            link: Self::set_up_link().parse().expect("a link"),
            name: name.to_owned(),
            position: String::new(),
        });
        self.settle();
        at
    }

    /// The link of an invitation, by its label.
    pub fn link(&self, at: DeviceNo, label: &str) -> Option<String> {
        let invitations = self.devices[at].client.invitations().ok()?;
        let found = invitations.into_iter().find(|i| i.label == label);
        found.and_then(|invitation| invitation.link)
    }

    /// Uses a link on a new device.
    pub fn join(&mut self, name: &str, link: &str) -> DeviceNo {
        let at = self.add_device(name);
        for _ in 0..5 {
            self.command(at, || Command::Join {
                link: link.parse().expect("a link"),
                name: name.to_owned(),
                position: "Beratung".to_owned(),
            });
            self.settle();
            if self.devices[at].client.profile().is_ok() {
                break;
            }
        }
        at
    }

    /// A colleague joins by an invitation of the admin's.
    pub fn join_staff(&mut self, admin: DeviceNo, name: &str) -> DeviceNo {
        self.command(admin, || Command::InviteStaff {
            label: name.to_owned(),
            role: PersonRole::Staff,
        });
        self.settle();
        let link = self.link(admin, name).expect("the link is ready");
        let at = self.join(name, &link);
        for other in 0..self.devices.len() {
            self.refresh(other);
        }
        self.settle();
        at
    }

    /// Looks who is in the organisation.
    pub fn refresh(&mut self, at: DeviceNo) {
        let profile = self.devices[at].client.profile();
        if profile.is_ok_and(|profile| profile.role != PersonRole::Guest) {
            self.command(at, || Command::Refresh);
        }
    }

    /// Who uses a device.
    pub fn person(&self, at: DeviceNo) -> PersonId {
        let profile = self.devices[at].client.profile();
        profile.expect("has joined").person
    }

    /// A room with colleagues.
    pub fn create_room(&mut self, at: DeviceNo, title: &str, with: &[DeviceNo]) -> RoomId {
        let with: Vec<PersonId> = with.iter().map(|other| self.person(*other)).collect();
        if self.room_named(at, title).is_none() {
            self.command(at, || Command::CreateRoom {
                title: title.to_owned(),
                with: with.clone(),
            });
        }
        self.settle();
        self.room_named(at, title).expect("the room is there")
    }

    /// A room by its title.
    pub fn room_named(&self, at: DeviceNo, title: &str) -> Option<RoomId> {
        let rooms = self.devices[at].client.rooms().ok()?;
        rooms.iter().find(|r| r.title == title).map(|r| r.room)
    }

    /// Invites a client; the link can be found by the label when it is ready.
    pub fn invite_guest(&mut self, at: DeviceNo, room: Option<RoomId>, label: &str) {
        self.command(at, || Command::InviteGuest {
            room,
            label: label.to_owned(),
            greeting: format!("Guten Tag {label}"),
            notice: notice(),
        });
    }

    /// Says a text.
    pub fn say(&mut self, at: DeviceNo, room: RoomId, text: &str) {
        self.say_kind(at, room, &text_kind(text));
    }

    /// Says anything.
    pub fn say_kind(&mut self, at: DeviceNo, room: RoomId, kind: &Kind) {
        self.command(at, || Command::Say {
            room,
            kind: kind.clone(),
        });
    }

    /// Adds a colleague.
    pub fn add(&mut self, at: DeviceNo, room: RoomId, who: DeviceNo) {
        let people = vec![self.person(who)];
        self.command(at, || Command::Add {
            room,
            people: people.clone(),
        });
    }

    /// Removes a person.
    pub fn remove(&mut self, at: DeviceNo, room: RoomId, who: DeviceNo) {
        let person = self.person(who);
        self.command(at, || Command::Remove { room, person });
    }

    /// Lets a colleague manage.
    pub fn promote(&mut self, at: DeviceNo, room: RoomId, who: DeviceNo) {
        let person = self.person(who);
        self.command(at, || Command::Promote { room, person });
    }

    /// The admin revokes a person.
    pub fn revoke(&mut self, at: DeviceNo, who: DeviceNo) {
        let person = self.person(who);
        self.command(at, || Command::RevokePerson(person));
    }

    /// A room as a device shows it.
    pub fn view(&self, at: DeviceNo, room: RoomId) -> RoomView {
        self.devices[at].client.room(room).expect("has the room")
    }

    /// Its members.
    pub fn members(&self, at: DeviceNo, room: RoomId) -> Vec<MemberView> {
        self.devices[at].client.members(room).expect("has the room")
    }

    /// Everything a device shows of a room.
    pub fn lines(&self, at: DeviceNo, room: RoomId) -> Vec<Line> {
        let lines = self.devices[at].client.timeline_after(room, 0, usize::MAX);
        lines.expect("the timeline can be read")
    }

    /// The texts a device shows of a room, in order.
    pub fn texts(&self, at: DeviceNo, room: RoomId) -> Vec<String> {
        let lines = self.lines(at, room).into_iter();
        lines
            .filter_map(|line| match line.body {
                Body::Text { body, .. } => Some(body),
                _ => None,
            })
            .collect()
    }

    /// What a device could not send, and why.
    pub fn failures(&self, at: DeviceNo, room: RoomId) -> Vec<(MessageId, Failure)> {
        let outbox = self.devices[at].client.outbox(room);
        let outbox = outbox.unwrap_or_default().into_iter();
        outbox
            .filter_map(|line| Some((line.message, line.failed?)))
            .collect()
    }

    /// The message that says a text.
    pub fn message(&self, at: DeviceNo, room: RoomId, text: &str) -> Option<MessageId> {
        let lines = self.lines(at, room);
        let found = lines
            .iter()
            .find(|line| matches!(&line.body, Body::Text { body, .. } if body == text));
        found.and_then(|line| line.message)
    }

    /// Lines that say that something is missing or wrong.
    pub fn complaints(&self, at: DeviceNo, room: RoomId) -> Vec<Body> {
        let lines = self.lines(at, room).into_iter().map(|line| line.body);
        lines.filter(is_complaint).collect()
    }
}

/// Whether a line says that something is missing or wrong.
pub const fn is_complaint(body: &Body) -> bool {
    matches!(
        body,
        Body::Unreadable
            | Body::Missing { .. }
            | Body::AuthorGap { .. }
            | Body::AuthorBroken
            | Body::SplitView
            | Body::CommitRefused
            | Body::CommitVoided
            | Body::TooNew
    )
}

/// A plain text.
pub fn text_kind(text: &str) -> Kind {
    Kind::Text {
        body: text.to_owned(),
        reply_to: None,
    }
}

/// The notice of every invitation.
pub fn notice() -> Notice {
    Notice {
        version: "2026-11".into(),
        language: "de".into(),
        body: "Ihre Daten bleiben hier.".into(),
    }
}

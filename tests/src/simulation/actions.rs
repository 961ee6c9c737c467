//! What people do in a random walk, allowed or not.

use siegel_client_core::Error;
use siegel_client_core::command::Command;
use siegel_client_core::room::Stage;
use siegel_client_core::room::timeline::Body;
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::Kind;
use siegel_proto::ids::{ContentHash, MessageId, PersonId, RoomId};

use super::model::Saying;
use super::people::notice;
use super::verdict::Broken;
use super::walk::{Joining, MOST_DEVICES, MOST_ROOMS, Walk};
use super::world::{DeviceNo, Done};

/// The device that holds the organisation's root key.
pub(super) const ADMIN: DeviceNo = 0;
/// Colleagues that are revoked in one walk at most.
const MOST_LEAVERS: usize = 2;
/// Different emoji, the last takes a reaction back.
const EMOJI: [&str; 3] = ["👍", "❤", ""];

impl Walk {
    pub(super) fn somebody_acts(&mut self) -> Result<(), Broken> {
        let at = self.any_device();
        if !self.world.takes_part(at) {
            self.retry_joins();
            return Ok(());
        }
        let room = self.any_room(at);
        match (self.world.draw(100), room) {
            (0..40, Some(room)) => self.speak(at, room),
            (40..56, Some(room)) => self.change_a_line(at, room),
            (56..60, Some(room)) => self.say_something_else(at, room),
            (60..66, Some(room)) => self.read(at, room),
            (66..84, Some(room)) => self.change_members(at, room),
            (84..87, Some(room)) => self.rename(at, room),
            (87..93, room) => self.invite(at, room),
            (93..96, _) => self.make_room(at),
            (96..98, _) => self.do_it(at, "looks who is there", Command::Refresh),
            (98..100, _) => self.revoke_somebody(),
            _ => Ok(()),
        }
    }

    /// A room the device shows, whatever it may do there.
    fn any_room(&mut self, at: DeviceNo) -> Option<RoomId> {
        let rooms = self.world.devices[at].client.rooms().ok()?;
        let place = self.world.draw(rooms.len());
        let view = rooms.get(place)?;
        (view.stage != Stage::Removed).then_some(view.room)
    }

    /// A command that may be refused, and if it is not must not be forgotten.
    fn do_it(&mut self, at: DeviceNo, what: &'static str, command: Command) -> Result<(), Broken> {
        match self.world.try_command(at, command) {
            Ok(Done::Yes) => self.count(what),
            Ok(Done::Lost) => self.count("commands a crash took"),
            Err(Error::NotAllowed(_) | Error::Only(_) | Error::Unknown(_)) => {
                self.count("commands that were not allowed");
            }
            Err(error) => return Err(format!("{what}: {error:?}")),
        }
        self.note_said(at);
        Ok(())
    }

    fn say(
        &mut self,
        at: DeviceNo,
        room: RoomId,
        what: &'static str,
        kind: Kind,
    ) -> Result<(), Broken> {
        let count = |walk: &Self| walk.counts.get(what).copied().unwrap_or(0);
        let (said, before) = (self.model.said.len(), count(self));
        let command = Command::Say {
            room,
            kind: kind.clone(),
        };
        self.do_it(at, what, command)?;
        let carried_out = count(self) > before;
        let noted = self.model.said.len() - said;
        // Typing is for the moment only.
        if carried_out && noted == 0 && !matches!(kind, Kind::Typing { .. }) {
            return Err(format!("{kind:?} was taken and is not in the outbox"));
        }
        Ok(())
    }

    /// Remembers what waits in a device's outboxes and was not there before: greetings,
    /// notices and receipts are said without a command of their own.
    pub(super) fn note_said(&mut self, at: DeviceNo) {
        let client = &self.world.devices[at].client;
        for view in client.rooms().unwrap_or_default() {
            for line in client.outbox(view.room).unwrap_or_default() {
                if let Some(kind) = line.kind {
                    let saying = Saying {
                        by: at,
                        room: view.room,
                        kind,
                        gone_with_the_disk: false,
                    };
                    self.model.said.entry(line.message).or_insert(saying);
                }
            }
        }
    }

    fn speak(&mut self, at: DeviceNo, room: RoomId) -> Result<(), Broken> {
        self.words += 1;
        let body = format!("Wort {}", self.words);
        let reply_to = match self.world.draw(5) {
            0 => self.any_message(at, room),
            _ => None,
        };
        let kind = Kind::Text { body, reply_to };
        self.say(at, room, "texts", kind)
    }

    fn any_message(&mut self, at: DeviceNo, room: RoomId) -> Option<MessageId> {
        let lines = self.world.devices[at]
            .client
            .timeline_before(room, u64::MAX, 12);
        let messages: Vec<MessageId> = lines
            .ok()?
            .iter()
            .filter(|line| matches!(line.body, Body::Text { .. } | Body::Deleted))
            .filter_map(|line| line.message)
            .collect();
        let place = self.world.draw(messages.len());
        messages.get(place).copied()
    }

    /// Also of others' lines, which must have no effect.
    fn change_a_line(&mut self, at: DeviceNo, room: RoomId) -> Result<(), Broken> {
        let Some(target) = self.any_message(at, room) else {
            return Ok(());
        };
        match self.world.draw(3) {
            0 => {
                self.words += 1;
                let body = format!("Besser {}", self.words);
                self.say(at, room, "edits", Kind::Edit { target, body })
            }
            1 => self.say(at, room, "deletions", Kind::Delete { target }),
            _ => {
                let emoji = EMOJI[self.world.draw(EMOJI.len())].to_owned();
                self.say(at, room, "reactions", Kind::Reaction { target, emoji })
            }
        }
    }

    fn say_something_else(&mut self, at: DeviceNo, room: RoomId) -> Result<(), Broken> {
        let kind = match self.world.draw(4) {
            0 => Kind::Leave,
            1 => Kind::Consent {
                notice_version: notice().version,
                language: "de".into(),
                granted: self.world.draw(2) == 0,
                notice_hash: ContentHash::of(notice().body.as_bytes()),
            },
            _ => Kind::Typing { active: true },
        };
        let what = match kind {
            Kind::Leave => "wishes to leave",
            Kind::Consent { .. } => "consents",
            _ => "typing",
        };
        self.say(at, room, what, kind)
    }

    fn read(&mut self, at: DeviceNo, room: RoomId) -> Result<(), Broken> {
        let up_to = self.world.view(at, room).cursor;
        self.do_it(at, "readings", Command::MarkRead { room, up_to })
    }

    fn change_members(&mut self, at: DeviceNo, room: RoomId) -> Result<(), Broken> {
        let Some(person) = self.any_person() else {
            return Ok(());
        };
        match self.world.draw(8) {
            0..4 => {
                let people = vec![person];
                self.do_it(at, "additions", Command::Add { room, people })
            }
            4 | 5 => self.do_it(at, "removals", Command::Remove { room, person }),
            6 => self.do_it(at, "promotions", Command::Promote { room, person }),
            _ => self.do_it(at, "verifications", Command::Verify { room, person }),
        }
    }

    fn any_person(&mut self) -> Option<PersonId> {
        let other = self.any_device();
        let profile = self.world.devices[other].client.profile().ok()?;
        Some(profile.person)
    }

    fn rename(&mut self, at: DeviceNo, room: RoomId) -> Result<(), Broken> {
        self.words += 1;
        let title = format!("Raum {}", self.words);
        self.do_it(at, "renamings", Command::Rename { room, title })
    }

    fn make_room(&mut self, at: DeviceNo) -> Result<(), Broken> {
        if self.world.all_rooms().len() >= MOST_ROOMS {
            return Ok(());
        }
        self.words += 1;
        let title = format!("Raum {}", self.words);
        let with: Vec<PersonId> = self.any_person().into_iter().collect();
        self.do_it(at, "rooms", Command::CreateRoom { title, with })
    }

    /// Makes an invitation, opens one or takes one back.
    fn invite(&mut self, at: DeviceNo, room: Option<RoomId>) -> Result<(), Broken> {
        let open = self.world.devices[at].client.invitations();
        let open: Vec<_> = (open.into_iter().flatten())
            .filter(|invitation| invitation.link.is_some())
            .collect();
        let place = self.world.draw(open.len());
        match (open.get(place), self.world.draw(4)) {
            (Some(invitation), 0) => self.do_it(
                at,
                "invitations taken back",
                Command::Withdraw(invitation.id),
            ),
            (Some(invitation), _) if self.world.devices.len() < MOST_DEVICES => {
                let link = invitation.link.clone().unwrap_or_default();
                self.open_link(link);
                Ok(())
            }
            (_, 0) if at == ADMIN => {
                self.words += 1;
                let command = Command::InviteStaff {
                    label: format!("Kollegin {}", self.words),
                    role: PersonRole::Staff,
                };
                self.do_it(at, "invitations of colleagues", command)
            }
            _ => {
                let new = self.world.draw(3) == 0 && self.world.all_rooms().len() < MOST_ROOMS;
                let room = if new { None } else { room };
                if room.is_none() && !new {
                    return Ok(());
                }
                self.words += 1;
                let command = Command::InviteGuest {
                    room,
                    label: format!("Klientin {}", self.words),
                    greeting: format!("Guten Tag {}", self.words),
                    notice: notice(),
                };
                self.do_it(at, "invitations of clients", command)
            }
        }
    }

    fn open_link(&mut self, link: String) {
        let name = format!("P{}", self.world.devices.len());
        let at = self.world.add_device(&name);
        self.count("links opened");
        let join = Command::Join {
            link: link.parse().expect("a link"),
            name,
            position: String::new(),
        };
        // A crash here is found out by whoever looks for joins to try again.
        match self.world.try_command(at, join) {
            Ok(_) => self.joining.push(Joining { at, link }),
            Err(error) => panic!("a new device may join: {error:?}"),
        }
    }

    fn revoke_somebody(&mut self) -> Result<(), Broken> {
        let who = self.any_device();
        let profile = self.world.devices[who].client.profile();
        let staff = profile.is_ok_and(|p| p.role != PersonRole::Guest);
        if who == ADMIN || !staff || self.revoked.len() >= MOST_LEAVERS {
            return Ok(());
        }
        let person = self.world.person(who);
        let before = self.counts.get("revocations").copied();
        self.do_it(ADMIN, "revocations", Command::RevokePerson(person))?;
        if self.counts.get("revocations").copied() != before {
            self.revoked.insert(who);
        }
        Ok(())
    }

    /// Whom the admin has revoked is revoked.
    pub(super) fn judge_revocations(&self) -> Result<(), Broken> {
        for at in &self.revoked {
            let person = self.world.person(*at);
            if !self.world.relay.organisation.is_revoked(person) {
                let name = &self.world.devices[*at].name;
                return Err(format!("{name} was revoked, and the relay does not know"));
            }
            let profile = self.world.devices[*at].client.profile();
            if !profile.is_ok_and(|profile| profile.revoked) {
                let name = &self.world.devices[*at].name;
                return Err(format!("{name} does not know that it is revoked"));
            }
        }
        Ok(())
    }
}

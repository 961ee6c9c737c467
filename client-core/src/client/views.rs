//! Views: what an app shows. Read from the vault, never stored themselves.

use std::collections::btree_map::Entry;

use siegel_proto::certificate::PersonRole;
use siegel_proto::content::Kind;
use siegel_proto::ids::{ContentHash, DeviceId, MessageId, OrganisationId, PersonId, RoomId};
use siegel_proto::organisation::Policy;

use super::{Client, Connection};
use crate::contact::Contact;
use crate::device::{Device, Joining, Stage as DeviceStage};
use crate::error::{Error, Hindrance, Thing};
use crate::event::Failure;
use crate::link::{Link, LinkTarget};
use crate::local::OwnView;
use crate::mls::group::Group;
use crate::mls::provider::Provider;
use crate::moment::{Entropy, StepRng, Timestamp};
use crate::room::invitation::{Invitation, InvitationId, InvitationStage};
use crate::room::outbox::{self, Work};
use crate::room::timeline::{self, Line};
use crate::room::{Room, STALE_AFTER_SECONDS, Stage};

/// Who this device is.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The relay.
    pub origin: String,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The account or guest.
    pub person: PersonId,
    /// This device.
    pub device: DeviceId,
    /// What the person is.
    pub role: PersonRole,
    /// What colleagues call the person.
    pub name: String,
    /// Whether this device holds the root key.
    pub holds_root: bool,
    /// Taken in by the relay and not revoked.
    pub ready: bool,
    /// Revoked.
    pub revoked: bool,
    /// The organisation's policy, without its notices: see [`Client::policy`].
    pub policy: Policy,
}

/// A room in a list.
#[derive(Clone, Debug)]
pub struct RoomView {
    /// Which.
    pub room: RoomId,
    /// Its title; empty for a room with a client that has none.
    pub title: String,
    /// Where it stands.
    pub stage: Stage,
    /// How many people.
    pub members: usize,
    /// Whether one of them is a client.
    pub has_guest: bool,
    /// Processed up to here.
    pub cursor: u64,
    /// Read up to here.
    pub read_up_to: u64,
    /// The relay does not let this device in: removed while it was away.
    pub closed: bool,
    /// Work that waits for the relay.
    pub waiting: usize,
    /// Work that failed.
    pub failed: usize,
    /// A commit was refused here and waits to be taken back.
    pub refused: bool,
    /// Another member could not process the last commit.
    pub contested: bool,
    /// This device's state was put back.
    pub rolled_back: bool,
    /// The relay was put back to a backup, and the room is not in step with it yet: a
    /// manager's device has to be online.
    pub out_of_step: bool,
    /// The relay showed others another log.
    pub split_view: bool,
    /// The relay does not open the seat.
    pub shut: bool,
    /// The guest's own keys are not in yet.
    pub settling: bool,
    /// The newest sign of life of anybody else, see [`RoomView::is_stale`].
    pub fresh_at: Option<Timestamp>,
    /// The group's epoch.
    pub epoch: u64,
    /// What others said and the person has not read; counted up to
    /// [`crate::room::timeline::UNREAD_MOST`].
    pub unread: usize,
    /// The last line, for the list.
    pub last: Option<Line>,
    /// Muted, archived, draft: how this person sees it.
    pub own: OwnView,
    /// How long messages live here, days; the policy's limit holds as well.
    pub retention_days: u32,
    /// The same on all devices that agree on the room's whole history up to this epoch.
    pub state: ContentHash,
}

/// A member of a room.
#[derive(Clone, Debug)]
pub struct MemberView {
    /// Who.
    pub person: PersonId,
    /// What to call them.
    pub name: String,
    /// What they are.
    pub role: PersonRole,
    /// Their devices here.
    pub devices: Vec<DeviceId>,
    /// May add and remove.
    pub manager: bool,
    /// Safety words or QR were compared.
    pub verified: bool,
    /// A client that has not opened the link.
    pub provisional: bool,
    /// Another identity was seen and waits for a person's word.
    pub changed: bool,
    /// Revoked and about to be removed.
    pub revoked: bool,
    /// This person.
    pub own: bool,
}

/// An own message that is not in the log yet.
#[derive(Clone, Debug)]
pub struct OutboxLine {
    /// The message.
    pub message: MessageId,
    /// What it says; `None` for a change of the room.
    pub kind: Option<Kind>,
    /// Why it failed for good.
    pub failed: Option<Failure>,
}

/// An invitation in a list.
#[derive(Clone, Debug)]
pub struct InvitationView {
    /// Which.
    pub id: InvitationId,
    /// For whom, in the inviter's words.
    pub label: String,
    /// Whom it brings in.
    pub person: PersonId,
    /// Clients: into which room.
    pub room: Option<RoomId>,
    /// The link, while it can be used.
    pub link: Option<String>,
    /// Until when.
    pub expires_at: Timestamp,
    /// The client has arrived.
    pub used: bool,
    /// Taken back or run out.
    pub gone: bool,
}

impl RoomView {
    /// Whether what this device shows of the room may be old: others are in it, and for
    /// longer than they can have been silent the relay has brought nothing of theirs.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        let fresh_at = self.fresh_at.unwrap_or(Timestamp::from_seconds(0));
        self.stage == Stage::Active && self.members > 1 && now.since(fresh_at) > STALE_AFTER_SECONDS
    }
}

impl Client {
    /// Who this device is.
    ///
    /// # Errors
    /// [`Error::NotJoined`] before set-up or join.
    pub fn profile(&self) -> Result<Profile, Error> {
        let device = Device::load(&self.vault)?;
        Ok(Profile {
            organisation: device.organisation(),
            person: device.keys.person,
            device: device.keys.device,
            role: device.keys.role,
            holds_root: device.root_seed.is_some(),
            ready: device.stage == DeviceStage::Ready,
            revoked: device.stage == DeviceStage::Revoked,
            origin: device.origin,
            name: device.name,
            policy: device.policy,
        })
    }

    /// Whether the relay owes an answer on the connection that stands. If it does and says
    /// nothing for long, the line is dead; an acknowledgement is never answered.
    pub fn is_owed_an_answer(&self) -> bool {
        (self.connection.as_ref()).is_some_and(Connection::awaits_any)
    }

    /// Whether a link was opened and its capsule has not arrived yet.
    pub fn is_joining(&self) -> bool {
        Joining::load(&self.vault).is_ok_and(|joining| joining.is_some())
    }

    /// The four words two people compare over the phone.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the person is not known; [`Error::NotAllowed`] while a client
    /// has not opened its link.
    pub fn safety_words(&self, room: RoomId, person: PersonId) -> Result<[&'static str; 4], Error> {
        let own = crate::identity::public_key(&Device::load(&self.vault)?.keys.identity);
        let contact = Contact::load(&self.vault, person)?.ok_or(Error::Unknown(Thing::Person))?;
        if contact.provisional {
            return Err(Error::NotAllowed(Hindrance::NotArrived));
        }
        crate::safety_words::safety_words(&own, &contact.identity_key, &room)
            .map_err(|_| Error::Unknown(Thing::Own))
    }

    /// Whether everything waiting has been handed to the relay: the connection is open,
    /// every room attached and processed, every outbox empty or failed.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn is_settled(&self) -> Result<bool, Error> {
        let Some(connection) = &self.connection else {
            return Ok(false);
        };
        if !connection.revocations {
            return Ok(false);
        }
        if let Some(inbox) = Device::load(&self.vault)?.inbox
            && connection
                .inbox_next
                .is_none_or(|next| inbox.cursor + 1 < next)
        {
            return Ok(false);
        }
        for id in Room::ids(&self.vault)? {
            let room = Room::load(&self.vault, id)?;
            if room.stage == Stage::Removed || room.shut {
                continue;
            }
            let caught_up = connection
                .rooms
                .get(&id)
                .is_some_and(|attachment| attachment.caught_up);
            let open = outbox::all(&self.vault, id)?
                .iter()
                .any(|(_, item)| item.is_open());
            if !caught_up || open {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All rooms, in no order that means anything.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn rooms(&self) -> Result<Vec<RoomView>, Error> {
        let mut views = Vec::new();
        for id in Room::ids(&self.vault)? {
            views.push(self.room(id)?);
        }
        Ok(views)
    }

    /// One room.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is none.
    pub fn room(&self, id: RoomId) -> Result<RoomView, Error> {
        let room = Room::load(&self.vault, id)?;
        let items = outbox::all(&self.vault, id)?;
        let members = match room.stage {
            Stage::Removed => Vec::new(),
            _ => self.members(id)?,
        };
        let (info, epoch, state) = self.with_group(&room, |group| {
            let state = ContentHash::of(group.epoch_authenticator());
            Ok((group.info()?, group.epoch(), state))
        })?;
        let person = Device::load(&self.vault)?.keys.person;
        let span = (room.read_up_to, u64::MAX);
        let unread =
            timeline::said_by_others(&self.vault, id, person, span, timeline::UNREAD_MOST)?;
        let waits = |item: &outbox::Item| {
            item.is_open() && !matches!(item.work, Work::Say(Kind::Receipt { .. }))
        };
        Ok(RoomView {
            room: id,
            title: info.title,
            stage: room.stage,
            has_guest: members
                .iter()
                .any(|member| member.role == PersonRole::Guest),
            members: members.len(),
            cursor: room.cursor.unwrap_or(0),
            read_up_to: room.read_up_to,
            closed: room.shut,
            waiting: items.iter().filter(|(_, item)| waits(item)).count(),
            failed: items.iter().filter(|(_, item)| !item.is_open()).count(),
            refused: room.refused.is_some(),
            contested: room.contested,
            rolled_back: room.rolled_back,
            out_of_step: room.stands_alone && room.put_back.is_some(),
            split_view: room.split_view,
            shut: room.shut,
            settling: room.must_renew,
            fresh_at: room.fresh_at,
            epoch,
            unread,
            last: timeline::last(&self.vault, id)?,
            own: OwnView::load(&self.vault, id)?,
            retention_days: info.retention_days,
            state,
        })
    }

    /// The organisation's policy, with the notices as far as the relay has shown them.
    ///
    /// # Errors
    /// [`Error::NotJoined`] before set-up or join.
    pub fn policy(&self) -> Result<Policy, Error> {
        crate::device::policy(&self.vault)
    }

    /// The members of a room, as its MLS group says.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is no such room.
    pub fn members(&self, id: RoomId) -> Result<Vec<MemberView>, Error> {
        let room = Room::load(&self.vault, id)?;
        let device = Device::load(&self.vault)?;
        let revoked = self.revoked_set()?;
        let (info, leaves) = self.with_group(&room, |group| {
            Ok((group.info()?, group.leaves(&device.root)?))
        })?;
        let mut members: Vec<MemberView> = Vec::new();
        for leaf in leaves {
            let person = leaf.person();
            if let Some(member) = members.iter_mut().find(|member| member.person == person) {
                member.devices.push(leaf.device);
                continue;
            }
            let contact = Contact::load(&self.vault, person)?;
            let own = person == device.keys.person;
            let known = contact.as_ref().map(Contact::display_name);
            let name = known
                .filter(|name| !name.is_empty())
                .or_else(|| info.name_of(person))
                .unwrap_or_default();
            members.push(MemberView {
                person,
                name: if own {
                    device.name.clone()
                } else {
                    name.to_owned()
                },
                role: leaf.identity.role,
                devices: vec![leaf.device],
                manager: info.is_manager(person),
                verified: contact.as_ref().is_some_and(|contact| contact.verified),
                provisional: leaf.identity.provisional,
                changed: contact.is_some_and(|contact| contact.changed.is_some()),
                revoked: revoked.contains(&leaf),
                own,
            });
        }
        Ok(members)
    }

    /// Everybody this device knows.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn contacts(&self) -> Result<Vec<Contact>, Error> {
        Contact::all(&self.vault)
    }

    /// Lines of a room after an entry, oldest first.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn timeline_after(&self, room: RoomId, seq: u64, most: usize) -> Result<Vec<Line>, Error> {
        timeline::after(&self.vault, room, seq, most)
    }

    /// The last lines of a room before an entry, oldest first; `u64::MAX` for the end.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn timeline_before(&self, room: RoomId, seq: u64, most: usize) -> Result<Vec<Line>, Error> {
        timeline::before(&self.vault, room, seq, most)
    }

    /// One message's line.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn message(&self, room: RoomId, message: MessageId) -> Result<Option<Line>, Error> {
        timeline::message(&self.vault, room, message)
    }

    /// Own work that is not in the log yet, in order.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn outbox(&self, room: RoomId) -> Result<Vec<OutboxLine>, Error> {
        let items = outbox::all(&self.vault, room)?;
        // What is said again stands in the timeline already.
        let again = |item: &outbox::Item| {
            let content = item.content.as_ref();
            content.is_some_and(|content| content.message != item.entry)
        };
        Ok(items
            .into_iter()
            .filter(|(_, item)| !again(item))
            .map(|(_, item)| OutboxLine {
                message: item.entry,
                kind: match item.work {
                    Work::Say(kind) => Some(kind),
                    _ => None,
                },
                failed: item.failed,
            })
            .collect())
    }

    /// Invitations this device made.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn invitations(&self) -> Result<Vec<InvitationView>, Error> {
        let origin = Device::load(&self.vault)?.origin;
        let invitations = Invitation::all(&self.vault)?;
        Ok(invitations
            .into_iter()
            .map(|invitation| {
                let target = match invitation.room {
                    Some(_) => LinkTarget::Guest(invitation.secret),
                    None => LinkTarget::Staff(invitation.secret),
                };
                let link = Link {
                    origin: origin.clone(),
                    target,
                };
                let ready = invitation.stage == InvitationStage::Ready;
                InvitationView {
                    id: invitation.id,
                    label: invitation.label,
                    person: invitation.person,
                    room: invitation.room,
                    link: ready.then(|| link.to_string()),
                    expires_at: invitation.expires_at,
                    used: invitation.stage == InvitationStage::Used,
                    gone: matches!(
                        invitation.stage,
                        InvitationStage::Withdrawing | InvitationStage::Withdrawn
                    ),
                }
            })
            .collect())
    }

    fn with_group<T>(
        &self,
        room: &Room,
        read: impl FnOnce(&Group) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Some(group) = self.groups.get(&room.room) {
            return read(group);
        }
        let mut viewed = self.viewed.borrow_mut();
        match viewed.entry(room.room) {
            Entry::Occupied(group) => read(group.get()),
            Entry::Vacant(place) => {
                // Loading draws no randomness; the generator only completes the provider.
                let mut rng = StepRng::new(Entropy([0; 32]));
                let provider = Provider::new(&self.vault, &mut rng);
                read(place.insert(Group::load(&provider, room.group())?))
            }
        }
    }
}

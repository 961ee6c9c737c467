//! Every question, and where its answer comes from.

use futures_util::future::{AbortHandle, Abortable};
use siegel_client_core::client::InvitationView;
use siegel_client_core::link::{Link, LinkTarget};
use siegel_client_core::local::{Draft, Local};
use siegel_client_core::room::timeline::Body;
use siegel_client_core::{Command, Event, Input};
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::{Extras, Kind, Notice};
use siegel_proto::ids::{ContentHash, MessageId, PersonId, RoomId};
use siegel_proto::organisation::Policy;
use siegel_web_bridge::view::{LinkView, MyData, MyRoom, Role};
use siegel_web_bridge::{Ask, Compose, FileNote, LinkTrouble, Reply, Secret, Thing, Trouble};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::Office;
use super::holder::Holder;
use crate::device::StepError;
use crate::moment;
use crate::queue::{Asker, Happening};
use crate::transfer::{self, Announcement};
use crate::trouble;
use crate::view::{self, Parse as _, card, forward, hours, line, message_id, people, room, search};

/// Between two questions to the relay for colleagues.
const REFRESH_MS: f64 = 3_000.0;
/// So long after a page asked for people it may still show them.
const LOOKED_FOR_MS: f64 = 120_000.0;

/// `None` if the answer comes later.
type Found = Option<Result<Reply, Trouble>>;

impl Holder {
    pub(super) async fn find_answer(
        &mut self,
        office: &Office,
        asker: Asker,
        ask: Ask,
        blob: Option<Blob>,
    ) -> Found {
        match ask {
            Ask::Create(protection) => Some(self.create(office, protection).await),
            Ask::Unlock(secret) => Some(self.unlock(office, secret).await),
            Ask::UnlockByPasskey(secret) => Some(self.unlock_by_passkey(office, secret).await),
            Ask::Protect { current, new } => Some(self.protect(office, current, new).await),
            Ask::AddPasskey { current, new } => Some(self.add_passkey(office, current, new).await),
            Ask::RemovePasskey => Some(self.remove_passkey(office).await),
            Ask::Lock => {
                self.lock(office, Some(asker)).await;
                None
            }
            Ask::Wipe => {
                self.wipe(office, asker).await;
                None
            }
            Ask::ReadLink(link) => Some(read_link(&link).map(|(_, view)| Reply::Link(view))),
            Ask::SetUp {
                link,
                name,
                position,
            } => {
                let command = |link| Command::SetUp {
                    link,
                    name,
                    position,
                };
                self.join(office, asker, &link, command).await
            }
            Ask::Join {
                link,
                name,
                position,
            } => {
                let command = |link| Command::Join {
                    link,
                    name,
                    position,
                };
                let joined = self.join(office, asker, &link, command).await;
                if let (None, Ok(device)) = (&joined, self.device()) {
                    device.dial();
                }
                joined
            }
            Ask::Attach { room, note } => self.attach(office, asker, &room, note, blob),
            Ask::Fetch { room, message } => self.fetch(office, asker, &room, &message),
            Ask::InviteStaff { label, role } => {
                let role = match role {
                    Role::Admin => PersonRole::Admin,
                    Role::Staff => PersonRole::Staff,
                    Role::Client => return Some(Err(Trouble::NotAllowed)),
                };
                let command = Command::InviteStaff { label, role };
                self.invite(office, asker, command).await.err().map(Err)
            }
            Ask::InviteClient {
                room,
                label,
                greeting,
                notices,
            } => {
                let room = match room.map(|room| room.parse()).transpose() {
                    Ok(room) => room,
                    Err(trouble) => return Some(Err(trouble)),
                };
                let mut notices = notices.into_iter().map(notice);
                let Some(first) = notices.next() else {
                    return Some(Err(Trouble::Empty));
                };
                let command = Command::InviteGuest {
                    room,
                    label,
                    greeting,
                    notice: first,
                };
                match self.invite(office, asker, command).await {
                    Ok(Some(room)) => self.more_notices(office, asker, room, notices).await,
                    Ok(None) => None,
                    Err(trouble) => Some(Err(trouble)),
                }
            }
            other => Some(self.at_once(office, asker, other).await),
        }
    }

    /// Questions and orders that are answered at once.
    async fn at_once(&mut self, office: &Office, asker: Asker, ask: Ask) -> Result<Reply, Trouble> {
        if matches!(ask, Ask::People) {
            self.people_asked_ms = moment::now_ms();
            self.refresh_directory(office).await;
        }
        match self.look(&ask) {
            Some(answer) => answer,
            None => {
                let told: fn(&Event) -> Option<Reply> = match ask {
                    Ask::CreateRoom { .. } => made,
                    Ask::Say { .. } | Ask::Forward { .. } => queued,
                    _ => |_| None,
                };
                let Some(command) = self.command(ask)? else {
                    return Ok(Reply::Done);
                };
                let events = self.carry_out(office, asker, command).await?;
                Ok(events.iter().find_map(told).unwrap_or(Reply::Done))
            }
        }
    }

    /// Who looks for colleagues wants those who join while they look as well: the relay
    /// tells nobody of them unasked.
    pub(super) async fn refresh_directory(&mut self, office: &Office) {
        let now = moment::now_ms();
        let is_up = self.device().is_ok_and(|device| device.is_up());
        let looked_for = now - self.people_asked_ms < LOOKED_FOR_MS;
        if is_up && looked_for && now - self.refreshed_ms > REFRESH_MS {
            self.refreshed_ms = now;
            self.input(office, Input::Command(Command::Refresh)).await;
        }
    }

    /// What is only looked up. `None` if it is an order.
    fn look(&mut self, ask: &Ask) -> Option<Result<Reply, Trouble>> {
        let device = match self.device() {
            Ok(device) => device,
            Err(trouble) => return Some(Err(trouble)),
        };
        let client = device.client();
        Some(match ask {
            Ask::Profile => {
                people::profile(client).map(|profile| Reply::Profile(Box::new(profile)))
            }
            Ask::Rooms => room::cards(client).map(Reply::Rooms),
            Ask::Room(id) => id
                .parse()
                .and_then(|id| room::room(client, id))
                .map(|room| Reply::Room(Box::new(room))),
            Ask::Lines { room, window, most } => room
                .parse()
                .and_then(|room| line::window(client, room, *window, *most))
                .map(Reply::Lines),
            Ask::Members(room) => room
                .parse()
                .and_then(|room| people::members(client, room))
                .map(Reply::Members),
            Ask::People => people::people(client).map(Reply::People),
            Ask::Invitations => people::invitations(client, moment::now()).map(Reply::Invitations),
            Ask::Consents(room) => room
                .parse()
                .and_then(|room| line::consents(client, room))
                .map(Reply::Consents),
            Ask::Search { text, room, most } => room
                .as_ref()
                .map(|room| room.parse())
                .transpose()
                .and_then(|room| search::search(client, text, room, *most))
                .map(Reply::Hits),
            Ask::MyData => my_data(client).map(|data| Reply::MyData(Box::new(data))),
            Ask::SafetyWords { room, person } => room
                .parse()
                .and_then(|room| Ok((room, person.parse()?)))
                .and_then(|(room, person)| {
                    client
                        .safety_words(room, person)
                        .map_err(|error| trouble::of_core(&error))
                })
                .map(|words| Reply::Words(words.map(str::to_owned).to_vec())),
            _ => return None,
        })
    }

    /// The command behind an order; `None` if there is nothing to do.
    fn command(&mut self, ask: Ask) -> Result<Option<Command>, Trouble> {
        let is_up = self.device()?.is_up();
        let say = |room: &siegel_web_bridge::RoomId, kind| {
            Ok(Some(Command::Say {
                room: room.parse()?,
                kind,
            }))
        };
        Ok(Some(match ask {
            Ask::Say { room, what } => {
                let (kind, mentions) = compose(what)?;
                let extras = Extras {
                    mentions,
                    forwarded: None,
                };
                say_with(&room, kind, extras)?
            }
            Ask::Forward {
                from,
                message,
                to,
                reason,
            } => {
                let client = self.device()?.client();
                let (kind, extras) =
                    forward::forward(client, from.parse()?, message.parse()?, &reason)?;
                say_with(&to, kind, extras)?
            }
            Ask::Leave(room) => return say(&room, Kind::Leave),
            Ask::SetRetention { room, days } => Command::SetRetention {
                room: room.parse()?,
                days,
            },
            Ask::Draft { room, text } => Command::Local(Local::Draft {
                room: room.parse()?,
                draft: Draft {
                    text,
                    reply_to: None,
                },
            }),
            Ask::Mute { room, muted } => Command::Local(Local::Mute {
                room: room.parse()?,
                muted,
            }),
            Ask::Archive { room, archived } => Command::Local(Local::Archive {
                room: room.parse()?,
                archived,
            }),
            Ask::Label { person, label } => Command::Local(Local::Label {
                person: person.parse()?,
                label,
            }),
            Ask::Typing { .. } if !is_up => return Ok(None),
            Ask::Typing { room, active } => return say(&room, Kind::Typing { active }),
            Ask::Consent {
                room,
                notice,
                granted,
            } => {
                let kind = self.consent(room.parse()?, notice.parse()?, granted)?;
                return say(&room, kind);
            }
            Ask::MarkRead { room, up_to } => Command::MarkRead {
                room: room.parse()?,
                up_to,
            },
            Ask::CreateRoom { title, with } => Command::CreateRoom {
                title,
                with: persons(&with)?,
            },
            Ask::Add { room, people } => Command::Add {
                room: room.parse()?,
                people: persons(&people)?,
            },
            Ask::Remove { room, person } => Command::Remove {
                room: room.parse()?,
                person: person.parse()?,
            },
            Ask::Promote { room, person } => Command::Promote {
                room: room.parse()?,
                person: person.parse()?,
            },
            Ask::Rename { room, title } => Command::Rename {
                room: room.parse()?,
                title,
            },
            Ask::Repair(room) => Command::Repair(room.parse()?),
            Ask::Discard { room, message } => Command::Discard {
                room: room.parse()?,
                message: message.parse()?,
            },
            Ask::Withdraw(invitation) => Command::Withdraw(invitation.parse()?),
            Ask::Verify { room, person } => Command::Verify {
                room: room.parse()?,
                person: person.parse()?,
            },
            Ask::SetHours(said) => Command::SetAvailability(hours::told(said)),
            Ask::AcceptIdentity(person) => Command::AcceptIdentity(person.parse()?),
            Ask::RevokePerson(_) | Ask::RevokeDevice(_) | Ask::SetPolicy(_) if !is_up => {
                return Err(Trouble::Offline);
            }
            Ask::RevokePerson(person) => Command::RevokePerson(person.parse()?),
            Ask::RevokeDevice(device) => Command::RevokeDevice(device.parse()?),
            Ask::SetPolicy(policy) => {
                // What the page does not show stays as it is.
                let known = self.device()?.client().policy();
                Command::SetPolicy(Policy {
                    retention_days: policy.retention_days,
                    lock_after_minutes: policy.lock_after_minutes,
                    invitation_hours: policy.invitation_hours,
                    passphrase_characters: policy.passphrase_characters,
                    wipe_after_tries: policy.wipe_after_tries,
                    forbid_passkeys: policy.forbid_passkeys,
                    neutral_title: policy.neutral_title,
                    emergency: hours::numbers(policy.emergency),
                    hours: hours::weekly(&policy.hours),
                    time_zone: policy.time_zone,
                    ..known.map_err(|error| trouble::of_core(&error))?
                })
            }
            _ => return Err(Trouble::NotAllowed),
        }))
    }

    fn consent(&mut self, room: RoomId, notice: MessageId, granted: bool) -> Result<Kind, Trouble> {
        let line = self.device()?.client().message(room, notice);
        let line = line.map_err(|error| trouble::of_core(&error))?;
        match line.map(|line| line.body) {
            Some(Body::Notice(notice)) => Ok(Kind::Consent {
                notice_hash: ContentHash::of(notice.body.as_bytes()),
                notice_version: notice.version,
                language: notice.language,
                granted,
            }),
            _ => Err(Trouble::Unknown(Thing::Message)),
        }
    }

    /// Carries out a command; what it changed is stored when this returns.
    async fn carry_out(
        &mut self,
        office: &Office,
        asker: Asker,
        command: Command,
    ) -> Result<Vec<Event>, Trouble> {
        let asked = self.asked.with(asker.tab, asker.number);
        let store = &self.store;
        let device = match &mut self.state {
            super::holder::State::Open(device) => device,
            _ => return Err(Trouble::Locked),
        };
        let input = Input::Command(command);
        match device.input(store, input, Some(&asked)).await {
            Ok(events) => {
                self.asked = asked;
                self.heard(office, &events).await;
                Ok(events)
            }
            Err(StepError::Refused(trouble)) => Err(trouble),
            Err(StepError::Reopen(trouble)) => {
                self.reopen(office).await;
                Err(trouble)
            }
        }
    }

    async fn join(
        &mut self,
        office: &Office,
        asker: Asker,
        link: &Secret,
        command: impl FnOnce(Link) -> Command,
    ) -> Found {
        let link = match read_link(link) {
            Ok((link, _)) => link,
            Err(trouble) => return Some(Err(trouble)),
        };
        let half_done = match self.device() {
            Ok(device) => device
                .client()
                .profile()
                .is_ok_and(|profile| !profile.ready && !profile.revoked),
            Err(trouble) => return Some(Err(trouble)),
        };
        self.waiting.for_join(asker);
        // An earlier try got as far as this device, but the relay has not taken it in: the
        // connection goes on with that by itself.
        if half_done {
            return None;
        }
        match self.carry_out(office, asker, command(link)).await {
            Ok(_) => None,
            Err(trouble) => {
                self.waiting.forget(asker);
                Some(Err(trouble))
            }
        }
    }

    /// Begins an invitation; its link comes later. Tells the room of a client's.
    async fn invite(
        &mut self,
        office: &Office,
        asker: Asker,
        command: Command,
    ) -> Result<Option<RoomId>, Trouble> {
        let known = self.invitations()?;
        let known: Vec<_> = known.into_iter().map(|view| view.id).collect();
        self.waiting.for_invitation(asker, known.clone());
        if let Err(trouble) = self.carry_out(office, asker, command).await {
            self.waiting.forget(asker);
            return Err(trouble);
        }
        let mut views = self.invitations()?.into_iter();
        let new = views.find(|view| !known.contains(&view.id));
        Ok(new.and_then(|view| view.room))
    }

    fn invitations(&mut self) -> Result<Vec<InvitationView>, Trouble> {
        let invitations = self.device()?.client().invitations();
        invitations.map_err(|error| trouble::of_core(&error))
    }

    /// The same text in other languages goes into the room behind the first: the client
    /// reads them as soon as it is connected.
    async fn more_notices(
        &mut self,
        office: &Office,
        asker: Asker,
        room: RoomId,
        notices: impl Iterator<Item = Notice>,
    ) -> Found {
        for notice in notices {
            let kind = Kind::Notice(notice);
            let said = self.carry_out(office, asker, Command::Say { room, kind });
            if let Err(trouble) = said.await {
                self.waiting.forget(asker);
                return Some(Err(trouble));
            }
        }
        None
    }

    fn attach(
        &mut self,
        office: &Office,
        asker: Asker,
        room: &siegel_web_bridge::RoomId,
        note: FileNote,
        blob: Option<Blob>,
    ) -> Found {
        let begun = (|| {
            let client = self.device()?.client();
            let room: RoomId = room.parse()?;
            client
                .room(room)
                .map_err(|error| trouble::of_core(&error))?;
            let profile = client.profile().map_err(|error| trouble::of_core(&error))?;
            Ok((room, profile.policy.retention_days))
        })();
        let (room, days) = match begun {
            Ok(begun) => begun,
            Err(trouble) => return Some(Err(trouble)),
        };
        let Some(file) = blob else {
            return Some(Err(Trouble::Empty));
        };
        let queue = office.queue.clone();
        self.transfer(office, asker, async move {
            match transfer::upload(&queue, asker, room, note, file, days).await {
                Ok(()) => None,
                Err(trouble) => Some(Err(trouble)),
            }
        });
        None
    }

    fn fetch(
        &mut self,
        office: &Office,
        asker: Asker,
        room: &siegel_web_bridge::RoomId,
        message: &siegel_web_bridge::MessageId,
    ) -> Found {
        let found = (|| {
            let client = self.device()?.client();
            let line = client
                .message(room.parse()?, message.parse()?)
                .map_err(|error| trouble::of_core(&error))?;
            match line.map(|line| line.body) {
                Some(Body::Attachment(file)) => Ok(file),
                _ => Err(Trouble::Unknown(Thing::Message)),
            }
        })();
        let file = match found {
            Ok(file) => file,
            Err(trouble) => return Some(Err(trouble)),
        };
        let queue = office.queue.clone();
        self.transfer(office, asker, async move {
            let fetched = transfer::fetch(&queue, asker, file).await;
            Some(fetched.map(|(reply, blob)| (reply, Some(blob))))
        });
        None
    }

    /// Runs a transfer beside everything else, until it ends or is given up.
    fn transfer(
        &mut self,
        office: &Office,
        asker: Asker,
        work: impl Future<Output = Option<super::holder::Answer>> + 'static,
    ) {
        let (handle, registration) = AbortHandle::new_pair();
        self.transfers.insert(asker, handle);
        let queue = office.queue.clone();
        spawn_local(async move {
            if let Ok(Some(answer)) = Abortable::new(work, registration).await {
                queue.push(Happening::Transferred(asker, answer));
            }
        });
    }

    /// A sealed file is announced to the relay.
    pub(super) async fn announce_blob(&mut self, office: &Office, announcement: Announcement) {
        let Announcement { create, taken } = announcement;
        let refused = match self.device() {
            Ok(device) if device.is_up() => None,
            Ok(_) => Some(Trouble::Offline),
            Err(trouble) => Some(trouble),
        };
        if let Some(trouble) = refused {
            // The transfer may have been given up.
            taken.send(Err(trouble)).ok();
            return;
        }
        self.waiting.for_blob(create.blob, taken);
        self.input(office, Input::Command(Command::CreateBlob(create)))
            .await;
    }

    /// A file is at the relay: now it is spoken of.
    pub(super) async fn uploaded(
        &mut self,
        office: &Office,
        asker: Asker,
        room: RoomId,
        kind: Kind,
    ) {
        if self.transfers.remove(&asker).is_none() {
            return;
        }
        let said = self
            .carry_out(office, asker, Command::Say { room, kind })
            .await;
        let answer = said.map(|events| {
            let reply = events.iter().find_map(queued).unwrap_or(Reply::Done);
            (reply, None)
        });
        self.answer(office, asker, answer);
    }
}

fn queued(event: &Event) -> Option<Reply> {
    match event {
        Event::Queued { message, .. } => Some(Reply::Queued(message_id(*message))),
        _ => None,
    }
}

fn made(event: &Event) -> Option<Reply> {
    match event {
        Event::RoomChanged(room) => Some(Reply::Made(view::room_id(*room))),
        _ => None,
    }
}

fn say_with(
    room: &siegel_web_bridge::RoomId,
    kind: Kind,
    extras: Extras,
) -> Result<Command, Trouble> {
    Ok(Command::SayWith {
        room: room.parse()?,
        kind,
        extras: Box::new(extras),
    })
}

/// What is said, and whom it names.
fn compose(what: Compose) -> Result<(Kind, Vec<PersonId>), Trouble> {
    let unnamed = |kind| Ok((kind, Vec::new()));
    match what {
        Compose::Text { body, .. } | Compose::Edit { body, .. } if body.trim().is_empty() => {
            Err(Trouble::Empty)
        }
        Compose::Text {
            body,
            reply_to,
            mentions,
        } => {
            let reply_to = reply_to.map(|id| id.parse()).transpose()?;
            Ok((Kind::Text { body, reply_to }, persons(&mentions)?))
        }
        Compose::Edit {
            target,
            body,
            mentions,
        } => {
            let target = target.parse()?;
            Ok((Kind::Edit { target, body }, persons(&mentions)?))
        }
        Compose::Card(filled) => unnamed(Kind::DataCard(card::filled_in(filled)?)),
        Compose::Delete(target) => unnamed(Kind::Delete {
            target: target.parse()?,
        }),
        Compose::React { target, emoji } => unnamed(Kind::Reaction {
            target: target.parse()?,
            emoji,
        }),
    }
}

fn persons(people: &[siegel_web_bridge::PersonId]) -> Result<Vec<PersonId>, Trouble> {
    people.iter().map(|person| person.parse()).collect()
}

fn notice(notice: siegel_web_bridge::view::Notice) -> Notice {
    Notice {
        version: notice.version,
        language: notice.language,
        body: notice.body,
    }
}

/// A link of this relay. The browser lets the app talk to no other.
fn read_link(link: &Secret) -> Result<(Link, LinkView), Trouble> {
    let link: Link = link.0.parse().map_err(trouble::of_link)?;
    if link.origin != moment::worker().location().origin() {
        return Err(Trouble::Link(LinkTrouble::OtherRelay));
    }
    let view = view_of(&link.target);
    Ok((link, view))
}

const fn view_of(target: &LinkTarget) -> LinkView {
    match target {
        LinkTarget::SetUp(_) => LinkView::SetUp,
        LinkTarget::Staff(_) => LinkView::Staff,
        LinkTarget::Guest(_) => LinkView::Client,
    }
}

fn my_data(client: &siegel_client_core::Client) -> Result<MyData, Trouble> {
    let rooms = client.rooms().map_err(|error| trouble::of_core(&error))?;
    let rooms = rooms.into_iter().map(|view| {
        let id = view.room;
        Ok(MyRoom {
            card: room::card(client, view)?,
            members: people::members(client, id).unwrap_or_default(),
            lines: line::all(client, id)?,
            consents: line::consents(client, id)?,
        })
    });
    Ok(MyData {
        profile: people::profile(client)?,
        rooms: rooms.collect::<Result<_, Trouble>>()?,
    })
}

#[cfg(test)]
mod tests {
    use siegel_client_core::link::LinkSecret;
    use siegel_client_core::moment::{Entropy, StepRng};
    use siegel_proto::organisation::SetUpToken;

    use super::*;

    #[test]
    fn a_page_guesses_what_each_link_is_for() {
        let secret = LinkSecret::random(&mut StepRng::new(Entropy([7; 32])));
        for target in [
            LinkTarget::SetUp(SetUpToken::new([7; 32])),
            LinkTarget::Staff(secret.clone()),
            LinkTarget::Guest(secret),
        ] {
            let view = view_of(&target);
            let origin = "https://relay.test".to_owned();
            let link = Link { origin, target }.to_string();
            assert_eq!(LinkView::guess(&link), Some(view));
        }
        assert_eq!(LinkView::guess("https://relay.test/#own.abc"), None);
    }
}

//! What the core tells, as news for the pages.

use siegel_client_core::Event;
use siegel_web_bridge::News;
use siegel_web_bridge::view::Link;

use super::Office;
use super::holder::{Holder, State};
use crate::device::Device;
use crate::moment;
use crate::trouble;
use crate::view::{hours, message_id, people, person_id, room_id};

impl Holder {
    /// Tells the pages, and answers whoever waited for one of these. A page looks at a room
    /// once however much came for it in this step.
    pub(super) fn tell_events(&mut self, office: &Office, events: &[Event]) {
        let mut told = Vec::new();
        for event in events {
            let State::Open(device) = &mut self.state else {
                break;
            };
            match event {
                Event::WrongRelay => device.disconnect(Link::WrongRelay),
                Event::Outdated => device.disconnect(Link::Outdated),
                Event::LinkUnavailable if device.client().profile().is_err() => {
                    device.disconnect(Link::Idle);
                }
                _ => {}
            }
            if *event == Event::ContactsChanged {
                // The directory comes again and again; only what is new in it is news.
                let people = people::people(device.client()).unwrap_or_default();
                if people == self.people {
                    continue;
                }
                self.people = people;
            }
            let due = self.waiting.hear(device.client(), event);
            let news = news(device, event);
            for (asker, outcome) in due {
                self.answer(office, asker, outcome.map(|reply| (reply, None)));
            }
            for news in news {
                add(&mut told, news);
            }
        }
        for news in told {
            self.tell_all(office, news);
        }
        let State::Open(device) = &self.state else {
            return;
        };
        if !device.is_up() {
            self.waiting.offline();
        }
    }
}

/// Adds news to what is to be told, unless it is told by one of them.
fn add(told: &mut Vec<News>, news: News) {
    if let News::LinesAdded { room, from, live } = &news {
        for known in told.iter_mut() {
            if let News::LinesAdded {
                room: known,
                from: first,
                live: rings,
            } = known
                && known == room
            {
                *first = first.iter().chain(from).min().copied();
                *rings |= live;
                return;
            }
        }
    }
    // Whoever stops typing and begins again has stopped in between.
    let repeats = !matches!(news, News::Typing { .. }) && told.contains(&news);
    if !repeats {
        told.push(news);
    }
}

fn news(device: &Device, event: &Event) -> Vec<News> {
    match event {
        Event::ContactsChanged => vec![News::PeopleChanged],
        Event::RoomChanged(room)
        | Event::CaughtUp(room)
        | Event::RolledBack(room)
        | Event::SplitView(room) => vec![News::RoomChanged(room_id(*room))],
        Event::Queued { room, .. } => vec![News::LinesAdded {
            room: room_id(*room),
            from: None,
            live: false,
        }],
        Event::Sent { room, seq, .. } => vec![News::LinesAdded {
            room: room_id(*room),
            from: Some(*seq),
            live: false,
        }],
        Event::Received { room, seq } => vec![News::LinesAdded {
            room: room_id(*room),
            from: Some(*seq),
            live: device.is_live(*room) && rings(device, *room, *seq),
        }],
        Event::Failed {
            room,
            message,
            reason,
        } => vec![News::Failed {
            room: room_id(*room),
            message: message_id(*message),
            reason: trouble::of_failure(*reason),
        }],
        Event::Changed { room, message } => vec![News::LineChanged {
            room: room_id(*room),
            message: Some(message_id(*message)),
        }],
        Event::Typing {
            room,
            person,
            active,
        } => vec![News::Typing {
            room: room_id(*room),
            person: person_id(*person),
            name: name(device, *room, *person),
            active: *active,
        }],
        Event::PolicyChanged | Event::SettingsChanged => vec![News::ProfileChanged],
        Event::Joined => vec![News::ProfileChanged, News::RoomsChanged],
        Event::Online => vec![News::ProfileChanged],
        Event::InvitationReady(_) | Event::InvitationGone(_) => vec![News::InvitationsChanged],
        Event::IdentityChanged(person) => vec![News::IdentityChanged(person_id(*person))],
        Event::RelayRestored => vec![News::RelayRestored],
        Event::Refused(refusal) => vec![News::Refused(refusal.code_name())],
        // Told by the standing, or only to whoever waits for it.
        Event::Revoked
        | Event::WrongRelay
        | Event::Outdated
        | Event::LinkUnavailable
        | Event::JoinRefused(_)
        | Event::BlobReady(_)
        | Event::BlobRefused(..) => Vec::new(),
    }
}

/// Whether something new is worth a notice: the room is not silent, or the person is named,
/// and it is a time at which they read.
fn rings(device: &Device, room: siegel_proto::ids::RoomId, seq: u64) -> bool {
    let client = device.client();
    let Ok(profile) = client.profile() else {
        return false;
    };
    let muted = client.room(room).is_ok_and(|view| view.own.muted);
    let named = || {
        let lines = client.timeline_after(room, seq.saturating_sub(1), 1);
        let lines = lines.unwrap_or_default();
        lines
            .iter()
            .any(|line| line.extras.mentions.contains(&profile.person))
    };
    (!muted || named()) && hours::may_ring(client, moment::now().seconds())
}

fn name(
    device: &Device,
    room: siegel_proto::ids::RoomId,
    person: siegel_proto::ids::PersonId,
) -> String {
    let members = device.client().members(room).unwrap_or_default();
    members
        .into_iter()
        .find(|member| member.person == person)
        .map(|member| member.name)
        .unwrap_or_default()
}

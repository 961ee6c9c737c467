//! Everything people see, in words that are the same in two histories that ought to come
//! out the same: names instead of ids, no times, no numbers of entries.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use siegel_client_core::room::Stage;
use siegel_client_core::room::timeline::{Body, Line};
use siegel_proto::ids::{MessageId, PersonId, RoomId};

use super::world::{DeviceNo, World};

/// What every device shows, by device; rooms in the order of what they show.
pub fn of(world: &World) -> Vec<String> {
    let names = Names::of(world);
    (0..world.devices.len())
        .map(|at| device(world, &names, at))
        .collect()
}

struct Names(BTreeMap<PersonId, String>);

impl Names {
    fn of(world: &World) -> Self {
        let named = world.devices.iter().filter_map(|device| {
            let profile = device.client.profile().ok()?;
            Some((profile.person, device.name.clone()))
        });
        Self(named.collect())
    }

    fn name(&self, person: PersonId) -> &str {
        self.0.get(&person).map_or("somebody", String::as_str)
    }

    fn list(&self, people: &[PersonId]) -> String {
        let mut names: Vec<&str> = people.iter().map(|person| self.name(*person)).collect();
        names.sort_unstable();
        names.join(" + ")
    }
}

fn device(world: &World, names: &Names, at: DeviceNo) -> String {
    let device = &world.devices[at];
    let mut text = format!("=== {}\n", device.name);
    let Ok(profile) = device.client.profile() else {
        return text + "belongs to nobody\n";
    };
    let (ready, revoked, days) = (
        profile.ready,
        profile.revoked,
        profile.policy.retention_days,
    );
    text += &format!("ready {ready}, revoked {revoked}, kept {days} days\n");
    let invitations = device.client.invitations().expect("can be read");
    let mut invitations: Vec<String> = (invitations.iter())
        .map(|i| {
            let open = i.link.is_some();
            format!(
                "invitation {}: open {open}, used {}, gone {}\n",
                i.label, i.used, i.gone
            )
        })
        .collect();
    invitations.sort();
    text += &invitations.concat();
    let contacts = device.client.contacts().expect("can be read");
    let mut contacts: Vec<String> = (contacts.iter())
        .map(|c| {
            let (name, changed) = (names.name(c.person), c.changed.is_some());
            format!(
                "knows {name}, verified {}, new {}, changed {changed}\n",
                c.verified, c.provisional
            )
        })
        .collect();
    contacts.sort();
    text += &contacts.concat();
    let rooms = device.client.rooms().expect("can be read");
    let mut rooms: Vec<String> = (rooms.iter())
        .map(|view| room(world, names, at, view.room))
        .collect();
    rooms.sort();
    text + &rooms.concat()
}

fn room(world: &World, names: &Names, at: DeviceNo, id: RoomId) -> String {
    let view = world.view(at, id);
    let lines = world.lines(at, id);
    let profile = world.devices[at].client.profile();
    let revoked = profile.is_ok_and(|profile| profile.revoked);
    if view.stage == Stage::Removed || view.shut || revoked {
        // A device that died before it read of its own removal or revocation hears of it
        // from the relay alone, which no longer lets it in: the same, in fewer words.
        let texts = lines.iter().filter(|line| is_text(line));
        let texts: String = texts
            .map(|line| self::line(names, &BTreeMap::new(), line))
            .collect();
        return format!("--- outside a room\n{texts}");
    }
    let mut text = format!(
        "--- room {:?}, {:?}, refused {}, contested {}, put back {}, split {}, settling {}, \
         waiting {}, failed {}\n",
        view.title,
        view.stage,
        view.refused,
        view.contested,
        view.rolled_back,
        view.split_view,
        view.settling,
        view.waiting,
        view.failed
    );
    let mut members: Vec<String> = (world.members(at, id).iter())
        .map(|m| {
            let (name, devices) = (names.name(m.person), m.devices.len());
            format!(
                "member {name} ({}), {:?}, {devices} devices, manager {}, provisional {}, \
                 revoked {}\n",
                m.name, m.role, m.manager, m.provisional, m.revoked
            )
        })
        .collect();
    members.sort();
    text += &members.concat();
    // Who of two was first, and what a device read before it was removed and let in again,
    // may come out either way; what the room is afterwards is compared.
    let own = world.person(at);
    let lines: Vec<Line> = (lines.into_iter())
        .filter(|line| match &line.body {
            Body::Left(people) => !people.contains(&own),
            Body::InfoChanged | Body::CommitVoided => false,
            _ => true,
        })
        .collect();
    let place: BTreeMap<MessageId, usize> = (lines.iter().enumerate())
        .filter_map(|(place, line)| Some((line.message?, place)))
        .collect();
    for line in &lines {
        text += &self::line(names, &place, line);
    }
    text
}

const fn is_text(line: &Line) -> bool {
    matches!(line.body, Body::Text { .. })
}

fn line(names: &Names, place: &BTreeMap<MessageId, usize>, line: &Line) -> String {
    let author = line.author.map_or("the relay", |person| names.name(person));
    let body = match &line.body {
        Body::Text { body, reply_to } => match reply_to {
            Some(target) => format!("says {body:?} to line {:?}", place.get(target)),
            None => format!("says {body:?}"),
        },
        Body::Joined(people) => format!("joined: {}", names.list(people)),
        Body::Left(people) => format!("left: {}", names.list(people)),
        Body::Arrived(person) => format!("arrived: {}", names.name(*person)),
        Body::DevicesChanged(person) => format!("other devices: {}", names.name(*person)),
        Body::Verified(person) => format!("verified: {}", names.name(*person)),
        other => format!("{other:?}"),
    };
    let mut text = format!("{author} {body}");
    if line.edited {
        text += " (edited)";
    }
    let mut reactions: Vec<String> = (line.reactions.iter())
        .map(|(person, emoji)| format!("{} {emoji}", names.name(*person)))
        .collect();
    reactions.sort();
    if !reactions.is_empty() {
        write!(text, " [{}]", reactions.join(", ")).expect("a string takes it");
    }
    text + "\n"
}

//! A story in chapters that takes every kind of step a device can take.
//!
//! Each chapter begins with every app started anew, so that it can be told again from its
//! beginning; devices are in the order in which they came.

use siegel_client_core::Command;
use siegel_proto::content::Kind;
use siegel_proto::ids::{ContentHash, RoomId};
use siegel_proto::organisation::Policy;
use siegel_proto::room::EntryKind;

use super::people::{notice, text_kind};
use super::world::{DeviceNo, World};

const ANNA: DeviceNo = 0;
const BO: DeviceNo = 1;
const CEM: DeviceNo = 2;
const GUEST: DeviceNo = 3;
const TEAM: &str = "Team";

/// A part of the story.
#[derive(Clone, Copy)]
pub struct Chapter {
    /// What it is about.
    pub name: &'static str,
    /// Lets it happen.
    pub play: fn(&mut World),
}

/// The whole story.
pub const CHAPTERS: &[Chapter] = &[
    chapter("set-up", set_up),
    chapter("a colleague joins", |world| join_staff(world, "Bo")),
    chapter("another colleague joins", |world| join_staff(world, "Cem")),
    chapter("a room is made", make_room),
    chapter("all talk at once", talk),
    chapter("edit, delete, react, reply", change_lines),
    chapter("a client joins while the inviter sleeps", invite),
    chapter("an invitation is withdrawn", withdraw),
    chapter("a colleague may manage", promote),
    chapter("two rename at once", rename),
    chapter("keys are renewed", renew),
    chapter("the client is verified", verify),
    chapter("the policy changes", change_policy),
    chapter("a colleague is removed and comes back", remove_and_add),
    chapter("a manager refuses a commit", refused_by_a_manager),
    chapter("reading", read),
    chapter("a colleague leaves the room", leave),
    chapter("a colleague leaves the organisation", revoke),
];

const fn chapter(name: &'static str, play: fn(&mut World)) -> Chapter {
    Chapter { name, play }
}

/// Everybody says a word in the room all know: whatever a chapter broke shows.
pub fn say_a_word_each(world: &mut World, about: &str) {
    let Some(room) = world.room_named(ANNA, TEAM) else {
        return;
    };
    for at in 0..world.devices.len() {
        let text = format!("{} {about}", world.devices[at].name);
        let say = Command::Say {
            room,
            kind: text_kind(&text),
        };
        // Whoever is out may not, and that is part of the picture.
        if world.try_command(at, say).is_ok() {
            world.settle();
        }
    }
}

fn set_up(world: &mut World) {
    world.set_up("Anna");
}

fn join_staff(world: &mut World, name: &str) {
    world.join_staff(ANNA, name);
}

fn make_room(world: &mut World) {
    world.settle();
    world.create_room(ANNA, TEAM, &[BO, CEM]);
}

fn team(world: &World) -> RoomId {
    world.room_named(ANNA, TEAM).expect("was made")
}

fn talk(world: &mut World) {
    world.settle();
    let room = team(world);
    for at in [ANNA, BO, CEM] {
        for text in ["eins", "zwei"] {
            let name = world.devices[at].name.clone();
            world.say(at, room, &format!("{name} sagt {text}"));
        }
        world.settle();
    }
}

fn change_lines(world: &mut World) {
    world.settle();
    let room = team(world);
    let mut say = |at: DeviceNo, kind: Kind| {
        world.say_kind(at, room, &kind);
        world.settle();
    };
    say(BO, Kind::Typing { active: true });
    let id = |world: &World, text: &str| world.message(ANNA, room, text).expect("was said");
    let (one, two) = (id(world, "Bo sagt eins"), id(world, "Bo sagt zwei"));
    let other = id(world, "Anna sagt eins");
    let mut say = |at: DeviceNo, kind: Kind| {
        world.say_kind(at, room, &kind);
        world.settle();
    };
    let body = "Bo sagt 1".to_owned();
    say(BO, Kind::Edit { target: one, body });
    say(BO, Kind::Delete { target: two });
    let emoji = "👍".to_owned();
    say(
        CEM,
        Kind::Reaction {
            target: other,
            emoji,
        },
    );
    let reply_to = Some(other);
    let body = "Anna antworten".to_owned();
    say(CEM, Kind::Text { body, reply_to });
}

fn invite(world: &mut World) {
    world.settle();
    let room = team(world);
    let label = "Frau K.";
    if world.link(ANNA, label).is_none() {
        world.invite_guest(ANNA, Some(room), label);
    }
    world.settle();
    let link = world.link(ANNA, label).expect("is ready");
    world.offline(ANNA);
    let guest = world.join("Gast", &link);
    let consent = Kind::Consent {
        notice_version: notice().version,
        language: "de".into(),
        granted: true,
        notice_hash: ContentHash::of(notice().body.as_bytes()),
    };
    world.say_kind(guest, room, &consent);
    world.settle();
    world.online(ANNA);
    world.settle();
}

fn withdraw(world: &mut World) {
    world.settle();
    let label = "Herr M.";
    world.invite_guest(BO, None, label);
    world.settle();
    let invitations = world.devices[BO].client.invitations().expect("reads");
    let invitation = invitations.into_iter().find(|i| i.label == label);
    let id = invitation.expect("was made").id;
    world.command(BO, || Command::Withdraw(id));
    world.settle();
}

fn promote(world: &mut World) {
    world.settle();
    let room = team(world);
    world.promote(ANNA, room, BO);
    world.settle();
}

/// Both end with the same title, whoever is first.
fn rename(world: &mut World) {
    world.settle();
    let room = team(world);
    for title in ["Fall 7", TEAM] {
        for at in [ANNA, BO] {
            world.command(at, || Command::Rename {
                room,
                title: title.into(),
            });
        }
        world.settle();
    }
}

fn renew(world: &mut World) {
    world.settle();
    world.relay.now += 8 * 86_400;
    for at in 0..world.devices.len() {
        world.tick(at);
    }
    world.settle();
}

fn verify(world: &mut World) {
    world.settle();
    let (room, person) = (team(world), world.person(GUEST));
    world.command(ANNA, || Command::Verify { room, person });
    world.settle();
}

fn change_policy(world: &mut World) {
    world.settle();
    world.command(ANNA, || {
        Command::SetPolicy(Policy {
            retention_days: 60,
            ..Policy::default()
        })
    });
    world.settle();
    for at in 0..world.devices.len() {
        world.cut(at, false);
    }
    world.settle();
}

fn remove_and_add(world: &mut World) {
    world.settle();
    let room = team(world);
    world.remove(ANNA, room, CEM);
    world.settle();
    world.say(BO, room, "ohne Cem");
    world.settle();
    world.add(BO, room, CEM);
    world.settle();
    world.say(CEM, room, "wieder da");
    world.settle();
}

/// The first commit of the room that a device gets from now on arrives damaged, however
/// often it is sent.
pub fn damage_the_next_commit(world: &mut World, room: RoomId, for_device: DeviceNo) {
    let mut damaged = None;
    world.relay.perversion = Some(Box::new(move |device, mut entry| {
        let hit = device == for_device
            && entry.room == room
            && entry.kind == EntryKind::Commit
            && *damaged.get_or_insert(entry.seq) == entry.seq;
        if hit {
            let mut payload = entry.payload.to_vec();
            for byte in payload.iter_mut().skip(64).take(16) {
                *byte ^= 1;
            }
            entry.payload = payload.into();
        }
        vec![entry]
    }));
}

/// Anna takes back what she could not read, and lets in again whom the relay has told
/// something else; a client would need another link.
fn refused_by_a_manager(world: &mut World) {
    world.settle();
    let room = team(world);
    damage_the_next_commit(world, room, ANNA);
    world.command(BO, || Command::Rename {
        room,
        title: "Fall 8".into(),
    });
    world.settle();
    for at in [BO, CEM] {
        world.offline(at);
        world.remove(ANNA, room, at);
        world.settle();
        world.add(ANNA, room, at);
        world.settle();
        world.online(at);
        world.settle();
    }
    world.say(CEM, room, "wieder in einem Zustand");
    world.settle();
}

fn read(world: &mut World) {
    world.settle();
    let room = team(world);
    for at in [BO, CEM] {
        let up_to = world.view(at, room).cursor;
        world.command(at, || Command::MarkRead { room, up_to });
        world.settle();
    }
}

fn leave(world: &mut World) {
    world.settle();
    let room = team(world);
    world.say_kind(CEM, room, &Kind::Leave);
    world.settle();
}

fn revoke(world: &mut World) {
    world.settle();
    world.revoke(ANNA, BO);
    world.settle();
}

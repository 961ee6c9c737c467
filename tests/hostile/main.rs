//! Attacks by the relay and by members, against real clients. Each must end in something
//! people can see or have no effect; none may be taken silently or stop a device for good.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a story stops at the first broken promise"
)]

mod blobs;
mod claims;
mod commits;
mod identity;
mod members;
mod order;
mod poison;
mod rollback;
mod roster;
mod silence;
mod split;

use siegel_client_core::room::timeline::Body;
use siegel_proto::ids::RoomId;
use siegel_tests::simulation::{DeviceNo, World};

/// Anna, who set the organisation up, her colleagues, and a room with all of them.
fn team<const N: usize>(seed: u64, names: [&str; N]) -> (World, [DeviceNo; N], RoomId) {
    let mut world = World::new(seed);
    let mut people = [0; N];
    people[0] = world.set_up(names[0]);
    for (place, name) in names.iter().enumerate().skip(1) {
        people[place] = world.join_staff(people[0], name);
    }
    let room = world.create_room(people[0], "Team", &people[1..]);
    (world, people, room)
}

/// Says a text that must be everywhere at once, and nobody complains about it.
fn still_talk(world: &mut World, room: RoomId, people: &[DeviceNo]) {
    for at in people {
        let text = format!("geht noch, sagt {at} nach {} Schritten", world.steps);
        let complaints: Vec<_> = people.iter().map(|p| world.complaints(*p, room)).collect();
        world.say(*at, room, &text);
        world.settle();
        for (before, reader) in complaints.iter().zip(people) {
            let name = &world.devices[*reader].name;
            let texts = world.texts(*reader, room);
            assert_eq!(texts.last(), Some(&text), "{name} reads {texts:?}");
            assert_eq!(world.complaints(*reader, room), *before, "{name}");
        }
    }
}

/// How often a device shows this.
fn shows(world: &World, at: DeviceNo, room: RoomId, wanted: &Body) -> usize {
    let lines = world.lines(at, room);
    lines.iter().filter(|line| line.body == *wanted).count()
}

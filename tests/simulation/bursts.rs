//! Who was away long reads the log in bursts: many entries in one step.

use siegel_client_core::Command;
use siegel_proto::content::Kind;
use siegel_tests::simulation::people::text_kind;
use siegel_tests::simulation::{CrashPoint, DeviceNo, World, picture};

use super::stories::{agree, office};

/// Texts on each side of the room's new name.
const TEXTS: usize = 40;

#[test]
fn a_burst_shows_what_entry_by_entry_shows_with_fewer_transactions() {
    let (mut world, [anna, bo, cem]) = long_absence();
    world.online(bo);
    let one_by_one = batches(&mut world);
    world.bursts.insert(cem);
    world.online(cem);
    let in_bursts = batches(&mut world);

    let room = world.room_named(anna, "Nord").expect("has a new name");
    assert_eq!(world.texts(bo, room).len(), 2 * TEXTS - 1);
    assert_eq!(world.texts(bo, room), world.texts(cem, room));
    assert_eq!(world.complaints(cem, room), []);
    agree(&world, room, &[anna, bo, cem]);
    assert!(
        in_bursts < one_by_one / 4,
        "{in_bursts} transactions, one by one {one_by_one}"
    );
}

#[test]
fn attack_46_a_crash_in_a_burst_changes_nothing_people_see() {
    let (mut before, [_, _, cem]) = long_absence();
    before.bursts.insert(cem);
    before.online(cem);
    let mut quiet = before.fork();
    let stores = batches(&mut quiet);
    let expected = picture::of(&quiet);
    for store in 1..=stores {
        for point in [CrashPoint::Before, CrashPoint::After] {
            let mut world = before.fork();
            world.crash_at = Some((before.batches + store, point));
            world.settle();
            assert_eq!(world.crashes, before.crashes + 1);
            assert_eq!(picture::of(&world), expected, "{point:?} store {store}");
        }
    }
}

/// Anna has said a lot, renamed the room, and taken one thing back, while Bo and Cem were
/// away.
fn long_absence() -> (World, [DeviceNo; 3]) {
    let (mut world, people) = office(41, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    world.offline(bo);
    world.offline(cem);
    for number in 1..=2 * TEXTS {
        let say = || Command::Say {
            room,
            kind: text_kind(&format!("Satz {number}")),
        };
        world.command(anna, say);
        if number == TEXTS {
            world.settle();
            let title = "Nord".to_owned();
            world.command(anna, || Command::Rename {
                room,
                title: title.clone(),
            });
        }
    }
    world.settle();
    let Some(target) = world.message(anna, room, "Satz 7") else {
        panic!("Anna has said it")
    };
    world.say_kind(anna, room, &Kind::Delete { target });
    world.settle();
    (world, [anna, bo, cem])
}

/// Lets everything arrive; how often something was stored for it.
fn batches(world: &mut World) -> u64 {
    let before = world.batches;
    world.settle();
    world.batches - before
}

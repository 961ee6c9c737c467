//! A relay that keeps still: the end of a log is withheld, nothing comes at all.

use siegel_client_core::Event;
use siegel_client_core::moment::Timestamp;
use siegel_proto::frame::Reply;
use siegel_proto::{ErrorCode, Refusal};
use siegel_tests::hostile::relay;
use siegel_tests::simulation::{DeviceNo, World};

use super::{still_talk, team};

const DAY: i64 = 86_400;

fn is_stale(world: &World, at: DeviceNo, room: siegel_proto::ids::RoomId) -> bool {
    let now = Timestamp::from_seconds(world.relay.now);
    world.view(at, room).is_stale(now)
}

fn days(world: &mut World, days: i64, people: &[DeviceNo]) {
    for _ in 0..days {
        world.relay.now += DAY;
        for at in people {
            world.tick(*at);
        }
        world.settle();
    }
}

/// Everything but entries is answered as ever; Bo cannot tell a quiet room from a frozen
/// one by the relay's words, but by how old the last word of anybody is.
#[test]
fn attack_29_a_frozen_device_is_told_how_old_its_view_is() {
    let (mut world, people, room) = team(2902, ["Anna", "Bo"]);
    let [anna, bo] = people;
    world.say(anna, room, "das Letzte");
    world.settle();
    let heard = world.view(bo, room).fresh_at;
    assert_eq!(heard, Some(Timestamp::from_seconds(world.relay.now)));
    let (tamper, held) = relay::hold(bo, |_| true);
    world.relay.tamper = Some(tamper);
    world.say(anna, room, "kommt nicht an");
    days(&mut world, 5, &people);
    assert!(
        !is_stale(&world, bo, room),
        "people are silent for some days"
    );
    days(&mut world, 5, &people);
    assert!(is_stale(&world, bo, room));
    assert_eq!(world.view(bo, room).fresh_at, heard);
    // Once it comes, the view is young again.
    world.relay.tamper = None;
    for entry in held.take() {
        world.slip(bo, entry);
    }
    world.settle();
    assert!(!is_stale(&world, bo, room));
    assert_eq!(world.texts(bo, room), ["das Letzte", "kommt nicht an"]);
    still_talk(&mut world, room, &people);
}

/// A relay of a later time speaks no version this device knows. The device says so, keeps
/// what waits, and goes on where there is a relay again that it understands.
#[test]
fn a_relay_without_a_common_version_is_told_as_such_and_nothing_is_lost() {
    let (mut world, people, room) = team(2903, ["Anna", "Bo"]);
    let [anna, bo] = people;
    world.relay.tamper = Some(relay::replies(move |device, reply| match reply {
        Reply::Hello(_) if device == bo => {
            vec![Reply::Refused(Refusal::new(ErrorCode::UnsupportedVersion))]
        }
        other => vec![other],
    }));
    world.cut(bo, false);
    world.events(bo);
    world.say(bo, room, "wartet");
    world.settle();
    let told = world.events(bo);
    assert!(told.contains(&Event::Outdated), "{told:?}");
    assert!(!told.contains(&Event::Online), "{told:?}");
    assert_eq!(world.view(bo, room).waiting, 1);
    world.relay.tamper = None;
    world.cut(bo, false);
    world.settle();
    assert_eq!(world.texts(anna, room), ["wartet"]);
    still_talk(&mut world, room, &people);
}

/// A quiet room of devices that are online never looks frozen: they renew their keys.
#[test]
fn attack_29_a_quiet_room_does_not_look_frozen() {
    let (mut world, people, room) = team(2903, ["Anna", "Bo"]);
    for _ in 0..30 {
        days(&mut world, 1, &people);
        for at in people {
            assert!(!is_stale(&world, at, room));
        }
    }
}

/// What is old when it comes does not make the view young, and nobody's clock can.
#[test]
fn attack_29_words_that_were_held_back_for_long_are_as_old_as_they_are() {
    let (mut world, people, room) = team(2904, ["Anna", "Bo"]);
    let [anna, bo] = people;
    let (tamper, held) = relay::hold_messages(bo);
    world.relay.tamper = Some(tamper);
    let said_at = Timestamp::from_seconds(world.relay.now);
    world.say(anna, room, "von heute");
    world.settle();
    world.relay.now += 3 * DAY;
    for entry in held.take() {
        world.slip(bo, entry);
    }
    world.settle();
    assert_eq!(world.view(bo, room).fresh_at, Some(said_at));
    world.relay.tamper = None;
    world.devices[anna].skew = 100 * DAY;
    world.say(anna, room, "aus der Zukunft");
    world.settle();
    let now = Timestamp::from_seconds(world.relay.now);
    assert_eq!(world.view(bo, room).fresh_at, Some(now));
}

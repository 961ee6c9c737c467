//! A relay that hands out key packages as it likes; colleagues whose key packages are not
//! what they should be.

use std::cell::RefCell;
use std::rc::Rc;

use siegel_client_core::Event;
use siegel_client_core::event::Failure;
use siegel_proto::frame::Reply;
use siegel_proto::ids::RoomId;
use siegel_proto::key_package::ClaimedKeyPackage;
use siegel_tests::hostile::relay;
use siegel_tests::simulation::{DeviceNo, World};

use super::{still_talk, team};

const DAY: i64 = 86_400;

/// Adding somebody came to nothing, and the person who wanted it was told.
fn was_told(world: &mut World, at: DeviceNo, room: RoomId, members: usize) {
    let failed = |event: &Event| {
        matches!(
            event,
            Event::Failed {
                reason: Failure::NoKeyPackage,
                ..
            }
        )
    };
    assert!(world.events(at).iter().any(failed), "told at once");
    assert_eq!(world.view(at, room).failed, 1, "and still there");
    assert_eq!(world.view(at, room).members, members);
}

#[test]
fn attack_05_another_devices_key_package_adds_nobody() {
    let (mut world, [anna, bo, cem], room) = team(501, ["Anna", "Bo", "Cem"]);
    let dana = world.join_staff(anna, "Dana");
    let other = world.create_room(anna, "Anderer", &[bo]);
    let bos = Rc::new(RefCell::new(None));
    let seen = Rc::clone(&bos);
    // What the relay once gave for Cem it now gives for Dana, under her device's id.
    world.relay.tamper = Some(relay::replies(move |_, reply| match reply {
        Reply::ClaimedKeyPackages(claimed) => {
            let own = claimed[0].clone();
            let mut kept = seen.borrow_mut();
            let first: &mut ClaimedKeyPackage = kept.get_or_insert_with(|| own.clone());
            vec![Reply::ClaimedKeyPackages(vec![ClaimedKeyPackage {
                device: own.device,
                ..first.clone()
            }])]
        }
        other => vec![other],
    }));
    world.add(anna, other, cem);
    world.settle();
    assert_eq!(world.view(anna, other).members, 3);
    world.events(anna);
    world.add(anna, room, dana);
    world.settle();
    was_told(&mut world, anna, room, 3);
    assert!(bos.borrow().is_some());
    still_talk(&mut world, room, &[anna, bo, cem]);
}

/// Bo's clock is a month ahead, so that what he publishes lives a month too long.
#[test]
fn attack_13_a_key_package_that_lives_too_long_adds_nobody() {
    publishes_under_a_wrong_clock(1301, 30 * DAY);
}

/// Bo's clock is a month behind: what he publishes has expired.
#[test]
fn attack_13_an_expired_key_package_adds_nobody() {
    publishes_under_a_wrong_clock(1302, -30 * DAY);
}

fn publishes_under_a_wrong_clock(seed: u64, skew: i64) {
    let mut world = World::new(seed);
    let anna = world.set_up("Anna");
    world.command(anna, || siegel_client_core::Command::InviteStaff {
        label: "Bo".into(),
        role: siegel_proto::certificate::PersonRole::Staff,
    });
    world.settle();
    let link = world.link(anna, "Bo").expect("ready");
    let bo = world.add_device("Bo");
    world.devices[bo].skew = skew;
    world.command(bo, || siegel_client_core::Command::Join {
        link: link.parse().expect("a link"),
        name: "Bo".into(),
        position: String::new(),
    });
    world.settle();
    world.refresh(anna);
    world.settle();
    // The relay does not mind the day that is written outside.
    world.relay.organisation.outlive();
    let room = world.create_room(anna, "Team", &[]);
    world.events(anna);
    world.add(anna, room, bo);
    world.settle();
    was_told(&mut world, anna, room, 1);
    still_talk(&mut world, room, &[anna]);
}

/// A relay that keeps what it handed out and hands it out again when it is stale.
#[test]
fn attack_13_a_stale_key_package_handed_out_again_adds_nobody() {
    let (mut world, [anna, bo, cem], _) = team(1303, ["Anna", "Bo", "Cem"]);
    let first = world.create_room(anna, "Erster", &[]);
    let later = world.create_room(anna, "Späterer", &[]);
    let kept: Rc<RefCell<Option<Vec<ClaimedKeyPackage>>>> = Rc::default();
    let store = Rc::clone(&kept);
    world.relay.tamper = Some(relay::replies(move |_, reply| match reply {
        Reply::ClaimedKeyPackages(claimed) => {
            let first = store.borrow_mut().get_or_insert(claimed).clone();
            vec![Reply::ClaimedKeyPackages(first)]
        }
        other => vec![other],
    }));
    world.add(anna, first, bo);
    world.settle();
    assert_eq!(world.view(anna, first).members, 2);
    world.relay.now += 16 * DAY;
    world.events(anna);
    world.add(anna, later, bo);
    world.settle();
    was_told(&mut world, anna, later, 1);
    world.relay.tamper = None;
    still_talk(&mut world, first, &[anna, bo]);
    // A device that was there all the time has made new ones.
    world.tick(cem);
    world.settle();
    world.add(anna, first, cem);
    world.settle();
    still_talk(&mut world, first, &[anna, bo, cem]);
}

/// Handed out twice, a key package brings its device into one room. Of the other it hears
/// nothing, and to be removed and added again brings it there, too.
#[test]
fn attack_12_a_key_package_handed_out_twice_opens_one_room() {
    let (mut world, [anna, bo], _) = team(1201, ["Anna", "Bo"]);
    let first = world.create_room(anna, "Erster", &[]);
    let second = world.create_room(anna, "Zweiter", &[]);
    let kept: Rc<RefCell<Option<Vec<ClaimedKeyPackage>>>> = Rc::default();
    let store = Rc::clone(&kept);
    world.relay.tamper = Some(relay::replies(move |_, reply| match reply {
        Reply::ClaimedKeyPackages(claimed) => {
            let first = store.borrow_mut().get_or_insert(claimed).clone();
            vec![Reply::ClaimedKeyPackages(first)]
        }
        other => vec![other],
    }));
    for room in [first, second] {
        world.add(anna, room, bo);
        world.settle();
    }
    world.relay.tamper = None;
    assert_eq!(world.room_named(bo, "Erster"), Some(first));
    assert_eq!(world.room_named(bo, "Zweiter"), None);
    still_talk(&mut world, first, &[anna, bo]);
    world.remove(anna, second, bo);
    world.settle();
    world.add(anna, second, bo);
    world.settle();
    still_talk(&mut world, second, &[anna, bo]);
}

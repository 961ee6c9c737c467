//! Clients who are not added: nobody else hears what was to greet them.

use siegel_client_core::Command;
use siegel_client_core::event::Failure;
use siegel_client_core::room::timeline::Body;
use siegel_proto::ids::{MessageId, RoomId};
use siegel_tests::simulation::{DeviceNo, World};

use super::stories::{all_show, office};

/// A client could not be added, and whoever else was in the room was greeted in its stead.
#[test]
fn nobody_is_greeted_who_cannot_be_added() {
    let (mut world, people) = office(41, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    // Only a manager adds anybody, and Bo is none.
    world.invite_guest(bo, Some(room), "Frau K.");
    world.say(bo, room, "weiter");
    world.settle();
    all_show(&world, room, &[anna, bo], &["weiter"]);
    assert!(!was_told_the_notice(&world, anna, room));
    assert!(world.link(bo, "Frau K.").is_none());
    let invitations = world.devices[bo].client.invitations().expect("reads");
    assert!(invitations[0].gone);
    // The author sees all of it, and can put it away.
    let failed = failures(&world, bo, room);
    let reasons: Vec<Failure> = failed.iter().map(|(_, reason)| *reason).collect();
    assert_eq!(
        reasons,
        [Failure::NotAllowed, Failure::Uninvited, Failure::Uninvited]
    );
    for (message, _) in failed {
        world.command(bo, || Command::Discard { room, message });
    }
    assert_eq!(world.view(bo, room).failed, 0);
}

/// The invitation was taken back, or its addition discarded, before the relay had any of
/// it, and the room heard the greeting.
#[test]
fn nobody_is_greeted_whose_invitation_was_taken_back() {
    let (mut world, people) = office(42, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.offline(anna);
    for label in ["Frau K.", "Herr L."] {
        world.invite_guest(anna, Some(room), label);
    }
    let client = &world.devices[anna].client;
    let invitations = client.invitations().expect("reads");
    let taken_back = invitations.iter().find(|i| i.label == "Frau K.");
    let taken_back = taken_back.expect("is there").id;
    world.command(anna, || Command::Withdraw(taken_back));
    let outbox = world.devices[anna].client.outbox(room).expect("reads");
    let mut additions = outbox.iter().rev().filter(|line| line.kind.is_none());
    let second = additions.next().expect("waits").message;
    world.command(anna, || Command::Discard {
        room,
        message: second,
    });
    world.online(anna);
    world.settle();
    all_show(&world, room, &[anna, bo], &[]);
    assert!(!was_told_the_notice(&world, bo, room));
    assert_eq!(world.view(anna, room).members, 2);
    let failed = failures(&world, anna, room);
    assert_eq!(failed.len(), 4);
    assert!(failed.iter().all(|(_, why)| *why == Failure::Uninvited));
    let invitations = world.devices[anna].client.invitations().expect("reads");
    let mut of_clients = invitations.iter().filter(|i| i.room.is_some());
    assert!(of_clients.all(|invitation| invitation.gone));
}

fn failures(world: &World, at: DeviceNo, room: RoomId) -> Vec<(MessageId, Failure)> {
    let outbox = world.devices[at].client.outbox(room);
    let failed = outbox.unwrap_or_default().into_iter();
    failed
        .filter_map(|line| Some((line.message, line.failed?)))
        .collect()
}

fn was_told_the_notice(world: &World, at: DeviceNo, room: RoomId) -> bool {
    let mut lines = world.lines(at, room).into_iter();
    lines.any(|line| matches!(line.body, Body::Notice(_)))
}

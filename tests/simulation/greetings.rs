//! Clients who are not added: nobody else hears what was to greet them.

use siegel_client_core::Command;
use siegel_client_core::event::Failure;
use siegel_client_core::room::timeline::Body;
use siegel_proto::ids::RoomId;
use siegel_tests::simulation::{DeviceNo, World};

use super::stories::{all_show, office};

/// More devices than one link can tell of.
const TOO_MANY_FOR_A_LINK: usize = 86;

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
    let failed = world.failures(bo, room);
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

/// One commit tells each newcomer of everybody: a large team comes in several steps. With
/// `CROWD=90` it is also one that no link can tell of, and no client is added to it.
#[test]
fn a_whole_team_is_added_at_once_and_a_client_to_no_crowd() {
    let crowd = std::env::var("CROWD").ok();
    let crowd: usize = crowd.map_or(16, |crowd| crowd.parse().expect("a number"));
    let names: Vec<String> = (1..crowd).map(|number| format!("P{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut world, people) = office(43, &names);
    let anna = people[0];
    world.offline(anna);
    let room = world.create_room(anna, "Alle", &people[1..]);
    world.say(anna, room, "an alle");
    world.online(anna);
    world.settle();
    all_show(&world, room, &people, &["an alle"]);
    assert_eq!(world.view(anna, room).members, people.len());

    world.invite_guest(anna, Some(room), "Frau K.");
    world.settle();
    let reasons: Vec<Failure> = (world.failures(anna, room).into_iter())
        .map(|(_, reason)| reason)
        .collect();
    if crowd < TOO_MANY_FOR_A_LINK {
        assert_eq!(reasons, []);
        assert_eq!(world.view(anna, room).members, people.len() + 1);
    } else {
        assert_eq!(
            reasons,
            [Failure::Crowded, Failure::Uninvited, Failure::Uninvited]
        );
        assert_eq!(world.view(anna, room).members, people.len());
    }
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
    let failed = world.failures(anna, room);
    assert_eq!(failed.len(), 4);
    assert!(failed.iter().all(|(_, why)| *why == Failure::Uninvited));
    let invitations = world.devices[anna].client.invitations().expect("reads");
    let mut of_clients = invitations.iter().filter(|i| i.room.is_some());
    assert!(of_clients.all(|invitation| invitation.gone));
}

fn was_told_the_notice(world: &World, at: DeviceNo, room: RoomId) -> bool {
    let mut lines = world.lines(at, room).into_iter();
    lines.any(|line| matches!(line.body, Body::Notice(_)))
}

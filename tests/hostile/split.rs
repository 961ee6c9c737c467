//! A relay that shows different members different logs.

use std::cell::RefCell;
use std::rc::Rc;

use siegel_client_core::Command;
use siegel_client_core::room::timeline::Body;
use siegel_proto::frame::{self, Reply};
use siegel_proto::room::{Appended, Deliver, EntryKind};
use siegel_tests::hostile::relay;

use super::{shows, still_talk, team};

/// Two messages of two authors change places for one reader. Every author's count is in
/// order; only the log as a whole differs.
#[test]
fn attack_20_two_messages_that_change_places_for_one_reader_show_at_once() {
    let (mut world, [anna, bo, cem], room) = team(2001, ["Anna", "Bo", "Cem"]);
    let (tamper, held) = relay::hold_messages(cem);
    world.relay.tamper = Some(tamper);
    for (at, text) in [(anna, "erst Anna"), (bo, "dann Bo")] {
        world.say(at, room, text);
        world.settle();
    }
    world.relay.tamper = None;
    let [first, second] = &held.take()[..] else {
        panic!("two messages")
    };
    let swapped = [
        Deliver {
            seq: first.seq,
            ..second.clone()
        },
        Deliver {
            seq: second.seq,
            ..first.clone()
        },
    ];
    for entry in swapped {
        world.slip(cem, entry);
    }
    world.settle();
    assert_eq!(world.texts(cem, room), ["dann Bo", "erst Anna"]);
    // Bo had read what comes behind his words here.
    assert!(world.view(cem, room).split_view);
    assert_eq!(shows(&world, cem, room, &Body::SplitView), 1);
    assert!(!world.view(bo, room).split_view);
    // Cem's next word tells the others.
    world.say(cem, room, "ich auch");
    world.settle();
    for at in [anna, bo] {
        assert!(world.view(at, room).split_view);
        assert_eq!(shows(&world, at, room, &Body::SplitView), 1);
    }
}

/// The relay gives Bo Anna's commit and tells Cem, at the same place, that his own was
/// taken: from there on there are two rooms that each look whole.
#[test]
fn attack_20_two_commits_at_one_place_are_noticed_at_both_sides_within_a_message() {
    let (mut world, [anna, bo, cem], room) = team(2002, ["Anna", "Bo", "Cem"]);
    // Cem may change the room, too.
    world.promote(anna, room, cem);
    world.settle();
    let place = Rc::new(RefCell::new(0));
    let seen = Rc::clone(&place);
    world.relay.tamper = Some(relay::replies(move |device, reply| {
        if device != cem {
            return vec![reply];
        }
        match reply {
            Reply::Deliver(entry) if entry.room == room && entry.kind == EntryKind::Commit => {
                *seen.borrow_mut() = entry.seq;
                Vec::new()
            }
            Reply::Refused(_) => Vec::new(),
            other => vec![other],
        }
    }));
    for (at, title) in [(anna, "Annas"), (cem, "Cems")] {
        world.command(at, || Command::Rename {
            room,
            title: title.into(),
        });
    }
    world.settle();
    let waiting = world.devices[cem].client.outbox(room).expect("reads");
    let appended = Appended {
        room,
        message: waiting[0].message,
        seq: *place.borrow(),
    };
    world.slip_reply(cem, Reply::Appended(appended));
    world.settle();
    assert_eq!(world.view(bo, room).title, "Annas");
    assert_eq!(world.view(cem, room).title, "Cems");
    assert_eq!(world.view(bo, room).epoch, world.view(cem, room).epoch);
    assert_ne!(world.view(bo, room).state, world.view(cem, room).state);
    // One message each way, and both sides show that something is wrong.
    world.say(anna, room, "hört mich Cem?");
    world.settle();
    assert_eq!(shows(&world, cem, room, &Body::Unreadable), 1);
    world.say(cem, room, "hört mich Anna?");
    world.settle();
    for at in [anna, bo] {
        assert_eq!(shows(&world, at, room, &Body::Unreadable), 1);
        assert_eq!(world.texts(at, room), ["hört mich Cem?"]);
    }
    assert_eq!(world.texts(cem, room), ["hört mich Anna?"]);
}

/// Answers nobody asked for: places for messages that were never sent, in rooms that are
/// not there, far ahead of everything.
#[test]
fn attack_20_places_that_were_never_given_move_nothing() {
    let (mut world, people, room) = team(2003, ["Anna", "Bo"]);
    let [_, bo] = people;
    let before = world.view(bo, room).cursor;
    for seq in [0, 1, before, before + 1, u64::MAX] {
        let appended = Appended {
            room,
            message: siegel_proto::ids::MessageId::new([7; 16]),
            seq,
        };
        let bytes = frame::encode_reply(77, Reply::Appended(appended));
        world.slip_bytes(bo, &bytes);
        world.settle();
    }
    assert_eq!(world.view(bo, room).cursor, before);
}

/// An entry with the highest number there is: what comes after it is shown all the same.
#[test]
fn attack_20_a_number_far_ahead_does_not_shut_a_room_for_ever() {
    let (mut world, people, room) = team(2005, ["Anna", "Bo"]);
    let [anna, bo] = people;
    for seq in [u64::from(u32::MAX), u64::MAX] {
        let entry = Deliver {
            room,
            seq,
            kind: EntryKind::Message,
            epoch: 0,
            payload: vec![0; 256].into(),
            target: 0,
        };
        world.slip(bo, entry);
        world.settle();
    }
    world.cut(bo, false);
    world.settle();
    assert!(world.view(bo, room).split_view);
    assert!(!world.complaints(bo, room).is_empty());
    world.say(anna, room, "kommt an");
    world.settle();
    assert_eq!(world.texts(bo, room), ["kommt an"]);
    still_talk(&mut world, room, &people);
}

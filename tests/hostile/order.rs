//! A relay that reorders, drops, repeats, delays and relabels entries.

use siegel_client_core::Command;
use siegel_client_core::room::timeline::Body;
use siegel_proto::ids::RoomId;
use siegel_proto::room::{Deliver, EntryKind};
use siegel_tests::hostile::relay;
use siegel_tests::simulation::{DeviceNo, World};

use super::{shows, still_talk, team};

/// What Anna says in one round of an experiment.
const SAID: usize = 5;
/// The same where the relay relabels.
const RELABELLED: usize = 4;

/// Anna says some texts, Bo gets what `pervert` makes of their entries, and then a last
/// text as it is. Returns which of them Bo shows, in his order, and what he complains
/// about.
fn round(
    world: &mut World,
    room: RoomId,
    [anna, bo]: [DeviceNo; 2],
    (number, texts): (usize, usize),
    pervert: impl FnOnce(Vec<Deliver>) -> Vec<Deliver>,
) -> (Vec<usize>, Vec<Body>) {
    // Whatever the round before has done to the log's chain.
    begin_anew(world, room, anna);
    let complaints = world.complaints(bo, room).len();
    let (tamper, held) = relay::hold_messages(bo);
    world.relay.tamper = Some(tamper);
    for said in 0..texts {
        world.say(anna, room, &format!("{number}/{said}"));
    }
    world.settle();
    world.relay.tamper = None;
    let entries = held.take();
    assert_eq!(entries.len(), texts);
    for entry in pervert(entries) {
        world.slip(bo, entry);
    }
    world.settle();
    world.say(anna, room, &format!("{number}/ende"));
    world.settle();
    let texts = world.texts(bo, room);
    assert_eq!(texts.last(), Some(&format!("{number}/ende")));
    let shown = texts.iter().filter_map(|text| {
        let (round, said) = text.split_once('/')?;
        (round == number.to_string()).then(|| said.parse().ok())?
    });
    let complaints = world.complaints(bo, room).split_off(complaints);
    (shown.collect(), complaints)
}

/// A commit: the log's chain begins anew for everybody.
fn begin_anew(world: &mut World, room: RoomId, at: DeviceNo) {
    let title = format!("Titel nach {} Schritten", world.steps);
    world.command(at, || Command::Rename {
        room,
        title: title.clone(),
    });
    world.settle();
}

/// Whatever is shown is shown once and in the order in which it was said.
fn in_order(shown: &[usize]) -> bool {
    shown.windows(2).all(|pair| pair[0] < pair[1])
}

#[test]
fn attack_27_no_other_order_of_five_messages_passes_for_theirs() {
    let (mut world, people, room) = team(2701, ["Anna", "Bo"]);
    for (number, order) in relay::orders(SAID).into_iter().enumerate() {
        let natural = in_order(&order);
        let (shown, complaints) = round(&mut world, room, people, (number, SAID), |entries| {
            order.iter().map(|at| entries[*at].clone()).collect()
        });
        assert!(in_order(&shown), "{order:?} shows {shown:?}");
        assert_eq!(natural, complaints.is_empty(), "{order:?}: {complaints:?}");
        assert_eq!(natural, shown.len() == SAID, "{order:?} shows {shown:?}");
    }
    still_talk(&mut world, room, &people);
}

/// The relay numbers the entries as if their new order were the log's.
#[test]
fn attack_27_no_relabelled_order_of_messages_passes_for_theirs() {
    let (mut world, people, room) = team(2702, ["Anna", "Bo"]);
    for (number, order) in relay::orders(RELABELLED).into_iter().enumerate() {
        let natural = in_order(&order);
        let (shown, complaints) =
            round(&mut world, room, people, (number, RELABELLED), |entries| {
                let relabel = |(place, at): (usize, &usize)| Deliver {
                    seq: entries[place].seq,
                    ..entries[*at].clone()
                };
                order.iter().enumerate().map(relabel).collect()
            });
        assert!(in_order(&shown), "{order:?} shows {shown:?}");
        assert_eq!(natural, complaints.is_empty(), "{order:?}: {complaints:?}");
    }
    begin_anew(&mut world, room, people[0]);
    still_talk(&mut world, room, &people);
}

#[test]
fn attack_27_what_is_dropped_shows_and_what_is_repeated_does_not() {
    let (mut world, people, room) = team(2703, ["Anna", "Bo"]);
    for dropped in 0..SAID {
        let (shown, complaints) =
            round(&mut world, room, people, (dropped, SAID), |mut entries| {
                entries.remove(dropped);
                entries
            });
        let rest: Vec<usize> = (0..SAID).filter(|said| *said != dropped).collect();
        assert_eq!(shown, rest);
        assert!(
            complaints.contains(&Body::Missing { entries: 1 }),
            "{complaints:?}"
        );
    }
    let (shown, complaints) = round(&mut world, room, people, (10, SAID), |entries| {
        let twice = entries
            .iter()
            .flat_map(|entry| [entry.clone(), entry.clone()]);
        twice.chain(entries.clone()).collect()
    });
    assert_eq!(shown, [0, 1, 2, 3, 4]);
    assert_eq!(complaints, []);
    still_talk(&mut world, room, &people);
}

/// The relay leaves one out and closes the ranks, for ever: nothing is missing in its
/// numbers, and of this author Bo knows nothing yet. The author had seen more than there is.
#[test]
fn attack_27_a_drop_hidden_by_renumbering_shows() {
    let (mut world, [anna, bo], room) = team(2704, ["Anna", "Bo"]);
    let mut shift = 0;
    world.relay.tamper = Some(relay::entries(move |device, mut entry| {
        if device != bo || entry.room != room {
            return vec![entry];
        }
        if shift == 0 && entry.kind == EntryKind::Message {
            shift = 1;
            return Vec::new();
        }
        entry.seq -= shift;
        vec![entry]
    }));
    for text in ["verschluckt", "gelesen"] {
        world.say(anna, room, text);
        world.settle();
    }
    assert_eq!(world.texts(bo, room), ["gelesen"]);
    assert_eq!(world.complaints(bo, room), [Body::SplitView]);
    assert!(world.view(bo, room).split_view);
}

#[test]
fn attack_27_a_message_held_over_a_commit_shows_as_missing() {
    let (mut world, people, room) = team(2705, ["Anna", "Bo"]);
    let [anna, bo] = people;
    let (tamper, held) = relay::hold_messages(bo);
    world.relay.tamper = Some(tamper);
    world.say(anna, room, "aufgehalten");
    world.settle();
    world.command(anna, || Command::Rename {
        room,
        title: "Neu".into(),
    });
    world.settle();
    world.relay.tamper = None;
    assert_eq!(shows(&world, bo, room, &Body::Missing { entries: 1 }), 1);
    for entry in held.take() {
        world.slip(bo, entry);
    }
    world.settle();
    assert!(world.texts(bo, room).is_empty(), "its keys are gone");
    still_talk(&mut world, room, &people);
}

/// The relay swaps a message and the commit behind it and numbers them so.
#[test]
fn attack_27_a_commit_put_before_a_message_shows() {
    let (mut world, [anna, bo], room) = team(2706, ["Anna", "Bo"]);
    let (tamper, held) = relay::hold(bo, move |entry| entry.room == room);
    world.relay.tamper = Some(tamper);
    world.say(anna, room, "vorher");
    world.settle();
    world.command(anna, || Command::Rename {
        room,
        title: "Neu".into(),
    });
    world.settle();
    world.relay.tamper = None;
    let [message, commit] = &held.take()[..] else {
        panic!("a message and a commit")
    };
    world.slip(
        bo,
        Deliver {
            seq: message.seq,
            ..commit.clone()
        },
    );
    world.slip(
        bo,
        Deliver {
            seq: commit.seq,
            ..message.clone()
        },
    );
    world.settle();
    assert_eq!(shows(&world, bo, room, &Body::Unreadable), 1);
    world.say(anna, room, "nachher");
    world.settle();
    assert!(world.view(bo, room).split_view, "the logs differ");
}

/// What is said in one room does not turn up in another, whatever the envelope says.
#[test]
fn attack_28_an_entry_put_into_another_room_is_not_shown_there() {
    let (mut world, people, team_room) = team(2801, ["Anna", "Bo"]);
    let [anna, bo] = people;
    let other = world.create_room(anna, "Anderer", &[bo]);
    let (tamper, held) = relay::hold_messages(bo);
    world.relay.tamper = Some(tamper);
    world.say(anna, team_room, "für das Team");
    world.settle();
    world.relay.tamper = None;
    let entry = held.take().remove(0);
    let next = world.view(bo, other).cursor + 1;
    world.slip(
        bo,
        Deliver {
            room: other,
            seq: next,
            ..entry.clone()
        },
    );
    world.settle();
    assert!(world.texts(bo, other).is_empty());
    assert_eq!(shows(&world, bo, other, &Body::Unreadable), 1);
    // Where it belongs it still arrives.
    world.slip(bo, entry);
    world.settle();
    assert_eq!(world.texts(bo, team_room), ["für das Team"]);
    // And a room this device knows nothing of is not made by an entry.
    let rooms = world.devices[bo].client.rooms().expect("reads").len();
    let ghost = RoomId::new([9; 16]);
    let entry = Deliver {
        room: ghost,
        seq: 1,
        kind: EntryKind::Commit,
        epoch: 0,
        payload: vec![0; 256].into(),
        target: 0,
    };
    world.slip(bo, entry);
    world.settle();
    assert_eq!(
        world.devices[bo].client.rooms().expect("reads").len(),
        rooms
    );
    still_talk(&mut world, team_room, &people);
}

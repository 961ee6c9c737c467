//! Bytes that mean nothing, at every place a relay can put them.

use siegel_client_core::room::timeline::Body;
use siegel_proto::room::{Deliver, EntryKind};
use siegel_tests::hostile::relay;
use siegel_tests::simulation::people::is_complaint;

use super::{shows, still_talk, team};

const KINDS: [EntryKind; 7] = [
    EntryKind::Unspecified,
    EntryKind::Message,
    EntryKind::Commit,
    EntryKind::Refusal,
    EntryKind::Reset,
    EntryKind::Welcome,
    EntryKind::Void,
];

/// Bytes that are no entry, of a few lengths, none and all alike among them.
fn rubbish() -> Vec<Vec<u8>> {
    let noise = |length: usize| (0..length).map(|n| (n * 151 + 7) as u8).collect();
    vec![
        Vec::new(),
        vec![0],
        vec![0; 256],
        vec![255; 256],
        noise(384),
        noise(4_096),
    ]
}

/// One message after the other is replaced by rubbish for Bo; every one shows as a line,
/// and those between them are read.
#[test]
fn attack_48_a_spoilt_message_at_any_place_is_one_line_and_stops_nothing() {
    let (mut world, people, room) = team(4801, ["Anna", "Bo"]);
    let [anna, bo] = people;
    let mut turn = 0;
    world.relay.tamper = Some(relay::entries(move |device, mut entry| {
        if device == bo && entry.kind == EntryKind::Message {
            turn += 1;
            if turn % 2 == 1 {
                entry.payload = rubbish()[turn / 2].clone().into();
            }
        }
        vec![entry]
    }));
    let spoilt = rubbish().len();
    for number in 0..2 * spoilt {
        world.say(anna, room, &format!("Nummer {number}"));
        world.settle();
    }
    world.relay.tamper = None;
    world.command(anna, || siegel_client_core::Command::Rename {
        room,
        title: "Neu".into(),
    });
    world.settle();
    assert_eq!(shows(&world, bo, room, &Body::Unreadable), spoilt);
    assert_eq!(world.texts(bo, room).len(), spoilt);
    still_talk(&mut world, room, &people);
}

/// Every kind of entry with every kind of rubbish, behind everything Bo has: his device
/// shows it or ignores it, and still runs. Voids and commits are the relay's power to stop
/// a room; they show, and the other room goes on.
#[test]
fn attack_48_rubbish_of_every_kind_leaves_the_device_running() {
    for kind in KINDS {
        let (mut world, people, room) = team(4802, ["Anna", "Bo"]);
        let [anna, bo] = people;
        let other = world.create_room(anna, "Anderer", &[bo]);
        for payload in rubbish() {
            let seq = world.view(bo, room).cursor + 1;
            let entry = Deliver {
                room,
                seq,
                kind,
                epoch: 0,
                payload: payload.into(),
                target: seq - 1,
            };
            world.slip(bo, entry);
            world.settle();
        }
        let shown = world.lines(bo, room);
        let shown = shown
            .iter()
            .filter(|line| is_complaint(&line.body) || matches!(line.body, Body::Left(_)));
        // What is not even the protocol breaks the connection and has no effect; that
        // somebody refused something stands at the room.
        let is_protocol = kind != EntryKind::Unspecified;
        let is_shown = shown.count() > 0 || world.view(bo, room).contested;
        assert_eq!(is_shown, is_protocol, "{kind:?}");
        still_talk(&mut world, other, &people);
    }
}

/// The inbox: a Welcome nobody can use is passed over, and the next one is found.
#[test]
fn attack_48_rubbish_in_the_inbox_keeps_no_welcome_from_arriving() {
    let (mut world, [anna, bo], _) = team(4803, ["Anna", "Bo"]);
    let mut turn = 0;
    world.relay.tamper = Some(relay::entries(move |device, entry| {
        if device != bo || entry.kind != EntryKind::Welcome {
            return vec![entry];
        }
        turn += 1;
        let spoilt = Deliver {
            payload: rubbish()[turn % 6].clone().into(),
            ..entry.clone()
        };
        // The true one comes behind it, one place later than it lies.
        let later = Deliver {
            seq: entry.seq + 1_000 * turn as u64,
            ..entry
        };
        vec![spoilt, later]
    }));
    for number in 0..6 {
        let title = format!("Raum {number}");
        let room = world.create_room(anna, &title, &[bo]);
        assert_eq!(world.room_named(bo, &title), Some(room));
        still_talk(&mut world, room, &[anna, bo]);
    }
}

/// Bytes that are no frame: the device hangs up and comes back; nothing is lost.
#[test]
fn attack_48_frames_that_are_none_break_the_line_and_nothing_else() {
    let (mut world, people, room) = team(4804, ["Anna", "Bo"]);
    let [anna, bo] = people;
    for bytes in rubbish() {
        world.slip_bytes(bo, &bytes);
        world.say(anna, room, &format!("nach {} Bytes", bytes.len()));
        world.settle();
    }
    assert_eq!(world.texts(bo, room).len(), rubbish().len());
    assert_eq!(world.complaints(bo, room), []);
    still_talk(&mut world, room, &people);
}

//! A device or a relay is put back to an earlier state.

use siegel_client_core::Event;
use siegel_client_core::room::timeline::Body;
use siegel_proto::frame::Reply;
use siegel_tests::hostile::relay;

use super::{shows, still_talk, team};

/// A copy of the vault is put back: the relay's cursor tells, and nothing is encrypted
/// with the old state before a commit has replaced it.
#[test]
fn attack_26_a_vault_that_was_put_back_encrypts_nothing_before_it_has_healed() {
    let (mut world, people, room) = team(2601, ["Anna", "Bo"]);
    let [anna, bo] = people;
    world.say(bo, room, "vor der Kopie");
    world.settle();
    let copy = world.devices[bo].disk.clone();
    for text in ["eins", "zwei", "drei"] {
        world.say(bo, room, text);
        world.settle();
    }
    let used = world.view(bo, room).epoch;
    world.devices[bo].disk = copy;
    world.reopen(bo);
    // Written before the device has heard anything: the worst moment.
    world.say(bo, room, "danach");
    world.settle();
    assert!(world.events(bo).contains(&Event::RolledBack(room)));
    assert!(shows(&world, bo, room, &Body::Missing { entries: 3 }) == 1);
    let last = world.relay.accepted.last().expect("appended");
    assert!(
        last.epoch > used,
        "no epoch of before the heal is used again"
    );
    let texts = ["vor der Kopie", "eins", "zwei", "drei", "danach"];
    assert_eq!(world.texts(anna, room), texts);
    assert!(!world.view(bo, room).rolled_back);
    still_talk(&mut world, room, &people);
}

/// The relay helps and says the device had acknowledged nothing. Its own words, which it
/// does not know, give it away before it says anything.
#[test]
fn attack_26_a_relay_that_hides_the_cursor_shows_the_device_its_own_words() {
    let (mut world, people, room) = team(2602, ["Anna", "Bo"]);
    let [anna, bo] = people;
    world.settle();
    let copy = world.devices[bo].disk.clone();
    let cursor = world.view(bo, room).cursor;
    // Anna is away, so that the relay still has what Bo says.
    world.offline(anna);
    world.say(bo, room, "eins");
    world.settle();
    let used = world.view(bo, room).epoch;
    world.devices[bo].disk = copy;
    world.reopen(bo);
    let log = world.relay.logs.get_mut(&room).expect("there");
    for seat in log.room.seats.values_mut() {
        seat.cursor = seat.cursor.min(cursor);
    }
    world.say(bo, room, "danach");
    world.settle();
    assert!(world.events(bo).contains(&Event::RolledBack(room)));
    let last = world.relay.accepted.last().expect("appended");
    assert!(last.epoch > used);
    world.online(anna);
    world.settle();
    assert_eq!(world.texts(anna, room), ["eins", "danach"]);
    still_talk(&mut world, room, &people);
}

/// The relay hides everything: cursor, entries, places. The device cannot know and speaks
/// with keys it has used; nobody takes it for something else, and it shows at the others.
#[test]
fn attack_26_words_under_used_keys_are_not_taken_for_others() {
    let (mut world, [anna, bo], room) = team(2603, ["Anna", "Bo"]);
    let copy = world.devices[bo].disk.clone();
    let cursor = world.view(bo, room).cursor;
    world.say(bo, room, "eins");
    world.settle();
    world.devices[bo].disk = copy;
    world.reopen(bo);
    world.relay.tamper = Some(relay::replies(move |device, reply| match reply {
        Reply::Attached(mut attached) if device == bo && attached.next_seq == cursor + 2 => {
            attached.cursor = cursor;
            attached.next_seq = cursor + 1;
            vec![Reply::Attached(attached)]
        }
        Reply::Appended(mut appended) if device == bo && appended.room == room => {
            appended.seq -= 1;
            vec![Reply::Appended(appended)]
        }
        other => vec![other],
    }));
    world.say(bo, room, "noch einmal unter demselben Schlüssel");
    world.settle();
    assert_eq!(world.texts(anna, room), ["eins"]);
    assert_eq!(shows(&world, anna, room, &Body::Unreadable), 1);
}

/// A relay that goes back to yesterday's log: devices that are ahead lose nothing they
/// have, and show what they cannot follow instead of taking it.
#[test]
fn attack_12_a_relay_that_goes_back_in_time_takes_nothing_away() {
    let (mut world, [anna, bo], room) = team(1202, ["Anna", "Bo"]);
    world.say(anna, room, "gestern");
    world.settle();
    let yesterday = world.relay.logs.clone();
    world.command(anna, || siegel_client_core::Command::Rename {
        room,
        title: "Heute".into(),
    });
    world.say(anna, room, "heute");
    world.settle();
    world.relay.logs = yesterday;
    for at in [anna, bo] {
        world.cut(at, false);
    }
    for _ in 0..200 {
        for at in [anna, bo] {
            world.connect(at);
            world.up(at);
            world.down(at);
        }
    }
    for at in [anna, bo] {
        assert_eq!(world.texts(at, room), ["gestern", "heute"]);
        assert_eq!(world.view(at, room).title, "Heute");
        assert_eq!(world.view(at, room).members, 2);
    }
}

/// A relay that says again and again that a backup was put back, always the same one, from
/// before a colleague was removed: nobody comes or goes by it, nothing is read twice, and
/// every time is shown.
#[test]
fn attack_12_a_relay_that_is_put_back_again_and_again_brings_nobody_back() {
    let (mut world, [anna, bo, cem], room) = team(1203, ["Anna", "Bo", "Cem"]);
    world.say(anna, room, "gestern");
    world.settle();
    let yesterday = world.relay.back_up();
    world.remove(anna, room, cem);
    world.settle();
    for (life, text) in ["eins", "zwei", "drei"].into_iter().enumerate() {
        world.say(bo, room, text);
        world.settle();
        let generation = [u8::try_from(life).expect("small"); 16];
        world.put_relay_back(&yesterday, generation);
        world.settle();
        for at in [anna, bo] {
            assert_eq!(world.members(at, room).len(), 2);
            assert_eq!(shows(&world, at, room, &Body::PutBack), life + 1);
            assert!(!world.view(at, room).out_of_step);
        }
        let (seated, _) = world.seated(room);
        assert!(!seated.contains(&cem));
    }
    for at in [anna, bo] {
        assert_eq!(world.texts(at, room), ["gestern", "eins", "zwei", "drei"]);
    }
    still_talk(&mut world, room, &[anna, bo]);
}

/// Two colleagues are told of a backup that never was, in the middle of their talk.
#[test]
fn attack_12_a_restore_that_is_made_up_moves_nobody() {
    let (mut world, people, room) = team(1204, ["Anna", "Bo"]);
    let [anna, bo] = people;
    world.say(anna, room, "davor");
    world.settle();
    let before = (world.view(bo, room).epoch, world.members(bo, room).len());
    let next = world.relay.logs[&room].room.next_seq;
    for seq in [next, next + 1] {
        let entry = siegel_proto::room::Deliver {
            room,
            seq,
            kind: siegel_proto::room::EntryKind::Reset,
            epoch: before.0,
            payload: bytes::Bytes::new(),
            target: next - 1,
        };
        world.slip(bo, entry);
        world.settle();
    }
    assert_eq!(shows(&world, bo, room, &Body::PutBack), 2);
    let after = (world.view(bo, room).epoch, world.members(bo, room).len());
    assert_eq!(before, after);
    assert_eq!(world.texts(bo, room), ["davor"]);
}

/// Somebody was revoked after the backup. The relay has forgotten it, the colleagues' devices
/// tell it again, and the admin can go on revoking.
#[test]
fn attack_15_a_revocation_the_relay_has_lost_is_told_again() {
    let (mut world, [anna, bo, cem, dana], room) = team(1501, ["Anna", "Bo", "Cem", "Dana"]);
    let yesterday = world.relay.back_up();
    world.revoke(anna, cem);
    world.settle();
    let revoked = world.person(cem);
    // The admin's device is not there when the relay comes back.
    world.offline(anna);
    world.put_relay_back(&yesterday, [9; 16]);
    world.settle();
    assert!(world.relay.organisation.is_revoked(revoked));
    world.online(anna);
    world.settle();
    assert_eq!(world.members(bo, room).len(), 3);
    world.revoke(anna, dana);
    world.settle();
    assert!(world.relay.organisation.is_revoked(world.person(dana)));
    still_talk(&mut world, room, &[anna, bo]);
}

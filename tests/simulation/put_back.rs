//! The relay is put back to a backup, and rooms that went on since come into step again.

use std::collections::BTreeSet;

use siegel_client_core::room::Stage;
use siegel_client_core::room::timeline::Body;
use siegel_client_core::{Command, Event};
use siegel_proto::content::Kind;
use siegel_proto::ids::RoomId;
use siegel_proto::room::EntryKind;
use siegel_tests::simulation::world::CrashPoint;
use siegel_tests::simulation::{DeviceNo, World};

use crate::stories::{agree, office};

const NEXT_LIFE: [u8; 16] = [8; 16];

fn rename(world: &mut World, at: DeviceNo, room: RoomId, title: &str) {
    world.command(at, || Command::Rename {
        room,
        title: title.to_owned(),
    });
    world.settle();
}

/// Everybody shows the same texts, each once, and is in the same room.
fn all_have(world: &World, room: RoomId, people: &[DeviceNo], texts: &[&str]) {
    let expected: BTreeSet<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    for at in people {
        let name = &world.devices[*at].name;
        let shown = world.texts(*at, room);
        let distinct: BTreeSet<String> = shown.iter().cloned().collect();
        assert_eq!(distinct, expected, "{name}");
        assert_eq!(shown.len(), distinct.len(), "{name} shows {shown:?}");
        let view = world.view(*at, room);
        assert_eq!((view.stage, view.shut), (Stage::Active, false), "{name}");
        assert!(!view.out_of_step && !view.split_view, "{name}: {view:?}");
        assert_eq!((view.waiting, view.failed), (0, 0), "{name}: {view:?}");
    }
    agree(world, room, people);
    let (seated, _) = world.seated(room);
    let epoch = world.relay.logs[&room].room.epoch;
    assert_eq!(world.view(people[0], room).epoch, epoch);
    assert_eq!(seated, people.iter().copied().collect());
}

/// Says a text with every device, and all read it.
fn all_talk(world: &mut World, room: RoomId, people: &[DeviceNo]) {
    for at in people {
        let text = format!("danach, sagt {at} nach {} Schritten", world.steps);
        world.say(*at, room, &text);
        world.settle();
        for reader in people {
            let name = &world.devices[*reader].name;
            assert_eq!(world.texts(*reader, room).last(), Some(&text), "{name}");
        }
    }
}

fn resets(world: &World, room: RoomId) -> usize {
    let entries = world.relay.accepted.iter();
    let resets = entries.filter(|entry| entry.room == room && entry.kind == EntryKind::Reset);
    resets.count()
}

fn shows(world: &World, at: DeviceNo, room: RoomId, body: &Body) -> usize {
    let lines = world.lines(at, room);
    lines.iter().filter(|line| line.body == *body).count()
}

#[test]
fn what_the_relay_lost_is_said_again_and_read_once() {
    let (mut world, people) = office(5001, &["Bo", "Cem"]);
    let room = world.create_room(people[0], "Team", &people[1..]);
    world.say(people[0], room, "davor");
    world.settle();
    let backup = world.relay.back_up();
    // Cem misses what is said between backup and loss.
    world.offline(people[2]);
    for (at, text) in [
        (people[0], "eins"),
        (people[1], "zwei"),
        (people[0], "drei"),
    ] {
        world.say_kind(at, room, &Kind::Typing { active: true });
        world.settle();
        world.say(at, room, text);
        world.settle();
    }
    for at in &people {
        world.events(*at);
    }
    world.put_relay_back(&backup, NEXT_LIFE);
    world.online(people[2]);
    world.settle();
    all_have(&world, room, &people, &["davor", "eins", "zwei", "drei"]);
    for at in &people {
        let types = |event: &Event| matches!(event, Event::Typing { .. });
        assert!(!world.events(*at).iter().any(types), "nobody types now");
        assert_eq!(world.complaints(*at, room), []);
        assert_eq!(shows(&world, *at, room, &Body::PutBack), 1);
    }
    assert_eq!(resets(&world, room), 0, "nobody was ahead");
    all_talk(&mut world, room, &people);
}

/// Anna, Bo and Cem with a client; after the backup Dana comes, Cem goes, and all talk.
fn a_busy_day(seed: u64) -> (World, RoomId, Vec<DeviceNo>, DeviceNo) {
    let (mut world, people) = office(seed, &["Bo", "Cem", "Dana"]);
    let [anna, bo, cem, dana] = people[..] else {
        unreachable!("four colleagues")
    };
    let room = world.create_room(anna, "Fall", &[bo, cem]);
    world.invite_guest(anna, Some(room), "Klientin");
    world.settle();
    let Some(link) = world.link(anna, "Klientin") else {
        panic!("the link is ready");
    };
    let guest = world.join("Klientin", &link);
    world.settle();
    for at in [anna, bo, cem, guest] {
        let text = format!("davor von {at}");
        world.say(at, room, &text);
        world.settle();
    }
    let backup = world.relay.back_up();
    world.add(anna, room, dana);
    world.settle();
    world.remove(anna, room, cem);
    world.settle();
    for at in [anna, bo, dana, guest] {
        let text = format!("seither von {at}");
        world.say(at, room, &text);
        world.settle();
    }
    world.put_relay_back(&backup, NEXT_LIFE);
    (world, room, vec![anna, bo, dana, guest], cem)
}

/// Whoever was there is there, reads what the others said, and Cem stays out.
fn the_day_ended_well(world: &World, room: RoomId, people: &[DeviceNo], cem: DeviceNo) {
    agree(world, room, people);
    let all = world.texts(people[0], room);
    for at in people {
        let name = &world.devices[*at].name;
        let own: BTreeSet<String> = world.texts(*at, room).into_iter().collect();
        for other in people {
            let since = format!("seither von {other}");
            assert!(own.contains(&since), "{name} misses {since}");
        }
        assert_eq!(
            own.len(),
            world.texts(*at, room).len(),
            "{name} reads twice"
        );
        let view = world.view(*at, room);
        assert!(!view.out_of_step && !view.shut, "{name}: {view:?}");
        let members = world.members(*at, room);
        assert!(
            members.iter().all(|m| m.person != world.person(cem)),
            "{name}"
        );
        assert_eq!(members.len(), people.len(), "{name}");
    }
    assert!(all.len() >= 8);
    let (seated, _) = world.seated(room);
    assert!(!seated.contains(&cem), "a removed seat does not come back");
}

#[test]
fn a_room_that_went_on_comes_into_step_by_itself() {
    let (mut world, room, people, cem) = a_busy_day(5002);
    world.settle();
    // Dana's seat was not in the backup; her device looks again.
    world.pass(61);
    world.settle();
    the_day_ended_well(&world, room, &people, cem);
    assert_eq!(resets(&world, room), 1);
    for at in &people {
        assert_eq!(shows(&world, *at, room, &Body::PutBack), 1);
        assert_eq!(shows(&world, *at, room, &Body::Reset), 1);
    }
    all_talk(&mut world, room, &people);
    assert_eq!(world.view(cem, room).stage, Stage::Removed);
}

#[test]
fn attack_46_a_crash_anywhere_in_a_reset_changes_nothing() {
    let (before, room, people, cem) = a_busy_day(5003);
    let mut calm = before.fork();
    calm.settle();
    calm.pass(61);
    calm.settle();
    let steps = before.batches + 1..=calm.batches;
    assert!(steps.clone().count() > 20, "there is something to crash");
    for batch in steps.step_by(4) {
        for point in [CrashPoint::Before, CrashPoint::After] {
            let mut world = before.fork();
            world.crash_at = Some((batch, point));
            world.settle();
            world.pass(61);
            world.settle();
            assert!(world.crashes > before.crashes, "{point:?} {batch}");
            the_day_ended_well(&world, room, &people, cem);
            all_talk(&mut world, room, &people);
        }
    }
}

#[test]
fn whoever_was_away_is_let_in_again_with_what_was_written() {
    let (mut world, people) = office(5004, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        unreachable!("three colleagues")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    let backup = world.relay.back_up();
    world.offline(bo);
    world.say(bo, room, "offline geschrieben");
    rename(&mut world, anna, room, "Team 2");
    world.say(cem, room, "nach der Änderung");
    world.settle();
    world.offline(anna);
    world.offline(cem);
    world.put_relay_back(&backup, NEXT_LIFE);
    // Bo is in step with the backup and goes on alone.
    world.online(bo);
    world.settle();
    assert!(!world.view(bo, room).out_of_step);
    world.online(cem);
    world.settle();
    assert!(
        world.view(cem, room).out_of_step,
        "Cem may not reset the room"
    );
    world.online(anna);
    world.settle();
    let texts = ["offline geschrieben", "nach der Änderung"];
    all_have(&world, room, &people, &texts);
    assert_eq!(world.view(bo, room).title, "Team 2");
    assert_eq!(resets(&world, room), 1);
    all_talk(&mut world, room, &people);
}

#[test]
fn of_two_managers_who_reset_at_once_one_wins() {
    let (mut world, people) = office(5005, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        unreachable!("three colleagues")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    world.promote(anna, room, bo);
    world.settle();
    let backup = world.relay.back_up();
    rename(&mut world, anna, room, "Team 2");
    world.say(bo, room, "danach");
    world.settle();
    world.put_relay_back(&backup, NEXT_LIFE);
    // Both hear of it before the relay hears of either.
    for _ in 0..50 {
        for at in [anna, bo] {
            world.connect(at);
            world.down(at);
            world.up(at);
        }
    }
    world.settle();
    all_have(&world, room, &people, &["danach"]);
    assert_eq!(resets(&world, room), 1);
    all_talk(&mut world, room, &people);
}

#[test]
fn a_room_that_is_younger_than_the_backup_is_made_again() {
    let (mut world, people) = office(5006, &["Bo"]);
    let [anna, bo] = people[..] else {
        unreachable!("two colleagues")
    };
    let backup = world.relay.back_up();
    let room = world.create_room(anna, "Neu", &[bo]);
    world.invite_guest(anna, Some(room), "Klient");
    world.settle();
    let link = world.link(anna, "Klient").expect("the link is ready");
    let guest = world.join("Klient", &link);
    world.settle();
    let people = [anna, bo, guest];
    for at in people {
        let text = format!("von {at}");
        world.say(at, room, &text);
        world.settle();
    }
    world.put_relay_back(&backup, NEXT_LIFE);
    world.settle();
    world.pass(61);
    world.settle();
    let texts: Vec<String> = people.iter().map(|at| format!("von {at}")).collect();
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    texts.push("Guten Tag Klient");
    all_have(&world, room, &people, &texts);
    all_talk(&mut world, room, &people);
}

/// Anna was away while Bo removed Cem, and her line went on longer than Bo's.
#[test]
fn attack_12_whoever_was_removed_since_the_backup_is_removed_again() {
    let (mut world, people) = office(5007, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        unreachable!("three colleagues")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    world.promote(anna, room, bo);
    world.settle();
    let backup = world.relay.back_up();
    world.offline(anna);
    world.remove(bo, room, cem);
    world.settle();
    world.offline(bo);
    world.put_relay_back(&backup, NEXT_LIFE);
    world.online(anna);
    for title in ["Team 2", "Team 3", "Team 4"] {
        rename(&mut world, anna, room, title);
    }
    world.online(bo);
    world.settle();
    let people = [anna, bo];
    all_have(&world, room, &people, &[]);
    assert!(shows(&world, bo, room, &Body::Joined(vec![world.person(cem)])) >= 1);
    let left = Body::Left(vec![world.person(cem)]);
    assert_eq!(shows(&world, anna, room, &left), 1);
    assert_eq!(world.view(anna, room).title, "Team 4");
    all_talk(&mut world, room, &people);
}

#[test]
fn a_client_who_cannot_follow_keeps_what_there_is_and_is_told() {
    let (mut world, people) = office(5008, &[]);
    let anna = people[0];
    let room = world.create_room(anna, "Fall", &[]);
    world.invite_guest(anna, Some(room), "Klientin");
    world.settle();
    let link = world.link(anna, "Klientin").expect("the link is ready");
    let guest = world.join("Klientin", &link);
    world.say(anna, room, "davor");
    world.settle();
    let backup = world.relay.back_up();
    world.offline(guest);
    rename(&mut world, anna, room, "Fall 2");
    world.put_relay_back(&backup, NEXT_LIFE);
    world.settle();
    world.online(guest);
    world.settle();
    assert!(world.view(guest, room).out_of_step);
    assert!(world.texts(guest, room).contains(&"davor".to_owned()));
    world.say(guest, room, "hört mich jemand?");
    world.settle();
    assert_eq!(
        world.view(guest, room).waiting,
        1,
        "it waits where it was written"
    );
    assert!(!world.view(anna, room).out_of_step);
}

#[test]
fn two_backups_in_a_row_are_put_back() {
    let (mut world, room, people, cem) = a_busy_day(5009);
    world.settle();
    world.pass(61);
    world.settle();
    let backup = world.relay.back_up();
    world.promote(people[0], room, people[1]);
    world.settle();
    world.say(people[3], room, "zwischen zwei Verlusten");
    world.settle();
    world.put_relay_back(&backup, [9; 16]);
    world.settle();
    the_day_ended_well(&world, room, &people, cem);
    for at in &people {
        let texts = world.texts(*at, room);
        assert!(texts.contains(&"zwischen zwei Verlusten".to_owned()));
        assert_eq!(shows(&world, *at, room, &Body::PutBack), 2);
    }
    all_talk(&mut world, room, &people);
}

//! What a person keeps for themselves, and what a list of rooms shows.

use siegel_client_core::Command;
use siegel_client_core::local::{Draft, Local};
use siegel_client_core::room::timeline::Body;
use siegel_proto::content::Kind;
use siegel_proto::ids::RoomId;
use siegel_proto::limits;
use siegel_tests::simulation::{DeviceNo, World};

use crate::stories::office;

fn local(world: &mut World, at: DeviceNo, wish: &Local) {
    world.command(at, || Command::Local(wish.clone()));
}

fn mark_read(world: &mut World, at: DeviceNo, room: RoomId) {
    let up_to = world.view(at, room).cursor;
    world.command(at, || Command::MarkRead { room, up_to });
    world.settle();
}

#[test]
fn labels_drafts_and_settings_survive_a_restart_and_nobody_hears_of_them() {
    let (mut world, people) = office(101, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    let entries = world.view(bo, room).cursor;
    let person = world.person(bo);
    let draft = Draft {
        text: "noch nicht fertig".into(),
        reply_to: None,
    };
    let wishes = [
        Local::Label {
            person,
            label: "Bo vom Wohnen".into(),
        },
        Local::Mute { room, muted: true },
        Local::Archive {
            room,
            archived: true,
        },
        Local::Draft {
            room,
            draft: draft.clone(),
        },
        Local::Set {
            name: "theme".into(),
            value: b"dark".to_vec(),
        },
    ];
    for wish in &wishes {
        local(&mut world, anna, wish);
    }
    world.settle();
    world.reopen(anna);
    let view = world.view(anna, room);
    assert!(view.own.muted && view.own.archived);
    assert_eq!(view.own.draft, draft);
    let names: Vec<String> = world
        .members(anna, room)
        .into_iter()
        .map(|m| m.name)
        .collect();
    assert!(names.contains(&"Bo vom Wohnen".to_owned()), "{names:?}");
    let client = &world.devices[anna].client;
    assert_eq!(
        client.setting("theme").expect("reads"),
        Some(b"dark".to_vec())
    );
    world.settle();
    assert_eq!(world.view(bo, room).cursor, entries, "nothing was sent");

    // Empty takes it back.
    local(
        &mut world,
        anna,
        &Local::Set {
            name: "theme".into(),
            value: Vec::new(),
        },
    );
    local(
        &mut world,
        anna,
        &Local::Draft {
            room,
            draft: Draft::default(),
        },
    );
    assert!(
        world.devices[anna]
            .client
            .settings()
            .expect("reads")
            .is_empty()
    );
    assert!(world.view(anna, room).own.draft.is_empty());
}

#[test]
fn what_an_app_keeps_is_bounded() {
    let (mut world, people) = office(102, &[]);
    let anna = people[0];
    let set = |name: &str, length| {
        Command::Local(Local::Set {
            name: name.into(),
            value: vec![1; length],
        })
    };
    assert!(
        world
            .try_command(anna, set("x", limits::SETTING_BYTES + 1))
            .is_err()
    );
    assert!(world.try_command(anna, set("", 1)).is_err());
    for n in 0..limits::SETTINGS {
        world
            .try_command(anna, set(&n.to_string(), 1))
            .expect("fits");
    }
    assert!(world.try_command(anna, set("one more", 1)).is_err());
    world
        .try_command(anna, set("7", 2))
        .expect("a known one may change");
}

#[test]
fn unread_counts_what_others_said_and_the_list_shows_the_last_of_it() {
    let (mut world, people) = office(103, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.say(bo, room, "eins");
    world.say(anna, room, "selbst");
    world.say(bo, room, "zwei");
    world.settle();
    world.add(anna, room, cem);
    world.settle();
    assert_eq!(
        world.view(anna, room).unread,
        2,
        "neither own lines nor who joined"
    );
    let said = |world: &World, at| match world.view(at, room).last.map(|line| line.body) {
        Some(Body::Text { body, .. }) => body,
        other => panic!("no text: {other:?}"),
    };
    assert_eq!(said(&world, anna), "zwei");
    mark_read(&mut world, anna, room);
    assert_eq!(world.view(anna, room).unread, 0);
    // A deleted message is nothing to read.
    let two = world.message(bo, room, "zwei").expect("there");
    world.say(bo, room, "drei");
    world.say_kind(bo, room, &Kind::Delete { target: two });
    world.settle();
    assert_eq!(world.view(anna, room).unread, 1);
    assert_eq!(said(&world, anna), "drei");
    assert_eq!(world.view(cem, room).unread, 1, "only what was said since");
}

#[test]
fn a_room_one_has_left_can_be_forgotten_and_no_other() {
    let (mut world, people) = office(104, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.say(anna, room, "bleibt nicht");
    world.settle();
    let forget = || Command::Local(Local::Forget(room));
    assert!(world.try_command(bo, forget()).is_err());
    world.remove(anna, room, bo);
    world.settle();
    assert_eq!(
        world.devices[bo]
            .client
            .search("bleibt", 9)
            .expect("searches")
            .len(),
        1
    );
    world.command(bo, forget);
    assert!(world.devices[bo].client.room(room).is_err());
    assert!(
        world.devices[bo]
            .client
            .search("bleibt", 9)
            .expect("searches")
            .is_empty()
    );
    world.reopen(bo);
    assert!(world.devices[bo].client.rooms().expect("reads").is_empty());
}

/// The device asks for its seat whenever it connects, and the answer comes when it comes.
#[test]
fn a_room_can_be_forgotten_while_its_seat_is_asked_for() {
    let (mut world, people) = office(107, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.settle();
    world.offline(bo);
    world.remove(anna, room, bo);
    world.command(anna, || Command::Rename {
        room,
        title: "Team ohne Bo".into(),
    });
    world.settle();
    world.online(bo);
    world.settle();
    world.offline(bo);
    for steps in 0..24 {
        let mut world = world.fork();
        world.connect(bo);
        for _ in 0..steps {
            let _ = world.up(bo) || world.down(bo);
        }
        world.command(bo, || Command::Local(Local::Forget(room)));
        world.settle();
        assert!(world.devices[bo].client.rooms().expect("reads").is_empty());
    }
}

#[test]
fn an_own_message_goes_from_sent_to_delivered_to_read() {
    let (mut world, people) = office(105, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.offline(bo);
    world.say(anna, room, "bist du da?");
    world.settle();
    let seq = world.view(anna, room).cursor;
    let reach = |world: &World| {
        let receipts = world.devices[anna].client.receipts(room);
        receipts.expect("reads").reach(seq)
    };
    assert_eq!((reach(&world).people, reach(&world).delivered), (1, 0));
    world.online(bo);
    world.settle();
    // Word comes after a moment, not at once.
    assert!(!reach(&world).is_delivered());
    world.pass(6);
    world.settle();
    assert!(reach(&world).is_delivered());
    assert!(reach(&world).read_by.is_empty());
    mark_read(&mut world, bo, room);
    assert_eq!(reach(&world).read_by, [world.person(bo)]);

    // Receipts are no messages: nobody answers them, and the log comes to rest.
    let end = world.view(anna, room).cursor;
    for at in [anna, bo, anna, bo] {
        mark_read(&mut world, at, room);
        world.pass(10);
        world.settle();
    }
    assert_eq!(world.view(anna, room).cursor, end);
}

#[test]
fn attack_55_a_clients_device_tells_nobody_when_it_receives_or_reads() {
    let (mut world, people) = office(106, &[]);
    let anna = people[0];
    world.invite_guest(anna, None, "Frau K.");
    world.settle();
    let link = world.link(anna, "Frau K.").expect("ready");
    let guest = world.join("Gast", &link);
    let room = world.devices[guest]
        .client
        .first_room()
        .expect("reads")
        .expect("in a room");
    world.say(anna, room, "Wie geht es Ihnen?");
    world.settle();
    let asked = world.view(anna, room).cursor;
    for _ in 0..3 {
        mark_read(&mut world, guest, room);
        world.pass(10);
        world.settle();
    }
    assert_eq!(
        world.view(anna, room).cursor,
        asked,
        "the client sent nothing"
    );
    let reach = |world: &World| {
        let receipts = world.devices[anna].client.receipts(room);
        receipts.expect("reads").reach(asked)
    };
    assert_eq!((reach(&world).people, reach(&world).delivered), (1, 0));
    // An answer shows that the question had come, and no more.
    world.say(guest, room, "Gut");
    world.settle();
    assert!(reach(&world).is_delivered());
    assert!(reach(&world).read_by.is_empty());
}

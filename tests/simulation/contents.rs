//! Kinds of content beyond text: cards that empty themselves, forwarding, hours, consent,
//! and how long all of it lives.
#![expect(
    clippy::expect_used,
    reason = "a story stops where what it needs is not there"
)]

use siegel_client_core::Command;
use siegel_client_core::room::timeline::Body;
use siegel_proto::availability::{Availability, EmergencyNumber, WeeklySpan};
use siegel_proto::card::{CardField, DataCard, FieldKind};
use siegel_proto::content::{Extras, Forwarded, Kind, Notice};
use siegel_proto::ids::{ContentHash, RoomId};
use siegel_proto::organisation::Policy;
use siegel_tests::simulation::people::{notice, text_kind};
use siegel_tests::simulation::{DeviceNo, World};

use crate::stories::{all_show, office};

const DAY: i64 = 86_400;

fn today(world: &World) -> u32 {
    u32::try_from(world.relay.now / DAY).expect("after 1970")
}

fn field(kind: FieldKind, value: &str, expires_day: u32) -> CardField {
    CardField {
        kind,
        label: String::new(),
        value: value.into(),
        expires_day,
    }
}

/// The values of the one card in a room, empty where they are gone.
fn values(world: &World, at: DeviceNo, room: RoomId) -> Vec<String> {
    let lines = world.lines(at, room);
    let card = lines.into_iter().find_map(|line| match line.body {
        Body::DataCard(card) => Some(card),
        _ => None,
    });
    let fields = card.expect("a card").fields.into_iter();
    fields.map(|field| field.value).collect()
}

/// A client of Anna's who is in the room.
fn client(world: &mut World, anna: DeviceNo) -> (DeviceNo, RoomId) {
    world.invite_guest(anna, None, "Frau K.");
    world.settle();
    let link = world.link(anna, "Frau K.").expect("ready");
    let guest = world.join("Gast", &link);
    let room = world.devices[guest].client.first_room();
    (guest, room.expect("reads").expect("in a room"))
}

#[test]
fn fields_of_a_card_go_on_their_day_also_without_the_relay() {
    let (mut world, people) = office(201, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Fall", &[bo, cem]);
    let day = today(&world);
    let card = DataCard {
        fields: vec![
            field(FieldKind::Name, "Kaya Yılmaz", 0),
            field(FieldKind::Phone, "0176 555", day + 2),
            field(FieldKind::Address, "Hauptstr. 1", day + 5),
        ],
    };
    world.offline(cem);
    world.say_kind(anna, room, &Kind::DataCard(card));
    world.settle();
    assert_eq!(
        values(&world, bo, room),
        ["Kaya Yılmaz", "0176 555", "Hauptstr. 1"]
    );
    assert_eq!(
        world.devices[bo]
            .client
            .search("0176", 9)
            .expect("searches")
            .len(),
        1
    );
    world.offline(bo);
    world.pass(2 * DAY);
    for at in [anna, bo] {
        assert_eq!(values(&world, at, room), ["Kaya Yılmaz", "", "Hauptstr. 1"]);
    }
    assert!(
        world.devices[bo]
            .client
            .search("0176", 9)
            .expect("searches")
            .is_empty()
    );
    world.reopen(bo);
    world.pass(3 * DAY);
    assert_eq!(values(&world, bo, room), ["Kaya Yılmaz", "", ""]);
    // Whoever gets it late never sees what is over.
    world.online(cem);
    world.settle();
    assert_eq!(values(&world, cem, room), ["Kaya Yılmaz", "", ""]);
}

#[test]
fn a_card_that_waits_to_be_sent_is_emptied_as_well() {
    let (mut world, people) = office(202, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Fall", &[bo]);
    let fields = vec![field(FieldKind::Phone, "0176 555", today(&world) + 1)];
    world.offline(anna);
    world.say_kind(anna, room, &Kind::DataCard(DataCard { fields }));
    world.pass(DAY);
    let waiting = world.devices[anna].client.outbox(room).expect("reads");
    let Some(Kind::DataCard(card)) = &waiting[0].kind else {
        panic!("a card waits")
    };
    assert_eq!(card.fields[0].value, "");
}

#[test]
fn retention_applies_to_everybody_and_offline() {
    let (mut world, people) = office(203, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.say(anna, room, "alt");
    world.settle();
    world.pass(3 * DAY);
    world.say(bo, room, "neu");
    world.settle();
    all_show(&world, room, &people, &["alt", "neu"]);
    world.command(anna, || Command::SetRetention { room, days: 2 });
    world.settle();
    // What is too old by the new rule goes at once.
    all_show(&world, room, &people, &["neu"]);
    for at in &people {
        assert_eq!(world.view(*at, room).retention_days, 2);
        let lines = world.lines(*at, room);
        assert!(
            lines
                .iter()
                .any(|line| line.body == Body::RetentionChanged(2))
        );
    }
    world.offline(bo);
    world.pass(2 * DAY + 1);
    assert_eq!(world.texts(bo, room), Vec::<String>::new());
    assert!(
        world
            .try_command(anna, Command::SetRetention { room, days: 0 })
            .is_err()
    );
}

#[test]
fn only_a_manager_sets_retention() {
    let (mut world, people) = office(204, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    let before = world.view(anna, room).retention_days;
    world.command(bo, || Command::SetRetention { room, days: 1 });
    world.settle();
    assert_eq!(world.view(anna, room).retention_days, before);
    assert_eq!(world.view(bo, room).failed, 1, "and Bo sees that it failed");
}

#[test]
fn a_shorter_policy_reaches_clients_as_well() {
    let (mut world, people) = office(205, &[]);
    let anna = people[0];
    let (guest, room) = client(&mut world, anna);
    let policy = Policy {
        retention_days: 1,
        emergency: vec![EmergencyNumber {
            label: "Notruf".into(),
            number: "112".into(),
        }],
        notices: vec![Notice {
            version: "2".into(),
            language: "de".into(),
            body: "Neuer Text".into(),
        }],
        ..Policy::default()
    };
    world.command(anna, || Command::SetPolicy(policy.clone()));
    world.settle();
    world.offline(guest);
    world.online(guest);
    world.settle();
    let seen = world.devices[guest].client.policy().expect("reads");
    assert_eq!(seen.emergency, policy.emergency);
    assert_eq!(seen.notices, policy.notices);
    assert!(!world.texts(guest, room).is_empty());
    world.offline(guest);
    world.pass(DAY + 1);
    assert!(world.texts(guest, room).is_empty());
}

#[test]
fn who_is_named_and_where_it_comes_from_arrives() {
    let (mut world, people) = office(206, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    let extras = Extras {
        mentions: vec![world.person(bo)],
        forwarded: Some(Forwarded {
            crossed: true,
            reason: "Fallübergabe".into(),
            author: "Frau K.".into(),
            said_at: 1_700_000_000,
        }),
    };
    let with = |extras: &Extras| Command::SayWith {
        room,
        kind: text_kind("@Bo bitte übernehmen"),
        extras: Box::new(extras.clone()),
    };
    world.command(anna, || with(&extras));
    world.settle();
    for at in &people {
        let line = world.lines(*at, room).pop().expect("a line");
        assert_eq!(line.extras, extras, "{}", world.devices[*at].name);
    }
    let silent = Extras {
        forwarded: Some(Forwarded {
            crossed: true,
            ..Forwarded::default()
        }),
        ..Extras::default()
    };
    assert!(
        world.try_command(anna, with(&silent)).is_err(),
        "no reason was given"
    );

    // An edit names anew, a deletion takes everything.
    let target = world
        .lines(anna, room)
        .pop()
        .and_then(|line| line.message)
        .expect("a message");
    let body = "doch niemand".into();
    world.say_kind(anna, room, &Kind::Edit { target, body });
    world.settle();
    let line = world.devices[bo]
        .client
        .message(room, target)
        .expect("reads")
        .expect("there");
    assert!(line.extras.mentions.is_empty() && line.extras.forwarded.is_some());
    world.say_kind(anna, room, &Kind::Delete { target });
    world.settle();
    let line = world.devices[bo]
        .client
        .message(room, target)
        .expect("reads")
        .expect("there");
    assert_eq!(line.extras, Extras::default());
}

#[test]
fn clients_learn_when_somebody_reads_and_new_ones_too() {
    let (mut world, people) = office(207, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let team = world.create_room(anna, "Team", &[bo]);
    let (guest, room) = client(&mut world, anna);
    let hours = Availability {
        spans: vec![WeeklySpan {
            weekday: 2,
            from_minute: 540,
            to_minute: 720,
        }],
        time_zone: "Europe/Berlin".into(),
        ..Availability::default()
    };
    let lines = world.lines(bo, team).len();
    world.command(anna, || Command::SetAvailability(hours.clone()));
    world.settle();
    let shown = |world: &World, at: DeviceNo, room| {
        let reads = world.devices[at].client.availability(room).expect("reads");
        reads
            .into_iter()
            .map(|r| (r.person, r.availability))
            .collect::<Vec<_>>()
    };
    let expected = vec![(world.person(anna), hours.clone())];
    assert_eq!(shown(&world, guest, room), expected);
    assert_eq!(
        world.lines(bo, team).len(),
        lines,
        "colleagues are not told"
    );
    assert_eq!(world.complaints(guest, room), []);

    world.invite_guest(anna, None, "Herr M.");
    world.settle();
    let link = world.link(anna, "Herr M.").expect("ready");
    let later = world.join("Zweiter", &link);
    let room = world.devices[later]
        .client
        .first_room()
        .expect("reads")
        .expect("in");
    assert_eq!(shown(&world, later, room), expected);

    world.command(anna, || Command::SetAvailability(Availability::default()));
    world.settle();
    assert_eq!(shown(&world, later, room), []);
    assert!(
        world
            .try_command(guest, Command::SetAvailability(hours))
            .is_err()
    );
}

#[test]
fn the_ledger_says_who_agreed_to_what_and_outlives_the_lines() {
    let (mut world, people) = office(208, &[]);
    let anna = people[0];
    let (guest, room) = client(&mut world, anna);
    let consent = |granted, body: &str| Kind::Consent {
        notice_version: notice().version,
        language: "de".into(),
        granted,
        notice_hash: ContentHash::of(body.as_bytes()),
    };
    world.say_kind(guest, room, &consent(true, &notice().body));
    world.settle();
    let ledger = |world: &World| world.devices[anna].client.consents(room).expect("reads");
    let given = &ledger(&world)[0];
    assert_eq!(given.person, world.person(guest));
    assert_eq!(given.notice, Some(notice()));
    assert!(given.holds());
    world.pass(100);
    world.say_kind(guest, room, &consent(false, &notice().body));
    // A text nobody showed: it stands there, and is worth nothing.
    world.say_kind(guest, room, &consent(true, "ein anderer Text"));
    world.settle();
    world.pass(400 * DAY);
    assert!(world.texts(anna, room).is_empty(), "the lines are gone");
    world.reopen(anna);
    let records = ledger(&world);
    assert_eq!(records.len(), 2);
    let (given, taken) = (records[0].given_at, records[0].withdrawn_at);
    assert_eq!(taken.expect("taken back").since(given.expect("given")), 100);
    assert!(records.iter().all(|record| !record.holds()));
    assert_eq!(records[1].notice, None);
}

#[test]
fn search_finds_every_room_newest_first_and_follows_changes() {
    let (mut world, people) = office(209, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let rooms = [
        world.create_room(anna, "Eins", &[bo]),
        world.create_room(anna, "Zwei", &[bo]),
    ];
    world.say(bo, rooms[0], "Frau Müller kommt morgen");
    world.settle();
    let found = |world: &mut World, question: &str| {
        let hits = world.devices[anna]
            .client
            .search(question, 10)
            .expect("searches");
        hits.into_iter().map(|hit| hit.room).collect::<Vec<_>>()
    };
    assert_eq!(found(&mut world, "muell"), [rooms[0]]);
    world.relay.now += 60;
    world.say(bo, rooms[1], "Mueller hat abgesagt");
    world.settle();
    assert_eq!(found(&mut world, "MÜL"), [rooms[1], rooms[0]]);
    assert_eq!(found(&mut world, "mueller morg"), [rooms[0]]);
    assert_eq!(found(&mut world, "uller"), [], "only beginnings of words");
    assert_eq!(found(&mut world, " . "), []);

    let target = world
        .message(bo, rooms[1], "Mueller hat abgesagt")
        .expect("there");
    let body = "Schmidt hat abgesagt".into();
    world.say_kind(bo, rooms[1], &Kind::Edit { target, body });
    world.settle();
    assert_eq!(found(&mut world, "muller"), [rooms[0]]);
    assert_eq!(found(&mut world, "schm"), [rooms[1]]);
    world.say_kind(bo, rooms[1], &Kind::Delete { target });
    world.settle();
    assert_eq!(found(&mut world, "schm"), []);
    world.reopen(anna);
    assert_eq!(found(&mut world, "müller"), [rooms[0]]);
    world.pass(400 * DAY);
    assert_eq!(found(&mut world, "müller"), []);
}

#[test]
fn my_data_holds_what_the_client_sees_and_opens_nothing() {
    let (mut world, people) = office(210, &[]);
    let anna = people[0];
    let (guest, room) = client(&mut world, anna);
    world.say(guest, room, "Danke");
    world.settle();
    let consent = Kind::Consent {
        notice_version: notice().version,
        language: "de".into(),
        granted: true,
        notice_hash: ContentHash::of(notice().body.as_bytes()),
    };
    world.say_kind(guest, room, &consent);
    world.settle();
    world.offline(guest);
    world.say(guest, room, "noch unterwegs");
    let now = siegel_client_core::moment::Timestamp::from_seconds(world.relay.now);
    let data = world.devices[guest].client.my_data(now).expect("reads");
    assert_eq!((data.role, data.rooms.len()), ("client", 1));
    let room = &data.rooms[0];
    assert_eq!(room.members.len(), 2);
    assert_eq!(room.waiting, ["noch unterwegs"]);
    let said: Vec<_> = room
        .lines
        .iter()
        .filter(|line| line.kind == "text")
        .collect();
    assert_eq!(said[0].text, "Guten Tag Frau K.");
    assert_eq!((said[0].who.as_str(), said[0].own), ("Anna", false));
    assert_eq!((said[1].text.as_str(), said[1].own), ("Danke", true));
    assert_eq!(
        room.consents[0].text.as_deref(),
        Some("Ihre Daten bleiben hier.")
    );
    assert!(room.consents[0].given_at.is_some() && room.consents[0].withdrawn_at.is_none());
}

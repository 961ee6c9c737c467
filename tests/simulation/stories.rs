//! Stories about people whose lines and devices behave.

use siegel_client_core::room::Stage;
use siegel_client_core::room::timeline::Body;
use siegel_proto::content::Kind;
use siegel_proto::ids::RoomId;
use siegel_tests::simulation::people::{notice, text_kind};
use siegel_tests::simulation::{DeviceNo, World};

/// Anna, who set the organisation up, and colleagues.
pub fn office(seed: u64, colleagues: &[&str]) -> (World, Vec<DeviceNo>) {
    let mut world = World::new(seed);
    let mut people = vec![world.set_up("Anna")];
    for name in colleagues {
        let at = world.join_staff(people[0], name);
        people.push(at);
    }
    (world, people)
}

/// Everybody shows these texts and no complaint, and agrees on who is there.
pub fn all_show(world: &World, room: RoomId, people: &[DeviceNo], texts: &[&str]) {
    for at in people {
        let name = &world.devices[*at].name;
        assert_eq!(world.texts(*at, room), texts, "{name}");
        assert_eq!(world.complaints(*at, room), [], "{name}");
    }
    agree(world, room, people);
}

pub fn agree(world: &World, room: RoomId, people: &[DeviceNo]) {
    let of = |at: DeviceNo| {
        let view = world.view(at, room);
        (view.epoch, view.state, view.title, view.members)
    };
    for at in people {
        assert_eq!(of(*at), of(people[0]), "{}", world.devices[*at].name);
    }
}

#[test]
fn two_colleagues_talk_both_ways() {
    let (mut world, people) = office(1, &["Bo"]);
    let room = world.create_room(people[0], "Team", &people[1..]);
    world.say(people[0], room, "hallo");
    world.settle();
    world.say(people[1], room, "selber hallo");
    world.settle();
    all_show(&world, room, &people, &["hallo", "selber hallo"]);
    // The last thing each said was an acknowledgement, which nobody answers.
    for at in people {
        assert!(!world.devices[at].client.is_owed_an_answer());
    }
}

#[test]
fn five_talk_at_once_and_all_see_one_order() {
    let (mut world, people) = office(2, &["Bo", "Cem", "Dana", "Eva"]);
    let room = world.create_room(people[0], "Team", &people[1..]);
    for at in &people {
        world.say(*at, room, &format!("von {at}"));
        world.say(*at, room, &format!("noch einmal von {at}"));
    }
    world.settle();
    let texts = world.texts(people[0], room);
    assert_eq!(texts.len(), 10);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    all_show(&world, room, &people, &texts);
}

#[test]
fn a_client_is_in_the_room_while_the_inviter_sleeps() {
    let (mut world, people) = office(3, &["Bo"]);
    let bo = people[1];
    world.invite_guest(bo, None, "Frau K.");
    world.settle();
    let link = world.link(bo, "Frau K.").expect("ready");
    world.offline(bo);

    let guest = world.join("Gast", &link);
    let room = world.devices[guest]
        .client
        .first_room()
        .expect("reads")
        .expect("in a room");
    assert!(!world.view(guest, room).settling, "has keys of its own");
    assert_eq!(world.texts(guest, room), ["Guten Tag Frau K."]);
    let shown = |line: &Body| *line == Body::Notice(notice());
    assert!(
        world
            .lines(guest, room)
            .iter()
            .any(|line| shown(&line.body))
    );
    let consent = Kind::Consent {
        notice_version: notice().version,
        language: "de".into(),
        granted: true,
        notice_hash: siegel_proto::ids::ContentHash::of(notice().body.as_bytes()),
    };
    world.say_kind(guest, room, &consent);
    world.say(guest, room, "Danke");
    world.settle();

    world.online(bo);
    world.settle();
    all_show(&world, room, &[bo, guest], &["Guten Tag Frau K.", "Danke"]);
    let lines = world.lines(bo, room);
    assert!(
        lines
            .iter()
            .any(|line| matches!(line.body, Body::Arrived(_)))
    );
    assert!(
        lines
            .iter()
            .any(|line| matches!(line.body, Body::Consent { granted: true, .. }))
    );
    let members = world.members(bo, room);
    assert!(members.iter().all(|member| !member.provisional));
    let used = world.devices[bo].client.invitations().expect("reads");
    assert!(used[0].used);

    // The link is worth nothing any more.
    let late = world.join("Zweiter", &link);
    assert!(world.devices[late].client.profile().is_err());
}

#[test]
fn a_withdrawn_invitation_leaves_nobody_behind() {
    let (mut world, people) = office(4, &["Bo"]);
    let bo = people[1];
    world.invite_guest(bo, None, "Herr M.");
    world.settle();
    let link = world.link(bo, "Herr M.").expect("ready");
    let invitation = world.devices[bo]
        .client
        .invitations()
        .expect("reads")
        .remove(0);
    let room = invitation.room.expect("a room");
    assert_eq!(world.view(bo, room).members, 2);
    world.command(bo, || siegel_client_core::Command::Withdraw(invitation.id));
    world.settle();
    assert_eq!(world.view(bo, room).members, 1);
    let late = world.join("Gast", &link);
    assert!(world.devices[late].client.profile().is_err());
}

#[test]
fn two_managers_change_the_room_at_once() {
    let (mut world, people) = office(5, &["Bo", "Cem", "Dana"]);
    let [anna, bo, cem, dana] = people[..] else {
        panic!("four people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.promote(anna, room, bo);
    world.settle();
    world.add(anna, room, cem);
    world.add(bo, room, dana);
    world.command(anna, || siegel_client_core::Command::Rename {
        room,
        title: "Alle".into(),
    });
    world.say(bo, room, "wir sind mehr");
    world.settle();
    assert_eq!(world.view(cem, room).members, 4);
    assert_eq!(world.view(cem, room).title, "Alle");
    world.say(dana, room, "ich auch");
    world.settle();
    agree(&world, room, &people);
    assert_eq!(world.texts(anna, room), ["wir sind mehr", "ich auch"]);
}

#[test]
fn who_is_removed_reads_nothing_more() {
    let (mut world, people) = office(6, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    world.say(anna, room, "vorher");
    world.settle();
    world.remove(anna, room, cem);
    world.say(anna, room, "nachher");
    world.settle();
    assert_eq!(world.view(cem, room).stage, Stage::Removed);
    assert_eq!(world.texts(cem, room), ["vorher"]);
    all_show(&world, room, &[anna, bo], &["vorher", "nachher"]);
    assert!(world.try_command(cem, say(room, "hört mich wer")).is_err());
}

fn say(room: RoomId, text: &str) -> siegel_client_core::Command {
    siegel_client_core::Command::Say {
        room,
        kind: text_kind(text),
    }
}

/// The device is told by the relay alone that its seat is gone; when it is added again its
/// Welcome comes before that news.
#[test]
fn removed_while_away_shows_and_an_addition_brings_back() {
    let (mut world, people) = office(7, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    world.say(anna, room, "eins");
    world.settle();
    world.offline(cem);
    world.remove(anna, room, cem);
    world.say(anna, room, "zwei");
    world.settle();
    world.online(cem);
    world.settle();
    assert!(world.view(cem, room).shut);
    world.offline(cem);
    world.add(anna, room, cem);
    world.settle();
    world.remove(anna, room, cem);
    world.settle();
    world.add(anna, room, cem);
    world.say(anna, room, "drei");
    world.settle();
    world.online(cem);
    world.settle();
    assert!(!world.view(cem, room).shut);
    world.say(cem, room, "vier");
    world.settle();
    agree(&world, room, &people);
    assert_eq!(world.texts(cem, room), ["eins", "drei", "vier"]);
    all_show(&world, room, &[anna, bo], &["eins", "zwei", "drei", "vier"]);
}

#[test]
fn removed_and_added_while_away_is_back_at_once() {
    let (mut world, people) = office(8, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.offline(bo);
    world.remove(anna, room, bo);
    world.settle();
    world.add(anna, room, bo);
    world.say(anna, room, "wieder da");
    world.settle();
    world.online(bo);
    world.settle();
    all_show(&world, room, &[anna, bo], &["wieder da"]);
}

#[test]
fn attack_15_a_leaver_is_removed_before_anything_else_is_said() {
    let (mut world, people) = office(9, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(bo, "Fall", &[anna, cem]);
    world.say(bo, room, "vorher");
    world.settle();
    world.invite_guest(bo, Some(room), "Klient");
    world.settle();
    let link = world.link(bo, "Klient").expect("ready");
    let guest = world.join("Gast", &link);
    world.offline(guest);
    world.offline(cem);
    // Bo, the only manager, leaves the organisation.
    world.revoke(anna, bo);
    world.say(anna, room, "nachher");
    world.settle();
    assert!(world.devices[bo].client.profile().expect("reads").revoked);
    assert!(!world.texts(bo, room).contains(&"nachher".into()));
    world.online(cem);
    world.settle();
    world.online(guest);
    world.settle();
    world.say(guest, room, "ich bin noch da");
    world.settle();
    agree(&world, room, &[anna, cem, guest]);
    for at in [anna, cem, guest] {
        assert_eq!(world.complaints(at, room), [], "{}", world.devices[at].name);
        let last = world.texts(at, room);
        assert!(
            last.ends_with(&["nachher".into(), "ich bin noch da".into()]),
            "{last:?}"
        );
    }
}

/// Commits a leaver made while he was trusted stay good for whoever comes back later.
#[test]
fn a_leavers_old_commits_are_still_read() {
    let (mut world, people) = office(10, &["Bo", "Cem", "Dana"]);
    let [anna, bo, cem, dana] = people[..] else {
        panic!("four people")
    };
    let room = world.create_room(bo, "Fall", &[anna, cem]);
    world.settle();
    world.offline(cem);
    world.offline(dana);
    world.add(bo, room, dana);
    world.say(bo, room, "auf Wiedersehen");
    world.settle();
    world.revoke(anna, bo);
    world.settle();
    world.online(cem);
    world.online(dana);
    world.settle();
    world.say(dana, room, "da");
    world.settle();
    assert_eq!(world.view(anna, room).members, 3);
    agree(&world, room, &[anna, cem, dana]);
    all_show(&world, room, &[anna, cem, dana], &["auf Wiedersehen", "da"]);
}

/// Whoever adds somebody who is revoked at that moment has done nothing wrong.
#[test]
fn adding_somebody_at_the_moment_of_revocation_parts_nobody() {
    let (mut world, people) = office(11, &["Bo", "Cem", "Dana"]);
    let [anna, bo, cem, dana] = people[..] else {
        panic!("four people")
    };
    let room = world.create_room(bo, "Team", &[anna, cem]);
    world.add(bo, room, dana);
    // Bo has Dana's key package and has sent the commit, when the revocation overtakes it.
    while world.up(bo) {}
    while world.down(bo) {}
    world.revoke(anna, dana);
    while world.up(anna) {}
    world.settle();
    world.say(bo, room, "nur wir");
    world.settle();
    assert_eq!(world.view(bo, room).members, 3);
    all_show(&world, room, &[anna, bo, cem], &["nur wir"]);
    let rooms = world.devices[dana].client.rooms().expect("reads");
    assert!(rooms.iter().all(|view| view.room != room));
}

#[test]
fn who_asks_to_leave_is_let_go() {
    let (mut world, people) = office(12, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    world.say_kind(cem, room, &Kind::Leave);
    world.settle();
    assert_eq!(world.view(cem, room).stage, Stage::Removed);
    assert_eq!(world.view(bo, room).members, 2);
    agree(&world, room, &[anna, bo]);
}

#[test]
fn edits_deletions_reactions_and_replies_reach_everybody() {
    let (mut world, people) = office(13, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    for text in ["eins", "zwei", "drei"] {
        world.say(anna, room, text);
    }
    world.settle();
    let id = |world: &World, text| world.message(bo, room, text).expect("shown");
    let (one, two, three) = (id(&world, "eins"), id(&world, "zwei"), id(&world, "drei"));
    world.offline(bo);
    world.say_kind(
        anna,
        room,
        &Kind::Edit {
            target: one,
            body: "1".into(),
        },
    );
    world.say_kind(anna, room, &Kind::Delete { target: two });
    world.say_kind(
        bo,
        room,
        &Kind::Reaction {
            target: three,
            emoji: "👍".into(),
        },
    );
    // Not his own: no effect.
    world.say_kind(bo, room, &Kind::Delete { target: three });
    world.say_kind(
        bo,
        room,
        &Kind::Text {
            body: "vier".into(),
            reply_to: Some(three),
        },
    );
    world.settle();
    world.online(bo);
    world.settle();
    all_show(&world, room, &people, &["1", "drei", "vier"]);
    for at in &people {
        let lines = world.lines(*at, room);
        let line = |text: &str| {
            let text = text.to_owned();
            lines
                .iter()
                .find(move |l| matches!(&l.body, Body::Text { body, .. } if *body == text))
        };
        assert!(line("1").expect("there").edited);
        assert_eq!(line("drei").expect("there").reactions.len(), 1);
        assert!(lines.iter().any(|line| line.body == Body::Deleted));
    }
}

#[test]
fn attack_38_fifteen_hundred_missed_messages_are_all_shown() {
    let (mut world, people) = office(14, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.offline(bo);
    let texts: Vec<String> = (0..1_500).map(|n| format!("Nachricht {n}")).collect();
    for text in &texts {
        world.say(anna, room, text);
        world.settle();
    }
    world.online(bo);
    world.settle();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    all_show(&world, room, &people, &texts);
}

/// A revocation that overtakes a commit whose answer is still out must not wedge its
/// sender, who cannot commit twice at once.
#[test]
fn urgent_work_waits_for_the_commit_under_way() {
    let (mut world, people) = office(15, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(bo, "Team", &[anna, cem]);
    world.command(bo, || siegel_client_core::Command::Rename {
        room,
        title: "Neu".into(),
    });
    world.revoke(anna, cem);
    while world.up(anna) {}
    while world.down(bo) {}
    world.say(bo, room, "weiter");
    world.settle();
    assert_eq!(world.view(bo, room).title, "Neu");
    all_show(&world, room, &[anna, bo], &["weiter"]);
}

/// The relay's refusal of an attempt that was replaced meanwhile says nothing about the
/// one that replaced it.
#[test]
fn a_late_refusal_does_not_touch_the_newer_attempt() {
    let (mut world, people) = office(16, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    for round in 0..10 {
        // Bo speaks in the old epoch while Anna's commit is on its way to him.
        world.command(anna, || siegel_client_core::Command::Rename {
            room,
            title: format!("Titel {round}"),
        });
        while world.up(anna) {}
        world.say(bo, room, &format!("Satz {round}"));
        while world.up(bo) {}
        world.settle();
        world.say(cem, room, &format!("Antwort {round}"));
        world.settle();
    }
    for at in &people {
        assert_eq!(
            world.complaints(*at, room),
            [],
            "{}",
            world.devices[*at].name
        );
        assert_eq!(world.texts(*at, room).len(), 20);
        assert!(!world.view(*at, room).split_view);
    }
}

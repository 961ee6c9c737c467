//! What random walks found: each fault as the shortest story that shows it. Those of disks that
//! are put back stand in `disks`.

use siegel_client_core::Command;
use siegel_client_core::room::timeline::Body;
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::Kind;
use siegel_proto::organisation::Policy;
use siegel_proto::room::EntryKind;
use siegel_tests::simulation::scenario::damage_the_next_commit;

use super::stories::{agree, all_show, office};

/// A revocation was a request and nothing else: the line broke, and nobody was revoked.
#[test]
fn a_revocation_survives_a_broken_line_and_a_crash() {
    let (mut world, people) = office(31, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    world.offline(anna);
    world.revoke(anna, bo);
    world.crash(anna);
    world.online(anna);
    world.revoke(anna, cem);
    world.cut(anna, false);
    world.settle();
    for at in [bo, cem] {
        let profile = world.devices[at].client.profile().expect("reads");
        assert!(profile.revoked, "{}", world.devices[at].name);
    }
    assert_eq!(world.relay.organisation.revocations.len(), 2);
}

/// A policy that was set while the line was down was never told to anybody.
#[test]
fn a_policy_set_without_a_line_reaches_everybody() {
    let (mut world, people) = office(37, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    world.offline(anna);
    for days in [60, 30] {
        world.command(anna, || {
            Command::SetPolicy(Policy {
                retention_days: days,
                ..Policy::default()
            })
        });
    }
    world.crash(anna);
    world.online(anna);
    world.settle();
    for at in [anna, bo] {
        let profile = world.devices[at].client.profile().expect("reads");
        assert_eq!(profile.policy.retention_days, 30);
        assert_eq!(profile.policy.version, 3);
    }
}

/// A colleague whose key packages are too old was silently not added.
#[test]
fn attack_13_an_addition_without_a_sound_key_package_fails_visibly() {
    let (mut world, people) = office(32, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[]);
    // By Anna's clock all that Bo has published is long past.
    world.devices[anna].skew = 40 * 86_400;
    world.add(anna, room, bo);
    world.settle();
    assert_eq!(world.view(anna, room).members, 1);
    assert_eq!(world.view(anna, room).failed, 1);
    assert_eq!(world.view(anna, room).waiting, 0);
    world.devices[anna].skew = 0;
    world.add(anna, room, bo);
    world.settle();
    assert_eq!(world.view(anna, room).members, 2);
}

/// Whoever came in by a Welcome and found the first entries run out waited for somebody
/// else to speak.
#[test]
fn a_newcomer_who_missed_entries_shows_the_gap_and_may_speak() {
    let (mut world, people) = office(34, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[]);
    world.offline(bo);
    world.add(anna, room, bo);
    world.settle();
    world.say(anna, room, "zu spät");
    world.settle();
    let log = world.relay.logs.get_mut(&room).expect("there");
    log.expire(log.room.next_seq - 1);
    world.online(bo);
    world.settle();
    world.say(bo, room, "da bin ich");
    world.settle();
    assert_eq!(world.texts(anna, room), ["zu spät", "da bin ich"]);
    assert_eq!(world.texts(bo, room), ["da bin ich"]);
    let gap = [Body::Missing { entries: 1 }];
    assert_eq!(world.complaints(bo, room), gap);
}

/// Said, taken by the relay, and gone from one's own screen: the answer came when the
/// device had been removed and let in again.
#[test]
fn what_was_taken_before_a_removal_stays_on_the_authors_screen() {
    let (mut world, people) = office(35, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    // As long as Cem has not read it, the relay keeps it.
    world.offline(cem);
    world.offline(anna);
    world.say(bo, room, "noch schnell");
    while world.up(bo) {}
    world.offline(bo);
    world.online(anna);
    world.settle();
    world.remove(anna, room, bo);
    world.settle();
    world.add(anna, room, bo);
    world.settle();
    // Bo hears this before the relay says that it has his words.
    let target = world.message(anna, room, "noch schnell").expect("is there");
    let emoji = "👍".to_owned();
    world.say_kind(anna, room, &Kind::Reaction { target, emoji });
    world.settle();
    world.online(bo);
    world.settle();
    world.online(cem);
    world.settle();
    all_show(&world, room, &[anna, bo, cem], &["noch schnell"]);
    for at in [anna, bo, cem] {
        let lines = world.lines(at, room);
        let line = lines.iter().find(|line| line.message == Some(target));
        assert_eq!(line.expect("is there").reactions.len(), 1);
    }
}

/// A client's wish to add somebody was put into the outbox, could never be carried out,
/// and everything the client said afterwards waited behind it for ever.
#[test]
fn a_client_may_not_change_members_and_goes_on_speaking() {
    let (mut world, people) = office(36, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    world.invite_guest(anna, None, "Frau K.");
    world.settle();
    let link = world.link(anna, "Frau K.").expect("ready");
    let guest = world.join("Gast", &link);
    let client = &world.devices[guest].client;
    let room = client.first_room().expect("reads").expect("in a room");
    let person = world.person(anna);
    let people = vec![world.person(bo)];
    for command in [
        Command::Add {
            room,
            people: vec![person],
        },
        Command::Add { room, people },
        Command::Remove { room, person },
        Command::Promote { room, person },
    ] {
        assert!(world.try_command(guest, command).is_err());
    }
    world.say(guest, room, "ich bin noch da");
    world.settle();
    all_show(
        &world,
        room,
        &[anna, guest],
        &["Guten Tag Frau K.", "ich bin noch da"],
    );
}

/// A device that had lost a commit could not read its own removal either: when it was let in
/// again it sat on at the old epoch, and nobody heard it.
#[test]
fn who_lost_a_commit_and_is_let_in_again_is_back() {
    let (mut world, people) = office(95, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    world.offline(bo);
    world.remove(anna, room, cem);
    world.settle();
    let log = world.relay.logs.get_mut(&room).expect("is there");
    log.expire(log.room.next_seq - 1);
    world.online(bo);
    world.settle();
    assert_ne!(world.view(bo, room).epoch, world.view(anna, room).epoch);
    world.remove(anna, room, bo);
    world.settle();
    world.add(anna, room, bo);
    world.settle();
    agree(&world, room, &[anna, bo]);
    world.say(bo, room, "wieder da");
    world.settle();
    assert_eq!(world.texts(anna, room), ["wieder da"]);
    assert_eq!(world.complaints(anna, room), []);
}

/// The relay damages a commit for one member only: no commit is taken back for it, and that
/// member is let in again.
#[test]
fn attack_19_who_alone_cannot_read_a_commit_is_let_in_again() {
    let (mut world, people) = office(19, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    world.settle();
    damage_the_next_commit(&mut world, room, cem);
    world.command(anna, || Command::Rename {
        room,
        title: "Fall 9".into(),
    });
    world.settle();
    assert!(world.view(cem, room).refused);
    assert!(world.view(anna, room).split_view, "told to everybody else");
    world.remove(anna, room, cem);
    world.settle();
    world.add(anna, room, cem);
    world.settle();
    agree(&world, room, &people);
    world.say(cem, room, "wieder da");
    world.settle();
    assert_eq!(world.texts(bo, room), ["wieder da"]);
    let voids = world.relay.accepted.iter();
    assert_eq!(voids.filter(|e| e.kind == EntryKind::Void).count(), 0);
}

/// The relay gives a manager another commit than the others, and takes back for her what
/// stands at theirs. When its epochs have come to the same number again, nothing may be said
/// into the history that she does not share.
#[test]
fn attack_20_who_stands_alone_says_nothing_until_let_in_again() {
    let (mut world, people) = office(20, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    world.promote(anna, room, bo);
    world.settle();
    damage_the_next_commit(&mut world, room, anna);
    world.command(bo, || Command::Rename {
        room,
        title: "Fall 8".into(),
    });
    world.settle();
    world.relay.perversion = None;
    // The relay's epoch is again the number that Bo's and Cem's group has.
    world.command(anna, || Command::Rename {
        room,
        title: "Fall 9".into(),
    });
    world.settle();
    assert_eq!(world.view(cem, room).epoch, world.view(anna, room).epoch);
    world.say(cem, room, "hört mich jemand?");
    world.settle();
    assert_eq!(world.view(cem, room).waiting, 1, "waits and is not lost");
    assert!(world.view(cem, room).split_view, "and Cem is told why");
    for at in [bo, cem] {
        world.remove(anna, room, at);
        world.settle();
        world.add(anna, room, at);
        world.settle();
    }
    agree(&world, room, &people);
    world.say(bo, room, "wieder da");
    world.settle();
    assert_eq!(
        world.texts(anna, room).last().map(String::as_str),
        Some("wieder da")
    );
}

/// Who was revoked before the answer to the enrolment had arrived tried to enrol for ever.
#[test]
fn who_is_revoked_while_joining_is_told() {
    let (mut world, people) = office(217, &[]);
    let anna = people[0];
    world.command(anna, || Command::InviteStaff {
        label: "Bo".into(),
        role: PersonRole::Staff,
    });
    world.settle();
    let link = world.link(anna, "Bo").expect("is ready");
    let bo = world.add_device("Bo");
    let join = Command::Join {
        link: link.parse().expect("a link"),
        name: "Bo".into(),
        position: String::new(),
    };
    world.try_command(bo, join).expect("a new device may join");
    // The relay takes the enrolment, and its answer never arrives.
    while !world.devices[bo].client.profile().is_ok_and(|p| !p.ready) {
        assert!(world.connect(bo) | world.http(bo, false) | world.up(bo) | world.down(bo));
    }
    let person = world.person(bo);
    while !world.relay.organisation.knows(person) {
        assert!(world.connect(bo) | world.up(bo) | world.down(bo));
    }
    world.cut(bo, false);
    world.offline(bo);
    world.revoke(anna, bo);
    world.settle();
    world.online(bo);
    world.settle();
    let profile = world.devices[bo].client.profile().expect("reads");
    assert!(profile.revoked);
}

/// Whom the relay does not take in has no session, and was never told that it is revoked.
#[test]
fn who_was_refused_asks_again_and_is_told_of_the_revocation() {
    let (mut world, people) = office(20_013, &[]);
    let anna = people[0];
    // By the relay's clock the invitation has run out when it is made.
    world.devices[anna].skew = -90 * 86_400;
    world.command(anna, || Command::InviteStaff {
        label: "Bo".into(),
        role: PersonRole::Staff,
    });
    world.settle();
    let link = world.link(anna, "Bo").expect("is ready");
    let bo = world.join("Bo", &link);
    let profile = world.devices[bo].client.profile().expect("reads");
    assert!(!profile.ready && !profile.revoked);
    world.revoke(anna, bo);
    world.settle();
    world.tick(bo);
    world.settle();
    let profile = world.devices[bo].client.profile().expect("reads");
    assert!(profile.revoked);
}

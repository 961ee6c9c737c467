//! What random walks found with disks that are put back: each fault as the shortest story that
//! shows it.

use siegel_client_core::Command;
use siegel_client_core::event::Failure;
use siegel_client_core::room::timeline::Body;
use siegel_proto::content::Kind;
use siegel_proto::room::EntryKind;
use siegel_tests::simulation::model::{Model, Saying};
use siegel_tests::simulation::people::text_kind;

use super::stories::{all_show, office};

/// A device's key packages at the relay, when it has just filled them up.
const KEY_PACKAGE_POOL: usize = 40;

/// A manager whose state was put back across a commit could not read the next one, took
/// it for a bad one and took it back, and its author was removed for it.
#[test]
fn attack_26_a_manager_who_was_put_back_leaves_sound_commits_alone() {
    let (mut world, people) = office(33, &["Bo", "Cem"]);
    let [anna, bo, cem] = people[..] else {
        panic!("three people")
    };
    let room = world.create_room(anna, "Team", &[bo, cem]);
    world.promote(anna, room, bo);
    world.settle();
    let old = world.devices[anna].disk.clone();
    let rename = |title: &str| Command::Rename {
        room,
        title: title.into(),
    };
    world.command(bo, || rename("eins"));
    world.settle();
    world.put_back(anna, old);
    world.settle();
    world.command(bo, || rename("zwei"));
    world.settle();
    world.say(cem, room, "weiter");
    world.settle();
    assert!(
        world
            .relay
            .accepted
            .iter()
            .all(|e| e.kind != EntryKind::Void)
    );
    assert_eq!(world.view(bo, room).title, "zwei");
    assert!(world.view(anna, room).rolled_back);
    let missing = |body: &Body| matches!(body, Body::Missing { .. });
    let lines = world.lines(anna, room);
    assert!(
        lines.iter().any(|line| missing(&line.body)),
        "shows the gap"
    );
    // Let in again, Anna reads and is heard.
    world.remove(bo, room, anna);
    world.settle();
    world.add(bo, room, anna);
    world.settle();
    world.say(anna, room, "wieder da");
    world.settle();
    assert_eq!(world.texts(cem, room), ["weiter", "wieder da"]);
}

/// Who was put back cannot process a commit of its own and takes it back: the next one leads
/// into another epoch of the same number, and the model took the first for the only one. What
/// the room shows is then what the disk knows, to the link that works no more; it says why,
/// and the person can take the client out again.
#[test]
fn who_was_put_back_takes_back_a_commit_of_its_own() {
    let (mut world, people) = office(186, &[]);
    let anna = people[0];
    world.invite_guest(anna, None, "Frau K.");
    world.settle();
    let client = &world.devices[anna].client;
    let (room, invitation) = (
        client.rooms().expect("reads")[0].room,
        client.invitations().expect("reads")[0].id,
    );
    let old = world.devices[anna].disk.clone();
    let mut model = Model::default();
    world.command(anna, || Command::Withdraw(invitation));
    // Anna merges the removal, and the relay does not hear that she has it.
    while world.view(anna, room).members == 2 {
        assert!(world.up(anna) || world.down(anna));
    }
    let first = world.view(anna, room);
    assert_eq!(model.look(&world, anna, room), Ok(()));
    world.cut(anna, false);
    world.put_back(anna, old);
    model.put_back.insert(anna);
    world.settle();
    let complaints = world.complaints(anna, room);
    assert_eq!(complaints, [Body::CommitRefused, Body::CommitVoided]);
    world.command(anna, || Command::Rename {
        room,
        title: "Fall 5".into(),
    });
    world.settle();
    let second = world.view(anna, room);
    assert_eq!(first.epoch, second.epoch);
    assert_ne!(first.state, second.state);
    assert_eq!((second.members, second.refused), (2, false));
    assert_eq!(model.look(&world, anna, room), Ok(()));
    world.command(anna, || Command::Withdraw(invitation));
    world.settle();
    assert_eq!(world.view(anna, room).members, 1);
    world.say(anna, room, "weiter");
    world.settle();
    assert_eq!(world.view(anna, room).waiting, 0);
}

/// Who was put back and let in again spoke under numbers that others had heard already, and
/// they passed over it.
#[test]
fn attack_26_who_was_put_back_and_let_in_again_is_heard() {
    let (mut world, people) = office(30, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    let old = world.devices[bo].disk.clone();
    for text in ["eins", "zwei", "drei"] {
        world.say(bo, room, text);
        world.settle();
    }
    world.offline(bo);
    world.put_back(bo, old);
    world.remove(anna, room, bo);
    world.settle();
    world.add(anna, room, bo);
    world.settle();
    world.online(bo);
    world.settle();
    world.say(bo, room, "vier");
    world.settle();
    let target = world.message(anna, room, "vier").expect("is heard");
    let body = "fünf".to_owned();
    world.say_kind(bo, room, &Kind::Edit { target, body });
    world.settle();
    assert_eq!(world.texts(anna, room), ["eins", "zwei", "drei", "fünf"]);
    assert_eq!(world.complaints(anna, room), []);
}

/// Who was put back needs new keys before anything is said; behind waiting messages stood a
/// change of the room, and the new keys were thought to come with that.
#[test]
fn attack_26_who_was_put_back_says_what_waits_before_a_change() {
    let (mut world, people) = office(18, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    let old = world.devices[anna].disk.clone();
    world.say(anna, room, "eins");
    world.settle();
    world.offline(anna);
    world.put_back(anna, old);
    world.say(anna, room, "zwei");
    world.command(anna, || Command::Rename {
        room,
        title: "Fall 7".into(),
    });
    world.say(anna, room, "drei");
    world.online(anna);
    world.settle();
    assert_eq!(world.texts(bo, room), ["eins", "zwei", "drei"]);
    assert_eq!(world.view(bo, room).title, "Fall 7");
    assert_eq!(world.view(anna, room).waiting, 0);
}

/// Who was put back knows nothing of the key packages made since, and could not be added to
/// any room as long as the relay had one of them.
#[test]
fn attack_26_who_was_put_back_makes_its_key_packages_anew() {
    let (mut world, people) = office(22, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let team = world.create_room(anna, "Team", &[bo]);
    let old = world.devices[bo].disk.clone();
    // Adding somebody who is there takes a key package and changes nothing.
    for _ in 0..KEY_PACKAGE_POOL {
        world.add(anna, team, bo);
        world.settle();
    }
    for online in [false, true, false] {
        match online {
            true => world.online(bo),
            false => world.offline(bo),
        }
        world.settle();
    }
    world.put_back(bo, old);
    let room = world.create_room(anna, "Fall", &[bo]);
    world.online(bo);
    world.settle();
    assert_eq!(world.room_named(bo, "Fall"), None, "the Welcome is lost");
    world.remove(anna, room, bo);
    world.settle();
    world.add(anna, room, bo);
    world.settle();
    world.say(bo, room, "da bin ich");
    world.settle();
    all_show(&world, room, &[anna, bo], &["da bin ich"]);
}

/// The acknowledgement of a Welcome was lost and not given again. A disk put back to before it
/// joined by it once more: it began the log's chain where it had read to, took what others said
/// for another log, and spoke under keys and counts that were used up.
#[test]
fn attack_26_who_was_put_back_does_not_join_by_a_welcome_it_has_used() {
    let (mut world, people) = office(498, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    world.offline(bo);
    let room = world.create_room(anna, "Team", &[bo]);
    world.settle();
    let old = world.devices[bo].disk.clone();
    world.online(bo);
    while world.room_named(bo, "Team").is_none() {
        assert!(world.connect(bo) || world.up(bo) || world.down(bo));
    }
    world.cut(bo, false);
    world.settle();
    for text in ["eins", "zwei"] {
        world.say(bo, room, text);
        world.settle();
    }
    world.put_back(bo, old);
    world.settle();
    let joined = world.room_named(bo, "Team");
    world.say(anna, room, "drei");
    world.settle();
    assert_eq!(joined.map(|room| world.complaints(bo, room)), None);
    world.remove(anna, room, bo);
    world.settle();
    world.add(anna, room, bo);
    world.settle();
    world.say(bo, room, "vier");
    world.settle();
    assert_eq!(world.texts(anna, room), ["eins", "zwei", "drei", "vier"]);
    all_show(&world, room, &[bo], &["vier"]);
}

/// The first thing said after a disk was put back may be the very first thing ever said, from
/// an outbox that was put back with it: others took the new count for a repetition of the old
/// and passed over everything up to where that had come.
#[test]
fn attack_26_a_count_that_begins_anew_with_the_same_words_is_a_new_count() {
    let (mut world, people) = office(2042, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.settle();
    world.offline(anna);
    world.say(anna, room, "eins");
    let old = world.devices[anna].disk.clone();
    world.online(anna);
    world.settle();
    for text in ["zwei", "drei"] {
        world.say(anna, room, text);
        world.settle();
    }
    // The relay has forgotten the message by the time it is sent again.
    let log = world.relay.logs.get_mut(&room).expect("is there");
    log.expire(log.room.next_seq - 1);
    world.offline(anna);
    world.put_back(anna, old);
    world.say(anna, room, "vier");
    world.online(anna);
    world.settle();
    assert_eq!(world.texts(bo, room), ["eins", "zwei", "drei", "vier"]);
}

/// A manager whose disk was put back takes back her own removal of Cem; what Bo had said since
/// was said again, in an epoch that Cem's keys open. Who manages the room removes Cem again
/// first; who does not keeps quiet.
#[test]
fn attack_26_words_said_without_somebody_are_not_said_again_to_them() {
    for bo_manages in [true, false] {
        let (mut world, people) = office(187, &["Bo", "Cem"]);
        let [anna, bo, cem] = people[..] else {
            panic!("three people")
        };
        let room = world.create_room(anna, "Team", &[bo, cem]);
        if bo_manages {
            world.promote(anna, room, bo);
        }
        world.settle();
        let old = world.devices[anna].disk.clone();
        world.offline(cem);
        world.remove(anna, room, cem);
        // Anna merges the removal, and the relay does not hear that she has it.
        while world.view(anna, room).members == 3 {
            assert!(world.up(anna) || world.down(anna));
        }
        world.offline(anna);
        world.settle();
        let removed = world.view(bo, room).cursor;
        world.say(bo, room, "Cem darf das nicht wissen");
        world.settle();
        world.offline(bo);
        world.say(bo, room, "und das auch nicht");
        world.put_back(anna, old);
        world.online(anna);
        world.settle();
        world.online(bo);
        world.settle();
        let withheld = world.failures(bo, room);
        if bo_manages {
            assert_eq!(withheld, []);
            let members = world.members(bo, room);
            assert!(
                members
                    .iter()
                    .all(|member| member.person != world.person(cem))
            );
            assert_eq!(world.view(bo, room).waiting, 0);
        } else {
            let reasons: Vec<Failure> = withheld.into_iter().map(|(_, why)| why).collect();
            assert_eq!(reasons, [Failure::MemberBack]);
        }
        // Cem's program passes over its own removal and what took it back, as a cheat's would.
        world.relay.perversion = Some(Box::new(move |at, deliver| {
            match at == cem && (removed..removed + 4).contains(&deliver.seq) {
                true if deliver.room == room => Vec::new(),
                _ => vec![deliver],
            }
        }));
        world.online(cem);
        world.settle();
        assert_eq!(world.texts(cem, room), Vec::<String>::new());
    }
}

/// What Bo had said in the epoch that a manager's lost disk takes back is said again: one line
/// for whoever had read it, and one for the manager, who could not.
#[test]
fn what_is_said_again_is_one_line() {
    let (mut world, people) = office(858, &["Bo"]);
    let [anna, bo] = people[..] else {
        panic!("two people")
    };
    let room = world.create_room(anna, "Team", &[bo]);
    world.settle();
    let old = world.devices[anna].disk.clone();
    world.command(anna, || Command::Rename {
        room,
        title: "Neu".into(),
    });
    while world.view(anna, room).title != "Neu" {
        assert!(world.up(anna) || world.down(anna));
    }
    world.offline(anna);
    world.settle();
    world.say(bo, room, "eins");
    world.settle();
    world.put_back(anna, old);
    world.online(anna);
    world.settle();
    for at in [anna, bo] {
        assert_eq!(world.texts(at, room), ["eins"]);
    }
    let mut model = Model::default();
    model.put_back.insert(anna);
    let saying = Saying {
        by: bo,
        room,
        kind: text_kind("eins"),
        gone_with_the_disk: false,
    };
    let message = world.message(bo, room, "eins").expect("is there");
    model.said.insert(message, saying);
    assert_eq!(model.judge(&world), Ok(()));
}

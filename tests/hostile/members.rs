//! Members who say what an honest client would not: again, for others, out of time, too
//! much.

use siegel_client_core::room::timeline::Body;
use siegel_proto::content::Kind;
use siegel_proto::ids::MessageId;
use siegel_proto::room::{AppendKind, Deliver};
use siegel_tests::hostile::{Cheat, relay};
use siegel_tests::simulation::people::text_kind;

use super::{shows, still_talk, team};

#[test]
fn attack_22_a_content_that_is_sent_again_is_shown_once() {
    let (mut world, [anna, bo, cem], room) = team(2201, ["Anna", "Bo", "Cem"]);
    let mut bo = Cheat::take_over(&mut world, bo);
    let once = bo.content(room, text_kind("einmal"));
    for _ in 0..3 {
        let sealed = bo.encrypt(room, &once);
        bo.append(&mut world, room, AppendKind::Message, sealed);
    }
    world.settle();
    // Under the next number, and after others have spoken.
    world.say(anna, room, "dazwischen");
    world.settle();
    let mut next = once.clone();
    next.counter += 1;
    next.previous = once.chain();
    for content in [&next, &once] {
        let sealed = bo.encrypt(room, content);
        bo.append(&mut world, room, AppendKind::Message, sealed);
    }
    world.settle();
    for at in [anna, cem] {
        assert_eq!(world.texts(at, room), ["einmal", "dazwischen"]);
    }
    still_talk(&mut world, room, &[anna, cem]);
}

/// Relay and member together: the member uses the id of somebody's message before that
/// message is there. The true one must be shown, and stay its author's.
#[test]
fn attack_22_nobody_takes_the_place_of_anothers_message() {
    for cheat_first in [true, false] {
        let (mut world, [anna, bo, cem], room) = team(2202, ["Anna", "Bo", "Cem"]);
        let mut bo = Cheat::take_over(&mut world, bo);
        let (tamper, held) = relay::hold_messages(cem);
        world.relay.tamper = Some(tamper);
        world.say(anna, room, "von Anna");
        world.settle();
        let id = world.message(anna, room, "von Anna").expect("there");
        let mut forged = bo.content(room, text_kind("nicht von Anna"));
        forged.message = id;
        let sealed = bo.encrypt(room, &forged);
        bo.append(&mut world, room, AppendKind::Message, sealed);
        world.settle();
        world.relay.tamper = None;
        let [first, second] = &held.take()[..] else {
            panic!("two messages")
        };
        let mut order = [first.clone(), second.clone()];
        if cheat_first {
            order = [
                Deliver {
                    seq: first.seq,
                    ..second.clone()
                },
                Deliver {
                    seq: second.seq,
                    ..first.clone()
                },
            ];
        }
        for entry in order {
            world.slip(cem, entry);
        }
        world.settle();
        let of = |world: &siegel_tests::simulation::World, text: &str| {
            let lines = world.lines(cem, room);
            let line = lines
                .iter()
                .find(|line| matches!(&line.body, Body::Text { body, .. } if body == text));
            line.and_then(|line| line.author)
        };
        assert_eq!(of(&world, "von Anna"), Some(world.person(anna)));
        assert_eq!(of(&world, "nicht von Anna"), Some(world.person(bo.at)));
        // Anna alone changes what Anna said.
        let edit = Kind::Edit {
            target: id,
            body: "besser gesagt".into(),
        };
        world.say_kind(anna, room, &edit);
        world.settle();
        assert_eq!(of(&world, "besser gesagt"), Some(world.person(anna)));
        assert_eq!(of(&world, "nicht von Anna"), Some(world.person(bo.at)));
        world.say_kind(anna, room, &Kind::Delete { target: id });
        world.settle();
        assert_eq!(of(&world, "besser gesagt"), None);
        assert_eq!(world.texts(cem, room), ["nicht von Anna"]);
    }
}

/// Cem's leaf is Dana's by now; what Cem had said must not become hers.
#[test]
fn attack_23_a_late_message_is_not_read_as_from_whoever_has_the_leaf_now() {
    let (mut world, [anna, bo, cem], room) = team(2301, ["Anna", "Bo", "Cem"]);
    let dana = world.join_staff(anna, "Dana");
    let (tamper, held) = relay::hold_messages(bo);
    world.relay.tamper = Some(tamper);
    world.say(cem, room, "noch von Cem");
    world.settle();
    world.relay.tamper = None;
    world.remove(anna, room, cem);
    world.settle();
    world.add(anna, room, dana);
    world.settle();
    let late = held.take().remove(0);
    let next = world.view(bo, room).cursor + 1;
    world.slip(bo, Deliver { seq: next, ..late });
    world.settle();
    assert!(world.texts(bo, room).is_empty());
    assert_eq!(shows(&world, bo, room, &Body::Unreadable), 1);
}

/// Victims' ids in every field that has room for one: the author is the leaf's.
#[test]
fn attack_04_no_field_speaks_for_somebody_else() {
    let (mut world, [anna, bo, cem], room) = team(401, ["Anna", "Bo", "Cem"]);
    world.say(anna, room, "Annas Wort");
    world.settle();
    let target = world.message(anna, room, "Annas Wort").expect("there");
    let mut bo = Cheat::take_over(&mut world, bo);
    let (bo_person, cem_person) = (world.person(bo.at), world.person(cem));
    let kinds = [
        Kind::Edit {
            target,
            body: "verdreht".into(),
        },
        Kind::Delete { target },
        Kind::Verified { person: cem_person },
        Kind::Reaction {
            target,
            emoji: "👎".into(),
        },
    ];
    let (mut counter, mut previous) = (0, None);
    for kind in kinds {
        let mut content = bo.content(room, kind);
        content.counter += counter;
        content.previous = previous.unwrap_or(content.previous);
        (counter, previous) = (counter + 1, Some(content.chain()));
        let sealed = bo.encrypt(room, &content);
        bo.append(&mut world, room, AppendKind::Message, sealed);
    }
    world.settle();
    for at in [anna, cem] {
        assert_eq!(world.texts(at, room), ["Annas Wort"]);
        assert_eq!(world.complaints(at, room), []);
        let lines = world.lines(at, room);
        let line = lines.iter().find(|line| line.message == Some(target));
        let line = line.expect("there");
        assert!(!line.edited);
        let by: Vec<_> = line.reactions.keys().copied().collect();
        assert_eq!(by, [bo_person]);
        let verified = lines
            .iter()
            .find(|line| line.body == Body::Verified(cem_person));
        assert_eq!(verified.expect("shown").author, Some(bo_person));
        let members = world.members(at, room);
        assert!(members.iter().all(|member| !member.verified));
    }
}

/// A ratchet that jumps further than anybody follows costs one line.
#[test]
fn attack_37_a_ratchet_that_leaps_is_not_followed_for_ever() {
    let (mut world, [anna, bo, cem], room) = team(3701, ["Anna", "Bo", "Cem"]);
    let mut bo = Cheat::take_over(&mut world, bo);
    let content = bo.content(room, text_kind("weit weg"));
    let mut last = bo.encrypt(room, &content);
    for _ in 0..2_001 {
        last = bo.encrypt(room, &content);
    }
    bo.append(&mut world, room, AppendKind::Message, last);
    world.settle();
    for at in [anna, cem] {
        assert!(world.texts(at, room).is_empty());
        assert_eq!(shows(&world, at, room, &Body::Unreadable), 1);
    }
    still_talk(&mut world, room, &[anna, cem]);
}

/// Contents above their limits and of kinds that do not exist, sealed as they should be.
#[test]
fn attack_37_contents_above_their_limits_are_one_line_each() {
    let (mut world, [anna, bo, cem], room) = team(3702, ["Anna", "Bo", "Cem"]);
    let mut bo = Cheat::take_over(&mut world, bo);
    let long = |length| "x".repeat(length);
    let too_much = [
        text_kind(&long(siegel_proto::limits::TEXT_BYTES + 1)),
        Kind::Reaction {
            target: MessageId::new([1; 16]),
            emoji: long(siegel_proto::limits::EMOJI_BYTES + 1),
        },
        Kind::RetentionChange { days: 0 },
        Kind::RetentionChange { days: u32::MAX },
    ];
    for kind in &too_much {
        let content = bo.content(room, kind.clone());
        let sealed = bo.encrypt(room, &content);
        bo.append(&mut world, room, AppendKind::Message, sealed);
    }
    world.settle();
    for at in [anna, cem] {
        assert_eq!(
            shows(&world, at, room, &Body::Unreadable),
            too_much.len(),
            "{:?}",
            world.complaints(at, room)
        );
    }
    still_talk(&mut world, room, &[anna, cem]);
}

/// Reactions to what is not there, receipts for what never was: nobody's device answers.
#[test]
fn attack_55_nothing_a_member_sends_makes_a_device_answer() {
    let (mut world, [anna, bo, cem], room) = team(5501, ["Anna", "Bo", "Cem"]);
    world.invite_guest(anna, Some(room), "Klient");
    world.settle();
    let link = world.link(anna, "Klient").expect("ready");
    let guest = world.join("Gast", &link);
    let mut bo = Cheat::take_over(&mut world, bo);
    let before = world.relay.accepted.len();
    let (mut counter, mut previous) = (0, None);
    let probes = 200;
    for number in 0..probes {
        let kind = match number % 4 {
            0 => Kind::Reaction {
                target: MessageId::new(bo.rng.bytes()),
                emoji: "👀".into(),
            },
            1 => Kind::Receipt {
                read: number % 8 == 1,
                up_to: u64::MAX,
            },
            2 => Kind::Typing { active: true },
            _ => Kind::Delete {
                target: MessageId::new(bo.rng.bytes()),
            },
        };
        let mut content = bo.content(room, kind);
        content.counter += counter;
        content.previous = previous.unwrap_or(content.previous);
        (counter, previous) = (counter + 1, Some(content.chain()));
        let sealed = bo.encrypt(room, &content);
        bo.append(&mut world, room, AppendKind::Message, sealed);
        world.settle();
    }
    assert_eq!(world.relay.accepted.len() - before, probes);
    for at in [anna, cem, guest] {
        assert_eq!(world.complaints(at, room), [], "all of it was read");
    }
    // Reading is told only when a person reads, and never by a client's device.
    let up_to = world.view(guest, room).cursor;
    let read = || siegel_client_core::Command::MarkRead { room, up_to };
    world.command(guest, read);
    world.settle();
    assert_eq!(world.relay.accepted.len() - before, probes);
}

/// What the cheat seals under a state that others do not have is not read.
#[test]
fn attack_20_what_is_said_in_a_commit_nobody_got_is_not_read() {
    let (mut world, [anna, bo, cem], room) = team(2004, ["Anna", "Bo", "Cem"]);
    let mut bo = Cheat::take_over(&mut world, bo);
    bo.commit_without(room, b"nobody");
    bo.with_group(room, |group, provider, _| {
        group.merge_pending_commit(provider).expect("merges");
    });
    let content = bo.content(room, text_kind("aus einer anderen Welt"));
    let sealed = bo.encrypt(room, &content);
    // The relay is in on it and puts it where it would belong.
    for at in [anna, cem] {
        let seq = world.view(at, room).cursor + 1;
        let entry = Deliver {
            room,
            seq,
            kind: siegel_proto::room::EntryKind::Message,
            epoch: 0,
            payload: sealed.clone(),
            target: 0,
        };
        world.slip(at, entry);
    }
    world.settle();
    for at in [anna, cem] {
        assert!(world.texts(at, room).is_empty());
        assert_eq!(shows(&world, at, room, &Body::Unreadable), 1);
    }
}

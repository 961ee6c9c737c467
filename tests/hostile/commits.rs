//! Members who commit what they may not, or what only some can process; a relay that
//! takes commits back.

use openmls::prelude::{
    LeafNodeIndex, LeafNodeParameters, MlsGroup, MlsGroupJoinConfig, MlsMessageBodyIn,
    MlsMessageIn, PURE_PLAINTEXT_WIRE_FORMAT_POLICY,
};
use openmls_traits::OpenMlsProvider as _;
use siegel_client_core::Command;
use siegel_client_core::room::timeline::Body;
use siegel_proto::ids::RoomId;
use siegel_proto::room::{AppendKind, CommitEffects, EntryKind, SeatChanges};
use siegel_tests::hostile::{Cheat, cheat, relay};
use siegel_tests::simulation::{DeviceNo, World};
use tls_codec::DeserializeBytes as _;

use super::{shows, still_talk, team};

fn commit() -> AppendKind {
    AppendKind::Commit(CommitEffects::default())
}

/// Bo, who cheats, commits so that the victim cannot follow.
fn leave_behind(world: &mut World, room: RoomId, bo: &mut Cheat, victim: DeviceNo) {
    let vault = world.devices[victim].disk.vault().expect("opens");
    let chain = siegel_client_core::device::Device::load(&vault)
        .expect("joined")
        .keys
        .device_chain;
    let key = bo.encryption_key_of(room, &chain);
    let broken = bo.commit_without(room, &key);
    bo.append(world, room, commit(), broken);
    world.settle();
}

/// The whole way: some can follow the commit and some cannot; it shows at both, one word
/// of the manager's brings everybody together again, and nothing that was said is lost.
#[test]
fn attack_19_a_commit_only_some_can_process_is_taken_back_and_nobody_is_lost() {
    let (mut world, [anna, bo, cem, dana], room) = team(1901, ["Anna", "Bo", "Cem", "Dana"]);
    world.say(cem, room, "vorher");
    world.settle();
    let mut bo = Cheat::take_over(&mut world, bo);
    leave_behind(&mut world, room, &mut bo, cem);

    assert_eq!(shows(&world, cem, room, &Body::CommitRefused), 1);
    assert!(world.view(cem, room).refused);
    for at in [anna, dana] {
        assert!(world.view(at, room).contested, "{}", world.devices[at].name);
    }
    // Cem's words wait; Anna's go out in the epoch that will be taken back.
    world.say(cem, room, "wartet");
    world.say(anna, room, "dazwischen");
    world.settle();
    assert_eq!(world.texts(dana, room), ["vorher", "dazwischen"]);
    assert_eq!(world.view(cem, room).waiting, 1);

    world.command(anna, || Command::Repair(room));
    world.settle();
    for at in [anna, cem, dana] {
        let name = &world.devices[at].name;
        let view = world.view(at, room);
        assert!(!view.refused && !view.contested, "{name}");
        assert_eq!(view.members, 3, "{name}: who made the commit is gone");
        assert_eq!(shows(&world, at, room, &Body::CommitVoided), 1, "{name}");
        let mut texts = world.texts(at, room);
        texts.sort();
        assert_eq!(texts, ["dazwischen", "vorher", "wartet"], "{name}");
    }
    still_talk(&mut world, room, &[anna, cem, dana]);
}

/// A manager who is left behind does not have to be asked.
#[test]
fn attack_19_a_manager_who_is_left_behind_takes_the_commit_back_at_once() {
    let (mut world, [anna, bo, cem], room) = team(1902, ["Anna", "Bo", "Cem"]);
    let mut bo = Cheat::take_over(&mut world, bo);
    leave_behind(&mut world, room, &mut bo, anna);
    assert_eq!(shows(&world, anna, room, &Body::CommitRefused), 1);
    assert_eq!(shows(&world, cem, room, &Body::CommitVoided), 1);
    assert!(!world.view(anna, room).refused);
    still_talk(&mut world, room, &[anna, cem]);
}

/// What a colleague who is no manager may not do, done with an MLS group and no client:
/// every device refuses, stays at its epoch, and lets the cheat go.
#[test]
fn attack_02_commits_past_the_policy_are_refused_by_every_device() {
    let (mut world, [anna, bo, cem], room) = team(201, ["Anna", "Bo", "Cem"]);
    let state = world.view(cem, room).state;
    let members = world.view(cem, room).members;
    let mut bo = Cheat::take_over(&mut world, bo);
    let removal = bo.with_group(room, |group, provider, signer| {
        let anna = [LeafNodeIndex::new(0)];
        let (commit, _, _) = group
            .remove_members(provider, signer, &anna)
            .unwrap_or_else(|_| panic!("the library removes whom it is told"));
        commit.to_bytes().expect("encodes")
    });
    // The seats go on honestly: the relay removes nobody the cheat does not name.
    bo.append(&mut world, room, commit(), cheat::payload(removal));
    // Before anything is repaired, nobody has followed.
    for at in [anna, cem] {
        while world.down(at) {}
        assert_eq!(world.view(at, room).state, state);
        assert_eq!(world.view(at, room).members, members);
    }
    world.settle();
    for at in [anna, cem] {
        assert_eq!(shows(&world, at, room, &Body::CommitRefused), 1);
        assert_eq!(shows(&world, at, room, &Body::CommitVoided), 1);
        assert_eq!(world.view(at, room).members, 2, "the cheat is removed");
    }
    still_talk(&mut world, room, &[anna, cem]);
}

/// Everything MLS knows beside commits and messages of members, sent as either.
#[test]
fn attack_14_no_external_or_public_message_changes_a_room() {
    let (mut world, [anna, bo, cem], room) = team(1401, ["Anna", "Bo", "Cem"]);
    let mut bo = Cheat::take_over(&mut world, bo);
    let outsiders = foreign_messages(&mut bo, room);
    let members = |world: &World, at| {
        let members = world.members(at, room);
        members.iter().map(|m| m.person).collect::<Vec<_>>()
    };
    let (state, there) = (world.view(cem, room).state, members(&world, cem));
    for (name, message) in &outsiders {
        let payload = cheat::payload(message.clone());
        bo.append(&mut world, room, AppendKind::Message, payload);
        world.settle();
        for at in [anna, cem] {
            assert_eq!(world.view(at, room).state, state, "{name}");
            assert_eq!(members(&world, at), there, "{name}");
        }
    }
    for at in [anna, cem] {
        let unreadable = shows(&world, at, room, &Body::Unreadable);
        assert_eq!(unreadable, outsiders.len());
    }
    still_talk(&mut world, room, &[anna, cem]);
    for (name, message) in &outsiders {
        let payload = cheat::payload(message.clone());
        bo.append(&mut world, room, commit(), payload);
        world.settle();
        for at in [anna, cem] {
            let refused = shows(&world, at, room, &Body::CommitRefused);
            assert!(refused > 0, "{name}");
            assert!(!world.view(at, room).refused, "{name}: taken back");
            assert_eq!(members(&world, at), there, "{name}");
        }
        still_talk(&mut world, room, &[anna, cem]);
    }
}

/// Messages of every kind that this protocol does not use.
fn foreign_messages(bo: &mut Cheat, room: RoomId) -> Vec<(&'static str, Vec<u8>)> {
    let chain = bo.device.keys.device_chain.clone();
    let mut messages = bo.with_group(room, |group, provider, signer| {
        let info = group
            .export_group_info(provider.crypto(), signer, true)
            .expect("the library has one")
            .to_bytes()
            .expect("encodes");
        let read = MlsMessageIn::tls_deserialize_exact_bytes(&info).expect("reads");
        let MlsMessageBodyIn::GroupInfo(read) = read.extract() else {
            panic!("a group info")
        };
        let credential = openmls::prelude::CredentialWithKey {
            credential: openmls::prelude::BasicCredential::new(chain).into(),
            signature_key: signer.public_key().as_bytes().to_vec().into(),
        };
        let own = group.own_leaf_node().expect("a leaf");
        let parameters = LeafNodeParameters::builder()
            .with_extensions(own.extensions().clone())
            .with_capabilities(own.capabilities().clone())
            .build();
        let external = MlsGroup::external_commit_builder()
            .skip_lifetime_validation()
            .build_group(provider, read, credential)
            .unwrap_or_else(|_| panic!("the library joins from outside"))
            .leaf_node_parameters(parameters)
            .load_psks(provider.storage())
            .expect("no psk")
            .build(provider.rand(), provider.crypto(), signer, |_| true)
            .unwrap_or_else(|_| panic!("the library commits from outside"))
            .finalize(provider)
            .unwrap_or_else(|_| panic!("the library finishes"));
        let external = external.1.into_commit().to_bytes().expect("encodes");
        vec![("group info", info), ("external commit", external)]
    });
    // The library has put its new group in the old one's place; the cheat goes back.
    bo.start_over();
    let public = bo.with_group(room, |group, provider, signer| {
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(true)
            .build();
        group
            .set_configuration(provider.storage(), &config)
            .expect("stores");
        let proposal = group
            .propose_remove_member(provider, signer, LeafNodeIndex::new(0))
            .unwrap_or_else(|_| panic!("the library proposes"));
        let proposal = proposal.0.to_bytes().expect("encodes");
        group
            .clear_pending_proposals(provider.storage())
            .expect("clears");
        let bundle = group
            .self_update(provider, signer, LeafNodeParameters::default())
            .unwrap_or_else(|_| panic!("the library commits"));
        let commit = bundle.into_commit().to_bytes().expect("encodes");
        vec![("public proposal", proposal), ("public commit", commit)]
    });
    bo.start_over();
    messages.extend(public);
    messages
}

/// A relay that would like a removed member back: no member refused the commit, so nobody
/// goes back, nothing is said to whoever was removed, and it shows.
#[test]
fn attack_19_a_commit_the_relay_alone_takes_back_stands() {
    let (mut world, [anna, bo, cem], room) = team(1903, ["Anna", "Bo", "Cem"]);
    world.remove(anna, room, cem);
    world.settle();
    let state = world.view(anna, room).state;
    world.relay.take_back(room);
    world.settle();
    world.say(anna, room, "nicht für Cem");
    world.say(bo, room, "auch nicht");
    world.settle();
    for at in [anna, bo] {
        let view = world.view(at, room);
        assert_eq!((view.members, view.state), (2, state));
        assert_eq!(shows(&world, at, room, &Body::Unreadable), 1);
        assert_eq!(view.waiting, 1, "what is said waits, it is not lost");
        assert!(view.split_view, "and people are told why");
    }
    assert!(world.texts(cem, room).is_empty());
}

/// The relay has a member refuse another commit than the others got. That is no reason to
/// take theirs back, and it shows that the relay gave them different ones.
#[test]
fn attack_19_a_refusal_of_another_commit_takes_nothing_back() {
    let (mut world, [anna, bo, cem], room) = team(1904, ["Anna", "Bo", "Cem"]);
    world.relay.tamper = Some(relay::entries(move |device, mut entry| {
        if device == cem && entry.kind == EntryKind::Commit {
            entry.payload = vec![7; entry.payload.len()].into();
        }
        vec![entry]
    }));
    world.command(anna, || Command::Rename {
        room,
        title: "Neu".into(),
    });
    world.settle();
    assert!(world.view(cem, room).refused);
    for at in [anna, bo] {
        let view = world.view(at, room);
        assert!(!view.contested);
        assert!(view.split_view);
        assert_eq!(shows(&world, at, room, &Body::SplitView), 1);
    }
    world.relay.take_back(room);
    world.settle();
    for at in [anna, bo] {
        assert_eq!(world.view(at, room).title, "Neu");
        assert_eq!(world.view(at, room).members, 3, "nobody is blamed");
    }
}

/// The seats a cheat names are the relay's business, who is a member is the group's: a
/// seat without a leaf reads nothing and a leaf is not lost with its seat.
#[test]
fn attack_01_a_seat_without_a_leaf_is_no_member() {
    let (mut world, [anna, bo, cem], room) = team(101, ["Anna", "Bo", "Cem"]);
    let mut bo = Cheat::take_over(&mut world, bo);
    let ghost = siegel_proto::ids::SeatHash::new([6; 32]);
    let update = bo.commit_without(room, b"nobody");
    let effects = CommitEffects {
        seats: SeatChanges::Delta {
            add: vec![ghost],
            remove: Vec::new(),
        },
        ..CommitEffects::default()
    };
    bo.append(&mut world, room, AppendKind::Commit(effects), update);
    world.settle();
    assert!(world.relay.logs[&room].room.seats.contains_key(&ghost));
    for at in [anna, cem] {
        let members = world.members(at, room);
        assert_eq!(members.len(), 3);
        assert!(members.iter().all(|member| member.devices.len() == 1));
    }
    still_talk(&mut world, room, &[anna, cem]);
}

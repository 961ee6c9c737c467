//! A relay that invents people, devices, revocations and organisations.

use siegel_client_core::Event;
use siegel_client_core::device::Device;
use siegel_client_core::room::Stage;
use siegel_proto::ErrorCode;
use siegel_proto::Refusal;
use siegel_proto::directory::{Directory, DirectoryEntry, DirectoryEntryBody};
use siegel_proto::frame::Reply;
use siegel_proto::ids::{DeviceId, OrganisationId, PersonId, PublicKey, RoomId};
use siegel_proto::key_package::ClaimedKeyPackage;
use siegel_proto::organisation::{Policy, Revocation, Revoked, Signed};
use siegel_proto::room::{Deliver, EntryKind};
use siegel_tests::hostile::{directory, relay};
use siegel_tests::simulation::{DeviceNo, World};

use super::{still_talk, team};

fn inbox(world: &World, at: DeviceNo) -> RoomId {
    let vault = world.devices[at].disk.vault().expect("opens");
    let device = Device::load(&vault).expect("joined");
    device.inbox.expect("staff").room
}

/// Who is in a room, as a device shows it: people and number of devices.
fn roster(world: &World, at: DeviceNo, room: RoomId) -> Vec<(PersonId, usize)> {
    let members = world.members(at, room).into_iter();
    let mut roster: Vec<_> = members.map(|m| (m.person, m.devices.len())).collect();
    roster.sort();
    roster
}

/// Ghosts in every answer that looks like a list of people or devices, and Welcomes of
/// others in every inbox.
#[test]
fn attack_01_nobody_the_relay_invents_becomes_a_member() {
    let (mut world, [anna, bo, cem], _) = team(102, ["Anna", "Bo", "Cem"]);
    let inboxes = [anna, bo, cem].map(|at| inbox(&world, at));
    let mut welcomes: Vec<Deliver> = Vec::new();
    let standing = world.relay.organisation.entries();
    world.relay.tamper = Some(relay::replies(move |device, reply| match reply {
        Reply::Directory(mut page) => {
            let sealed = standing.iter().map(|entry| entry.sealed.clone());
            let noise = std::iter::once(vec![5; 512].into());
            let ghosts = sealed.chain(noise).enumerate();
            let ghosts = ghosts.map(|(n, sealed)| DirectoryEntry {
                person: PersonId::new([200 + n as u8; 16]),
                version: 1,
                sealed,
            });
            let ghosts: Vec<_> = ghosts.collect();
            page.entries.extend(ghosts);
            vec![Reply::Directory(page)]
        }
        Reply::ClaimedKeyPackages(mut claimed) => {
            let ghost = ClaimedKeyPackage {
                device: DeviceId::new([66; 16]),
                ..claimed[0].clone()
            };
            let noise = ClaimedKeyPackage {
                sealed: vec![5; 1_024].into(),
                ..ghost.clone()
            };
            claimed.insert(0, noise);
            claimed.push(ghost);
            let twice = claimed[1].clone();
            claimed.push(twice);
            vec![Reply::ClaimedKeyPackages(claimed)]
        }
        Reply::Deliver(entry) if entry.kind == EntryKind::Welcome => {
            // Everybody's Welcome goes to everybody, the own one last.
            let own = inboxes[device];
            welcomes.push(entry.clone());
            let others = welcomes.iter().enumerate().map(|(n, welcome)| Deliver {
                room: own,
                seq: 1_000 * entry.seq + n as u64,
                payload: welcome.payload.clone(),
                ..entry.clone()
            });
            let others: Vec<_> = others.map(Reply::Deliver).collect();
            [vec![Reply::Deliver(entry)], others].concat()
        }
        other => vec![other],
    }));
    for at in [anna, bo, cem] {
        world.refresh(at);
    }
    world.settle();
    let room = world.create_room(anna, "Fall", &[bo]);
    world.add(anna, room, cem);
    world.settle();
    let mut there: Vec<_> = [anna, bo, cem].map(|at| (world.person(at), 1)).into();
    there.sort();
    for at in [anna, bo, cem] {
        assert_eq!(roster(&world, at, room), there);
        let contacts = world.devices[at].client.contacts().expect("reads");
        assert!(contacts.iter().all(|contact| {
            let known = there.iter().any(|(person, _)| *person == contact.person);
            known && contact.changed.is_none() && !contact.name.is_empty()
        }));
        let rooms = world.devices[at].client.rooms().expect("reads");
        assert_eq!(rooms.len(), 2, "nobody is led into another room");
    }
    world.relay.tamper = None;
    still_talk(&mut world, room, &[anna, bo, cem]);
}

/// The directory shows one caller another's entry under a name, or an older one.
#[test]
fn attack_06_entries_of_the_directory_cannot_be_swapped() {
    let (mut world, [anna, bo, cem], room) = team(601, ["Anna", "Bo", "Cem"]);
    let names = |world: &World| {
        let contacts = world.devices[bo].client.contacts().expect("reads");
        let mut names: Vec<_> = contacts
            .into_iter()
            .map(|contact| (contact.person, contact.name, contact.identity_key))
            .collect();
        names.sort_by_key(|(person, ..)| *person);
        names
    };
    let before = names(&world);
    let entries = world.relay.organisation.entries();
    world.relay.tamper = Some(relay::replies(move |device, reply| match reply {
        Reply::Directory(_) if device == bo => {
            let swapped = entries.iter().zip(entries.iter().cycle().skip(1));
            let swapped = swapped.map(|(entry, other)| DirectoryEntry {
                sealed: other.sealed.clone(),
                ..entry.clone()
            });
            vec![Reply::Directory(Directory {
                entries: swapped.collect(),
                up_to: u64::MAX,
                more: false,
            })]
        }
        other => vec![other],
    }));
    world.refresh(bo);
    world.settle();
    assert_eq!(names(&world), before);
    world.relay.tamper = None;
    still_talk(&mut world, room, &[anna, bo, cem]);
}

/// What a colleague wrote before, under a version the relay makes up.
#[test]
fn attack_06_an_older_entry_of_the_directory_does_not_come_back() {
    let (mut world, [anna, bo, cem], room) = team(603, ["Anna", "Bo", "Cem"]);
    let cem_person = world.person(cem);
    let vault = world.devices[anna].disk.vault().expect("opens");
    let device = Device::load(&vault).expect("joined");
    let entries = world.relay.organisation.entries();
    let entry = entries.into_iter().find(|entry| entry.person == cem_person);
    let standing = directory::open(&device, &entry.expect("is there"));
    let (older, newer) = (standing.written_at - 1, standing.written_at + 1);
    for (written_at, name) in [(older, "Cem von früher"), (newer, "Cem Kaya")] {
        let entry = directory::seal(
            &device,
            cem_person,
            &DirectoryEntryBody {
                display_name: name.into(),
                written_at,
                ..standing.clone()
            },
        );
        world.relay.tamper = Some(relay::replies(move |to, reply| match reply {
            Reply::Directory(page) if to == bo => vec![Reply::Directory(Directory {
                entries: vec![entry.clone()],
                up_to: page.up_to + 1,
                more: true,
            })],
            other => vec![other],
        }));
        world.refresh(bo);
        // A relay that always has more is not asked for ever.
        for _ in 0..20 {
            while world.up(bo) {}
            world.down(bo);
        }
        world.relay.tamper = None;
        world.settle();
        let contacts = world.devices[bo].client.contacts().expect("reads");
        let shown = contacts.iter().find(|contact| contact.person == cem_person);
        let expected = if written_at == older {
            "Cem"
        } else {
            "Cem Kaya"
        };
        assert_eq!(shown.map(|contact| contact.name.as_str()), Some(expected));
    }
    still_talk(&mut world, room, &[anna, bo, cem]);
}

/// A device takes no orders from a relay that is not its organisation's, and none that
/// its root did not sign.
#[test]
fn attack_06_a_relay_that_says_it_is_another_organisation_is_told_nothing() {
    let (mut world, [anna, bo], room) = team(602, ["Anna", "Bo"]);
    world.relay.tamper = Some(relay::replies(move |device, reply| match reply {
        Reply::Hello(mut hello) if device == bo => {
            hello.organisation = Some(OrganisationId::of(&PublicKey::new([3; 32])));
            vec![Reply::Hello(hello)]
        }
        other => vec![other],
    }));
    world.cut(bo, false);
    world.events(bo);
    world.say(bo, room, "an wen auch immer");
    world.settle();
    assert!(world.events(bo).contains(&Event::WrongRelay));
    assert!(world.texts(anna, room).is_empty());
    assert_eq!(world.view(bo, room).waiting, 1);
    world.relay.tamper = None;
    world.cut(bo, false);
    world.settle();
    assert_eq!(world.texts(anna, room), ["an wen auch immer"]);
}

#[test]
fn attack_15_a_revocation_the_root_did_not_sign_removes_nobody() {
    let (mut world, people, room) = team(1501, ["Anna", "Bo"]);
    let [anna, bo] = people;
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[8; 32]);
    for (number, revoked) in [
        (1, Revoked::Person(world.person(bo))),
        (1, Revoked::Person(world.person(anna))),
        (u64::MAX, Revoked::Person(world.person(anna))),
    ] {
        let forged = Signed::issue(&stranger, Revocation { number, revoked });
        for at in people {
            world.slip_reply(at, Reply::Revocations(vec![forged.clone()]));
        }
        world.settle();
    }
    // Nor does a policy that is not signed change how long anything is kept.
    let policy = Policy {
        version: 99,
        retention_days: 1,
        ..Policy::default()
    };
    let forged = Signed::issue(&stranger, policy);
    world.relay.tamper = Some(relay::replies(move |_, reply| match reply {
        Reply::Policy(_) => vec![Reply::Policy(forged.clone())],
        other => vec![other],
    }));
    for at in people {
        world.cut(at, false);
    }
    world.settle();
    world.relay.tamper = None;
    for at in people {
        let profile = world.devices[at].client.profile().expect("joined");
        assert!(!profile.revoked);
        assert_ne!(profile.policy.version, 99);
        assert_eq!(world.view(at, room).members, 2);
    }
    still_talk(&mut world, room, &people);
}

/// "Denied", "no such seat", "unavailable" to everything: the device says so and works
/// again when the relay does.
#[test]
fn attack_29_a_relay_that_refuses_everything_loses_nothing() {
    let codes = [
        ErrorCode::Denied,
        ErrorCode::Malformed,
        ErrorCode::QuotaExceeded,
        ErrorCode::StorageFull,
        ErrorCode::RateLimited,
        ErrorCode::Unavailable,
        ErrorCode::NotSetUp,
    ];
    for code in codes {
        let (mut world, people, room) = team(2901, ["Anna", "Bo"]);
        let [_, bo] = people;
        let mut left = 40;
        world.relay.tamper = Some(relay::replies(move |device, reply| match reply {
            Reply::Attached(_) | Reply::Appended(_) | Reply::Revocations(_)
                if device == bo && left > 0 =>
            {
                left -= 1;
                vec![Reply::Refused(Refusal::new(code))]
            }
            other => vec![other],
        }));
        world.cut(bo, false);
        world.say(bo, room, "trotzdem");
        world.settle();
        world.relay.tamper = None;
        world.cut(bo, false);
        world.settle();
        let view = world.view(bo, room);
        assert_eq!(view.stage, Stage::Active, "{code:?}");
        let texts = world.texts(people[0], room);
        // Either it went out, or it stands there as failed: never neither.
        assert_eq!(
            texts.len() + view.failed + view.waiting,
            1,
            "{code:?}: {texts:?}, {} failed, {} waiting",
            view.failed,
            view.waiting
        );
        still_talk(&mut world, room, &people);
    }
}

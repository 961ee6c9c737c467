//! Somebody's identity changes: nothing goes out to it until a person has looked.

use siegel_client_core::device::Device;
use siegel_client_core::moment::Timestamp;
use siegel_client_core::{Command, Event, identity};
use siegel_proto::certificate::{self, PersonRole};
use siegel_proto::directory::{Directory, DirectoryEntry, DirectoryEntryBody};
use siegel_proto::frame::Reply;
use siegel_proto::ids::PersonId;
use siegel_tests::hostile::{Cheat, directory, relay};

use super::{still_talk, team};

/// An entry of the directory in which an administrator, who has the root key, gives
/// somebody a second identity.
fn second_identity(admin: &mut Cheat, person: PersonId) -> DirectoryEntry {
    let device: &Device = &admin.device;
    let root = device.root_seed().expect("the admin's");
    let rng = &mut admin.rng;
    let never = Timestamp::from_seconds(0);
    let enrolment = identity::enrol_staff(root, person, PersonRole::Staff, never, rng);
    let keys = enrolment.settle(rng).expect("keys");
    let body = DirectoryEntryBody {
        display_name: "Bo".into(),
        position: String::new(),
        chain: certificate::decode_chain(&keys.identity_chain).expect("a chain"),
        written_at: i64::MAX,
    };
    directory::seal(&admin.device, person, &body)
}

#[test]
fn attack_16_new_keys_hold_back_what_waits_until_a_person_has_looked() {
    let (mut world, [anna, bo, cem], room) = team(1601, ["Anna", "Bo", "Cem"]);
    let bo_person = world.person(bo);
    world.command(cem, || Command::Verify {
        room,
        person: bo_person,
    });
    world.settle();
    // Cem writes while he is offline; meanwhile the directory gets another Bo.
    world.offline(cem);
    world.say(cem, room, "nur für den Bo, den ich kenne");
    let mut admin = Cheat::take_over(&mut world, anna);
    let forged = second_identity(&mut admin, bo_person);
    world.relay.tamper = Some(relay::replies(move |_, reply| match reply {
        Reply::Directory(mut page) => {
            page.entries.retain(|entry| entry.person != forged.person);
            page.entries.push(forged.clone());
            vec![Reply::Directory(page)]
        }
        other => vec![other],
    }));
    // The answer comes before any seat is taken, as a relay can arrange.
    world.online(cem);
    world.events(cem);
    world.settle();
    let member = |world: &siegel_tests::simulation::World| {
        let members = world.members(cem, room);
        members
            .into_iter()
            .find(|member| member.person == bo_person)
            .expect("a member")
    };
    assert!(
        world
            .events(cem)
            .contains(&Event::IdentityChanged(bo_person))
    );
    assert!(member(&world).changed);
    assert!(!member(&world).verified, "what was compared is not this");
    // From now on nothing goes out, in any room with Bo.
    world.say(cem, room, "wartet");
    world.settle();
    assert!(world.texts(bo, room).is_empty());
    assert_eq!(world.view(cem, room).waiting, 2);
    // What others say is still read.
    world.say(bo, room, "ich bin es");
    world.settle();
    assert!(world.texts(cem, room).contains(&"ich bin es".into()));
    // A person looks and decides; what waited goes out.
    world.relay.tamper = None;
    world.command(cem, || Command::AcceptIdentity(bo_person));
    world.settle();
    let said = ["ich bin es", "nur für den Bo, den ich kenne", "wartet"];
    assert_eq!(world.texts(bo, room), said);
    assert!(!member(&world).changed);
    still_talk(&mut world, room, &[bo, cem]);
}

/// The same for whoever is to be added: a claimed key package of another identity adds
/// nobody until somebody has looked.
#[test]
fn attack_16_a_second_identity_is_not_added_unseen() {
    let (mut world, [anna, bo, cem], room) = team(1602, ["Anna", "Bo", "Cem"]);
    let bo_person = world.person(bo);
    let mut admin = Cheat::take_over(&mut world, anna);
    let forged = second_identity(&mut admin, bo_person);
    let page = Directory {
        entries: vec![forged],
        up_to: u64::MAX,
        more: false,
    };
    world.slip_reply(cem, Reply::Directory(page.clone()));
    world.settle();
    // An answer nobody asked for is not taken.
    let contacts = world.devices[cem].client.contacts().expect("reads");
    assert!(contacts.iter().all(|contact| contact.changed.is_none()));
    world.relay.tamper = Some(relay::replies(move |_, reply| match reply {
        Reply::Directory(_) => vec![Reply::Directory(page.clone())],
        other => vec![other],
    }));
    world.refresh(cem);
    world.settle();
    world.relay.tamper = None;
    let case = world.create_room(cem, "Fall", &[]);
    world.add(cem, case, bo);
    world.settle();
    // His true device is added by its true key; that somebody else claims to be him holds
    // back what is said.
    world.say(cem, case, "wartet");
    world.settle();
    assert_eq!(world.view(cem, case).waiting, 1);
    assert!(world.lines(bo, room).iter().all(|line| {
        !matches!(
            &line.body,
            siegel_client_core::room::timeline::Body::Text { .. }
        )
    }));
}

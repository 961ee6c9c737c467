//! Staff: enrolling, sessions, revocation, key packages, the directory.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use siegel_proto::directory::PutDirectoryEntry;
use siegel_proto::frame::{Reply, Request};
use siegel_proto::ids::DeviceId;
use siegel_proto::key_package::{ClaimKeyPackages, KeyPackage, PublishKeyPackages};
use siegel_proto::limits::DIRECTORY_ENTRY_BYTES;
use siegel_proto::organisation::{Policy, Revocation, Revoked, Signed};
use siegel_proto::{ErrorCode, limits};

use crate::support::*;

pub fn packages(world: &World, bytes: impl Iterator<Item = u8>) -> Vec<KeyPackage> {
    bytes
        .map(|byte| KeyPackage {
            sealed: vec![byte; 300].into(),
            expires_day: world.clock.today() + 7,
        })
        .collect()
}

#[tokio::test]
async fn only_a_chain_from_the_root_enrols() {
    let world = World::set_up().await;
    let mut client = world.client().await;
    let anna = Staff::new(1);
    let forged = anna.enrol(&SigningKey::from_bytes(&[66; 32]), &client.challenge);
    let refusal = client
        .ask(Request::Enrol(forged))
        .await
        .expect_err("another root");
    assert_eq!(refusal.code, ErrorCode::BadSignature);
    let other = world.client().await;
    let replayed = anna.enrol(&world.root, &other.challenge);
    let refusal = client
        .ask(Request::Enrol(replayed))
        .await
        .expect_err("another connection's");
    assert_eq!(refusal.code, ErrorCode::BadSignature);
    let unknown = client
        .ask(anna.authenticate(&client.challenge.clone()))
        .await;
    assert_eq!(unknown.map_err(|r| r.code).err(), Some(ErrorCode::Denied));
    world.staff(1).await;
    let challenge = client.challenge;
    let answer = client.ask(anna.authenticate(&challenge)).await;
    assert!(
        matches!(answer, Ok(Reply::Authenticated { key_packages: 0 })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn attack_15_a_revocation_ends_sessions_and_drops_key_packages() {
    let world = World::set_up().await;
    let mut admin = world.staff(1).await;
    let mut leaver = world.staff(2).await;
    leaver.create_room(1, &[staff_seat(1, 2)]).await;
    let publish = PublishKeyPackages {
        key_packages: packages(&world, 0..5),
        last_resort: None,
        replace: false,
    };
    leaver.done(Request::PublishKeyPackages(publish)).await;
    let revocation = |number| {
        let revoked = Revoked::Person(Staff::new(2).person);
        Request::PutRevocation(Signed::issue(&world.root, Revocation { number, revoked }))
    };
    let refusal = admin.ask(revocation(2)).await.expect_err("out of order");
    assert_eq!(
        (refusal.code, refusal.current),
        (ErrorCode::VersionConflict, 0)
    );
    admin.done(revocation(1)).await;
    leaver.closed().await;

    let mut again = world.client().await;
    let challenge = again.challenge;
    let refusal = again
        .ask(Staff::new(2).authenticate(&challenge))
        .await
        .expect_err("revoked");
    assert_eq!(refusal.code, ErrorCode::Revoked);
    let enrol = Staff::new(2).enrol(&world.root, &challenge);
    let refusal = again.ask(Request::Enrol(enrol)).await.expect_err("revoked");
    assert_eq!(refusal.code, ErrorCode::Revoked);
    assert!(
        again.attach(1, 2).await.is_err(),
        "the seat's token alone opens nothing"
    );
    let claim = ClaimKeyPackages {
        person: Staff::new(2).person,
    };
    assert!(admin.ask(Request::ClaimKeyPackages(claim)).await.is_err());
    let listed = admin.ask(Request::ListRevocations { after: 0 }).await;
    assert!(matches!(listed, Ok(Reply::Revocations(list)) if list.len() == 1));
}

/// The identity key lies on the stolen device, too: it must not let another one in.
#[tokio::test]
async fn attack_15_the_thief_of_a_revoked_device_enrols_no_other() {
    let world = World::set_up().await;
    let mut admin = world.staff(1).await;
    world.staff(2).await;
    let stolen = Staff::new(2);
    let revocation = Revocation {
        number: 1,
        revoked: Revoked::Device(stolen.device),
    };
    let signed = Signed::issue(&world.root, revocation);
    admin.done(Request::PutRevocation(signed)).await;
    let mut fresh = Staff::new(2);
    fresh.device = DeviceId::new([77; 16]);
    fresh.auth = SigningKey::from_bytes(&[78; 32]);
    let mut thief = world.client().await;
    let enrol = fresh.enrol(&world.root, &thief.challenge);
    let refusal = thief.ask(Request::Enrol(enrol)).await.expect_err("revoked");
    assert_eq!(refusal.code, ErrorCode::Revoked);
    world.staff(3).await;
}

#[tokio::test]
async fn attack_12_parallel_claims_are_all_distinct() {
    let world = World::with(|config| config.limits.account.burst = 10_000).await;
    world.make_organisation().await;
    let mut owner = world.staff(1).await;
    let mut claimers = Vec::new();
    for number in 2..12 {
        claimers.push(world.staff(number).await);
    }
    let mut seen = BTreeSet::new();
    for round in 0..2u8 {
        let publish = PublishKeyPackages {
            key_packages: packages(&world, (0..100).map(|n| n + 100 * (round % 2))),
            last_resort: Some(packages(&world, 255..=255).remove(0)),
            replace: true,
        };
        owner.done(Request::PublishKeyPackages(publish)).await;
        seen.clear();
        let mut open = Vec::new();
        for claimer in &mut claimers {
            for _ in 0..10 {
                let claim = ClaimKeyPackages {
                    person: Staff::new(1).person,
                };
                open.push(claimer.send(Request::ClaimKeyPackages(claim)).await);
            }
        }
        for (index, number) in open.into_iter().enumerate() {
            match claimers[index / 10].answer(number).await {
                Ok(Reply::ClaimedKeyPackages(claimed)) => {
                    assert!(!claimed[0].last_resort);
                    assert!(seen.insert(claimed[0].sealed.clone()), "handed out twice");
                }
                other => panic!("{other:?}"),
            }
        }
    }
    let claim = Request::ClaimKeyPackages(ClaimKeyPackages {
        person: Staff::new(1).person,
    });
    for _ in 0..2 {
        let answer = claimers[0].ask(claim.clone()).await;
        assert!(matches!(answer, Ok(Reply::ClaimedKeyPackages(c)) if c[0].last_resort));
    }
}

/// One colleague claims as fast as the relay answers; another one still gets a fresh key
/// package, and the first is told how long to wait.
#[tokio::test]
async fn attack_11_no_colleague_uses_up_anothers_key_packages() {
    let world = World::set_up().await;
    let mut owner = world.staff(1).await;
    let mut greedy = world.staff(2).await;
    let mut patient = world.staff(3).await;
    let publish = PublishKeyPackages {
        key_packages: packages(&world, 0..40),
        last_resort: Some(packages(&world, 255..=255).remove(0)),
        replace: false,
    };
    owner.done(Request::PublishKeyPackages(publish)).await;
    let claim = |number| {
        Request::ClaimKeyPackages(ClaimKeyPackages {
            person: Staff::new(number).person,
        })
    };
    let mut claimed = 0;
    let refusal = loop {
        match greedy.ask(claim(1)).await {
            Ok(_) => claimed += 1,
            Err(refusal) => break refusal,
        }
        assert!(claimed < 40, "the pool is used up");
    };
    assert!(claimed >= limits::CLAIMS_OF_ONE_AT_ONCE);
    assert_eq!(refusal.code, ErrorCode::RateLimited);
    assert!(
        (1..=60_000).contains(&refusal.retry_after_ms),
        "{refusal:?}"
    );
    let fresh = patient.ask(claim(1)).await;
    assert!(
        matches!(&fresh, Ok(Reply::ClaimedKeyPackages(c)) if !c[0].last_resort),
        "{fresh:?}"
    );
    // Neither does one who asks for everybody's.
    let refusal = loop {
        match greedy.ask(claim(9)).await {
            Err(refusal) if refusal.code == ErrorCode::RateLimited => break refusal,
            _ => {}
        }
    };
    assert!(refusal.retry_after_ms > 0);
    assert!(
        patient.ask(claim(1)).await.is_ok(),
        "each has a quota of its own"
    );
}

#[tokio::test]
async fn directory_and_policy_count_up_by_one() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    let put = |version| {
        Request::PutDirectoryEntry(PutDirectoryEntry {
            version,
            sealed: vec![3; 256].into(),
        })
    };
    let refusal = anna.ask(put(2)).await.expect_err("too high");
    assert_eq!(
        (refusal.code, refusal.current),
        (ErrorCode::VersionConflict, 0)
    );
    anna.done(put(1)).await;
    assert!(anna.ask(put(1)).await.is_err());
    anna.done(put(2)).await;
    let policy = |version| {
        let policy = Policy {
            version,
            retention_days: 3,
            ..Policy::default()
        };
        Request::PutPolicy(Signed::issue(&world.root, policy))
    };
    let refusal = anna.ask(policy(1)).await.expect_err("stands already");
    assert_eq!(
        (refusal.code, refusal.current),
        (ErrorCode::VersionConflict, 1)
    );
    anna.done(policy(2)).await;
    let answer = anna.ask(Request::GetPolicy).await;
    assert!(matches!(answer, Ok(Reply::Policy(_))));
}

#[tokio::test]
async fn the_directory_comes_in_pages_and_then_only_what_is_new() {
    const STAFF: u8 = 40;
    let world = World::set_up().await;
    let put = |version, byte| {
        Request::PutDirectoryEntry(PutDirectoryEntry {
            version,
            // As large as an entry may be: forty fill more than one frame.
            sealed: vec![byte; DIRECTORY_ENTRY_BYTES].into(),
        })
    };
    let mut staff = Vec::new();
    for number in 1..=STAFF {
        let mut client = world.staff(number).await;
        client.done(put(1, number)).await;
        staff.push(client);
    }
    let asking = &mut staff[0];
    let (mut seen, mut pages, mut after) = (Vec::new(), 0, 0);
    loop {
        let page = asking.directory(after).await;
        assert!(page.up_to > after, "each page gets on");
        seen.extend(page.entries.iter().map(|entry| entry.sealed[0]));
        pages += 1;
        after = page.up_to;
        if !page.more {
            break;
        }
    }
    assert_eq!(
        seen,
        (1..=STAFF).collect::<Vec<u8>>(),
        "once each, oldest first"
    );
    assert!(pages > 1);
    assert_eq!(asking.directory(after).await.entries, []);

    staff[6].done(put(2, 99)).await;
    let news = staff[0].directory(after).await;
    let [entry] = &news.entries[..] else {
        panic!("one entry is new: {news:?}")
    };
    assert_eq!((entry.version, entry.sealed[0]), (2, 99));
    assert!(!news.more);
    // Who asks from the beginning gets it once, in its new place.
    let page = staff[0].directory(after - 1).await;
    let sealed: Vec<u8> = page.entries.iter().map(|entry| entry.sealed[0]).collect();
    assert_eq!(sealed, [STAFF, 99]);
}

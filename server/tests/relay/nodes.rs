//! Several relays on one PostgreSQL: whichever a device comes to, it is the same.

use std::collections::BTreeSet;

use siegel_proto::ErrorCode;
use siegel_proto::capsule::{BearerToken, ClaimCapsule, CreateCapsule};
use siegel_proto::frame::{Reply, Request};
use siegel_proto::ids::CapsuleId;
use siegel_proto::key_package::{ClaimKeyPackages, KeyPackage, PublishKeyPackages};
use siegel_proto::organisation::{Policy, Revocation, Revoked, Signed};
use siegel_proto::room::{AppendKind, Appended, CommitEffects, EntryKind, SeatChanges};

use crate::support::*;

/// Another relay on the same database.
async fn beside(world: &World) -> World {
    let (database, blobs) = (world.config.database.clone(), world.config.blobs());
    World::with(move |config| {
        config.database = database;
        config.blob_dir = blobs;
    })
    .await
}

/// What came next on this connection: the entry's place and number, its own ones too.
async fn next_place(client: &mut Client) -> u64 {
    match client.frame().await.expect("open") {
        (0, Reply::Deliver(entry)) => entry.seq,
        (_, Reply::Appended(appended)) => appended.seq,
        other => panic!("{other:?} instead of an entry"),
    }
}

#[tokio::test]
async fn two_relays_deliver_one_log_in_one_order() {
    let here = World::set_up().await;
    let there = beside(&here).await;
    let mut anna = here.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut guest = there.client().await;
    guest.attach(1, 2).await.expect("attached");
    // Alone, then both at once.
    for message in 1..=20 {
        anna.say(1, message).await;
        assert_eq!(number(&guest.delivered().await), message);
    }
    for message in 1..=100 {
        anna.send(Request::Append(message_in(1, 0, 1_000 + message)))
            .await;
        guest
            .send(Request::Append(message_in(1, 0, 2_000 + message)))
            .await;
    }
    for client in [&mut anna, &mut guest] {
        for place in 21..=220 {
            assert_eq!(next_place(client).await, place);
        }
    }
}

#[tokio::test]
async fn the_same_message_through_two_relays_is_stored_once() {
    let here = World::set_up().await;
    let there = beside(&here).await;
    let mut anna = here.staff(1).await;
    anna.create_room(1, &[open_seat(1, 1), open_seat(1, 2)])
        .await;
    for message in 1..=20 {
        let (mut one, mut two) = (here.client().await, there.client().await);
        one.attach(1, 1).await.expect("attached");
        two.attach(1, 2).await.expect("attached");
        let append = || message_in(1, 0, message);
        let (first, second) = tokio::join!(one.append(append()), two.append(append()));
        assert_eq!((first, second), (Ok(message), Ok(message)));
    }
}

#[tokio::test]
async fn appends_through_three_relays_get_distinct_places_and_one_commit_wins() {
    let first = World::set_up().await;
    let worlds = [beside(&first).await, beside(&first).await, first];
    let mut anna = worlds[2].staff(1).await;
    let seats: Vec<_> = (1..=21).map(|seat| open_seat(1, seat)).collect();
    anna.create_room(1, &seats).await;
    let own = |seat: u8| {
        AppendKind::Commit(CommitEffects {
            replace_own: Some(open_seat(1, seat + 100)),
            ..CommitEffects::default()
        })
    };
    let (mut places, mut won) = (BTreeSet::new(), 0);
    let mut saying = tokio::task::JoinSet::new();
    for seat in 1..=21 {
        let mut client = worlds[usize::from(seat % 3)].client().await;
        client.attach(1, seat).await.expect("attached");
        saying.spawn(async move { (client.say(1, u64::from(seat)).await, seat, client) });
    }
    let mut committing = tokio::task::JoinSet::new();
    for (place, seat, mut client) in saying.join_all().await {
        assert!(places.insert(place), "place {place} twice");
        let commit = entry(1, 0, 1_000 + u64::from(seat), own(seat));
        committing.spawn(async move { client.append(commit).await });
    }
    for commit in committing.join_all().await {
        match commit {
            Ok(place) => {
                assert_eq!(place, 22);
                won += 1;
            }
            Err(refusal) => assert_eq!((refusal.code, refusal.current), (ErrorCode::StaleEpoch, 1)),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_revocation_ends_sessions_and_a_policy_is_told_at_every_relay() {
    let here = World::set_up().await;
    let there = beside(&here).await;
    let mut admin = here.staff(1).await;
    let mut bo = there.staff(2).await;
    let mut cleo = there.staff(3).await;
    let policy = Policy {
        version: 2,
        retention_days: 7,
        ..Policy::default()
    };
    admin
        .done(Request::PutPolicy(Signed::issue(&here.root, policy)))
        .await;
    assert!(matches!(cleo.pushed().await, Reply::Policy(_)));
    assert!(matches!(bo.pushed().await, Reply::Policy(_)));
    let retention = there.relay().state().store.shared().retention_days();
    assert_eq!(retention, 7);

    let revocation = Revocation {
        number: 1,
        revoked: Revoked::Person(Staff::new(2).person),
    };
    let signed = Signed::issue(&here.root, revocation);
    admin.done(Request::PutRevocation(signed)).await;
    assert!(matches!(bo.pushed().await, Reply::Revocations(_)));
    bo.closed().await;
    assert!(matches!(cleo.pushed().await, Reply::Revocations(_)));
    let mut again = there.client().await;
    let authenticate = Staff::new(2).authenticate(&again.challenge);
    let refusal = again.ask(authenticate).await.expect_err("revoked");
    assert_eq!(refusal.code, ErrorCode::Revoked);
}

#[tokio::test]
async fn a_removed_seat_is_told_at_the_other_relay_and_sees_why() {
    let here = World::set_up().await;
    let there = beside(&here).await;
    let mut anna = here.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut guest = there.client().await;
    guest.attach(1, 2).await.expect("attached");
    let removal = AppendKind::Commit(CommitEffects {
        seats: SeatChanges::Delta {
            add: Vec::new(),
            remove: vec![open_seat(1, 2)],
        },
        ..CommitEffects::default()
    });
    anna.append(entry(1, 0, 1, removal)).await.expect("removed");
    assert_eq!(guest.delivered().await.kind, EntryKind::Commit);
    assert!(matches!(guest.pushed().await, Reply::Detached(room) if room == room_id(1)));
    let refusal = guest.append(message_in(1, 1, 2)).await.expect_err("gone");
    assert_eq!(refusal.code, ErrorCode::Denied);
}

#[tokio::test]
async fn a_seat_that_is_taken_at_one_relay_is_lost_at_the_other() {
    let here = World::set_up().await;
    let there = beside(&here).await;
    let mut anna = here.staff(1).await;
    anna.create_room(1, &[open_seat(1, 2)]).await;
    let mut old = here.client().await;
    old.attach(1, 2).await.expect("attached");
    let mut new = there.client().await;
    new.attach(1, 2).await.expect("attached");
    assert!(matches!(old.pushed().await, Reply::Detached(room) if room == room_id(1)));
    assert_eq!(new.say(1, 1).await, 1);
}

#[tokio::test]
async fn acknowledgements_through_two_relays_let_the_entries_go() {
    let mut here = World::set_up().await;
    let mut there = beside(&here).await;
    let mut anna = here.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut guest = there.client().await;
    guest.attach(1, 2).await.expect("attached");
    for message in 1..=5 {
        anna.say(1, message).await;
        guest.delivered().await;
    }
    anna.ack(1, 5).await;
    guest.ack(1, 5).await;
    anna.ask(Request::GetPolicy).await.expect("answered");
    guest.ask(Request::GetPolicy).await.expect("answered");
    here.stop().await;
    there.stop().await;
    assert_eq!(rows(&here.config).await["entries"], 0);
    // A cursor is one cursor, whoever moved it.
    here.start().await;
    let mut guest = here.client().await;
    assert_eq!(guest.attach(1, 2).await.expect("attached").cursor, 5);
}

#[tokio::test]
async fn what_is_claimed_once_is_claimed_once_at_all_relays() {
    let here = World::set_up().await;
    let there = beside(&here).await;
    let (mut anna, mut bo) = (here.staff(1).await, there.staff(2).await);
    let key_package = |number: u8| KeyPackage {
        sealed: vec![number; 300].into(),
        expires_day: here.clock.today() + 7,
    };
    let publish = PublishKeyPackages {
        key_packages: (1..=40).map(key_package).collect(),
        last_resort: None,
        replace: false,
    };
    anna.done(Request::PublishKeyPackages(publish)).await;
    let claim = || {
        Request::ClaimKeyPackages(ClaimKeyPackages {
            person: Staff::new(1).person,
        })
    };
    let mut claimed = BTreeSet::new();
    for _ in 0..20 {
        let (one, two) = tokio::join!(anna.ask(claim()), bo.ask(claim()));
        for answer in [one, two] {
            let Ok(Reply::ClaimedKeyPackages(packages)) = answer else {
                panic!("{answer:?}");
            };
            for package in packages {
                assert!(claimed.insert(package.sealed[0]), "handed out twice");
            }
        }
    }
    assert_eq!(claimed.len(), 40);

    let token = BearerToken::new([1; 32]);
    let capsule = CreateCapsule {
        capsule: CapsuleId::new([1; 16]),
        claim_hash: token.hash(),
        sealed: b"sealed".to_vec().into(),
        expires_in_hours: 24,
    };
    anna.done(Request::CreateCapsule(capsule)).await;
    let claims = [(&here, 1_u8), (&there, 2)].map(|(world, claimant)| {
        let store = world.relay().state().store.clone();
        let minute = world.clock.minute();
        let claim = ClaimCapsule {
            token: BearerToken::new([1; 32]),
            claimant: BearerToken::new([claimant; 32]),
        };
        async move {
            store
                .claim_capsule(CapsuleId::new([1; 16]), claim, minute)
                .await
        }
    });
    let answers = futures_util::future::join_all(claims).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_wake_up_that_was_lost_is_found_by_looking() {
    let here = World::set_up().await;
    let there = beside(&here).await;
    let mut anna = here.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut guest = there.client().await;
    guest.attach(1, 2).await.expect("attached");
    for message in 1..=5 {
        // Nobody hears a signal that is sent now.
        crate::cluster::shared()
            .run(
                "postgres",
                &format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE application_name = 'siegel-signals' AND datname = '{}'",
                    here.config
                        .database
                        .reveal()
                        .rsplit('/')
                        .next()
                        .expect("a name"),
                ),
            )
            .await;
        anna.say(1, message).await;
        assert_eq!(guest.delivered().await.seq, message);
    }
}

#[tokio::test]
async fn a_set_up_organisation_is_known_to_a_relay_that_ran_before() {
    let here = World::new().await;
    let there = beside(&here).await;
    // The token of the relay that started last counts, at whichever it is presented.
    let token = there.relay().set_up_token().expect("not set up").clone();
    let set_up = siegel_proto::organisation::SetUp {
        token,
        root: siegel_proto::signing::public_key(&here.root),
        policy: Signed::issue(&here.root, Policy::default()),
    };
    here.client().await.done(Request::SetUp(set_up)).await;
    there.staff(1).await;
    let answer = here.client().await.ask(Request::GetPolicy).await;
    assert!(matches!(answer, Ok(Reply::Policy(_))), "{answer:?}");
    let same = here.relay().state().generation == there.relay().state().generation;
    assert!(same, "one database, one life");
    let mut client = here.staff(1).await;
    client.create_room(1, &[staff_seat(1, 1)]).await;
    client.attach(1, 1).await.expect("attached");
    let answer = client.ask(Request::Append(message_in(1, 0, 1))).await;
    assert!(matches!(
        answer,
        Ok(Reply::Appended(Appended { seq: 1, .. }))
    ));
}

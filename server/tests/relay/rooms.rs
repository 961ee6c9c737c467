//! A conversation through the relay.

use std::collections::BTreeSet;

use siegel_proto::ErrorCode;
use siegel_proto::frame::{Reply, Request};
use siegel_proto::room::{
    AppendKind, Appended, CommitEffects, CreateRoom, EntryKind, InboxWelcome, RoomKind,
    SeatChanges, VoidCommit,
};

use crate::support::*;

fn commit(add: &[u8], remove: &[u8]) -> AppendKind {
    AppendKind::Commit(CommitEffects {
        seats: SeatChanges::Delta {
            add: add.iter().map(|seat| open_seat(1, *seat)).collect(),
            remove: remove.iter().map(|seat| open_seat(1, *seat)).collect(),
        },
        ..CommitEffects::default()
    })
}

#[tokio::test]
async fn entries_arrive_in_order_and_the_appender_gets_its_place() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    let mut guest = world.client().await;
    let attached = anna.attach(1, 1).await.expect("attached");
    assert_eq!(
        (attached.epoch, attached.next_seq, attached.cursor),
        (0, 1, 0)
    );
    guest.attach(1, 2).await.expect("attached");

    let first = anna.send(Request::Append(message_in(1, 0, 10))).await;
    anna.answer(first).await.expect("appended");
    guest.say(1, 20).await;
    let second = anna.send(Request::Append(message_in(1, 0, 11))).await;

    let (_, pushed) = anna.frame().await.expect("the guest's entry");
    assert!(matches!(pushed, Reply::Deliver(entry) if entry.seq == 2 && number(&entry) == 20));
    let (answered, reply) = anna.frame().await.expect("the place");
    assert_eq!(answered, second);
    assert!(matches!(reply, Reply::Appended(Appended { seq: 3, .. })));
    let seen = [guest.delivered().await, guest.delivered().await];
    assert_eq!(
        seen.map(|entry| (entry.seq, number(&entry))),
        [(1, 10), (3, 11)]
    );
}

#[tokio::test]
async fn a_resend_gets_the_first_answer() {
    let mut world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    assert_eq!(anna.say(1, 10).await, 1);
    assert_eq!(anna.say(1, 10).await, 1);
    // In one batch, too.
    let numbers = [
        anna.send(Request::Append(message_in(1, 0, 11))).await,
        anna.send(Request::Append(message_in(1, 0, 11))).await,
    ];
    for number in numbers {
        let answer = anna.answer(number).await;
        assert!(
            matches!(answer, Ok(Reply::Appended(Appended { seq: 2, .. }))),
            "{answer:?}"
        );
    }
    world.restart().await;
    let mut anna = world.staff(1).await;
    anna.attach(1, 1).await.expect("attached");
    let late = message_in(1, 77, 10);
    assert_eq!(
        anna.append(late).await,
        Ok(1),
        "whatever else the request says"
    );
}

#[tokio::test]
async fn a_restart_keeps_everything_and_backlog_goes_over_into_live() {
    let mut world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    for message in 1..=300 {
        anna.send(Request::Append(message_in(1, 0, message))).await;
    }
    for request in 1..=300 {
        // Enrol, create and attach came before.
        anna.answer(request + 4).await.expect("appended");
    }
    world.restart().await;
    let mut anna = world.staff(1).await;
    assert_eq!(anna.attach(1, 1).await.expect("attached").next_seq, 301);
    let mut guest = world.client().await;
    guest.attach(1, 2).await.expect("attached");
    for message in 301..=600 {
        anna.send(Request::Append(message_in(1, 0, message))).await;
    }
    for expected in 1..=600 {
        let entry = guest.delivered().await;
        assert_eq!((entry.seq, number(&entry)), (expected, expected));
    }
}

#[tokio::test]
async fn own_entries_in_the_backlog_are_answered_at_their_place() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    let mut guest = world.client().await;
    guest.attach(1, 2).await.expect("attached");
    for message in 1..=500 {
        guest.send(Request::Append(message_in(1, 0, message))).await;
    }
    let attach = anna.attach(1, 1).await.expect("attached");
    let own = anna.send(Request::Append(message_in(1, 0, 9_999))).await;
    let mut next = attach.cursor + 1;
    loop {
        match anna.frame().await.expect("open") {
            (0, Reply::Deliver(entry)) => assert_eq!(entry.seq, next),
            (number, Reply::Appended(appended)) => {
                assert_eq!((number, appended.seq), (own, next), "at its place");
                break;
            }
            other => panic!("{other:?}"),
        }
        next += 1;
    }
}

#[tokio::test]
async fn concurrent_appends_get_distinct_places_and_one_commit_wins() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    let seats: Vec<_> = (1..=20).map(|seat| open_seat(1, seat)).collect();
    anna.create_room(1, &seats).await;
    let mut clients = Vec::new();
    for seat in 1..=20 {
        let mut client = world.client().await;
        client.attach(1, seat).await.expect("attached");
        clients.push((seat, client));
    }
    let own = |seat: u8| {
        AppendKind::Commit(CommitEffects {
            replace_own: Some(open_seat(1, seat + 100)),
            ..CommitEffects::default()
        })
    };
    let mut tasks = tokio::task::JoinSet::new();
    for (seat, mut client) in clients {
        tasks.spawn(async move {
            let said = client.say(1, u64::from(seat)).await;
            (
                said,
                client
                    .append(entry(1, 0, 1_000 + u64::from(seat), own(seat)))
                    .await,
            )
        });
    }
    let mut places = BTreeSet::new();
    let mut won = 0;
    while let Some(result) = tasks.join_next().await {
        let (place, commit) = result.expect("ends");
        assert!(places.insert(place), "place {place} twice");
        match commit {
            Ok(_) => won += 1,
            Err(refusal) => assert_eq!((refusal.code, refusal.current), (ErrorCode::StaleEpoch, 1)),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn wrong_tokens_and_unknown_rooms_are_refused_alike() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1)]).await;
    let mut stranger = world.client().await;
    for (room, seat) in [(1, 7), (9, 1), (1, 1)] {
        // The last is the right token of a staff seat, without a session.
        let refusal = stranger.attach(room, seat).await.expect_err("refused");
        assert_eq!((refusal.code, refusal.current), (ErrorCode::Denied, 0));
    }
    let refusal = stranger
        .append(message_in(1, 0, 1))
        .await
        .expect_err("refused");
    assert_eq!(refusal.code, ErrorCode::Denied);
    let refusal = stranger
        .ask(Request::ListDirectory { after: 0 })
        .await
        .expect_err("refused");
    assert_eq!(refusal.code, ErrorCode::Unauthenticated);
}

#[tokio::test]
async fn a_seat_is_taken_over_and_a_removed_one_is_told() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut old = world.client().await;
    old.attach(1, 2).await.expect("attached");
    let mut new = world.client().await;
    new.attach(1, 2).await.expect("attached");
    assert!(matches!(old.pushed().await, Reply::Detached(room) if room == room_id(1)));
    assert_eq!(
        old.append(message_in(1, 0, 1))
            .await
            .map_err(|refusal| refusal.code),
        Err(ErrorCode::Denied)
    );

    let removal = entry(1, 0, 2, commit(&[], &[2]));
    anna.append(removal).await.expect("removed");
    assert_eq!(new.delivered().await.kind, EntryKind::Commit, "it sees why");
    assert!(matches!(new.pushed().await, Reply::Detached(_)));
    assert!(new.attach(1, 2).await.is_err());

    // Voided, it may come back.
    let void = VoidCommit {
        room: room_id(1),
        seq: 1,
        message: message_id(3),
    };
    let answer = anna.ask(Request::VoidCommit(void)).await;
    assert!(
        matches!(answer, Ok(Reply::Appended(Appended { seq: 2, .. }))),
        "{answer:?}"
    );
    let again = anna.ask(Request::VoidCommit(void)).await;
    assert!(
        matches!(again, Ok(Reply::Appended(Appended { seq: 2, .. }))),
        "{again:?}"
    );
    let attached = new.attach(1, 2).await.expect("back");
    assert_eq!((attached.epoch, attached.next_seq), (0, 3));
}

#[tokio::test]
async fn a_replaced_seat_goes_on_under_its_new_token() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[open_seat(1, 2), open_seat(1, 3)])
        .await;
    let mut guest = world.client().await;
    let mut other = world.client().await;
    guest.attach(1, 2).await.expect("attached");
    other.attach(1, 3).await.expect("attached");
    let kind = AppendKind::Commit(CommitEffects {
        replace_own: Some(open_seat(1, 9)),
        ..CommitEffects::default()
    });
    guest.append(entry(1, 0, 1, kind)).await.expect("replaced");
    guest.append(message_in(1, 1, 2)).await.expect("goes on");
    assert_eq!(other.delivered().await.seq, 1);
    other.append(message_in(1, 1, 3)).await.expect("appended");
    let mut entries = [other.delivered().await.seq, guest.delivered().await.seq];
    entries.sort_unstable();
    assert_eq!(entries, [2, 3]);
    let mut again = world.client().await;
    assert!(
        again.attach(1, 2).await.is_err(),
        "the link's token is worthless"
    );
    again.attach(1, 9).await.expect("attached");
}

#[tokio::test]
async fn a_commit_brings_its_welcomes_and_an_unknown_inbox_stops_it() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    let mut bo = world.staff(2).await;
    anna.create_room(1, &[staff_seat(1, 1)]).await;
    anna.attach(1, 1).await.expect("attached");
    let inbox = CreateRoom {
        room: room_id(2),
        kind: RoomKind::Inbox,
        seats: vec![staff_seat(2, 5)],
        after: 0,
    };
    bo.done(Request::CreateRoom(inbox)).await;
    bo.attach(2, 5).await.expect("attached");
    let with_welcome = |inbox| {
        AppendKind::Commit(CommitEffects {
            seats: SeatChanges::Delta {
                add: vec![staff_seat(1, 5)],
                remove: Vec::new(),
            },
            replace_own: None,
            welcomes: vec![InboxWelcome {
                inbox: room_id(inbox),
                payload: vec![7; 256].into(),
            }],
        })
    };
    let refusal = anna
        .append(entry(1, 0, 1, with_welcome(3)))
        .await
        .expect_err("no inbox");
    assert_eq!(refusal.code, ErrorCode::Denied);
    anna.append(entry(1, 0, 1, with_welcome(2)))
        .await
        .expect("nothing had happened");
    let welcome = bo.delivered().await;
    assert_eq!(
        (welcome.kind, welcome.room),
        (EntryKind::Welcome, room_id(2))
    );
    let attached = bo.attach(1, 5).await.expect("attached");
    assert_eq!((attached.epoch, attached.cursor), (1, 1));
}

//! What must not stay goes, everywhere.

use std::collections::BTreeMap;

use siegel_proto::blob::CreateBlob;
use siegel_proto::capsule::{BearerToken, CreateCapsule};
use siegel_proto::frame::Request;
use siegel_proto::ids::{BlobId, CapsuleId, ContentHash};
use siegel_proto::key_package::{KeyPackage, PublishKeyPackages};

use crate::support::*;

#[tokio::test]
async fn what_all_seats_have_is_gone_and_the_rest_goes_on_its_day() {
    let mut world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    for message in 1..=3 {
        anna.say(1, message).await;
    }
    let mut guest = world.client().await;
    guest.attach(1, 2).await.expect("attached");
    for _ in 1..=3 {
        guest.delivered().await;
    }
    anna.ack(1, 3).await;
    guest.ack(1, 2).await;
    // A notice has no answer: the next answers on both connections come after it.
    anna.ask(Request::GetPolicy).await.expect("answered");
    guest.ask(Request::GetPolicy).await.expect("answered");

    let capsule = CreateCapsule {
        capsule: CapsuleId::new([1; 16]),
        claim_hash: BearerToken::new([1; 32]).hash(),
        sealed: b"sealed".to_vec().into(),
        expires_in_hours: 24,
    };
    anna.done(Request::CreateCapsule(capsule)).await;
    let blob = CreateBlob {
        blob: BlobId::new([1; 16]),
        size: 4096,
        hash: ContentHash::of(b"x"),
        secret_hash: BearerToken::new([1; 32]).hash(),
        expires_in_days: 10,
    };
    anna.done(Request::CreateBlob(blob)).await;
    let key_package = KeyPackage {
        sealed: vec![1; 300].into(),
        expires_day: world.clock.today() + 7,
    };
    let publish = PublishKeyPackages {
        key_packages: vec![key_package.clone()],
        last_resort: Some(key_package),
        replace: false,
    };
    anna.done(Request::PublishKeyPackages(publish)).await;
    world.stop().await;
    let expected = |entries, capsules, key_packages, blobs| {
        BTreeMap::from(
            [
                ("accounts", 1),
                ("blobs", blobs),
                ("capsules", capsules),
                ("devices", 1),
                ("directory", 0),
                ("entries", entries),
                ("key_packages", key_packages),
                ("organisation", 1),
                ("revocations", 0),
                ("rooms", 1),
                ("seats", 2),
            ]
            .map(|(name, count)| (name.to_owned(), count)),
        )
    };
    assert_eq!(rows(&world.config).await, expected(1, 1, 2, 1));

    world.clock.advance_days(15);
    world.start().await;
    world.sweep().await;
    world.stop().await;
    assert_eq!(rows(&world.config).await, expected(1, 0, 0, 0));

    world.clock.advance_days(20);
    world.start().await;
    world.sweep().await;
    let mut guest = world.client().await;
    let attached = guest.attach(1, 2).await.expect("attached");
    assert_eq!(
        (attached.cursor, attached.expired_up_to, attached.next_seq),
        (2, 3, 4)
    );
    // Nothing more comes from the backlog, and live delivery goes on.
    let mut anna = world.staff(1).await;
    anna.attach(1, 1).await.expect("attached");
    anna.say(1, 4).await;
    assert_eq!(guest.delivered().await.seq, 4);
    world.stop().await;
    assert_eq!(rows(&world.config).await, expected(1, 0, 0, 0));
}

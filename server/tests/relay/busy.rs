//! A relay that holds something of what people leave with it.

use siegel_proto::frame::Request;
use siegel_proto::ids::ContentHash;
use siegel_proto::key_package::PublishKeyPackages;

use crate::support::*;
use crate::{accounts, blobs, capsules};

/// A relay with an entry, an attachment, key packages and an invitation.
pub async fn world() -> (World, blobs::Blob) {
    let world = World::set_up().await;
    let blob = fill(&world).await;
    (world, blob)
}

/// Puts these into a relay with an organisation.
pub async fn fill(world: &World) -> blobs::Blob {
    let mut anna = world.staff(1).await;
    let seats = [staff_seat(1, 1), staff_seat(1, 2)];
    anna.create_room(1, &seats).await;
    anna.attach(1, 1).await.expect("attached");
    anna.say(1, 7).await;
    let publish = PublishKeyPackages {
        key_packages: accounts::packages(world, 0..3),
        last_resort: None,
        replace: false,
    };
    anna.done(Request::PublishKeyPackages(publish)).await;
    anna.done(Request::CreateCapsule(capsules::create(1))).await;
    let bytes = blobs::bytes();
    let blob = blobs::announce(world, 9, &bytes, ContentHash::of(&bytes)).await;
    let part = 1024 * 1024;
    for (number, chunk) in bytes.chunks(part).enumerate() {
        assert_eq!(blob.patch(world, number * part, chunk).await.status(), 204);
    }
    blob
}

//! Several relays on one PostgreSQL and one bucket.

use siegel_proto::ids::ContentHash;

use crate::support::*;
use crate::{blobs, seaweed};

const PART: usize = 1024 * 1024;

/// Another relay on the same database and bucket.
async fn beside(world: &World) -> World {
    let shared = world.config.clone();
    World::with(move |config| {
        config.database = shared.database;
        config.blob_store = shared.blob_store;
    })
    .await
}

#[tokio::test]
async fn relays_that_share_a_bucket_take_an_upload_from_each_other() {
    let bucket = seaweed::shared().bucket().await;
    let here = World::with(|config| config.blob_store = bucket).await;
    here.make_organisation().await;
    let there = beside(&here).await;
    let bytes = blobs::bytes();
    let blob = blobs::announce(&here, 1, &bytes, ContentHash::of(&bytes)).await;
    assert_eq!(blob.patch(&here, 0, &bytes[..1_000]).await.status(), 204);
    assert_eq!(blob.offset(&there).await, "1000");
    let (next, rest) = (&bytes[1_000..PART], &bytes[PART..]);
    assert_eq!(blob.patch(&there, 1_000, next).await.status(), 204);
    // A phone that has heard nothing sends the same again, to both.
    let (first, second) = (&rest[..PART], &rest[PART..]);
    let (a, b) = tokio::join!(
        blob.patch(&here, PART, first),
        blob.patch(&there, PART, first)
    );
    for answer in [a, b] {
        assert!([204, 409].contains(&answer.status().as_u16()), "{answer:?}");
    }
    let (a, b) = tokio::join!(
        blob.patch(&here, 2 * PART, second),
        blob.patch(&there, 2 * PART, second)
    );
    for answer in [a, b] {
        assert!([204, 409].contains(&answer.status().as_u16()), "{answer:?}");
    }
    for relay in [&here, &there] {
        assert_eq!(blob.get(relay, &[]).await.into_body(), bytes);
        relay.sweep().await;
    }
    assert_eq!(blob.delete(&there).await, 204);
    assert_eq!(blob.get(&here, &[]).await.status(), 404);
    assert_eq!(blobs::stored(&here).await.len(), 0);
}

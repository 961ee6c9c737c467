//! Attachments over HTTP.

use std::collections::HashSet;

use siegel_proto::blob::CreateBlob;
use siegel_proto::capsule::BearerToken;
use siegel_proto::frame::Request;
use siegel_proto::ids::{BlobId, ContentHash};

use crate::support::*;

const PART: usize = 1024 * 1024;

pub struct Blob {
    pub id: BlobId,
    path: String,
    auth: String,
}

pub async fn announce(world: &World, number: u8, bytes: &[u8], hash: ContentHash) -> Blob {
    let mut anna = world.staff(1).await;
    let create = CreateBlob {
        blob: BlobId::new([number; 16]),
        size: bytes.len() as u64,
        hash,
        secret_hash: BearerToken::new([number; 32]).hash(),
        expires_in_days: 10,
    };
    anna.done(Request::CreateBlob(create)).await;
    let secret = data_encoding::BASE64URL_NOPAD.encode(&[number; 32]);
    Blob {
        id: create.blob,
        path: format!("/v1/blobs/{}", create.blob),
        auth: format!("Bearer {secret}"),
    }
}

impl Blob {
    /// A request for the whole.
    pub fn question(&self) -> String {
        format!(
            "GET {} HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\n\r\n",
            self.path, self.auth
        )
    }

    /// Sends a part, and again what of it could not be stored at first.
    pub async fn patch(
        &self,
        world: &World,
        offset: usize,
        part: &[u8],
    ) -> hyper::Response<bytes::Bytes> {
        let mut pace = Pace::begin();
        let (mut from, end) = (offset, offset + part.len());
        loop {
            let answer = self.patch_once(world, from, &part[from - offset..]).await;
            if !is_unavailable(answer.status()) {
                return answer;
            }
            pace.tick(answer.status()).await;
            let held: usize = self.offset(world).await.parse().expect("a number");
            if held == end {
                // Its last byte was stored, when nobody could say so.
                let stored = hyper::Response::builder().status(204);
                let stored = stored.header("upload-offset", end);
                return stored.body(bytes::Bytes::new()).expect("an answer");
            }
            from = held.clamp(offset, end);
        }
    }

    /// Sends a part and takes whatever is answered.
    pub async fn patch_once(
        &self,
        world: &World,
        offset: usize,
        part: &[u8],
    ) -> hyper::Response<bytes::Bytes> {
        let offset = offset.to_string();
        let headers = [
            ("authorization", self.auth.as_str()),
            ("upload-offset", &offset),
        ];
        world
            .http("PATCH", &self.path, &headers, part.to_vec())
            .await
    }

    pub async fn get(
        &self,
        world: &World,
        headers: &[(&str, &str)],
    ) -> hyper::Response<bytes::Bytes> {
        let mut pace = Pace::begin();
        loop {
            let answer = self.get_once(world, headers).await;
            if !is_unavailable(answer.status()) {
                return answer;
            }
            pace.tick(answer.status()).await;
        }
    }

    /// Asks for it and takes whatever is answered.
    pub async fn get_once(
        &self,
        world: &World,
        headers: &[(&str, &str)],
    ) -> hyper::Response<bytes::Bytes> {
        let mut all = vec![("authorization", self.auth.as_str())];
        all.extend_from_slice(headers);
        world.http("GET", &self.path, &all, "").await
    }

    pub async fn delete(&self, world: &World) -> hyper::StatusCode {
        let headers = [("authorization", self.auth.as_str())];
        world
            .http("DELETE", &self.path, &headers, "")
            .await
            .status()
    }

    pub async fn offset(&self, world: &World) -> String {
        let headers = [("authorization", self.auth.as_str())];
        let answer = world.http_in_time("HEAD", &self.path, &headers, "").await;
        answer.headers()["upload-offset"]
            .to_str()
            .expect("text")
            .to_owned()
    }
}

/// Every attachment of which the relay's folder or bucket holds anything.
pub async fn stored(world: &World) -> HashSet<BlobId> {
    let mut pace = Pace::begin();
    loop {
        match world.relay().state().blobs.all().await {
            Ok(all) => return all,
            Err(error) => pace.tick(error).await,
        }
    }
}

pub fn bytes() -> Vec<u8> {
    (0..3 * PART).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn an_upload_goes_on_where_it_stopped_and_can_then_be_read() {
    let mut world = World::set_up().await;
    let bytes = bytes();
    let blob = announce(&world, 1, &bytes, ContentHash::of(&bytes)).await;
    assert_eq!(blob.offset(&world).await, "0");
    assert_eq!(blob.patch(&world, 0, &bytes[..PART]).await.status(), 204);
    world.restart().await;
    assert_eq!(blob.offset(&world).await, PART.to_string());
    let wrong = blob.patch(&world, 5, &bytes[5..PART]).await;
    assert_eq!(wrong.status(), 409);
    let text = String::from_utf8_lossy(wrong.body()).into_owned();
    assert!(
        text.contains("offset_mismatch") && text.contains(&PART.to_string()),
        "{text}"
    );
    let long = blob.patch(&world, PART, &bytes[PART..]).await;
    assert_eq!(long.status(), 413, "one part at a time");
    let mut offset: usize = blob.offset(&world).await.parse().expect("number");
    assert_eq!(blob.get(&world, &[]).await.status(), 404, "not complete");
    while offset < bytes.len() {
        let end = (offset + PART).min(bytes.len());
        assert_eq!(
            blob.patch(&world, offset, &bytes[offset..end])
                .await
                .status(),
            204
        );
        offset = end;
    }
    assert_eq!(blob.get(&world, &[]).await.into_body(), bytes);
    let part = blob.get(&world, &[("range", "bytes=10-19")]).await;
    assert_eq!(part.status(), 206);
    assert_eq!(part.body(), &bytes[10..20]);
    let answer = world
        .http("GET", &blob.path, &[("authorization", "Bearer x")], "")
        .await;
    assert_eq!(answer.status(), 404);
    assert_eq!(blob.delete(&world).await, 204);
    assert_eq!(blob.get(&world, &[]).await.status(), 404);
}

#[tokio::test]
async fn another_hash_than_declared_drops_the_blob() {
    let world = World::set_up().await;
    let bytes = vec![1; 4096];
    let blob = announce(&world, 1, &bytes, ContentHash::of(b"something else")).await;
    let answer = blob.patch(&world, 0, &bytes).await;
    assert_eq!(answer.status(), 422);
    assert!(String::from_utf8_lossy(answer.body()).contains("hash_mismatch"));
    assert_eq!(blob.get(&world, &[]).await.status(), 404);
}

#[tokio::test]
async fn parts_of_any_length_make_one_blob() {
    let world = World::set_up().await;
    let bytes = bytes();
    let blob = announce(&world, 1, &bytes, ContentHash::of(&bytes)).await;
    let lengths = [1, 700_000, 0, 700_000, PART, 5, PART - 5];
    let mut offset = 0;
    for length in lengths.into_iter().cycle() {
        let end = (offset + length).min(bytes.len());
        let stored = blob.patch(&world, offset, &bytes[offset..end]).await;
        assert_eq!(stored.status(), 204, "{offset} to {end}");
        assert_eq!(stored.headers()["upload-offset"], end.to_string());
        offset = end;
        if offset == bytes.len() {
            break;
        }
        assert_eq!(blob.offset(&world).await, offset.to_string());
    }
    assert_eq!(blob.get(&world, &[]).await.into_body(), bytes);
    for (first, last) in [
        (0, 0),
        (PART - 1, PART),
        (PART, 2 * PART + 7),
        (7, 3 * PART - 1),
    ] {
        let range = format!("bytes={first}-{last}");
        let part = blob.get(&world, &[("range", &range)]).await;
        assert_eq!(part.status(), 206, "{range}");
        assert!(part.body() == &bytes[first..=last], "{range}");
    }
}

#[tokio::test]
async fn bytes_go_with_their_row_by_deletion_and_by_expiry() {
    let world = World::set_up().await;
    let all = async || stored(&world).await;
    let bytes = vec![7; 2 * PART];
    let mut blobs = Vec::new();
    for number in [1, 2, 3] {
        let blob = announce(&world, number, &bytes, ContentHash::of(&bytes)).await;
        assert_eq!(blob.patch(&world, 0, &bytes[..PART]).await.status(), 204);
        blobs.push(blob);
    }
    // The third one is never sent to its end.
    for blob in &blobs[..2] {
        assert_eq!(blob.patch(&world, PART, &bytes[PART..]).await.status(), 204);
    }
    let ids: HashSet<BlobId> = blobs.iter().map(|blob| blob.id).collect();
    assert_eq!(all().await, ids);
    assert_eq!(blobs[0].delete(&world).await, 204);
    assert_eq!(all().await.len(), 2);
    world.sweep().await;
    assert_eq!(all().await.len(), 2, "what has a row stays");
    world.clock.advance_days(11);
    world.sweep().await;
    assert_eq!(all().await.len(), 0);
}

/// Bytes are stored after their row and before the row calls them complete, and go after it.
#[tokio::test]
async fn a_relay_that_dies_between_row_and_bytes_loses_and_leaves_nothing() {
    let mut world = World::set_up().await;
    let bytes = bytes();
    let died = announce(&world, 1, &bytes, ContentHash::of(&bytes)).await;
    let deleted = announce(&world, 2, &bytes, ContentHash::of(&bytes)).await;
    let damaged = announce(&world, 3, &bytes, ContentHash::of(b"something else")).await;
    for blob in [&died, &deleted, &damaged] {
        // As the last part leaves them, one step before the row.
        let state = world.relay().state();
        let upload = state.blobs.upload(blob.id).expect("free");
        let mut part = upload.append(0).await.expect("begun");
        part.write(&bytes).await.expect("taken");
        part.sync().await.expect("stored");
    }
    let state = world.relay().state();
    state.store.delete_blob(deleted.id).await.expect("row gone");
    world.restart().await;

    // The sender asks how far it came, and will send no more.
    assert_eq!(died.get(&world, &[]).await.status(), 404);
    assert_eq!(died.offset(&world).await, bytes.len().to_string());
    assert_eq!(died.get(&world, &[]).await.into_body(), bytes);
    let headers = [("authorization", damaged.auth.as_str())];
    let answer = world.http("HEAD", &damaged.path, &headers, "").await;
    assert_eq!(
        answer.status(),
        422,
        "it is looked at before it is complete"
    );

    let all = async || stored(&world).await;
    world.sweep().await;
    assert_eq!(all().await, HashSet::from([died.id]));
}

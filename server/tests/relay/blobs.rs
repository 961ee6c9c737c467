//! Attachments over HTTP.

use siegel_proto::blob::CreateBlob;
use siegel_proto::capsule::BearerToken;
use siegel_proto::frame::Request;
use siegel_proto::ids::{BlobId, ContentHash};

use crate::support::*;

const PART: usize = 1024 * 1024;

pub struct Blob {
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

    pub async fn patch(
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
        let mut all = vec![("authorization", self.auth.as_str())];
        all.extend_from_slice(headers);
        world.http("GET", &self.path, &all, "").await
    }

    async fn offset(&self, world: &World) -> String {
        let answer = world
            .http("HEAD", &self.path, &[("authorization", &self.auth)], "")
            .await;
        answer.headers()["upload-offset"]
            .to_str()
            .expect("text")
            .to_owned()
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
    let answer = world
        .http("DELETE", &blob.path, &[("authorization", &blob.auth)], "")
        .await;
    assert_eq!(answer.status(), 204);
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

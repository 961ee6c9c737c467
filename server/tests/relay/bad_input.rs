//! Whatever is sent, the relay refuses it clearly and loses nothing of anybody else's.

use prost::Message as _;
use siegel_proto::capsule::{BearerToken, ClaimCapsule, CreateCapsule};
use siegel_proto::frame::{Reply, Request, encode_request};
use siegel_proto::ids::{CapsuleId, Signature};
use siegel_proto::{ErrorCode, account::Authenticate, limits, wire};
use siegel_server::config::Config;
use siegel_server::rate::Rate;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::*;

/// Here it is not the rates that stop anybody.
fn generous(config: &mut Config) {
    let rate = Rate {
        per_second: 1_000_000,
        burst: 1_000_000,
    };
    config.limits.seat = rate;
    config.limits.account = rate;
    config.limits.source = rate;
}

async fn generous_world() -> World {
    let world = World::with(generous).await;
    world.make_organisation().await;
    world
}

/// The encoded frames of the vectors: every kind a client can send.
fn every_kind_of_frame() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../proto/vectors/client_frame");
    let files = std::fs::read_dir(folder).expect("the vectors");
    let frames: Vec<Vec<u8>> = files
        .map(|file| {
            let text = std::fs::read_to_string(file.expect("a file").path()).expect("reads");
            let vector: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let hex = vector["hex"].as_str().expect("bytes");
            data_encoding::HEXLOWER
                .decode(hex.as_bytes())
                .expect("hexadecimal")
        })
        .collect();
    assert!(frames.len() > 20, "{} kinds", frames.len());
    frames
}

/// Cut off, changed, grown beyond the limit, and as it is: signed by another root.
fn damaged(frame: &[u8]) -> Vec<Vec<u8>> {
    let step = frame.len().div_ceil(16);
    let mut all: Vec<Vec<u8>> = vec![
        frame.to_vec(),
        frame.repeat(2),
        [frame, &[0xff; 9]].concat(),
    ];
    for at in (0..frame.len()).step_by(step) {
        all.push(frame[..at].to_vec());
        for change in [0x01, 0x80, 0xff] {
            let mut changed = frame.to_vec();
            changed[at] ^= change;
            all.push(changed);
        }
    }
    let mut oversized = frame.to_vec();
    oversized.resize(limits::FRAME_BYTES + 1, 0);
    all.push(oversized);
    all
}

/// A colleague with a session and a seat, so that what is sent gets as far as it can.
async fn insider(world: &World) -> Client {
    let mut client = world.client().await;
    let session = Staff::new(2).authenticate(&client.challenge);
    let answer = client.ask(session).await;
    assert!(
        matches!(answer, Ok(Reply::Authenticated { .. })),
        "{answer:?}"
    );
    client.attach(2, 1).await.expect("attached");
    client
}

/// Says something now and then, for as long as it is answered: the relay takes whoever is
/// silent for gone.
async fn stays(client: &mut Client) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_secs(1));
    while client.goes_on().await {
        ticks.tick().await;
    }
}

#[tokio::test]
async fn no_damaged_frame_of_any_kind_disturbs_the_others() {
    let world = generous_world().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    anna.say(1, 1).await;
    world
        .staff(2)
        .await
        .create_room(2, &[staff_seat(2, 1)])
        .await;

    let attack = async {
        let mut hostile = insider(&world).await;
        let mut closed = 0;
        for frame in every_kind_of_frame() {
            for bad in damaged(&frame) {
                if !hostile.survives(Message::Binary(bad.into())).await {
                    closed += 1;
                    hostile = insider(&world).await;
                }
            }
        }
        closed
    };
    let closed = tokio::select! {
        closed = attack => closed,
        () = stays(&mut anna) => panic!("somebody else was disturbed"),
    };
    assert!(closed > 20, "only {closed} connections were closed");

    anna.say(1, 2).await;
    let ready = world.http_in_time("GET", "/readyz", &[], "").await;
    assert_eq!(ready.status(), 200);
    let mut guest = world.client().await;
    let attached = guest.attach(1, 2).await.expect("attached");
    assert_eq!((attached.epoch, attached.next_seq), (0, 3));
    for message in 1..=2 {
        assert_eq!(number(&guest.delivered().await), message);
    }
}

#[tokio::test]
async fn what_a_websocket_must_not_send_closes_the_connection() {
    let world = generous_world().await;
    let binary = |bytes: Vec<u8>, last| Frame::message(bytes, OpCode::Data(Data::Binary), last);
    let next = |bytes: Vec<u8>, last| Frame::message(bytes, OpCode::Data(Data::Continue), last);
    let mut compressed = binary(vec![0; 8], true);
    compressed.header_mut().rsv1 = true;
    let reserved = Frame::message(vec![0], OpCode::Data(Data::Reserved(3)), true);
    let part = || vec![0; limits::FRAME_BYTES / 2 + 1];
    let cases = [
        ("compressed", vec![compressed]),
        ("an unknown kind", vec![reserved]),
        ("an end without a beginning", vec![next(vec![0; 8], true)]),
        (
            "two beginnings",
            vec![binary(vec![0], false), binary(vec![0], true)],
        ),
        (
            "fragments beyond the limit",
            vec![binary(part(), false), next(part(), true)],
        ),
    ];
    for (what, frames) in cases {
        let mut client = world.staff(1).await;
        let mut open = true;
        for frame in frames {
            open = open && client.offer(Message::Frame(frame)).await;
        }
        assert!(!open || !client.goes_on().await, "{what} is taken");
    }
    // A frame in two fragments is one frame.
    let mut client = world.client().await;
    let frame = encode_request(77, Request::GetPolicy);
    let (first, second) = frame.split_at(1);
    client
        .raw(Message::Frame(binary(first.to_vec(), false)))
        .await;
    client
        .raw(Message::Frame(next(second.to_vec(), true)))
        .await;
    assert!(matches!(client.answer(77).await, Ok(Reply::Policy(_))));
}

#[tokio::test]
async fn attack_35_compression_is_offered_in_vain() {
    let world = World::new().await;
    let headers = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        (
            "sec-websocket-extensions",
            "permessage-deflate; client_max_window_bits",
        ),
        ("accept-encoding", "gzip, br, zstd"),
    ];
    let answer = world.http("GET", "/v1/socket", &headers, "").await;
    assert_eq!(answer.status(), 101);
    assert!(!answer.headers().contains_key("sec-websocket-extensions"));
    // The app's files are the same for everybody and are compressed when they are built.
    let answer = world
        .http_in_time("GET", "/readyz", &headers[5..], "")
        .await;
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key("content-encoding"));
}

#[tokio::test]
async fn attack_24_no_changed_or_shortened_proof_opens_anything() {
    let world = generous_world().await;
    let staff = Staff::new(1);
    world.staff(1).await;
    let mut client = world.client().await;
    let sound = client.challenge.answer(&staff.auth, staff.device);
    for bit in 0..512 {
        let mut signature = *sound.as_bytes();
        signature[bit / 8] ^= 1 << (bit % 8);
        let answer = Signature::new(signature);
        let device = staff.device;
        let refused = client.ask(Request::Authenticate(Authenticate { device, answer }));
        let code = refused.await.expect_err("another signature").code;
        assert_eq!(code, ErrorCode::Denied, "bit {bit}");
    }
    let longer = [sound.as_bytes(), &[0][..]].concat();
    for length in (0..64).chain([65]) {
        let frame = wire::ClientFrame {
            request: 9_000 + length as u64,
            body: Some(wire::client_frame::Body::Authenticate(wire::Authenticate {
                device_id: staff.device.to_wire(),
                signature: longer[..length].to_vec().into(),
            })),
        };
        client
            .raw(Message::Binary(frame.encode_to_vec().into()))
            .await;
        let code = client
            .answer(frame.request)
            .await
            .expect_err("no signature")
            .code;
        assert_eq!(code, ErrorCode::Malformed, "{length} bytes");
    }
    let answer = client
        .ask(staff.authenticate(&client.challenge.clone()))
        .await;
    assert!(
        matches!(answer, Ok(Reply::Authenticated { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn attack_24_no_changed_or_shortened_token_claims_a_capsule() {
    let world = generous_world().await;
    let token = BearerToken::new([3; 32]);
    let capsule = CapsuleId::new([4; 16]);
    let create = CreateCapsule {
        capsule,
        claim_hash: token.hash(),
        sealed: vec![5; 256].into(),
        expires_in_hours: 1,
    };
    world
        .staff(1)
        .await
        .done(Request::CreateCapsule(create))
        .await;
    let path = format!("/v1/capsules/{capsule}/claim");
    for bit in 0..256 {
        let mut changed = *token.as_bytes();
        changed[bit / 8] ^= 1 << (bit % 8);
        let claim = ClaimCapsule {
            token: BearerToken::new(changed),
            claimant: BearerToken::new([6; 32]),
        };
        let body = wire::ClaimCapsule::from(&claim).encode_to_vec();
        assert_eq!(
            world.http("POST", &path, &[], body).await.status(),
            404,
            "bit {bit}"
        );
    }
    let claim = ClaimCapsule {
        token,
        claimant: BearerToken::new([6; 32]),
    };
    let body = wire::ClaimCapsule::from(&claim).encode_to_vec();
    for length in 0..body.len() {
        let short = body[..length].to_vec();
        assert_eq!(
            world.http("POST", &path, &[], short).await.status(),
            400,
            "{length} bytes"
        );
    }
    assert_eq!(world.http("POST", &path, &[], body).await.status(), 200);
}

/// More than every buffer on the way holds.
const ENDLESS: usize = 64 * 1024 * 1024;

/// Sends a body until the relay has enough; how much it took and what it answered.
async fn endless(world: &World, head: &str) -> (usize, String) {
    let stream = TcpStream::connect(world.relay().address())
        .await
        .expect("connects");
    let (mut reading, mut writing) = stream.into_split();
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
    let head = format!("{head} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    let send = async move {
        let mut sent = 0;
        writing
            .write_all(head.as_bytes())
            .await
            .expect("the head goes out");
        while sent < ENDLESS && writing.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
        }
        sent
    };
    let receive = async move {
        let mut answer = vec![0; 1024];
        let length = reading.read(&mut answer).await.unwrap_or(0);
        String::from_utf8_lossy(&answer[..length]).into_owned()
    };
    tokio::join!(send, receive)
}

#[tokio::test]
async fn attack_49_a_body_without_end_is_cut_off() {
    let world = generous_world().await;
    let id = CapsuleId::new([4; 16]);
    for (head, status) in [
        (format!("POST /v1/capsules/{id}/claim"), "413"),
        (format!("POST /v1/capsules/{id}/confirm"), "413"),
        (format!("PATCH /v1/blobs/{id}"), "404"),
        ("POST /".to_owned(), "405"),
        ("POST /nothing".to_owned(), "404"),
    ] {
        let (sent, answer) = endless(&world, &head).await;
        assert!(sent < ENDLESS, "{head}: everything was taken");
        assert!(answer.contains(status), "{head}: {answer}");
    }
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    let form = "--x\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n";
    let path = format!("/v1/capsules/{id}/claim");
    assert_eq!(
        world.http("POST", &path, &headers, form).await.status(),
        400
    );
}

#[tokio::test]
async fn attack_59_an_id_in_an_address_is_no_path() {
    let world = generous_world().await;
    let secret = format!("Bearer {}", data_encoding::BASE64URL_NOPAD.encode(&[1; 32]));
    for id in [
        "..%2f..%2fsiegel.db",
        "..%5csiegel.db",
        "%2e%2e",
        "siegel.db%00",
        "AAAAAAAAAAAAAAAAAAAAAA",
        "C:%5c",
    ] {
        let path = format!("/v1/blobs/{id}");
        let headers = [("authorization", secret.as_str())];
        for method in ["GET", "HEAD", "PATCH", "DELETE"] {
            let answer = world.http(method, &path, &headers, "").await;
            assert_eq!(answer.status(), 404, "{method} {id}");
        }
    }
}

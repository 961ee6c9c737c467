//! Bad input, floods, readers that do not read, disks that are full.

use siegel_proto::ErrorCode;
use siegel_proto::frame::{Reply, Request, encode_request};
use siegel_proto::limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::*;

#[tokio::test]
async fn what_is_not_the_protocol_closes_the_connection() {
    let world = World::set_up().await;
    let unauthenticated = vec![0; limits::FRAME_BYTES_UNAUTHENTICATED + 1];
    for message in [
        Message::Text("hello".into()),
        Message::Binary(vec![255; 40].into()),
        Message::Binary(unauthenticated.into()),
        Message::Binary(vec![0; limits::FRAME_BYTES + 1].into()),
    ] {
        let mut client = world.client().await;
        client.raw(message).await;
        client.closed().await;
    }
    world.client().await;
}

#[tokio::test]
async fn hello_comes_first() {
    let world = World::set_up().await;
    let url = format!("ws://{}/v1/socket", world.relay().address());
    let (mut socket, _) = tokio_tungstenite::connect_async(url)
        .await
        .expect("connects");
    use futures_util::{SinkExt as _, StreamExt as _};
    let frame = encode_request(1, Request::GetPolicy);
    socket
        .send(Message::Binary(frame.into()))
        .await
        .expect("sends");
    let answer = socket
        .next()
        .await
        .expect("an answer")
        .expect("a frame")
        .into_data();
    let (number, reply) = siegel_proto::frame::parse_reply(answer).expect("parses");
    assert_eq!(number, 1);
    assert!(matches!(reply, Reply::Refused(refusal) if refusal.code == ErrorCode::Malformed));
}

#[tokio::test]
async fn a_flood_is_told_when_to_come_back() {
    let world = World::with(|config| {
        config.limits.seat = siegel_server::rate::Rate {
            per_second: 1,
            burst: 3,
        };
    })
    .await;
    world.make_organisation().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1)]).await;
    anna.attach(1, 1).await.expect("attached");
    // Not one after the other: what is answered slowly is no flood.
    let mut sent = Vec::new();
    for message in 0..10 {
        let append = Request::Append(message_in(1, 0, message));
        sent.push(anna.send(append).await);
    }
    let mut refused = None;
    for number in sent {
        refused = anna.answer(number).await.err().or(refused);
    }
    let refusal = refused.expect("a flood");
    assert_eq!(refusal.code, ErrorCode::RateLimited);
    assert!((1..=1_001).contains(&refusal.retry_after_ms));
}

#[tokio::test]
async fn attack_50_a_head_that_never_ends_is_cut_off() {
    let world = World::new().await;
    let mut stream = TcpStream::connect(world.relay().address())
        .await
        .expect("connects");
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n")
        .await
        .expect("writes");
    until("it is taken", || {
        world.relay().state().connections.open() > 0
    })
    .await;
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(11)).await;
    tokio::time::resume();
    rest(&mut stream).await;
}

/// What the relay still says until it closes the connection.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    read.expect("an end").expect("closed by the relay");
    rest
}

/// A body that dribbles to where strangers may post. Parts of files have a test of their own.
#[tokio::test]
async fn attack_50_a_body_that_dribbles_is_cut_off() {
    let world = World::new().await;
    let connections = &world.relay().state().connections;
    let mut stream = TcpStream::connect(world.relay().address())
        .await
        .expect("connects");
    let head = "POST /v1/capsules/AAAAAAAAAAAAAAAAAAAAAA/claim HTTP/1.1\r\nhost: x\r\n\
                content-length: 68\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("writes");
    until("it is taken", || connections.open() > 0).await;
    // The relay's clock for the body runs once it has read the head.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    // One byte every twenty seconds: never idle for long.
    tokio::time::pause();
    for _ in 0..2 {
        stream.write_all(b"x").await.expect("writes");
        tokio::time::advance(std::time::Duration::from_secs(20)).await;
    }
    tokio::time::resume();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with(b"HTTP/1.1 408 "), "{answer:?}");
    until("it is gone", || connections.open() == 0).await;
}

/// Somebody asks for a file and then reads nothing of it.
#[tokio::test]
async fn attack_52_who_does_not_read_a_file_is_let_go() {
    let world = World::set_up().await;
    let bytes = vec![7; 16 * 1024 * 1024];
    let hash = siegel_proto::ids::ContentHash::of(&bytes);
    let blob = crate::blobs::announce(&world, 9, &bytes, hash).await;
    let part = limits::BLOB_PART_BYTES;
    for (number, chunk) in bytes.chunks(part).enumerate() {
        assert_eq!(blob.patch(&world, number * part, chunk).await.status(), 204);
    }
    let connections = &world.relay().state().connections;
    until("those before are gone", || connections.open() == 0).await;
    let mut stream = TcpStream::connect(world.relay().address())
        .await
        .expect("connects");
    stream
        .write_all(blob.question().as_bytes())
        .await
        .expect("writes");
    let mut first = [0; 1];
    stream.read_exact(&mut first).await.expect("it is answered");
    // Time goes on for as long as the relay waits for the system to take more.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    while connections.open() > 0 {
        tokio::time::advance(std::time::Duration::from_secs(5)).await;
    }
    tokio::time::resume();
    drop(stream);
}

#[tokio::test]
async fn pages_of_other_origins_get_no_socket_and_every_answer_its_headers() {
    let world = World::new().await;
    let headers = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("origin", "https://elsewhere.example"),
    ];
    let answer = world.http("GET", "/v1/socket", &headers, "").await;
    assert_eq!(answer.status(), 404);
    for path in ["/", "/healthz", "/nothing"] {
        let answer = world.http("GET", path, &[], "").await;
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert!(answer.headers().contains_key("content-security-policy"));
    }
}

#[tokio::test]
async fn attack_52_who_does_not_read_is_dropped_and_stops_nobody() {
    let world = World::with(|config| {
        config.limits.seat = siegel_server::rate::Rate {
            per_second: 100_000,
            burst: 100_000,
        };
    })
    .await;
    world.make_organisation().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2), open_seat(1, 3)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut deaf = world.client().await;
    deaf.attach(1, 2).await.expect("attached");
    let mut guest = world.client().await;
    guest.attach(1, 3).await.expect("attached");
    for message in 1..=200 {
        let mut append = message_in(1, 0, message);
        append.payload = vec![0; 128 * 1024].into();
        anna.append(append).await.expect("appended");
        assert_eq!(guest.delivered().await.seq, message);
    }
    // 25 MiB wait for the deaf one; it holds a bounded queue, not that.
    let connections = &world.relay().state().connections;
    until("three are left", || connections.open() <= 3).await;
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(31)).await;
    tokio::time::resume();
    until("the deaf one is gone", || connections.open() <= 2).await;
    drop(deaf);
}

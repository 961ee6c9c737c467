//! Callers that hang up in the middle of everything.

use std::io::{ErrorKind, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};

use siegel_proto::frame::{Request, encode_request};
use tokio_tungstenite::tungstenite::Message;

use crate::support::*;

const ABORTED: usize = 10_000;
/// At once: more than there are connections to the database.
const AT_ONCE: usize = 64;

/// A small generator: the test is the same every time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % (end as u64).max(1)).expect("small")
    }
}

/// Requests that read, write and stream.
fn requests() -> Vec<Vec<u8>> {
    let id = "AAAAAAAAAAAAAAAAAAAAAA";
    let secret = data_encoding::BASE64URL_NOPAD.encode(&[1; 32]);
    let auth = format!("host: x\r\nauthorization: Bearer {secret}\r\n");
    // Field 1 and field 2, 32 bytes each.
    let claim = [&[0x0a, 32][..], &[1; 32], &[0x12, 32], &[2; 32]].concat();
    let post = |what: &str| {
        let head = format!(
            "POST /v1/capsules/{id}/{what} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
            claim.len()
        );
        [head.as_bytes(), &claim].concat()
    };
    let upload = format!(
        "PATCH /v1/blobs/{id} HTTP/1.1\r\n{auth}upload-offset: 0\r\ncontent-length: 4096\r\n\r\n"
    );
    vec![
        post("claim"),
        post("confirm"),
        format!("GET /v1/blobs/{id} HTTP/1.1\r\n{auth}\r\n").into_bytes(),
        format!("DELETE /v1/blobs/{id} HTTP/1.1\r\n{auth}\r\n").into_bytes(),
        [upload.as_bytes(), &[7; 4096]].concat(),
        b"GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
    ]
}

/// Sends requests up to some byte and hangs up without reading, as a phone in a tunnel does.
fn abort(address: SocketAddr, draw: &mut Draw, requests: &[Vec<u8>]) {
    let request = &requests[draw.below(requests.len())];
    // Half of them are whole, so that the relay is already at work.
    let sent = match draw.below(2) {
        0 => request.len(),
        _ => draw.below(request.len()),
    };
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.write_all(&request[..sent]).expect("is taken");
    if draw.below(2) == 0 {
        // A relay that has answered and hung up meanwhile was sooner.
        let shut = stream.shutdown(Shutdown::Both);
        let kind = shut.map_err(|error| error.kind());
        assert!(
            matches!(kind, Ok(()) | Err(ErrorKind::NotConnected)),
            "{kind:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_71_ten_thousand_aborted_requests_poison_nothing() {
    let world = World::with(|config| {
        config.limits.source.per_second = 1_000_000;
        config.limits.source.burst = 1_000_000;
        config.limits.connections_per_source = 20_000;
    })
    .await;
    world.make_organisation().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");

    let address = world.relay().address();
    let callers: Vec<_> = (0..AT_ONCE)
        .map(|caller| {
            tokio::task::spawn_blocking(move || {
                let mut draw = Draw(caller as u64);
                let requests = requests();
                for _ in 0..ABORTED / AT_ONCE {
                    abort(address, &mut draw, &requests);
                }
            })
        })
        .collect();
    // Sockets hang up as well, each with an entry under way.
    let mut stored = 0;
    for message in 1..=100 {
        let mut guest = world.client().await;
        guest.attach(1, 2).await.expect("attached");
        let append = encode_request(9, Request::Append(message_in(1, 0, message)));
        guest.raw(Message::Binary(append.into())).await;
        drop(guest);
        stored = anna.say(1, 1_000 + message).await;
    }
    for caller in callers {
        caller.await.expect("hung up");
    }

    // Every connection to the database is asked, several times over.
    let asked = (0..AT_ONCE).map(|_| async {
        let path = "/v1/blobs/AAAAAAAAAAAAAAAAAAAAAA";
        let secret = data_encoding::BASE64URL_NOPAD.encode(&[1; 32]);
        let secret = format!("Bearer {secret}");
        let headers = [("authorization", secret.as_str())];
        world.http_in_time("GET", path, &headers, "").await.status()
    });
    for status in futures_util::future::join_all(asked).await {
        assert_eq!(status, 404);
    }
    let ready = world.http_in_time("GET", "/readyz", &[], "").await;
    assert_eq!(ready.status(), 200);
    let connections = &world.relay().state().connections;
    until("the aborted ones are gone", || connections.open() <= 2).await;
    // What was acknowledged is there, in order and without holes.
    let mut guest = world.client().await;
    let attached = guest.attach(1, 2).await.expect("attached");
    assert!(attached.next_seq > stored && stored >= 100);
    let mut acknowledged = 0;
    for seq in 1..attached.next_seq {
        let entry = guest.delivered().await;
        assert_eq!(entry.seq, seq);
        acknowledged += u64::from(number(&entry) > 1_000);
    }
    assert_eq!(acknowledged, 100);
}

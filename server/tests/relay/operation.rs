//! What an operator relies on: TLS by files, logs that name nobody, a stop that loses nothing.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use rustls_pki_types::{CertificateDer, ServerName};
use siegel_proto::frame::{Reply, Request};
use siegel_server::config::Log;
use siegel_server::logging;
use tokio::net::TcpStream;
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::support::*;

#[tokio::test]
async fn tls_is_served_with_the_given_files_also_when_they_were_renewed() {
    let make = || rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
    let (first, second) = (make(), make());
    let world = World::with(|config| {
        let dir = config.data_dir.parent().expect("inside").to_owned();
        config.tls.certificate = dir.join("cert.pem");
        config.tls.key = dir.join("key.pem");
        std::fs::write(&config.tls.certificate, first.cert.pem()).expect("written");
        std::fs::write(&config.tls.key, first.signing_key.serialize_pem()).expect("written");
    })
    .await;
    assert!(world.relay().origin().starts_with("https://"));
    let address = world.relay().address();
    shows(address, first.cert.der()).await;

    // The key is not there yet: what fitted goes on.
    let tls = &world.config.tls;
    std::fs::write(&tls.certificate, second.cert.pem()).expect("written");
    shows(address, first.cert.der()).await;
    std::fs::write(&tls.key, second.signing_key.serialize_pem()).expect("written");
    shows(address, second.cert.der()).await;
    // Nothing that can be read: the same.
    std::fs::write(&tls.certificate, "half a certif").expect("written");
    shows(address, second.cert.der()).await;
    std::fs::remove_file(&tls.key).expect("deleted");
    shows(address, second.cert.der()).await;
}

/// The relay there answers behind this certificate, and no other is trusted.
async fn shows(address: SocketAddr, certificate: &CertificateDer<'static>) {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.expect("connects");
    let stream = tokio_rustls::TlsConnector::from(Arc::new(config))
        .connect(ServerName::try_from("localhost").expect("a name"), stream)
        .await
        .expect("handshake");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("handshake");
    tokio::spawn(connection);
    let request = hyper::Request::get("/healthz").header("host", "localhost");
    let request = request.body(Empty::<Bytes>::new()).expect("request");
    let answer = sender.send_request(request).await.expect("answer");
    assert!(answer.headers().contains_key("strict-transport-security"));
    assert_eq!(
        answer.into_body().collect().await.expect("body").to_bytes(),
        "ok\n"
    );
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("unpoisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn attack_66_the_log_at_its_loudest_names_nobody() {
    let captured = Captured::default();
    let writer = captured.clone();
    let log = Log {
        level: "trace".to_owned(),
        json: false,
    };
    // The digits of a time are nobody's.
    let layer = tracing_subscriber::fmt::layer()
        .without_time()
        .with_writer(move || writer.clone())
        .with_filter(logging::filter(&log));
    tracing_subscriber::registry()
        .with(layer)
        .try_init()
        .expect("the only subscriber");

    let mut world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(0xab, &[staff_seat(0xab, 1)]).await;
    anna.attach(0xab, 1).await.expect("attached");
    anna.say(0xab, 0x5151_5151).await;
    assert!(world.client().await.attach(0xab, 9).await.is_err());
    world
        .http("GET", "/v1/blobs/nobody?name=canary", &[], "")
        .await;
    let address = world.relay().address().to_string();
    // Empty where attachments lie in a folder.
    let store = world.config.blob_store.endpoint.replace("http://", "");
    world.stop().await;

    let log = String::from_utf8_lossy(&captured.0.lock().expect("unpoisoned")).into_owned();
    assert!(
        log.contains("organisation_set_up"),
        "the search looks at a log: {log}"
    );
    let room = room_id(0xab).to_string();
    for needle in [
        "abab",
        "q6ur",
        &room,
        "5151",
        "canary",
        "/v1/",
        &address,
        "127.0.0.1",
        "SELECT",
        &store,
    ] {
        if needle.is_empty() {
            continue;
        }
        assert!(!log.contains(needle), "{needle} stands in the log");
    }
}

#[tokio::test]
async fn a_stop_loses_nothing_that_was_answered() {
    let mut world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    for message in 1..=500 {
        anna.send(Request::Append(message_in(1, 0, message))).await;
    }
    let reading = tokio::spawn(async move {
        let mut answered = 0;
        while let Some((_, reply)) = anna.frame().await {
            if let Reply::Appended(appended) = reply {
                answered = appended.seq;
            }
        }
        answered
    });
    world.restart().await;
    let answered = reading.await.expect("read");
    let mut guest = world.client().await;
    let attached = guest.attach(1, 2).await.expect("attached");
    assert!(
        attached.next_seq > answered,
        "{answered} answered, {} stored",
        attached.next_seq - 1
    );
    for seq in 1..attached.next_seq {
        assert_eq!(guest.delivered().await.seq, seq);
    }
}

//! Certificates that the relay orders by itself, from a real authority.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use siegel_server::clock::{Clock, Entropy};
use siegel_server::config::Config;
use siegel_server::{Relay, doctor};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::pebble::Pebble;
use crate::support::Pace;

const NAME: &str = "chat.siegel.example";

fn config(pebble: &Pebble, folder: &TempDir, listen: SocketAddr) -> Config {
    let mut config = Config {
        data_dir: folder.path().join("data"),
        listen: listen.into(),
        public_url: format!("https://{NAME}"),
        ..Config::default()
    };
    config.limits.ballast_bytes = 64 * 1024;
    config.tls.acme.domains = vec![NAME.to_owned()];
    config.tls.acme.contact = "it@siegel.example".to_owned();
    config.tls.acme.directory = pebble.directory();
    config.tls.acme.ca_file = pebble.ca_file();
    config
}

async fn start(config: &Config, clock: &Clock) -> Relay {
    let relay = Relay::start(config.clone(), clock.clone(), Entropy::system()).await;
    relay.expect("starts")
}

/// An order that failed is followed by another, once its quarter of an hour is over.
fn order_again(relay: &Relay, clock: &Clock) {
    let failure = relay.state().transport.failure();
    if failure.is_some_and(|failure| failure.at == clock.now()) {
        clock.advance_seconds(15 * 60);
    }
}

/// The certificate that is served, once it is another than this.
async fn served(relay: &Relay, clock: &Clock, before: &[u8], roots: &RootCertStore) -> Vec<u8> {
    let mut pace = Pace::begin();
    loop {
        if let Ok(stream) = connect(relay.address(), NAME, roots, &[]).await {
            let shown = stream.get_ref().1.peer_certificates().expect("shown");
            let shown = shown[0].to_vec();
            if shown != before {
                return shown;
            }
        }
        // A request that takes too long on a busy machine fails an order.
        order_again(relay, clock);
        let failure = relay.state().transport.failure();
        pace.tick(format!("no other certificate is served: {failure:?}"))
            .await;
    }
}

async fn connect(
    address: SocketAddr,
    name: &str,
    roots: &RootCertStore,
    asked: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    config.alpn_protocols = asked.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

async fn get(stream: TlsStream<TcpStream>, path: &str) -> (u16, String) {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("handshake");
    tokio::spawn(connection);
    let request = hyper::Request::get(path).header("host", NAME);
    let request = request.body(Empty::<Bytes>::new()).expect("request");
    let answer = sender.send_request(request).await.expect("answer");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("body").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Waits until the relay tells of itself what is looked for.
async fn tells(relay: &Relay, roots: &RootCertStore, fits: impl Fn(&str) -> bool) {
    let mut pace = Pace::begin();
    loop {
        let stream = connect(relay.address(), NAME, roots, &[b"http/1.1"]).await;
        let text = get(stream.expect("handshake"), "/readyz").await.1;
        if fits(&text) {
            return;
        }
        pace.tick(text).await;
    }
}

/// What is wrong with the certificate, once it is what is looked for: an order may fail for
/// another reason first.
async fn is_told(relay: &Relay, clock: &Clock, config: &Config, words: &[&str]) {
    let mut pace = Pace::begin();
    loop {
        let finding = about_the_certificate(config).await;
        let text = finding.to_string();
        if finding.is_bad() && words.iter().all(|word| text.contains(word)) {
            return;
        }
        order_again(relay, clock);
        pace.tick(text).await;
    }
}

/// The root under which the authority signs.
async fn roots(pebble: &Pebble) -> RootCertStore {
    let mut own = RootCertStore::empty();
    let file = CertificateDer::from_pem_file(pebble.ca_file()).expect("a certificate");
    own.add(file).expect("a root");
    let name = pebble.management().ip().to_string();
    let stream = connect(pebble.management(), &name, &own, &[]).await;
    let (status, pem) = get(stream.expect("handshake"), "/roots/0").await;
    assert_eq!(status, 200, "{pem}");
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
    roots.add(root).expect("a root");
    roots
}

async fn about_the_certificate(config: &Config) -> doctor::Finding {
    let findings = doctor::examine(config).await;
    let mut about = findings.into_iter().filter(|finding| {
        let text = finding.to_string();
        text.contains("certificate") && !text.contains("sends data")
    });
    about.next().expect("a finding")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the authority's certificates begin now"
)]
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_secs()).expect("small")
}

#[tokio::test]
async fn a_certificate_is_ordered_served_renewed_and_outlives_the_authority() {
    let mut pebble = Pebble::start().await;
    let roots = roots(&pebble).await;
    let folder = TempDir::new().expect("a folder");
    let config = config(&pebble, &folder, pebble.proofs());
    assert!(!about_the_certificate(&config).await.is_bad(), "not yet");
    let clock = Clock::fixed(now());
    let relay = start(&config, &clock).await;
    let first = served(&relay, &clock, &[], &roots).await;
    tells(&relay, &roots, |text| {
        let is_young = text.contains("\ncertificate: 0 days old, ");
        text.starts_with("ready\n") && is_young && !text.contains("failed")
    })
    .await;
    let finding = about_the_certificate(&config).await.to_string();
    assert!(finding.starts_with("[ok]"), "{finding}");

    // Kept for this user alone; nothing else is there.
    let kept = config.data_dir.join("acme");
    let mode = |path: &std::path::Path| {
        let metadata = std::fs::metadata(path).expect("there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(&kept), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&kept).expect("lists") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().expect("a name").to_owned());
    }
    names.sort();
    assert_eq!(names, ["account.json", "certificate.pem"]);

    // Proofs are shown while an order runs, and to nobody who asks for more than a proof.
    let asked = connect(relay.address(), NAME, &roots, &[b"acme-tls/1"]).await;
    assert!(asked.is_err(), "no order is under way");
    let both = connect(relay.address(), NAME, &roots, &[b"http/1.1", b"acme-tls/1"]).await;
    let both = both.expect("people are served");
    assert_eq!(get(both, "/healthz").await.0, 200);

    // A third of its life is left: another one is served, without a restart.
    let life = relay.state().transport.validity().expect("dates");
    let two_thirds = (life.ends - life.begins) / 3 * 2;
    clock.advance_seconds(two_thirds + 86_400);
    let second = served(&relay, &clock, &first, &roots).await;
    relay.stop().await;

    // Without the authority the last one is served, also after a start.
    pebble.kill();
    let relay = start(&config, &clock).await;
    let stream = connect(relay.address(), NAME, &roots, &[])
        .await
        .expect("served");
    let shown = stream.get_ref().1.peer_certificates().expect("shown");
    assert!(*shown[0] == *second, "the one that was kept");
    tells(&relay, &roots, |text| {
        text.starts_with("ready\n") && text.contains(" days left, last order failed\n")
    })
    .await;
    let words = ["cannot be asked", "tls.acme.directory"];
    is_told(&relay, &clock, &config, &words).await;
    relay.stop().await;
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_told_with_what_to_do() {
    let pebble = Pebble::start().await;
    let folder = TempDir::new().expect("a folder");
    // Nobody listens where the authority looks.
    let elsewhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = config(&pebble, &folder, elsewhere);
    let clock = Clock::fixed(now());
    let relay = start(&config, &clock).await;
    let words = [NAME, "did not find this relay", "443"];
    is_told(&relay, &clock, &config, &words).await;
    assert_eq!(relay.state().transport.validity(), None);
    let nobody = connect(relay.address(), NAME, &RootCertStore::empty(), &[]).await;
    assert!(nobody.is_err(), "there is nothing to show");
    relay.stop().await;
}

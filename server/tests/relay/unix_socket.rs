//! A relay behind a reverse proxy on the same machine, over a Unix socket.

use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use siegel_proto::frame::{Hello, Reply, Request, encode_request, parse_reply};
use siegel_server::clock::{Clock, Entropy};
use siegel_server::config::{Config, ConfigError};
use siegel_server::listen::{Listen, ListenError};
use siegel_server::{Relay, StartError};
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio_tungstenite::tungstenite::Message;

const PUBLIC: &str = "https://chat.example.org";

struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            dir: TempDir::new().expect("a folder"),
        }
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("relay.sock")
    }

    fn config(&self) -> Config {
        let mut config = Config {
            data_dir: self.dir.path().join("data"),
            listen: Listen::Unix(self.socket()),
            public_url: PUBLIC.to_owned(),
            ..Config::default()
        };
        config.limits.ballast_bytes = 64 * 1024;
        config
    }

    async fn start(&self) -> Result<Relay, StartError> {
        Relay::start(self.config(), Clock::system(), Entropy::system()).await
    }
}

async fn get(socket: &Path, path: &str) -> (u16, Bytes) {
    let stream = UnixStream::connect(socket).await.expect("connects");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("handshake");
    tokio::spawn(connection);
    let request = hyper::Request::get(path).header("host", "chat.example.org");
    let request = request.body(Empty::<Bytes>::new()).expect("request");
    let answer = sender.send_request(request).await.expect("answer");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("body").to_bytes();
    (status, body)
}

#[tokio::test]
async fn http_and_sockets_are_served_as_a_proxy_passes_them_on() {
    let place = Place::new();
    let relay = place.start().await.expect("starts");
    assert_eq!(relay.origin(), PUBLIC);
    assert_eq!(relay.listens_on(), &Listen::Unix(place.socket()));
    let link = relay.set_up_link().expect("not set up");
    assert!(
        link.starts_with("https://chat.example.org/#setup."),
        "{link}"
    );
    let (status, body) = get(&place.socket(), "/readyz").await;
    assert!(status == 200 && body.starts_with(b"ready\n"), "{body:?}");

    // As nginx and Caddy hand a browser's socket on: the page's own origin and host.
    let stream = UnixStream::connect(place.socket()).await.expect("connects");
    let request = |origin: &str| {
        tokio_tungstenite::tungstenite::handshake::client::Request::builder()
            .uri("ws://chat.example.org/v1/socket")
            .header("host", "chat.example.org")
            .header("origin", origin)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .body(())
            .expect("a request")
    };
    let (mut socket, _) = tokio_tungstenite::client_async(request(PUBLIC), stream)
        .await
        .expect("upgraded");
    let hello = encode_request(1, Request::Hello(Hello::default()));
    socket
        .send(Message::Binary(hello.into()))
        .await
        .expect("sends");
    let answer = socket.next().await.expect("an answer").expect("a frame");
    let (number, reply) = parse_reply(answer.into_data()).expect("parses");
    assert!(number == 1 && matches!(reply, Reply::Hello(_)), "{reply:?}");

    let stream = UnixStream::connect(place.socket()).await.expect("connects");
    let foreign = request("https://elsewhere.example");
    let refused = tokio_tungstenite::client_async(foreign, stream).await;
    assert!(refused.is_err(), "a page of another origin gets no socket");
    drop(socket);
    relay.stop().await;
}

#[tokio::test]
async fn the_proxys_group_gets_in_and_nobody_else_and_a_stop_leaves_nothing() {
    let place = Place::new();
    let relay = place.start().await.expect("starts");
    let found = std::fs::symlink_metadata(place.socket()).expect("there");
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o660);
    relay.stop().await;
    assert!(!place.socket().exists());
    let left: Vec<_> = std::fs::read_dir(place.dir.path())
        .expect("reads")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(left, ["data"]);
}

#[tokio::test]
async fn a_socket_that_a_dead_relay_left_is_replaced() {
    let place = Place::new();
    drop(std::os::unix::net::UnixListener::bind(place.socket()).expect("bound"));
    assert!(place.socket().exists(), "nobody listens, the file is there");
    let relay = place.start().await.expect("starts");
    assert_eq!(get(&place.socket(), "/healthz").await.0, 200);
    relay.stop().await;
}

#[tokio::test]
async fn what_others_use_is_left_alone() {
    let place = Place::new();
    let other = std::os::unix::net::UnixListener::bind(place.socket()).expect("bound");
    let refused = place.start().await.expect_err("somebody listens");
    assert!(
        matches!(&refused, StartError::Listen(ListenError::Taken(_))),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("stop it first"), "{refused}");
    std::os::unix::net::UnixStream::connect(place.socket()).expect("still there");
    drop(other);

    std::fs::remove_file(place.socket()).expect("removed");
    std::fs::write(place.socket(), "a letter").expect("written");
    let refused = place.start().await.expect_err("a file");
    assert!(
        matches!(refused, StartError::Listen(ListenError::NotASocket(_))),
        "{refused:?}"
    );
    let kept = std::fs::read_to_string(place.socket()).expect("reads");
    assert_eq!(kept, "a letter");
}

#[tokio::test]
async fn a_folder_that_is_missing_is_named() {
    let place = Place::new();
    let mut config = place.config();
    config.listen = Listen::Unix(place.dir.path().join("run/relay.sock"));
    let refused = Relay::start(config, Clock::system(), Entropy::system())
        .await
        .expect_err("no folder");
    let text = refused.to_string();
    assert!(text.contains("/run: the folder must exist"), "{text}");
    assert!(text.contains("RuntimeDirectory="), "{text}");
}

#[test]
fn settings_that_do_not_go_with_a_socket_are_told() {
    let read = |text: &str| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        Config::load(Some(file.path()), figment::value::Dict::new())
    };
    let keys = |result: Result<Config, ConfigError>| -> Vec<String> {
        let problems = result.expect_err("problems").0;
        problems.into_iter().map(|problem| problem.key).collect()
    };
    let socket = "listen = 'unix:/run/siegel/relay.sock'\n";
    assert_eq!(keys(read(socket)), ["public_url"]);
    let with_url = format!("{socket}public_url = '{PUBLIC}'\n");
    assert!(read(&with_url).is_ok());
    let file = tempfile::NamedTempFile::new().expect("a file");
    let pem = file.path().display();
    let with_tls = format!("{with_url}[tls]\ncertificate = '{pem}'\nkey = '{pem}'\n");
    assert_eq!(keys(read(&with_tls)), ["tls.certificate"]);
    assert_eq!(keys(read("listen = 'unix:relay.sock'\n")), ["listen"]);
    assert_eq!(keys(read("listen = 'somewhere'\n")), ["listen"]);
    assert_eq!(
        keys(read("[metrics]\nlisten = '0.0.0.0:9460'\n")),
        ["metrics.listen"]
    );
}

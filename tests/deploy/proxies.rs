//! The examples of reverse proxies, run in front of a relay's Unix socket.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use siegel_proto::frame::{Hello, Reply, Request, encode_request, parse_reply};
use siegel_server::Relay;
use siegel_server::clock::{Clock, Entropy};
use siegel_server::config::Config;
use siegel_server::listen::Listen;
use siegel_tests::PATIENCE;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{self, pki_types::ServerName};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::Request as Upgrade;

use crate::{deploy, run, text};

const HOST: &str = "chat.example.org";
/// Stands in every request: what a proxy must not write down.
const CANARY: &str = "canary-of-a-counselling-centre";

/// Choices of ports before nginx has failed.
const ATTEMPTS: usize = 5;
/// Between two looks at a proxy that starts.
const LOOK: Duration = Duration::from_millis(20);

/// A relay on a socket, and a folder for everything.
struct World {
    folder: TempDir,
    relay: Relay,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config {
            data_dir: folder.path().join("data"),
            listen: Listen::Unix(folder.path().join("relay.sock")),
            public_url: format!("https://{HOST}"),
            ..Config::default()
        };
        config.limits.ballast_bytes = 0;
        let started = Relay::start(config, Clock::system(), Entropy::system()).await;
        let relay = started.unwrap();
        Self { folder, relay }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the proxy left in files, without what was put there.
    fn written(&self) -> String {
        let mut all = String::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(bytes) = std::fs::read(&path) {
                    all.push_str(&String::from_utf8_lossy(&bytes));
                }
            }
        }
        all
    }
}

/// A proxy that ends with the test.
struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        self.0
            .kill()
            .and_then(|()| self.0.wait())
            .map(drop)
            .unwrap_or_default();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_passes_everything_on_and_writes_nothing_down() {
    let world = World::new().await;
    let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
    std::fs::write(world.path("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(world.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let at = |name: &str| world.path(name).display().to_string();
    std::fs::create_dir(world.path("tmp")).unwrap();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("    {name}_temp_path {}/{name};\n", at("tmp")))
        .concat();
    let main = format!(
        "daemon off;\nmaster_process off;\npid {}/nginx.pid;\nevents {{}}\nhttp {{\n{temporary}    \
         access_log {0}/access.log;\n    include {0}/siegel.conf;\n}}\n",
        world.folder.path().display()
    );
    std::fs::write(world.path("nginx.conf"), main).unwrap();
    let nginx = || {
        let mut nginx = Command::new("nginx");
        nginx
            .arg("-p")
            .arg(world.folder.path())
            .arg("-e")
            .arg(at("error.log"));
        nginx.arg("-c").arg(at("nginx.conf"));
        nginx
    };
    let start = async |plain: Port, tls: Port| {
        let example = replaced(
            &text(&deploy("nginx.conf")),
            &[
                (
                    "unix:/run/siegel/relay.sock",
                    &format!("unix:{}", at("relay.sock")),
                ),
                ("listen 80;", &format!("listen 127.0.0.1:{};", plain.number)),
                ("listen [::]:80;", ""),
                (
                    "listen 443 ssl;",
                    &format!("listen 127.0.0.1:{} ssl;", tls.number),
                ),
                ("listen [::]:443 ssl;", ""),
                (
                    &format!("/etc/letsencrypt/live/{HOST}/fullchain.pem"),
                    &at("cert.pem"),
                ),
                (
                    &format!("/etc/letsencrypt/live/{HOST}/privkey.pem"),
                    &at("key.pem"),
                ),
            ],
        );
        std::fs::write(world.path("siegel.conf"), example).unwrap();
        run(nginx().arg("-t"));
        drop((plain, tls));
        let mut proxy = Proxy(nginx().stdin(Stdio::null()).spawn().unwrap());
        // It writes down its number when it has its ports.
        let listens = soon("nginx listens or ends", async || {
            let ended = proxy.0.try_wait().unwrap().is_some();
            let number = std::fs::read_to_string(world.path("nginx.pid"));
            let listens = number.is_ok_and(|number| number.ends_with('\n'));
            (ended || listens).then_some(!ended)
        });
        listens.await.then_some(proxy)
    };
    let (_proxy, plain, tls) = 'started: {
        for _ in 0..ATTEMPTS {
            let (plain, tls) = (Port::free(), Port::free());
            let numbers = (plain.number, tls.number);
            if let Some(proxy) = start(plain, tls).await {
                break 'started (proxy, numbers.0, numbers.1);
            }
        }
        panic!("nginx finds its ports taken in {ATTEMPTS} attempts");
    };

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(roots)
    .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let connect = || async {
        let stream = reach(|| TcpStream::connect(("127.0.0.1", tls))).await;
        let name = ServerName::try_from(HOST).unwrap();
        connector.connect(name, stream).await.expect("TLS")
    };
    let answer = get(connect().await, "/readyz").await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("\r\n\r\n"),
        "{answer}"
    );
    assert!(
        answer.to_lowercase().contains("strict-transport-security"),
        "{answer}"
    );
    assert!(
        get(connect().await, &format!("/v1/blobs/{CANARY}"))
            .await
            .starts_with("HTTP/1.1 404 ")
    );
    says_hello(connect().await).await;
    let path = format!("/{CANARY}");
    let stream = TcpStream::connect(("127.0.0.1", plain)).await.unwrap();
    let moved = get(stream, &path).await;
    assert!(moved.starts_with("HTTP/1.1 301 "), "{moved}");
    assert!(
        moved.contains(&format!("https://{HOST}/\r\n")),
        "no path in it: {moved}"
    );

    assert!(
        !world.written().contains(CANARY),
        "nginx wrote down what was asked for"
    );
    let logged = std::fs::read_to_string(world.path("access.log")).unwrap_or_default();
    assert_eq!(logged, "");
    // Without the relay it says so and still writes nothing.
    let World { folder, relay } = world;
    relay.stop().await;
    let answer = get(connect().await, &format!("/v1/blobs/{CANARY}")).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    let logged = std::fs::read_to_string(folder.path().join("error.log")).unwrap();
    assert!(!logged.contains(CANARY), "{logged}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caddy_passes_everything_on_and_writes_nothing_down() {
    for file in ["Caddyfile", "Caddyfile.several"] {
        let mut validate = Command::new("caddy");
        validate.args(["validate", "--adapter", "caddyfile", "--config"]);
        run(validate.arg(deploy(file)));
    }

    let world = World::new().await;
    let socket = world.path("caddy.sock");
    // No certificate can be had here: its plain listener is a socket, everything else stays.
    let example = replaced(
        &text(&deploy("Caddyfile")),
        &[
            (
                "unix//run/siegel/relay.sock",
                &format!("unix/{}", world.path("relay.sock").display()),
            ),
            (
                &format!("{HOST} {{\n"),
                &format!("http://{HOST} {{\n\tbind unix/{}\n", socket.display()),
            ),
            ("\n{\n", "\n{\n\tadmin off\n\tauto_https off\n"),
        ],
    );
    let file = world.path("Caddyfile");
    std::fs::write(&file, example).unwrap();
    let log = std::fs::File::create(world.path("caddy.log")).unwrap();
    let mut caddy = Command::new("caddy");
    caddy
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(&file);
    caddy
        .env("HOME", world.folder.path())
        .env("XDG_DATA_HOME", world.folder.path());
    caddy.env("XDG_CONFIG_HOME", world.folder.path());
    let _proxy = Proxy(caddy.stdin(Stdio::null()).stderr(log).spawn().unwrap());

    let connect = || reach(|| UnixStream::connect(&socket));
    let answer = get(connect().await, "/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(
        answer.to_lowercase().contains("strict-transport-security"),
        "{answer}"
    );
    assert!(
        get(connect().await, &format!("/v1/blobs/{CANARY}"))
            .await
            .starts_with("HTTP/1.1 404 ")
    );
    says_hello(connect().await).await;
    let World { folder, relay } = world;
    relay.stop().await;
    let answer = get(connect().await, &format!("/v1/blobs/{CANARY}")).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    let logged = text(&folder.path().join("caddy.log"));
    assert!(!logged.contains(CANARY), "{logged}");
}

/// Replaces each once; what is not there has moved.
fn replaced(text: &str, pairs: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in pairs {
        assert!(text.contains(from), "{from} is not in the example");
        text = text.replacen(from, to, 1);
    }
    text
}

/// A port that nobody else takes for as long as this is kept.
struct Port {
    number: u16,
    _held: TcpListener,
}

impl Port {
    fn free() -> Self {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let number = held.local_addr().unwrap().port();
        Self {
            number,
            _held: held,
        }
    }
}

/// Tries until the proxy listens.
async fn reach<S, F: Future<Output = std::io::Result<S>>>(connect: impl Fn() -> F) -> S {
    soon("the proxy listens", async || connect().await.ok()).await
}

/// Looks until there is something.
async fn soon<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(PATIENCE, looking).await;
    found.unwrap_or_else(|_| panic!("waited in vain until {what}"))
}

async fn get(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A proxy that closes without TLS' goodbye has said everything all the same.
    stream.read_to_end(&mut answer).await.unwrap_or_default();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A browser's socket through the proxy, from the app's own origin.
async fn says_hello(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let upgrade = Upgrade::builder()
        .uri(format!("ws://{HOST}/v1/socket?{CANARY}"))
        .header("host", HOST)
        .header("origin", format!("https://{HOST}"))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let upgrade = upgrade.body(()).unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(upgrade, stream)
        .await
        .expect("a socket");
    let hello = encode_request(1, Request::Hello(Hello::default()));
    socket.send(Message::Binary(hello.into())).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap();
    let (_, reply) = parse_reply(answer.into_data()).unwrap();
    assert!(matches!(reply, Reply::Hello(_)), "{reply:?}");
}

/// Whoever copies the example finds no log in it, under any name.
#[test]
fn the_examples_have_no_access_log() {
    let nginx = text(&deploy("nginx.conf"));
    let servers = nginx.matches("server {").count();
    assert_eq!(nginx.matches("access_log off;").count(), servers);
    assert_eq!(nginx.matches("error_log /dev/null crit;").count(), servers);
    for file in ["Caddyfile", "Caddyfile.several"] {
        let caddy = text(&deploy(file));
        let logs = caddy.lines().filter(|line| line.trim() == "log {");
        assert_eq!(logs.count(), 1, "the global one");
        assert!(caddy.contains("level ERROR"));
    }
}

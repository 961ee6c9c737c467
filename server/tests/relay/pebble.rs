//! A certificate authority of this program's own: Pebble, which Let's Encrypt's makers test
//! clients with, and a name server that leads every name to one address.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::keeper::Keeper;
use crate::support::Pace;

const KEEPER: &str = r#"
dir=$1 address=$2
command -v pebble >/dev/null || exit 1
pebble-challtestsrv -management "$address:8055" -dns01 "$address:8053" -http01 "" -https01 "" \
    -tlsalpn01 "" -defaultIPv4 "$address" -defaultIPv6 "" >"$dir/names.log" 2>&1 &
names=$!
# Every name is looked at anew, at once, and no request is refused just to see what happens.
PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 PEBBLE_AUTHZREUSE=0 \
    pebble -config "$dir/config.json" -dnsserver "$address:8053" >"$dir/log" 2>&1 &
authority=$!
echo ready
cat >/dev/null
kill -KILL $names $authority
wait $names $authority 2>/dev/null
"#;

const DIRECTORY: u16 = 14_000;
const MANAGEMENT: u16 = 15_000;
/// Where it looks for proofs: on the address to which all names lead.
const PROOFS: u16 = 5_001;

/// Authorities this program has started.
static NEXT: AtomicU8 = AtomicU8::new(0);

/// One running authority.
pub struct Pebble {
    address: Ipv4Addr,
    dir: TempDir,
    keeper: Option<Keeper>,
}

impl Pebble {
    /// Starts one and waits until it listens.
    pub async fn start() -> Self {
        let dir = TempDir::new().expect("a directory");
        // Its ports are fixed, so it has an address of loopback to itself.
        let [_, high, middle, low] = std::process::id().to_be_bytes();
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = Ipv4Addr::new(127, 128 + (high % 16) + 16 * (next % 8), middle, low);
        let names = vec![address.to_string()];
        let own = rcgen::generate_simple_self_signed(names).expect("made");
        let (certificate, key) = (dir.path().join("own.pem"), dir.path().join("own.key"));
        std::fs::write(&certificate, own.cert.pem()).expect("written");
        std::fs::write(&key, own.signing_key.serialize_pem()).expect("written");
        let config = serde_json::json!({"pebble": {
            "listenAddress": format!("{address}:{DIRECTORY}"),
            "managementListenAddress": format!("{address}:{MANAGEMENT}"),
            "certificate": certificate,
            "privateKey": key,
            "httpPort": 5_002,
            "tlsPort": PROOFS,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
        }});
        std::fs::write(dir.path().join("config.json"), config.to_string()).expect("written");
        let words = [&*dir.path().to_string_lossy(), &address.to_string()];
        let keeper = Keeper::start(&mut Command::new("sh"), KEEPER, &words, "Pebble");
        let pebble = Self {
            address,
            dir,
            keeper: Some(keeper),
        };
        let mut pace = Pace::begin();
        for port in [DIRECTORY, MANAGEMENT, 8_055] {
            while TcpStream::connect((address, port)).await.is_err() {
                let log = std::fs::read_to_string(pebble.dir.path().join("log"));
                pace.tick(format!("it does not start: {log:?}")).await;
            }
        }
        pebble
    }

    /// Its directory.
    pub fn directory(&self) -> String {
        format!("https://{}:{DIRECTORY}/dir", self.address)
    }

    /// Whom to trust for its directory.
    pub fn ca_file(&self) -> PathBuf {
        self.dir.path().join("own.pem")
    }

    /// Where it tells its root certificate.
    pub fn management(&self) -> SocketAddr {
        (self.address, MANAGEMENT).into()
    }

    /// Where it looks for the proof of every name.
    pub fn proofs(&self) -> SocketAddr {
        (self.address, PROOFS).into()
    }

    /// Kills it; it is gone afterwards.
    pub fn kill(&mut self) {
        self.keeper = None;
    }
}

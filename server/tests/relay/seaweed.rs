//! An object store of this program's own: SeaweedFS, which speaks S3, with one key.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use siegel_server::blobs::settings::BlobStore;
use siegel_server::secret::Secret;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

use crate::keeper::Keeper;
use crate::support::{Pace, try_http_at};

/// Deletes its files as well.
const KEEPER: &str = r#"
dir=$1 address=$2
command -v weed >/dev/null || exit 1
# A bucket's files are made when it is first written to; one is enough.
WEED_MASTER_VOLUME_GROWTH_COPY_1=1 weed server -dir="$dir" -ip="$address" -ip.bind="$address" \
    -master.volumeSizeLimitMB=64 -master.volumePreallocate=false -volume.max=500 \
    -s3 -s3.config="$dir/keys.json" -s3.iam=false -s3.autoCreateBucket=false >"$dir/log" 2>&1 &
echo ready
cat >/dev/null
kill -KILL $!
wait $! 2>/dev/null
rm -rf "$dir"
"#;

const KEYS: &str = r#"{"identities": [{"name": "relay", "actions": ["Admin"],
    "credentials": [{"accessKey": "canary-access", "secretKey": "canary-secret"}]}]}"#;
const S3: u16 = 8333;
/// Where buckets are made without a key.
const FILER: u16 = 8888;

/// One running store.
pub struct Seaweed {
    address: Ipv4Addr,
    dir: PathBuf,
    buckets: AtomicU32,
    ready: OnceCell<()>,
    _keeper: Keeper,
}

/// The one all tests share; each has a bucket of its own in it.
pub fn shared() -> &'static Seaweed {
    static SHARED: LazyLock<Seaweed> = LazyLock::new(Seaweed::start);
    &SHARED
}

impl Seaweed {
    fn start() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("siegel-seaweed-")
            .tempdir()
            .expect("a directory")
            .keep();
        std::fs::write(dir.join("keys.json"), KEYS).expect("written");
        // It listens on ten ports, so it has an address of loopback to itself.
        let [_, high, middle, low] = std::process::id().to_be_bytes();
        let address = Ipv4Addr::new(127, 64 + high % 64, middle, low);
        let words = [&*dir.to_string_lossy(), &address.to_string()];
        let keeper = Keeper::start(&mut Command::new("sh"), KEEPER, &words, "SeaweedFS");
        Self {
            address,
            dir,
            buckets: AtomicU32::new(0),
            ready: OnceCell::new(),
            _keeper: keeper,
        }
    }

    /// Where it speaks S3.
    pub fn s3(&self) -> SocketAddr {
        (self.address, S3).into()
    }

    /// The settings of a new, empty bucket.
    pub async fn bucket(&self) -> BlobStore {
        self.ready.get_or_init(|| self.wait()).await;
        let number = self.buckets.fetch_add(1, Ordering::Relaxed);
        let bucket = format!("siegel-{number}");
        let path = format!("/buckets/{bucket}/");
        let mut pace = Pace::begin();
        while self.filer("POST", &path).await != Some(201) {
            pace.tick(format!("{bucket} is not made")).await;
        }
        BlobStore {
            endpoint: format!("http://{}", self.s3()),
            region: "eu-test".to_owned(),
            bucket,
            access_key: Secret::new("canary-access".to_owned()),
            secret_key: Secret::new("canary-secret".to_owned()),
            ..BlobStore::default()
        }
    }

    /// Its parts start one after the other.
    async fn wait(&self) {
        let mut pace = Pace::begin();
        while TcpStream::connect(self.s3()).await.is_err()
            || self.filer("PUT", "/probe").await != Some(201)
        {
            let log = std::fs::read_to_string(self.dir.join("log")).unwrap_or_default();
            pace.tick(format!("it does not start:\n{log}")).await;
        }
    }

    /// The status of the answer, if there is one.
    async fn filer(&self, method: &str, path: &str) -> Option<u16> {
        let address = (self.address, FILER).into();
        let answer = try_http_at(address, method, path, &[], Bytes::new()).await;
        Some(answer.ok()?.status().as_u16())
    }
}

//! Configuration: built-in values, then a TOML file, then `SIEGEL_…` variables, then
//! flags. Every problem is reported at once, each with what to do.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use figment::value::{Dict, Value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::acme::Acme;
use crate::backup::Recipients;
use crate::blobs::settings::BlobStore;
use crate::listen::Listen;
use crate::metrics::MetricsSettings;
use crate::nodes;
use crate::rate::Rate;
use crate::secret::Secret;
use crate::store::Server;

/// Variables of this program and of the command line, which people use in the same terminal.
const NOT_SETTINGS: [&str; 5] = ["config", "home", "profile", "passphrase_file", "ca_file"];
/// The folder of attachments in the data directory.
pub const BLOBS: &str = "blobs";

/// Everything an operator can set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Config {
    /// Where database, blobs and ballast lie. Made with mode 0700 if missing.
    pub data_dir: PathBuf,
    /// `postgres://user:password@host/name`; empty: SQLite in the data directory.
    pub database: Secret,
    /// A file that holds `database`, for systemd's credentials; instead of it.
    pub database_file: PathBuf,
    /// `nats://user:password@host:4222`: relays wake each other through this broker; empty:
    /// through the database they share.
    pub nats: Secret,
    /// A file that holds `nats`, instead of it.
    pub nats_file: PathBuf,
    /// Where attachments lie; empty: `blobs` in the data directory.
    pub blob_dir: PathBuf,
    /// A bucket they lie in instead.
    pub blob_store: BlobStore,
    /// Address and port, or a Unix socket. Plain HTTP is served to this machine only.
    pub listen: Listen,
    /// How people reach the relay, `https://chat.example.org`; empty: the listen address.
    pub public_url: String,
    /// Certificate and key, PEM. Both or neither.
    pub tls: Tls,
    /// What one caller may use.
    pub limits: Limits,
    /// What goes when.
    pub retention: Retention,
    /// Where backups go and who can open them.
    pub backup: Backup,
    /// Numbers for the operator.
    pub metrics: MetricsSettings,
    /// What is logged.
    pub log: Log,
}

/// Where backups go and who can open them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Backup {
    /// The folder; empty: no backups are made.
    pub dir: PathBuf,
    /// Public keys, `age1…`; any of them opens a backup.
    pub recipients: Vec<String>,
}

/// TLS by given files, or by certificates that are ordered.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tls {
    /// The certificate chain, PEM; empty: no TLS.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// Ordered by the relay itself, instead of both.
    pub acme: Acme,
}

/// What one caller may use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limits {
    /// Connections at once.
    pub connections: u32,
    /// Connections at once from one source: an IPv4 address or an IPv6 /64.
    pub connections_per_source: u32,
    /// Entries per seat.
    pub seat: Rate,
    /// Requests per staff account.
    pub account: Rate,
    /// Requests per source without session or seat.
    pub source: Rate,
    /// Bytes of payload that wait to be stored.
    pub queued_bytes: u32,
    /// Bytes of all blobs together.
    pub blob_bytes: u64,
    /// Bytes of the database; 0: what the disk holds.
    pub database_bytes: u64,
    /// Bytes kept free to work with when the disk is full.
    pub ballast_bytes: u64,
}

/// What goes when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Retention {
    /// Minutes between two sweeps.
    pub sweep_minutes: u32,
}

/// What is logged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`. No level names people, rooms or addresses.
    pub level: String,
    /// One JSON object per line instead of text.
    pub json: bool,
}

impl Backup {
    fn problem(&self) -> Option<String> {
        if self.dir.as_os_str().is_empty() && self.recipients.is_empty() {
            return None;
        }
        let wrong = Recipients::parse(&self.recipients).err()?;
        Some(wrong.to_string())
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            database: Secret::default(),
            database_file: PathBuf::new(),
            nats: Secret::default(),
            nats_file: PathBuf::new(),
            blob_dir: PathBuf::new(),
            blob_store: BlobStore::default(),
            listen: Listen::from(([127, 0, 0, 1], 8460)),
            public_url: String::new(),
            tls: Tls::default(),
            limits: Limits {
                connections: 20_000,
                connections_per_source: 2_000,
                seat: Rate {
                    per_second: 100,
                    burst: 2_000,
                },
                account: Rate {
                    per_second: 100,
                    burst: 2_000,
                },
                source: Rate {
                    per_second: 50,
                    burst: 500,
                },
                queued_bytes: 64 * 1024 * 1024,
                blob_bytes: 100 * 1024 * 1024 * 1024,
                database_bytes: 0,
                ballast_bytes: 16 * 1024 * 1024,
            },
            retention: Retention { sweep_minutes: 30 },
            backup: Backup::default(),
            metrics: MetricsSettings::default(),
            log: Log {
                level: "info".to_owned(),
                json: false,
            },
        }
    }
}

/// Something that is wrong with the configuration and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The setting, `limits.connections`.
    pub key: String,
    /// What is wrong and what to do.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.text)
    }
}

/// All problems of a configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {} problem(s):\n{}", .0.len(), list(.0))]
pub struct ConfigError(pub Vec<Problem>);

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
    lines.join("\n")
}

impl Config {
    /// Reads file, environment and flags, later ones over earlier ones, and validates.
    ///
    /// # Errors
    /// [`ConfigError`] with every problem.
    pub fn load(file: Option<&Path>, flags: Dict) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            if file.exists() {
                figment = figment.merge(Toml::file_exact(file));
            } else {
                problems.push(Problem {
                    key: "--config".to_owned(),
                    text: format!("{} does not exist: name a TOML file", file.display()),
                });
            }
        }
        let figment = figment
            .merge(Env::prefixed("SIEGEL_").ignore(&NOT_SETTINGS).split("__"))
            .merge(Serialized::defaults(flags));
        Self::extract(figment, problems)
    }

    fn extract(figment: Figment, problems: Vec<Problem>) -> Result<Self, ConfigError> {
        let mut reader = Reader {
            figment,
            problems,
            known: BTreeSet::new(),
        };
        let default = Self::default();
        let limits = default.limits;
        let (database, database_file) = reader.secret("database");
        let (nats, nats_file) = reader.secret("nats");
        let (access_key, access_key_file) = reader.secret("blob_store.access_key");
        let (secret_key, secret_key_file) = reader.secret("blob_store.secret_key");
        let config = Self {
            data_dir: reader.get("data_dir", default.data_dir),
            database,
            database_file,
            nats,
            nats_file,
            blob_dir: reader.get("blob_dir", PathBuf::new()),
            blob_store: BlobStore {
                endpoint: reader.get("blob_store.endpoint", String::new()),
                region: reader.get("blob_store.region", String::new()),
                bucket: reader.get("blob_store.bucket", String::new()),
                access_key,
                access_key_file,
                secret_key,
                secret_key_file,
            },
            listen: reader.get("listen", default.listen),
            public_url: reader.get("public_url", default.public_url),
            tls: Tls {
                certificate: reader.get("tls.certificate", PathBuf::new()),
                key: reader.get("tls.key", PathBuf::new()),
                acme: Acme {
                    domains: reader.get("tls.acme.domains", Vec::new()),
                    contact: reader.get("tls.acme.contact", String::new()),
                    directory: reader.get("tls.acme.directory", String::new()),
                    ca_file: reader.get("tls.acme.ca_file", PathBuf::new()),
                },
            },
            limits: Limits {
                connections: reader.get("limits.connections", limits.connections),
                connections_per_source: reader.get(
                    "limits.connections_per_source",
                    limits.connections_per_source,
                ),
                seat: reader.rate("limits.seat", limits.seat),
                account: reader.rate("limits.account", limits.account),
                source: reader.rate("limits.source", limits.source),
                queued_bytes: reader.get("limits.queued_bytes", limits.queued_bytes),
                blob_bytes: reader.get("limits.blob_bytes", limits.blob_bytes),
                database_bytes: reader.get("limits.database_bytes", limits.database_bytes),
                ballast_bytes: reader.get("limits.ballast_bytes", limits.ballast_bytes),
            },
            retention: Retention {
                sweep_minutes: reader
                    .get("retention.sweep_minutes", default.retention.sweep_minutes),
            },
            backup: Backup {
                dir: reader.get("backup.dir", PathBuf::new()),
                recipients: reader.get("backup.recipients", Vec::new()),
            },
            metrics: MetricsSettings {
                listen: reader.get("metrics.listen", default.metrics.listen),
            },
            log: Log {
                level: reader.get("log.level", default.log.level),
                json: reader.get("log.json", default.log.json),
            },
        };
        reader.refuse_unknown();
        let mut problems = reader.problems;
        problems.extend(config.problems());
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(problems))
        }
    }

    /// What does not fit together, even if every value parses.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |key: &str, text: String| {
            problems.push(Problem {
                key: key.to_owned(),
                text,
            });
        };
        let (certificate, key) = (&self.tls.certificate, &self.tls.key);
        match (
            certificate.as_os_str().is_empty(),
            key.as_os_str().is_empty(),
        ) {
            (true, true) if !self.listen.is_local() && !self.tls.acme.is_set() => wrong(
                "listen",
                "plain HTTP is served on loopback only: set tls.acme.domains, or tls.certificate \
                 and tls.key, or listen on 127.0.0.1 or a Unix socket behind a proxy"
                    .to_owned(),
            ),
            (false, false) if matches!(self.listen, Listen::Unix(_)) => wrong(
                "tls.certificate",
                "the proxy behind a Unix socket has the certificate: remove tls.certificate and \
                 tls.key"
                    .to_owned(),
            ),
            (false, true) => wrong("tls.key", "set it together with tls.certificate".to_owned()),
            (true, false) => wrong("tls.certificate", "set it together with tls.key".to_owned()),
            _ => {}
        }
        for (name, path) in [("tls.certificate", certificate), ("tls.key", key)] {
            if !path.as_os_str().is_empty() && !path.is_file() {
                wrong(
                    name,
                    format!("{} is not a file: give a PEM file", path.display()),
                );
            }
        }
        problems_of_acme(self, &mut wrong);
        if self.public_url.is_empty() && matches!(self.listen, Listen::Unix(_)) {
            wrong(
                "public_url",
                "a relay on a Unix socket has no address of its own: say how people reach the \
                 proxy, https://chat.example.org"
                    .to_owned(),
            );
        }
        if self.is_shared() && Server::parse(self.database.reveal()).is_err() {
            wrong(
                "database",
                "write postgres://user:password@host/name".to_owned(),
            );
        }
        if !self.nats.is_empty() {
            if let Err(error) = nodes::address(&self.nats) {
                wrong("nats", error.to_string());
            }
            if !self.is_shared() {
                let text = "is for relays that share a PostgreSQL: set `database` as well";
                wrong("nats", text.to_owned());
            }
        }
        for (key, text) in self.blob_store.problems() {
            wrong(key, text);
        }
        if self.is_shared() && self.limits.database_bytes > 0 {
            wrong(
                "limits.database_bytes",
                "is for SQLite: limit PostgreSQL where it runs".to_owned(),
            );
        }
        if !self.public_url.is_empty() {
            let origin = self.public_url.strip_prefix("https://");
            let origin = origin.or_else(|| self.public_url.strip_prefix("http://"));
            let fits = origin
                .is_some_and(|host| !host.is_empty() && !host.contains(['/', '#', '?', '@', ' ']));
            if !fits {
                wrong(
                    "public_url",
                    "write scheme and host only, without a slash at the end: \
                     https://chat.example.org"
                        .to_owned(),
                );
            }
        }
        for (name, rate) in [
            ("limits.seat", self.limits.seat),
            ("limits.account", self.limits.account),
            ("limits.source", self.limits.source),
        ] {
            if rate.per_second == 0 || rate.burst == 0 {
                wrong(name, "per_second and burst must be at least 1".to_owned());
            }
        }
        for (name, value, least) in [
            ("limits.connections", self.limits.connections, 1),
            (
                "limits.connections_per_source",
                self.limits.connections_per_source,
                1,
            ),
            ("limits.queued_bytes", self.limits.queued_bytes, 1024 * 1024),
            ("retention.sweep_minutes", self.retention.sweep_minutes, 1),
        ] {
            if value < least {
                wrong(name, format!("must be at least {least}"));
            }
        }
        if let Some(problem) = self.backup.problem() {
            wrong("backup.recipients", problem);
        }
        if !["error", "warn", "info", "debug", "trace"].contains(&self.log.level.as_str()) {
            wrong(
                "log.level",
                "use error, warn, info, debug or trace".to_owned(),
            );
        }
        problems
    }

    /// Whether the data lie where other relays may use them too.
    pub fn is_shared(&self) -> bool {
        !self.database.is_empty()
    }

    /// The folder attachments lie in, unless they lie in a bucket.
    pub fn blobs(&self) -> PathBuf {
        if self.blob_dir.as_os_str().is_empty() {
            self.data_dir.join(BLOBS)
        } else {
            self.blob_dir.clone()
        }
    }

    /// Whether TLS is served.
    pub fn has_tls(&self) -> bool {
        !self.tls.certificate.as_os_str().is_empty() || self.tls.acme.is_set()
    }

    /// How people reach the relay, given where it really listens.
    pub fn origin(&self, bound: &Listen) -> String {
        if !self.public_url.is_empty() {
            return self.public_url.clone();
        }
        let scheme = if self.has_tls() { "https" } else { "http" };
        format!("{scheme}://{bound}")
    }
}

/// What the orders of certificates do not fit together with.
fn problems_of_acme(config: &Config, wrong: &mut impl FnMut(&str, String)) {
    let acme = &config.tls.acme;
    for (key, text) in acme.problems() {
        wrong(key, text);
    }
    if !acme.is_set() {
        return;
    }
    let given = [&config.tls.certificate, &config.tls.key];
    if given.iter().any(|path| !path.as_os_str().is_empty()) {
        wrong(
            "tls.acme.domains",
            "certificates come from files or are ordered: remove tls.certificate and tls.key, or \
             tls.acme"
                .to_owned(),
        );
    }
    if matches!(config.listen, Listen::Unix(_)) {
        wrong(
            "tls.acme.domains",
            "the proxy behind a Unix socket has the certificate: remove tls.acme".to_owned(),
        );
    }
    let host = config
        .public_url
        .strip_prefix("https://")
        .unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    if !acme.domains.iter().any(|domain| domain == host) {
        let text = format!(
            "say by which of the ordered names people reach the relay: https://{}",
            acme.domains
                .first()
                .map_or("chat.example.org", String::as_str)
        );
        wrong("public_url", text);
    }
}

/// Reads settings one by one, so that one bad value does not hide the next.
struct Reader {
    figment: Figment,
    problems: Vec<Problem>,
    known: BTreeSet<String>,
}

impl Reader {
    fn get<T: DeserializeOwned>(&mut self, key: &str, default: T) -> T {
        self.known.insert(key.to_owned());
        match self.figment.extract_inner(key) {
            Ok(value) => value,
            Err(errors) => {
                for error in errors {
                    let source = error.metadata.as_ref().map(|m| m.name.to_string());
                    let source = source.map_or_else(String::new, |name| format!(" (from {name})"));
                    // A file that does not parse fails every key alike: said once.
                    let problem = Problem {
                        key: key.to_owned(),
                        text: format!("{}{source}", error.kind),
                    };
                    if !self.problems.iter().any(|known| known.text == problem.text) {
                        self.problems.push(problem);
                    }
                }
                default
            }
        }
    }

    /// A value that must not be seen, given by itself or by a file that holds it.
    fn secret(&mut self, key: &str) -> (Secret, PathBuf) {
        let given: Secret = self.get(key, Secret::default());
        let file: PathBuf = self.get(&format!("{key}_file"), PathBuf::new());
        if file.as_os_str().is_empty() {
            return (given, file);
        }
        let problem = match std::fs::read_to_string(&file) {
            _ if !given.is_empty() => format!("set {key} or {key}_file, not both"),
            Ok(text) => return (Secret::new(text.trim().to_owned()), file),
            Err(error) => format!("cannot read {} ({})", file.display(), error.kind()),
        };
        self.problems.push(Problem {
            key: format!("{key}_file"),
            text: problem,
        });
        (given, file)
    }

    fn rate(&mut self, key: &str, default: Rate) -> Rate {
        Rate {
            per_second: self.get(&format!("{key}.per_second"), default.per_second),
            burst: self.get(&format!("{key}.burst"), default.burst),
        }
    }

    fn refuse_unknown(&mut self) {
        let Ok(all) = self.figment.extract::<Dict>() else {
            return;
        };
        let mut found = Vec::new();
        leaves("", &all, &mut found);
        for key in found {
            if !self.known.contains(&key) {
                let text = "there is no such setting: correct or remove it".to_owned();
                self.problems.push(Problem { key, text });
            }
        }
    }
}

fn leaves(prefix: &str, dict: &Dict, found: &mut Vec<String>) {
    for (name, value) in dict {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Value::Dict(_, inner) => leaves(&key, inner, found),
            _ => found.push(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_toml(text: &str) -> Result<Config, ConfigError> {
        let figment =
            Figment::from(Serialized::defaults(Config::default())).merge(Toml::string(text));
        Config::extract(figment, Vec::new())
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let error = from_toml(
            "listen = '0.0.0.0:443'\npublic_url = 'chat.example.org/'\ncolour = 'red'\n\
             [limits]\nconnections = 'many'\n[log]\nlevel = 'loud'\n",
        )
        .expect_err("five problems");
        let keys: Vec<&str> = error.0.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "limits.connections",
                "colour",
                "listen",
                "public_url",
                "log.level"
            ]
        );
    }

    #[test]
    fn the_reference_has_every_setting_and_no_other() {
        let Ok(Value::Dict(_, all)) = Value::serialize(Config::default()) else {
            panic!("settings are a table");
        };
        let mut keys = Vec::new();
        leaves("", &all, &mut keys);
        let mut told: Vec<&str> = crate::settings::SETTINGS
            .iter()
            .map(|(key, _)| *key)
            .collect();
        told.sort_unstable();
        keys.sort_unstable();
        assert_eq!(told, keys);
    }

    #[test]
    fn a_database_is_named_once_and_never_repeated() {
        let error =
            from_toml("database = 'mysql://relay:canary@host/x'\n").expect_err("no address");
        assert_eq!(error.0.len(), 1);
        assert_eq!(error.0[0].key, "database");
        assert!(!error.to_string().contains("canary"), "{error}");

        let dir = tempfile::TempDir::new().expect("a directory");
        let file = dir.path().join("database");
        std::fs::write(&file, "postgres://relay:canary@host/x\n").expect("written");
        let named = format!("database_file = '{}'\n", file.display());
        let config = from_toml(&named).expect("fits");
        assert_eq!(config.database.reveal(), "postgres://relay:canary@host/x");
        assert!(!format!("{config:?}").contains("canary"));
        let both = format!("database = 'postgres://host/x'\n{named}");
        let error = from_toml(&both).expect_err("which of the two");
        assert_eq!(error.0[0].key, "database_file");
        let missing = from_toml("database_file = '/nowhere/at/all'\n");
        assert_eq!(missing.expect_err("not there").0[0].key, "database_file");
    }

    #[test]
    fn a_broker_is_named_beside_a_database_and_never_repeated() {
        let database = "database = 'postgres://host/x'\n";
        let broker = "nats = 'nats://relay:canary@host:4222'\n";
        let config = from_toml(&format!("{database}{broker}")).expect("fits");
        assert_eq!(config.nats.reveal(), "nats://relay:canary@host:4222");
        assert!(!format!("{config:?}").contains("canary"));
        let other = format!("{database}nats = 'http://relay:canary@host'\n");
        for wrong in [broker, other.as_str(), "nats = 'nats://'\n"] {
            let error = from_toml(wrong).expect_err("does not fit");
            assert!(error.0.iter().all(|problem| problem.key == "nats"));
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }

    #[test]
    fn a_bucket_is_named_wholly_and_its_key_never_repeated() {
        let named = "[blob_store]\nendpoint = 'https://s3.example.org'\nregion = 'eu'\n\
                     bucket = 'siegel'\naccess_key = 'canary'\nsecret_key = 'canary'\n";
        let config = from_toml(named).expect("fits");
        assert_eq!(config.blob_store.secret_key.reveal(), "canary");
        assert!(!format!("{config:?}").contains("canary"));
        let keys = |text: &str| -> Vec<String> {
            let error = from_toml(text).expect_err("does not fit");
            assert!(!error.to_string().contains("canary"), "{error}");
            error.0.into_iter().map(|problem| problem.key).collect()
        };
        assert_eq!(
            keys("[blob_store]\nendpoint = 'https://s3.example.org'\n"),
            [
                "blob_store.region",
                "blob_store.bucket",
                "blob_store.access_key",
                "blob_store.secret_key"
            ]
        );
        assert_eq!(
            keys("[blob_store]\nsecret_key = 'canary'\n"),
            ["blob_store.endpoint"]
        );
        for wrong in [
            "https://canary:canary@s3.example.org",
            "https://s3.example.org/siegel",
            "http://s3.example.org",
            "s3.example.org",
        ] {
            let text = named.replace("https://s3.example.org", wrong);
            assert_eq!(keys(&text), ["blob_store.endpoint"], "{wrong}");
        }
        let near = named.replace("https://s3.example.org", "http://minio:9000");
        from_toml(&near).expect("a network of one's own");
        let bucket = named.replace("'siegel'", "'../other'");
        assert_eq!(keys(&bucket), ["blob_store.bucket"]);
    }

    #[test]
    fn certificates_are_ordered_or_given_and_what_does_not_fit_is_told_at_once() {
        let ordered = "listen = '0.0.0.0:443'\npublic_url = 'https://chat.example.org'\n\
                       [tls.acme]\ndomains = ['chat.example.org']\n";
        let config = from_toml(ordered).expect("fits");
        assert!(config.has_tls());
        let keys = |text: &str| -> Vec<String> {
            let error = from_toml(text).expect_err("does not fit");
            error.0.into_iter().map(|problem| problem.key).collect()
        };
        let both = format!("{ordered}contact = 'nobody'\n[tls]\ncertificate = '/nowhere'\n");
        assert_eq!(
            keys(&both),
            [
                "tls.key",
                "tls.certificate",
                "tls.acme.contact",
                "tls.acme.domains"
            ]
        );
        let socket = ordered.replace("0.0.0.0:443", "unix:/run/siegel/relay.sock");
        assert_eq!(keys(&socket), ["tls.acme.domains"]);
        let other = ordered.replace("https://chat", "https://www");
        assert_eq!(keys(&other), ["public_url"]);
        assert_eq!(
            keys("[tls.acme]\ncontact = 'it@example.org'\n"),
            ["tls.acme.contact"]
        );
    }

    #[test]
    fn a_partial_file_keeps_the_rest() {
        let config = from_toml("[limits.seat]\nburst = 7\n").expect("fits");
        assert_eq!(config.limits.seat.burst, 7);
        assert_eq!(
            config.limits.connections,
            Config::default().limits.connections
        );
        assert_eq!(config.origin(&config.listen), "http://127.0.0.1:8460");
    }
}

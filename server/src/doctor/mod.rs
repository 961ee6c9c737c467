//! Looks at configuration, data and machine, explains what it finds and says what to do.

mod certificate;
mod finding;
mod machine;
mod outside;

use std::error::Error as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

pub use finding::Finding;
pub(crate) use outside::{Place, place_of};

use crate::backup::{self, BackupError};
use crate::blobs;
use crate::clock::Clock;
use crate::config::Config;
use crate::listen::{Listen, ListenError};
use crate::nodes;
use crate::readiness::BACKUP_SECONDS;
use crate::store;
use crate::tls;

const DAY: i64 = 86_400;
/// A certificate that ends sooner was not renewed when it should have been.
const CERTIFICATE_DAYS: i64 = 14;

/// Examines without changing anything.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let now = Clock::system().now();
    let mut findings = vec![
        machine::user(),
        data_dir(config),
        database(config).await,
        machine::disk(config),
        machine::file_system(config),
        machine::clock(now),
        place(config).await,
        transport(config, now),
        public_url(config),
        metrics(config).await,
        backups(config, now),
    ];
    if !config.nats.is_empty() {
        findings.push(broker(config).await);
    }
    if config.blob_store.is_set() {
        findings.push(bucket(config).await);
    }
    findings.extend(outside::hosts(config));
    findings
}

fn data_dir(config: &Config) -> Finding {
    let path = &config.data_dir;
    match std::fs::metadata(path) {
        Err(_) => Finding::good(format!(
            "{} does not exist yet; the first start makes it",
            path.display()
        )),
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => Finding::bad(
            format!("others on this machine can look into {}", path.display()),
            format!("chmod 700 {}", path.display()),
        ),
        Ok(_) => Finding::good(format!("{} is for this user alone", path.display())),
    }
}

async fn database(config: &Config) -> Finding {
    match store::check(config).await {
        Ok(()) if config.is_shared() => Finding::good(
            "PostgreSQL lets the relay in, syncs before it answers, and is not from a newer version",
        ),
        Ok(()) => Finding::good("the database is readable, sound and not from a newer version"),
        Err(error) => Finding::bad(
            error.to_string(),
            "the relay does not start like this; docs/operate/backup.md tells how to restore",
        ),
    }
}

async fn broker(config: &Config) -> Finding {
    match nodes::reach(&config.nats).await {
        Ok(()) => Finding::good("the NATS broker lets the relay in"),
        Err(error) => Finding::bad(
            error.to_string(),
            "relays find out from each other only by looking, every half second: start the NATS \
             broker, or set `nats` to where it is; docs/operate/scale.md",
        ),
    }
}

async fn bucket(config: &Config) -> Finding {
    match blobs::reach(&config.blob_store).await {
        Ok(()) => Finding::good("the object store accepts the key, and the bucket is there"),
        Err(fault) => {
            let cause = fault.source().map(ToString::to_string);
            let cause = cause.map_or_else(String::new, |cause| format!(" ({cause})"));
            Finding::bad(
                format!("{fault}{cause}"),
                "until then nobody sends or opens attachments; messages go on. \
                 docs/operate/object-storage.md",
            )
        }
    }
}

async fn place(config: &Config) -> Finding {
    match config.listen.is_free().await {
        Ok(()) => Finding::good(format!("{} is free to listen on", config.listen)),
        Err(error @ (ListenError::Taken(_) | ListenError::Bind { .. })) => Finding::look(
            error.to_string(),
            "if it is the relay that runs there, this is as it should be",
        ),
        Err(error) => Finding::bad(error.to_string(), "the relay does not start like this"),
    }
}

fn transport(config: &Config, now: i64) -> Finding {
    if !config.has_tls() {
        return Finding::good(match config.listen {
            Listen::Tcp(_) => "plain HTTP on loopback: a proxy with TLS serves everybody else",
            Listen::Unix(_) => "plain HTTP on a Unix socket: a proxy with TLS serves everybody",
        });
    }
    if config.tls.acme.is_set() {
        return certificate::ordered(config, now);
    }
    let certificate = match tls::Files::open(&config.tls) {
        Ok(files) => files.current(),
        Err(error) => {
            return Finding::bad(
                error.to_string(),
                "check tls.certificate and tls.key: both PEM, the whole chain, and readable for \
                 the relay's user",
            );
        }
    };
    match (certificate.validity.ends - now).div_euclid(DAY) {
        ..0 => Finding::bad(
            "the certificate has ended: nobody can connect",
            "renew it; the relay reads the files when they change, and copies that systemd made of \
             them after a restart",
        ),
        days @ ..=CERTIFICATE_DAYS => Finding::bad(
            format!("the certificate ends in {days} days"),
            "look why it was not renewed; the relay reads the files when they change, and copies \
             that systemd made of them after a restart",
        ),
        days => Finding::good(format!("certificate and key fit, for another {days} days")),
    }
}

fn public_url(config: &Config) -> Finding {
    let outside = config.public_url.strip_prefix("http://");
    let outside = outside.filter(|host| outside::place_of(host) != outside::Place::Here);
    match outside {
        Some(_) => Finding::bad(
            format!("{} is not encrypted on its way", config.public_url),
            "browsers refuse the app over http: put TLS in front and write https://",
        ),
        None if config.public_url.is_empty() => Finding::look(
            "public_url is not set: links name the listen address, which works on this machine",
            "set it to what people type, https://chat.example.org",
        ),
        None => Finding::good(format!("links name {}", config.public_url)),
    }
}

async fn metrics(config: &Config) -> Finding {
    let Some(address) = config.metrics.listen.address() else {
        return Finding::look(
            "no numbers are served: nobody is told before the disk is full or a backup is missed",
            "set metrics.listen; docs/operate/monitoring.md",
        );
    };
    match Listen::from(address).is_free().await {
        Ok(()) => Finding::good(format!("{address} is free for the operator's numbers")),
        Err(_) => Finding::look(
            format!("{address}, for the operator's numbers, is taken"),
            "if it is the relay that runs there, this is as it should be; otherwise choose \
             another metrics.listen",
        ),
    }
}

fn backups(config: &Config, now: i64) -> Finding {
    let folder = &config.backup.dir;
    if config.is_shared() {
        return if folder.as_os_str().is_empty() {
            Finding::look(
                "PostgreSQL is backed up where it runs, together with the attachments",
                "see that it is, every night; from here it cannot be seen: docs/operate/backup.md",
            )
        } else {
            Finding::bad(
                "backup.dir is set, but the data lie in PostgreSQL, which siegel-server backup does \
                 not copy",
                "docs/operate/backup.md says how to save them",
            )
        };
    }
    if folder.as_os_str().is_empty() {
        return Finding::bad(
            "no backups are made: with this machine everything is gone",
            "set backup.dir and backup.recipients, and start siegel-backup.timer; \
             docs/operate/backup.md",
        );
    }
    match backup::newest(folder) {
        Ok(newest) if now - newest.made_at > BACKUP_SECONDS => Finding::bad(
            format!(
                "the newest backup, {}, is {} hours old",
                newest.path.display(),
                (now - newest.made_at) / 3_600
            ),
            "look at what siegel-backup.service says: journalctl -u siegel-backup",
        ),
        Ok(_) if on_one_disk(config) => Finding::look(
            "the newest backup is from the last night, on the same disk as the data",
            "let backup.dir be on another disk, and keep a copy in another building",
        ),
        Ok(_) => Finding::good("the newest backup is from the last night"),
        Err(BackupError::NoBackup(_)) => Finding::bad(
            format!("there is no backup in {} yet", folder.display()),
            "siegel-server backup",
        ),
        Err(error) => Finding::bad(
            error.to_string(),
            "the folder must exist, and the relay's user must be able to read and write it",
        ),
    }
}

fn on_one_disk(config: &Config) -> bool {
    let disk = |path: &std::path::Path| std::fs::metadata(path).ok().map(|found| found.dev());
    let data = disk(&config.data_dir);
    data.is_some() && data == disk(&config.backup.dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_night_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::default();
        assert!(backups(&config, 0).is_bad());
        config.backup.dir = folder.path().to_owned();
        assert!(backups(&config, 0).is_bad());
        let name = backup::rotation::file_name(1_795_575_600).expect("a date");
        std::fs::write(folder.path().join(name), "").expect("written");
        assert!(!backups(&config, 1_795_575_600 + 25 * 3_600).is_bad());
        assert!(backups(&config, 1_795_575_600 + 27 * 3_600).is_bad());
        config.data_dir = folder.path().to_owned();
        let told = backups(&config, 1_795_575_600).to_string();
        assert!(told.contains("same disk"), "{told}");
    }

    #[tokio::test]
    async fn whatever_is_not_in_order_comes_with_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config {
            data_dir: folder.path().join("data"),
            public_url: "http://chat.example.org".to_owned(),
            ..Config::default()
        };
        let findings = examine(&config).await;
        assert!(findings.iter().any(Finding::is_bad), "no backups, no TLS");
        for finding in &findings {
            let text = finding.to_string();
            let good = text.starts_with("[ok]");
            assert!(good || text.lines().count() >= 2, "no remedy: {text}");
        }
    }
}

//! The units for systemd: how far they are shut in, and that they fit together.

use std::path::Path;
use std::process::Command;

use crate::{deploy, output, root, run, said, text};

/// Tenths: 2.0.
const MOST_EXPOSED: &str = "--threshold=20";

fn analyse(unit: &Path) {
    let mut command = Command::new("systemd-analyze");
    command.args(["security", "--offline=true", "--no-pager", MOST_EXPOSED]);
    let output = output(command.arg(unit));
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn the_units_are_shut_in() {
    for unit in ["siegel-server.service", "siegel-backup.service"] {
        analyse(&deploy(unit));
    }
    // With TLS of its own the relay needs the network and a port below 1024, and with a bucket
    // both need the network.
    for (unit, drop_ins) in [
        (
            "siegel-server.service",
            &["tls.conf", "object-storage.conf"][..],
        ),
        (
            "siegel-server.service",
            &["acme.conf", "object-storage.conf"],
        ),
        ("siegel-backup.service", &["object-storage.conf"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(unit);
        std::fs::copy(deploy(unit), &path).unwrap();
        let beside = folder.path().join(format!("{unit}.d"));
        std::fs::create_dir(&beside).unwrap();
        for name in drop_ins {
            std::fs::copy(deploy(name), beside.join(name)).unwrap();
        }
        analyse(&path);
    }
}

#[test]
fn the_threshold_would_tell_an_open_unit() {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("open.service");
    std::fs::write(&unit, "[Service]\nExecStart=/bin/true\n").unwrap();
    let mut command = Command::new("systemd-analyze");
    command.args(["security", "--offline=true", "--no-pager", MOST_EXPOSED]);
    assert!(!output(command.arg(&unit)).status.success());
}

/// The units' own grammar and times, with a program where they look for it.
#[test]
fn systemd_understands_every_line() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "siegel-server.service",
        "siegel-backup.service",
        "siegel-backup.timer",
    ] {
        let unit = text(&deploy(name)).replace("ExecStart=siegel-server", "ExecStart=/bin/true");
        std::fs::write(folder.path().join(name), unit).unwrap();
    }
    for name in ["siegel-server.service", "siegel-backup.timer"] {
        let mut command = Command::new("systemd-analyze");
        command.args(["verify", "--man=no", "--generators=no"]);
        let told = run(command.arg(folder.path().join(name)));
        let ours: Vec<&str> = told
            .lines()
            .filter(|line| line.contains("siegel"))
            .collect();
        assert!(ours.is_empty(), "{ours:?}");
    }
}

#[test]
fn user_and_folders_are_made_as_the_units_need_them() {
    let machine = tempfile::tempdir().unwrap();
    let at = format!("--root={}", machine.path().display());
    for folder in ["etc", "var", "usr/lib"] {
        std::fs::create_dir_all(machine.path().join(folder)).unwrap();
    }
    let mut users = Command::new("systemd-sysusers");
    run(users.arg(&at).arg(deploy("siegel-server.sysusers")));
    let made = text(&machine.path().join("etc/passwd"));
    let user = made.lines().find(|line| line.starts_with("siegel:"));
    let user = user.unwrap_or_else(|| panic!("no user: {made}"));
    assert!(
        user.ends_with(":/var/lib/siegel:/usr/sbin/nologin"),
        "{user}"
    );
    for unit in ["siegel-server.service", "siegel-backup.service"] {
        let unit = text(&deploy(unit));
        assert!(unit.contains("\nUser=siegel\nGroup=siegel\n"));
        assert!(unit.contains("\nStateDirectory=siegel\n"));
    }
    // The socket of the example lies where the unit makes a folder for it.
    assert!(text(&deploy("siegel-server.service")).contains("\nRuntimeDirectory=siegel\n"));
    assert!(text(&deploy("relay.example.toml")).contains("\"unix:/run/siegel/"));
    let backup = text(&deploy("siegel-backup.service"));
    assert!(backup.contains("\nReadWritePaths=/var/backups/siegel\n"));
    assert!(
        text(&deploy("siegel-server.tmpfiles"))
            .contains("d /var/backups/siegel 0700 siegel siegel -")
    );
}

/// Every unit and file of `deploy` that a page names is there under that name.
#[test]
fn pages_and_units_name_what_there_is() {
    let pages = std::fs::read_dir(root().join("docs/operate")).unwrap();
    for page in pages.map(|entry| entry.unwrap().path()) {
        let page = text(&page);
        for word in page.split(|c: char| c.is_whitespace() || "`()|,;\"'".contains(c)) {
            let word = word.trim_end_matches(['.', ':']);
            let named = word.strip_prefix("deploy/").or_else(|| {
                word.ends_with(".service")
                    .then_some(word)
                    .filter(|word| !word.contains('/'))
            });
            if let Some(name) = named {
                assert!(deploy(name).exists(), "{word} is no file of deploy");
            }
        }
    }
}

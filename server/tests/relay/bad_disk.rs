//! Disks and directories the relay cannot use, and data it must not touch.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use siegel_server::clock::{Clock, Entropy};
use siegel_server::{Relay, StartError};

use crate::support::*;

const SERVER: &str = env!("CARGO_BIN_EXE_siegel-server");
const NOBODY: u32 = 65_534;

/// What the operator reads: the error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

async fn refused(world: &World) -> (StartError, String) {
    let started = Relay::start(world.config.clone(), Clock::system(), Entropy::system()).await;
    let error = started.expect_err("the relay starts on it");
    let text = told(&error);
    (error, text)
}

/// Every file of the data directory.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("reads").flatten();
    entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| (entry.path(), std::fs::read(entry.path()).expect("reads")))
        .collect()
}

/// The names of the files that are not as they were.
fn changed(before: &BTreeMap<PathBuf, Vec<u8>>, folder: &Path) -> Vec<PathBuf> {
    let after = files(folder);
    let names = before.keys().chain(after.keys());
    let differing = names.filter(|name| before.get(*name) != after.get(*name));
    differing.cloned().collect()
}

/// A relay that holds an organisation and a few entries, stopped.
async fn stopped() -> World {
    let mut world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    for message in 1..=3 {
        anna.say(1, message).await;
    }
    world.stop().await;
    world
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_made_is_named() {
    let mut world = stopped().await;
    let database = world.config.data_dir.join("siegel.db");
    for folder in [PathBuf::from("/proc/siegel"), database.join("below-a-file")] {
        world.config.data_dir = folder.clone();
        let (error, text) = refused(&world).await;
        assert!(matches!(error, StartError::DataDir { .. }), "{text}");
        assert!(text.contains(&folder.display().to_string()), "{text}");
    }
}

type Damage = fn(&mut Vec<u8>);

#[tokio::test]
async fn attack_45_damaged_data_is_refused_and_not_touched() {
    let damages: [(&str, Damage); 5] = [
        ("the first bytes", |bytes| bytes[..16].fill(0x5a)),
        ("the first page", |bytes| bytes[100..164].fill(0xa5)),
        ("every other page", |bytes| {
            for at in (2 * 8192..bytes.len()).step_by(8192) {
                bytes[at..at + 64].fill(0xa5);
            }
        }),
        ("the second half", |bytes| {
            bytes.truncate(bytes.len() / 2 / 8192 * 8192)
        }),
        ("everything", |bytes| bytes.fill(0x42)),
    ];
    for (what, damage) in damages {
        let world = stopped().await;
        let file = world.config.data_dir.join("siegel.db");
        let mut bytes = std::fs::read(&file).expect("reads");
        damage(&mut bytes);
        std::fs::write(&file, bytes).expect("writes");
        let before = files(&world.config.data_dir);
        let (error, text) = refused(&world).await;
        assert!(matches!(error, StartError::Open(_)), "{what}: {text}");
        let clear = text.contains("damaged") && text.contains("restore the last backup");
        assert!(clear, "{what}: {text}");
        assert_eq!(
            changed(&before, &world.config.data_dir),
            Vec::<PathBuf>::new(),
            "{what}"
        );
    }
}

#[tokio::test]
async fn one_flipped_byte_anywhere_loses_no_more_than_its_entry() {
    let sound = stopped().await;
    let bytes = std::fs::read(sound.config.data_dir.join("siegel.db")).expect("reads");
    let step = bytes.len() / 24;
    for at in (0..bytes.len()).step_by(step.max(1)) {
        let mut world = stopped().await;
        let file = world.config.data_dir.join("siegel.db");
        let mut bytes = std::fs::read(&file).expect("reads");
        let at = at.min(bytes.len() - 1);
        bytes[at] ^= 0x10;
        std::fs::write(&file, bytes).expect("writes");
        let started = Relay::start(world.config.clone(), Clock::system(), Entropy::system()).await;
        match started {
            Err(StartError::Open(error)) => assert!(!told(&error).is_empty()),
            Err(other) => panic!("byte {at}: {}", told(&other)),
            Ok(relay) => {
                world.relay = Some(relay);
                assert_eq!(world.http("GET", "/healthz", &[], "").await.status(), 200);
                world.stop().await;
            }
        }
    }
}

/// The relay's program as somebody who owns none of the files.
async fn run_as_nobody(folder: &Path, data: &Path) -> io::Result<Output> {
    // The build's folder may lie where nobody else may look.
    let program = folder.join("siegel-server");
    if std::fs::hard_link(SERVER, &program).is_err() {
        std::fs::copy(SERVER, &program)?;
    }
    let mut command = if std::fs::metadata("/proc/self")?.uid() == 0 {
        let mut command = Command::new("setpriv");
        let id = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
        command.args(id).arg("--clear-groups").arg(&program);
        command
    } else {
        Command::new(&program)
    };
    command
        .args(["--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data);
    // A copy is busy as long as a process that another test was just starting has it open.
    let mut pace = Pace::begin();
    loop {
        let run = command.output();
        let is_busy = match &run {
            Ok(output) => String::from_utf8_lossy(&output.stderr).contains("Text file busy"),
            Err(error) => error.kind() == io::ErrorKind::ExecutableFileBusy,
        };
        if !is_busy {
            return run;
        }
        pace.tick("the program is busy").await;
    }
}

fn open_to(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("allowed");
}

#[tokio::test]
async fn a_read_only_disk_is_refused_by_name_and_nothing_is_lost() {
    let mut world = stopped().await;
    let data = world.config.data_dir.clone();
    let folder = data.parent().expect("a folder above").to_path_buf();
    let before = files(&data);
    open_to(&folder, 0o755);
    open_to(&data, 0o555);
    for file in before.keys() {
        open_to(file, 0o444);
    }
    let output = run_as_nobody(&folder, &data).await.expect("runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{text}");
    assert!(text.contains(&data.display().to_string()), "{text}");
    assert!(text.to_lowercase().contains("permission denied"), "{text}");
    assert_eq!(changed(&before, &data), Vec::<PathBuf>::new());

    open_to(&data, 0o700);
    for file in before.keys() {
        open_to(file, 0o600);
    }
    world.start().await;
    let mut guest = world.client().await;
    guest.attach(1, 2).await.expect("attached");
    for message in 1..=3 {
        assert_eq!(number(&guest.delivered().await), message);
    }
}

#[tokio::test]
async fn a_read_only_database_is_refused_as_that() {
    let world = stopped().await;
    let data = world.config.data_dir.clone();
    let folder = data.parent().expect("a folder above").to_path_buf();
    open_to(&folder, 0o755);
    let is_root = std::fs::metadata("/proc/self").expect("reads").uid() == 0;
    if is_root {
        for path in [&data, &data.join("lock"), &data.join("blobs")] {
            if path.exists() {
                chown(path, Some(NOBODY), Some(NOBODY)).expect("allowed");
            }
        }
    }
    let database = data.join("siegel.db");
    open_to(&database, 0o444);
    let before = std::fs::read(&database).expect("reads");
    let output = run_as_nobody(&folder, &data).await.expect("runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{text}");
    assert!(
        text.contains("read-only") && text.contains("siegel.db"),
        "{text}"
    );
    assert_eq!(std::fs::read(&database).expect("reads"), before);
}

#[test]
fn every_mistake_of_a_configuration_is_told_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("relay.toml");
    let text = "listen = '0.0.0.0:443'\ncolour = 'red'\n[limits]\nconnections = 'many'\n\
                queued_bytes = 1\n[log]\nlevel = 'loud'\n";
    std::fs::write(&file, text).expect("written");
    let output = Command::new(SERVER)
        .args(["--config"])
        .arg(&file)
        .arg("--data-dir")
        .arg(folder.path().join("data"))
        .output()
        .expect("runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{text}");
    for key in [
        "listen",
        "colour",
        "limits.connections",
        "limits.queued_bytes",
        "log.level",
    ] {
        assert!(text.contains(key), "{key} is not told: {text}");
    }
    assert!(!folder.path().join("data").exists(), "something was made");
}

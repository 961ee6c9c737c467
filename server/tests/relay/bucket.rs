//! Attachments in a bucket: away for a while, closed to us, another's.

use std::process::Command;

use siegel_proto::ids::ContentHash;
use siegel_server::backup::{self, Identities, Recipients};
use siegel_server::blobs::Blobs;
use siegel_server::blobs::fault::Fault;
use siegel_server::blobs::settings::BlobStore;
use siegel_server::clock::{Clock, Entropy};
use siegel_server::config::Config;
use siegel_server::doctor;
use siegel_server::migrate_blobs::{Carried, CarryError, migrate_blobs};
use siegel_server::secret::Secret;
use siegel_server::{Relay, StartError};
use tempfile::TempDir;

use crate::line::Line;
use crate::support::*;
use crate::{blobs, busy, seaweed};

const PART: usize = 1024 * 1024;

#[tokio::test]
async fn what_one_relay_has_acknowledged_another_cannot_take_back() {
    let world = World::set_up().await;
    let bytes = blobs::bytes();
    let blob = blobs::announce(&world, 1, &bytes, ContentHash::of(&bytes)).await;
    let state = world.relay().state();
    let late = Blobs::open(&world.config, state.generation).await;
    let late = late.expect("opened").upload(blob.id).expect("free");
    // A line that breaks early, at a relay that learns of it late.
    let mut part = late.append(0).await.expect("begun");
    part.write(&bytes[..1_000]).await.expect("taken");
    assert_eq!(blob.patch(&world, 0, &bytes[..PART]).await.status(), 204);
    part.sync().await.expect("stored");
    assert_eq!(blob.offset(&world).await, PART.to_string());
    let mut part = late.append(0).await.expect("begun");
    part.write(&bytes[..2_000]).await.expect("taken");
    for offset in [PART, 2 * PART] {
        let next = &bytes[offset..offset + PART];
        assert_eq!(blob.patch(&world, offset, next).await.status(), 204);
    }
    part.sync().await.expect("stored");
    assert_eq!(blob.get(&world, &[]).await.into_body(), bytes);
}

/// A relay whose bucket is behind a line.
async fn behind(line: &Line) -> World {
    let address = line.address;
    let world = World::with(|config| {
        config.blob_store.endpoint = format!("http://{address}");
    })
    .await;
    world.make_organisation().await;
    world
}

async fn readiness(world: &World) -> (u16, String) {
    let answer = world.http("GET", "/readyz", &[], "").await;
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    (answer.status().as_u16(), text)
}

#[tokio::test]
async fn without_the_bucket_messages_go_on_and_attachments_wait() {
    let line = Line::to(seaweed::shared().s3()).await;
    let mut world = behind(&line).await;
    let bytes = blobs::bytes();
    let blob = blobs::announce(&world, 1, &bytes, ContentHash::of(&bytes)).await;
    assert_eq!(blob.patch(&world, 0, &bytes[..PART]).await.status(), 204);
    assert!(readiness(&world).await.1.contains("attachments: ok\n"));

    line.cut();
    let refused = blob.patch_once(&world, PART, &bytes[PART..2 * PART]).await;
    assert_eq!(refused.status(), 503);
    let text = String::from_utf8_lossy(refused.body()).into_owned();
    assert!(text.contains("\"code\":\"unavailable\""), "{text}");
    let (status, text) = readiness(&world).await;
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("attachments: unreachable\n"), "{text}");
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1)]).await;
    anna.attach(1, 1).await.expect("attached");
    anna.say(1, 1).await;
    // What is not in the bucket is deleted.
    world.sweep().await;
    // A relay that starts now starts without it.
    world.restart().await;
    let waits = blob.get(&world, &[]).await.status();
    assert_eq!(waits, 404, "not complete, which the row says");

    line.mend();
    let mut offset: usize = blob.offset(&world).await.parse().expect("a number");
    assert_eq!(offset, PART, "what was acknowledged");
    while offset < bytes.len() {
        let next = &bytes[offset..offset + PART];
        assert_eq!(blob.patch(&world, offset, next).await.status(), 204);
        offset += PART;
    }
    assert_eq!(blob.get(&world, &[]).await.into_body(), bytes);
    assert!(readiness(&world).await.1.contains("attachments: ok\n"));

    line.cut();
    assert_eq!(blob.get_once(&world, &[]).await.status(), 503);
    let gone = blob.delete(&world).await;
    assert_eq!(gone, 503, "the row is gone, the bytes are not");
    assert_eq!(blob.get(&world, &[]).await.status(), 404);
    line.mend();
    world.sweep().await;
    let left = blobs::stored(&world).await;
    assert!(left.is_empty(), "{left:?}");
}

fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn a_bucket_that_does_not_let_the_relay_in_is_told_by_name() {
    let mut world = World::set_up().await;
    world.stop().await;
    let right = world.config.blob_store.clone();
    assert!(!about_the_bucket(&world.config).await.is_bad());
    let wrong = |change: fn(&mut BlobStore)| {
        let mut store = right.clone();
        change(&mut store);
        store
    };
    type Fits = fn(&Fault) -> bool;
    let cases: [(BlobStore, Fits); 3] = [
        (
            wrong(|store| store.bucket = "no-such-bucket".to_owned()),
            |fault| matches!(fault, Fault::NoBucket(_)),
        ),
        (
            wrong(|store| store.access_key = Secret::new("canary-other".to_owned())),
            |fault| matches!(fault, Fault::WrongKey(_)),
        ),
        (
            wrong(|store| store.secret_key = Secret::new("canary-other".to_owned())),
            |fault| matches!(fault, Fault::WrongKey(_)),
        ),
    ];
    for (store, fits) in cases {
        world.config.blob_store = store;
        let started = start(&world.config).await;
        let error = started.expect_err("the relay starts with it");
        let text = told(&error);
        assert!(
            matches!(&error, StartError::Bucket(fault) if fits(fault)),
            "{text}"
        );
        let finding = about_the_bucket(&world.config).await;
        assert!(finding.is_bad(), "{finding}");
        for text in [text, finding.to_string()] {
            assert!(!text.contains("canary-secret"), "{text}");
            assert!(text.contains("blob_store."), "no remedy: {text}");
        }
    }
    // Nobody there: that may pass, so the relay starts.
    world.config.blob_store = right.clone();
    world.config.blob_store.endpoint = "http://127.0.0.1:9".to_owned();
    let finding = about_the_bucket(&world.config).await;
    assert!(finding.is_bad() && finding.to_string().contains("does not answer"));
    world.start().await;
    let (status, text) = readiness(&world).await;
    assert!(status == 200 && text.contains("attachments: unreachable\n"));
}

async fn start(config: &Config) -> Result<Relay, StartError> {
    Relay::start(config.clone(), Clock::system(), Entropy::system()).await
}

async fn about_the_bucket(config: &Config) -> doctor::Finding {
    let findings = doctor::examine(config).await;
    let mut about = findings.into_iter().filter(|finding| {
        let text = finding.to_string();
        ["object store", "bucket", "the key "]
            .iter()
            .any(|word| text.contains(word))
    });
    about.next().expect("a finding")
}

#[test]
fn keys_come_from_files_or_the_environment_and_are_printed_nowhere() {
    let folder = TempDir::new().expect("a folder");
    let key = folder.path().join("key");
    std::fs::write(&key, "canary-secret\n").expect("written");
    let check = |bucket: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_siegel-server"))
            .arg("check-config")
            .env("SIEGEL_BLOB_STORE__ENDPOINT", "https://s3.example.org")
            .env("SIEGEL_BLOB_STORE__REGION", "eu")
            .env("SIEGEL_BLOB_STORE__BUCKET", bucket)
            .env("SIEGEL_BLOB_STORE__ACCESS_KEY", "canary-access")
            .env("SIEGEL_BLOB_STORE__SECRET_KEY_FILE", &key)
            .output()
            .expect("the program runs");
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed).into_owned();
        assert!(!printed.contains("canary"), "{printed}");
        (output.status.success(), printed)
    };
    assert!(check("siegel").0);
    let (fits, printed) = check("Siegel/..");
    assert!(!fits && printed.contains("blob_store.bucket"), "{printed}");
}

#[tokio::test]
async fn attachments_move_into_a_bucket_and_come_back_from_a_backup() {
    let mut world = World::with(|config| config.blob_store = BlobStore::default()).await;
    world.make_organisation().await;
    let blob = busy::fill(&world).await;
    world.stop().await;
    world.config.blob_store = seaweed::shared().bucket().await;
    let carry = |config: &Config, take_over| {
        let config = config.clone();
        async move { migrate_blobs(&config, take_over).await }
    };
    let of = |carried, before, missing| Carried {
        carried,
        before,
        missing,
    };
    assert_eq!(
        carry(&world.config, false).await.expect("done"),
        of(1, 0, 0)
    );
    assert_eq!(
        carry(&world.config, false).await.expect("done"),
        of(0, 1, 0)
    );
    world.start().await;
    assert_eq!(blob.get(&world, &[]).await.into_body(), blobs::bytes());

    let safe = TempDir::new().expect("a folder");
    let key = backup::new_key();
    let file = safe.path().join("key");
    std::fs::write(&file, key.identity.as_bytes()).expect("written");
    let recipients = Recipients::parse(&[key.recipient]).expect("a recipient");
    let entropy = Entropy::system();
    let made = backup::make(
        &world.config,
        safe.path(),
        &recipients,
        1_795_575_600,
        &entropy,
    )
    .await;
    let made = made.expect("a backup");
    assert_eq!(made.summary.blobs, 1);
    world.stop().await;
    let restored = safe.path().join("restored");
    let identities = Identities::read(&file).expect("an identity");
    backup::restore(&made.path, &identities, &restored, &entropy)
        .await
        .expect("restored");
    let before = std::mem::replace(&mut world.config.data_dir, restored);

    // A copy that is tried somewhere gets nothing of the real relay's bucket.
    let started = start(&world.config).await;
    assert!(matches!(started, Err(StartError::Bucket(Fault::Foreign))));
    let refused = carry(&world.config, false).await;
    assert!(matches!(refused, Err(CarryError::Bucket(_))), "{refused:?}");
    // The machine is lost, the bucket is not.
    assert_eq!(carry(&world.config, true).await.expect("done"), of(0, 1, 0));
    // Both are lost.
    world.config.blob_store = seaweed::shared().bucket().await;
    assert_eq!(
        carry(&world.config, false).await.expect("done"),
        of(1, 0, 0)
    );
    world.start().await;
    assert_eq!(blob.get(&world, &[]).await.into_body(), blobs::bytes());
    world.stop().await;

    // Damaged in the folder and in no bucket: told, and not carried.
    world.config.data_dir = before;
    world.config.blob_store = seaweed::shared().bucket().await;
    let name = siegel_server::blobs::files::complete_path(&world.config.blobs(), blob.id);
    let mut bytes = std::fs::read(&name).expect("the folder is as it was");
    bytes[5] ^= 1;
    std::fs::write(&name, bytes).expect("written");
    assert_eq!(
        carry(&world.config, false).await.expect("done"),
        of(0, 0, 1)
    );
}

#[tokio::test]
async fn a_relay_deletes_nothing_in_a_bucket_that_was_taken_over() {
    let here = World::set_up().await;
    let bytes = vec![3; 4096];
    let blob = blobs::announce(&here, 1, &bytes, ContentHash::of(&bytes)).await;
    assert_eq!(blob.patch(&here, 0, &bytes).await.status(), 204);
    let mut there = World::set_up().await;
    let generation = there.relay().state().generation;
    there.stop().await;
    there.config.blob_store = here.config.blob_store.clone();
    let started = start(&there.config).await;
    assert!(matches!(started, Err(StartError::Bucket(Fault::Foreign))));
    let taken = migrate_blobs(&there.config, true).await.expect("taken");
    assert_eq!(taken, Carried::default());

    // Its row goes; what lies in the bucket is not its own to delete any more.
    let state = here.relay().state();
    state.store.delete_blob(blob.id).await.expect("row gone");
    here.sweep().await;
    assert!(readiness(&here).await.1.contains("attachments: refused\n"));
    let other = blobs::announce(&here, 2, &bytes, ContentHash::of(&bytes)).await;
    assert_eq!(other.patch_once(&here, 0, &bytes).await.status(), 503);
    let theirs = Blobs::open(&there.config, generation)
        .await
        .expect("opened");
    let all = theirs.all().await.expect("listed");
    assert!(all.contains(&blob.id), "{all:?}");
}

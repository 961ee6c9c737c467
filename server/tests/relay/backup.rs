//! A backup made beside the running relay, checked, put back, and what devices then meet.

use std::path::{Path, PathBuf};

use siegel_proto::ErrorCode;
use siegel_proto::frame::{Reply, Request};
use siegel_proto::key_package::ClaimKeyPackages;
use siegel_proto::limits;
use siegel_proto::room::RoomKind;
use siegel_server::backup::{self, BackupError, Identities, Recipients};
use siegel_server::clock::Entropy;
use siegel_server::delivery::Room;
use siegel_server::migrate_blobs::migrate_blobs;
use tempfile::TempDir;

use crate::support::*;
use crate::{blobs, busy, capsules};

const NOW: i64 = 1_795_575_600;

struct Safe {
    dir: TempDir,
    recipients: Recipients,
    identities: Identities,
}

impl Safe {
    fn new() -> Self {
        let dir = TempDir::new().expect("a folder");
        let key = backup::new_key();
        let file = dir.path().join("key");
        std::fs::write(&file, key.identity.as_bytes()).expect("written");
        Self {
            recipients: Recipients::parse(&[key.recipient]).expect("a recipient"),
            identities: Identities::read(&file).expect("an identity"),
            dir,
        }
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("backups")
    }

    async fn make(&self, world: &World, now: i64) -> PathBuf {
        let entropy = Entropy::system();
        let config = &world.config;
        let made = backup::make(config, &self.folder(), &self.recipients, now, &entropy).await;
        made.expect("a backup").path
    }

    async fn restore(&self, path: &Path, to: &Path) -> Result<(), BackupError> {
        let entropy = Entropy::system();
        let restored = backup::restore(path, &self.identities, to, &entropy).await;
        restored.map(drop)
    }

    async fn verify(&self, path: &Path) -> Result<backup::Manifest, BackupError> {
        backup::verify(path, &self.identities, self.dir.path()).await
    }
}

/// What an operator does between putting a backup back and starting, where there is a bucket.
async fn before_the_start(world: &World) {
    if world.config.blob_store.is_set() {
        let carried = migrate_blobs(&world.config, true).await.expect("carried");
        assert_eq!(carried.missing, 0);
    }
}

#[tokio::test]
async fn attack_12_what_is_good_for_one_use_does_not_come_back_and_the_rest_does() {
    let (mut world, blob) = busy::world().await;
    let safe = Safe::new();
    let path = safe.make(&world, NOW).await;
    let manifest = safe.verify(&path).await.expect("sound");
    assert_eq!((manifest.blobs.len(), manifest.gone.len()), (1, 0));
    let before = world.relay().state().generation;

    // Used after the backup was made: must be refused afterwards.
    assert!(capsules::claim(&world, 1, 1, 1).await.is_some());
    world.stop().await;
    let data_dir = safe.dir.path().join("restored");
    safe.restore(&path, &data_dir).await.expect("restored");
    world.config.data_dir = data_dir;
    before_the_start(&world).await;
    world.start().await;

    assert_ne!(world.relay().state().generation, before);
    assert!(
        world.relay().set_up_link().is_none(),
        "the organisation is back"
    );
    assert!(capsules::claim(&world, 1, 1, 2).await.is_none());
    let mut anna = world.client().await;
    let hello = Staff::new(1).authenticate(&anna.challenge.clone());
    let session = anna.ask(hello).await;
    assert!(
        matches!(session, Ok(Reply::Authenticated { key_packages: 0 })),
        "{session:?}"
    );
    let claim = ClaimKeyPackages {
        person: Staff::new(1).person,
    };
    let claimed = anna.ask(Request::ClaimKeyPackages(claim)).await;
    assert_eq!(
        claimed.map_err(|refusal| refusal.code).err(),
        Some(ErrorCode::NoKeyPackage)
    );
    anna.attach(1, 2).await.expect("the seat is back");
    assert_eq!(number(&anna.delivered().await), 7);
    let body = blob.get(&world, &[]).await.into_body();
    assert_eq!(body, blobs::bytes());
}

/// What the statements of a restore do to a room is what [`Room::put_back`] says.
#[tokio::test]
async fn every_log_goes_on_behind_the_numbers_that_were_given() {
    let (mut world, _) = busy::world().await;
    let safe = Safe::new();
    let path = safe.make(&world, NOW).await;
    let mut anna = world.staff(1).await;
    let before = anna.attach(1, 1).await.expect("attached");
    for message in 20..25 {
        anna.say(1, message).await;
    }
    drop(anna);
    world.stop().await;
    let data_dir = safe.dir.path().join("restored");
    safe.restore(&path, &data_dir).await.expect("restored");
    world.config.data_dir = data_dir;
    before_the_start(&world).await;
    world.start().await;

    let mut room = Room::create(RoomKind::Room, &[staff_seat(1, 1), staff_seat(1, 2)], 0);
    let room = room.as_mut().expect("fits");
    room.next_seq = before.next_seq;
    let mark = room.put_back();
    let mut anna = world.staff(1).await;
    let attached = anna.attach(1, 2).await.expect("the seat is back");
    assert_eq!((attached.epoch, attached.next_seq), (0, mark.seq + 1));
    assert_eq!(number(&anna.delivered().await), 7);
    let entry = anna.delivered().await;
    assert!(entry.is_put_back());
    let told = (entry.seq, entry.epoch, entry.target);
    assert_eq!(told, (mark.seq, mark.entry_epoch, mark.target));
    assert_eq!(anna.say(1, 30).await, mark.seq + 1);
}

#[tokio::test]
async fn a_backup_holds_nothing_in_the_clear_and_only_its_key_opens_it() {
    let (world, _) = busy::world().await;
    let safe = Safe::new();
    let path = safe.make(&world, NOW).await;
    let bytes = std::fs::read(&path).expect("read");
    let marks: [&[u8]; 3] = [b"SQLite format", b"manifest", &blobs::bytes()[..64]];
    for mark in marks {
        assert!(!bytes.windows(mark.len()).any(|window| window == mark));
    }
    let stranger = Safe::new();
    let opened = stranger.verify(&path).await;
    assert!(matches!(opened, Err(BackupError::Decrypt)), "{opened:?}");
}

#[tokio::test]
async fn attack_45_a_damaged_or_cut_backup_is_refused_and_nothing_is_restored() {
    let (world, _) = busy::world().await;
    let safe = Safe::new();
    let path = safe.make(&world, NOW).await;
    let whole = std::fs::read(&path).expect("read");
    let to = safe.dir.path().join("restored");
    let cuts = [0, 1, whole.len() / 2, whole.len() - 1];
    let cut = cuts.iter().map(|length| whole[..*length].to_vec());
    let flipped = [300, whole.len() / 2, whole.len() - 1]
        .into_iter()
        .map(|at| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        });
    for (number, bytes) in cut.chain(flipped).enumerate() {
        std::fs::write(&path, bytes).expect("written");
        assert!(safe.verify(&path).await.is_err(), "case {number}");
        assert!(safe.restore(&path, &to).await.is_err(), "case {number}");
        assert!(!to.exists(), "case {number}");
    }
    std::fs::write(&path, whole).expect("written");
    safe.restore(&path, &to)
        .await
        .expect("the whole one is sound");
    let again = safe.restore(&path, &to).await;
    assert!(matches!(again, Err(BackupError::InTheWay(_))), "{again:?}");
}

#[tokio::test]
async fn entries_go_on_while_a_backup_is_made_and_it_holds_a_moment() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), staff_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    for message in 1..=50 {
        anna.say(1, message).await;
    }
    let safe = Safe::new();
    let talking = async {
        for message in 51..=150 {
            anna.say(1, message).await;
        }
    };
    let (path, ()) = tokio::join!(safe.make(&world, NOW), talking);
    let data_dir = safe.dir.path().join("restored");
    safe.restore(&path, &data_dir).await.expect("restored");
    let mut restored = World::with(|config| config.data_dir = data_dir).await;
    restored.root = world.root.clone();
    let mut bo = restored.staff(2).await;
    let attached = bo.attach(1, 2).await.expect("the seat is there");
    let kept = attached.next_seq - 1 - limits::PUT_BACK_LEAP;
    assert!(kept >= 50);
    for message in 1..=kept {
        assert_eq!(number(&bo.delivered().await), message);
    }
    let mark = bo.delivered().await;
    assert_eq!((mark.is_put_back(), mark.target), (true, kept));
}

#[tokio::test]
async fn old_backups_go_and_half_made_ones_do_not_stay() {
    let world = World::set_up().await;
    let safe = Safe::new();
    for hour in 0..3 {
        safe.make(&world, NOW + hour * 3_600).await;
    }
    let names: Vec<String> = std::fs::read_dir(safe.folder())
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    assert_eq!(names, ["siegel-2026-11-25T050000Z.backup.age"]);
    let left = std::fs::read_dir(&world.config.data_dir).expect("a folder");
    let left = left.filter(|entry| {
        let name = entry.as_ref().expect("an entry").file_name();
        name.to_string_lossy().starts_with("copy-")
    });
    assert_eq!(left.count(), 0);
}

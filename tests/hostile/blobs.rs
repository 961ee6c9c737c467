//! A relay that serves other bytes than were uploaded.

use std::path::PathBuf;

use futures_util::FutureExt as _;
use siegel_cli::files;
use siegel_client_core::room::timeline::Body;
use siegel_proto::content::Attachment;
use siegel_proto::ids::RoomId;
use siegel_tests::harness::{Person, World, story};

fn stored(world: &World) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(world.relay_directory().join("blobs")).expect("reads");
    let mut files = Vec::new();
    let mut open: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let inner = std::fs::read_dir(&path).expect("reads");
            open.extend(inner.flatten().map(|entry| entry.path()));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

async fn attachments(person: &Person, room: RoomId) -> Vec<Attachment> {
    let lines = person.lines(room).await.into_iter();
    let files = lines.filter_map(|line| match line.body {
        Body::Attachment(file) => Some(file),
        _ => None,
    });
    files.collect()
}

async fn opens(person: &Person, file: &Attachment) -> bool {
    let file = file.clone();
    person
        .with(move |driver| {
            async move { files::fetch(driver, &file, |_| ()).await.is_ok() }.boxed_local()
        })
        .await
}

/// Swapped with another of one size, cut, and with a byte changed at either end: nothing of
/// it is shown, and it opens again when the relay serves what it was given.
#[test]
fn attack_34_a_relay_that_serves_other_bytes_is_found_out() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let bo = world.staff(&anna, "Bo").await;
        let room = anna.makes_room("Team", &[&bo]).await;
        bo.room("Team").await;
        for number in 0..2u8 {
            let content = vec![number; 70_000];
            anna.sends_file(room, &format!("Akte {number}.txt"), content)
                .await;
        }
        assert_eq!(bo.receives_file(room, "Akte 1.txt").await, vec![1; 70_000]);
        let files = attachments(&bo, room).await;
        let paths = stored(&world);
        let [one, other] = &paths[..] else {
            panic!("two blobs, not {paths:?}")
        };
        let honest = [one, other].map(|path| std::fs::read(path).expect("reads"));
        let put = |bytes: [&[u8]; 2]| {
            for (path, bytes) in [one, other].into_iter().zip(bytes) {
                std::fs::write(path, bytes).expect("writes");
            }
        };
        let flipped = |at: usize| {
            honest.clone().map(|mut bytes| {
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 1;
                bytes
            })
        };
        let (first, last) = (flipped(0), flipped(usize::MAX));
        let short = honest
            .clone()
            .map(|bytes| bytes[..bytes.len() / 2].to_vec());
        let turned = honest.clone().map(|mut bytes| {
            let half = bytes.len() / 2;
            bytes.rotate_left(half);
            bytes
        });
        for lie in [
            [&honest[1], &honest[0]],
            [&first[0], &first[1]],
            [&last[0], &last[1]],
            [&short[0], &short[1]],
            [&turned[0], &turned[1]],
        ] {
            put([lie[0], lie[1]]);
            for file in &files {
                assert!(!opens(&bo, file).await, "{} opens", file.file_name);
            }
        }
        put([&honest[0], &honest[1]]);
        for file in &files {
            assert!(opens(&bo, file).await, "{}", file.file_name);
        }
    });
}

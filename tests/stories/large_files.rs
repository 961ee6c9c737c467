//! The largest file a room takes, while the relay goes away and comes back.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt as _;
use siegel_cli::failure::Failure;
use siegel_cli::files::{self, Outgoing};
use siegel_cli::net::backoff::Backoff;
use siegel_client_core::attachment::AttachmentError;
use siegel_proto::limits::FILE_BYTES;
use siegel_tests::PATIENCE;
use tokio::sync::watch;

use super::{World, story};

#[test]
fn the_largest_file_arrives_whole_though_the_relay_restarts_under_it() {
    story(async {
        let mut world = World::start().await;
        // A transfer tries again a few times only: together they last longer than a slow
        // machine takes to start a relay.
        world.backoff = Backoff {
            first: Duration::from_millis(500),
            ceiling: PATIENCE,
        };
        let anna = world.admin("Anna").await;
        let bo = world.staff(&anna, "Bo").await;
        let room = anna.makes_room("Fall 7", &[&bo]).await;
        bo.counts(room, 2).await;
        bo.offline().await;

        let file: Rc<[u8]> = akte(FILE_BYTES).into();
        let (tell, mut sent) = watch::channel(0);
        let sending = anna.sends_file_telling(room, "akte.bin", file.to_vec(), move |done| {
            tell.send_replace(done);
        });
        let restarting = restart_at(&world, &mut sent, FILE_BYTES / 2);
        futures_util::join!(sending, restarting);

        bo.online().await;
        let (tell, mut fetched) = watch::channel(0);
        let receiving = bo.receives_file_telling(room, "akte.bin", move |done| {
            tell.send_replace(done);
        });
        let restarting = restart_at(&world, &mut fetched, FILE_BYTES / 2);
        let (received, ()) = futures_util::join!(receiving, restarting);
        assert!(received[..] == file[..], "every byte is what it was");
    });
}

#[test]
fn a_file_that_is_too_large_is_refused_before_anything_is_sent() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let bo = world.staff(&anna, "Bo").await;
        let room = anna.makes_room("Fall 7", &[&bo]).await;
        let before = anna.lines(room).await.len();
        let file = Outgoing {
            name: "akte.bin".into(),
            media_type: "application/octet-stream".into(),
            caption: String::new(),
            bytes: akte(FILE_BYTES + 1).into(),
        };
        let sent = anna
            .with(|driver| {
                async move { files::upload(driver, file, |_, _| ()).await }.boxed_local()
            })
            .await;
        assert!(
            matches!(sent, Err(Failure::Attachment(AttachmentError::TooLarge))),
            "{sent:?}"
        );
        anna.says(room, "Die Akte ist zu groß, ich schicke sie in Teilen.")
            .await;
        bo.sees(room, "Die Akte ist zu groß, ich schicke sie in Teilen.")
            .await;
        assert_eq!(anna.lines(room).await.len(), before + 1);
    });
}

/// Restarts the relay once so many bytes have gone over.
async fn restart_at(world: &World, gone_over: &mut watch::Receiver<u64>, bytes: u64) {
    let half = gone_over.wait_for(|done| *done >= bytes).await;
    let at = *half.expect("the transfer is under way");
    assert!(at < FILE_BYTES, "the transfer is not through");
    world.stop_relay().await;
    world.start_relay().await;
}

/// Bytes in which no two parts are alike.
fn akte(size: u64) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(size).expect("it fits")];
    blake3::Hasher::new().finalize_xof().fill(&mut bytes);
    bytes
}

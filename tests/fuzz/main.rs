//! The short form of the fuzzing: every target, from one seed, with time and memory watched.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on says where it stopped"
)]

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use peak_alloc::PeakAlloc;
use siegel_tests::fuzz::{self, Budget, Meter, corpus};
use siegel_tests::vectors::root;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The meter sees the whole program, so one test runs at a time.
static ALONE: Mutex<()> = Mutex::new(());

const METER: Meter = Meter {
    reset: || {
        ALLOCATOR.reset_peak_usage();
        ALLOCATOR.current_usage()
    },
    peak: || ALLOCATOR.peak_usage(),
};
const SEED: u64 = 1;
/// Unoptimised, and the machine may be slow.
const SLACK: u32 = 100;
const CORPUS_BYTES: u64 = 1024 * 1024;

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn attack_37_no_decoder_panics_hangs_swells_or_takes_what_was_never_made() {
    let _alone = alone();
    for target in fuzz::targets() {
        let name = target.name;
        match fuzz::run(&target, Budget::Inputs(target.inputs), SEED, SLACK, METER) {
            Ok(report) => {
                println!("{name}: {report}");
                assert!(report.taken < report.inputs, "{name} refuses nothing");
            }
            Err(finding) => panic!("{name}: {finding}"),
        }
    }
}

#[test]
fn the_corpus_is_small_and_every_folder_has_its_target() {
    let _alone = alone();
    let names: BTreeSet<String> = fuzz::targets().iter().map(|t| t.name.to_owned()).collect();
    let mut bytes = 0;
    for folder in std::fs::read_dir(root().join("tests/fuzz/corpus")).expect("a corpus") {
        let folder = folder.expect("an entry");
        let name = folder.file_name().to_string_lossy().into_owned();
        assert!(names.contains(&name), "{name} is nobody's");
        bytes += corpus::files(&name)
            .iter()
            .map(|file| file.len() as u64)
            .sum::<u64>();
    }
    assert!(bytes > 0 && bytes < CORPUS_BYTES, "{bytes} bytes");
}

mod checks {
    //! What the run itself must notice.

    use std::time::Duration;

    use siegel_tests::fuzz::{Harness, Target};

    use super::*;

    fn target(make: fn() -> Harness) -> Target {
        Target {
            name: "no_such_folder",
            inputs: 2_000,
            memory: 64 * 1024,
            time: Duration::from_millis(100),
            make,
        }
    }

    fn harness(read: fn(&[u8]) -> bool) -> Harness {
        Harness {
            corpus: vec![b"sound input".to_vec()],
            read: Box::new(read),
        }
    }

    fn finding(make: fn() -> Harness) -> String {
        let found = fuzz::run(&target(make), Budget::Inputs(2_000), SEED, 1, METER);
        found.expect_err("something is found").what
    }

    #[test]
    fn a_panic_a_hang_and_a_blow_up_are_found() {
        let _alone = alone();
        let panics = finding(|| {
            harness(|input| {
                assert!(input.first() != Some(&0xff), "first byte");
                true
            })
        });
        assert!(panics.contains("first byte"), "{panics}");
        let swells = finding(|| harness(|input| input.len() > 11 && vec![1_u8; 8 << 20][0] == 1));
        assert!(swells.contains("memory"), "{swells}");
        let hangs = finding(|| {
            harness(|input| {
                let rounds = if input.len() > 11 { 200_000_000_u64 } else { 0 };
                (0..rounds).map(std::hint::black_box).max().is_some()
            })
        });
        assert!(hangs.contains("took"), "{hangs}");
    }
}

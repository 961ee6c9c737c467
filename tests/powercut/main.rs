//! Power cuts: what was acknowledged is there afterwards, and the test would notice if it
//! were not. The long form is `cargo xtask powercut --states 100000`.
#![expect(
    clippy::unwrap_used,
    reason = "an experiment that cannot be made fails"
)]

use std::path::Path;

use siegel_tests::powercut::workload::{self, Synchronous};
use siegel_tests::powercut::{Report, cut_many, relay};

const STATES: usize = 300;
const SEED: u64 = 20_261_101;

fn cut(setting: Synchronous) -> Report {
    let program = Path::new(env!("CARGO_BIN_EXE_powercut"));
    let recording = workload::record(program, setting, 150).unwrap();
    let log = recording.finish().unwrap();
    assert_eq!(log.acks(), 150);
    cut_many(&log, recording.data(), &workload::DATABASE, STATES, SEED).unwrap()
}

#[test]
fn full_synchronisation_loses_nothing() {
    let report = cut(Synchronous::Full);
    assert!(report.lossy == 0 && report.corrupt == 0, "{report}");
}

#[test]
fn the_test_sees_what_normal_synchronisation_loses() {
    let report = cut(Synchronous::Normal);
    assert!(report.lossy > STATES / 4, "{report}");
}

#[test]
fn the_test_sees_what_breaks_without_synchronisation() {
    let report = cut(Synchronous::Off);
    assert!(report.lossy > STATES / 4 && report.corrupt > 0, "{report}");
}

#[test]
fn the_relay_loses_nothing_it_acknowledged() {
    let program = Path::new(env!("CARGO_BIN_EXE_powercut"));
    let recording = relay::record(program, 40).unwrap();
    let log = recording.finish().unwrap();
    assert_eq!(log.acks(), 320);
    let report = cut_many(&log, recording.data(), &relay::DATABASE, STATES, SEED).unwrap();
    assert!(report.lossy == 0 && report.corrupt == 0, "{report}");
}

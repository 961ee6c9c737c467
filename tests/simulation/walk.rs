//! Random walks against the reference model: a fixed set of seeds here, a million steps
//! with `cargo xtask simulation`.

use siegel_tests::simulation::walk::Walk;

/// Moves of one walk of the short form.
const MOVES: usize = 800;

fn walk(seeds: impl Iterator<Item = u64>) {
    for seed in seeds {
        let mut walk = Walk::new(seed);
        if let Err(failure) = walk.walk(MOVES) {
            panic!("{failure}");
        }
    }
}

#[test]
fn walks_with_lines_cut_answers_lost_and_crashes() {
    walk((0..4).map(|n| 4 * n));
}

#[test]
fn attack_73_walks_with_clocks_wrong_by_ninety_days() {
    walk((0..4).map(|n| 4 * n + 1));
}

#[test]
fn attack_26_walks_with_disks_put_back() {
    walk((0..4).map(|n| 4 * n + 2));
}

#[test]
fn attack_27_walks_with_entries_that_run_out() {
    walk((0..4).map(|n| 4 * n + 3));
}

#[test]
fn the_same_seed_makes_the_same_walk() {
    for seed in [5, 6, 7] {
        let trace = || {
            let mut walk = Walk::new(seed);
            walk.walk(400).expect("every promise is kept");
            (walk.world.trace(), walk.world.steps, walk.counts)
        };
        assert_eq!(trace(), trace());
    }
}

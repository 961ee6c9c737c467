//! The relay's process is killed under load: what was answered is there afterwards, once
//! and in order. The long form is `cargo xtask kill --stops 200`.

use std::path::Path;

use siegel_tests::kill::{Plan, run};
use siegel_tests::wire::Program;

#[test]
fn a_killed_relay_keeps_what_it_acknowledged() {
    let program = Program::new(Path::new(env!("CARGO_BIN_EXE_kill")), &["relay"]);
    let plan = Plan::default();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let report = runtime
        .block_on(run(&program, plan))
        .expect("every promise is kept");
    println!("{report}");
    assert_eq!(report.kills + report.orderly, plan.stops);
    assert!(
        report.kills >= 17 && report.orderly >= 2 && report.frozen >= 4,
        "{report}"
    );
    // A run in which nothing was under way when the relay died would prove nothing.
    assert!(
        report.acknowledged > 20 * u64::from(plan.writers),
        "{report}"
    );
    assert!(report.answer_lost + report.not_stored > 0, "{report}");
    assert!(report.repeated > 0, "{report}");
}

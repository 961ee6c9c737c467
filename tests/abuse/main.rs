//! The relay is attacked from four sources while people work. How long they wait is measured
//! by `cargo xtask bench attacked`.

use std::path::Path;
use std::time::Duration;

use siegel_tests::PATIENCE;
use siegel_tests::abuse::{Plan, SETTINGS, run};
use siegel_tests::wire::{Organisation, Program, RelayProcess};

const MOST_MEMORY: u64 = 512 * 1024 * 1024;

#[test]
fn attack_52_honest_people_are_served_while_others_attack() {
    let program = Program::new(Path::new(env!("CARGO_BIN_EXE_kill")), &["relay"]);
    let program =
        (SETTINGS.into_iter()).fold(program, |program, (name, value)| program.with(name, value));
    let plan = Plan {
        messages: 300,
        time: Duration::ZERO,
        turned_away: 1_000,
        huge_refused: 100,
    };
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let report = runtime.block_on(async {
        let mut relay = (RelayProcess::start(&program, folder.path()).await).expect("started");
        let organisation = Organisation::default();
        let token = relay.set_up_token().await.expect("a link");
        (organisation.set_up(relay.address(), token).await).expect("set up");
        let attacked = run(&relay, &organisation, plan);
        let attacked = tokio::time::timeout(PATIENCE, attacked).await;
        attacked
            .expect("honest people do not wait for ever")
            .expect("they are served")
    });
    println!("{report}");
    assert!(report.held > 500, "{report}");
    assert!(report.most_memory < MOST_MEMORY, "{report}");
}

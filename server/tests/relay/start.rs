//! Starting, set-up, and databases that are not ours to touch.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use siegel_proto::ErrorCode;
use siegel_proto::frame::Request;
use siegel_proto::organisation::{Policy, SetUp, SetUpToken, Signed};
use siegel_proto::signing;
use siegel_server::clock::{Clock, Entropy};
use siegel_server::{Relay, StartError};

use crate::support::*;

fn set_up(world: &World, token: &SetUpToken) -> Request {
    Request::SetUp(SetUp {
        token: token.clone(),
        root: signing::public_key(&world.root),
        policy: Signed::issue(&world.root, Policy::default()),
    })
}

#[tokio::test]
async fn the_newest_set_up_token_works_once() {
    let mut world = World::new().await;
    let first = world.relay().set_up_token().expect("printed").clone();
    assert!(
        world
            .relay()
            .set_up_link()
            .expect("printed")
            .contains("/#setup.")
    );
    world.restart().await;
    let second = world.relay().set_up_token().expect("printed again").clone();
    let mut client = world.client().await;
    let refusal = client
        .ask(set_up(&world, &first))
        .await
        .expect_err("replaced");
    assert_eq!(refusal.code, ErrorCode::Denied);
    client.done(set_up(&world, &second)).await;
    let refusal = client.ask(set_up(&world, &second)).await.expect_err("used");
    assert_eq!(refusal.code, ErrorCode::AlreadySetUp);
    world.restart().await;
    assert!(world.relay().set_up_token().is_none());
}

#[tokio::test]
async fn one_relay_per_data_directory_and_no_plain_http_in_the_open() {
    let world = World::new().await;
    let start = |config| Relay::start(config, Clock::system(), Entropy::system());
    let second = start(world.config.clone()).await;
    assert!(matches!(second, Err(StartError::InUse(_))), "{second:?}");
    let mut open = world.config.clone();
    open.listen = ([0, 0, 0, 0], 0).into();
    let refused = start(open).await;
    assert!(matches!(refused, Err(StartError::Config(_))), "{refused:?}");
}

/// What is kept in a journal or a file holds no colours.
#[test]
fn a_log_that_is_no_terminal_is_plain_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut relay = Command::new(env!("CARGO_BIN_EXE_siegel-server"))
        .args(["--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder.path().join("data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut greeting = String::new();
    let output = relay.stdout.as_mut().expect("piped");
    BufReader::new(output)
        .read_line(&mut greeting)
        .expect("it greets");
    let id = Pid::from_child(&relay);
    kill_process(id, Signal::TERM).expect("it runs");
    let output = relay.wait_with_output().expect("it ends");
    let log = String::from_utf8(output.stderr).expect("text");
    assert!(log.contains("code=\"stopping\""), "{log:?}");
}

/// The command line's variables are often set in the terminal in which somebody tries a relay.
#[test]
fn variables_of_the_command_line_are_no_settings_and_others_are_refused() {
    let checked = |variable: &str| {
        Command::new(env!("CARGO_BIN_EXE_siegel-server"))
            .arg("check-config")
            .env(variable, "/nowhere")
            .output()
            .expect("the program runs")
    };
    for variable in ["SIEGEL_PASSPHRASE_FILE", "SIEGEL_HOME", "SIEGEL_PROFILE"] {
        let output = checked(variable);
        assert!(output.status.success(), "{variable}: {output:?}");
    }
    let output = checked("SIEGEL_PASSPHRASE_FILES");
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("passphrase_files: there is no such setting"),
        "{told}"
    );
}

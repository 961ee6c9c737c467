//! What goes wrong says so: a sentence, an exit code, and nothing lost.

use siegel_cli::profile::Profile;

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_in_use_is_refused_with_its_reason() {
    let world = World::start().await;
    let anna = world.anna();
    let held = Profile::take_directory(&anna.home.join("siegel/default")).unwrap();
    let said = anna.refused(&["rooms"], 3);
    assert!(said.contains("another siegel process"), "{said}");
    assert!(said.contains(&std::process::id().to_string()), "{said}");
    let said = anna.refused(&["rooms", "--lang", "de"], 3);
    assert!(said.contains("anderen siegel-Prozess"), "{said}");
    drop(held);
    anna.json(&["rooms"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_passphrase_opens_nothing_and_breaks_nothing() {
    let world = World::start().await;
    let anna = world.anna();
    let right = std::fs::read(&anna.passphrase).unwrap();
    std::fs::write(&anna.passphrase, "falsch\n").unwrap();
    let said = anna.refused(&["rooms"], 4);
    assert!(said.contains("wrong"), "{said}");
    std::fs::write(&anna.passphrase, right).unwrap();
    anna.json(&["rooms"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_vault_there_is_nothing_to_open() {
    let world = World::start().await;
    let nobody = world.person("nobody");
    let said = nobody.refused(&["rooms"], 7);
    assert!(said.contains("not set up"), "{said}");
    nobody.refused(&["send", "Team", "x"], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_are_not_ours_are_told_apart() {
    let world = World::start().await;
    let anna = world.anna();
    let person = world.person("new");
    person.refused(&["join", "https://siegel.example/"], 2);
    person.refused(&["setup", "https://siegel.example/#guest.AAAA"], 2);
    let token = "A".repeat(43);
    let said = person.refused(
        &["join", &format!("http://siegel.example/#guest.{token}")],
        2,
    );
    assert!(said.contains("https"), "{said}");
    let nowhere = format!("http://127.0.0.1:1/#guest.{token}");
    person.refused(&["join", &nowhere, "--timeout", "1"], 6);
    let said = anna.refused(
        &["join", &format!("{}/#guest.{token}", world.relay.origin())],
        10,
    );
    assert!(said.contains("already"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_authority_is_trusted_only_when_it_is_named() {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let world = World::with(|config| {
        config.listen = ([127, 0, 0, 1], 0).into();
        let beside = config.data_dir.parent().unwrap().to_owned();
        config.tls.certificate = beside.join("cert.pem");
        config.tls.key = beside.join("key.pem");
        std::fs::write(&config.tls.certificate, made.cert.pem()).unwrap();
        std::fs::write(&config.tls.key, made.signing_key.serialize_pem()).unwrap();
    })
    .await;
    let anna = world.person("anna");
    let link = world.relay.set_up_link().unwrap();
    let set_up = ["setup", &link, "--name", "Anna"];
    anna.refused(&[&set_up[..], &["--timeout", "1"]].concat(), 6);
    let ca = world.directory.path().join("cert.pem");
    let again = [&set_up[..], &["--ca-file", ca.to_str().unwrap()]].concat();
    anna.json(&again);
    let said = anna.refused(&again, 10);
    assert!(said.contains("already"), "{said}");
    let status = anna.json(&["status", "--ca-file", ca.to_str().unwrap()]);
    assert_eq!(status["connected"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_documents_for_scripts() {
    let world = World::start().await;
    let anna = world.anna();
    let ran = anna.run(&["read", "Nirgendwo", "--json"]);
    assert_eq!(ran.code, 7);
    assert!(ran.out.is_empty());
    let error: serde_json::Value = serde_json::from_str(ran.err.lines().last().unwrap()).unwrap();
    assert_eq!(error["error"]["code"], "no_room");
}

#[test]
fn the_command_line_itself_is_checked() {
    let home = tempfile::tempdir().unwrap();
    let person = crate::support::Person {
        home: home.path().into(),
        passphrase: home.path().join("p"),
    };
    person.refused(&["nonsense"], 2);
    person.refused(&["rooms", "--profile", "../x"], 2);
    person.refused(&["rooms", "--passphrase", "x"], 2);
    let help = person.run(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.out.contains("Exit codes:"));
}

#[test]
fn completions_and_manual_pages_are_written() {
    let home = tempfile::tempdir().unwrap();
    let person = crate::support::Person {
        home: home.path().into(),
        passphrase: home.path().join("p"),
    };
    for shell in ["bash", "zsh", "fish"] {
        let ran = person.run(&["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("safety-words"), "{shell}");
    }
    let pages = home.path().join("man");
    assert_eq!(person.run(&["man", pages.to_str().unwrap()]).code, 0);
    assert!(pages.join("siegel.1").is_file());
    assert!(pages.join("siegel-invite-guest.1").is_file());
}

//! Files between people, and the profile's own files.

use crate::support::{World, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_arrives_as_it_was_and_replaces_nothing() {
    let world = World::start().await;
    let anna = world.anna();
    let bo = world.colleague(&anna, "Bo");
    anna.json(&["room", "new", "Team", "--with", "Bo"]);
    let original = world.directory.path().join("Bericht.pdf");
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(&original, &bytes).unwrap();

    let sent = anna.json(&[
        "attach",
        "Team",
        original.to_str().unwrap(),
        "--caption",
        "Entwurf",
    ]);
    let message = text(&sent, "message");
    let target = world.directory.path().join("saved");
    std::fs::create_dir(&target).unwrap();
    let target = target.to_str().unwrap();
    let saved = bo.json(&["save", "Team", &message, target]);
    let path = text(&saved, "path");
    assert!(path.ends_with("/Bericht.pdf"), "{path}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);

    std::fs::write(&path, b"mine").unwrap();
    bo.refused(&["save", "Team", &message, target], 10);
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    bo.json(&["save", "Team", &message, target, "--force"]);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    bo.refused(&["save", "Team", "0123456789", target], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_67_what_lies_on_the_disk_is_sealed_and_its_owners_alone() {
    let world = World::start().await;
    let anna = world.anna();
    let bo = world.colleague(&anna, "Canary-Bo");
    anna.json(&["room", "new", "Canary-Titel", "--with", "Canary-Bo"]);
    anna.json(&["send", "Canary-Titel", "canary-Wort"]);
    bo.json_lines(&["read", "Canary-Titel"]);
    for person in [&anna, &bo] {
        for (path, mode) in person.files() {
            let allowed = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode, allowed, "{}", path.display());
            if path.is_file() {
                let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
                let found = bytes.windows(6).any(|window| window == b"canary");
                assert!(!found, "plain text in {}", path.display());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_can_have_two_profiles() {
    let world = World::start().await;
    let anna = world.anna();
    let link = text(&anna.json(&["invite", "staff", "Zweitkonto"]), "link");
    anna.json(&[
        "join",
        &link,
        "--name",
        "Anna privat",
        "--profile",
        "second",
    ]);
    let second = anna.json(&["status", "--profile", "second"]);
    let first = anna.json(&["status"]);
    assert_ne!(first["person"], second["person"]);
    assert_eq!(first["organisation"], second["organisation"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_cannot_be_cleaned_waits_for_a_persons_word() {
    let world = World::start().await;
    let anna = world.anna();
    anna.json(&["room", "new", "Team"]);
    let picture = world.directory.path().join("foto.heic");
    std::fs::write(&picture, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").unwrap();
    let picture = picture.to_str().unwrap();
    let said = anna.refused(&["attach", "Team", picture], 8);
    assert!(said.contains("--keep-metadata"), "{said}");
    anna.json(&["attach", "Team", picture, "--keep-metadata"]);
}

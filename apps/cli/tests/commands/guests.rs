//! A client comes by a link.

use crate::support::{Person, World, text};

fn invited(world: &World, anna: &Person) -> String {
    let notice = world.directory.path().join("notice.txt");
    std::fs::write(&notice, "Wir speichern so wenig wie möglich.").unwrap();
    let notice = notice.to_str().unwrap();
    let invitation = anna.json(&[
        "invite",
        "guest",
        "Frau K.",
        "--title",
        "Beratung",
        "--greeting",
        "Guten Tag!",
        "--notice",
        notice,
        "--notice-version",
        "2026-11",
    ]);
    text(&invitation, "link")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_reads_agrees_and_answers() {
    let world = World::start().await;
    let anna = world.anna();
    let link = invited(&world, &anna);
    let guest = world.person("guest");
    guest.json(&["join", &link]);

    let lines = guest.json_lines(&["read", "Beratung"]);
    let greeting = lines.iter().find(|line| line["text"] == "Guten Tag!");
    assert_eq!(greeting.unwrap()["author"]["name"], "Anna Berger");
    let notice = lines.iter().find(|line| line["kind"] == "notice").unwrap();
    assert_eq!(notice["version"], "2026-11");

    guest.json(&["consent", "give", "Beratung"]);
    guest.json(&["send", "Beratung", "Danke"]);
    assert_eq!(anna.texts("Beratung"), ["Guten Tag!", "Danke"]);
    let ledger = anna.json(&["consent", "show", "Beratung"]);
    assert_eq!(ledger["consents"][0]["granted"], true);
    assert_eq!(ledger["consents"][0]["author"]["name"], "Frau K.");

    guest.json(&["consent", "withdraw", "Beratung"]);
    let ledger = anna.json(&["consent", "show", "Beratung"]);
    assert_eq!(ledger["consents"][1]["granted"], false);
    let members = anna.json(&["members", "Beratung"]);
    let client = members["people"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["role"] == "guest");
    assert_eq!(client.unwrap()["verified"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_and_its_caseworker_read_the_same_words() {
    let world = World::start().await;
    let anna = world.anna();
    let guest = world.person("guest");
    guest.json(&["join", &invited(&world, &anna)]);
    let seen_by_anna = anna.json(&["safety-words", "Beratung", "Frau K."]);
    let seen_by_guest = guest.json(&["safety-words", "Beratung", "Anna Berger"]);
    assert_eq!(seen_by_anna["words"], seen_by_guest["words"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_09_a_link_works_once() {
    let world = World::start().await;
    let anna = world.anna();
    let link = invited(&world, &anna);
    world.person("guest").json(&["join", &link]);
    let second = world.person("second");
    let said = second.refused(&["join", &link], 7);
    assert!(said.contains("cannot be used any more"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_printed_as_link_and_code() {
    let world = World::start().await;
    let anna = world.anna();
    let shown = anna.run(&["invite", "staff", "Bo"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(shown.out.contains("/#staff."));
    assert!(shown.out.lines().filter(|line| line.contains('█')).count() > 10);
}

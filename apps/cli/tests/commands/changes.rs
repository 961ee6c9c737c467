//! Changing what was said, rooms, and the organisation.

use crate::support::{Person, World, text};

/// Anna and Bo in a room called Team.
async fn team() -> (World, Person, Person) {
    let world = World::start().await;
    let anna = world.anna();
    let bo = world.colleague(&anna, "Bo");
    anna.json(&["room", "new", "Team", "--with", "Bo"]);
    (world, anna, bo)
}

/// The number of the only text that says this.
fn number(person: &Person, said: &str) -> String {
    let lines = person.json_lines(&["read", "Team"]);
    let found = lines.iter().find(|line| line["text"] == said);
    found.unwrap_or_else(|| panic!("{lines:?}"))["seq"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_edited_deleted_reacted_to_and_found() {
    let (_world, anna, bo) = team().await;
    anna.json(&["send", "Team", "Frau Müller komt"]);
    anna.json(&["send", "Team", "falscher Raum"]);
    let (typo, wrong) = (
        number(&anna, "Frau Müller komt"),
        number(&anna, "falscher Raum"),
    );
    anna.json(&["edit", "Team", &typo, "Frau", "Müller", "kommt"]);
    anna.json(&["delete", "Team", &wrong]);
    assert_eq!(bo.texts("Team"), ["Frau Müller kommt"]);
    bo.json(&["react", "Team", &typo, "👍"]);
    let line = |person: &Person| {
        let lines = person.json_lines(&["read", "Team"]);
        lines
            .into_iter()
            .find(|line| line["kind"] == "text")
            .unwrap()
    };
    assert_eq!(line(&anna)["reactions"][0]["emoji"], "👍");
    assert_eq!(line(&anna)["edited"], true);
    bo.json(&["react", "Team", &typo]);
    assert!(line(&anna).get("reactions").is_none());

    // Nobody changes what others said.
    bo.refused(&["edit", "Team", &typo, "nein"], 5);
    bo.refused(&["delete", "Team", &typo], 5);
    bo.refused(&["delete", "Team", "99999"], 7);
    let found = bo.json(&["search", "muell", "KOMMT"]);
    assert_eq!(found["text"], "Frau Müller kommt");
    assert_eq!(bo.json_lines(&["search", "falscher"]).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_renamed_handed_over_and_left() {
    let (_world, anna, bo) = team().await;
    anna.json(&["room", "rename", "Team", "Wohnhilfe"]);
    bo.refused(&["room", "rename", "Wohnhilfe", "Meins"], 5);
    anna.json(&["promote", "Wohnhilfe", "Bo"]);
    bo.json(&["room", "retention", "Wohnhilfe", "7"]);
    let lines = anna.json_lines(&["read", "Wohnhilfe"]);
    let changed = |line: &serde_json::Value| line["event"] == "retention_changed";
    assert_eq!(lines.iter().find(|line| changed(line)).unwrap()["count"], 7);
    anna.refused(&["room", "repair", "Wohnhilfe"], 5);

    anna.json(&["leave", "Wohnhilfe"]);
    bo.json_lines(&["read", "Wohnhilfe"]);
    let rooms = anna.json(&["rooms"]);
    assert_eq!(rooms["rooms"][0]["state"], "removed");
    let members = bo.json(&["members", "Wohnhilfe"]);
    assert_eq!(members["people"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_ones_own_and_ones_data_can_be_read() {
    let (_world, anna, bo) = team().await;
    anna.json(&["label", "Bo", "Bo vom Wohnen"]);
    anna.json(&["send", "Team", "Hallo"]);
    bo.json(&["send", "Team", "Auch hallo"]);
    let lines = anna.json_lines(&["read", "Team"]);
    assert_eq!(lines.last().unwrap()["author"]["name"], "Bo vom Wohnen");
    let data = anna.json(&["my-data"]);
    let said: Vec<_> = data["rooms"][0]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    let said = said.iter().filter(|line| line["kind"] == "text");
    let said: Vec<_> = said
        .map(|line| (text(line, "who"), text(line, "text")))
        .collect();
    let expected = [("Anna Berger", "Hallo"), ("Bo vom Wohnen", "Auch hallo")];
    assert_eq!(
        said,
        expected.map(|(who, what)| (who.to_owned(), what.to_owned()))
    );
    let readable = bo.run(&["my-data"]);
    assert!(!readable.out.contains("Bo vom Wohnen"), "{}", readable.out);
    anna.json(&["label", "Bo vom Wohnen"]);
    assert!(anna.run(&["members", "Team"]).out.contains("Bo  ("));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_taken_back() {
    let world = World::start().await;
    let anna = world.anna();
    let link = text(&anna.json(&["invite", "staff", "Cem"]), "link");
    let listed = anna.json(&["invite", "list"]);
    assert_eq!(listed["invitations"][0]["state"], "ready");
    assert_eq!(listed["invitations"][0]["link"], link.as_str());
    let gone = anna.json(&["invite", "withdraw", "Cem"]);
    assert_eq!(gone["state"], "gone");
    let cem = world.person("cem");
    cem.refused(&["join", &link, "--name", "Cem"], 7);
    anna.refused(&["invite", "withdraw", "Niemand"], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_is_shown_and_changed_by_the_admin_alone() {
    let (_world, anna, bo) = team().await;
    let before = anna.json(&["policy"]);
    let after = anna.json(&[
        "policy",
        "--retention-days",
        "30",
        "--wipe-after-tries",
        "10",
    ]);
    assert_eq!(after["retention_days"], 30);
    assert_eq!(after["lock_after_minutes"], before["lock_after_minutes"]);
    assert_eq!(bo.json(&["policy"]), after);
    bo.refused(&["policy", "--retention-days", "90"], 5);
    anna.refused(&["policy", "--wipe-after-tries", "2"], 2);
    let german = bo.run(&["policy", "--lang", "de"]);
    assert!(german.out.contains("höchstens 30 Tage"), "{}", german.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_is_revoked() {
    let (_world, anna, bo) = team().await;
    let devices = anna.json(&["devices"]);
    let devices = devices["devices"].as_array().unwrap();
    let lost = devices
        .iter()
        .find(|device| device["name"] == "Bo")
        .unwrap();
    let id = text(lost, "device");
    anna.refused(&["revoke-device", "ffffffff", "--for-ever"], 7);
    let revoked = anna.json(&["revoke-device", &id[..8], "--for-ever"]);
    assert_eq!(revoked["device"], id.as_str());
    bo.refused(&["rooms"], 8);
    let members = anna.json(&["members", "Team"]);
    assert_eq!(members["people"].as_array().unwrap().len(), 1);
}

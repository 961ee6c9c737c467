//! Two colleagues and a room.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use crate::support::{Person, World, text};

#[tokio::test(flavor = "multi_thread")]
async fn two_colleagues_write_to_each_other() {
    let world = World::start().await;
    let anna = world.anna();
    let bo = world.colleague(&anna, "Bo");

    let room = anna.json(&["room", "new", "Team", "--with", "Bo"]);
    let sent = anna.json(&["send", "Team", "Hallo", "Bo"]);
    assert_eq!(sent["room"], room["room"]);
    assert_eq!(bo.texts("Team"), ["Hallo Bo"]);

    let asked = bo.run_with_input(&["send", "Team"], "Zwei\nZeilen\n");
    assert_eq!(asked.code, 0, "{}", asked.err);
    assert_eq!(anna.texts("Team"), ["Hallo Bo", "Zwei\nZeilen"]);

    let lines = anna.json_lines(&["read", "Team"]);
    let last = lines.last().unwrap();
    assert_eq!(last["author"]["name"], "Bo");
    assert_eq!(last["author"]["own"], false);
    let rooms = anna.json(&["rooms"]);
    assert_eq!(rooms["rooms"][0]["title"], "Team");
    assert_eq!(rooms["rooms"][0]["unread"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_message_tells_how_far_it_got() {
    let world = World::start().await;
    let anna = world.anna();
    let bo = world.colleague(&anna, "Bo");
    anna.json(&["room", "new", "Team", "--with", "Bo"]);
    anna.json(&["send", "Team", "Wer kann am Dienstag?"]);
    let said = |person: &Person| {
        let lines = person.json_lines(&["read", "Team"]);
        let found = lines.into_iter().find(|line| line["kind"] == "text");
        found.unwrap()
    };
    let delivery = &said(&anna)["delivery"];
    assert_eq!(
        (&delivery["people"], &delivery["delivered"]),
        (&1.into(), &0.into())
    );

    // Bo reads it; how far somebody else's message got is nothing Bo is told.
    assert!(said(&bo).get("delivery").is_none());
    let delivery = &said(&anna)["delivery"];
    assert_eq!(delivery["delivered"], 1);
    assert_eq!(delivery["read_by"].as_array().unwrap().len(), 1);
    let read = anna.run(&["read", "Team"]);
    assert!(read.out.contains("(read by 1 of 1)"), "{}", read.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_sentences_in_their_language() {
    let world = World::start().await;
    let anna = world.anna();
    world.colleague(&anna, "Bo");
    anna.json(&["room", "new", "Team", "--with", "bo"]);
    let english = anna.run(&["send", "Team", "Hi"]);
    assert!(english.out.starts_with("Sent ("), "{}", english.out);
    let german = anna.run(&["send", "Team", "Hi", "--lang", "de"]);
    assert!(german.out.starts_with("Gesendet ("), "{}", german.out);
    let members = anna.run(&["members", "Team"]);
    assert!(members.out.contains("Anna Berger") && members.out.contains("not verified"));
    let status = anna.run(&["status"]);
    assert!(status.out.contains("connected") && status.out.contains("administrator"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_written_without_the_relay_goes_out_later() {
    let world = World::start().await;
    let anna = world.anna();
    let bo = world.colleague(&anna, "Bo");
    anna.json(&["room", "new", "Team", "--with", "Bo"]);
    let _world = world
        .restart_after(|| {
            anna.refused(&["send", "Team", "noch da?", "--timeout", "1"], 6);
        })
        .await;
    anna.json(&["rooms"]);
    assert_eq!(bo.texts("Team"), ["noch da?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_reads_nothing_more() {
    let world = World::start().await;
    let anna = world.anna();
    let bo = world.colleague(&anna, "Bo");
    anna.json(&["room", "new", "Team", "--with", "Bo"]);
    anna.json(&["send", "Team", "vorher"]);
    assert_eq!(bo.texts("Team"), ["vorher"]);
    anna.json(&["remove", "Team", "Bo"]);
    anna.json(&["send", "Team", "nachher"]);
    assert_eq!(bo.texts("Team"), ["vorher"]);
    let refused = bo.run(&["send", "Team", "und ich?", "--timeout", "3"]);
    assert_ne!(refused.code, 0);
    assert_eq!(anna.texts("Team"), ["vorher", "nachher"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_prints_what_arrives() {
    let world = World::start().await;
    let anna = world.anna();
    let bo = world.colleague(&anna, "Bo");
    anna.json(&["room", "new", "Team", "--with", "Bo"]);
    bo.json_lines(&["read", "Team"]);
    let mut follow = bo.command(&["follow", "Team", "--json"]);
    let mut following = Following(follow.stdout(Stdio::piped()).spawn().unwrap());
    anna.json(&["send", "Team", "eben jetzt"]);
    let lines = BufReader::new(following.0.stdout.take().unwrap()).lines();
    let found = lines
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap())
        .find(|line| line["kind"] == "text")
        .unwrap();
    assert_eq!(text(&found, "text"), "eben jetzt");
}

/// A command that goes on until it is ended; it ends with the test, however that ends.
struct Following(Child);

impl Drop for Following {
    fn drop(&mut self) {
        // One that has ended by itself cannot be killed.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_15_a_leaver_is_out_for_ever() {
    let world = World::start().await;
    let anna = world.anna();
    let bo = world.colleague(&anna, "Bo");
    anna.json(&["room", "new", "Team", "--with", "Bo"]);
    bo.json(&["send", "Team", "ich gehe"]);
    anna.json(&["revoke", "Bo", "--for-ever"]);
    anna.json(&["send", "Team", "ohne Bo"]);
    bo.refused(&["send", "Team", "doch nicht"], 8);
    let people = anna.json(&["members", "Team"]);
    assert_eq!(people["people"].as_array().unwrap().len(), 1, "{people}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_read_the_same_safety_words_and_one_verifies() {
    let world = World::start().await;
    let anna = world.anna();
    let bo = world.colleague(&anna, "Bo");
    anna.json(&["room", "new", "Team", "--with", "Bo"]);
    let seen_by_anna = anna.json(&["safety-words", "Team", "Bo"]);
    let seen_by_bo = bo.json(&["safety-words", "Team", "Anna Berger"]);
    assert_eq!(seen_by_anna["words"], seen_by_bo["words"]);
    assert_eq!(seen_by_anna["words"].as_array().unwrap().len(), 4);
    anna.json(&["verify", "Team", "Bo"]);
    let members = anna.json(&["members", "Team"]);
    let bo = members["people"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "Bo");
    assert_eq!(bo.unwrap()["verified"], true);
}

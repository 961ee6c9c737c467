//! Somebody wrote over a way that protects nothing.

use siegel_tests::browser::Browser;
use siegel_tests::harness::{World, story};

use crate::people::{admin, client, opens_room, says};

#[test]
fn an_answer_in_their_language_with_a_fresh_link_brings_them_into_a_room() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        asks_for_an_answer(&anna).await;
        anna.presses("WhatsApp").await;
        anna.clicks("option[value='tr']").await;
        anna.types("#label", "K. S.").await;
        anna.presses("Antwort mit neuem Link erstellen").await;
        let answer = anna.text_of("#answer").await;
        assert!(answer.contains("WhatsApp’ta"), "{answer}");
        anna.sees("Löschen Sie den Chat in WhatsApp").await;

        let link = answer.lines().last().expect("the link is the last line");
        let kim = client(link).await;
        kim.sees("Burada yazdıklarınız korunur.").await;
        says(&kim, "Es geht um meine Wohnung").await;
        opens_room(&anna, "K. S.").await;
        anna.sees("Es geht um meine Wohnung").await;
        anna.ends().await;
        kim.ends().await;
    });
}

#[test]
fn what_everybody_hears_or_reads_carries_no_link() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        for channel in ["Anrufbeantworter", "Aushang an der Tür"] {
            asks_for_an_answer(&anna).await;
            anna.presses(channel).await;
            anna.presses("Text zeigen").await;
            let answer = anna.text_of("#answer").await;
            assert!(!answer.contains("http"), "{answer}");
            anna.sees("Hier steht kein Link").await;
            anna.presses("Andere Antwort").await;
        }
        // Nobody was invited for it.
        anna.clicks("[aria-label='Neu']").await;
        anna.presses("Einladungen").await;
        anna.sees("Es gibt keine Einladungen.").await;
        anna.ends().await;
    });
}

async fn asks_for_an_answer(browser: &Browser) {
    browser.clicks("[aria-label='Neu']").await;
    browser.presses("Anfrage von außerhalb").await;
    browser.finds("[name='channel']").await;
}

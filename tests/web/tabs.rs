//! Several tabs of one person: one of them holds the vault, and nobody notices which.

use siegel_tests::harness::{World, story};

use crate::people::{PASSPHRASE, admin, link, makes_room, opens_room, says};

#[test]
fn a_second_tab_follows_and_takes_over_when_the_first_is_closed() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Fall 7", &[]).await;
        says(&anna, "aus dem ersten Tab").await;

        let first = anna.tab().await;
        let second = anna.opens_tab(&address(&world)).await;
        // The vault is open: no passphrase is asked for.
        opens_room(&anna, "Fall 7").await;
        anna.sees("aus dem ersten Tab").await;
        says(&anna, "aus dem zweiten Tab").await;
        anna.goes_to(&first).await;
        anna.sees("aus dem zweiten Tab").await;

        anna.closes_tab(&second).await;
        says(&anna, "der erste ist fort").await;
        anna.sees("Gesendet").await;
        anna.reloads().await;
        anna.finds("#secret").await;
        anna.ends().await;
    });
}

#[test]
fn attack_62_tabs_that_die_one_after_the_other_lose_and_double_nothing() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Fall 7", &[]).await;

        let mut tabs = vec![anna.tab().await];
        for _ in 0..4 {
            tabs.push(anna.opens_tab(&address(&world)).await);
        }
        let mut said = Vec::new();
        while let Some(next) = tabs.get(1).cloned() {
            // The oldest tab holds the vault. The last one speaks and it dies at once.
            let last = tabs.last().expect("two are left").clone();
            anna.goes_to(&last).await;
            opens_room(&anna, "Fall 7").await;
            let text = format!("noch {} Tabs", tabs.len());
            says(&anna, &text).await;
            said.push(text);
            let holder = tabs.remove(0);
            anna.goes_to(&holder).await;
            anna.closes_tab(&next).await;
        }
        opens_room(&anna, "Fall 7").await;
        for text in &said {
            anna.sees(text).await;
            let lines = anna.conversation().await;
            assert_eq!(lines.matches(text.as_str()).count(), 1, "{text}");
        }
        anna.ends().await;
    });
}

#[test]
fn locking_one_tab_locks_all() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let first = anna.tab().await;
        anna.opens_tab(&address(&world)).await;
        anna.sees("Noch keine Räume").await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.presses("Jetzt sperren").await;
        anna.goes_to(&first).await;
        anna.finds("#secret").await;

        anna.types("#secret", PASSPHRASE).await;
        anna.presses("Entsperren").await;
        anna.sees("Noch keine Räume").await;
        anna.ends().await;
    });
}

#[test]
fn a_half_filled_form_stays_when_the_tab_that_holds_the_vault_is_closed() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let first = anna.tab().await;
        let second = anna.opens_tab(&address(&world)).await;
        anna.clicks("[aria-label='Neu']").await;
        anna.presses("Klient/in einladen").await;
        anna.types("#label", "K. S.").await;
        anna.types("#greeting", "Guten Morgen").await;
        anna.goes_to(&first).await;
        anna.closes_tab(&second).await;

        anna.adds("#label", ", neu").await;
        // Only whoever holds the vault makes a link.
        anna.presses("Link erstellen").await;
        link(&anna).await;
        anna.sees("K. S., neu").await;
        anna.presses("Zum Raum").await;
        anna.sees("Guten Morgen").await;
        anna.ends().await;
    });
}

#[test]
fn a_half_typed_passphrase_stays_when_the_tab_that_holds_the_vault_is_closed() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.types("#tries", "9").await;
        anna.presses("Regeln ändern").await;
        anna.sees("Nach \u{2068}9\u{2069} falschen Eingaben").await;
        let first = anna.tab().await;
        let second = anna.opens_tab(&address(&world)).await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.presses("Jetzt sperren").await;
        let (begin, end) = PASSPHRASE.split_at("vier ganz".len());
        anna.types("#secret", begin).await;
        // What a try in the other tab leaves is told by whoever holds the vault next.
        anna.goes_to(&first).await;
        anna.types("#secret", "etwas anderes").await;
        anna.presses("Entsperren").await;
        anna.sees("Noch 8 Versuche").await;
        anna.closes_tab(&second).await;
        anna.sees("Noch 8 Versuche").await;

        anna.adds("#secret", end).await;
        anna.presses("Entsperren").await;
        anna.sees_no_longer("Entsperren").await;
        anna.sees("Noch keine Räume").await;
        anna.ends().await;
    });
}

/// The browser may pass the vault on to a tab that has not heard yet that all is locked.
#[test]
fn a_key_handed_over_before_the_lock_opens_nothing_after_it() {
    const LISTEN: &str = "window.heard = []; window.ear = new BroadcastChannel('siegel');
        ear.onmessage = event => heard.push([...event.data.message]);";
    // The second kind of message is that of the holder.
    const HANDOVER: &str = "return JSON.stringify(heard.filter(said => said[0] === 1).pop())";

    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let first = anna.tab().await;
        let second = anna.opens_tab(&address(&world)).await;
        anna.sees("Noch keine Räume").await;
        anna.run(LISTEN).await;
        let third = anna.opens_tab(&address(&world)).await;
        anna.sees("Noch keine Räume").await;
        anna.goes_to(&second).await;
        let heard = async || anna.run(HANDOVER).await.as_str().map(str::to_owned);
        let handover = anna.until("the newest tab was greeted", heard).await;

        anna.clicks("[aria-label='Einstellungen']").await;
        anna.presses("Jetzt sperren").await;
        anna.finds("#secret").await;
        let last = anna.opens_tab(&address(&world)).await;
        anna.finds("#secret").await;
        anna.run(&format!(
            "new BroadcastChannel('siegel').postMessage({{ message: new Uint8Array({handover}) }})"
        ))
        .await;
        anna.sees_no_longer("Entsperren").await;
        for tab in [first, second, third] {
            anna.goes_to(&tab).await;
            anna.closes_tab(&last).await;
        }
        anna.finds("#secret").await;
        anna.types("#secret", PASSPHRASE).await;
        anna.presses("Entsperren").await;
        anna.sees("Noch keine Räume").await;
        anna.ends().await;
    });
}

fn address(world: &World) -> String {
    format!("http://{}/", world.address())
}

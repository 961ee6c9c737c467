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

fn address(world: &World) -> String {
    format!("http://{}/", world.address())
}

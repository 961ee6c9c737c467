//! axe-core finds nothing serious on any screen.

use std::path::Path;

use siegel_tests::browser::{Browser, Screen};
use siegel_tests::harness::{World, story};

use crate::people::{PASSPHRASE, arrives, invites_client, makes_room, named, opens_room, says};

/// Where `cargo xtask test` puts axe-core.
const AXE: &str = "axe/node_modules/axe-core/axe.min.js";
/// Hours in two days, so that nobody reads now, whether or not midnight comes.
const IN_TWO_DAYS: &str = "const days = document.querySelector('#hours select');
    days.value = String((new Date().getDay() + 1) % 7 + 1);
    days.dispatchEvent(new Event('change', { bubbles: true }));";

#[test]
fn axe_finds_nothing_serious_on_any_screen() {
    let axe = axe();
    story(async {
        let world = World::at_localhost().await;
        let anna = Browser::start("Anna").await;
        anna.opens(&named(&format!("http://{}/", world.address())))
            .await;
        anna.finds("#link").await;
        checks(&axe, &anna, "start").await;
        anna.opens(&named(&world.set_up_link().to_string())).await;
        anna.finds("#name").await;
        checks(&axe, &anna, "set-up").await;
        arrives(&anna, "Anna Berger").await;
        anna.sees("Noch keine Räume").await;
        checks(&axe, &anna, "no rooms").await;
        makes_room(&anna, "Team Jugend", &[]).await;
        says(&anna, "Guten Morgen").await;
        anna.sees("Gesendet").await;
        checks(&axe, &anna, "conversation").await;
        let typed = "Kim Beispiel, geb. 3.4.1991";
        anna.types("#composer", typed).await;
        anna.presses("Als Datenkarte senden").await;
        anna.finds("dialog .card-row").await;
        checks(&axe, &anna, "card form").await;
        anna.presses("Datenkarte senden").await;
        anna.finds(".data-card").await;
        checks(&axe, &anna, "data card").await;
        makes_room(&anna, "Team Wohnen", &[]).await;
        opens_room(&anna, "Team Jugend").await;
        anna.clicks("[aria-label='Mehr zu dieser Nachricht']").await;
        anna.presses("Weiterleiten").await;
        anna.clicks("dialog [name='forward-to']").await;
        checks(&axe, &anna, "forwarding").await;
        anna.presses("Abbrechen").await;
        anna.clicks("[aria-label='Mehr zu diesem Raum']").await;
        anna.presses("Löschfrist").await;
        anna.finds("#retention-days").await;
        checks(&axe, &anna, "retention").await;
        anna.presses("Abbrechen").await;
        anna.clicks("[aria-label='Personen im Raum']").await;
        anna.finds(".items").await;
        checks(&axe, &anna, "members").await;
        anna.presses("ein Gerät").await;
        anna.sees("Geräte von").await;
        checks(&axe, &anna, "devices").await;
        anna.presses("Schließen").await;
        anna.clicks("[aria-label='Neu']").await;
        anna.presses("Anfrage von außerhalb").await;
        anna.finds("[name='channel']").await;
        checks(&axe, &anna, "request from outside").await;
        anna.presses("Aushang an der Tür").await;
        anna.presses("Text zeigen").await;
        anna.finds("#answer").await;
        checks(&axe, &anna, "answer").await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.finds("#retention").await;
        anna.presses("Nummer hinzufügen").await;
        anna.types(".emergency-row .grow:nth-child(2) input", "112")
            .await;
        anna.presses("Regeln ändern").await;
        anna.sees("Die Regeln gelten jetzt.").await;
        anna.clicks_at("//section[@id='hours']//button[.='Weitere Zeit']")
            .await;
        anna.finds("#hours select").await;
        anna.does(IN_TWO_DAYS).await;
        anna.presses("Zeiten speichern").await;
        anna.sees("Ihre Klient/innen sehen die Zeiten.").await;
        let _reader = anna.gets_authenticator(true).await;
        checks(&axe, &anna, "settings").await;
        anna.presses("Passkey einrichten").await;
        anna.finds("dialog #current").await;
        checks(&axe, &anna, "passkey").await;
        anna.types("dialog #current", PASSPHRASE).await;
        anna.clicks("dialog [type='submit']").await;
        anna.sees("Passkey entfernen").await;
        checks(&axe, &anna, "settings with a passkey").await;
        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        checks(&axe, &anna, "link").await;

        let kim = Browser::with("Kim", Screen::Phone).await;
        kim.opens(&link).await;
        kim.finds(".languages").await;
        checks(&axe, &kim, "language").await;
        kim.presses("العربية").await;
        kim.finds(".notice-text").await;
        checks(&axe, &kim, "notice").await;
        kim.clicks(".button.primary.large").await;
        kim.finds("#pin").await;
        checks(&axe, &kim, "pin").await;
        kim.clicks(".button.quiet.large").await;
        kim.finds(".banner.away").await;
        checks(&axe, &kim, "client's room").await;

        opens_room(&anna, "K. S.").await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.presses("Jetzt sperren").await;
        anna.finds("#by-passkey").await;
        checks(&axe, &anna, "unlock").await;
        anna.ends().await;
        kim.ends().await;
    });
}

/// Fails with what is serious on the screen that is shown.
async fn checks(axe: &str, browser: &Browser, screen: &str) {
    browser.does(axe).await;
    let found = browser
        .run_async(
            "const done = arguments[arguments.length - 1];
             axe.run(document).then((result) => done(result.violations
                .filter((one) => one.impact === 'serious' || one.impact === 'critical')
                .map((one) => `${one.id}: ${one.help}: ${one.nodes.map((n) => n.html).join(' ')}`)));",
        )
        .await;
    assert_eq!(found, serde_json::json!([]), "on the screen “{screen}”");
    // Beside what scrolls inside the app the page itself has nothing to scroll.
    let longer = "return document.querySelector('.shell')
        ? document.scrollingElement.scrollHeight - innerHeight : 0";
    let longer = browser.run(longer).await;
    assert_eq!(longer.as_i64(), Some(0), "pixels beyond “{screen}”");
}

/// The source of axe-core.
fn axe() -> String {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(AXE);
    let source = std::fs::read_to_string(file);
    source.expect("axe-core is there (cargo xtask test installs it)")
}

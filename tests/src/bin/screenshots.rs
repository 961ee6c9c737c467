//! Pictures of every screen of the web app: phone and desktop, light and dark, German and Arabic.
//!
//! ```text
//! cargo xtask screenshots [FOLDER]       writes into FOLDER, else into `screenshots`
//! ```
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program that reports, and stops at the first screen that does not come"
)]

use std::path::PathBuf;

use siegel_tests::browser::Browser;
use siegel_tests::harness::{NewerRelay, World, story};

const PASSPHRASE: &str = "vier ganz zufällige Wörter";
const SIZES: [(&str, u32, u32); 2] = [("phone", 390, 844), ("desktop", 1280, 800)];
const THEMES: [&str; 2] = ["light", "dark"];

fn main() {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let album = Album(folder.unwrap_or_else(|| "screenshots".into()));
    std::fs::create_dir_all(&album.0).expect("a folder");
    story(async {
        let world = World::at_localhost().await;
        let anna = Browser::start("Anna").await;
        let link = staff(&album, &world, &anna).await;
        let bo = colleague(&album, &anna).await;
        settings(&album, &anna).await;
        client(&album, &link, "Deutsch", "de").await;
        conversation(&album, &anna, &bo).await;
        wrong_channel(&album, &anna).await;
        let link = invites(&anna, "M. A.").await;
        client(&album, &link, "العربية", "ar").await;
        lists(&album, &anna).await;
        unlocks(&anna).await;
        passkey(&album, &anna).await;
        unlocks(&anna).await;
        versions(&album, &world, &anna).await;
        anna.ends().await;
        bo.ends().await;
    });
    println!("The pictures are in {}.", album.0.display());
}

/// Where the pictures go.
struct Album(PathBuf);

impl Album {
    /// The screen in every size and in light and dark.
    async fn keeps(&self, browser: &Browser, name: &str) {
        self.keeps_as_high_as(browser, name, 0).await;
    }

    /// The same, as high as the page is long.
    async fn keeps_whole(&self, browser: &Browser, name: &str) {
        let long = "const page = document.querySelector('.detail-pane .scroll');
                    return page ? page.scrollHeight + 100 : 0";
        let long = browser.run(long).await.as_u64().unwrap_or(0);
        let long = u32::try_from(long).unwrap_or(0);
        self.keeps_as_high_as(browser, name, long).await;
    }

    async fn keeps_as_high_as(&self, browser: &Browser, name: &str, least: u32) {
        for (size, width, height) in SIZES {
            let height = height.max(least);
            let resized = browser.client().set_window_rect(0, 0, width, height).await;
            resized.expect("a window of this size");
            for theme in THEMES {
                let set = format!("document.documentElement.dataset.theme = '{theme}'");
                browser.run(&set).await;
                let file = self.0.join(format!("{name}-{size}-{theme}.png"));
                browser.takes_picture(&file).await;
            }
        }
    }
}

async fn staff(album: &Album, world: &World, anna: &Browser) -> String {
    // Passkeys belong to a name.
    let named = |address: String| address.replace("127.0.0.1", "localhost");
    anna.opens(&named(format!("http://{}/", world.address())))
        .await;
    anna.finds("#link").await;
    album.keeps(anna, "start").await;
    anna.opens(&named(world.set_up_link().to_string())).await;
    anna.finds("#name").await;
    album.keeps(anna, "set-up").await;
    anna.types("#name", "Anna Berger").await;
    anna.types("#position", "Sozialberatung").await;
    anna.types("#passphrase", PASSPHRASE).await;
    anna.types("#passphrase-again", PASSPHRASE).await;
    anna.presses("Einrichten").await;
    anna.sees("Noch keine Räume").await;
    album.keeps(anna, "rooms-none").await;
    anna.clicks("[aria-label='Neu']").await;
    anna.finds("dialog[open]").await;
    album.keeps(anna, "new").await;
    anna.presses("Klient/in einladen").await;
    anna.finds("#label").await;
    album.keeps(anna, "invite-client").await;
    anna.types("#label", "K. S.").await;
    anna.presses("Link erstellen").await;
    let link = anna.finds(".card .link-text").await;
    album.keeps(anna, "link").await;
    link.text().await.expect("the link")
}

async fn invites(anna: &Browser, label: &str) -> String {
    anna.clicks("[aria-label='Neu']").await;
    anna.presses("Klient/in einladen").await;
    anna.types("#label", label).await;
    anna.presses("Link erstellen").await;
    let link = anna.finds(".card .link-text").await;
    link.text().await.expect("the link")
}

/// Somebody joins; the room they will talk in is made.
async fn colleague(album: &Album, anna: &Browser) -> Browser {
    anna.clicks("[aria-label='Neu']").await;
    anna.presses("Kolleg/in einladen").await;
    anna.finds("#label").await;
    album.keeps(anna, "invite-staff").await;
    anna.types("#label", "Bo").await;
    anna.presses("Link erstellen").await;
    let link = anna.finds(".card .link-text").await;
    let link = link.text().await.expect("the link");
    let bo = Browser::start("Bo").await;
    bo.opens(&link).await;
    bo.finds("#name").await;
    album.keeps(&bo, "join").await;
    bo.types("#name", "Bo Tal").await;
    bo.types("#passphrase", PASSPHRASE).await;
    bo.types("#passphrase-again", PASSPHRASE).await;
    bo.presses("Einrichten").await;
    bo.sees("Noch keine Räume").await;
    anna.clicks("[aria-label='Neu']").await;
    anna.presses("Neuer Raum").await;
    anna.types("#new-room-title", "Team Jugend").await;
    anna.clicks("fieldset [type='checkbox']").await;
    album.keeps(anna, "new-room").await;
    anna.presses("Raum anlegen").await;
    anna.finds("#composer").await;
    bo
}

/// Hours on no day but one that is not today, and a number to call.
async fn settings(album: &Album, anna: &Browser) {
    anna.clicks("[aria-label='Einstellungen']").await;
    anna.presses("Nummer hinzufügen").await;
    anna.types(".emergency-row .grow:nth-child(1) input", "Krisendienst")
        .await;
    anna.types(".emergency-row .grow:nth-child(2) input", "030 5550199")
        .await;
    anna.presses("Regeln ändern").await;
    anna.sees("Die Regeln gelten jetzt.").await;
    anna.clicks_at("//section[@id='hours']//button[.='Weitere Zeit']")
        .await;
    let today = anna.run("return new Date().getDay()").await;
    let tomorrow = today.as_u64().expect("a day") % 7 + 1;
    anna.clicks(&format!("#hours option[value='{tomorrow}']"))
        .await;
    anna.presses("Zeiten speichern").await;
    anna.sees("Ihre Klient/innen sehen die Zeiten.").await;
    anna.clicks(".toast [aria-label='Schließen']").await;
    album.keeps_whole(anna, "settings").await;
}

/// One that a program holds; for those who look at the screens it is one like all others.
async fn passkey(album: &Album, anna: &Browser) {
    let _reader = anna.gets_authenticator(true).await;
    anna.clicks("[aria-label='Einstellungen']").await;
    anna.presses("Passkey einrichten").await;
    anna.types("dialog #current", PASSPHRASE).await;
    album.keeps(anna, "passkey").await;
    anna.clicks("dialog [type='submit']").await;
    anna.sees("Der Passkey ist eingerichtet.").await;
    album.keeps(anna, "passkey-set-up").await;
    anna.presses("Jetzt sperren").await;
    anna.finds("#by-passkey").await;
    album.keeps(anna, "unlock-by-passkey").await;
}

async fn client(album: &Album, link: &str, language: &str, code: &str) {
    let kim = Browser::start("Kim").await;
    kim.opens(link).await;
    kim.finds(".languages").await;
    album.keeps(&kim, "client-language").await;
    kim.presses(language).await;
    kim.finds(".notice-text").await;
    album.keeps(&kim, &format!("client-notice-{code}")).await;
    kim.clicks(".button.primary.large").await;
    kim.finds("#pin").await;
    album.keeps(&kim, &format!("client-pin-{code}")).await;
    kim.clicks(".button.quiet.large").await;
    kim.types("#composer", "Danke! Ich habe am Dienstag Zeit.")
        .await;
    kim.clicks(".composer .icon-button.primary").await;
    kim.finds(".bubble-row.own .meta").await;
    kim.finds(".banner.away").await;
    album.keeps(&kim, &format!("client-room-{code}")).await;
    kim.clicks(".bar > .icon-button:nth-last-of-type(1)").await;
    kim.finds(".sheet .danger").await;
    album
        .keeps_whole(&kim, &format!("client-my-data-{code}"))
        .await;
    kim.ends().await;
}

async fn conversation(album: &Album, anna: &Browser, bo: &Browser) {
    opens(anna, "K. S.").await;
    anna.sees("Danke!").await;
    let text = "Gern. Am Dienstag um zehn?\nBringen Sie bitte den Bescheid mit.";
    anna.types("#composer", text).await;
    anna.clicks("[aria-label='Senden']").await;
    anna.sees("Gesendet").await;
    album.keeps(anna, "conversation").await;
    anna.clicks_at(
        "//article[contains(.,'Danke!')]//button[@aria-label='Mehr zu dieser Nachricht']",
    )
    .await;
    anna.finds("dialog[open] .emoji-row").await;
    album.keeps(anna, "message-menu").await;
    anna.presses("Weiterleiten").await;
    anna.clicks("dialog [name='forward-to']").await;
    album.keeps(anna, "forward").await;
    anna.types("#forward-reason", "Vertretung ab Montag").await;
    anna.clicks("dialog [type='submit']").await;
    anna.sees("Weitergeleitet.").await;
    opens(anna, "Team Jugend").await;
    anna.types("#composer", "Kim Beispiel, geb. 3.4.1991, Tel. 030 5550143")
        .await;
    anna.finds(".composer-hint .button").await;
    album.keeps(anna, "card-hint").await;
    anna.presses("Als Datenkarte senden").await;
    anna.finds("dialog .card-row").await;
    album.keeps(anna, "card-form").await;
    anna.presses("Datenkarte senden").await;
    anna.finds(".data-card").await;
    opens(bo, "Team Jugend").await;
    bo.finds(".data-card").await;
    album.keeps(bo, "card").await;
    opens(anna, "K. S.").await;
    anna.clicks("[aria-label='Mehr zu diesem Raum']").await;
    anna.finds("dialog .menu").await;
    album.keeps(anna, "room-menu").await;
    anna.presses("Löschfrist").await;
    anna.finds("#retention-days").await;
    album.keeps(anna, "retention").await;
    anna.presses("Abbrechen").await;
    anna.clicks("[aria-label='Personen im Raum']").await;
    anna.finds(".items").await;
    album.keeps(anna, "members").await;
    anna.presses("Überprüfen").await;
    anna.finds(".words").await;
    album.keeps(anna, "verify").await;
    anna.presses("Schließen").await;
}

async fn wrong_channel(album: &Album, anna: &Browser) {
    anna.clicks("[aria-label='Neu']").await;
    anna.presses("Anfrage von außerhalb").await;
    anna.finds("[name='channel']").await;
    album.keeps(anna, "wrong-channel").await;
    anna.presses("WhatsApp").await;
    anna.clicks("option[value='ar']").await;
    anna.types("#label", "Neu, WhatsApp").await;
    anna.presses("Antwort mit neuem Link erstellen").await;
    anna.finds("#answer").await;
    album.keeps(anna, "wrong-channel-answer").await;
}

async fn lists(album: &Album, anna: &Browser) {
    anna.clicks("[aria-label='Neu']").await;
    anna.presses("Einladungen").await;
    anna.finds(".items").await;
    album.keeps(anna, "invitations").await;
    anna.types("#search", "dien").await;
    anna.finds("mark").await;
    album.keeps(anna, "search").await;
    anna.clicks("[aria-label='Einstellungen']").await;
    anna.presses("Tastenkürzel").await;
    anna.finds("dialog .keys").await;
    album.keeps(anna, "shortcuts").await;
    anna.clicks("dialog .button").await;
    anna.presses("Jetzt sperren").await;
    anna.finds("#secret").await;
    album.keeps(anna, "unlock").await;
}

async fn unlocks(anna: &Browser) {
    anna.types("#secret", PASSPHRASE).await;
    anna.presses("Entsperren").await;
    anna.finds("[aria-label='Einstellungen']").await;
}

/// A newer version waits; the app is too old for its relay.
async fn versions(album: &Album, world: &World, anna: &Browser) {
    opens(anna, "Team Jugend").await;
    anna.may_complain("/v1/socket");
    anna.may_complain("/service-worker.js");
    world.update_relay().await;
    anna.sees("Es gibt eine neue Version").await;
    album.keeps(anna, "version-new").await;
    world.stop_relay().await;
    let newer = NewerRelay::at(world.address()).await;
    anna.sees("Diese App ist älter als der Server").await;
    album.keeps(anna, "version-old").await;
    newer.stops().await;
    world.start_relay().await;
}

/// Opens a room from the list.
async fn opens(browser: &Browser, title: &str) {
    let card = format!("//button[contains(@class,'room-card')][contains(.,\"{title}\")]");
    browser.clicks_at(&card).await;
    let shown = format!("document.querySelector('.detail-pane h1')?.innerText.includes('{title}')");
    browser
        .until("the room is open", async || {
            let open = browser.run(&format!("return {shown}")).await;
            (open.as_bool() == Some(true)).then_some(())
        })
        .await;
    browser.finds("#composer").await;
}

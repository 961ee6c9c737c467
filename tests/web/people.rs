//! What people do on the screen, in the order of what they see.

use siegel_tests::browser::{Browser, Screen};
use siegel_tests::harness::World;

pub const PASSPHRASE: &str = "vier ganz zufällige Wörter";

/// The first admin, with the organisation set up.
pub async fn admin(world: &World, name: &str) -> Browser {
    let browser = Browser::start(name).await;
    browser.opens(&world.set_up_link().to_string()).await;
    arrives(&browser, name).await;
    browser.sees("Noch keine Räume").await;
    browser
}

/// A colleague who has joined by a link of the admin's.
pub async fn colleague(admin: &Browser, name: &str) -> Browser {
    let link = invites_colleague(admin, name).await;
    let browser = Browser::start(name).await;
    browser.opens(&link).await;
    arrives(&browser, name).await;
    browser.sees("Noch keine Räume").await;
    browser
}

/// The same address by a name, which passkeys belong to.
pub fn named(address: &str) -> String {
    address.replace("127.0.0.1", "localhost")
}

/// Fills in name and passphrase.
pub async fn arrives(browser: &Browser, name: &str) {
    browser.types("#name", name).await;
    browser.types("#position", "Beratung").await;
    browser.types("#passphrase", PASSPHRASE).await;
    browser.types("#passphrase-again", PASSPHRASE).await;
    browser.presses("Einrichten").await;
}

/// Makes a link for a colleague.
pub async fn invites_colleague(admin: &Browser, label: &str) -> String {
    admin.clicks("[aria-label='Neu']").await;
    admin.presses("Kolleg/in einladen").await;
    admin.types("#label", label).await;
    admin.presses("Link erstellen").await;
    link(admin).await
}

/// Makes a link for a client in a room of their own.
pub async fn invites_client(staff: &Browser, label: &str, greeting: &str) -> String {
    staff.clicks("[aria-label='Neu']").await;
    staff.presses("Klient/in einladen").await;
    staff.types("#label", label).await;
    staff.types("#greeting", greeting).await;
    staff.presses("Link erstellen").await;
    link(staff).await
}

/// The link that is on the screen.
pub async fn link(browser: &Browser) -> String {
    browser.text_of(".card .link-text").await
}

/// A client opens a link on the phone, agrees, and goes on without a PIN.
pub async fn client(link: &str) -> Browser {
    let browser = Browser::with("Klientin", Screen::Phone).await;
    browser.opens(link).await;
    browser.presses("Deutsch").await;
    browser.sees("Bitte zuerst lesen").await;
    browser.presses("Ich bin einverstanden").await;
    browser.presses("Ohne PIN weiter").await;
    browser.finds("#composer").await;
    browser
}

/// Writes and sends.
pub async fn says(browser: &Browser, text: &str) {
    browser.types("#composer", text).await;
    browser.clicks("[aria-label='Senden']").await;
    browser.reads(text).await;
}

/// Chooses a file and sends it.
pub async fn attaches(browser: &Browser, name: &str, content: &str) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a file");
    browser.names_file("#file-input", &path).await;
    browser.presses("Senden").await;
    browser.reads(name).await;
    // The browser reads the file until it is sent; then it may be read over there at once.
    browser
        .until("the file is sent", async || {
            let lines = browser.conversation().await;
            let sent = ["Gesendet", "Angekommen", "Gelesen"];
            sent.iter().any(|how| lines.contains(how)).then_some(())
        })
        .await;
}

/// Makes a room with these colleagues.
pub async fn makes_room(browser: &Browser, title: &str, with: &[&str]) {
    browser.clicks("[aria-label='Neu']").await;
    browser.presses("Neuer Raum").await;
    browser.types("#new-room-title", title).await;
    for name in with {
        ticks(browser, name).await;
    }
    browser.presses("Raum anlegen").await;
    browser.finds("#composer").await;
}

/// Ticks a colleague's box.
async fn ticks(browser: &Browser, name: &str) {
    let path = format!("//fieldset//label[contains(.,\"{name}\")]//input");
    browser.clicks_at(&path).await;
}

/// Opens a room from the list.
pub async fn opens_room(browser: &Browser, title: &str) {
    let path = format!("//button[contains(@class,'room-card')][contains(.,\"{title}\")]");
    browser.clicks_at(&path).await;
    let shown = format!(
        "return document.querySelector('.detail-pane h1')?.innerText.includes('{title}') ?? false"
    );
    browser
        .until(&format!("the room “{title}” is open"), async || {
            let open = browser.run(&shown).await;
            (open.as_bool() == Some(true)).then_some(())
        })
        .await;
    browser.finds("#composer").await;
}

/// Waits until the browser keeps the app and opens it without a network.
pub async fn keeps_app(browser: &Browser) {
    let kept = "return navigator.serviceWorker.controller !== null";
    browser
        .until("the app is kept", async || {
            (browser.run(kept).await == true).then_some(())
        })
        .await;
}

/// Opens the vault with its passphrase.
pub async fn unlocks(browser: &Browser) {
    browser.types("#secret", PASSPHRASE).await;
    browser.presses("Entsperren").await;
    browser.sees_no_longer("Entsperren").await;
}

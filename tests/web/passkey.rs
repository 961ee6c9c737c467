//! Unlocking by passkey, with authenticators of software.
//!
//! Passkeys belong to a name, so the relay is called `localhost` here and not by its address.

use siegel_tests::browser::{Authenticator, Browser, Screen};
use siegel_tests::harness::{World, story};

use crate::people::{
    PASSPHRASE, arrives, invites_client, makes_room, named, opens_room, says, unlocks,
};

const SET_UP: &str = "Passkey einrichten";
const UNLOCK: &str = "Mit Passkey entsperren";
const UNFIT: &str = "Der Passkey passt nicht mehr zu den Daten hier.";
const LOST: &str = "Der Passkey war beschädigt oder veraltet und ist entfernt.";

#[test]
fn a_passkey_unlocks_until_it_is_removed_whatever_the_passphrase_is() {
    story(async {
        let world = World::at_localhost().await;
        let anna = admin(&world).await;
        let reader = anna.gets_authenticator(true).await;
        makes_room(&anna, "Fall 7", &[]).await;
        says(&anna, "Nur für uns").await;
        sets_up(&anna, "ein ganz falsches Passwort").await;
        anna.sees("Das Passwort stimmt nicht.").await;
        confirms(&anna, PASSPHRASE).await;
        anna.sees("Der Passkey ist eingerichtet.").await;
        assert_eq!(reader.counts().await, 1, "a mistype makes no second one");

        locks(&anna).await;
        anna.presses(UNLOCK).await;
        opens_room(&anna, "Fall 7").await;
        anna.sees("Nur für uns").await;

        let other = "ganz andere vier Wörter";
        settings(&anna).await;
        anna.presses("Passwort ändern").await;
        anna.types("#current", PASSPHRASE).await;
        anna.types("#new", other).await;
        anna.types("#again", other).await;
        anna.presses("Speichern").await;
        anna.sees("Das Passwort wurde geändert.").await;
        locks(&anna).await;
        anna.presses(UNLOCK).await;
        opens_room(&anna, "Fall 7").await;

        settings(&anna).await;
        anna.presses("Passkey entfernen").await;
        anna.sees("Der Passkey entsperrt hier nichts mehr.").await;
        anna.presses("Jetzt sperren").await;
        anna.finds("#secret").await;
        assert_eq!(anna.counts(UNLOCK).await, 0);
        anna.types("#secret", other).await;
        anna.presses("Entsperren").await;
        opens_room(&anna, "Fall 7").await;
        anna.ends().await;
    });
}

#[test]
fn who_is_not_recognised_still_has_the_passphrase() {
    story(async {
        let world = World::at_localhost().await;
        let anna = admin(&world).await;
        let reader = has_passkey(&anna).await;
        locks(&anna).await;
        // It locks itself after a few fingers it does not know, like a real one.
        reader.recognises_nobody().await;
        anna.presses(UNLOCK).await;
        anna.sees("Der Passkey wurde nicht bestätigt.").await;
        unlocks(&anna).await;
        anna.sees("Noch keine Räume").await;
        anna.ends().await;
    });
}

#[test]
fn an_authenticator_that_cannot_encrypt_is_told_of() {
    story(async {
        let world = World::at_localhost().await;
        let anna = admin(&world).await;
        anna.gets_authenticator(false).await;
        sets_up(&anna, PASSPHRASE).await;
        anna.sees("Dieses Gerät kann mit einem Passkey nichts verschlüsseln.")
            .await;
        anna.presses("Abbrechen").await;
        anna.sees(SET_UP).await;
        anna.ends().await;
    });
}

#[test]
fn attack_68_a_wrapping_that_was_cut_or_put_back_leaves_the_passphrase() {
    story(async {
        let world = World::at_localhost().await;
        let anna = admin(&world).await;
        let _reader = has_passkey(&anna).await;
        locks(&anna).await;
        elsewhere(&anna, &world).await;
        let sound = anna.run_async(&wrapping("")).await;
        anna.run_async(&wrapping("bytes.slice(0, 40)")).await;
        anna.opens(&address(&world)).await;
        anna.sees(UNFIT).await;
        assert_eq!(anna.counts(UNLOCK).await, 0);
        unlocks(&anna).await;
        anna.sees(LOST).await;
        settings(&anna).await;
        anna.sees(SET_UP).await;

        locks(&anna).await;
        elsewhere(&anna, &world).await;
        let sound = sound.as_str().expect("a wrapping");
        let back = format!("new Uint8Array({sound})");
        anna.run_async(&wrapping(&back)).await;
        anna.opens(&address(&world)).await;
        anna.presses(UNLOCK).await;
        anna.sees(UNFIT).await;
        unlocks(&anna).await;
        anna.sees(LOST).await;
        anna.ends().await;
    });
}

#[test]
fn attack_74_a_copied_store_opens_with_no_other_persons_passkey() {
    story(async {
        let world = World::at_localhost().await;
        let anna = admin(&world).await;
        let _reader = has_passkey(&anna).await;
        elsewhere(&anna, &world).await;
        let copy = anna.run_async(COPY).await;

        let thief = Browser::start("Dieb").await;
        let _own = thief.gets_authenticator(true).await;
        elsewhere(&thief, &world).await;
        thief
            .run_async(&PASTE.replace("COPIED", &copy.to_string()))
            .await;
        thief.opens(&address(&world)).await;
        thief.presses(UNLOCK).await;
        thief.sees("Der Passkey wurde nicht bestätigt.").await;
        // The copy is whole: what is missing is Anna's authenticator.
        unlocks(&thief).await;
        thief.sees("Noch keine Räume").await;
        anna.ends().await;
        thief.ends().await;
    });
}

#[test]
fn a_client_with_a_pin_has_a_passkey_until_the_organisation_forbids_it() {
    story(async {
        let world = World::at_localhost().await;
        let anna = admin(&world).await;
        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        let kim = Browser::with("Klientin", Screen::Phone).await;
        let _reader = kim.gets_authenticator(true).await;
        kim.opens(&link).await;
        kim.presses("Deutsch").await;
        kim.presses("Ich bin einverstanden").await;
        kim.types("#pin", "482915").await;
        kim.types("#pin-again", "482915").await;
        kim.presses("PIN benutzen").await;
        kim.sees("Guten Tag").await;
        kim.clicks("[aria-label='Meine Daten']").await;
        sets_up_here(&kim, "482915").await;
        kim.sees("Der Passkey ist eingerichtet.").await;
        kim.presses("Jetzt sperren").await;
        kim.finds("#secret").await;
        kim.presses(UNLOCK).await;
        kim.sees("Passkey entfernen").await;

        settings(&anna).await;
        anna.presses("Passkeys verbieten").await;
        anna.presses("Regeln ändern").await;
        anna.sees("Die Regeln gelten jetzt.").await;
        kim.sees_no_longer("Passkey").await;
        kim.presses("Jetzt sperren").await;
        kim.finds("#secret").await;
        assert_eq!(kim.counts(UNLOCK).await, 0);
        anna.ends().await;
        kim.ends().await;
    });
}

async fn admin(world: &World) -> Browser {
    let anna = Browser::start("Anna Berger").await;
    anna.opens(&named(&world.set_up_link().to_string())).await;
    arrives(&anna, "Anna Berger").await;
    anna.sees("Noch keine Räume").await;
    anna
}

fn address(world: &World) -> String {
    named(&format!("http://{}/", world.address()))
}

/// A page of the relay without the app, for looking into the store.
async fn elsewhere(browser: &Browser, world: &World) {
    browser.opens(&format!("{}healthz", address(world))).await;
}

async fn settings(browser: &Browser) {
    browser.clicks("[aria-label='Einstellungen']").await;
}

async fn locks(browser: &Browser) {
    settings(browser).await;
    browser.presses("Jetzt sperren").await;
    browser.finds("#secret").await;
}

async fn has_passkey(browser: &Browser) -> Authenticator<'_> {
    let reader = browser.gets_authenticator(true).await;
    sets_up(browser, PASSPHRASE).await;
    browser.sees("Der Passkey ist eingerichtet.").await;
    reader
}

async fn sets_up(browser: &Browser, secret: &str) {
    settings(browser).await;
    sets_up_here(browser, secret).await;
}

async fn sets_up_here(browser: &Browser, secret: &str) {
    browser.presses(SET_UP).await;
    confirms(browser, secret).await;
}

async fn confirms(browser: &Browser, secret: &str) {
    browser.types("dialog #current", secret).await;
    browser.clicks("dialog [type='submit']").await;
}

/// Reads the wrapping, and writes what `new` makes of its `bytes`, if anything.
fn wrapping(new: &str) -> String {
    let write = match new {
        "" => String::new(),
        new => format!("meta.put({new}, 'passkey');"),
    };
    format!(
        "const done = arguments[arguments.length - 1];
         const open = indexedDB.open('siegel');
         open.onsuccess = () => {{
           const step = open.result.transaction('meta', 'readwrite');
           const meta = step.objectStore('meta');
           let bytes = null;
           meta.get('passkey').onsuccess = (event) => {{
             bytes = event.target.result;
             {write}
           }};
           step.oncomplete = () => {{
             open.result.close();
             done(bytes ? JSON.stringify(Array.from(bytes)) : null);
           }};
         }};"
    )
}

/// Everything that is stored, as text.
const COPY: &str = "
    const done = arguments[arguments.length - 1];
    const open = indexedDB.open('siegel');
    open.onsuccess = () => {
      const step = open.result.transaction(['rows', 'meta']);
      const copy = {};
      const plain = (key) => typeof key === 'string' ? key : Array.from(new Uint8Array(key));
      for (const name of ['rows', 'meta']) {
        copy[name] = [];
        step.objectStore(name).openCursor().onsuccess = (event) => {
          const at = event.target.result;
          if (!at) return;
          copy[name].push([plain(at.key), Array.from(at.value)]);
          at.continue();
        };
      }
      step.oncomplete = () => { open.result.close(); done(copy); };
    };";

/// Stores it where nothing was.
const PASTE: &str = "
    const done = arguments[arguments.length - 1];
    const copy = COPIED;
    const open = indexedDB.open('siegel', 1);
    open.onupgradeneeded = () => {
      for (const name of ['rows', 'meta']) open.result.createObjectStore(name);
    };
    open.onsuccess = () => {
      const step = open.result.transaction(['rows', 'meta'], 'readwrite');
      const key = (key) => typeof key === 'string' ? key : new Uint8Array(key);
      for (const name of ['rows', 'meta'])
        for (const [at, value] of copy[name])
          step.objectStore(name).put(new Uint8Array(value), key(at));
      step.oncomplete = () => { open.result.close(); done(null); };
    };";

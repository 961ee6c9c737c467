//! Real browsers for stories about people at a screen.
//!
//! A [`Browser`] is Debian's Chromium with a profile of its own, driven over WebDriver. It
//! waits for what should be on the screen, never for time, and at its end it fails on any
//! error in the console: a script that failed, a file that is missing, a breach of the
//! content policy.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a story stops at the first broken promise"
)]

mod authenticator;
mod chromedriver;
mod clock;
mod console;
mod devtools;
mod processor;
mod scroll;
mod toasts;

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::wd::Capabilities;
pub use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;

pub use authenticator::Authenticator;
use chromedriver::Chromedriver;
pub use clock::AheadClock;
use devtools::DevTools;
pub use processor::SlowProcessor;
pub use scroll::Scroll;

use crate::PATIENCE;
use crate::harness::patiently;

/// Starts of a browser before it has failed.
const ATTEMPTS: usize = 5;
/// Where a browser saves files, in its profile.
const SAVED: &str = "saved";
/// Between two looks at the screen.
const LOOK: Duration = Duration::from_millis(50);

/// What the browser is told to leave out: everything that would talk to somebody else, what a
/// machine without a screen does not have, and two pages of its own for the address bar of a
/// desktop, which take a second of the processor at every start.
const ARGUMENTS: [&str; 14] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
];

/// Notes whether a press comes to the element it is aimed at. What is chosen from a list is
/// chosen without one.
const AIM: &str = "const [aim] = arguments; window.pressed = aim.matches('option');
                   const note = () => { window.pressed = true; };
                   aim.addEventListener('click', note, { once: true, capture: true });";

/// One person's browser.
pub struct Browser {
    /// Whose, for messages.
    pub name: String,
    client: Client,
    errors: RefCell<Vec<String>>,
    expected: RefCell<Vec<String>>,
    // Ends after the client, its profile after that.
    driver: Chromedriver,
    profile: TempDir,
}

/// What kind of screen a browser has.
#[derive(Clone, Copy, Debug)]
pub enum Screen {
    /// 1280 by 800.
    Desktop,
    /// 360 by 740, the cheap phone.
    Phone,
}

impl Browser {
    /// Starts a browser that was never anywhere.
    pub async fn start(name: &str) -> Self {
        Self::with(name, Screen::Desktop).await
    }

    /// The same with a screen of a kind.
    pub async fn with(name: &str, screen: Screen) -> Self {
        // A busy machine sometimes has no browser ready in the time the driver gives it.
        let mut failed = String::new();
        for _ in 0..ATTEMPTS {
            let driver = Chromedriver::start().await;
            let profile = TempDir::new().expect("a directory for the profile");
            let connector = hyper_util::client::legacy::connect::HttpConnector::new();
            let client = ClientBuilder::new(connector)
                .capabilities(capabilities(profile.path(), screen))
                .connect(&driver.address())
                .await;
            match client {
                Ok(client) => {
                    let browser = Self {
                        name: name.to_owned(),
                        client,
                        errors: RefCell::default(),
                        expected: RefCell::default(),
                        driver,
                        profile,
                    };
                    browser.notes_toasts().await;
                    return browser;
                }
                Err(error) => failed = error.to_string(),
            }
        }
        panic!("no browser for {name} in {ATTEMPTS} attempts: {failed}");
    }

    /// The WebDriver client, for what stands here in no method.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Opens an address.
    pub async fn opens(&self, address: &str) {
        self.client.goto(address).await.expect("an address");
    }

    /// Loads the page again.
    pub async fn reloads(&self) {
        self.collect_errors().await;
        self.client.refresh().await.expect("a page");
    }

    /// Waits for an element and returns it.
    pub async fn finds(&self, css: &str) -> Element {
        self.until(&format!("there is `{css}`"), async || {
            self.client.find(Locator::Css(css)).await.ok()
        })
        .await
    }

    /// Waits until an element can be clicked, and clicks it.
    pub async fn clicks(&self, css: &str) {
        self.until(&format!("`{css}` can be clicked"), async || {
            self.press_one(Locator::Css(css)).await
        })
        .await;
    }

    /// Waits until a button or link with this text can be clicked, and clicks it.
    pub async fn presses(&self, text: &str) {
        let quoted = text.replace('"', "\\\"");
        let path = format!(
            "//*[self::button or self::a or self::label or self::summary]\
             [normalize-space(.)=\"{quoted}\"]"
        );
        self.until(&format!("“{text}” can be pressed"), async || {
            self.press_one(Locator::XPath(&path)).await
        })
        .await;
    }

    /// Waits until an element at an XPath can be clicked, and clicks it.
    pub async fn clicks_at(&self, path: &str) {
        self.until(&format!("`{path}` can be clicked"), async || {
            self.press_one(Locator::XPath(path)).await
        })
        .await;
    }

    /// Presses the first that can be pressed: what is in a hidden pane cannot. `None` if the
    /// press did not come to what it was aimed at, because the page moved it away in between;
    /// people press again then.
    async fn press_one(&self, locator: Locator<'_>) -> Option<()> {
        for element in self.client.find_all(locator).await.ok()? {
            let aimed = serde_json::to_value(&element).expect("an element's number");
            if self.client.execute(AIM, vec![aimed]).await.is_ok() && element.click().await.is_ok()
            {
                let hit = self
                    .client
                    .execute("return window.pressed !== false", vec![]);
                // A page or tab that went by the press cannot be asked.
                let missed = hit.await.is_ok_and(|hit| hit == false);
                return (!missed).then_some(());
            }
        }
        None
    }

    /// Types behind what stands in a field.
    pub async fn adds(&self, css: &str, text: &str) {
        self.until(&format!("`{css}` takes more text"), async || {
            let element = self.client.find(Locator::Css(css)).await;
            self.strikes_at(element, text).await
        })
        .await;
    }

    /// Strikes keys where the keyboard is at.
    pub async fn strikes(&self, keys: &str) {
        self.settles().await;
        self.until("something takes keys", async || {
            self.strikes_at(self.client.active_element().await, keys)
                .await
        })
        .await;
    }

    /// Strikes keys at an element, once.
    async fn strikes_at(&self, element: Result<Element, CmdError>, keys: &str) -> Option<()> {
        let struck = match element {
            Ok(element) => element.send_keys(keys).await,
            Err(error) => Err(error),
        };
        match struck {
            Ok(()) => Some(()),
            Err(error) if is_to_be_found_anew(&error) => None,
            Err(error) => panic!("{} cannot strike {keys:?}: {error}", self.name),
        }
    }

    /// Types into a field, over what stands there; what was drawn anew meanwhile is typed
    /// anew.
    pub async fn types(&self, css: &str, text: &str) {
        self.until(&format!("`{css}` holds “{text}”"), async || {
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.clear().await.ok()?;
            element.send_keys(text).await.ok()?;
            let held = element.prop("value").await.ok()??;
            (held == text).then_some(())
        })
        .await;
    }

    /// Names a file to a field for files that is there, hidden as it is.
    pub async fn names_file(&self, css: &str, path: &Path) {
        let path = path.to_str().expect("a path");
        let shown = "const [css] = arguments;
            document.querySelector(css).hidden = false";
        self.until(&format!("`{css}` takes a file"), async || {
            self.client.execute(shown, vec![json!(css)]).await.ok()?;
            let element = self.client.find(Locator::Css(css)).await;
            self.strikes_at(element, path).await
        })
        .await;
    }

    /// What an element shows, once it is there.
    pub async fn text_of(&self, css: &str) -> String {
        self.reads_of(css, "element.innerText.trim()").await
    }

    /// What a field holds, once it is there.
    pub async fn value_of(&self, css: &str) -> String {
        self.reads_of(css, "element.value").await
    }

    /// An attribute of an element, once both are there.
    pub async fn attribute_of(&self, css: &str, name: &str) -> String {
        self.reads_of(css, &format!("element.getAttribute('{name}')"))
            .await
    }

    async fn reads_of(&self, css: &str, what: &str) -> String {
        let script = format!(
            "const element = document.querySelector(arguments[0]);
             return element === null ? null : {what}"
        );
        self.until(&format!("`{css}` has its {what}"), async || {
            let read = self.client.execute(&script, vec![json!(css)]).await.ok()?;
            read.as_str().map(str::to_owned)
        })
        .await
    }

    /// Waits until the page has placed the keyboard: it does so before it paints.
    pub async fn settles(&self) {
        let painted = "const done = arguments[arguments.length - 1];
            requestAnimationFrame(() => requestAnimationFrame(() => done(null)))";
        self.until("the page is painted", async || {
            let painted = self.client.execute_async(painted, Vec::new()).await;
            painted.ok().map(drop)
        })
        .await;
    }

    /// Waits until the text is on the screen, or was said at its lower edge since it was
    /// seen the last time.
    pub async fn sees(&self, text: &str) {
        self.until(&format!("“{text}” is on the screen"), async || {
            self.has_seen(text).await.then_some(())
        })
        .await;
    }

    /// Waits until the text is in the open room.
    pub async fn reads(&self, text: &str) {
        self.until(&format!("“{text}” is in the room"), async || {
            self.conversation().await.contains(text).then_some(())
        })
        .await;
    }

    /// Waits until the text is on the screen no more.
    pub async fn sees_no_longer(&self, text: &str) {
        self.until(&format!("“{text}” is gone"), async || {
            (!self.text().await.contains(text)).then_some(())
        })
        .await;
    }

    /// Everything that is on the screen.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body ? document.body.innerText : ''");
        text.await.as_str().unwrap_or_default().to_owned()
    }

    /// The lines of the open room; the list beside it repeats the last of each.
    pub async fn conversation(&self) -> String {
        let lines = self.run("return document.querySelector('.lines')?.innerText ?? ''");
        lines.await.as_str().unwrap_or_default().to_owned()
    }

    /// How often a text is on the screen.
    pub async fn counts(&self, text: &str) -> usize {
        self.text().await.matches(text).count()
    }

    /// Does something to the page that cannot fail.
    pub async fn does(&self, script: &str) {
        let done = self.client.execute(script, Vec::new()).await;
        done.expect("a script");
    }

    /// Looks at the page with a script that may `return`; a page that cannot be looked at
    /// shows nothing.
    pub async fn run(&self, script: &str) -> Value {
        self.client
            .execute(script, Vec::new())
            .await
            .unwrap_or_default()
    }

    /// Runs a script that calls its last argument when it is done.
    pub async fn run_async(&self, script: &str) -> Value {
        self.client
            .execute_async(script, Vec::new())
            .await
            .expect("a script")
    }

    /// Opens another tab at an address and goes there.
    pub async fn opens_tab(&self, address: &str) -> WindowHandle {
        let tab = self.client.new_window(true).await.expect("a tab").handle;
        self.goes_to(&tab).await;
        self.notes_toasts().await;
        self.opens(address).await;
        tab
    }

    /// The tab that is in front.
    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.expect("a tab")
    }

    /// Goes to another tab.
    pub async fn goes_to(&self, tab: &WindowHandle) {
        let gone = self.client.switch_to_window(tab.clone()).await;
        gone.expect("the tab is there");
    }

    /// Closes the tab that is in front and goes to another.
    pub async fn closes_tab(&self, then: &WindowHandle) {
        self.collect_errors().await;
        self.client.close_window().await.expect("a tab to close");
        self.goes_to(then).await;
    }

    /// Makes the window as large as this, in pixels.
    pub async fn becomes(&self, width: u32, height: u32) {
        let resized = self.client.set_window_size(width, height).await;
        resized.expect("a window of that size");
    }

    /// A tab that is not in front dies as it does when its memory runs out: nothing of it
    /// hears of that. What is left of it is closed.
    pub async fn crashes_tab(&self, tab: &WindowHandle) {
        let tab = String::from(tab.clone());
        let mut devtools = DevTools::of_tab(self.profile.path(), &tab).await;
        devtools.ask("Inspector.enable", json!({})).await;
        devtools.order(None, "Page.crash", json!({})).await;
        patiently("the tab has crashed", async {
            while let Some(said) = devtools.hears().await {
                if said["method"] == "Inspector.targetCrashed" {
                    break;
                }
            }
        })
        .await;
        let mut browser = DevTools::of_browser(self.profile.path()).await;
        let close = json!({ "targetId": tab });
        browser.ask("Target.closeTarget", close).await;
    }

    /// So many days have passed for every page that is opened in this tab from now on, for as
    /// long as what is returned is kept.
    pub async fn wakes_after(&self, days: i64) -> AheadClock {
        let tab = String::from(self.tab().await);
        AheadClock::of(self.profile.path(), &tab, days).await
    }

    /// Slows the processor down to one part in so many, until what is returned is dropped.
    pub fn slows_down(&self, times: u32) -> SlowProcessor {
        SlowProcessor::of(self.driver.group().expect("the browser runs"), times)
    }

    /// Shows the page as it is printed, or as it is on the screen again.
    pub async fn shows_print(&self, printed: bool) {
        let medium = if printed { "print" } else { "" };
        let order = console::Order("Emulation.setEmulatedMedia", json!({ "media": medium }));
        self.client.issue_cmd(order).await.expect("a page");
    }

    /// The text in a file the person has saved, once it is there.
    pub async fn saved(&self, name: &str) -> String {
        let file = self.profile.path().join(SAVED).join(name);
        self.until(&format!("“{name}” is saved"), async || {
            std::fs::read_to_string(&file).ok()
        })
        .await
    }

    /// Keeps a picture of the screen.
    pub async fn takes_picture(&self, path: &Path) {
        let picture = self.client.screenshot().await.expect("a picture");
        std::fs::write(path, picture).expect("a place for the picture");
    }

    /// What the console may say from here on without failing the story: the browser reports
    /// a relay that is away, which is what the story is about.
    pub fn may_complain(&self, part: &str) {
        self.expected.borrow_mut().push(part.to_owned());
    }

    /// Ends the browser and fails on anything the console complained about.
    pub async fn ends(self) {
        self.collect_errors().await;
        let errors = self.errors.take();
        self.client.close().await.expect("the browser ends");
        assert!(
            errors.is_empty(),
            "the console of {} says:\n{}",
            self.name,
            errors.join("\n")
        );
    }

    async fn collect_errors(&self) {
        let complaints = console::complaints(&self.client).await;
        let expected = self.expected.borrow();
        let unexpected = complaints
            .into_iter()
            .filter(|complaint| !expected.iter().any(|part| complaint.contains(part)));
        self.errors.borrow_mut().extend(unexpected);
    }

    /// Looks until there is something; else says what was on the screen instead.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let found = tokio::time::timeout(PATIENCE, async {
            let mut looks = tokio::time::interval(LOOK);
            loop {
                looks.tick().await;
                if let Some(found) = look().await {
                    return found;
                }
            }
        });
        if let Ok(found) = found.await {
            return found;
        }
        self.collect_errors().await;
        panic!(
            "{} waited in vain until {what}.\nOn the screen:\n{}\nConsole:\n{}",
            self.name,
            self.text().await,
            self.errors.borrow().join("\n")
        );
    }
}

fn capabilities(profile: &Path, screen: Screen) -> Capabilities {
    let (width, height) = match screen {
        Screen::Desktop => (1280, 800),
        Screen::Phone => (360, 740),
    };
    let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).to_vec();
    arguments.push(format!("--window-size={width},{height}"));
    arguments.push(format!("--user-data-dir={}", profile.display()));
    let preferences = json!({
        "intl.accept_languages": "de,de-DE",
        "download.default_directory": profile.join(SAVED),
        "download.prompt_for_download": false,
    });
    let options = json!({
        "args": arguments,
        "binary": "/usr/bin/chromium",
        "prefs": preferences,
    });
    let patience = PATIENCE.as_secs() * 1_000;
    let capabilities = json!({
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
        "timeouts": { "script": patience, "pageLoad": patience },
        "unhandledPromptBehavior": "accept",
    });
    match capabilities {
        Value::Object(capabilities) => capabilities,
        _ => panic!("capabilities are an object"),
    }
}

/// Whether an element was drawn anew, or cannot be used yet: nothing was done with it.
fn is_to_be_found_anew(error: &CmdError) -> bool {
    matches!(error, CmdError::Standard(error) if matches!(
        error.error,
        ErrorStatus::StaleElementReference
            | ErrorStatus::ElementNotInteractable
            | ErrorStatus::NoSuchElement
    ))
}

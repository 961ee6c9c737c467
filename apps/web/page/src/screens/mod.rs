//! Which screen is shown.

mod arrival;
mod blocked;
mod conversation;
pub(crate) mod dialog;
mod guest;
mod invite;
pub(crate) mod keys;
mod my_data;
mod new_room;
mod passkey;
mod people;
mod retention;
mod rooms;
mod search;
mod settings;
mod shell;
mod solo;
mod start;
mod unlock;
mod wrong_channel;

use reactive_graph::computed::Memo;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set, With};
use siegel_web_bridge::view::{LinkView, PasskeyView, Standing};
use siegel_web_bridge::{Ask, Reply, Trouble};
use tachys::prelude::*;

use crate::app::App;
use crate::browser::spawn;
use crate::ui::{Icon, icon_button};
use crate::worker;

/// What kind of screen it is; each is drawn anew when it changes, and with the language.
#[derive(Clone, Debug, PartialEq)]
enum Screen {
    Loading,
    Blocked(Standing),
    Wiped,
    Start,
    /// Whether by a PIN, and whether by a passkey as well. How many tries are left is no
    /// reason to draw it anew while somebody types.
    Unlock(bool, PasskeyView),
    SetUp,
    JoinStaff,
    Guest,
    Main,
}

/// The whole page.
pub(crate) fn root(app: App) -> AnyView {
    let kind = kind_of_link(app);
    let arrival = guest::Arrival::new(app);
    let guest_done = arrival.done;
    let screen = Memo::new(move |before| screen(app, kind.get(), guest_done, before));
    let body = move || {
        let texts = app.texts();
        match screen.get() {
            Screen::Loading => solo::loading(texts),
            Screen::Blocked(standing) => blocked::view(app, texts, &standing),
            Screen::Wiped => blocked::wiped(app, texts),
            Screen::Start => start::view(app, texts),
            Screen::Unlock(pin, passkey) => unlock::view(app, texts, pin, passkey),
            Screen::SetUp => arrival::view(app, texts, arrival::Way::SetUp),
            Screen::JoinStaff => arrival::view(app, texts, arrival::Way::Join),
            Screen::Guest => guest::view(app, texts, arrival),
            Screen::Main => shell::view(app, texts),
        }
    };
    (body, dialog::host(app), toast(app), announcer(app)).into_any()
}

/// What the link that opened the page is for.
fn kind_of_link(app: App) -> RwSignal<Option<LinkView>> {
    let kind = RwSignal::new(None);
    reactive_graph::effect::Effect::new(move |_| {
        let (link, started) = (app.link.get(), app.standing.with(Option::is_some));
        let Some(link) = link.filter(|_| started) else {
            kind.set(None);
            return;
        };
        let taken = app
            .standing
            .with(|standing| matches!(standing, Some(Standing::Open { joined: true, .. })));
        if taken {
            app.link.set(None);
            crate::browser::history::forget_link();
            // The link that has just brought this device in is no trouble.
            if app.profile.with(Option::is_some) {
                app.complain(&Trouble::AlreadyJoined);
            }
            return;
        }
        spawn(async move {
            match worker::ask(Ask::ReadLink(siegel_web_bridge::Secret(link))).await {
                Ok(Reply::Link(view)) => kind.set(Some(view)),
                Ok(_) => {}
                Err(trouble) => {
                    app.link.set(None);
                    app.complain(&trouble);
                }
            }
        });
    });
    kind
}

fn screen(
    app: App,
    kind: Option<LinkView>,
    guest_done: RwSignal<bool>,
    before: Option<&Screen>,
) -> Screen {
    if app.wiped.get() {
        return Screen::Wiped;
    }
    let standing = app.standing.get();
    let by_link = match (&kind, app.guess_of_link()) {
        (Some(LinkView::SetUp), _) => Screen::SetUp,
        (Some(LinkView::Staff), _) => Screen::JoinStaff,
        // A client chooses the language while the link is being read, and the worker loaded.
        (Some(LinkView::Client), _) | (None, Some(LinkView::Client)) => Screen::Guest,
        (None, _) if app.link.with(Option::is_some) => Screen::Loading,
        (None, _) => Screen::Start,
    };
    match standing {
        None if by_link == Screen::Guest => Screen::Guest,
        None => Screen::Loading,
        Some(Standing::None) => by_link,
        // A link is what helps here, so it goes first.
        Some(Standing::Lost) if app.link.with(Option::is_some) => by_link,
        Some(Standing::Locked(lock)) => Screen::Unlock(lock.pin, lock.passkey),
        Some(Standing::Open { joined: true, .. }) => match app.profile.with(Option::is_some) {
            // Whoever has just joined stays on the screen that says so.
            false => match before {
                Some(arriving @ (Screen::SetUp | Screen::JoinStaff | Screen::Guest)) => {
                    arriving.clone()
                }
                _ => Screen::Loading,
            },
            true if app.is_client() && !guest_done.get() => Screen::Guest,
            true => Screen::Main,
        },
        Some(Standing::Open { joining: true, .. }) if kind.is_none() => Screen::Loading,
        Some(Standing::Open { .. }) => by_link,
        Some(other) => Screen::Blocked(other),
    }
}

/// What is said at the lower edge, until it is closed.
fn toast(app: App) -> AnyView {
    tachys::html::element::div()
        .role("status")
        .child(move || {
            let texts = app.texts();
            app.toast.get().map(|sentence| {
                tachys::html::element::div().class("toast").child((
                    tachys::html::element::span().child(sentence),
                    icon_button(texts.close(), Icon::Close, move || app.toast.set(None)),
                ))
            })
        })
        .into_any()
}

/// What is said to screen readers only.
fn announcer(app: App) -> AnyView {
    tachys::html::element::div()
        .class("sr-only")
        .aria_live("polite")
        .child(move || app.announcement.get())
        .into_any()
}

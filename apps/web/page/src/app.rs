//! The state of the page, and what news of the worker do to it.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use reactive_graph::computed::Memo;
use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, Track, Update, With, WithUntracked};
use siegel_web_bridge::view::{EmergencyNumber, Link, LinkView, Profile, Role, RoomCard, Standing};
use siegel_web_bridge::{Ask, InvitationId, News, Reply, RoomId, Trouble};
use siegel_web_port::service;
use siegel_web_texts::{Language, Texts};

use crate::browser::{self, Turns, clock, forms, history, memory, notify, spawn};
use crate::screens::dialog::Dialog;
use crate::{trouble, worker};

const LANGUAGE: &str = "siegel-language";
const THEME: &str = "siegel-theme";
/// A sentence stays for as long as it takes to read it slowly.
const TOAST_MILLISECONDS: i32 = 4_000;
const TOAST_MILLISECONDS_PER_LETTER: i32 = 80;
const TOAST_MILLISECONDS_MOST: i32 = 15_000;
/// So long the vault has to take what is half written before the page is loaded anew.
const KEEPING_MILLISECONDS: i32 = 5_000;
/// Somewhat longer than the pause between two signs of somebody who goes on typing.
const TYPING_MILLISECONDS: i32 = 8_000;

/// The page's state: a handful of signals, copied freely.
#[derive(Clone, Copy)]
pub(crate) struct App {
    /// In which language it speaks.
    pub(crate) language: RwSignal<Language>,
    /// Whether a person chose the language.
    pub(crate) language_chosen: RwSignal<bool>,
    pub(crate) theme: RwSignal<Theme>,
    /// `None` until the worker has spoken.
    pub(crate) standing: RwSignal<Option<Standing>>,
    pub(crate) connection: RwSignal<Link>,
    pub(crate) profile: RwSignal<Option<Profile>>,
    // Memos, so that a profile that is loaded again draws no screen anew on which somebody
    // types.
    client: Memo<bool>,
    admin: Memo<bool>,
    /// The link that opened the page and was not used yet.
    pub(crate) link: RwSignal<Option<String>>,
    /// A link opened the page since it was loaded.
    pub(crate) came_by_link: RwSignal<bool>,
    /// Everything here was deleted at the person's wish.
    pub(crate) wiped: RwSignal<bool>,
    pub(crate) rooms: RwSignal<Vec<RoomCard>>,
    // Many lines at once are one look at the rooms.
    rooms_turns: Turns,
    pub(crate) place: RwSignal<Place>,
    pub(crate) dialog: RwSignal<Option<Dialog>>,
    /// A sentence at the lower edge.
    pub(crate) toast: RwSignal<Option<String>>,
    /// A sentence for screen readers.
    pub(crate) announcement: RwSignal<String>,
    /// Counts what changed in rooms' lines.
    pub(crate) lines: RwSignal<u64>,
    /// Counts what changed in people and members.
    pub(crate) people: RwSignal<u64>,
    /// Counts what changed in invitations.
    pub(crate) invitations: RwSignal<u64>,
    /// Who is typing where.
    pub(crate) typing: RwSignal<Vec<(RoomId, String)>>,
    /// The transfer under way: number, bytes over, bytes in all.
    pub(crate) progress: RwSignal<Option<(u64, u64, u64)>>,
    /// A newer version waits.
    pub(crate) update_ready: RwSignal<bool>,
    /// What stands half written in the field and is not in the vault yet.
    pub(crate) unkept: RwSignal<Option<(RoomId, String)>>,
}

/// What fills the larger part of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The list; on a wide screen with an empty page beside it.
    Rooms,
    Room(RoomId),
    Members(RoomId),
    NewRoom,
    InviteClient(Option<RoomId>),
    InviteStaff,
    Invitations,
    Invitation(InvitationId),
    /// Somebody wrote over a way that protects nothing.
    WrongChannel,
    Settings,
    MyData,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    Auto,
    Light,
    Dark,
}

/// Something to do when a question was answered with yes.
pub(crate) type Action = Arc<dyn Fn() + Send + Sync>;

thread_local! {
    /// Where the person was, for the browser's way back.
    static STEPS: RefCell<Vec<Place>> = const { RefCell::new(Vec::new()) };
    /// The browser was asked to keep the app's files.
    static KEEPING: Cell<bool> = const { Cell::new(false) };
    /// Tasks that go on with the next news.
    static AWAITING: RefCell<Vec<js_sys::Function>> = const { RefCell::new(Vec::new()) };
    /// Takes the sentence at the lower edge away.
    static TOAST: RefCell<Option<clock::Later>> = const { RefCell::new(None) };
}

impl App {
    /// Reads what was kept, starts the worker and listens.
    pub(crate) fn start() -> Self {
        let kept = memory::get(LANGUAGE).and_then(|code| Language::from_code(&code));
        let browsers = browser::window().navigator().language();
        let language = kept.or_else(|| Language::from_code(&browsers?));
        let profile: RwSignal<Option<Profile>> = RwSignal::new(None);
        let says = |of: fn(&Profile) -> bool| {
            Memo::new(move |_| profile.with(|profile| profile.as_ref().is_some_and(of)))
        };
        let app = Self {
            language: RwSignal::new(language.unwrap_or(Language::German)),
            language_chosen: RwSignal::new(kept.is_some()),
            theme: RwSignal::new(Theme::from_name(memory::get(THEME).as_deref())),
            standing: RwSignal::new(None),
            connection: RwSignal::new(Link::Idle),
            profile,
            client: says(|profile| profile.role == Role::Client),
            admin: says(|profile| profile.admin),
            link: RwSignal::new(history::link()),
            came_by_link: RwSignal::new(history::link().is_some()),
            wiped: RwSignal::new(false),
            rooms: RwSignal::new(Vec::new()),
            rooms_turns: Turns::new(),
            place: RwSignal::new(Place::Rooms),
            dialog: RwSignal::new(None),
            toast: RwSignal::new(None),
            announcement: RwSignal::new(String::new()),
            lines: RwSignal::new(0),
            people: RwSignal::new(0),
            invitations: RwSignal::new(0),
            typing: RwSignal::new(Vec::new()),
            progress: RwSignal::new(None),
            update_ready: RwSignal::new(false),
            unkept: RwSignal::new(None),
        };
        STEPS.with(|steps| steps.borrow_mut().push(Place::Rooms));
        app.dress_page();
        let url = browser::meta("siegel-worker").unwrap_or_default();
        if worker::start(&url, memory::was_used(), move |news| app.hear(news)).is_err() {
            let unusable = siegel_web_bridge::view::Unusable::Browser;
            app.standing.set(Some(Standing::Unusable(unusable)));
        }
        if app.guess_of_link() != Some(LinkView::Client) {
            app.keep_files();
        }
        app.listen();
        app
    }

    /// Has the browser keep the app's files for the next visit. On a client's first one only
    /// in the room: the processor of a cheap phone has enough to do until then.
    pub(crate) fn keep_files(self) {
        if !KEEPING.replace(true) {
            service::register(move || self.update_ready.set(true), move || self.reload());
        }
    }

    /// What the link that opened the page seems to be for, until the worker has read it; `None`
    /// where a vault may be, which goes first.
    pub(crate) fn guess_of_link(self) -> Option<LinkView> {
        let guess = self.link.with(|link| LinkView::guess(link.as_deref()?));
        guess.filter(|_| !memory::was_used())
    }

    /// The sentences in the chosen language; staff screens exist in two.
    pub(crate) fn texts(self) -> Texts {
        Texts::speaking(self.language.get())
    }

    /// The same, without being called again when the language changes.
    pub(crate) fn texts_now(self) -> Texts {
        Texts::speaking(self.language.get_untracked())
    }

    /// Whether a client uses this device.
    pub(crate) fn is_client(self) -> bool {
        self.client.get()
    }

    /// Whether this device may do what only admins may.
    pub(crate) fn is_admin(self) -> bool {
        self.admin.get()
    }

    /// Whom to call when nobody reads, as the organisation says.
    pub(crate) fn emergency(self) -> Vec<EmergencyNumber> {
        self.profile.with(|profile| {
            let profile = profile.as_ref();
            profile
                .map(|profile| profile.policy.emergency.clone())
                .unwrap_or_default()
        })
    }

    /// What the app calls itself: its name, or what the organisation chose.
    pub(crate) fn name(self) -> String {
        let own = self.profile.with(|profile| {
            let policy = profile.as_ref().map(|profile| &profile.policy);
            policy.map(|policy| policy.neutral_title.clone())
        });
        own.filter(|own| !own.is_empty())
            .unwrap_or_else(|| self.texts().app_name().to_owned())
    }

    /// Characters of a new PIN or passphrase: as the app says, or more by the policy.
    pub(crate) fn least_characters(self, own: usize) -> usize {
        let asked = self.profile.with_untracked(|profile| {
            profile
                .as_ref()
                .map_or(0, |profile| profile.policy.passphrase_characters)
        });
        own.max(usize::try_from(asked).unwrap_or(own))
    }

    pub(crate) fn choose_language(self, language: Language) {
        memory::set(LANGUAGE, language.code());
        self.language_chosen.set(true);
        self.language.set(language);
    }

    pub(crate) fn choose_theme(self, theme: Theme) {
        memory::set(THEME, theme.name());
        self.theme.set(theme);
    }

    /// Goes somewhere, so that the way back leads here.
    pub(crate) fn go(self, place: Place) {
        if self.place.with_untracked(|now| *now == place) {
            return;
        }
        let step = STEPS.with(|steps| {
            let mut steps = steps.borrow_mut();
            steps.push(place.clone());
            steps.len() - 1
        });
        history::note(u32::try_from(step).unwrap_or(0));
        self.place.set(place);
        // Keyboard and screen reader go along.
        browser::before_paint(|| browser::focus("title"));
    }

    /// Goes somewhere from a form that is done with, so that the way back leaves it out.
    pub(crate) fn go_on(self, place: Place) {
        STEPS.with(|steps| {
            let mut steps = steps.borrow_mut();
            steps.pop();
            steps.push(place.clone());
        });
        self.place.set(place);
        browser::before_paint(|| browser::focus("title"));
    }

    /// Makes a place the one that everything begins from.
    pub(crate) fn begin_at(self, place: Place) {
        STEPS.with(|steps| steps.replace(vec![place.clone()]));
        self.place.set(place);
    }

    /// Says something at the lower edge, for a while.
    pub(crate) fn say(self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        let letters = i32::try_from(sentence.chars().count()).unwrap_or(i32::MAX);
        let reading = TOAST_MILLISECONDS_PER_LETTER.saturating_mul(letters);
        let pause = TOAST_MILLISECONDS.saturating_add(reading);
        self.toast.set(Some(sentence));
        let pause = pause.min(TOAST_MILLISECONDS_MOST);
        let hide = clock::later(pause, move || self.toast.set(None));
        TOAST.with(|toast| toast.replace(hide));
    }

    /// Says what went wrong and what to do next.
    pub(crate) fn complain(self, trouble: &Trouble) {
        if *trouble != Trouble::Cancelled {
            self.say(trouble::sentence(self.texts_now(), trouble));
        }
    }

    /// Asks for a thing whose only answer is that it is done.
    pub(crate) fn order(self, ask: Ask) {
        spawn(async move {
            if let Err(trouble) = worker::ask(ask).await {
                self.complain(&trouble);
            }
        });
    }

    /// Asks first, in a dialog.
    pub(crate) fn confirm(
        self,
        question: impl Into<String>,
        button: impl Into<String>,
        action: impl Fn() + Send + Sync + 'static,
    ) {
        self.dialog.set(Some(Dialog::Confirm {
            question: question.into(),
            button: button.into(),
            action: Arc::new(action),
        }));
    }

    /// Goes over to the newer version, with every tab if one waits, unless a form is half
    /// filled in one of them.
    pub(crate) fn renew(self) {
        spawn(async move {
            if forms::are_open().await {
                self.say(self.texts_now().update_forms_open());
                return;
            }
            match self.update_ready.get_untracked() {
                true => service::take_over(),
                false => self.reload(),
            }
        });
    }

    /// Loads the page anew, once what is half written is in the vault.
    pub(crate) fn reload(self) {
        // Where nobody answers any more the page is loaded all the same.
        let anyway = clock::later(KEEPING_MILLISECONDS, history::reload);
        spawn(async move {
            let last = match self.unkept.get_untracked() {
                Some((room, text)) => Ask::Draft { room, text },
                None => Ask::Profile,
            };
            // Questions are taken in their order: what was said before this one is stored
            // when it is answered. A vault that is locked in this moment takes no draft, and
            // nothing can be done.
            worker::ask(last).await.ok();
            drop(anyway);
            history::reload();
        });
    }

    pub(crate) fn lock(self) {
        self.order(Ask::Lock);
    }

    /// Deletes everything in this browser.
    pub(crate) fn wipe(self) {
        spawn(async move {
            match worker::ask(Ask::Wipe).await {
                Ok(_) => {
                    history::forget_link();
                    self.link.set(None);
                    self.emptied();
                }
                Err(trouble) => self.complain(&trouble),
            }
        });
    }

    /// The worker has deleted everything after too many wrong tries.
    pub(crate) fn emptied(self) {
        memory::forget_used();
        self.wiped.set(true);
    }

    /// Leaves at once; what is secret in the worker ends with the page.
    pub(crate) fn quick_exit(self) {
        self.order(Ask::Lock);
        history::leave();
    }

    pub(crate) fn load_rooms(self) {
        self.rooms_turns.take(move || async move {
            if let Ok(Reply::Rooms(rooms)) = worker::ask(Ask::Rooms).await {
                self.rooms.set(rooms);
            }
        });
    }

    pub(crate) fn load_profile(self) {
        spawn(async move {
            if let Ok(Reply::Profile(profile)) = worker::ask(Ask::Profile).await {
                self.profile.set(Some(*profile));
            }
        });
    }

    /// Waits for the next news, or for so long.
    pub(crate) async fn next_news(self, milliseconds: i32) {
        clock::pause_or(milliseconds, |heard| {
            AWAITING.with_borrow_mut(|awaiting| awaiting.push(heard));
        })
        .await;
    }

    fn hear(self, news: News) {
        self.take_in(news);
        for heard in AWAITING.take() {
            // A promise takes anything.
            heard.call0(&wasm_bindgen::JsValue::UNDEFINED).ok();
        }
    }

    fn take_in(self, news: News) {
        match news {
            News::Standing(standing) => self.stand(standing),
            News::Connection(link) => self.note_link(link),
            News::RoomsChanged | News::RoomChanged(_) => {
                self.load_rooms();
                self.lines.update(|count| *count += 1);
                self.people.update(|count| *count += 1);
            }
            News::LinesAdded { live, .. } => {
                self.load_rooms();
                self.lines.update(|count| *count += 1);
                if live {
                    notify::show(self.texts_now().notification_text());
                }
            }
            News::LineChanged { .. } => {
                self.load_rooms();
                self.lines.update(|count| *count += 1);
            }
            News::Failed { reason, .. } => {
                self.lines.update(|count| *count += 1);
                self.complain(&Trouble::Failed(reason));
            }
            News::Typing {
                room, name, active, ..
            } => self.note_typing(room, name, active),
            News::Progress {
                number,
                done,
                total,
            } => self.progress.set(Some((number, done, total))),
            News::PeopleChanged | News::IdentityChanged(_) => {
                self.people.update(|count| *count += 1);
                self.lines.update(|count| *count += 1);
            }
            News::InvitationsChanged => self.invitations.update(|count| *count += 1),
            News::ProfileChanged => self.load_profile(),
            News::Refused(code) => self.complain(&Trouble::Refused(code)),
            News::PasskeyLost => self.say(self.texts_now().passkey_lost()),
            News::RelayRestored => {}
        }
    }

    /// A relay that was away may have come back as a newer one, with a newer app.
    fn note_link(self, link: Link) {
        let was_away = self.connection.get_untracked() == Link::Offline;
        let is_back = matches!(link, Link::Syncing | Link::Online | Link::Outdated);
        if was_away && is_back || link == Link::Outdated {
            service::look();
        }
        self.connection.set(link);
    }

    /// Who stops without a word, because a phone was put away, is forgotten after a while.
    fn note_typing(self, room: RoomId, name: String, active: bool) {
        let who = (room, name);
        self.typing.update(|typing| {
            typing.retain(|known| *known != who);
            if active {
                typing.push(who.clone());
            }
        });
        if active {
            spawn(async move {
                clock::pause(TYPING_MILLISECONDS).await;
                self.typing
                    .update(|typing| typing.retain(|known| *known != who));
            });
        }
    }

    fn stand(self, standing: Standing) {
        if let Standing::Open { joined: true, .. } = standing {
            memory::mark_used();
            browser::keep_storage();
            self.load_profile();
            self.load_rooms();
        } else {
            // Nothing of an open vault stays on the page.
            self.rooms.set(Vec::new());
            self.profile.set(None);
            self.dialog.set(None);
            self.typing.set(Vec::new());
            // It was about what is closed now, and would lie over what opens it.
            self.toast.set(None);
        }
        self.standing.set(Some(standing));
    }

    fn listen(self) {
        browser::listen("popstate", move |event: web_sys::PopStateEvent| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a small number written by this page"
            )]
            let step = event.state().as_f64().unwrap_or(0.0) as usize;
            let place = STEPS.with(|steps| {
                let mut steps = steps.borrow_mut();
                steps.truncate(step + 1);
                steps.last().cloned()
            });
            self.dialog.set(None);
            self.place.set(place.unwrap_or(Place::Rooms));
        });
        browser::listen("hashchange", move |_: web_sys::Event| {
            self.link.set(history::link());
            self.came_by_link
                .update(|came| *came |= history::link().is_some());
        });
        // Who comes back to the window has seen what stands there.
        browser::listen("visibilitychange", move |_: web_sys::Event| {
            self.lines.update(|count| *count += 1);
        });
        // Where a keyboard opens there is less room, and the last line stays in sight.
        browser::listen("resize", move |_: web_sys::Event| {
            self.lines.update(|count| *count += 1);
        });
        crate::screens::keys::listen(self);
        forms::watch();
        Effect::new(move |_| {
            self.place.track();
            self.dialog.track();
            self.standing.track();
            forms::look_soon();
        });
    }

    /// Keeps language, direction, theme and title of the document as they should be.
    fn dress_page(self) {
        Effect::new(move |_| {
            let language = self.language.get();
            let Some(root) = browser::document().document_element() else {
                return;
            };
            let direction = if language.is_right_to_left() {
                "rtl"
            } else {
                "ltr"
            };
            // Attributes of the root element can always be set.
            root.set_attribute("lang", language.code()).ok();
            root.set_attribute("dir", direction).ok();
            let unread: u32 = self
                .rooms
                .with(|rooms| rooms.iter().map(|room| room.unread).sum());
            let name = self.name();
            let title = match unread {
                0 => name,
                some => format!("({some}) {name}"),
            };
            browser::document().set_title(&title);
        });
        Effect::new(move |_| {
            let dark = match self.theme.get() {
                Theme::Auto => browser::matches("(prefers-color-scheme: dark)"),
                Theme::Light => false,
                Theme::Dark => true,
            };
            if let Some(root) = browser::document().document_element() {
                let name = if dark { "dark" } else { "light" };
                root.set_attribute("data-theme", name).ok();
            }
        });
    }
}

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    fn from_name(name: Option<&str>) -> Self {
        match name {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

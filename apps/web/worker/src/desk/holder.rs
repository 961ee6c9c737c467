//! The worker that holds the vault: its store, the open device, and who waits for what.

use std::collections::BTreeMap;

use futures_util::future::AbortHandle;
use siegel_client_core::secret::Secret32;
use siegel_client_core::{Client, Event, Input};
use siegel_web_bridge::view::{Link, LockScreen, Person, Standing, Unusable};
use siegel_web_bridge::{Ask, FromWorker, News, Reply, ToWorker, Trouble};
use web_sys::Blob;

use super::Office;
use super::waiting::Waiting;
use crate::device::{Device, StepError};
use crate::moment;
use crate::queue::{Asker, Happening};
use crate::store::{Asked, Found, Kept, Opener, Store, StoreError};
use crate::tabs::{Handover, TabMessage};

/// The holder.
pub struct Holder {
    pub(super) store: Store,
    pub(super) state: State,
    pub(super) kept: Option<Kept>,
    /// The vault key under a passkey.
    pub(super) wrapping: Option<Vec<u8>>,
    pub(super) asked: Asked,
    /// How often the vault was locked.
    pub(super) lockings: u64,
    pub(super) waiting: Waiting,
    pub(super) transfers: BTreeMap<Asker, AbortHandle>,
    /// When somebody was last there, and when the vault was opened.
    pub(super) active_ms: f64,
    pub(super) opened_ms: f64,
    /// When the directory was last asked for.
    pub(super) refreshed_ms: f64,
    /// When a page last asked for people, and what the pages were told of them.
    pub(super) people_asked_ms: f64,
    pub(super) people: Vec<Person>,
    told: Option<(Standing, Link)>,
}

/// How the vault stands.
pub enum State {
    /// Nobody was ever here.
    Nothing,
    /// Here was a vault.
    Lost,
    /// Waits for what opens it.
    Locked,
    /// Open.
    Open(Box<Device>),
    /// It does not open, and nothing that can be typed helps.
    Unusable(Unusable),
}

/// An answer with the file that goes along.
pub type Answer = Result<(Reply, Option<Blob>), Trouble>;

impl Holder {
    /// Opens the store and looks; opens the vault with the key of the last holder if it has
    /// not been locked since, or if nothing else protects it.
    pub async fn begin(office: &Office, handover: Option<Handover>) -> Result<Self, Unusable> {
        let unusable = |error: StoreError| match error {
            StoreError::Form => Unusable::Damaged,
            StoreError::Full | StoreError::Fenced | StoreError::Broken => Unusable::Broken,
        };
        let store = Self::take_store(office).await.map_err(unusable)?;
        let found = store.look(office.used_before).await.map_err(unusable)?;
        let asked = store.asked().await.map_err(unusable)?;
        let wrapping = store.wrapping().await.map_err(unusable)?;
        let lockings = store.lockings().await.map_err(unusable)?;
        let handover = handover.filter(|handover| handover.lockings == lockings);
        let (state, kept) = match found {
            Found::Nothing => (State::Nothing, None),
            Found::Lost => (State::Lost, None),
            Found::Vault(kept) => (State::Locked, Some(kept)),
        };
        let now = moment::now_ms();
        let mut holder = Self {
            store,
            state,
            kept,
            wrapping,
            asked,
            lockings,
            waiting: Waiting::default(),
            transfers: BTreeMap::new(),
            active_ms: now,
            opened_ms: now,
            refreshed_ms: 0.0,
            people_asked_ms: 0.0,
            people: Vec::new(),
            told: None,
        };
        if let (State::Locked, Some(handover)) = (&holder.state, handover) {
            holder.resume(office, handover.key).await;
        } else if let Some(Opener::ThisBrowser(secret)) = holder.opener() {
            let opened = holder.open(office, secret.expose()).await;
            if let Err(trouble) = opened {
                holder.state = State::Unusable(super::vault::unusable(&trouble));
            }
        }
        holder.announce(office);
        Ok(holder)
    }

    pub(super) async fn take_store(office: &Office) -> Result<Store, StoreError> {
        let queue = office.queue.clone();
        Store::take(move || queue.push(Happening::Gone)).await
    }

    /// Takes what happened.
    pub async fn take(&mut self, office: &Office, happening: Happening) {
        match happening {
            Happening::Page(message, blob) => self.page(office, message, blob).await,
            Happening::Tab(message, blob) => self.tab(office, message, blob).await,
            Happening::Held => {}
            Happening::Gone => office.end(false),
            Happening::Socket(number, state) => {
                if let State::Open(device) = &mut self.state {
                    let done = device.socket(&self.store, number, state).await;
                    self.done(office, done).await;
                }
            }
            Happening::Frames(number, frames) => {
                if let State::Open(device) = &mut self.state {
                    let done = device.frames(&self.store, number, frames).await;
                    self.done(office, done).await;
                }
            }
            Happening::Input(input) => self.input(office, input).await,
            Happening::Wake => {
                if let State::Open(device) = &mut self.state {
                    let done = device.woken(&self.store).await;
                    self.done(office, done).await;
                }
            }
            Happening::Round => {
                self.round(office).await;
                self.refresh_directory(office).await;
            }
            Happening::NetworkBack => {
                if let State::Open(device) = &self.state {
                    device.dial_now();
                }
            }
            Happening::Announce(announcement) => self.announce_blob(office, *announcement).await,
            Happening::Uploaded(asker, room, kind) => {
                self.uploaded(office, asker, room, *kind).await;
            }
            Happening::Progress(asker, done, total) => {
                let progress = News::Progress {
                    number: asker.number,
                    done,
                    total,
                };
                if self.transfers.contains_key(&asker) {
                    self.tell_one(office, asker, progress);
                }
            }
            Happening::Transferred(asker, answer) => {
                if self.transfers.remove(&asker).is_some() {
                    self.answer(office, asker, answer);
                }
            }
        }
        self.forget_forbidden_passkey(office).await;
        self.announce_if_changed(office);
    }

    async fn page(&mut self, office: &Office, message: ToWorker, blob: Option<Blob>) {
        match message {
            ToWorker::Ask { number, ask } => {
                let asker = Asker {
                    tab: office.tab,
                    number,
                };
                self.ask(office, asker, ask, blob, false).await;
            }
            ToWorker::Cancel(number) => self.cancel(
                office,
                Asker {
                    tab: office.tab,
                    number,
                },
            ),
            ToWorker::Active => self.active_ms = moment::now_ms(),
            ToWorker::Hello { .. } => {}
        }
    }

    async fn tab(&mut self, office: &Office, message: TabMessage, blob: Option<Blob>) {
        match message {
            TabMessage::Hello { .. } => self.announce_to_tabs(office),
            TabMessage::Ask {
                tab,
                number,
                ask,
                again,
            } => {
                let asker = Asker { tab, number };
                self.ask(office, asker, ask, blob, again).await;
            }
            TabMessage::Cancel { tab, number } => self.cancel(office, Asker { tab, number }),
            TabMessage::Active => self.active_ms = moment::now_ms(),
            // The last holder's word can come after its Web Lock. What passed through here is to
            // go with this worker's memory.
            TabMessage::Ended { wiped } => self.end(office, wiped),
            TabMessage::Holder { .. } | TabMessage::Answer { .. } | TabMessage::News { .. } => {}
        }
    }

    /// Answers a question, now or when its time comes. `again`: a holder that went has seen
    /// it and may have carried it out.
    pub async fn ask(
        &mut self,
        office: &Office,
        asker: Asker,
        ask: Ask,
        blob: Option<Blob>,
        again: bool,
    ) {
        if again && self.asked.is_done(asker.tab, asker.number) {
            let outcome = match ask {
                // What was made cannot be told from what others made.
                Ask::CreateRoom { .. } | Ask::InviteStaff { .. } | Ask::InviteClient { .. } => {
                    Err(Trouble::Interrupted)
                }
                _ => Ok((Reply::Done, None)),
            };
            return self.answer(office, asker, outcome);
        }
        self.active_ms = moment::now_ms();
        if let Some(answer) = self.find_answer(office, asker, ask, blob).await {
            self.answer(office, asker, answer.map(|reply| (reply, None)));
        }
        self.announce_if_changed(office);
    }

    /// Hands something from outside to the client.
    pub(super) async fn input(&mut self, office: &Office, input: Input) {
        if let State::Open(device) = &mut self.state {
            let done = device.input(&self.store, input, None).await;
            self.done(office, done).await;
        }
    }

    /// What a step that nobody asked for brought.
    pub(super) async fn done(&mut self, office: &Office, done: Result<Vec<Event>, StepError>) {
        match done {
            Ok(events) => self.heard(office, &events).await,
            // An input that is no command is never only refused.
            Err(StepError::Refused(_) | StepError::Reopen(_)) => self.reopen(office).await,
        }
    }

    /// Tells the pages, and keeps what of a changed policy counts while the vault is locked.
    pub(super) async fn heard(&mut self, office: &Office, events: &[Event]) {
        self.tell_events(office, events);
        let ruled = |event: &Event| matches!(event, Event::PolicyChanged | Event::Joined);
        if events.iter().any(ruled) {
            self.keep_rules().await;
        }
    }

    /// Opens the client again from the store, after something failed in the middle.
    pub(super) async fn reopen(&mut self, office: &Office) {
        let State::Open(device) = &self.state else {
            return;
        };
        let key = device.client().handover_key();
        self.state = State::Locked;
        for (asker, outcome) in self.waiting.interrupted() {
            self.answer(office, asker, outcome.map(|reply| (reply, None)));
        }
        self.resume(office, key).await;
    }

    /// What came of changing what opens the vault.
    pub(super) async fn changed<T>(
        &mut self,
        office: &Office,
        done: Result<T, StepError>,
    ) -> Result<T, Trouble> {
        match done {
            Ok(done) => Ok(done),
            Err(StepError::Refused(trouble)) => Err(trouble),
            Err(StepError::Reopen(trouble)) => {
                self.reopen(office).await;
                Err(trouble)
            }
        }
    }

    /// Opens the vault with its key.
    async fn resume(&mut self, office: &Office, key: Secret32) {
        let loaded = match self.store.load_all().await {
            Ok(loaded) => loaded,
            Err(StoreError::Fenced) => return office.end(false),
            Err(_) => return self.state = State::Unusable(Unusable::Broken),
        };
        match Client::resume(&loaded.header, key, loaded.rows) {
            Ok(client) => self.start(office, client).await,
            Err(error) => {
                let trouble = crate::trouble::of_core(&error);
                self.state = State::Unusable(super::vault::unusable(&trouble));
            }
        }
    }

    /// The vault is open: the device takes up its work.
    pub(super) async fn start(&mut self, office: &Office, client: Client) {
        let mut device = Device::new(client, office.queue.clone());
        let started = device.start(&self.store).await;
        self.opened_ms = moment::now_ms();
        self.active_ms = self.opened_ms;
        match started {
            Ok(events) => {
                self.state = State::Open(Box::new(device));
                self.heard(office, &events).await;
            }
            Err(StepError::Refused(_)) => self.state = State::Open(Box::new(device)),
            Err(StepError::Reopen(_)) => self.state = State::Unusable(Unusable::Broken),
        }
    }

    /// The open client.
    pub(super) fn device(&mut self) -> Result<&mut Device, Trouble> {
        match &mut self.state {
            State::Open(device) => Ok(device),
            State::Unusable(_) | State::Lost => {
                Err(Trouble::Store(siegel_web_bridge::StoreTrouble::Lost))
            }
            State::Nothing | State::Locked => Err(Trouble::Locked),
        }
    }

    /// What opens the vault.
    pub(super) fn opener(&self) -> Option<Opener> {
        self.kept.as_ref().map(|kept| kept.opener.clone())
    }

    fn standing(&self) -> Standing {
        match &self.state {
            State::Nothing => Standing::None,
            State::Lost => Standing::Lost,
            State::Unusable(why) => Standing::Unusable(*why),
            State::Locked => {
                let attempts = self.kept.as_ref().map(Kept::attempts).unwrap_or_default();
                let limit = self.kept.as_ref().map_or(0, |kept| kept.wipe_after);
                Standing::Locked(LockScreen {
                    pin: matches!(self.opener(), Some(Opener::Pin)),
                    wait_seconds: u32::try_from(attempts.wait(moment::now())).unwrap_or(u32::MAX),
                    tries_left: attempts.left(limit),
                    passkey: self.passkey_view(),
                })
            }
            State::Open(device) => match device.client().profile() {
                Ok(profile) if profile.revoked => Standing::Revoked,
                profile => Standing::Open {
                    joined: profile.is_ok(),
                    protected: !matches!(self.opener(), Some(Opener::ThisBrowser(_))),
                    passkey: device.client().has_passkey(),
                    joining: device.client().is_joining(),
                },
            },
        }
    }

    fn link(&self) -> Link {
        match &self.state {
            State::Open(device) => device.link(),
            _ => Link::Idle,
        }
    }

    /// Tells all pages how it stands.
    fn announce(&mut self, office: &Office) {
        let (standing, link) = (self.standing(), self.link());
        office.tell_standing(&standing);
        office.tell(&FromWorker::News(News::Connection(link)), None);
        self.told = Some((standing, link));
        self.announce_to_tabs(office);
    }

    fn announce_to_tabs(&self, office: &Office) {
        let handover = match &self.state {
            State::Open(device) => Some(Handover {
                key: device.client().handover_key(),
                lockings: self.lockings,
            }),
            _ => None,
        };
        let holder = TabMessage::Holder {
            build: office.build.clone(),
            standing: self.standing(),
            link: self.link(),
            handover,
        };
        office.channel.say(&holder, None);
    }

    pub(super) fn announce_if_changed(&mut self, office: &Office) {
        let now = (self.standing(), self.link());
        match &self.told {
            Some((standing, link)) if is_same_screen(standing, &now.0) => {
                if *link != now.1 {
                    self.tell_all(office, News::Connection(now.1));
                    self.told = Some(now);
                }
            }
            _ => self.announce(office),
        }
    }

    /// Tells every page.
    pub(super) fn tell_all(&self, office: &Office, news: News) {
        office.tell(&FromWorker::News(news.clone()), None);
        office
            .channel
            .say(&TabMessage::News { tab: None, news }, None);
    }

    fn tell_one(&self, office: &Office, asker: Asker, news: News) {
        if asker.tab == office.tab {
            office.tell(&FromWorker::News(news), None);
        } else {
            let tab = Some(asker.tab);
            office.channel.say(&TabMessage::News { tab, news }, None);
        }
    }

    /// Answers whoever asked.
    pub(super) fn answer(&self, office: &Office, asker: Asker, answer: Answer) {
        let number = asker.number;
        let (answer, blob) = match answer {
            Ok((reply, blob)) => (Ok(reply), blob),
            Err(trouble) => (Err(trouble), None),
        };
        if asker.tab == office.tab {
            office.tell(&FromWorker::Answer { number, answer }, blob.as_ref());
        } else {
            let answer = TabMessage::Answer {
                tab: asker.tab,
                number,
                answer,
            };
            office.channel.say(&answer, blob.as_ref());
        }
    }

    fn cancel(&mut self, office: &Office, asker: Asker) {
        if let Some(task) = self.transfers.remove(&asker) {
            task.abort();
            self.answer(office, asker, Err(Trouble::Cancelled));
        }
    }
}

/// A wait that runs down is no news.
fn is_same_screen(told: &Standing, now: &Standing) -> bool {
    match (told, now) {
        (Standing::Locked(told), Standing::Locked(now)) => {
            let wait_seconds = told.wait_seconds;
            *told
                == LockScreen {
                    wait_seconds,
                    ..now.clone()
                }
        }
        (told, now) => told == now,
    }
}

#[cfg(test)]
mod tests {
    use siegel_web_bridge::view::PasskeyView;

    use super::*;

    #[test]
    fn a_try_is_news_for_every_tab_and_a_wait_that_runs_down_is_none() {
        let locked = |wait_seconds, tries_left| {
            Standing::Locked(LockScreen {
                pin: true,
                wait_seconds,
                tries_left: Some(tries_left),
                passkey: PasskeyView::None,
            })
        };
        assert!(is_same_screen(&locked(20, 8), &locked(5, 8)));
        assert!(!is_same_screen(&locked(20, 9), &locked(20, 8)));
    }
}

//! The device: owns the open client core and the connection, and ties them to the store.
//!
//! Every input makes one step; the step's batch is stored; only then does anything of it
//! leave, to the relay or to a page. When a batch cannot be stored the client core is
//! dropped: what it holds in memory is ahead of the disk and must not be used.

use std::collections::BTreeSet;

use bytes::Bytes;
use siegel_client_core::moment::{Moment, Timestamp};
use siegel_client_core::vault::Passkey;
use siegel_client_core::{Client, Command, Event, Input, Output, Step};
use siegel_proto::ids::RoomId;
use siegel_web_bridge::Trouble;
use siegel_web_bridge::view::Link;
use wasm_bindgen_futures::spawn_local;

use crate::moment;
use crate::net::exchange;
use crate::net::socket::Socket;
use crate::queue::{Happening, Queue, SocketState};
use crate::store::{Asked, Beside, Kept, Store, StoreError, WrappingStep};
use crate::trouble;

/// An open client and its connection.
pub struct Device {
    client: Client,
    queue: Queue,
    socket: Option<(u32, Socket)>,
    link: Link,
    /// The relay took the device in on this connection.
    welcomed: bool,
    /// Rooms of which everything is here: what comes now is live.
    caught_up: BTreeSet<RoomId>,
    wake: Option<Timestamp>,
}

/// What a step did not do.
pub enum StepError {
    /// The command is refused; everything is as it was.
    Refused(Trouble),
    /// The client must be opened again from the store.
    Reopen(Trouble),
}

impl Device {
    /// Takes an open client.
    pub fn new(client: Client, queue: Queue) -> Self {
        Self {
            client,
            queue,
            socket: None,
            link: Link::Idle,
            welcomed: false,
            caught_up: BTreeSet::new(),
            wake: None,
        }
    }

    /// What the device knows.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// How the connection stands.
    pub fn link(&self) -> Link {
        self.link
    }

    /// Whether the relay can be asked now.
    pub fn is_up(&self) -> bool {
        matches!(self.link, Link::Syncing | Link::Online)
    }

    /// Whether what comes in this room was said just now.
    pub fn is_live(&self, room: RoomId) -> bool {
        self.caught_up.contains(&room)
    }

    /// Takes up what was left unfinished and connects if the relay is known.
    pub async fn start(&mut self, store: &Store) -> Result<Vec<Event>, StepError> {
        let mut events = self.input(store, Input::Tick, None).await?;
        if self.client.is_joining() && self.client.profile().is_err() {
            let resume = Input::Command(Command::ResumeJoin);
            events.extend(self.input(store, resume, None).await?);
        }
        self.connect();
        Ok(events)
    }

    /// Keeps a connection from now on, if the device belongs to an organisation.
    pub fn connect(&mut self) {
        if self.client.profile().is_ok() {
            self.dial();
        }
    }

    /// Keeps a connection from now on. A device that is about to join has it laid while its
    /// capsule is on the way.
    pub fn dial(&mut self) {
        if self.socket.is_some() {
            return;
        }
        let (number, queue) = (self.queue.next_socket(), self.queue.clone());
        let socket = Socket::open(move |signal| queue.push_signal(number, signal));
        self.socket = Some((number, socket));
        self.link = Link::Connecting;
    }

    /// Closes the connection for good: trying again would change nothing.
    pub fn disconnect(&mut self, why: Link) {
        self.socket = None;
        self.link = why;
    }

    /// The network came back.
    pub fn dial_now(&self) {
        if let Some((_, socket)) = &self.socket {
            socket.dial_now();
        }
    }

    /// A time of looking after things: a dead line is given up.
    pub fn round(&self) {
        if let Some((_, socket)) = &self.socket {
            socket.check(self.client.is_owed_an_answer());
        }
    }

    /// The line stands, or is lost. The last words of an older one are not heard.
    pub async fn socket(
        &mut self,
        store: &Store,
        number: u32,
        state: SocketState,
    ) -> Result<Vec<Event>, StepError> {
        if !self.is_current(number) {
            return Ok(Vec::new());
        }
        match state {
            SocketState::Up => {
                self.link = Link::Syncing;
                self.input(store, Input::Connected, None).await
            }
            SocketState::Down => {
                let was_up = self.is_up();
                self.link = Link::Offline;
                self.welcomed = false;
                self.caught_up.clear();
                if was_up {
                    self.input(store, Input::Disconnected, None).await
                } else {
                    Ok(Vec::new())
                }
            }
        }
    }

    /// What the relay says: one step, one transaction for all of it.
    pub async fn frames(
        &mut self,
        store: &Store,
        number: u32,
        frames: Vec<Bytes>,
    ) -> Result<Vec<Event>, StepError> {
        if !self.is_current(number) {
            return Ok(Vec::new());
        }
        self.input(store, Input::Burst(frames), None).await
    }

    fn is_current(&self, socket: u32) -> bool {
        let current = self.socket.as_ref();
        current.is_some_and(|(number, _)| *number == socket)
    }

    /// The time may have come that the client asked for.
    pub async fn woken(&mut self, store: &Store) -> Result<Vec<Event>, StepError> {
        match self.wake {
            Some(wake) if wake <= moment::now() => {
                self.wake = None;
                self.input(store, Input::Tick, None).await
            }
            Some(wake) => {
                self.alarm(wake);
                Ok(Vec::new())
            }
            None => Ok(Vec::new()),
        }
    }

    /// One input, one step, one transaction. With `asked`, the transaction also holds that
    /// this order was carried out.
    pub async fn input(
        &mut self,
        store: &Store,
        input: Input,
        asked: Option<&Asked>,
    ) -> Result<Vec<Event>, StepError> {
        let moment = moment::moment()
            .map_err(|_| StepError::Reopen(Trouble::Internal("randomness".to_owned())))?;
        let is_command = matches!(input, Input::Command(_));
        match self.client.step(input, moment) {
            Ok(step) => self.finish(store, step, asked).await,
            Err(error) => {
                let trouble = trouble::of_core(&error);
                if is_command && !matches!(error, siegel_client_core::Error::Reopen) {
                    Err(StepError::Refused(trouble))
                } else {
                    Err(StepError::Reopen(trouble))
                }
            }
        }
    }

    /// Changes the passphrase; `kept` is stored in the same transaction.
    pub async fn protect(
        &mut self,
        store: &Store,
        change: impl FnOnce(&mut Client) -> Result<Step, siegel_client_core::Error>,
        kept: &Kept,
    ) -> Result<(), StepError> {
        let step = change(&mut self.client).map_err(refused)?;
        self.carry(store, step, Beside::kept(kept)).await
    }

    /// Lets a passkey open the vault as well; gives the wrapping that is now stored.
    pub async fn add_passkey(
        &mut self,
        store: &Store,
        passphrase: &[u8],
        passkey: &Passkey,
        moment: Moment,
    ) -> Result<Vec<u8>, StepError> {
        let added = self.client.add_passkey(passphrase, passkey, moment);
        let (step, wrapping) = added.map_err(refused)?;
        let beside = Beside::wrapping(WrappingStep::Set(&wrapping));
        self.carry(store, step, beside).await?;
        Ok(wrapping)
    }

    /// Lets no passkey open the vault any more.
    pub async fn remove_passkey(&mut self, store: &Store, moment: Moment) -> Result<(), StepError> {
        let step = self.client.remove_passkey(moment).map_err(refused)?;
        let beside = Beside::wrapping(WrappingStep::Delete);
        self.carry(store, step, beside).await
    }

    async fn finish(
        &mut self,
        store: &Store,
        step: Step,
        asked: Option<&Asked>,
    ) -> Result<Vec<Event>, StepError> {
        if !step.batch().is_empty() {
            let beside = Beside {
                asked,
                ..Beside::default()
            };
            (store.store(step.batch(), beside).await).map_err(unstored)?;
        }
        let events = self.let_out(step);
        for event in &events {
            self.note(event);
        }
        Ok(events)
    }

    /// Stores a step that changes what opens the vault; also one that changes only what is
    /// kept beside it.
    async fn carry(
        &mut self,
        store: &Store,
        step: Step,
        beside: Beside<'_>,
    ) -> Result<(), StepError> {
        (store.store(step.batch(), beside).await).map_err(unstored)?;
        self.let_out(step);
        Ok(())
    }

    fn let_out(&mut self, step: Step) -> Vec<Event> {
        let mut events = Vec::new();
        for output in step.stored() {
            self.release(output, &mut events);
        }
        events
    }

    fn release(&mut self, output: Output, events: &mut Vec<Event>) {
        match output {
            Output::Transmit(frame) => {
                if let Some((_, socket)) = &self.socket {
                    socket.send(&frame);
                }
            }
            Output::Http(request) => {
                let queue = self.queue.clone();
                spawn_local(async move {
                    let answer = exchange::carry_out(request).await;
                    queue.push(Happening::Input(answer));
                });
            }
            Output::Event(event) => events.push(event),
            Output::WakeAt(at) => {
                let sooner = self.wake.is_none_or(|wake| at < wake);
                if sooner {
                    self.wake = Some(at);
                    self.alarm(at);
                }
            }
            Output::Reconnect => match &self.socket {
                Some((_, socket)) => socket.hang_up(),
                None => self.connect(),
            },
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Online => self.welcomed = true,
            Event::CaughtUp(room) => {
                self.caught_up.insert(*room);
            }
            _ => {}
        }
        // Asked only until it was true once: then what comes is small.
        if self.link == Link::Syncing
            && self.welcomed
            && matches!(
                event,
                Event::Online | Event::CaughtUp(_) | Event::Sent { .. }
            )
            && self.client.is_settled().unwrap_or(false)
        {
            self.link = Link::Online;
        }
    }

    fn alarm(&self, at: Timestamp) {
        let pause = (at.since(moment::now()).max(0) as f64) * 1000.0;
        let queue = self.queue.clone();
        spawn_local(async move {
            moment::sleep(pause).await;
            queue.push(Happening::Wake);
        });
    }
}

fn refused(error: siegel_client_core::Error) -> StepError {
    StepError::Refused(trouble::of_core(&error))
}

fn unstored(error: StoreError) -> StepError {
    StepError::Reopen(trouble::of_store(error))
}

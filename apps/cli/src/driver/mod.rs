//! The driver: owns the client core, the store and the connection, and ties them.
//!
//! Every input makes one step; the step's batch is stored; only then does anything of it
//! leave, to the relay or to the person. When a batch cannot be stored the client core is
//! dropped: what it holds in memory is ahead of the disk and must not be used.
//!
//! The driver does nothing by itself. It moves while somebody waits in [`Driver::turn`],
//! [`Driver::next_event`] or [`Driver::wait_until`]; each of them can be cancelled at any
//! time without losing anything.

mod error;
mod exchange;
mod options;

use std::collections::VecDeque;
use std::time::Duration;

use siegel_client_core::moment::{Moment, Timestamp};
use siegel_client_core::{Client, Command, Event, Input, Output, Step};
use siegel_proto::limits;

use crate::net::address::RelayAddress;
use crate::net::blob::Carrier;
use crate::net::dial::{Dialler, Route};
use crate::net::http::Http;
use crate::net::socket::{Loss, Signal, Socket};
use crate::net::tls;
use crate::passphrase::Passphrase;
use crate::profile::Profile;
use crate::store::{Fault, Store};

pub use error::DriverError;
use exchange::Exchanges;
pub use options::Options;

/// One device, running.
pub struct Driver {
    /// `None` after a failure of the store.
    client: Option<Client>,
    store: Store,
    socket: Option<Socket>,
    exchanges: Exchanges,
    /// `None` until a link or the vault names the relay.
    dialler: Option<Dialler>,
    options: Options,
    events: VecDeque<Event>,
    wake: Option<Timestamp>,
    connection: Connection,
    /// Given back last: nobody may open the profile while its store is open.
    _profile: Profile,
}

/// How the connection stands.
#[derive(Debug)]
pub enum Connection {
    /// Nobody asked for one.
    Offline,
    /// The first attempt is under way.
    Dialling,
    /// It stands.
    Up,
    /// It is lost, and another attempt follows.
    Down(Loss),
}

enum Happened {
    Signal(Signal),
    Answer(Input),
    Wake,
}

impl Driver {
    /// Makes the vault of a new profile, empty and protected by the passphrase.
    pub fn create(
        profile: Profile,
        passphrase: &Passphrase,
        options: Options,
    ) -> Result<Self, DriverError> {
        let store = Store::create(profile.directory())?;
        let moment = options.clock.moment()?;
        let (client, step) = Client::create(passphrase.expose().as_bytes(), options.cost, moment)?;
        let mut driver = Self::assemble(profile, store, client, options);
        driver.finish(step)?;
        Ok(driver)
    }

    /// Opens the vault of a profile and takes up what was left unfinished.
    pub fn open(
        profile: Profile,
        passphrase: &Passphrase,
        options: Options,
    ) -> Result<Self, DriverError> {
        let store = Store::open(profile.directory())?;
        let loaded = store.load_all()?;
        let client = Client::open(&loaded.header, passphrase.expose().as_bytes(), loaded.rows)?;
        let origin = match client.profile() {
            Ok(profile) => Some(profile.origin),
            Err(siegel_client_core::Error::NotJoined) => None,
            Err(error) => return Err(error.into()),
        };
        let mut driver = Self::assemble(profile, store, client, options);
        if let Some(origin) = origin {
            driver.point_at(&origin)?;
        }
        driver.tick()?;
        Ok(driver)
    }

    fn assemble(profile: Profile, mut store: Store, client: Client, options: Options) -> Self {
        store.set_fault(options.fault);
        Self {
            client: Some(client),
            store,
            socket: None,
            exchanges: Exchanges::new(options.backoff),
            dialler: None,
            options,
            events: VecDeque::new(),
            wake: None,
            connection: Connection::Offline,
            _profile: profile,
        }
    }

    /// What the device knows: rooms, people, messages.
    pub fn client(&self) -> Result<&Client, DriverError> {
        self.client.as_ref().ok_or(DriverError::Stopped)
    }

    /// The time, by this device's clock.
    pub fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// How the connection stands.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The clock the device goes by.
    pub fn clock(&self) -> &crate::moment::Clock {
        &self.options.clock
    }

    /// Now, with fresh randomness.
    pub fn moment(&self) -> Result<Moment, DriverError> {
        Ok(self.options.clock.moment()?)
    }

    /// Starts to dial, and keeps a connection from now on.
    pub fn go_online(&mut self) -> Result<(), DriverError> {
        if self.socket.is_none() {
            let dialler = self.dialler()?.clone();
            self.socket = Some(Socket::open(
                dialler,
                self.options.backoff,
                limits::FRAME_BYTES,
            ));
            self.connection = Connection::Dialling;
        }
        Ok(())
    }

    /// A carrier for the relay's blobs, over a connection of its own.
    pub fn carrier(&self) -> Result<Carrier, DriverError> {
        Ok(Carrier::new(
            Http::new(self.dialler()?.clone()),
            self.options.backoff,
        ))
    }

    /// Closes the connection and dials no more.
    pub fn go_offline(&mut self) -> Result<(), DriverError> {
        let was_up = matches!(self.connection, Connection::Up);
        self.socket = None;
        self.connection = Connection::Offline;
        if was_up {
            self.input(Input::Disconnected)
        } else {
            Ok(())
        }
    }

    /// Takes another way to the relay, at once.
    pub fn reroute(&mut self, route: Route) -> Result<(), DriverError> {
        self.options.route = route;
        if let Some(dialler) = &mut self.dialler {
            dialler.set_route(route);
        }
        if self.socket.is_some() {
            self.go_offline()?;
            self.go_online()?;
        }
        Ok(())
    }

    /// Dials now instead of waiting out the pause after a loss.
    pub fn dial_now(&self) {
        if let Some(socket) = &self.socket {
            socket.dial_now();
        }
    }

    /// Carries out a command: when this returns, what it changed is on the disk, and what
    /// it sends is on its way. Its further course shows in events.
    pub fn command(&mut self, command: Command) -> Result<(), DriverError> {
        if let Command::SetUp { link, .. } | Command::Join { link, .. } = &command {
            self.point_at(&link.origin)?;
        }
        self.input(Input::Command(command))
    }

    /// Lets time pass: for tests that moved the clock.
    pub fn tick(&mut self) -> Result<(), DriverError> {
        self.wake = None;
        self.input(Input::Tick)
    }

    /// Waits for the next thing from outside and handles it.
    pub async fn turn(&mut self) -> Result<(), DriverError> {
        self.client()?;
        let pause = self.wake.map(|wake| self.pause_until(wake));
        let happened = tokio::select! {
            signal = next_signal(&mut self.socket) => Happened::Signal(signal),
            input = self.exchanges.next() => Happened::Answer(input),
            () = sleep(pause) => Happened::Wake,
        };
        match happened {
            Happened::Signal(signal) => self.signal(signal),
            Happened::Answer(input) => self.input(input),
            Happened::Wake => self.tick(),
        }
    }

    /// The next event, waiting for it if need be.
    pub async fn next_event(&mut self) -> Result<Event, DriverError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            self.turn().await?;
        }
    }

    /// The first event `pick` wants, waiting for it if need be. All others stay, in order.
    pub async fn pick_event<T>(
        &mut self,
        mut pick: impl FnMut(&Event) -> Option<T>,
    ) -> Result<T, DriverError> {
        let mut seen = 0;
        loop {
            while let Some(event) = self.events.get(seen) {
                if let Some(picked) = pick(event) {
                    self.events.remove(seen);
                    return Ok(picked);
                }
                seen += 1;
            }
            self.turn().await?;
        }
    }

    /// An event that is already there.
    pub fn take_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Waits until the device knows what the caller waits for. Events pile up meanwhile.
    pub async fn wait_until(
        &mut self,
        mut reached: impl FnMut(&Client) -> bool,
    ) -> Result<(), DriverError> {
        while !reached(self.client()?) {
            self.turn().await?;
        }
        Ok(())
    }

    /// Lets the store fail at one batch, for tests of crashes.
    pub fn set_fault(&mut self, fault: Fault) {
        self.store.set_fault(fault);
    }

    /// How many batches were stored since the driver was opened.
    pub fn batches(&self) -> u64 {
        self.store.batches()
    }

    /// Waits for a piece of work beside the socket, keeping the device running meanwhile.
    pub async fn beside<T>(&mut self, work: impl Future<Output = T>) -> Result<T, DriverError> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                turned = self.turn() => turned?,
            }
        }
    }

    /// Ends in order: the connection closes, the store is folded, the profile is free.
    /// Dropping the driver instead is a crash, which loses nothing either.
    pub fn close(self) -> Result<(), DriverError> {
        drop(self.socket);
        drop(self.client);
        self.store.close()?;
        Ok(())
    }

    fn signal(&mut self, signal: Signal) -> Result<(), DriverError> {
        match signal {
            Signal::Up => {
                self.connection = Connection::Up;
                self.input(Input::Connected)
            }
            Signal::Frame(frame) => self.input(Input::Received(frame)),
            Signal::Down(loss) => {
                let was_up = matches!(self.connection, Connection::Up);
                self.connection = Connection::Down(loss);
                if was_up {
                    self.input(Input::Disconnected)
                } else {
                    Ok(())
                }
            }
        }
    }

    fn input(&mut self, input: Input) -> Result<(), DriverError> {
        let moment = self.moment()?;
        let client = self.client.as_mut().ok_or(DriverError::Stopped)?;
        let is_command = matches!(input, Input::Command(_));
        match client.step(input, moment) {
            Ok(step) => self.finish(step),
            Err(error) => {
                // A refused command changed nothing; after any other failure the core
                // must not be used again.
                if !is_command || matches!(error, siegel_client_core::Error::Reopen) {
                    self.stop();
                }
                Err(error.into())
            }
        }
    }

    /// Stores the step's batch, then lets out what waited for it.
    fn finish(&mut self, step: Step) -> Result<(), DriverError> {
        if !step.batch().is_empty()
            && let Err(error) = self.store.store(step.batch())
        {
            self.stop();
            return Err(error.into());
        }
        for output in step.stored() {
            self.release(output)?;
        }
        Ok(())
    }

    fn stop(&mut self) {
        self.client = None;
        self.socket = None;
        self.connection = Connection::Offline;
    }

    fn release(&mut self, output: Output) -> Result<(), DriverError> {
        match output {
            Output::Transmit(frame) => {
                if let (Some(socket), Connection::Up) = (&self.socket, &self.connection) {
                    socket.send(frame);
                }
            }
            Output::Http(request) => {
                let dialler = self.dialler()?.clone();
                self.exchanges.begin(dialler, request);
            }
            Output::Event(event) => self.events.push_back(event),
            Output::WakeAt(at) => {
                self.wake = Some(self.wake.map_or(at, |sooner| sooner.min(at)));
            }
            Output::Reconnect => {
                if let Some(socket) = &self.socket {
                    socket.hang_up();
                }
            }
        }
        Ok(())
    }

    fn dialler(&self) -> Result<&Dialler, DriverError> {
        self.dialler.as_ref().ok_or(DriverError::NoRelay)
    }

    fn point_at(&mut self, origin: &str) -> Result<(), DriverError> {
        let address = RelayAddress::parse(origin)?;
        let tls = tls::config(self.options.ca_file.as_deref())?;
        self.dialler = Some(Dialler::new(address, self.options.route, tls));
        Ok(())
    }

    fn pause_until(&self, wake: Timestamp) -> Duration {
        let seconds = wake.since(self.options.clock.now());
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }
}

async fn next_signal(socket: &mut Option<Socket>) -> Signal {
    match socket {
        Some(socket) => socket.signal().await,
        None => std::future::pending().await,
    }
}

async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

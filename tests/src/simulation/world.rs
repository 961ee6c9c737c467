//! The world: devices, the relay, the wires between them, one clock, one seed.

use bytes::Bytes;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use siegel_client_core::moment::{Entropy, Moment, Timestamp};
use siegel_client_core::step::HttpRequest;
use siegel_client_core::vault::PassphraseCost;
use siegel_client_core::{Client, Command, Error, Event, Input, Output};
use siegel_proto::organisation::SetUpToken;
use std::collections::{BTreeSet, VecDeque};

use super::cause;
use super::device::{Device, Disk, Link, passphrase};
use super::relay::{Backup, ConnectionId, Relay};

/// Names a device.
pub type DeviceNo = usize;

const START: i64 = 1_795_000_000;
const SET_UP_TOKEN: [u8; 32] = [42; 32];
/// Where the relay is, as links say.
pub const ORIGIN: &str = "https://relay.test";
/// Rounds after which a world that does not come to rest is stuck in a circle.
const ROUNDS: usize = 20_000;

/// Where in a persist effect the power goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CrashPoint {
    /// Before the batch is stored.
    Before,
    /// After it, before any of its outputs left.
    After,
}

/// Everything there is.
pub struct World {
    /// The relay double.
    pub relay: Relay,
    /// Every device, by number.
    pub devices: Vec<Device>,
    /// Steps taken by clients.
    pub steps: u64,
    /// Persist effects so far.
    pub batches: u64,
    /// The persist effect at which a device crashes.
    pub crash_at: Option<(u64, CrashPoint)>,
    /// Crashes that have happened.
    pub crashes: u64,
    /// A device and every frame that reached it since this was set.
    pub tap: Option<(DeviceNo, Vec<Bytes>)>,
    /// What each persist effect was for, in order.
    pub causes: Vec<String>,
    /// Devices that read everything that waits for them in one step.
    pub bursts: BTreeSet<DeviceNo>,
    /// Frames that travel on although their device has hung up.
    stray: VecDeque<(ConnectionId, Bytes)>,
    rng: ChaCha20Rng,
    trace: blake3::Hasher,
}

/// How a command went.
#[derive(Debug)]
pub enum Done {
    /// Carried out and stored.
    Yes,
    /// The device crashed before it was stored; the person will try again.
    Lost,
}

impl World {
    /// An empty world; the same seed gives the same one.
    pub fn new(seed: u64) -> Self {
        Self {
            relay: Relay::new(&SetUpToken::new(SET_UP_TOKEN), START),
            devices: Vec::new(),
            steps: 0,
            batches: 0,
            crash_at: None,
            crashes: 0,
            tap: None,
            causes: Vec::new(),
            bursts: BTreeSet::new(),
            stray: VecDeque::new(),
            rng: ChaCha20Rng::seed_from_u64(seed),
            trace: blake3::Hasher::new(),
        }
    }

    /// The same world in another history: everything that is stored, and every app
    /// started again. What was on its way is lost.
    pub fn fork(&self) -> Self {
        Self {
            relay: self.relay.fork(),
            devices: self.devices.iter().map(Device::fork).collect(),
            steps: self.steps,
            batches: self.batches,
            crash_at: None,
            tap: None,
            crashes: self.crashes,
            causes: self.causes.clone(),
            bursts: self.bursts.clone(),
            stray: VecDeque::new(),
            rng: self.rng.clone(),
            trace: self.trace.clone(),
        }
    }

    /// The link the relay prints at its first start.
    pub fn set_up_link() -> String {
        use data_encoding::BASE64URL_NOPAD;
        format!("{ORIGIN}/#setup.{}", BASE64URL_NOPAD.encode(&SET_UP_TOKEN))
    }

    /// A number below `end`.
    pub fn draw(&mut self, end: usize) -> usize {
        let end = u32::try_from(end.max(1)).unwrap_or(u32::MAX);
        (self.rng.next_u32() % end) as usize
    }

    /// Every step of every device so far, in one hash.
    pub fn trace(&self) -> String {
        self.trace.finalize().to_hex().to_string()
    }

    fn moment(&mut self, skew: i64) -> Moment {
        let mut entropy = [0; 32];
        self.rng.fill_bytes(&mut entropy);
        Moment {
            now: Timestamp::from_seconds(self.relay.now + skew),
            entropy: Entropy(entropy),
        }
    }

    /// A new, empty device.
    pub fn add_device(&mut self, name: &str) -> DeviceNo {
        let moment = self.moment(0);
        let created = Client::create(passphrase(), PassphraseCost::TRIVIAL, moment);
        let (client, step) = created.expect("a vault can be made");
        let mut disk = Disk::default();
        disk.store(step.batch());
        self.devices.push(Device {
            name: name.to_owned(),
            client,
            disk,
            online: true,
            skew: 0,
            events: Vec::new(),
            link: None,
            http: VecDeque::new(),
        });
        self.devices.len() - 1
    }

    /// A person wants something.
    ///
    /// # Errors
    /// The client refuses.
    pub fn try_command(&mut self, at: DeviceNo, command: Command) -> Result<Done, Error> {
        let crashes = self.crashes;
        let crashing = self.crash_at;
        let outputs = self.step(at, Input::Command(command))?;
        if self.crashes > crashes && crashing.is_some_and(|(_, at)| at == CrashPoint::Before) {
            return Ok(Done::Lost);
        }
        self.carry_out(at, outputs);
        Ok(Done::Yes)
    }

    /// Hands an input to a client and stores what changed. Returns what may leave, which
    /// is nothing if the device crashes here.
    fn step(&mut self, at: DeviceNo, input: Input) -> Result<Vec<Output>, Error> {
        let moment = self.moment(self.devices[at].skew);
        self.steps += 1;
        let cause = cause::of(&input);
        // Not the bytes: the MLS library keeps what a commit proposes in a hash map, whose
        // order is another in every process.
        self.trace.update(format!("{at} {cause}\n").as_bytes());
        let device = &mut self.devices[at];
        let step = device.client.step(input, moment)?;
        if !step.batch().is_empty() {
            self.batches += 1;
            self.causes.push(cause);
            let crash = self.crash_at.filter(|(batch, _)| *batch == self.batches);
            if let Some((_, point)) = crash {
                if point == CrashPoint::After {
                    device.disk.store(step.batch());
                }
                self.crash_at = None;
                self.crash(at);
                return Ok(Vec::new());
            }
            self.devices[at].disk.store(step.batch());
        }
        Ok(step.stored())
    }

    fn carry_out(&mut self, at: DeviceNo, outputs: Vec<Output>) {
        let device = &mut self.devices[at];
        for output in outputs {
            match output {
                Output::Transmit(frame) => {
                    if let Some(link) = &mut device.link {
                        link.up.push_back(frame.into());
                    }
                }
                Output::Http(request) => device.http.push_back(request),
                Output::Event(event) => device.events.push(event),
                Output::WakeAt(_) => {}
                Output::Reconnect => {
                    if let Some(link) = device.link.take() {
                        self.relay.close(link.id);
                    }
                }
            }
        }
    }

    /// An input that does not come from a person: must never fail.
    fn feed(&mut self, at: DeviceNo, input: Input) {
        let what = cause::of(&input);
        match self.step(at, input) {
            Ok(outputs) => self.carry_out(at, outputs),
            Err(error) => panic!(
                "{} cannot go on: {error:?} at {what}",
                self.devices[at].name
            ),
        }
    }

    /// The device dies and starts again from its disk.
    pub fn crash(&mut self, at: DeviceNo) {
        self.crashes += 1;
        if let Some(link) = self.devices[at].link.take() {
            self.relay.close(link.id);
        }
        self.reopen(at);
    }

    /// The app is started from what is on the disk.
    pub fn reopen(&mut self, at: DeviceNo) {
        if let Some(link) = self.devices[at].link.take() {
            self.relay.close(link.id);
        }
        let opened = self.devices[at].disk.open();
        self.devices[at].client = opened.expect("a stored vault opens");
        self.devices[at].http.clear();
    }

    /// The device's disk is as it was at some earlier time.
    pub fn put_back(&mut self, at: DeviceNo, disk: Disk) {
        self.devices[at].disk = disk;
        self.reopen(at);
    }

    /// The relay is started again from a complete backup; every connection is gone.
    pub fn restart_relay(&mut self, generation: [u8; 16]) {
        for at in 0..self.devices.len() {
            self.cut(at, false);
        }
        self.relay.restart_as(generation);
    }

    /// A backup of the relay is put back; every connection is gone.
    pub fn put_relay_back(&mut self, backup: &Backup, generation: [u8; 16]) {
        for at in 0..self.devices.len() {
            self.cut(at, false);
        }
        self.relay.put_back(backup.clone(), generation);
    }

    /// Hangs up. What is on its way to the relay may still get there.
    pub fn cut(&mut self, at: DeviceNo, stray: bool) {
        if let Some(link) = self.devices[at].link.take() {
            if stray {
                let frames = link.up.into_iter().map(|frame| (link.id, frame));
                self.stray.extend(frames);
            } else {
                self.relay.close(link.id);
            }
            self.feed(at, Input::Disconnected);
        }
    }

    /// Lets a device go offline.
    pub fn offline(&mut self, at: DeviceNo) {
        self.devices[at].online = false;
        self.cut(at, false);
    }

    /// Lets a device come back.
    pub fn online(&mut self, at: DeviceNo) {
        self.devices[at].online = true;
    }

    /// Connects if the device wants to and can. Returns whether anything happened.
    pub fn connect(&mut self, at: DeviceNo) -> bool {
        let device = &mut self.devices[at];
        if let Some(link) = &device.link
            && self.relay.is_over(link.id)
        {
            self.cut(at, false);
            return true;
        }
        let has_relay = device
            .client
            .profile()
            .is_ok_and(|profile| !profile.revoked);
        if !device.online || !has_relay || device.link.is_some() {
            return false;
        }
        let id = self.relay.open(at);
        self.devices[at].link = Some(Link {
            id,
            up: VecDeque::new(),
        });
        self.feed(at, Input::Connected);
        true
    }

    /// One frame reaches the relay. Returns whether there was one.
    pub fn up(&mut self, at: DeviceNo) -> bool {
        let Some(link) = &mut self.devices[at].link else {
            return false;
        };
        let id = link.id;
        let Some(frame) = link.up.pop_front() else {
            return false;
        };
        self.relay.receive(id, frame);
        true
    }

    /// One frame reaches the device. Returns whether there was one.
    pub fn down(&mut self, at: DeviceNo) -> bool {
        let Some(id) = self.devices[at].link.as_ref().map(|link| link.id) else {
            return false;
        };
        let Some(frame) = self.relay.take(id) else {
            return false;
        };
        if let Some((tapped, frames)) = &mut self.tap
            && *tapped == at
        {
            frames.push(frame.clone());
        }
        self.feed(at, Input::Received(frame));
        true
    }

    /// Everything that is on its way reaches the device together. Returns whether there was
    /// anything.
    pub fn burst(&mut self, at: DeviceNo) -> bool {
        let Some(id) = self.devices[at].link.as_ref().map(|link| link.id) else {
            return false;
        };
        let frames: Vec<Bytes> = std::iter::from_fn(|| self.relay.take(id)).collect();
        if frames.is_empty() {
            return false;
        }
        self.feed(at, Input::Burst(frames));
        true
    }

    /// A frame of a connection that was hung up reaches the relay.
    pub fn stray(&mut self) -> bool {
        let Some((id, frame)) = self.stray.pop_front() else {
            return false;
        };
        self.relay.receive(id, frame);
        if self.stray.iter().all(|(other, _)| *other != id) {
            self.relay.close(id);
        }
        true
    }

    /// An HTTP request is answered, or its answer is lost.
    pub fn http(&mut self, at: DeviceNo, lost: bool) -> bool {
        if !self.devices[at].online {
            return false;
        }
        let Some(request) = self.devices[at].http.pop_front() else {
            return false;
        };
        let (status, body) = self.relay.http(&request.path, &request.body);
        let (status, body) = if lost {
            (0, Bytes::new())
        } else {
            (status, body)
        };
        self.answer(at, request, status, body);
        true
    }

    fn answer(&mut self, at: DeviceNo, request: HttpRequest, status: u16, body: Bytes) {
        let input = Input::HttpAnswer {
            request,
            status,
            body,
        };
        self.feed(at, input);
    }

    /// The clock tells a device to look around.
    pub fn tick(&mut self, at: DeviceNo) {
        self.feed(at, Input::Tick);
    }

    /// Lets everything that is on its way arrive, until nothing moves.
    pub fn settle(&mut self) {
        for _ in 0..ROUNDS {
            let mut moved = false;
            while self.stray() {
                moved = true;
            }
            for at in 0..self.devices.len() {
                moved |= self.connect(at);
                moved |= self.http(at, false);
                while self.up(at) {
                    moved = true;
                }
                moved |= match self.bursts.contains(&at) {
                    true => self.burst(at),
                    false => self.down(at),
                };
            }
            if !moved {
                return;
            }
        }
        panic!("the world never comes to rest");
    }

    /// Lets time pass for everybody; devices that are on look around then.
    pub fn pass(&mut self, seconds: i64) {
        self.relay.now += seconds;
        for at in 0..self.devices.len() {
            self.tick(at);
        }
    }

    /// Takes what the app was told.
    pub fn events(&mut self, at: DeviceNo) -> Vec<Event> {
        std::mem::take(&mut self.devices[at].events)
    }
}

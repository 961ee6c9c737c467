//! One organisation: its relay and its people.

use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use siegel_cli::driver::Options;
use siegel_cli::moment::Clock as DeviceClock;
use siegel_cli::net::backoff::Backoff;
use siegel_cli::net::dial::Route;
use siegel_client_core::client::InvitationView;
use siegel_client_core::link::Link;
use siegel_client_core::vault::PassphraseCost;
use siegel_client_core::{Client, Command};
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::Notice;
use siegel_proto::ids::RoomId;
use siegel_proto::organisation::SetUpToken;
use siegel_server::Relay;
use siegel_server::clock::{Clock, Entropy};
use siegel_server::config::Config;
use siegel_server::listen::Listen;
use siegel_server::web_files::WebFiles;
use tempfile::TempDir;

use super::capture::Capture;
use super::edition;
use super::network::Network;
use super::person::Person;

/// What the relay's data were made for, if nothing else is said.
const NOTICE: &str = "Ihre Nachrichten liest nur, wer mit Ihnen im Raum ist.";

/// One organisation.
pub struct World {
    directory: TempDir,
    config: RefCell<Config>,
    relay: RefCell<Option<Relay>>,
    /// The web app the relay serves.
    web: RefCell<WebFiles>,
    /// The relay's clock.
    pub clock: Clock,
    /// The clock of every device.
    pub device_clock: DeviceClock,
    /// How long devices made from now on wait before they try again.
    pub backoff: Backoff,
    devices: Cell<usize>,
    /// Through which devices dial that are not given a network of their own.
    line: RefCell<Option<Network>>,
}

/// What an invitation for a client is made of.
pub struct Guest<'a> {
    /// What the inviter calls the client.
    pub label: &'a str,
    /// The first words.
    pub greeting: &'a str,
    /// The notice's text.
    pub notice: &'a str,
}

impl Default for Guest<'_> {
    fn default() -> Self {
        Self {
            label: "Klientin",
            greeting: "Guten Tag!",
            notice: NOTICE,
        }
    }
}

impl World {
    /// Starts a relay that nobody has set up.
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// The same at the address that browsers know by a name as well.
    pub async fn at_localhost() -> Self {
        Self::with(|config| config.listen = ([127, 0, 0, 1], 0).into()).await
    }

    /// The same with other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = TempDir::new().expect("a directory");
        let mut config = Config {
            data_dir: directory.path().join("relay"),
            listen: (own_loopback().octets(), 0).into(),
            ..Config::default()
        };
        change(&mut config);
        let now = DeviceClock::default().now().seconds();
        let world = Self {
            directory,
            config: RefCell::new(config),
            relay: RefCell::new(None),
            web: RefCell::new(WebFiles::built_in()),
            clock: Clock::fixed(now),
            device_clock: DeviceClock::default(),
            backoff: Backoff {
                first: Duration::from_millis(10),
                ceiling: Duration::from_millis(100),
            },
            devices: Cell::new(0),
            line: RefCell::new(None),
        };
        world.start_relay().await;
        world
    }

    /// Starts the relay on its data, at its old address if it had one.
    pub async fn start_relay(&self) {
        let config = self.config.borrow().clone();
        let (clock, web) = (self.clock.clone(), self.web.borrow().clone());
        let relay = Relay::start_with(config, clock, Entropy::system(), web).await;
        let relay = relay.expect("the relay starts");
        self.config.borrow_mut().listen = relay.listens_on().clone();
        *self.relay.borrow_mut() = Some(relay);
    }

    /// The relay stops in order and comes back with other settings.
    pub async fn restart_relay_with(&self, change: impl FnOnce(&mut Config)) {
        self.stop_relay().await;
        change(&mut self.config.borrow_mut());
        self.start_relay().await;
    }

    /// Stops the relay in order.
    pub async fn stop_relay(&self) {
        let relay = self.relay.borrow_mut().take().expect("the relay runs");
        relay.stop().await;
    }

    /// The relay is brought up to date: it comes back with the next version of the web app.
    pub async fn update_relay(&self) {
        self.stop_relay().await;
        let next = edition::next(&self.web.borrow());
        self.web.replace(next);
        self.start_relay().await;
    }

    /// Where the relay listens.
    pub fn address(&self) -> SocketAddr {
        match self.config.borrow().listen {
            Listen::Tcp(address) => address,
            Listen::Unix(_) => unreachable!("the stories' relay listens on a port"),
        }
    }

    /// The relay's settings.
    pub fn config(&self) -> Config {
        self.config.borrow().clone()
    }

    /// The relay's data lies there from the next start on.
    pub(super) fn moves_to(&self, data_dir: PathBuf) {
        self.config.borrow_mut().data_dir = data_dir;
    }

    /// Where the relay keeps its data.
    pub fn relay_directory(&self) -> PathBuf {
        self.config.borrow().data_dir.clone()
    }

    /// Where the devices keep theirs.
    pub fn devices_directory(&self) -> &Path {
        self.directory.path()
    }

    /// Lets days pass, for the relay and every device.
    pub async fn days_pass(&self, days: i64, people: &[&Person]) {
        self.clock.advance_days(days);
        self.device_clock.advance(days * 86_400);
        for person in people {
            person.tick().await;
        }
        let relay = self.relay.borrow_mut().take().expect("the relay runs");
        let swept = relay.sweep().await;
        *self.relay.borrow_mut() = Some(relay);
        swept.expect("the relay expires what is old");
    }

    /// Taps the line: whatever devices made from now on say and hear is recorded.
    pub async fn tap(&self) -> Capture {
        let line = Network::to(self.address()).await;
        let capture = line.capture().clone();
        *self.line.borrow_mut() = Some(line);
        capture
    }

    /// Where devices dial; through the tapped line, if there is one.
    pub fn entrance(&self) -> SocketAddr {
        let line = self.line.borrow();
        line.as_ref()
            .map_or_else(|| self.address(), Network::address)
    }

    /// A device of somebody who has not joined.
    pub fn device(&self, name: &str) -> Person {
        self.device_through(name, None)
    }

    /// The same behind a network of its own.
    pub fn device_through(&self, name: &str, network: Option<&Network>) -> Person {
        let number = self.devices.replace(self.devices.get() + 1);
        let home = self.directory.path().join(format!("device-{number}"));
        let options = Options {
            clock: self.device_clock.clone(),
            cost: PassphraseCost::TRIVIAL,
            route: match (network, self.line.borrow().as_ref()) {
                (Some(network), _) | (None, Some(network)) => Route::Through(network.address()),
                (None, None) => Route::Direct,
            },
            backoff: self.backoff,
            ..Options::default()
        };
        Person::new(name, &home, options)
    }

    /// The link the relay prints at its first start.
    pub fn set_up_link(&self) -> Link {
        let relay = self.relay.borrow();
        let relay = relay.as_ref().expect("the relay runs");
        let link = relay.set_up_link().expect("not set up yet");
        link.parse().expect("the relay prints a link")
    }

    /// The token in that link.
    pub fn set_up_token(&self) -> SetUpToken {
        let relay = self.relay.borrow();
        let relay = relay.as_ref().expect("the relay runs");
        relay.set_up_token().expect("not set up yet").clone()
    }

    /// Sets the organisation up; the admin is online and ready.
    pub async fn admin(&self, name: &str) -> Person {
        let link = self.set_up_link();
        let admin = self.device(name);
        admin
            .command(Command::SetUp {
                link,
                name: name.to_owned(),
                position: "Leitung".to_owned(),
            })
            .await;
        admin.online().await;
        ready(&admin).await;
        admin
    }

    /// Brings a colleague in.
    pub async fn staff(&self, admin: &Person, name: &str) -> Person {
        let device = self.device(name);
        self.joins_staff(admin, &device).await;
        device
    }

    /// Brings a colleague with this device in.
    pub async fn joins_staff(&self, admin: &Person, device: &Person) {
        let link = self.staff_link(admin, &device.name).await;
        join(device, &link).await;
        ready(device).await;
    }

    /// A link for a colleague.
    pub async fn staff_link(&self, admin: &Person, label: &str) -> String {
        let command = Command::InviteStaff {
            label: label.to_owned(),
            role: PersonRole::Staff,
        };
        admin.command(command).await;
        link_for(admin, label).await
    }

    /// A link for a client; the room is new unless one is named.
    pub async fn guest_link(
        &self,
        inviter: &Person,
        room: Option<RoomId>,
        guest: Guest<'_>,
    ) -> String {
        let command = Command::InviteGuest {
            room,
            label: guest.label.to_owned(),
            greeting: guest.greeting.to_owned(),
            notice: Notice {
                version: "2026-11".to_owned(),
                language: "de".to_owned(),
                body: guest.notice.to_owned(),
            },
        };
        inviter.command(command).await;
        link_for(inviter, guest.label).await
    }

    /// The link of an invitation by its label, once it is ready.
    pub async fn link_for(&self, inviter: &Person, label: &str) -> String {
        link_for(inviter, label).await
    }

    /// Opens a link on a new device; waits until the guest has keys of its own.
    pub async fn guest(&self, name: &str, link: &str) -> (Person, RoomId) {
        let device = self.device(name);
        join(&device, link).await;
        let arrived = |client: &Client| {
            let rooms = client.rooms().unwrap_or_default();
            !rooms.is_empty() && rooms.iter().all(|room| !room.settling)
        };
        device.until("the guest has its own keys", arrived).await;
        let room = device.read(|client| client.rooms().expect("rooms")).await;
        let room = room.first().expect("one room").room;
        (device, room)
    }
}

/// An address of this machine that is nobody else's: a relay that stops and comes back finds
/// its port free, whoever listens elsewhere.
fn own_loopback() -> Ipv4Addr {
    static WORLDS: AtomicU32 = AtomicU32::new(0);
    let world = WORLDS.fetch_add(1, Ordering::Relaxed);
    let number = std::process::id().wrapping_mul(64).wrapping_add(world);
    let [_, second, third, fourth] = number.to_be_bytes();
    // 127.0 is for everybody, and 127.255 has an address for all at once.
    Ipv4Addr::new(127, second.clamp(1, 254), third, fourth)
}

/// Opens a link; the device is somebody afterwards.
pub async fn join(device: &Person, link: &str) {
    let link: Link = link.parse().expect("a link");
    let command = Command::Join {
        link,
        name: device.name.clone(),
        position: "Sozialarbeit".to_owned(),
    };
    device.command(command).await;
    device
        .until("the capsule is open", |client| client.profile().is_ok())
        .await;
    device.online().await;
}

async fn ready(device: &Person) {
    let ready = |client: &Client| {
        client.profile().is_ok_and(|profile| profile.ready) && client.is_settled().unwrap_or(false)
    };
    device.until("the relay took the device in", ready).await;
}

async fn link_for(inviter: &Person, label: &str) -> String {
    let find = |client: &Client, label: &str| {
        let invitations = client.invitations().unwrap_or_default();
        let mut found = invitations.into_iter().filter(|made| made.label == label);
        found.find_map(|made: InvitationView| made.link)
    };
    let wanted = label.to_owned();
    inviter
        .until(&format!("the link for {label} is ready"), move |client| {
            find(client, &wanted).is_some()
        })
        .await;
    let label = label.to_owned();
    let link = inviter.read(move |client| find(client, &label)).await;
    link.expect("it was there a moment ago")
}

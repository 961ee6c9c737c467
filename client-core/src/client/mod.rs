//! The client: routes commands, the relay's words and time to the operations on rooms.
//!
//! What must survive stands in the vault; `Connection` is what is known of
//! the relay while the socket is open. After a crash or a break the work is found again
//! in the vault and goes on.

mod announce;
pub(crate) mod commands;
mod connection;
mod directory;
mod enrolment;
mod held_off;
mod organisation;
mod own_key_packages;
mod passkey;
mod pump;
mod session;
mod views;

use std::cell::RefCell;
use std::collections::BTreeMap;

use siegel_proto::frame::Request;
use siegel_proto::ids::{DeviceId, RoomId};
use siegel_proto::room::Ack;

pub(crate) use connection::{Attachment, Connection, Pending};
pub use views::{InvitationView, MemberView, OutboxLine, Profile, RoomView};

use crate::error::Error;
use crate::event::Event;
use crate::mls::group::Group;
use crate::mls::provider::Provider;
use crate::mls::signer::DeviceSigner;
use crate::moment::{Moment, StepRng, Timestamp};
use crate::room::Room;
use crate::room::timeline::TIMELINE;
use crate::search::Index;
use crate::secret::Secret32;
use crate::step::{Input, Output, Step};
use crate::vault::{PassphraseCost, SealedRow, Vault};

/// One device of one person.
pub struct Client {
    pub(crate) vault: Vault,
    /// Loaded groups. One that an operation failed on is dropped, not put back.
    pub(crate) groups: BTreeMap<RoomId, Group>,
    /// Groups that were only looked at. Whoever changes one takes it first.
    viewed: RefCell<BTreeMap<RoomId, Group>>,
    pub(crate) connection: Option<Connection>,
    /// Who made the commit that the step under way refuses.
    pub(crate) refused_author: Option<DeviceId>,
    /// Made when it is first asked.
    pub(crate) index: RefCell<Option<Index>>,
    broken: bool,
}

/// What one step works with.
pub(crate) struct Cx {
    pub(crate) now: Timestamp,
    pub(crate) rng: StepRng,
    outputs: Vec<Output>,
    acks: BTreeMap<RoomId, u64>,
}

impl Cx {
    fn new(moment: Moment) -> Self {
        Self {
            now: moment.now,
            rng: StepRng::new(moment.entropy),
            outputs: Vec::new(),
            acks: BTreeMap::new(),
        }
    }

    pub(crate) fn output(&mut self, output: Output) {
        self.outputs.push(output);
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.outputs.push(Output::Event(event));
    }

    /// The log of a room, or the inbox, is processed up to here: the relay is told once for
    /// the whole step.
    pub(crate) fn acknowledge(&mut self, room: RoomId, up_to: u64) {
        let acked = self.acks.entry(room).or_default();
        *acked = (*acked).max(up_to);
    }

    fn into_outputs(mut self) -> Vec<Output> {
        for (room, up_to) in std::mem::take(&mut self.acks) {
            Connection::notice(&mut self, Request::Ack(Ack { room, up_to }));
        }
        self.outputs
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client(..)")
    }
}

impl Client {
    /// Makes an empty vault under a passphrase. The client exists once the step's batch
    /// is stored.
    ///
    /// # Errors
    /// [`Error::Vault`] if the cost is out of bounds.
    pub fn create(
        passphrase: &[u8],
        cost: PassphraseCost,
        moment: Moment,
    ) -> Result<(Self, Step), Error> {
        let mut cx = Cx::new(moment);
        let vault = Vault::create(passphrase, cost, &mut cx.rng)?;
        let mut client = Self::with(vault);
        let step = client.finish(cx)?;
        Ok((client, step))
    }

    /// Opens a stored vault: the header and every row, as batches handed them out.
    ///
    /// # Errors
    /// [`Error::Vault`]: a wrong passphrase, or rows that are damaged, missing or put back.
    pub fn open(
        header: &[u8],
        passphrase: &[u8],
        rows: impl IntoIterator<Item = SealedRow>,
    ) -> Result<Self, Error> {
        Ok(Self::with(Vault::open(header, passphrase, rows)?))
    }

    /// Opens a stored vault with the key of a client that had it open: another tab of the
    /// same browser takes over without asking for the passphrase.
    ///
    /// # Errors
    /// As [`Client::open`]; a wrong key shows as rows that do not open.
    pub fn resume(
        header: &[u8],
        key: Secret32,
        rows: impl IntoIterator<Item = SealedRow>,
    ) -> Result<Self, Error> {
        Ok(Self::with(Vault::resume(header, key, rows)?))
    }

    /// The key for [`Client::resume`]. Only ever in memory, only on this device.
    #[must_use]
    pub fn handover_key(&self) -> Secret32 {
        self.vault.key()
    }

    fn with(mut vault: Vault) -> Self {
        vault.watch(TIMELINE);
        Self {
            vault,
            groups: BTreeMap::new(),
            viewed: RefCell::default(),
            connection: None,
            refused_author: None,
            index: RefCell::default(),
            broken: false,
        }
    }

    /// Carries out one input. Nothing may leave before the step's batch is stored.
    ///
    /// # Errors
    /// A refused command leaves everything as it was. [`Error::Reopen`] after a failure
    /// in the middle: the client must be dropped and opened again.
    pub fn step(&mut self, input: Input, moment: Moment) -> Result<Step, Error> {
        if self.broken {
            return Err(Error::Reopen);
        }
        let mut cx = Cx::new(moment);
        let is_command = matches!(input, Input::Command(_));
        let done = match input {
            Input::Command(command) => self.command(&mut cx, command),
            Input::Connected => self.connected(&mut cx),
            Input::Disconnected => {
                self.connection = None;
                Ok(())
            }
            Input::Received(frame) => self.received(&mut cx, frame),
            Input::Burst(frames) => frames
                .into_iter()
                .try_for_each(|frame| self.received(&mut cx, frame)),
            Input::HttpAnswer {
                request,
                status,
                body,
            } => self.http_answered(&mut cx, request.purpose, status, &body),
            Input::Tick => self.tick(&mut cx),
        };
        match done {
            Ok(()) => self.finish(cx),
            Err(error) => {
                self.vault.discard();
                self.groups.clear();
                self.viewed.get_mut().clear();
                // A command checks before it changes anything; whatever else failed may
                // have left the connection's state ahead of the vault.
                self.broken = !is_command;
                Err(error)
            }
        }
    }

    fn finish(&mut self, mut cx: Cx) -> Result<Step, Error> {
        match self.vault.commit(&mut cx.rng) {
            Ok(batch) => {
                self.index_changes()?;
                Ok(Step::new(batch, cx.into_outputs()))
            }
            Err(error) => {
                self.broken = true;
                Err(error.into())
            }
        }
    }

    /// Changes the passphrase.
    ///
    /// # Errors
    /// [`Error::Vault`] if `current` is wrong.
    pub fn change_passphrase(
        &mut self,
        current: &[u8],
        new: &[u8],
        cost: PassphraseCost,
        moment: Moment,
    ) -> Result<Step, Error> {
        let mut cx = Cx::new(moment);
        self.vault
            .change_passphrase(current, new, cost, &mut cx.rng)?;
        self.finish(cx)
    }

    /// Takes a room's group out of memory or the vault. Whoever takes it puts it back
    /// with [`Client::keep_group`] if all went well.
    pub(crate) fn take_group(&mut self, cx: &mut Cx, room: &Room) -> Result<Group, Error> {
        let viewed = self.viewed.get_mut().remove(&room.room);
        match self.groups.remove(&room.room).or(viewed) {
            Some(group) => Ok(group),
            None => {
                let provider = Provider::new(&self.vault, &mut cx.rng);
                Ok(Group::load(&provider, room.group())?)
            }
        }
    }

    /// Forgets a group in memory: the vault has another state of it, or none.
    pub(crate) fn drop_group(&mut self, room: RoomId) {
        self.groups.remove(&room);
        self.viewed.get_mut().remove(&room);
    }

    pub(crate) fn keep_group(&mut self, room: RoomId, group: Group) {
        self.viewed.get_mut().remove(&room);
        self.groups.insert(room, group);
    }

    pub(crate) fn signer(&self) -> Result<DeviceSigner, Error> {
        let device = crate::device::Device::load(&self.vault)?;
        Ok(DeviceSigner::new(&device.keys.signature))
    }
}

//! One simulated device: a real client, the rows it stored, and its end of the wire.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use siegel_client_core::step::HttpRequest;
use siegel_client_core::vault::{Batch, RowId, SealedRow, Vault, VaultError};
use siegel_client_core::{Client, Event};

use super::relay::ConnectionId;

const PASSPHRASE: &[u8] = b"passphrase";

/// What a device has on its disk.
#[derive(Clone, Default)]
pub struct Disk {
    header: Vec<u8>,
    rows: BTreeMap<RowId, SealedRow>,
}

/// A device.
pub struct Device {
    /// Whose.
    pub name: String,
    /// The client core under test.
    pub client: Client,
    /// What is stored.
    pub disk: Disk,
    /// Whether it wants to be connected.
    pub online: bool,
    /// How far its clock is off, seconds.
    pub skew: i64,
    /// What the app was told, since it last asked.
    pub events: Vec<Event>,
    pub(crate) link: Option<Link>,
    pub(super) http: VecDeque<HttpRequest>,
}

/// An open socket as the device sees it.
pub(crate) struct Link {
    pub(crate) id: ConnectionId,
    /// Sent, and not yet at the relay.
    pub(super) up: VecDeque<Bytes>,
}

impl Device {
    /// The device with its app started again from what is stored.
    pub(super) fn fork(&self) -> Self {
        Self {
            name: self.name.clone(),
            client: self.disk.open().expect("a stored vault opens"),
            disk: self.disk.clone(),
            online: self.online,
            skew: self.skew,
            events: Vec::new(),
            link: None,
            http: VecDeque::new(),
        }
    }
}

impl Disk {
    /// One transaction.
    pub fn store(&mut self, batch: &Batch) {
        if let Some(header) = &batch.header {
            self.header.clone_from(header);
        }
        for row in &batch.puts {
            self.rows.insert(row.id, row.clone());
        }
        for id in &batch.deletes {
            self.rows.remove(id);
        }
    }

    /// What a cheat finds who takes the device apart: the vault without the client.
    ///
    /// # Errors
    /// The vault does not open.
    pub fn vault(&self) -> Result<Vault, VaultError> {
        Vault::open(&self.header, PASSPHRASE, self.rows.values().cloned())
    }

    /// The header and every row.
    pub fn contents(&self) -> (&[u8], Vec<SealedRow>) {
        (&self.header, self.rows.values().cloned().collect())
    }

    /// What a start of the app finds.
    ///
    /// # Errors
    /// The vault does not open: never allowed to happen.
    pub fn open(&self) -> Result<Client, siegel_client_core::Error> {
        Client::open(&self.header, PASSPHRASE, self.rows.values().cloned())
    }
}

/// The passphrase of every device.
pub(super) const fn passphrase() -> &'static [u8] {
    PASSPHRASE
}

//! Whole vaults of the current format, as devices store them. They are made once and must
//! open for ever; a new format gets new files beside the old ones.

use data_encoding::BASE64;
use serde_json::{Value, json};
use siegel_client_core::Client;
use siegel_client_core::moment::{Entropy, StepRng};
use siegel_client_core::room::timeline::Body;
use siegel_client_core::vault::{PassphraseCost, Scope, SealedRow, Table, Vault};
use siegel_proto::content::Kind;

use super::samples::ROOM;
use crate::simulation::World;

/// The format of the vaults [`all`] makes.
pub const FORMAT: u16 = 1;
const PASSPHRASE: &str = "passphrase";
const TABLE: Table = Table::new("vector");

/// A vault from a file.
pub struct Stored {
    passphrase: String,
    header: Vec<u8>,
    rows: Vec<SealedRow>,
    /// What the file says is in it.
    pub shows: Value,
}

/// Makes vaults of the current format: name and content of each file.
pub fn all() -> Vec<(String, Value)> {
    let mut files = devices();
    files.push(("bare".to_owned(), bare()));
    files
        .into_iter()
        .map(|(name, value)| (format!("vault/format_{FORMAT}_{name}"), value))
        .collect()
}

impl Stored {
    /// Reads a file.
    ///
    /// # Errors
    /// It is not a file of [`all`].
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let rows = file["rows"].as_array().ok_or("no rows")?;
        Ok(Self {
            passphrase: file["passphrase"].as_str().ok_or("no passphrase")?.into(),
            header: bytes(&file["header"])?,
            rows: rows.iter().map(row).collect::<Result<_, _>>()?,
            shows: file["shows"].clone(),
        })
    }

    /// Opens it as the vault of a device.
    ///
    /// # Errors
    /// It does not open: never allowed to happen.
    pub fn open(&self) -> Result<Client, siegel_client_core::Error> {
        Client::open(&self.header, self.passphrase.as_bytes(), self.rows.clone())
    }

    /// Opens it and tells what a vault of `bare` holds.
    ///
    /// # Errors
    /// It does not open: never allowed to happen.
    pub fn open_bare(&self) -> Result<Value, siegel_client_core::vault::VaultError> {
        let vault = Vault::open(&self.header, self.passphrase.as_bytes(), self.rows.clone())?;
        let device: Option<String> = vault.get(Scope::Device, TABLE, b"name")?;
        let numbers: Vec<(Vec<u8>, u64)> = vault.scan(Scope::Room(ROOM), TABLE, b"")?;
        Ok(json!({ "device": device, "numbers": numbers, "generation": vault.generation() }))
    }
}

/// What a device shows of itself, its rooms and its contacts.
pub fn shown(client: &Client) -> Value {
    let profile = client.profile().expect("joined");
    let rooms = client.rooms().expect("reads");
    let rooms = rooms.iter().map(|room| {
        let lines = client
            .timeline_after(room.room, 0, usize::MAX)
            .expect("reads");
        let texts = lines.iter().filter_map(|line| match &line.body {
            Body::Text { body, .. } => Some(body.clone()),
            _ => None,
        });
        json!({
            "title": room.title,
            "members": room.members,
            "cursor": room.cursor,
            "epoch": room.epoch,
            "lines": lines.len(),
            "texts": texts.collect::<Vec<String>>(),
        })
    });
    let contacts = client.contacts().expect("reads");
    let invitations = client.invitations().expect("reads");
    json!({
        "name": profile.name,
        "role": profile.role.as_str_name(),
        "holds_root": profile.holds_root,
        "rooms": rooms.collect::<Vec<Value>>(),
        "contacts": contacts.iter().map(|contact| contact.name.clone()).collect::<Vec<String>>(),
        "invitations": invitations.iter().map(|invitation| invitation.label.clone()).collect::<Vec<String>>(),
    })
}

/// An office and a client after a short exchange: the admin's device and the client's.
fn devices() -> Vec<(String, Value)> {
    let mut world = World::new(1);
    let anna = world.set_up("Anna");
    let bo = world.join_staff(anna, "Bo");
    let room = world.create_room(anna, "Team", &[bo]);
    world.say(anna, room, "hallo");
    world.settle();
    let message = world.message(anna, room, "hallo").expect("said");
    world.say_kind(
        bo,
        room,
        &Kind::Reaction {
            target: message,
            emoji: "👍".into(),
        },
    );
    world.settle();
    world.invite_guest(anna, None, "Frau K.");
    world.settle();
    let link = world.link(anna, "Frau K.").expect("ready");
    let guest = world.join("Frau K.", &link);
    let case = world.devices[guest].client.first_room();
    let case = case.expect("reads").expect("is in the room");
    world.say(guest, case, "Guten Tag");
    world.settle();
    world.say(anna, case, "Willkommen");
    world.offline(anna);
    [("admin", anna), ("guest", guest)]
        .map(|(name, at)| {
            let device = &world.devices[at];
            let (header, rows) = device.disk.contents();
            (name.to_owned(), file(header, rows, &shown(&device.client)))
        })
        .into()
}

/// A vault with three rows, at the cost real passphrases have.
fn bare() -> Value {
    let mut rng = StepRng::new(Entropy([7; 32]));
    let cost = PassphraseCost::STANDARD;
    let mut vault = Vault::create(PASSPHRASE.as_bytes(), cost, &mut rng).expect("made");
    vault
        .put(Scope::Device, TABLE, b"name", "Anna")
        .expect("put");
    for number in 1..=2_u64 {
        vault
            .put(Scope::Room(ROOM), TABLE, &number.to_be_bytes(), &number)
            .expect("put");
    }
    let batch = vault.commit(&mut rng).expect("sealed");
    let header = batch.header.expect("new");
    let stored = Stored {
        passphrase: PASSPHRASE.into(),
        header: header.clone(),
        rows: batch.puts.clone(),
        shows: Value::Null,
    };
    let shows = stored.open_bare().expect("opens");
    file(&header, batch.puts, &shows)
}

fn file(header: &[u8], rows: impl IntoIterator<Item = SealedRow>, shows: &Value) -> Value {
    let rows = rows.into_iter().map(|row| {
        json!([
            BASE64.encode(&row.id),
            BASE64.encode(&row.scope),
            row.version,
            BASE64.encode(&row.sealed),
        ])
    });
    json!({
        "passphrase": PASSPHRASE,
        "shows": shows,
        "header": BASE64.encode(header),
        "rows": rows.collect::<Vec<Value>>(),
    })
}

fn row(value: &Value) -> Result<SealedRow, String> {
    let short = |_| "a row's id has another length".to_owned();
    Ok(SealedRow {
        id: bytes(&value[0])?[..].try_into().map_err(short)?,
        scope: bytes(&value[1])?[..].try_into().map_err(short)?,
        version: value[2].as_u64().ok_or("a row without a version")?,
        sealed: bytes(&value[3])?,
    })
}

fn bytes(value: &Value) -> Result<Vec<u8>, String> {
    let text = value.as_str().ok_or("no text")?;
    let bytes = BASE64.decode(text.as_bytes());
    bytes.map_err(|error| error.to_string())
}

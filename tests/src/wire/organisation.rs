//! An organisation's root key and staff with keys, as far as the relay asks for them.

use std::net::SocketAddr;

use ed25519_dalek::SigningKey;
use siegel_proto::account::{Authenticate, Challenge, Enrol};
use siegel_proto::certificate::{Certificate, CertificateBody, PersonRole, Subject};
use siegel_proto::frame::{Reply, Request};
use siegel_proto::ids::{DeviceId, OrganisationId, PersonId, RoomId, SeatHash};
use siegel_proto::organisation::{Policy, SetUp, SetUpToken, Signed};
use siegel_proto::room::{CreateRoom, RoomKind};
use siegel_proto::seat::{SeatClass, SeatToken};
use siegel_proto::signing;

use super::connection::unexpected;
use super::{Connection, Error};

/// An organisation's root key.
pub struct Organisation {
    root: SigningKey,
}

impl Default for Organisation {
    /// The same in every run.
    fn default() -> Self {
        Self {
            root: key(b"root", 0),
        }
    }
}

impl Organisation {
    /// Sets a new relay up.
    ///
    /// # Errors
    /// As [`Connection::ask`].
    pub async fn set_up(&self, address: SocketAddr, token: SetUpToken) -> Result<(), Error> {
        let mut connection = Connection::open(address).await?;
        self.set_up_on(&mut connection, token).await
    }

    /// The same on a connection that is there.
    ///
    /// # Errors
    /// As [`Connection::ask`].
    pub async fn set_up_on(
        &self,
        connection: &mut Connection,
        token: SetUpToken,
    ) -> Result<(), Error> {
        let set_up = SetUp {
            token,
            root: signing::public_key(&self.root),
            policy: Signed::issue(&self.root, Policy::default()),
        };
        connection.done(Request::SetUp(set_up)).await
    }

    /// The staff member with this number.
    pub fn staff(&self, number: u32) -> Staff<'_> {
        Staff {
            organisation: self,
            number,
        }
    }
}

/// A staff member with one device.
pub struct Staff<'a> {
    organisation: &'a Organisation,
    number: u32,
}

impl Staff<'_> {
    /// Enrols the device; the connection has a staff session then.
    ///
    /// # Errors
    /// As [`Connection::ask`].
    pub async fn enrol(&self, connection: &mut Connection) -> Result<(), Error> {
        let enrol = Request::Enrol(self.enrolment(connection.challenge()));
        open_session(connection, enrol).await
    }

    /// Opens a staff session with the device enrolled before.
    ///
    /// # Errors
    /// As [`Connection::ask`].
    pub async fn authenticate(&self, connection: &mut Connection) -> Result<(), Error> {
        let authenticate = Request::Authenticate(Authenticate {
            device: self.device(),
            answer: connection.challenge().answer(&self.auth(), self.device()),
        });
        open_session(connection, authenticate).await
    }

    fn enrolment(&self, challenge: &Challenge) -> Enrol {
        let root = &self.organisation.root;
        let (temporary, identity) = (key(b"temp", self.number), key(b"iden", self.number));
        let certify = |issuer: &SigningKey, key: &SigningKey, subject| {
            let body = CertificateBody {
                organisation: OrganisationId::of(&signing::public_key(root)),
                person: PersonId::new(id(b"pers", self.number)),
                role: PersonRole::Staff,
                public_key: signing::public_key(key),
                subject,
            };
            Certificate::issue(issuer, body)
        };
        let device = Subject::Device {
            device: self.device(),
            auth_key: Some(signing::public_key(&self.auth())),
        };
        Enrol {
            chain: vec![
                certify(root, &temporary, Subject::Enrolment { not_after: 0 }),
                certify(&temporary, &identity, Subject::Identity),
                certify(&identity, &key(b"leaf", self.number), device),
            ],
            answer: challenge.answer(&self.auth(), self.device()),
        }
    }

    fn device(&self) -> DeviceId {
        DeviceId::new(id(b"devi", self.number))
    }

    fn auth(&self) -> SigningKey {
        key(b"auth", self.number)
    }
}

async fn open_session(connection: &mut Connection, request: Request) -> Result<(), Error> {
    match connection.ask(request).await? {
        Reply::Authenticated { .. } => Ok(()),
        other => Err(unexpected("a session", &other)),
    }
}

/// The room with this number.
pub fn room(number: u32) -> RoomId {
    RoomId::new(id(b"room", number))
}

/// The token of a seat.
pub fn token(number: u32) -> SeatToken {
    SeatToken::new(bytes(b"seat", number))
}

/// What the relay keeps of a seat that needs a staff session.
pub fn staff_seat(room: RoomId, number: u32) -> SeatHash {
    token(number).key(SeatClass::Staff).hash(room)
}

/// What the relay keeps of a seat that needs none.
pub fn open_seat(room: RoomId, number: u32) -> SeatHash {
    token(number).key(SeatClass::Open).hash(room)
}

/// Makes a room with these seats.
pub fn create_room(room: RoomId, seats: Vec<SeatHash>) -> Request {
    Request::CreateRoom(CreateRoom {
        room,
        kind: RoomKind::Room,
        seats,
        after: 0,
    })
}

fn key(purpose: &[u8; 4], number: u32) -> SigningKey {
    SigningKey::from_bytes(&bytes(purpose, number))
}

fn id(purpose: &[u8; 4], number: u32) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&bytes(purpose, number)[..16]);
    id
}

fn bytes(purpose: &[u8; 4], number: u32) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(purpose);
    bytes[4..8].copy_from_slice(&number.to_be_bytes());
    bytes
}

//! Frames: everything that travels on a device's WebSocket, checked.

use bytes::Bytes;
use prost::Message as _;

use crate::account::{Authenticate, Challenge, Enrol};
use crate::blob::CreateBlob;
use crate::capsule::{CreateCapsule, WithdrawCapsule};
use crate::directory::{Directory, PutDirectoryEntry};
use crate::error::{ErrorCode, Malformed, Refusal};
use crate::ids::{Generation, OrganisationId, RoomId};
use crate::key_package::{ClaimKeyPackages, ClaimedKeyPackage, PublishKeyPackages};
use crate::organisation::{Policy, Revocation, SetUp, Signed};
use crate::room::{
    Ack, Append, AppendInbox, Appended, Attach, Attached, CreateRoom, Deliver, VoidCommit,
};
use crate::wire::{self, client_frame::Body as ClientBody, server_frame::Body as ServerBody};
use crate::{limits, version};

/// The number by which an answer finds its request; 0 for notices and pushes.
pub type RequestNumber = u64;

/// What a client may say.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each variant holds the type that documents it")]
pub enum Request {
    Hello(Hello),
    SetUp(SetUp),
    GetPolicy,
    PutPolicy(Signed<Policy>),
    PutRevocation(Signed<Revocation>),
    /// Only revocations with a higher number.
    ListRevocations {
        after: u64,
    },
    Enrol(Enrol),
    Authenticate(Authenticate),
    PutDirectoryEntry(PutDirectoryEntry),
    /// Only what was written after this change.
    ListDirectory {
        after: u64,
    },
    PublishKeyPackages(PublishKeyPackages),
    ClaimKeyPackages(ClaimKeyPackages),
    CountKeyPackages,
    CreateRoom(CreateRoom),
    Attach(Attach),
    Detach(RoomId),
    Append(Append),
    Ack(Ack),
    VoidCommit(VoidCommit),
    AppendInbox(AppendInbox),
    CreateCapsule(CreateCapsule),
    WithdrawCapsule(WithdrawCapsule),
    CreateBlob(CreateBlob),
}

/// The range of versions a client speaks, inclusive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hello {
    /// The oldest.
    pub min_version: u32,
    /// The newest.
    pub max_version: u32,
}

impl Default for Hello {
    /// What this build speaks.
    fn default() -> Self {
        Self {
            min_version: version::OLDEST,
            max_version: version::NEWEST,
        }
    }
}

/// The relay's first words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HelloReply {
    /// Governs the connection.
    pub version: u32,
    /// To be signed to open a staff session.
    pub challenge: Challenge,
    /// Changes when the relay was restored from a backup.
    pub generation: Generation,
    /// The relay's clock, seconds since 1970.
    pub relay_time: i64,
    /// The organisation, once it is set up.
    pub organisation: Option<OrganisationId>,
}

/// What the relay may say.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each variant holds the type that documents it")]
pub enum Reply {
    Refused(Refusal),
    Hello(HelloReply),
    Done,
    Policy(Signed<Policy>),
    Revocations(Vec<Signed<Revocation>>),
    /// A staff session is open; so many one-time key packages are left.
    Authenticated {
        key_packages: u32,
    },
    Directory(Directory),
    ClaimedKeyPackages(Vec<ClaimedKeyPackage>),
    KeyPackageCount(u32),
    Attached(Attached),
    Appended(Appended),
    Deliver(Deliver),
    Detached(RoomId),
}

/// Parses a client's frame.
///
/// # Errors
/// The number of the request, as far as it could be read, and what to answer.
pub fn parse_request(frame: Bytes) -> Result<(RequestNumber, Request), (RequestNumber, Refusal)> {
    if frame.len() > limits::FRAME_BYTES {
        return Err((0, Refusal::new(ErrorCode::TooLarge)));
    }
    let frame =
        wire::ClientFrame::decode(frame).map_err(|_| (0, Refusal::new(ErrorCode::Malformed)))?;
    let number = frame.request;
    let body = frame
        .body
        .ok_or((number, Refusal::new(ErrorCode::Malformed)))?;
    match request(body) {
        Ok(request) => Ok((number, request)),
        Err(refusal) => Err((number, refusal)),
    }
}

fn request(body: ClientBody) -> Result<Request, Refusal> {
    Ok(match body {
        ClientBody::Hello(hello) => Request::Hello(Hello {
            min_version: hello.min_version,
            max_version: hello.max_version,
        }),
        ClientBody::SetUp(wire) => Request::SetUp(wire.try_into()?),
        ClientBody::GetPolicy(_) => Request::GetPolicy,
        ClientBody::PutPolicy(wire) => {
            Request::PutPolicy(wire.policy.ok_or(Malformed("policy"))?.try_into()?)
        }
        ClientBody::PutRevocation(wire) => {
            Request::PutRevocation(wire.revocation.ok_or(Malformed("revocation"))?.try_into()?)
        }
        ClientBody::ListRevocations(wire) => Request::ListRevocations { after: wire.after },
        ClientBody::Enrol(wire) => Request::Enrol(wire.try_into()?),
        ClientBody::Authenticate(wire) => Request::Authenticate(wire.try_into()?),
        ClientBody::PutDirectoryEntry(wire) => Request::PutDirectoryEntry(wire.try_into()?),
        ClientBody::ListDirectory(wire) => Request::ListDirectory { after: wire.after },
        ClientBody::PublishKeyPackages(wire) => Request::PublishKeyPackages(wire.try_into()?),
        ClientBody::ClaimKeyPackages(wire) => Request::ClaimKeyPackages(wire.try_into()?),
        ClientBody::CountKeyPackages(_) => Request::CountKeyPackages,
        ClientBody::CreateRoom(wire) => Request::CreateRoom(wire.try_into()?),
        ClientBody::Attach(wire) => Request::Attach(wire.try_into()?),
        ClientBody::Detach(wire) => Request::Detach(RoomId::from_slice(&wire.room_id)?),
        ClientBody::Append(wire) => Request::Append(wire.try_into()?),
        ClientBody::Ack(wire) => Request::Ack(wire.try_into()?),
        ClientBody::VoidCommit(wire) => Request::VoidCommit(wire.try_into()?),
        ClientBody::AppendInbox(wire) => Request::AppendInbox(wire.try_into()?),
        ClientBody::CreateCapsule(wire) => Request::CreateCapsule(wire.try_into()?),
        ClientBody::WithdrawCapsule(wire) => Request::WithdrawCapsule(wire.try_into()?),
        ClientBody::CreateBlob(wire) => Request::CreateBlob(wire.try_into()?),
    })
}

/// Encodes a client's frame.
pub fn encode_request(number: RequestNumber, request: Request) -> Vec<u8> {
    let body = match request {
        Request::Hello(hello) => ClientBody::Hello(wire::Hello {
            min_version: hello.min_version,
            max_version: hello.max_version,
        }),
        Request::SetUp(set_up) => ClientBody::SetUp((&set_up).into()),
        Request::GetPolicy => ClientBody::GetPolicy(wire::GetPolicy {}),
        Request::PutPolicy(policy) => ClientBody::PutPolicy(wire::PutPolicy {
            policy: Some((&policy).into()),
        }),
        Request::PutRevocation(revocation) => ClientBody::PutRevocation(wire::PutRevocation {
            revocation: Some((&revocation).into()),
        }),
        Request::ListRevocations { after } => {
            ClientBody::ListRevocations(wire::ListRevocations { after })
        }
        Request::Enrol(enrol) => ClientBody::Enrol((&enrol).into()),
        Request::Authenticate(authenticate) => ClientBody::Authenticate((&authenticate).into()),
        Request::PutDirectoryEntry(entry) => ClientBody::PutDirectoryEntry(entry.into()),
        Request::ListDirectory { after } => {
            ClientBody::ListDirectory(wire::ListDirectory { after })
        }
        Request::PublishKeyPackages(publish) => ClientBody::PublishKeyPackages(publish.into()),
        Request::ClaimKeyPackages(claim) => ClientBody::ClaimKeyPackages(wire::ClaimKeyPackages {
            account_id: claim.person.to_wire(),
        }),
        Request::CountKeyPackages => ClientBody::CountKeyPackages(wire::CountKeyPackages {}),
        Request::CreateRoom(create) => ClientBody::CreateRoom(create.into()),
        Request::Attach(attach) => ClientBody::Attach((&attach).into()),
        Request::Detach(room) => ClientBody::Detach(wire::Detach {
            room_id: room.to_wire(),
        }),
        Request::Append(append) => ClientBody::Append(append.into()),
        Request::Ack(ack) => ClientBody::Ack(ack.into()),
        Request::VoidCommit(void) => ClientBody::VoidCommit(void.into()),
        Request::AppendInbox(append) => ClientBody::AppendInbox(append.into()),
        Request::CreateCapsule(create) => ClientBody::CreateCapsule(create.into()),
        Request::WithdrawCapsule(withdraw) => ClientBody::WithdrawCapsule(withdraw.into()),
        Request::CreateBlob(create) => ClientBody::CreateBlob(create.into()),
    };
    wire::ClientFrame {
        request: number,
        body: Some(body),
    }
    .encode_to_vec()
}

/// Parses a relay's frame.
///
/// # Errors
/// [`Malformed`] if the relay does not keep to the protocol: reconnect, and tell the person
/// if it happens again.
pub fn parse_reply(frame: Bytes) -> Result<(RequestNumber, Reply), Malformed> {
    if frame.len() > limits::FRAME_BYTES {
        return Err(Malformed("frame"));
    }
    let frame = wire::ServerFrame::decode(frame).map_err(|_| Malformed("frame"))?;
    let reply = match frame.body.ok_or(Malformed("frame"))? {
        ServerBody::Error(error) => Reply::Refused(error.into()),
        ServerBody::Hello(hello) => Reply::Hello(hello.try_into()?),
        ServerBody::Done(_) => Reply::Done,
        ServerBody::Policy(policy) => Reply::Policy(policy.try_into()?),
        ServerBody::Revocations(wire) => Reply::Revocations(each(wire.revocations)?),
        ServerBody::Authenticated(wire) => Reply::Authenticated {
            key_packages: wire.key_packages,
        },
        ServerBody::Directory(wire) => Reply::Directory(Directory {
            entries: each(wire.entries)?,
            up_to: wire.up_to,
            more: wire.more,
        }),
        ServerBody::ClaimedKeyPackages(wire) => Reply::ClaimedKeyPackages(each(wire.key_packages)?),
        ServerBody::KeyPackageCount(wire) => Reply::KeyPackageCount(wire.count),
        ServerBody::Attached(wire) => Reply::Attached(wire.try_into()?),
        ServerBody::Appended(wire) => Reply::Appended(wire.try_into()?),
        ServerBody::Deliver(wire) => Reply::Deliver(wire.try_into()?),
        ServerBody::Detached(wire) => Reply::Detached(RoomId::from_slice(&wire.room_id)?),
    };
    Ok((frame.request, reply))
}

fn each<W, T: TryFrom<W, Error = Malformed>>(wire: Vec<W>) -> Result<Vec<T>, Malformed> {
    wire.into_iter().map(T::try_from).collect()
}

/// Encodes a relay's frame.
pub fn encode_reply(number: RequestNumber, reply: Reply) -> Bytes {
    let body = match reply {
        Reply::Refused(refusal) => ServerBody::Error(refusal.into()),
        Reply::Hello(hello) => ServerBody::Hello(hello.into()),
        Reply::Done => ServerBody::Done(wire::Done {}),
        Reply::Policy(policy) => ServerBody::Policy((&policy).into()),
        Reply::Revocations(revocations) => ServerBody::Revocations(wire::Revocations {
            revocations: revocations.iter().map(Into::into).collect(),
        }),
        Reply::Authenticated { key_packages } => {
            ServerBody::Authenticated(wire::Authenticated { key_packages })
        }
        Reply::Directory(directory) => ServerBody::Directory(wire::Directory {
            entries: directory.entries.into_iter().map(Into::into).collect(),
            up_to: directory.up_to,
            more: directory.more,
        }),
        Reply::ClaimedKeyPackages(claimed) => {
            ServerBody::ClaimedKeyPackages(wire::ClaimedKeyPackages {
                key_packages: claimed.into_iter().map(Into::into).collect(),
            })
        }
        Reply::KeyPackageCount(count) => {
            ServerBody::KeyPackageCount(wire::KeyPackageCount { count })
        }
        Reply::Attached(attached) => ServerBody::Attached(attached.into()),
        Reply::Appended(appended) => ServerBody::Appended(appended.into()),
        Reply::Deliver(deliver) => ServerBody::Deliver(deliver.into()),
        Reply::Detached(room) => ServerBody::Detached(wire::Detached {
            room_id: room.to_wire(),
        }),
    };
    wire::ServerFrame {
        request: number,
        body: Some(body),
    }
    .encode_to_vec()
    .into()
}

impl TryFrom<wire::HelloReply> for HelloReply {
    type Error = Malformed;

    fn try_from(wire: wire::HelloReply) -> Result<Self, Malformed> {
        let organisation = match wire.organisation.is_empty() {
            true => None,
            false => Some(OrganisationId::from_slice(&wire.organisation)?),
        };
        Ok(Self {
            version: wire.version,
            challenge: Challenge::from_slice(&wire.challenge)?,
            generation: Generation::from_slice(&wire.generation)?,
            relay_time: wire.relay_time,
            organisation,
        })
    }
}

impl From<HelloReply> for wire::HelloReply {
    fn from(hello: HelloReply) -> Self {
        Self {
            version: hello.version,
            challenge: hello.challenge.to_wire(),
            generation: hello.generation.to_wire(),
            relay_time: hello.relay_time,
            organisation: hello
                .organisation
                .map(OrganisationId::to_wire)
                .unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_the_number_of_its_request() {
        let frame = wire::ClientFrame {
            request: 7,
            body: Some(ClientBody::Detach(wire::Detach {
                room_id: Bytes::from_static(b"short"),
            })),
        };
        let (number, refusal) = parse_request(frame.encode_to_vec().into()).expect_err("refused");
        assert_eq!((number, refusal.code), (7, ErrorCode::Malformed));
    }

    #[test]
    fn a_frame_above_the_limit_is_not_parsed() {
        let (_, refusal) =
            parse_request(vec![0; limits::FRAME_BYTES + 1].into()).expect_err("refused");
        assert_eq!(refusal.code, ErrorCode::TooLarge);
        assert!(parse_reply(vec![0; limits::FRAME_BYTES + 1].into()).is_err());
    }
}

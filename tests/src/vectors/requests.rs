//! What clients send: every kind of frame, and the bodies of HTTP requests.

use siegel_proto::account::{Authenticate, Enrol};
use siegel_proto::blob::CreateBlob;
use siegel_proto::capsule::{ClaimCapsule, ConfirmCapsule, CreateCapsule, WithdrawCapsule};
use siegel_proto::directory::PutDirectoryEntry;
use siegel_proto::frame::{Hello, Request, encode_request, parse_request};
use siegel_proto::key_package::{ClaimKeyPackages, KeyPackage, PublishKeyPackages};
use siegel_proto::organisation::{Policy, Revocation, Revoked, SetUp, SetUpToken, Signed};
use siegel_proto::room::{
    Ack, Append, AppendInbox, AppendKind, Attach, CommitEffects, CreateRoom, InboxWelcome,
    RoomKind, SeatChanges, VoidCommit,
};
use siegel_proto::seat::SeatToken;
use siegel_proto::{signing, wire};

use super::samples::*;
use super::wire::Case;

const NUMBER: u64 = 7;

pub fn all() -> Vec<Case> {
    let frames = [
        (
            "hello",
            Request::Hello(Hello {
                min_version: 1,
                max_version: 3,
            }),
        ),
        ("set_up", set_up()),
        ("get_policy", Request::GetPolicy),
        ("put_policy", Request::PutPolicy(policy())),
        ("put_revocation", Request::PutRevocation(revocation())),
        ("list_revocations", Request::ListRevocations { after: 2 }),
        ("enrol", enrol()),
        ("authenticate", authenticate()),
        ("put_directory_entry", put_directory_entry()),
        ("list_directory", Request::ListDirectory { after: 7 }),
        ("publish_key_packages", publish_key_packages()),
        (
            "claim_key_packages",
            Request::ClaimKeyPackages(ClaimKeyPackages { person: STAFF }),
        ),
        ("count_key_packages", Request::CountKeyPackages),
        ("create_room", create_room(RoomKind::Room)),
        ("create_inbox", create_room(RoomKind::Inbox)),
        ("create_room_again", create_room_again()),
        ("attach", attach()),
        ("detach", Request::Detach(ROOM)),
        ("append_message", append(AppendKind::Message)),
        ("append_commit", append(AppendKind::Commit(delta()))),
        ("append_refusal", append(AppendKind::Refusal)),
        ("append_reset", append(reset(0, 0))),
        ("append_reset_from", append(reset(2, 16_400))),
        ("void_commit", void_commit()),
        ("append_inbox", append_inbox()),
        ("create_capsule", create_capsule()),
        ("withdraw_capsule", withdraw_capsule()),
        ("create_blob", create_blob()),
    ];
    let mut cases: Vec<Case> = frames
        .into_iter()
        .map(|(name, request)| frame(name, NUMBER, request))
        .collect();
    cases.push(frame(
        "ack",
        0,
        Request::Ack(Ack {
            room: ROOM,
            up_to: 12,
        }),
    ));
    cases.push(Case::wired(
        "http/claim_capsule",
        "ClaimCapsule",
        ClaimCapsule {
            token: token(),
            claimant: token(),
        },
        |claim| wire::ClaimCapsule::from(claim),
    ));
    cases.push(Case::wired(
        "http/confirm_capsule",
        "ConfirmCapsule",
        ConfirmCapsule { claimant: token() },
        |confirm| wire::ConfirmCapsule::from(confirm),
    ));
    cases
}

fn frame(name: &str, number: u64, request: Request) -> Case {
    let encode = |(number, request): &(u64, Request)| encode_request(*number, request.clone());
    let decode = |bytes: &[u8]| parse_request(bytes.to_vec().into());
    Case::new(
        format!("client_frame/{name}"),
        "ClientFrame",
        (number, request),
        encode,
        decode,
    )
}

pub fn policy() -> Signed<Policy> {
    Signed::issue(&root(), Policy::default())
}

pub fn revocation() -> Signed<Revocation> {
    let revoked = Revoked::Device(DEVICE);
    Signed::issue(&root(), Revocation { number: 3, revoked })
}

fn set_up() -> Request {
    Request::SetUp(SetUp {
        token: SetUpToken::new([0xd0; 32]),
        root: signing::public_key(&root()),
        policy: policy(),
    })
}

fn enrol() -> Request {
    let answer = CHALLENGE.answer(&auth(), DEVICE);
    Request::Enrol(Enrol {
        chain: staff_chain(),
        answer,
    })
}

fn authenticate() -> Request {
    let answer = CHALLENGE.answer(&auth(), DEVICE);
    Request::Authenticate(Authenticate {
        device: DEVICE,
        answer,
    })
}

fn put_directory_entry() -> Request {
    Request::PutDirectoryEntry(PutDirectoryEntry {
        version: 2,
        sealed: padded(),
    })
}

fn publish_key_packages() -> Request {
    let package = |sealed: &'static [u8]| KeyPackage {
        sealed: sealed.into(),
        expires_day: 20_790,
    };
    Request::PublishKeyPackages(PublishKeyPackages {
        key_packages: vec![package(b"one"), package(b"two")],
        last_resort: Some(package(b"last")),
        replace: true,
    })
}

fn create_room(kind: RoomKind) -> Request {
    Request::CreateRoom(CreateRoom {
        room: ROOM,
        kind,
        seats: vec![SEAT],
        after: 0,
    })
}

fn create_room_again() -> Request {
    Request::CreateRoom(CreateRoom {
        room: ROOM,
        kind: RoomKind::Room,
        seats: vec![SEAT],
        after: 16_400,
    })
}

fn reset(from_epoch: u64, after: u64) -> AppendKind {
    AppendKind::Reset {
        effects: exact(),
        from_epoch,
        after,
    }
}

fn attach() -> Request {
    let token = SeatToken::new([0xe0; 32]);
    Request::Attach(Attach { room: ROOM, token })
}

fn append(kind: AppendKind) -> Request {
    Request::Append(Append {
        room: ROOM,
        epoch: 3,
        message: MESSAGE,
        payload: padded(),
        expires_in_days: 90,
        kind,
    })
}

fn delta() -> CommitEffects {
    CommitEffects {
        seats: SeatChanges::Delta {
            add: vec![SEAT],
            remove: vec![OTHER_SEAT],
        },
        replace_own: Some(OTHER_SEAT),
        welcomes: vec![InboxWelcome {
            inbox: INBOX,
            payload: padded(),
        }],
    }
}

fn exact() -> CommitEffects {
    CommitEffects {
        seats: SeatChanges::Exact(vec![SEAT, OTHER_SEAT]),
        ..CommitEffects::default()
    }
}

fn void_commit() -> Request {
    Request::VoidCommit(VoidCommit {
        room: ROOM,
        seq: 9,
        message: MESSAGE,
    })
}

fn append_inbox() -> Request {
    Request::AppendInbox(AppendInbox {
        inbox: INBOX,
        message: MESSAGE,
        payload: padded(),
        expires_in_days: 30,
    })
}

fn create_capsule() -> Request {
    Request::CreateCapsule(CreateCapsule {
        capsule: CAPSULE,
        claim_hash: TOKEN_HASH,
        sealed: padded(),
        expires_in_hours: 72,
    })
}

fn withdraw_capsule() -> Request {
    Request::WithdrawCapsule(WithdrawCapsule {
        capsule: CAPSULE,
        claim_hash: TOKEN_HASH,
    })
}

fn create_blob() -> Request {
    Request::CreateBlob(CreateBlob {
        blob: BLOB,
        size: 4096,
        hash: HASH,
        secret_hash: TOKEN_HASH,
        expires_in_days: 90,
    })
}

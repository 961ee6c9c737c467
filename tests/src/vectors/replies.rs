//! What the relay sends: every kind of frame, every refusal, and the answer over HTTP.

use bytes::Bytes;
use prost::Message as _;
use siegel_proto::directory::{Directory, DirectoryEntry};
use siegel_proto::error::ErrorCode;
use siegel_proto::frame::{HelloReply, Reply, encode_reply, parse_reply};
use siegel_proto::ids::{Generation, OrganisationId};
use siegel_proto::key_package::ClaimedKeyPackage;
use siegel_proto::room::{Appended, Attached, Deliver, EntryKind};
use siegel_proto::{Refusal, signing, wire};

use super::samples::*;
use super::wire::Case;
use super::{describe, requests};

const NUMBER: u64 = 7;

pub fn all() -> Vec<Case> {
    let answers = [
        ("hello", Reply::Hello(hello(true))),
        ("hello_before_set_up", Reply::Hello(hello(false))),
        ("done", Reply::Done),
        ("policy", Reply::Policy(requests::policy())),
        (
            "revocations",
            Reply::Revocations(vec![requests::revocation()]),
        ),
        ("authenticated", Reply::Authenticated { key_packages: 40 }),
        ("directory", Reply::Directory(directory())),
        (
            "claimed_key_packages",
            Reply::ClaimedKeyPackages(vec![claimed()]),
        ),
        ("key_package_count", Reply::KeyPackageCount(9)),
        ("attached", Reply::Attached(attached())),
        ("appended", Reply::Appended(appended())),
    ];
    let answers = answers
        .into_iter()
        .map(|(name, reply)| frame(name, NUMBER, reply));
    let refusals = refusals().into_iter();
    let refusals = refusals.map(|refusal| {
        frame(
            &format!("refused_{}", refusal.code_name()),
            NUMBER,
            Reply::Refused(refusal),
        )
    });
    let pushes = [
        ("deliver_message", EntryKind::Message),
        ("deliver_commit", EntryKind::Commit),
        ("deliver_refusal", EntryKind::Refusal),
        ("deliver_void", EntryKind::Void),
        ("deliver_reset", EntryKind::Reset),
        ("deliver_welcome", EntryKind::Welcome),
    ];
    let pushes = pushes
        .into_iter()
        .map(|(name, kind)| frame(name, 0, Reply::Deliver(deliver(kind))));
    let mut cases: Vec<Case> = answers.chain(refusals).chain(pushes).collect();
    cases.push(frame("deliver_put_back", 0, Reply::Deliver(put_back())));
    cases.push(frame("detached", 0, Reply::Detached(ROOM)));
    cases.push(Case::new(
        "http/claimed_capsule",
        "ClaimedCapsule",
        padded(),
        |sealed| {
            wire::ClaimedCapsule {
                sealed: sealed.clone(),
            }
            .encode_to_vec()
        },
        |bytes| wire::ClaimedCapsule::decode(bytes).map(|claimed| claimed.sealed),
    ));
    cases
}

fn frame(name: &str, number: u64, reply: Reply) -> Case {
    let encode = |(number, reply): &(u64, Reply)| encode_reply(*number, reply.clone()).to_vec();
    let decode = |bytes: &[u8]| parse_reply(bytes.to_vec().into());
    Case::new(
        format!("server_frame/{name}"),
        "ServerFrame",
        (number, reply),
        encode,
        decode,
    )
}

fn hello(set_up: bool) -> HelloReply {
    let organisation = OrganisationId::of(&signing::public_key(&root()));
    HelloReply {
        version: 1,
        challenge: CHALLENGE,
        generation: Generation::new([0xf0; 16]),
        relay_time: TIME,
        organisation: set_up.then_some(organisation),
    }
}

fn directory() -> Directory {
    Directory {
        entries: vec![directory_entry()],
        up_to: 7,
        more: true,
    }
}

fn directory_entry() -> DirectoryEntry {
    DirectoryEntry {
        person: STAFF,
        version: 2,
        sealed: padded(),
    }
}

fn claimed() -> ClaimedKeyPackage {
    ClaimedKeyPackage {
        device: DEVICE,
        sealed: b"sealed".as_slice().into(),
        last_resort: true,
    }
}

fn attached() -> Attached {
    Attached {
        epoch: 3,
        next_seq: 10,
        cursor: 8,
        expired_up_to: 2,
    }
}

fn appended() -> Appended {
    Appended {
        room: ROOM,
        message: MESSAGE,
        seq: 9,
    }
}

fn deliver(kind: EntryKind) -> Deliver {
    Deliver {
        room: ROOM,
        seq: 9,
        kind,
        epoch: 3,
        payload: padded(),
        target: if kind == EntryKind::Void { 8 } else { 0 },
    }
}

fn put_back() -> Deliver {
    Deliver {
        seq: 16_392,
        payload: Bytes::new(),
        target: 8,
        ..deliver(EntryKind::Reset)
    }
}

/// One of each code the sources know, with the value that belongs to some.
fn refusals() -> Vec<Refusal> {
    let codes = describe::Descriptors::default().numbers("ErrorCode");
    let codes = codes
        .into_iter()
        .filter_map(|number| ErrorCode::try_from(number).ok());
    codes
        .map(|code| match code {
            ErrorCode::StaleEpoch | ErrorCode::VersionConflict | ErrorCode::OffsetMismatch => {
                Refusal::with_current(code, 5)
            }
            ErrorCode::RateLimited => Refusal::rate_limited(1_500),
            code => Refusal::new(code),
        })
        .collect()
}

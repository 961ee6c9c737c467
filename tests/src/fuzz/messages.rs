//! The wire: whatever is taken is within limits, and its encoding is read as the same
//! again and written as the same bytes.

use std::collections::BTreeSet;
use std::fmt::Debug;

use bytes::Bytes;
use prost::Message as _;
use siegel_proto::capsule::{ClaimCapsule, ConfirmCapsule};
use siegel_proto::certificate::{self, CertificateBody};
use siegel_proto::content::{Content, Payload};
use siegel_proto::directory::DirectoryEntryBody;
use siegel_proto::frame::{Request, encode_reply, encode_request, parse_reply, parse_request};
use siegel_proto::group::{KeyPackageInfo, LeafInfo, RoomInfo, SealedWelcome};
use siegel_proto::ids::PublicKey;
use siegel_proto::organisation::{Policy, Revocation, RootSigned};
use siegel_proto::{limits, padding, wire};

use super::corpus::vectors;
use super::{Harness, Target};
use crate::vectors::root_key;

pub fn targets() -> Vec<Target> {
    vec![
        Target::new("client_frame", 2_500, client_frame),
        Target::new("server_frame", 2_500, server_frame),
        Target::new("http_claim", 2_000, || body("ClaimCapsule", claim)),
        Target::new("http_confirm", 2_000, || body("ConfirmCapsule", confirm)),
        Target::new("content", 4_000, content),
        Target::new("payload", 3_000, payload),
        Target::new("padding", 3_000, unpadded),
        Target::new("certificate_body", 3_000, || {
            body("CertificateBody", certificate_body)
        }),
        Target::new("certificate_chain", 1_000, certificate_chain),
        Target::new("directory_entry", 3_000, || {
            body("DirectoryEntryBody", directory_entry)
        }),
        Target::new("policy", 2_000, || {
            body("PolicyBody", signed_body::<Policy>)
        }),
        Target::new("revocation", 2_000, || {
            body("RevocationBody", signed_body::<Revocation>)
        }),
        Target::new("leaf_info", 2_000, || body("LeafInfo", leaf_info)),
        Target::new("key_package_info", 2_000, || {
            body("KeyPackageInfo", key_package_info)
        }),
        Target::new("room_info", 3_000, || body("RoomInfo", room_info)),
        Target::new("sealed_welcome", 2_000, || {
            body("SealedWelcome", sealed_welcome)
        }),
    ]
}

/// Reads, writes and reads again: the second reading is the first, the second writing too.
fn canonical<T: PartialEq + Debug, E>(
    input: &[u8],
    read: impl Fn(&[u8]) -> Result<T, E>,
    write: impl Fn(&T) -> Vec<u8>,
) -> Option<T> {
    let value = read(input).ok()?;
    let written = write(&value);
    match read(&written) {
        Ok(again) => {
            assert_eq!(again, value, "its encoding says something else");
            assert_eq!(write(&again), written, "it has two encodings");
        }
        Err(_) => panic!("its own encoding is refused: {value:?}"),
    }
    Some(value)
}

fn body(message: &'static str, read: fn(&[u8]) -> bool) -> Harness {
    Harness {
        corpus: vectors(message),
        read: Box::new(read),
    }
}

fn client_frame() -> Harness {
    let corpus = vectors("ClientFrame");
    let signed: BTreeSet<Bytes> = corpus.iter().filter_map(|frame| signed_in(frame)).collect();
    let read = move |input: &[u8]| {
        let parse = |input: &[u8]| parse_request(input.to_vec().into());
        let write = |(number, request): &(u64, Request)| encode_request(*number, request.clone());
        let Some((_, request)) = canonical(input, parse, write) else {
            return false;
        };
        assert!(input.len() <= limits::FRAME_BYTES);
        if let Some(body) = verified(&request) {
            assert!(signed.contains(&body), "the root never signed {request:?}");
        }
        true
    };
    Harness {
        corpus,
        read: Box::new(read),
    }
}

fn signed_in(frame: &[u8]) -> Option<Bytes> {
    let (_, request) = parse_request(frame.to_vec().into()).ok()?;
    verified(&request)
}

/// The body of a policy or revocation in a request, if the root's signature holds.
fn verified(request: &Request) -> Option<Bytes> {
    let root: PublicKey = root_key();
    match request {
        Request::PutPolicy(policy) => policy.verify(&root).ok().map(|_| policy.body().clone()),
        Request::SetUp(set_up) => {
            let policy = &set_up.policy;
            policy.verify(&root).ok().map(|_| policy.body().clone())
        }
        Request::PutRevocation(revocation) => revocation
            .verify(&root)
            .ok()
            .map(|_| revocation.body().clone()),
        _ => None,
    }
}

fn server_frame() -> Harness {
    body("ServerFrame", |input| {
        let parse = |input: &[u8]| parse_reply(input.to_vec().into());
        let write =
            |(number, reply): &(u64, _)| encode_reply(*number, Clone::clone(reply)).to_vec();
        canonical(input, parse, write).is_some()
    })
}

fn claim(input: &[u8]) -> bool {
    let read = |input: &[u8]| {
        let wire = wire::ClaimCapsule::decode(input).map_err(drop)?;
        ClaimCapsule::try_from(wire).map_err(drop)
    };
    canonical(input, read, |claim| {
        wire::ClaimCapsule::from(claim).encode_to_vec()
    })
    .is_some()
}

fn confirm(input: &[u8]) -> bool {
    let read = |input: &[u8]| {
        let wire = wire::ConfirmCapsule::decode(input).map_err(drop)?;
        ConfirmCapsule::try_from(wire).map_err(drop)
    };
    canonical(input, read, |confirm| {
        wire::ConfirmCapsule::from(confirm).encode_to_vec()
    })
    .is_some()
}

fn content() -> Harness {
    // Without the filling, which is not looked at: a change there would change nothing.
    let counted = |bytes: Vec<u8>| {
        let length = u32::try_from(bytes.len()).expect("small").to_be_bytes();
        [&length, &bytes[..]].concat()
    };
    let read = |input: &[u8]| {
        let write = |content: &Content| content.encode_padded(0).expect("within limits fits");
        let Some(content) = canonical(input, Content::decode_padded, write) else {
            return false;
        };
        assert_eq!(content.kind.check(), Ok(()));
        true
    };
    Harness {
        corpus: vectors("Content").into_iter().map(counted).collect(),
        read: Box::new(read),
    }
}

fn payload() -> Harness {
    let padded = |bytes: Vec<u8>| padding::pad(&bytes).expect("small");
    let read = |input: &[u8]| {
        let read =
            |input: &[u8]| Payload::decode(input).map(|payload| (payload.mls, payload.welcome));
        let write = |(mls, welcome): &(Bytes, Bytes)| {
            let payload = Payload {
                mls: mls.clone(),
                welcome: welcome.clone(),
            };
            payload.encode().expect("what fitted fits")
        };
        canonical(input, read, write).is_some()
    };
    Harness {
        corpus: vectors("Payload").into_iter().map(padded).collect(),
        read: Box::new(read),
    }
}

/// There is one padded form of everything: nothing can be hidden in it.
fn unpadded() -> Harness {
    let lengths = [0, 1, 251, 252, 253, 380, 1_000];
    let read = |input: &[u8]| match padding::unpad(input) {
        Ok(bytes) => {
            assert_eq!(padding::pad(bytes).as_deref(), Some(input));
            true
        }
        Err(_) => false,
    };
    Harness {
        corpus: lengths
            .map(|length| padding::pad(&vec![7; length]).expect("small"))
            .into(),
        read: Box::new(read),
    }
}

fn certificate_body(input: &[u8]) -> bool {
    let read = |input: &[u8]| {
        let wire = wire::CertificateBody::decode(input).map_err(drop)?;
        CertificateBody::try_from(wire).map_err(drop)
    };
    canonical(input, read, |body| {
        wire::CertificateBody::from(body).encode_to_vec()
    })
    .is_some()
}

/// Only certificates that were really issued hold, in whatever order they come.
fn certificate_chain() -> Harness {
    let corpus = vectors("CertificateChain");
    let chains = corpus.iter().map(|chain| certificate::decode_chain(chain));
    let issued: Vec<_> = chains.flat_map(|chain| chain.expect("a vector")).collect();
    let read = move |input: &[u8]| {
        let write = |chain: &Vec<_>| certificate::encode_chain(chain);
        let Some(chain) = canonical(input, certificate::decode_chain, write) else {
            return false;
        };
        assert!(chain.len() <= limits::CHAIN_CERTIFICATES);
        if certificate::verify_chain(&root_key(), &chain).is_ok() {
            assert!(
                chain.iter().all(|one| issued.contains(one)),
                "forged: {chain:?}"
            );
        }
        true
    };
    Harness {
        corpus,
        read: Box::new(read),
    }
}

fn directory_entry(input: &[u8]) -> bool {
    canonical(
        input,
        DirectoryEntryBody::decode,
        DirectoryEntryBody::encode,
    )
    .is_some()
}

fn signed_body<T: RootSigned + PartialEq + Debug>(input: &[u8]) -> bool {
    canonical(input, T::decode_body, T::encode_body).is_some()
}

fn leaf_info(input: &[u8]) -> bool {
    canonical(input, LeafInfo::decode, LeafInfo::encode).is_some()
}

fn key_package_info(input: &[u8]) -> bool {
    canonical(input, KeyPackageInfo::decode, KeyPackageInfo::encode).is_some()
}

fn room_info(input: &[u8]) -> bool {
    canonical(input, RoomInfo::decode, RoomInfo::encode).is_some()
}

fn sealed_welcome(input: &[u8]) -> bool {
    canonical(input, SealedWelcome::decode, SealedWelcome::encode).is_some()
}

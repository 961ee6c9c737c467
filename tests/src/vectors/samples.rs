//! The ids, keys and certificates the examples are made of.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use siegel_proto::account::Challenge;
use siegel_proto::capsule::BearerToken;
use siegel_proto::certificate::{Certificate, CertificateBody, PersonRole, Subject};
use siegel_proto::ids::{
    BlobId, CapsuleId, ContentHash, DeviceId, MessageId, OrganisationId, PersonId, RoomId,
    SeatHash, TokenHash,
};
use siegel_proto::signing;

pub const ROOM: RoomId = RoomId::new([0x10; 16]);
pub const INBOX: RoomId = RoomId::new([0x11; 16]);
pub const STAFF: PersonId = PersonId::new([0x20; 16]);
pub const GUEST: PersonId = PersonId::new([0x21; 16]);
pub const DEVICE: DeviceId = DeviceId::new([0x30; 16]);
pub const MESSAGE: MessageId = MessageId::new([0x40; 16]);
pub const OTHER_MESSAGE: MessageId = MessageId::new([0x41; 16]);
pub const CAPSULE: CapsuleId = CapsuleId::new([0x50; 16]);
pub const BLOB: BlobId = BlobId::new([0x60; 16]);
pub const HASH: ContentHash = ContentHash::new([0x70; 32]);
pub const TOKEN_HASH: TokenHash = TokenHash::new([0x80; 32]);
pub const SEAT: SeatHash = SeatHash::new([0x90; 32]);
pub const OTHER_SEAT: SeatHash = SeatHash::new([0x91; 32]);
pub const CHALLENGE: Challenge = Challenge::new([0xa0; 32]);
/// 21 November 2026.
pub const TIME: i64 = 1_795_219_200;

pub fn token() -> BearerToken {
    BearerToken::new([0xb0; 32])
}

/// Bytes of a bucket's length.
pub fn padded() -> Bytes {
    Bytes::from(vec![0xc0; 256])
}

/// The root of every example's organisation.
pub fn root() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

pub fn identity() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

pub fn auth() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

/// From the root to a colleague's device.
pub fn staff_chain() -> Vec<Certificate> {
    let who = (STAFF, PersonRole::Staff);
    let (enrolment, device) = (key(2), key(4));
    let subject = Subject::Device {
        device: DEVICE,
        auth_key: Some(signing::public_key(&auth())),
    };
    let not_after = TIME;
    vec![
        certify(&root(), who, &enrolment, Subject::Enrolment { not_after }),
        certify(&enrolment, who, &identity(), Subject::Identity),
        certify(&identity(), who, &device, subject),
    ]
}

/// From the root, by the colleague, to a client's device.
pub fn guest_chain() -> Vec<Certificate> {
    let mut chain = staff_chain();
    chain.pop();
    let who = (GUEST, PersonRole::Guest);
    let (enrolment, own, device) = (key(6), key(7), key(8));
    let not_after = 0;
    let subject = Subject::Device {
        device: DEVICE,
        auth_key: None,
    };
    chain.extend([
        certify(
            &identity(),
            who,
            &enrolment,
            Subject::Enrolment { not_after },
        ),
        certify(&enrolment, who, &own, Subject::Identity),
        certify(&own, who, &device, subject),
    ]);
    chain
}

/// A statement about a key.
pub fn body(
    (person, role): (PersonId, PersonRole),
    key: &SigningKey,
    subject: Subject,
) -> CertificateBody {
    CertificateBody {
        organisation: OrganisationId::of(&signing::public_key(&root())),
        person,
        role,
        public_key: signing::public_key(key),
        subject,
    }
}

fn certify(
    issuer: &SigningKey,
    who: (PersonId, PersonRole),
    key: &SigningKey,
    subject: Subject,
) -> Certificate {
    Certificate::issue(issuer, body(who, key, subject))
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

//! The vectors of the core that are worked out anew and compared: links, derived keys,
//! signatures, sizes, words, sealed bytes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use siegel_client_core::attachment::{Sealer, sealed_size};
use siegel_client_core::link::{Link, LinkTarget};
use siegel_client_core::mls::welcome_seal::{self, WelcomeKey};
use siegel_client_core::moment::{Entropy, StepRng};
use siegel_client_core::safety_words::safety_words;
use siegel_client_core::sealed;
use siegel_client_core::secret::Secret32;
use siegel_client_core::vault::{Passkey, PassphraseCost, Vault};
use siegel_proto::content::{Content, Extras, Kind, log_chain};
use siegel_proto::ids::{ContentHash, OrganisationId, PublicKey, TokenHash};
use siegel_proto::room::EntryKind;
use siegel_proto::seat::{SeatClass, SeatToken};
use siegel_proto::{label, limits, padding, signing};

use super::hex;
use super::samples::*;

const SECRET: [u8; 32] = [0x5a; 32];

/// Name and content of every file.
pub fn all() -> Vec<(String, Value)> {
    [
        ("links", links()),
        ("keys", keys()),
        ("hashes", hashes()),
        ("signatures", signatures()),
        ("sealed", sealed_bytes()),
        ("sizes", sizes()),
        ("safety_words", words()),
        ("attachment", attachment()),
        ("welcome", welcome()),
        ("passkey", passkey()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn rng() -> StepRng {
    StepRng::new(Entropy(SECRET))
}

/// A link's text and all that the relay learns of its secret.
fn links() -> Value {
    let secret = data_encoding::BASE64URL_NOPAD.encode(&SECRET);
    let of = |kind: &str| {
        let text = format!("https://chat.example.org:8443/#{kind}.{secret}");
        let link: Link = text.parse().expect("a link");
        let mut made = json!({ "text": link.to_string(), "origin": link.origin });
        if let LinkTarget::Staff(secret) | LinkTarget::Guest(secret) = &link.target {
            let token = secret.claim_token(kind);
            let capsule = secret.seal(kind, b"a vault", &mut rng()).expect("seals");
            let opened = secret.open(kind, &capsule).expect("opens");
            made["capsule_id"] = json!(hex(secret.capsule_id(kind).as_bytes()));
            made["claim_token"] = json!(hex(token.as_bytes()));
            made["claim_hash"] = json!(hex(token.hash().as_bytes()));
            made["capsule"] = json!(hex(&capsule));
            made["opens_to"] = json!(String::from_utf8_lossy(&opened));
        }
        made
    };
    json!({ "secret": hex(&SECRET), "setup": of("setup"), "staff": of("staff"), "guest": of("guest") })
}

/// The key of each purpose from one secret.
fn keys() -> Value {
    let keys = label::ALL.iter().map(|label| {
        let key = sealed::derive(&Secret32::new(SECRET), label);
        (*label, hex(key.expose()))
    });
    let keys: BTreeMap<&str, String> = keys.collect();
    json!({ "secret": hex(&SECRET), "keys": keys })
}

fn hashes() -> Value {
    let seat = |class| {
        let key = SeatToken::new(SECRET).key(class);
        json!({ "key": hex(key.as_bytes()), "hash": hex(key.hash(ROOM).as_bytes()) })
    };
    let content = Content {
        message: MESSAGE,
        counter: 1,
        previous: HASH,
        log_seq: 0,
        log_hash: HASH,
        sent_at: TIME,
        extras: Extras::default(),
        kind: Kind::Leave,
    };
    let root = signing::public_key(&root());
    json!({
        "token": hex(TokenHash::of(&SECRET).as_bytes()),
        "content": hex(ContentHash::of(&SECRET).as_bytes()),
        "organisation": hex(OrganisationId::of(&root).as_bytes()),
        "room": hex(ROOM.as_bytes()),
        "staff_seat": seat(SeatClass::Staff),
        "open_seat": seat(SeatClass::Open),
        "content_chain": hex(content.chain().as_bytes()),
        "log_chain": hex(log_chain(&HASH, 9, EntryKind::Commit, &HASH).as_bytes()),
        "signing_input": hex(&signing::message("label", &[b"part", b"", b"another"])),
    })
}

/// The signature of each purpose by one key.
fn signatures() -> Value {
    let signatures = label::ALL.iter().map(|label| {
        let signature = signing::sign(&root(), label, &[b"body"]);
        (*label, hex(signature.as_bytes()))
    });
    let signatures: BTreeMap<&str, String> = signatures.collect();
    json!({
        "public_key": hex(signing::public_key(&root()).as_bytes()),
        "body": hex(b"body"),
        "signatures": signatures,
        "device_auth": hex(CHALLENGE.answer(&auth(), DEVICE).as_bytes()),
    })
}

/// What the relay holds under keys of the directory, with the nonce in front.
fn sealed_bytes() -> Value {
    let seal = |key: &str, purpose: &str, parts: &[&[u8]]| {
        let key = sealed::derive(&Secret32::new(SECRET), key);
        let bytes = sealed::seal(&key, purpose, parts, b"text", &mut rng()).expect("seals");
        let opened = sealed::open(&key, purpose, parts, &bytes).expect("opens");
        json!({ "sealed": hex(&bytes), "opens_to": String::from_utf8_lossy(&opened) })
    };
    json!({
        "secret": hex(&SECRET),
        "directory_entry": seal(label::DIRECTORY_ENTRY_KEY, label::DIRECTORY_ENTRY, &[STAFF.as_bytes()]),
        "key_package": seal(label::KEY_PACKAGE_KEY, label::KEY_PACKAGE, &[]),
    })
}

/// The smallest length of each payload bucket, and blob buckets over the whole range.
fn sizes() -> Value {
    let mut payload = Vec::new();
    let mut length = 0;
    while let Some(bucket) = padding::bucket(length) {
        payload.push(json!([length, bucket]));
        length = bucket + 1;
    }
    let lengths = [
        0,
        1,
        4_096,
        4_097,
        65_536,
        1_000_000,
        limits::FILE_BYTES,
        limits::BLOB_BYTES,
    ];
    let blob = lengths.map(|length| json!([length, padding::blob_bucket(length)]));
    let sealed = lengths.map(|length| json!([length, sealed_size(length).ok()]));
    json!({ "payload": payload, "blob": blob, "sealed_file": sealed })
}

fn words() -> Value {
    let (one, other) = (PublicKey::new([1; 32]), PublicKey::new([2; 32]));
    let words = safety_words(&one, &other, &ROOM).expect("words");
    json!({ "keys": [hex(one.as_bytes()), hex(other.as_bytes())], "room": hex(ROOM.as_bytes()), "words": words })
}

fn attachment() -> Value {
    let file = b"Bescheid";
    let mut sealer = Sealer::new(BLOB, file.len() as u64, &mut rng()).expect("small");
    let mut blob = Vec::new();
    let mut rest = &file[..];
    while let Some(frame) = sealer.push(&mut rest).expect("as announced") {
        blob.extend(frame);
    }
    let sealed = sealer.finish().expect("whole");
    json!({
        "file": hex(file),
        "blob_id": hex(BLOB.as_bytes()),
        "key": hex(sealed.key.expose()),
        "hash": hex(sealed.hash.as_bytes()),
        "sealed_size": sealed.sealed_size,
        "size": sealed.size,
        "blob": hex(&blob),
    })
}

fn welcome() -> Value {
    let key = WelcomeKey::generate(&mut rng());
    let public = key.public().expect("a key");
    let sealed = welcome_seal::seal(&public, b"a welcome", &mut rng()).expect("seals");
    let opened = key.open(&sealed).expect("opens");
    json!({
        "public_key": hex(&public),
        "sealed": hex(&sealed),
        "opens_to": String::from_utf8_lossy(&opened),
    })
}

/// The vault key of a new vault under what a passkey gives.
fn passkey() -> Value {
    let passkey = Passkey {
        credential: vec![7; 16],
        salt: [9; 32],
        secret: Secret32::new(SECRET),
    };
    let cost = PassphraseCost::TRIVIAL;
    let mut vault = Vault::create(b"passphrase", cost, &mut rng()).expect("made");
    let wrapping = vault.add_passkey(b"passphrase", &passkey, &mut rng());
    let wrapping = wrapping.expect("the passphrase fits");
    let batch = vault.commit(&mut rng()).expect("sealed");
    let header = batch.header.expect("new");
    let opened = Vault::open_by_passkey(&header, &wrapping, &passkey.secret, batch.puts);
    let key = opened.expect("opens").key();
    json!({
        "credential": hex(&passkey.credential),
        "salt": hex(&passkey.salt),
        "secret": hex(&SECRET),
        "wrapping": hex(&wrapping),
        "vault_key": hex(key.expose()),
    })
}

//! The organisation's signed policy and revocations, and setting it up.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;

use crate::availability::{self, EmergencyNumber, WeeklySpan};
use crate::content::Notice;
use crate::error::{Malformed, OutOfBounds, Part};
use crate::ids::{DeviceId, PersonId, PublicKey, Signature};
use crate::signing::BadSignature;
use crate::{label, limits, signing, wire};

/// What the organisation enforces.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Policy {
    /// Counts up by one.
    pub version: u64,
    /// The longest life of an entry, blob or message, days; 1 up to [`limits::EXPIRY_DAYS`].
    pub retention_days: u32,
    /// Minutes after which a device locks itself; 0 for never.
    pub lock_after_minutes: u32,
    /// Hours an invitation can be claimed; 1 up to [`limits::CAPSULE_HOURS`].
    pub invitation_hours: u32,
    /// Characters a new passphrase or PIN has at least; 0 leaves it to the app.
    #[serde(default)]
    pub passphrase_characters: u32,
    /// Wrong tries in a row after which a device forgets everything; 0 for never.
    #[serde(default)]
    pub wipe_after_tries: u32,
    /// Passkeys open no vault.
    #[serde(default)]
    pub forbid_passkeys: bool,
    /// What the app calls itself instead of its name; empty for its name.
    #[serde(default)]
    pub neutral_title: String,
    /// Whom to call when nobody reads.
    #[serde(default)]
    pub emergency: Vec<EmergencyNumber>,
    /// When the organisation as a whole reads; empty if that is not told.
    #[serde(default)]
    pub hours: Vec<WeeklySpan>,
    /// The zone of the hours: "Europe/Berlin".
    #[serde(default)]
    pub time_zone: String,
    /// The text a client is asked to agree to, one for each language.
    #[serde(default)]
    pub notices: Vec<Notice>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: 1,
            retention_days: 90,
            lock_after_minutes: 60,
            invitation_hours: 72,
            passphrase_characters: 0,
            wipe_after_tries: 0,
            forbid_passkeys: false,
            neutral_title: String::new(),
            emergency: Vec::new(),
            hours: Vec::new(),
            time_zone: String::new(),
            notices: Vec::new(),
        }
    }
}

impl Policy {
    /// Whether every part is within its limit; to be asked before it is signed.
    ///
    /// # Errors
    /// [`OutOfBounds`] naming the part.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        let in_range = self.version >= 1
            && (1..=limits::EXPIRY_DAYS).contains(&self.retention_days)
            && (1..=limits::CAPSULE_HOURS).contains(&self.invitation_hours)
            && self.passphrase_characters <= limits::PASSPHRASE_CHARACTERS
            && (self.wipe_after_tries == 0 || limits::WIPE_TRIES.contains(&self.wipe_after_tries));
        if !in_range {
            return Err(OutOfBounds(Part::Policy));
        }
        availability::check_spans(&self.hours)?;
        availability::check_emergency(&self.emergency)?;
        let names = [&self.neutral_title, &self.time_zone];
        if names.iter().any(|name| name.len() > limits::NAME_BYTES) {
            return Err(OutOfBounds(Part::Name));
        }
        if self.notices.len() > limits::POLICY_NOTICES {
            return Err(OutOfBounds(Part::Notice));
        }
        for notice in &self.notices {
            notice.check()?;
        }
        if self.encode_body().len() > Self::BYTES {
            return Err(OutOfBounds(Part::Notice));
        }
        Ok(())
    }

    /// Without what is long and needed seldom: for rows that are read with every step.
    #[must_use]
    pub fn without_notices(&self) -> Self {
        Self {
            notices: Vec::new(),
            ..self.clone()
        }
    }

    /// The notice in a language, or in the one closest to it: "de" for "de-simple" or
    /// "de-AT", else the first.
    pub fn notice(&self, language: &str) -> Option<&Notice> {
        let base = |tag: &str| tag.split('-').next().unwrap_or_default().to_lowercase();
        let exact = |notice: &&Notice| notice.language.eq_ignore_ascii_case(language);
        let close = |notice: &&Notice| base(&notice.language) == base(language);
        (self.notices.iter().find(exact))
            .or_else(|| self.notices.iter().find(close))
            .or(self.notices.first())
    }
}

/// What is no longer trusted, for ever.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize,
)]
pub enum Revoked {
    /// An account with all its devices.
    Person(PersonId),
    /// One device.
    Device(DeviceId),
}

/// A numbered revocation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Revocation {
    /// Counts up by one from 1.
    pub number: u64,
    /// What is revoked.
    pub revoked: Revoked,
}

/// Something the root signs.
pub trait RootSigned: Sized {
    /// The label of its signature.
    const LABEL: &'static str;
    /// Bytes of its body at most.
    const BYTES: usize;
    /// Encodes the body.
    fn encode_body(&self) -> Vec<u8>;
    /// Parses the body.
    ///
    /// # Errors
    /// [`Malformed`] if a field is missing or out of range.
    fn decode_body(body: &[u8]) -> Result<Self, Malformed>;
}

/// A body and the root's signature over it: parsed, not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed<T> {
    body: Bytes,
    signature: Signature,
    value: T,
}

impl<T: RootSigned> Signed<T> {
    /// Signs with the root key.
    pub fn issue(root: &SigningKey, value: T) -> Self {
        let body = Bytes::from(value.encode_body());
        Self {
            signature: signing::sign(root, T::LABEL, &[&body]),
            body,
            value,
        }
    }

    /// Parses body and signature.
    ///
    /// # Errors
    /// [`Malformed`] if either does not parse.
    pub fn parse(body: Bytes, signature: &[u8]) -> Result<Self, Malformed> {
        if body.len() > T::BYTES {
            return Err(Malformed("signed body"));
        }
        Ok(Self {
            value: T::decode_body(&body)?,
            signature: Signature::from_slice(signature)?,
            body,
        })
    }

    /// The value, if the root signed it.
    ///
    /// # Errors
    /// [`BadSignature`] if it did not.
    pub fn verify(&self, root: &PublicKey) -> Result<&T, BadSignature> {
        signing::verify(root, T::LABEL, &[&self.body], &self.signature)?;
        Ok(&self.value)
    }

    /// The signed bytes, for storage.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The signature, for storage.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
}

impl RootSigned for Policy {
    const LABEL: &'static str = label::POLICY;
    const BYTES: usize = limits::POLICY_BYTES;

    fn encode_body(&self) -> Vec<u8> {
        let notices = self.notices.iter();
        wire::PolicyBody {
            version: self.version,
            retention_days: self.retention_days,
            lock_after_minutes: self.lock_after_minutes,
            invitation_hours: self.invitation_hours,
            passphrase_characters: self.passphrase_characters,
            wipe_after_tries: self.wipe_after_tries,
            forbid_passkeys: self.forbid_passkeys,
            neutral_title: self.neutral_title.clone(),
            emergency: self.emergency.iter().cloned().map(Into::into).collect(),
            hours: self.hours.iter().map(Into::into).collect(),
            time_zone: self.time_zone.clone(),
            notices: notices.map(Into::into).collect(),
        }
        .encode_to_vec()
    }

    fn decode_body(body: &[u8]) -> Result<Self, Malformed> {
        let wire = wire::PolicyBody::decode(body).map_err(|_| Malformed("policy"))?;
        let policy = Self {
            version: wire.version,
            retention_days: wire.retention_days,
            lock_after_minutes: wire.lock_after_minutes,
            invitation_hours: wire.invitation_hours,
            passphrase_characters: wire.passphrase_characters,
            wipe_after_tries: wire.wipe_after_tries,
            forbid_passkeys: wire.forbid_passkeys,
            neutral_title: wire.neutral_title,
            emergency: wire.emergency.into_iter().map(Into::into).collect(),
            hours: wire.hours.iter().map(Into::into).collect(),
            time_zone: wire.time_zone,
            notices: wire.notices.into_iter().map(Into::into).collect(),
        };
        policy.check()?;
        Ok(policy)
    }
}

impl RootSigned for Revocation {
    const LABEL: &'static str = label::REVOCATION;
    const BYTES: usize = limits::SIGNED_BODY_BYTES;

    fn encode_body(&self) -> Vec<u8> {
        let mut wire = wire::RevocationBody {
            number: self.number,
            ..Default::default()
        };
        match self.revoked {
            Revoked::Person(person) => wire.account_id = person.to_wire(),
            Revoked::Device(device) => wire.device_id = device.to_wire(),
        }
        wire.encode_to_vec()
    }

    fn decode_body(body: &[u8]) -> Result<Self, Malformed> {
        let wire = wire::RevocationBody::decode(body).map_err(|_| Malformed("revocation"))?;
        let revoked = match (wire.account_id.is_empty(), wire.device_id.is_empty()) {
            (false, true) => Revoked::Person(PersonId::from_slice(&wire.account_id)?),
            (true, false) => Revoked::Device(DeviceId::from_slice(&wire.device_id)?),
            _ => return Err(Malformed("revocation")),
        };
        if wire.number == 0 {
            return Err(Malformed("revocation number"));
        }
        Ok(Self {
            number: wire.number,
            revoked,
        })
    }
}

macro_rules! signed_on_the_wire {
    ($value:ty, $wire:ty) => {
        impl From<&Signed<$value>> for $wire {
            fn from(signed: &Signed<$value>) -> Self {
                Self {
                    body: signed.body.clone(),
                    signature: signed.signature.to_wire(),
                }
            }
        }

        impl TryFrom<$wire> for Signed<$value> {
            type Error = Malformed;

            fn try_from(wire: $wire) -> Result<Self, Malformed> {
                Self::parse(wire.body, &wire.signature)
            }
        }
    };
}

signed_on_the_wire!(Policy, wire::Policy);
signed_on_the_wire!(Revocation, wire::Revocation);

/// Makes the organisation, once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetUp {
    /// From the set-up link.
    pub token: SetUpToken,
    /// The organisation's root.
    pub root: PublicKey,
    /// The first policy.
    pub policy: Signed<Policy>,
}

/// Permits to make the organisation: 32 random bytes in the link the relay prints.
#[derive(Clone, PartialEq, Eq, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct SetUpToken([u8; 32]);

impl SetUpToken {
    /// Takes 32 bytes drawn at random.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Parses the bytes of a wire field or link.
    ///
    /// # Errors
    /// [`Malformed`] if it is not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| Malformed("SetUpToken"))
    }

    /// The bytes, for the link and the request.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for SetUpToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetUpToken(..)")
    }
}

impl TryFrom<wire::SetUp> for SetUp {
    type Error = Malformed;

    fn try_from(wire: wire::SetUp) -> Result<Self, Malformed> {
        Ok(Self {
            token: SetUpToken::from_slice(&wire.token)?,
            root: PublicKey::from_slice(&wire.root_public_key)?,
            policy: wire.policy.ok_or(Malformed("policy"))?.try_into()?,
        })
    }
}

impl From<&SetUp> for wire::SetUp {
    fn from(set_up: &SetUp) -> Self {
        Self {
            token: Bytes::copy_from_slice(set_up.token.as_bytes()),
            root_public_key: set_up.root.to_wire(),
            policy: Some((&set_up.policy).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_root_signs() {
        let root = SigningKey::from_bytes(&[1; 32]);
        let signed = Signed::issue(&root, Policy::default());
        let parsed = Signed::<Policy>::try_from(wire::Policy::from(&signed)).expect("parses");
        assert_eq!(
            parsed.verify(&signing::public_key(&root)),
            Ok(&Policy::default())
        );
        let other = signing::public_key(&SigningKey::from_bytes(&[2; 32]));
        assert_eq!(parsed.verify(&other), Err(BadSignature));
    }

    #[test]
    fn a_revocation_names_exactly_one() {
        let both = wire::RevocationBody {
            number: 1,
            account_id: vec![1; 16].into(),
            device_id: vec![2; 16].into(),
        };
        assert!(Revocation::decode_body(&both.encode_to_vec()).is_err());
        let revocation = Revocation {
            number: 3,
            revoked: Revoked::Device(DeviceId::new([2; 16])),
        };
        assert_eq!(
            Revocation::decode_body(&revocation.encode_body()),
            Ok(revocation)
        );
    }

    #[test]
    fn a_policy_out_of_range_is_refused() {
        let policy = Policy {
            retention_days: 0,
            ..Policy::default()
        };
        assert!(Policy::decode_body(&policy.encode_body()).is_err());
        let policy = Policy {
            wipe_after_tries: 1,
            ..Policy::default()
        };
        assert!(Policy::decode_body(&policy.encode_body()).is_err());
    }

    #[test]
    fn notices_are_found_by_language_and_bounded_together() {
        let notice = |language: &str, body: String| Notice {
            version: "2026-11".into(),
            language: language.into(),
            body,
        };
        let mut policy = Policy {
            notices: vec![
                notice("de", "lang".into()),
                notice("de-simple", "kurz".into()),
            ],
            ..Policy::default()
        };
        assert_eq!(
            Policy::decode_body(&policy.encode_body()),
            Ok(policy.clone())
        );
        let found = |policy: &Policy, tag: &str| policy.notice(tag).map(|n| n.body.clone());
        assert_eq!(found(&policy, "de-simple"), Some("kurz".into()));
        assert_eq!(found(&policy, "de-AT"), Some("lang".into()));
        assert_eq!(found(&policy, "tr"), Some("lang".into()));
        assert_eq!(policy.without_notices().notices, []);

        policy.notices = (0..3)
            .map(|n| notice(&n.to_string(), "x".repeat(limits::NOTICE_BYTES)))
            .collect();
        assert_eq!(policy.check(), Err(OutOfBounds(Part::Notice)));
    }
}

//! Certificates: the chain from the organisation's root to a device.
//!
//! ```text
//! staff   root ─► ENROLMENT ─► IDENTITY ─► DEVICE
//! guest   root ─► ENROLMENT ─► IDENTITY ─► ENROLMENT(guest) ─► IDENTITY ─► DEVICE
//!                                                         └──────────────► DEVICE (provisional)
//! ```
//!
//! An enrolment key travels in a capsule and is used once, to certify the key the
//! joining device makes itself. A guest's provisional device is the one its inviter
//! made for it; its first commit replaces it. See `docs/protocol/identity.md`.

use ed25519_dalek::SigningKey;
use prost::Message as _;

use crate::error::Malformed;
use crate::ids::{DeviceId, OrganisationId, PersonId, PublicKey, Signature};
use crate::{label, limits, signing, wire};

pub use wire::{CertificateKind, PersonRole};

/// A signed statement about one key. Parsed, not verified: only [`verify_chain`] does that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    encoded: bytes::Bytes,
    body: CertificateBody,
    signature: Signature,
}

/// What a certificate states.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateBody {
    /// The organisation whose root the chain must end in.
    pub organisation: OrganisationId,
    /// The account or guest.
    pub person: PersonId,
    /// What the person is.
    pub role: PersonRole,
    /// The certified key.
    pub public_key: PublicKey,
    /// What the key may do.
    pub subject: Subject,
}

/// What a certified key may do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// Certify one identity key.
    Enrolment {
        /// Seconds since 1970 after which a relay no longer enrols with it; 0 for no end.
        not_after: i64,
    },
    /// Certify devices and, of staff, guests.
    Identity,
    /// Sign as a device in MLS groups.
    Device {
        /// The device.
        device: DeviceId,
        /// The key that answers the relay's challenge; staff only.
        auth_key: Option<PublicKey>,
    },
}

impl Certificate {
    /// Signs a statement with the issuer's key.
    pub fn issue(issuer: &SigningKey, body: CertificateBody) -> Self {
        let encoded = bytes::Bytes::from(wire::CertificateBody::from(&body).encode_to_vec());
        let signature = signing::sign(issuer, label::CERTIFICATE, &[&encoded]);
        Self {
            encoded,
            body,
            signature,
        }
    }

    /// What it states; to be trusted only within a verified chain.
    pub fn body(&self) -> &CertificateBody {
        &self.body
    }

    fn signed_by(&self, issuer: &PublicKey) -> bool {
        signing::verify(
            issuer,
            label::CERTIFICATE,
            &[&self.encoded],
            &self.signature,
        )
        .is_ok()
    }
}

impl TryFrom<wire::Certificate> for Certificate {
    type Error = Malformed;

    fn try_from(wire: wire::Certificate) -> Result<Self, Malformed> {
        if wire.body.len() > limits::CERTIFICATE_BYTES {
            return Err(Malformed("certificate body"));
        }
        let body = wire::CertificateBody::decode(wire.body.clone())
            .map_err(|_| Malformed("certificate body"))?;
        Ok(Self {
            body: body.try_into()?,
            encoded: wire.body,
            signature: Signature::from_slice(&wire.signature)?,
        })
    }
}

impl From<&Certificate> for wire::Certificate {
    fn from(certificate: &Certificate) -> Self {
        Self {
            body: certificate.encoded.clone(),
            signature: certificate.signature.to_wire(),
        }
    }
}

impl TryFrom<wire::CertificateBody> for CertificateBody {
    type Error = Malformed;

    fn try_from(wire: wire::CertificateBody) -> Result<Self, Malformed> {
        let role = match wire.role() {
            PersonRole::Unspecified => return Err(Malformed("person role")),
            role => role,
        };
        let subject = match wire.kind() {
            CertificateKind::Unspecified => return Err(Malformed("certificate kind")),
            CertificateKind::Enrolment => Subject::Enrolment {
                not_after: wire.not_after,
            },
            CertificateKind::Identity => Subject::Identity,
            CertificateKind::Device => Subject::Device {
                device: DeviceId::from_slice(&wire.device_id)?,
                auth_key: match (role, wire.auth_public_key.is_empty()) {
                    (PersonRole::Guest, true) => None,
                    (PersonRole::Guest, false) => return Err(Malformed("guest auth key")),
                    _ => Some(PublicKey::from_slice(&wire.auth_public_key)?),
                },
            },
        };
        Ok(Self {
            organisation: OrganisationId::from_slice(&wire.organisation)?,
            person: PersonId::from_slice(&wire.person_id)?,
            role,
            public_key: PublicKey::from_slice(&wire.public_key)?,
            subject,
        })
    }
}

impl From<&CertificateBody> for wire::CertificateBody {
    fn from(body: &CertificateBody) -> Self {
        let mut wire = Self {
            organisation: body.organisation.to_wire(),
            person_id: body.person.to_wire(),
            role: body.role.into(),
            public_key: body.public_key.to_wire(),
            ..Self::default()
        };
        match &body.subject {
            Subject::Enrolment { not_after } => {
                wire.set_kind(CertificateKind::Enrolment);
                wire.not_after = *not_after;
            }
            Subject::Identity => wire.set_kind(CertificateKind::Identity),
            Subject::Device { device, auth_key } => {
                wire.set_kind(CertificateKind::Device);
                wire.device_id = device.to_wire();
                wire.auth_public_key = auth_key.map(PublicKey::to_wire).unwrap_or_default();
            }
        }
        wire
    }
}

/// The proof that a chain holds: who the person is, by the organisation's root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedChain {
    /// The account or guest.
    pub person: PersonId,
    /// What the person is.
    pub role: PersonRole,
    /// The person's identity key; for a provisional guest the enrolment key.
    pub identity_key: PublicKey,
    /// The key the root (staff) or the inviter (guest) certified for joining.
    pub enrolment_key: PublicKey,
    /// From the person's enrolment: seconds since 1970, 0 for no end.
    pub not_after: i64,
    /// The device, if the chain reaches down to one.
    pub device: Option<VerifiedDevice>,
    /// Guests: the staff account that invited.
    pub inviter: Option<PersonId>,
    /// Whether a guest still uses the device its inviter made.
    pub provisional: bool,
}

/// The device at the end of a verified chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedDevice {
    /// The device.
    pub device: DeviceId,
    /// Its MLS signature key.
    pub signature_key: PublicKey,
    /// The key that answers the relay's challenge; staff only.
    pub auth_key: Option<PublicKey>,
}

/// A chain does not lead from the root to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// Too long, empty, or not in one of the two forms.
    #[error("the chain does not have one of the allowed forms")]
    Form,
    /// A certificate is not signed by the key above it.
    #[error("a certificate is not signed by the key above it")]
    Signature,
    /// A certificate speaks of another organisation, person or role than the one above it.
    #[error("a certificate contradicts the one above it")]
    Contradiction,
}

/// Verifies a chain against the organisation's root key.
///
/// # Errors
/// [`ChainError`]; nothing of the chain may then be believed.
pub fn verify_chain(root: &PublicKey, chain: &[Certificate]) -> Result<VerifiedChain, ChainError> {
    let organisation = OrganisationId::of(root);
    if chain.len() > limits::CHAIN_CERTIFICATES {
        return Err(ChainError::Form);
    }
    let mut issuer = *root;
    for certificate in chain {
        if certificate.body.organisation != organisation {
            return Err(ChainError::Contradiction);
        }
        if !certificate.signed_by(&issuer) {
            return Err(ChainError::Signature);
        }
        issuer = certificate.body.public_key;
    }

    let (enrolment, rest) = chain.split_first().ok_or(ChainError::Form)?;
    if enrolment.body.role == PersonRole::Guest {
        return Err(ChainError::Contradiction);
    }
    let (staff, rest) = person(enrolment, rest)?;
    let Some((guest_enrolment, rest)) = rest.split_first() else {
        return if staff.provisional {
            Err(ChainError::Form)
        } else {
            Ok(staff)
        };
    };
    if staff.device.is_some() || staff.provisional {
        return Err(ChainError::Form);
    }
    if guest_enrolment.body.role != PersonRole::Guest {
        return Err(ChainError::Contradiction);
    }
    let (guest, rest) = person(guest_enrolment, rest)?;
    if !rest.is_empty() {
        return Err(ChainError::Form);
    }
    Ok(VerifiedChain {
        inviter: Some(staff.person),
        ..guest
    })
}

/// Reads one person's part of a chain whose signatures hold and returns what follows it.
fn person<'a>(
    enrolment: &Certificate,
    mut rest: &'a [Certificate],
) -> Result<(VerifiedChain, &'a [Certificate]), ChainError> {
    let Subject::Enrolment { not_after } = enrolment.body.subject else {
        return Err(ChainError::Form);
    };
    let same_person = |certificate: &Certificate| {
        certificate.body.person == enrolment.body.person
            && certificate.body.role == enrolment.body.role
    };
    let mut chain = VerifiedChain {
        person: enrolment.body.person,
        role: enrolment.body.role,
        identity_key: enrolment.body.public_key,
        enrolment_key: enrolment.body.public_key,
        not_after,
        device: None,
        inviter: None,
        provisional: true,
    };
    if let Some((identity, after)) = rest.split_first()
        && identity.body.subject == Subject::Identity
    {
        if !same_person(identity) {
            return Err(ChainError::Contradiction);
        }
        chain.identity_key = identity.body.public_key;
        chain.provisional = false;
        rest = after;
    }
    if let Some((certificate, after)) = rest.split_first()
        && let Subject::Device { device, auth_key } = certificate.body.subject
    {
        if !same_person(certificate) {
            return Err(ChainError::Contradiction);
        }
        chain.device = Some(VerifiedDevice {
            device,
            signature_key: certificate.body.public_key,
            auth_key,
        });
        rest = after;
    }
    Ok((chain, rest))
}

/// Parses the certificates of a wire field.
///
/// # Errors
/// [`Malformed`] if there are too many or one does not parse.
pub fn parse_chain(wire: Vec<wire::Certificate>) -> Result<Vec<Certificate>, Malformed> {
    if wire.is_empty() || wire.len() > limits::CHAIN_CERTIFICATES {
        return Err(Malformed("certificate chain"));
    }
    wire.into_iter().map(Certificate::try_from).collect()
}

/// Encodes a chain as the content of an MLS `BasicCredential` or directory entry.
pub fn encode_chain(chain: &[Certificate]) -> Vec<u8> {
    wire::CertificateChain {
        certificates: chain.iter().map(wire::Certificate::from).collect(),
    }
    .encode_to_vec()
}

/// Reads what [`encode_chain`] wrote.
///
/// # Errors
/// [`Malformed`] as [`parse_chain`].
pub fn decode_chain(encoded: &[u8]) -> Result<Vec<Certificate>, Malformed> {
    if encoded.len() > limits::CHAIN_CERTIFICATES * (limits::CERTIFICATE_BYTES + 128) {
        return Err(Malformed("certificate chain"));
    }
    let wire =
        wire::CertificateChain::decode(encoded).map_err(|_| Malformed("certificate chain"))?;
    parse_chain(wire.certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Keys {
        root: SigningKey,
        enrolment: SigningKey,
        identity: SigningKey,
        device: SigningKey,
    }

    fn keys() -> Keys {
        Keys {
            root: SigningKey::from_bytes(&[1; 32]),
            enrolment: SigningKey::from_bytes(&[2; 32]),
            identity: SigningKey::from_bytes(&[3; 32]),
            device: SigningKey::from_bytes(&[4; 32]),
        }
    }

    fn certify(
        root: &SigningKey,
        issuer: &SigningKey,
        (person, role): (u8, PersonRole),
        key: &SigningKey,
        subject: Subject,
    ) -> Certificate {
        Certificate::issue(
            issuer,
            CertificateBody {
                organisation: OrganisationId::of(&signing::public_key(root)),
                person: PersonId::new([person; 16]),
                role,
                public_key: signing::public_key(key),
                subject,
            },
        )
    }

    const ENROLMENT: Subject = Subject::Enrolment { not_after: 0 };
    const STAFF: (u8, PersonRole) = (9, PersonRole::Staff);
    const GUEST: (u8, PersonRole) = (8, PersonRole::Guest);

    fn device(role: PersonRole) -> Subject {
        Subject::Device {
            device: DeviceId::new([5; 16]),
            auth_key: (role != PersonRole::Guest).then(|| PublicKey::new([6; 32])),
        }
    }

    fn staff_chain(k: &Keys) -> Vec<Certificate> {
        vec![
            certify(&k.root, &k.root, STAFF, &k.enrolment, ENROLMENT),
            certify(&k.root, &k.enrolment, STAFF, &k.identity, Subject::Identity),
            certify(&k.root, &k.identity, STAFF, &k.device, device(STAFF.1)),
        ]
    }

    fn guest_chain(k: &Keys) -> Vec<Certificate> {
        let mut chain = staff_chain(k);
        chain.pop();
        let (temporary, own) = (
            SigningKey::from_bytes(&[20; 32]),
            SigningKey::from_bytes(&[21; 32]),
        );
        chain.push(certify(&k.root, &k.identity, GUEST, &temporary, ENROLMENT));
        chain.push(certify(&k.root, &temporary, GUEST, &own, Subject::Identity));
        chain.push(certify(&k.root, &own, GUEST, &k.device, device(GUEST.1)));
        chain
    }

    #[test]
    fn staff_and_guests_end_in_the_root() {
        let k = keys();
        let root = signing::public_key(&k.root);
        let staff = verify_chain(&root, &staff_chain(&k)).expect("holds");
        assert_eq!(staff.role, PersonRole::Staff);
        assert!(!staff.provisional && staff.device.is_some() && staff.inviter.is_none());

        let chain = guest_chain(&k);
        let guest = verify_chain(&root, &chain).expect("holds");
        assert_eq!(guest.inviter, Some(PersonId::new([STAFF.0; 16])));
        assert!(!guest.provisional);
        assert_eq!(decode_chain(&encode_chain(&chain)).expect("parses"), chain);
    }

    #[test]
    fn attack_05_a_chain_that_misses_or_changes_a_link_is_refused() {
        let k = keys();
        let root = signing::public_key(&k.root);
        for chain in [staff_chain(&k), guest_chain(&k)] {
            for gone in 0..chain.len() - 1 {
                let mut broken = chain.clone();
                broken.remove(gone);
                assert!(verify_chain(&root, &broken).is_err(), "without {gone}");
            }
            for (i, j) in [(0, 1), (1, 2)] {
                let mut swapped = chain.clone();
                swapped.swap(i, j);
                assert!(verify_chain(&root, &swapped).is_err());
            }
            let other = signing::public_key(&SigningKey::from_bytes(&[99; 32]));
            assert!(verify_chain(&other, &chain).is_err());
            let mut wire = wire::Certificate::from(&chain[0]);
            let mut body = wire.body.to_vec();
            for at in 0..body.len() {
                body[at] ^= 1;
                wire.body = body.clone().into();
                if let Ok(forged) = Certificate::try_from(wire.clone()) {
                    let mut chain = chain.clone();
                    chain[0] = forged;
                    assert!(verify_chain(&root, &chain).is_err(), "byte {at}");
                }
                body[at] ^= 1;
            }
        }
    }

    #[test]
    fn nobody_certifies_what_is_not_theirs() {
        let k = keys();
        let root = signing::public_key(&k.root);
        // A device certifies nothing.
        let mut chain = staff_chain(&k);
        let other = SigningKey::from_bytes(&[30; 32]);
        chain.push(certify(&k.root, &k.device, GUEST, &other, ENROLMENT));
        assert_eq!(verify_chain(&root, &chain), Err(ChainError::Form));
        // Staff does not enrol staff.
        let mut chain = staff_chain(&k);
        chain.pop();
        chain.push(certify(
            &k.root,
            &k.identity,
            (7, PersonRole::Staff),
            &other,
            ENROLMENT,
        ));
        assert_eq!(verify_chain(&root, &chain), Err(ChainError::Contradiction));
        // An identity is not stretched to a device of somebody else.
        let mut chain = staff_chain(&k);
        chain.pop();
        chain.push(certify(
            &k.root,
            &k.identity,
            (7, PersonRole::Staff),
            &k.device,
            device(STAFF.1),
        ));
        assert_eq!(verify_chain(&root, &chain), Err(ChainError::Contradiction));
        // Staff has no provisional devices.
        let chain = vec![
            certify(&k.root, &k.root, STAFF, &k.enrolment, ENROLMENT),
            certify(&k.root, &k.enrolment, STAFF, &k.device, device(STAFF.1)),
        ];
        assert_eq!(verify_chain(&root, &chain), Err(ChainError::Form));
        // The root does not make guests.
        let chain = vec![
            certify(&k.root, &k.root, GUEST, &k.enrolment, ENROLMENT),
            certify(&k.root, &k.enrolment, GUEST, &k.identity, Subject::Identity),
        ];
        assert_eq!(verify_chain(&root, &chain), Err(ChainError::Contradiction));
    }
}

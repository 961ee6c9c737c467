//! Identities: making the keys and certificates that tie a device to its person and the
//! person to the organisation. The form of the chain is in [`siegel_proto::certificate`].

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use siegel_proto::certificate::{
    self, Certificate, CertificateBody, PersonRole, Subject, VerifiedChain,
};
use siegel_proto::ids::{DeviceId, OrganisationId, PersonId, PublicKey};
use siegel_proto::signing;

use crate::moment::{StepRng, Timestamp};
use crate::secret::Secret32;

/// A key of one use: certifies the identity key the joining device makes.
#[derive(Clone, Serialize, Deserialize)]
pub struct Enrolment {
    /// Seed of the enrolment key.
    pub seed: Secret32,
    /// Encoded chain down to the enrolment certificate.
    #[serde(with = "serde_bytes")]
    pub chain: Vec<u8>,
    /// Who joins.
    pub person: PersonId,
    /// As what.
    #[serde(with = "role")]
    pub role: PersonRole,
    /// The organisation.
    pub organisation: OrganisationId,
}

/// A person's keys on one device.
#[derive(Clone, Serialize, Deserialize)]
pub struct Keys {
    /// Who.
    pub person: PersonId,
    /// As what.
    #[serde(with = "role")]
    pub role: PersonRole,
    /// Which device.
    pub device: DeviceId,
    /// Seed of the identity key; of a provisional guest, of the enrolment key.
    pub identity: Secret32,
    /// Seed of the MLS signature key.
    pub signature: Secret32,
    /// Seed of the key that answers the relay's challenge; staff only.
    pub auth: Option<Secret32>,
    /// Encoded chain down to the identity.
    #[serde(with = "serde_bytes")]
    pub identity_chain: Vec<u8>,
    /// Encoded chain down to the device.
    #[serde(with = "serde_bytes")]
    pub device_chain: Vec<u8>,
}

/// The signing key of a seed (RFC 8032).
pub fn signing_key(seed: &Secret32) -> SigningKey {
    SigningKey::from_bytes(seed.expose())
}

/// The public half of a seed's key.
pub fn public_key(seed: &Secret32) -> PublicKey {
    signing::public_key(&signing_key(seed))
}

/// Lets a new colleague in, with the root key.
pub fn enrol_staff(
    root: &Secret32,
    person: PersonId,
    role: PersonRole,
    not_after: Timestamp,
    rng: &mut StepRng,
) -> Enrolment {
    let organisation = OrganisationId::of(&public_key(root));
    enrol(
        root,
        Vec::new(),
        organisation,
        (person, role),
        not_after,
        rng,
    )
}

/// Lets a client in, with the inviter's identity key.
///
/// # Errors
/// [`siegel_proto::Malformed`] if the inviter's own chain does not parse.
pub fn enrol_guest(
    inviter: &Keys,
    organisation: OrganisationId,
    guest: PersonId,
    not_after: Timestamp,
    rng: &mut StepRng,
) -> Result<Enrolment, siegel_proto::Malformed> {
    let chain = certificate::decode_chain(&inviter.identity_chain)?;
    let who = (guest, PersonRole::Guest);
    Ok(enrol(
        &inviter.identity,
        chain,
        organisation,
        who,
        not_after,
        rng,
    ))
}

fn enrol(
    issuer: &Secret32,
    mut chain: Vec<Certificate>,
    organisation: OrganisationId,
    (person, role): (PersonId, PersonRole),
    not_after: Timestamp,
    rng: &mut StepRng,
) -> Enrolment {
    let seed = Secret32::random(rng);
    let body = CertificateBody {
        organisation,
        person,
        role,
        public_key: public_key(&seed),
        subject: Subject::Enrolment {
            not_after: not_after.seconds(),
        },
    };
    chain.push(Certificate::issue(&signing_key(issuer), body));
    Enrolment {
        chain: certificate::encode_chain(&chain),
        seed,
        person,
        role,
        organisation,
    }
}

impl Enrolment {
    /// Uses the enrolment up: the device makes keys of its own.
    ///
    /// # Errors
    /// [`siegel_proto::Malformed`] if the chain does not parse.
    pub fn settle(&self, rng: &mut StepRng) -> Result<Keys, siegel_proto::Malformed> {
        let mut chain = certificate::decode_chain(&self.chain)?;
        let identity = Secret32::random(rng);
        chain.push(Certificate::issue(
            &signing_key(&self.seed),
            self.body(public_key(&identity), Subject::Identity),
        ));
        Ok(self.device(identity, chain, rng))
    }

    /// Makes the keys an inviter puts into a guest's capsule; the guest's first commit
    /// replaces them all.
    ///
    /// # Errors
    /// [`siegel_proto::Malformed`] if the chain does not parse.
    pub fn provisional(&self, rng: &mut StepRng) -> Result<Keys, siegel_proto::Malformed> {
        let chain = certificate::decode_chain(&self.chain)?;
        Ok(self.device(self.seed.clone(), chain, rng))
    }

    fn device(&self, identity: Secret32, mut chain: Vec<Certificate>, rng: &mut StepRng) -> Keys {
        let identity_chain = certificate::encode_chain(&chain);
        let device = DeviceId::new(rng.bytes());
        let signature = Secret32::random(rng);
        let auth = (self.role != PersonRole::Guest).then(|| Secret32::random(rng));
        let subject = Subject::Device {
            device,
            auth_key: auth.as_ref().map(public_key),
        };
        chain.push(Certificate::issue(
            &signing_key(&identity),
            self.body(public_key(&signature), subject),
        ));
        Keys {
            person: self.person,
            role: self.role,
            device,
            identity,
            signature,
            auth,
            identity_chain,
            device_chain: certificate::encode_chain(&chain),
        }
    }

    fn body(&self, public_key: PublicKey, subject: Subject) -> CertificateBody {
        CertificateBody {
            organisation: self.organisation,
            person: self.person,
            role: self.role,
            public_key,
            subject,
        }
    }
}

impl Keys {
    /// Whether a guest still uses what its inviter made.
    ///
    /// # Errors
    /// [`certificate::ChainError`] if the own chain does not hold.
    pub fn verify(&self, root: &PublicKey) -> Result<VerifiedChain, certificate::ChainError> {
        let chain = certificate::decode_chain(&self.device_chain)
            .map_err(|_| certificate::ChainError::Form)?;
        certificate::verify_chain(root, &chain)
    }
}

/// Roles in stored rows: their number in the protocol.
pub(crate) mod role {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use siegel_proto::certificate::PersonRole;

    pub(crate) fn serialize<S: Serializer>(role: &PersonRole, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i32((*role).into())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<PersonRole, D::Error> {
        let number = i32::deserialize(d)?;
        PersonRole::try_from(number).map_err(|_| D::Error::custom("person role"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Entropy;

    #[test]
    fn everybody_ends_in_the_root() {
        let mut rng = StepRng::new(Entropy([5; 32]));
        let root = Secret32::random(&mut rng);
        let never = Timestamp::from_seconds(0);
        let anna = enrol_staff(
            &root,
            PersonId::new([1; 16]),
            PersonRole::Staff,
            never,
            &mut rng,
        )
        .settle(&mut rng)
        .expect("settles");
        let verified = anna.verify(&public_key(&root)).expect("holds");
        assert_eq!(verified.identity_key, public_key(&anna.identity));

        let organisation = OrganisationId::of(&public_key(&root));
        let invited = enrol_guest(&anna, organisation, PersonId::new([2; 16]), never, &mut rng)
            .expect("enrols");
        let provisional = invited.provisional(&mut rng).expect("makes keys");
        assert!(
            provisional
                .verify(&public_key(&root))
                .expect("holds")
                .provisional
        );
        let own = invited.settle(&mut rng).expect("settles");
        let own = own.verify(&public_key(&root)).expect("holds");
        assert!(!own.provisional);
        assert_eq!(own.inviter, Some(anna.person));
    }
}

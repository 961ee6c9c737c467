//! Invitations: links for colleagues and clients.
//!
//! A client is made a member before its link exists: its leaf is committed, its small
//! vault is made in memory and sealed into the capsule. Whoever opens the link is in the
//! room at once, also while the inviter sleeps, and first of all replaces every key.

use serde::{Deserialize, Serialize};
use siegel_proto::ids::{MessageId, OrganisationId, PersonId, PublicKey, RoomId};
use siegel_proto::organisation::Policy;
use siegel_proto::seat::{SeatClass, SeatToken};

use super::Room;
use crate::contact;
use crate::device::{Device, Stage};
use crate::error::{Error, Thing};
use crate::identity::{self, Enrolment};
use crate::link::LinkSecret;
use crate::mls::group::Group;
use crate::mls::key_package::{self, Offer};
use crate::mls::provider::Provider;
use crate::mls::signer::DeviceSigner;
use crate::mls::welcome_seal::WelcomeKey;
use crate::moment::{StepRng, Timestamp};
use crate::secret::Secret32;
use crate::vault::{Scope, Table, Vault};

const INVITATION: Table = Table::new("invitation");
const ENROLMENT: Table = Table::new("enrolment");
const ENROLMENT_KEY: &[u8] = b"guest";
/// The kind of link that stands for a client.
const GUEST: &str = "guest";

/// Names an invitation on the device that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InvitationId(#[serde(with = "serde_bytes")] pub [u8; 16]);

/// An invitation this device made.
#[derive(Clone, Serialize, Deserialize)]
pub struct Invitation {
    /// Which.
    pub id: InvitationId,
    /// For whom, in the inviter's words.
    pub label: String,
    /// The account or guest it brings in.
    pub person: PersonId,
    /// Clients: into which room.
    pub room: Option<RoomId>,
    /// Opens the capsule.
    pub secret: LinkSecret,
    /// How far it is.
    pub stage: InvitationStage,
    /// When it can no longer be claimed.
    pub expires_at: Timestamp,
    /// Entries that must be in the log before the link may exist.
    pub waits_for: Vec<MessageId>,
}

/// How far an invitation is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationStage {
    /// The client's leaf waits to be committed.
    Preparing {
        /// The client's vault without the room.
        #[serde(with = "serde_bytes")]
        vault: Vec<u8>,
        /// The client's key package.
        #[serde(with = "serde_bytes")]
        key_package: Vec<u8>,
        /// The Welcome of the commit that is under way.
        #[serde(with = "serde_bytes")]
        welcome: Vec<u8>,
    },
    /// The capsule waits for the relay.
    Uploading {
        /// What the relay is to keep.
        #[serde(with = "serde_bytes")]
        sealed: Vec<u8>,
    },
    /// The link can be used.
    Ready,
    /// The guest has made keys of its own.
    Used,
    /// To be taken back.
    Withdrawing,
    /// Taken back.
    Withdrawn,
}

/// What a colleague's capsule holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct StaffCapsule {
    pub(crate) root: PublicKey,
    pub(crate) enrolment: Enrolment,
    pub(crate) directory_key: Secret32,
    pub(crate) policy: Policy,
    /// The first admin's colleague admins hold the root as well.
    pub(crate) root_seed: Option<Secret32>,
}

/// What a client's capsule holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct GuestCapsule {
    #[serde(with = "serde_bytes")]
    pub(crate) vault: Vec<u8>,
}

impl Invitation {
    /// The kind of link, as it stands in the link.
    pub(crate) const fn kind(&self) -> &'static str {
        if self.room.is_some() { GUEST } else { "staff" }
    }

    /// What the relay is to keep of a client who was added by the entry of this number;
    /// nothing if it is too much, or if no client is being added.
    pub(super) fn capsule(
        &self,
        commit_seq: u64,
        now: Timestamp,
        rng: &mut StepRng,
    ) -> Result<Option<Vec<u8>>, Error> {
        let InvitationStage::Preparing { vault, welcome, .. } = &self.stage else {
            return Ok(None);
        };
        let capsule = finish_guest(vault, welcome, commit_seq, now, rng)?;
        let mut plain = zeroize::Zeroizing::new(Vec::new());
        ciborium::into_writer(&capsule, &mut *plain)
            .map_err(|_| siegel_proto::Malformed("capsule"))?;
        let sealed = self.secret.seal(GUEST, &plain, rng)?;
        Ok(Some(sealed).filter(|sealed| sealed.len() <= siegel_proto::limits::CAPSULE_BYTES))
    }

    pub(crate) fn load(vault: &Vault, id: InvitationId) -> Result<Self, Error> {
        vault
            .get(Scope::Device, INVITATION, &id.0)?
            .ok_or(Error::Unknown(Thing::Invitation))
    }

    pub(crate) fn save(&self, vault: &Vault) -> Result<(), Error> {
        Ok(vault.put(Scope::Device, INVITATION, &self.id.0, self)?)
    }

    pub(crate) fn all(vault: &Vault) -> Result<Vec<Self>, Error> {
        let rows = vault.scan(Scope::Device, INVITATION, &[])?;
        Ok(rows.into_iter().map(|(_, invitation)| invitation).collect())
    }
}

/// Makes a client's vault and key package, and the stage that holds them.
pub(crate) fn prepare_guest(
    inviter: &Device,
    guest: PersonId,
    not_after: Timestamp,
    now: Timestamp,
    rng: &mut StepRng,
) -> Result<InvitationStage, Error> {
    let organisation = OrganisationId::of(&inviter.root);
    let enrolment = identity::enrol_guest(&inviter.keys, organisation, guest, not_after, rng)?;
    let keys = enrolment.provisional(rng)?;
    let vault = Vault::unprotected(rng)?;
    let token = SeatToken::new(rng.bytes());
    let welcome_key = WelcomeKey::generate(rng);
    let signer = DeviceSigner::new(&keys.signature);
    let offer = Offer {
        chain: &keys.device_chain,
        leaf: siegel_proto::group::LeafInfo {
            seat_key: token.key(SeatClass::Open),
            inbox: None,
        },
        welcome_key: welcome_key
            .public()
            .map_err(|_| siegel_proto::Malformed("welcome key"))?
            .into(),
        last_resort: false,
    };
    let provider = Provider::new(&vault, rng);
    let key_package = key_package::generate(&provider, &signer, &offer, now)?;
    vault.put(
        Scope::Device,
        ENROLMENT,
        ENROLMENT_KEY,
        &(&enrolment, &token),
    )?;
    let device = Device {
        origin: inviter.origin.clone(),
        root: inviter.root,
        keys,
        root_seed: None,
        directory_key: None,
        inbox: None,
        stage: Stage::Ready,
        name: String::new(),
        position: String::new(),
        policy: inviter.policy.clone(),
        generation: None,
        put_back_at: None,
        revocations: 0,
        directory_version: 0,
        directory_seen: 0,
        last_resort: false,
        key_packages_at: None,
    };
    device.save(&vault)?;
    Ok(InvitationStage::Preparing {
        vault: vault.export()?.to_vec(),
        key_package,
        welcome: Vec::new(),
    })
}

/// The client's side of the commit: joins in memory and exports the finished vault.
fn finish_guest(
    vault: &[u8],
    welcome: &[u8],
    commit_seq: u64,
    now: Timestamp,
    rng: &mut StepRng,
) -> Result<GuestCapsule, Error> {
    let guest = Vault::unprotected(rng)?;
    guest.absorb(vault)?;
    let device = Device::load(&guest)?;
    let (_, token) = enrolment(&guest)?;
    let provider = Provider::new(&guest, rng);
    let (group, _) = Group::join(&provider, welcome)?;
    for leaf in group.leaves(&device.root)? {
        contact::meet(&guest, &leaf.identity)?;
    }
    let mut room = Room::new(group.id()?.room, token, SeatClass::Open, now);
    room.incarnation = group.id()?.incarnation;
    room.must_renew = true;
    room.start_log(commit_seq, &group);
    room.save(&guest)?;
    Ok(GuestCapsule {
        vault: guest.export()?.to_vec(),
    })
}

/// What a guest's device got to make keys of its own with.
pub(crate) fn enrolment(vault: &Vault) -> Result<(Enrolment, SeatToken), Error> {
    vault
        .get(Scope::Device, ENROLMENT, ENROLMENT_KEY)?
        .ok_or(Error::Unknown(Thing::Own))
}

/// Forgets it, once it was used.
pub(crate) fn forget_enrolment(vault: &Vault) {
    vault.delete(Scope::Device, ENROLMENT, ENROLMENT_KEY);
}

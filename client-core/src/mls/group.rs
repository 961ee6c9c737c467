//! One MLS group (RFC 9420) as the rest of the core sees it.
//!
//! Every operation takes the step's [`Provider`]; its writes become durable with the
//! step's batch. After an error both the batch and the `Group` must be dropped.

use std::cell::RefCell;
use std::collections::BTreeMap;

use openmls::prelude::{
    Extension, ExtensionType, Extensions, GroupContext, LeafNode, LeafNodeIndex,
    LeafNodeParameters, MlsGroup, MlsGroupCreateConfig, MlsGroupJoinConfig, MlsMessageBodyIn,
    MlsMessageIn, NewSignerBundle, PURE_CIPHERTEXT_WIRE_FORMAT_POLICY, ProcessedMessageContent,
    ProcessedWelcome, Proposal, ProtocolMessage, RequiredCapabilitiesExtension, Sender,
    SenderRatchetConfiguration, StagedCommit, UnknownExtension, Welcome,
};
use openmls_traits::OpenMlsProvider as _;
use siegel_proto::Malformed;
use siegel_proto::group::{self, LeafInfo, RoomInfo};
use siegel_proto::ids::{ContentHash, PublicKey};
use tls_codec::DeserializeBytes as _;

use super::group_id::RoomGroup;
use super::key_package::Checked;
use super::leaf::{self, Leaf, LeafError};
use super::policy::{Change, Violation};
use super::provider::Provider;
use super::signer::DeviceSigner;
use super::{MlsError, SUITE};

/// Messages of one sender in one epoch may arrive so far out of order, or be missed.
/// The log is in order, so only what its author never managed to store is skipped.
const OUT_OF_ORDER: u32 = 64;
const SKIPPED: u32 = 2_000;

/// Bytes MLS and the payload's envelope add to a content at most. Contents are padded so
/// that content and this end on a bucket; `pad` fills up the few bytes in between.
pub const CONTENT_OVERHEAD: usize = 208;

/// A loaded group.
pub struct Group {
    mls: MlsGroup,
    /// Leaves whose chains were verified: a room of a thousand is not verified per message.
    verified: RefCell<BTreeMap<ContentHash, Leaf>>,
}

/// What a commit is to change.
#[derive(Default)]
pub struct Plan {
    /// Devices to add.
    pub add: Vec<Checked>,
    /// Leaves to remove.
    pub remove: Vec<u32>,
    /// The room's new info.
    pub info: Option<RoomInfo>,
    /// New keys and identity for the own leaf. Without it only the encryption key changes.
    pub renew: Option<Renewal>,
}

/// A leaf's new keys and identity.
pub struct Renewal {
    /// Signs from the next epoch on.
    pub signer: DeviceSigner,
    /// The encoded chain that certifies it.
    pub chain: Vec<u8>,
    /// The new seat.
    pub leaf: LeafInfo,
}

/// A commit of one's own, not yet merged.
pub struct OwnCommit {
    /// `MLSMessage` with the commit.
    pub commit: Vec<u8>,
    /// `MLSMessage` with the Welcome for all added devices.
    pub welcome: Option<Vec<u8>>,
}

/// A processed message.
pub enum Processed {
    /// What a member said.
    Message {
        /// The member's leaf.
        sender: u32,
        /// The decrypted content, padded.
        plaintext: Vec<u8>,
    },
    /// A commit, to be judged and merged.
    Commit {
        /// What it does.
        change: Box<Change>,
        /// For [`Group::merge`].
        staged: Box<StagedCommit>,
    },
    /// This device's own message: the state knows nothing of having sent it, or it would
    /// have been recognised before.
    Own,
}

impl Group {
    fn of(mls: MlsGroup) -> Self {
        Self {
            mls,
            verified: RefCell::default(),
        }
    }

    fn leaf(&self, root: &PublicKey, index: u32, node: &LeafNode) -> Result<Leaf, LeafError> {
        let key = leaf::fingerprint(index, node);
        if let Some(leaf) = self.verified.borrow().get(&key) {
            return Ok(leaf.clone());
        }
        let leaf = leaf::verify(root, index, node)?;
        self.verified.borrow_mut().insert(key, leaf.clone());
        Ok(leaf)
    }

    /// Makes a group with this device alone in it.
    ///
    /// # Errors
    /// [`MlsError::Library`] if the library refuses.
    pub fn create(
        provider: &Provider<'_>,
        id: RoomGroup,
        signer: &DeviceSigner,
        chain: &[u8],
        leaf_info: &LeafInfo,
        info: &RoomInfo,
    ) -> Result<Self, MlsError> {
        let config = MlsGroupCreateConfig::builder()
            .ciphersuite(SUITE)
            .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(true)
            .max_past_epochs(0)
            .sender_ratchet_configuration(ratchet())
            .capabilities(leaf::capabilities())
            .with_leaf_node_extensions(leaf::extensions(leaf_info)?)
            .map_err(MlsError::library)?
            .with_group_context_extensions(context(info)?)
            .build();
        let credential = leaf::credential(chain, signer.public_key());
        let mls =
            MlsGroup::new_with_group_id(provider, signer, &config, id.to_group_id(), credential)
                .map_err(MlsError::library)?;
        Ok(Self::of(mls))
    }

    /// Loads a group from the vault.
    ///
    /// # Errors
    /// [`MlsError::NoGroup`] if it is not there.
    pub fn load(provider: &Provider<'_>, id: RoomGroup) -> Result<Self, MlsError> {
        let mls = MlsGroup::load(provider.storage(), &id.to_group_id())
            .map_err(MlsError::library)?
            .ok_or(MlsError::NoGroup)?;
        Ok(Self::of(mls))
    }

    /// Joins by a Welcome. The key package is used up even if this fails, unless the
    /// step's writes are discarded.
    ///
    /// # Errors
    /// [`MlsError::Unprocessable`] if the Welcome is not for this device or not sound.
    pub fn join(provider: &Provider<'_>, welcome: &[u8]) -> Result<(Self, u32), MlsError> {
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(true)
            .max_past_epochs(0)
            .sender_ratchet_configuration(ratchet())
            .build();
        let processed =
            ProcessedWelcome::new_from_welcome(provider, &config, parse_welcome(welcome)?)
                .map_err(MlsError::unprocessable)?;
        let staged = openmls::group::JoinBuilder::new(provider, processed)
            .replace_old_group()
            .skip_lifetime_validation()
            .build()
            .map_err(MlsError::unprocessable)?;
        let sender = staged.welcome_sender_index().u32();
        let mls = staged
            .into_group(provider)
            .map_err(MlsError::unprocessable)?;
        Ok((Self::of(mls), sender))
    }

    /// Which room and incarnation.
    ///
    /// # Errors
    /// [`Malformed`] if the group id is not a room's.
    pub fn id(&self) -> Result<RoomGroup, Malformed> {
        RoomGroup::from_group_id(self.mls.group_id()).ok_or(Malformed("group id"))
    }

    /// The epoch.
    pub fn epoch(&self) -> u64 {
        self.mls.epoch().as_u64()
    }

    /// The same for all members that share the epoch's whole history (RFC 9420, section 8.7).
    pub fn epoch_authenticator(&self) -> &[u8] {
        self.mls.epoch_authenticator().as_slice()
    }

    /// This device's place.
    pub fn own_index(&self) -> u32 {
        self.mls.own_leaf_index().u32()
    }

    /// All members, each verified against the root.
    ///
    /// # Errors
    /// [`MlsError::Leaf`] if one does not prove who it is: the group must not be used.
    pub fn leaves(&self, root: &PublicKey) -> Result<Vec<Leaf>, MlsError> {
        self.mls
            .treesync()
            .full_leaves()
            .map(|(index, node)| Ok(self.leaf(root, index.u32(), node)?))
            .collect()
    }

    /// What all members agree on.
    ///
    /// # Errors
    /// [`Malformed`] if it cannot be read.
    pub fn info(&self) -> Result<RoomInfo, Malformed> {
        read_info(self.mls.extensions())
    }

    /// Encrypts a padded content.
    ///
    /// # Errors
    /// [`MlsError::Library`], for instance while a commit is pending.
    pub fn encrypt(
        &mut self,
        provider: &Provider<'_>,
        signer: &DeviceSigner,
        padded: &[u8],
    ) -> Result<Vec<u8>, MlsError> {
        self.mls
            .create_message(provider, signer, padded)
            .map_err(MlsError::library)?
            .to_bytes()
            .map_err(MlsError::library)
    }

    /// Makes a commit that waits to be merged or cleared.
    ///
    /// # Errors
    /// [`MlsError::Library`] if the library refuses the plan.
    pub fn commit(
        &mut self,
        provider: &Provider<'_>,
        signer: &DeviceSigner,
        plan: Plan,
    ) -> Result<OwnCommit, MlsError> {
        let mut builder = self
            .mls
            .commit_builder()
            .consume_proposal_store(false)
            .force_self_update(true)
            .propose_adds(plan.add.into_iter().map(|checked| checked.key_package))
            .propose_removals(plan.remove.into_iter().map(LeafNodeIndex::new));
        if let Some(info) = &plan.info {
            builder = builder
                .propose_group_context_extensions(context(info)?)
                .map_err(MlsError::library)?;
        }
        if let Some(renewal) = &plan.renew {
            let parameters = LeafNodeParameters::builder()
                .with_extensions(leaf::extensions(&renewal.leaf)?)
                .with_capabilities(leaf::capabilities())
                .build();
            builder = builder.leaf_node_parameters(parameters);
        }
        let builder = builder
            .load_psks(provider.storage())
            .map_err(MlsError::library)?;
        let built = match &plan.renew {
            None => builder.build(provider.rand(), provider.crypto(), signer, |_| true),
            Some(renewal) => builder.build_with_new_signer(
                provider.rand(),
                provider.crypto(),
                signer,
                NewSignerBundle {
                    signer: &renewal.signer,
                    credential_with_key: leaf::credential(
                        &renewal.chain,
                        renewal.signer.public_key(),
                    ),
                },
                |_| true,
            ),
        };
        let bundle = built
            .map_err(MlsError::library)?
            .stage_commit(provider)
            .map_err(MlsError::library)?;
        let (commit, welcome, _) = bundle.into_messages();
        Ok(OwnCommit {
            commit: commit.to_bytes().map_err(MlsError::library)?,
            welcome: welcome
                .map(|welcome| welcome.to_bytes().map_err(MlsError::library))
                .transpose()?,
        })
    }

    /// What the own pending commit would do, to be judged like anybody's.
    ///
    /// # Errors
    /// [`MlsError::NoGroup`] if there is none.
    pub fn pending_change(&self, root: &PublicKey) -> Result<Change, MlsError> {
        let staged = self.mls.pending_commit().ok_or(MlsError::NoGroup)?;
        self.change(root, self.own_index(), staged)
    }

    /// Merges the own pending commit: the relay has it.
    ///
    /// # Errors
    /// [`MlsError::Library`] if the library fails.
    pub fn merge_own(&mut self, provider: &Provider<'_>) -> Result<(), MlsError> {
        self.mls
            .merge_pending_commit(provider)
            .map_err(MlsError::library)
    }

    /// Forgets the own pending commit: another one won.
    ///
    /// # Errors
    /// [`MlsError::Library`] if the library fails.
    pub fn clear_own(&mut self, provider: &Provider<'_>) -> Result<(), MlsError> {
        self.mls
            .clear_pending_commit(provider.storage())
            .map_err(MlsError::library)
    }

    /// Decrypts and verifies an entry. A commit is staged, not merged.
    ///
    /// # Errors
    /// [`MlsError::Unprocessable`], [`MlsError::Violation`] or a leaf that proves nothing.
    pub fn process(
        &mut self,
        provider: &Provider<'_>,
        root: &PublicKey,
        message: &[u8],
    ) -> Result<Processed, MlsError> {
        let message =
            MlsMessageIn::tls_deserialize_exact_bytes(message).map_err(|_| Malformed("entry"))?;
        let MlsMessageBodyIn::PrivateMessage(message) = message.extract() else {
            return Err(Malformed("entry").into());
        };
        let processed = self
            .mls
            .process_message(provider, ProtocolMessage::from(message))
            .map_err(MlsError::unprocessable)?;
        let Sender::Member(sender) = *processed.sender() else {
            return Err(Violation::Proposal.into());
        };
        match processed.into_content() {
            ProcessedMessageContent::ApplicationMessage(message) => Ok(Processed::Message {
                sender: sender.u32(),
                plaintext: message.into_bytes(),
            }),
            ProcessedMessageContent::StagedCommitMessage(staged) => Ok(Processed::Commit {
                change: Box::new(self.change(root, sender.u32(), &staged)?),
                staged,
            }),
            ProcessedMessageContent::OwnPrivateMessage => Ok(Processed::Own),
            _ => Err(Violation::Proposal.into()),
        }
    }

    /// Merges somebody's commit that the policy allowed.
    ///
    /// # Errors
    /// [`MlsError::Library`] if the library fails.
    pub fn merge(&mut self, provider: &Provider<'_>, staged: StagedCommit) -> Result<(), MlsError> {
        self.mls
            .merge_staged_commit(provider, staged)
            .map_err(MlsError::library)
    }

    /// Reads out of a staged commit what the policy judges.
    fn change(
        &self,
        root: &PublicKey,
        committer: u32,
        staged: &StagedCommit,
    ) -> Result<Change, MlsError> {
        let mut change = Change {
            committer,
            info: read_info(staged.group_context().extensions()).map_err(|_| Violation::Info)?,
            ..Change::default()
        };
        for queued in staged.queued_proposals() {
            let by_committer =
                matches!(queued.sender(), Sender::Member(index) if index.u32() == committer);
            match queued.proposal() {
                _ if !by_committer => change.foreign = true,
                Proposal::Add(add) => {
                    let node = add.key_package().leaf_node();
                    let leaf = leaf::verify(root, 0, node).map_err(Violation::Leaf)?;
                    change.added.push(leaf);
                }
                Proposal::Remove(remove) => change.removed.push(remove.removed().u32()),
                Proposal::GroupContextExtensions(_) => change.info_changed = true,
                _ => change.foreign = true,
            }
        }
        if let Some(node) = staged.update_path_leaf_node() {
            let leaf = leaf::verify(root, committer, node).map_err(Violation::Leaf)?;
            change.own_leaf = Some(leaf);
        }
        Ok(change)
    }
}

fn ratchet() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(OUT_OF_ORDER, SKIPPED)
}

fn context(info: &RoomInfo) -> Result<Extensions<GroupContext>, MlsError> {
    let required = RequiredCapabilitiesExtension::new(
        &[
            ExtensionType::Unknown(group::LEAF_INFO),
            ExtensionType::Unknown(group::ROOM_INFO),
        ],
        &[],
        &[],
    );
    Extensions::from_vec(vec![
        Extension::RequiredCapabilities(required),
        Extension::Unknown(group::ROOM_INFO, UnknownExtension(info.encode())),
    ])
    .map_err(MlsError::library)
}

fn read_info(extensions: &Extensions<GroupContext>) -> Result<RoomInfo, Malformed> {
    let info = extensions
        .unknown(group::ROOM_INFO)
        .ok_or(Malformed("room info"))?;
    // Exactly what `context` writes: no external senders, nothing a later version means.
    if extensions.iter().count() != 2 || extensions.required_capabilities().is_none() {
        return Err(Malformed("group context"));
    }
    RoomInfo::decode(&info.0)
}

fn parse_welcome(message: &[u8]) -> Result<Welcome, Malformed> {
    let message =
        MlsMessageIn::tls_deserialize_exact_bytes(message).map_err(|_| Malformed("welcome"))?;
    match message.extract() {
        MlsMessageBodyIn::Welcome(welcome) => Ok(welcome),
        _ => Err(Malformed("welcome")),
    }
}

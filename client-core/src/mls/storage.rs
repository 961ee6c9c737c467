//! The MLS library's storage, as rows of the vault.
//!
//! What belongs to a group lies in its room's scope, so that it is snapshotted and erased
//! with the room; key packages and keys not yet in a group lie in the device's.

use openmls::group::GroupId as MlsGroupId;
use openmls_traits::storage::{CURRENT_VERSION, StorageProvider, traits};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::group_id::RoomGroup;
use crate::vault::{Scope, Table, Vault, VaultError, codec};

pub(super) const MLS: Table = Table::new("mls");

/// The rows of a step as the MLS library sees them.
#[derive(Debug)]
pub struct Storage<'v> {
    vault: &'v Vault,
}

/// The library wrote or asked for something that is not ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// A group id that is not a room's. Refuse what brought it in.
    #[error("the MLS group belongs to no room")]
    ForeignGroup,
    /// See the source; discard the step.
    #[error("an MLS row could not be read or written")]
    Vault(#[from] VaultError),
}

/// The first byte of a row's key. Never give a number to another kind.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Kind {
    JoinConfig = 1,
    OwnLeafNodes = 2,
    ProposalRefs = 3,
    Proposal = 4,
    Tree = 5,
    TranscriptHash = 6,
    Context = 7,
    ConfirmationTag = 8,
    GroupState = 9,
    MessageSecrets = 10,
    ResumptionPsks = 11,
    OwnLeafIndex = 12,
    EpochSecrets = 13,
    EpochKeyPairs = 14,
    SignatureKeyPair = 32,
    EncryptionKeyPair = 33,
    KeyPackage = 34,
    Psk = 35,
}

struct Place {
    scope: Scope,
    key: Vec<u8>,
}

impl Place {
    fn of_group(kind: Kind, group: &impl Serialize) -> Result<Self, StorageError> {
        // The trait hides the group id behind `Serialize`; its encoded form tells it.
        let id: MlsGroupId = codec::decode(&codec::encode(group)?)?;
        let group = RoomGroup::from_group_id(&id).ok_or(StorageError::ForeignGroup)?;
        let mut key = vec![kind as u8];
        key.extend_from_slice(&group.incarnation.to_be_bytes());
        Ok(Self {
            scope: Scope::Room(group.room),
            key,
        })
    }

    fn of_device(kind: Kind, name: &impl Serialize) -> Result<Self, StorageError> {
        let place = Self {
            scope: Scope::Device,
            key: vec![kind as u8],
        };
        place.at(name)
    }

    fn at(mut self, name: &impl Serialize) -> Result<Self, StorageError> {
        self.key.extend_from_slice(&codec::encode(name)?);
        Ok(self)
    }
}

impl<'v> Storage<'v> {
    pub(super) fn new(vault: &'v Vault) -> Self {
        Self { vault }
    }

    fn write<T: Serialize + ?Sized>(&self, place: &Place, value: &T) -> Result<(), StorageError> {
        Ok(self.vault.put(place.scope, MLS, &place.key, value)?)
    }

    fn read<T: DeserializeOwned>(&self, place: &Place) -> Result<Option<T>, StorageError> {
        Ok(self.vault.get(place.scope, MLS, &place.key)?)
    }

    fn read_list<T: DeserializeOwned>(&self, place: &Place) -> Result<Vec<T>, StorageError> {
        Ok(self.read(place)?.unwrap_or_default())
    }

    fn append<T: Serialize + DeserializeOwned>(
        &self,
        place: &Place,
        value: &T,
    ) -> Result<(), StorageError> {
        let list: Vec<T> = self.read_list(place)?;
        let list: Vec<&T> = list.iter().chain([value]).collect();
        self.write(place, &list)
    }

    fn delete(&self, place: &Place) {
        self.vault.delete(place.scope, MLS, &place.key);
    }
}

/// Writes, reads and deletes the one row a group has of a kind.
macro_rules! one_per_group {
    ($kind:ident, $entity:ident, $write:ident, $read:ident) => {
        fn $write<
            GroupId: traits::GroupId<CURRENT_VERSION>,
            $entity: traits::$entity<CURRENT_VERSION>,
        >(
            &self,
            group_id: &GroupId,
            value: &$entity,
        ) -> Result<(), Self::Error> {
            self.write(&Place::of_group(Kind::$kind, group_id)?, value)
        }

        fn $read<
            GroupId: traits::GroupId<CURRENT_VERSION>,
            $entity: traits::$entity<CURRENT_VERSION>,
        >(
            &self,
            group_id: &GroupId,
        ) -> Result<Option<$entity>, Self::Error> {
            self.read(&Place::of_group(Kind::$kind, group_id)?)
        }
    };
    ($kind:ident, $delete:ident) => {
        fn $delete<GroupId: traits::GroupId<CURRENT_VERSION>>(
            &self,
            group_id: &GroupId,
        ) -> Result<(), Self::Error> {
            self.delete(&Place::of_group(Kind::$kind, group_id)?);
            Ok(())
        }
    };
}

/// Writes, reads and deletes a row that is found by a name and belongs to no group.
macro_rules! one_per_name {
    ($kind:ident, $write:ident<$wname:ident, $went:ident>, $read:ident<$($rgen:ident),+>,
     $delete:ident<$dname:ident>) => {
        fn $write<$wname: traits::$wname<CURRENT_VERSION>, $went: traits::$went<CURRENT_VERSION>>(
            &self,
            name: &$wname,
            value: &$went,
        ) -> Result<(), Self::Error> {
            self.write(&Place::of_device(Kind::$kind, name)?, value)
        }

        fn $read<$($rgen: traits::$rgen<CURRENT_VERSION>),+>(
            &self,
            name: &$wname,
        ) -> Result<Option<$went>, Self::Error> {
            self.read(&Place::of_device(Kind::$kind, name)?)
        }

        fn $delete<$dname: traits::$dname<CURRENT_VERSION>>(
            &self,
            name: &$dname,
        ) -> Result<(), Self::Error> {
            self.delete(&Place::of_device(Kind::$kind, name)?);
            Ok(())
        }
    };
}

impl StorageProvider<CURRENT_VERSION> for Storage<'_> {
    type Error = StorageError;

    one_per_group!(
        JoinConfig,
        MlsGroupJoinConfig,
        write_mls_join_config,
        mls_group_join_config
    );
    one_per_group!(JoinConfig, delete_group_config);
    one_per_group!(Tree, TreeSync, write_tree, tree);
    one_per_group!(Tree, delete_tree);
    one_per_group!(
        TranscriptHash,
        InterimTranscriptHash,
        write_interim_transcript_hash,
        interim_transcript_hash
    );
    one_per_group!(TranscriptHash, delete_interim_transcript_hash);
    one_per_group!(Context, GroupContext, write_context, group_context);
    one_per_group!(Context, delete_context);
    one_per_group!(
        ConfirmationTag,
        ConfirmationTag,
        write_confirmation_tag,
        confirmation_tag
    );
    one_per_group!(ConfirmationTag, delete_confirmation_tag);
    one_per_group!(
        MessageSecrets,
        MessageSecrets,
        write_message_secrets,
        message_secrets
    );
    one_per_group!(MessageSecrets, delete_message_secrets);
    one_per_group!(
        ResumptionPsks,
        ResumptionPskStore,
        write_resumption_psk_store,
        resumption_psk_store
    );
    one_per_group!(ResumptionPsks, delete_all_resumption_psk_secrets);
    one_per_group!(
        OwnLeafIndex,
        LeafNodeIndex,
        write_own_leaf_index,
        own_leaf_index
    );
    one_per_group!(OwnLeafIndex, delete_own_leaf_index);
    one_per_group!(
        EpochSecrets,
        GroupEpochSecrets,
        write_group_epoch_secrets,
        group_epoch_secrets
    );
    one_per_group!(EpochSecrets, delete_group_epoch_secrets);
    one_per_group!(GroupState, delete_group_state);
    one_per_group!(OwnLeafNodes, delete_own_leaf_nodes);

    fn write_group_state<
        GroupState: traits::GroupState<CURRENT_VERSION>,
        GroupId: traits::GroupId<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        group_state: &GroupState,
    ) -> Result<(), Self::Error> {
        self.write(&Place::of_group(Kind::GroupState, group_id)?, group_state)
    }

    fn group_state<
        GroupState: traits::GroupState<CURRENT_VERSION>,
        GroupId: traits::GroupId<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Option<GroupState>, Self::Error> {
        self.read(&Place::of_group(Kind::GroupState, group_id)?)
    }

    fn append_own_leaf_node<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        LeafNode: traits::LeafNode<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        leaf_node: &LeafNode,
    ) -> Result<(), Self::Error> {
        self.append(&Place::of_group(Kind::OwnLeafNodes, group_id)?, leaf_node)
    }

    fn own_leaf_nodes<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        LeafNode: traits::LeafNode<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<LeafNode>, Self::Error> {
        self.read_list(&Place::of_group(Kind::OwnLeafNodes, group_id)?)
    }

    fn queue_proposal<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
        QueuedProposal: traits::QueuedProposal<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        proposal_ref: &ProposalRef,
        proposal: &QueuedProposal,
    ) -> Result<(), Self::Error> {
        // Queued anew, a proposal moves to the end and is not listed twice.
        self.remove_proposal(group_id, proposal_ref)?;
        let place = Place::of_group(Kind::Proposal, group_id)?.at(proposal_ref)?;
        self.write(&place, proposal)?;
        self.append(
            &Place::of_group(Kind::ProposalRefs, group_id)?,
            proposal_ref,
        )
    }

    fn queued_proposal_refs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<ProposalRef>, Self::Error> {
        self.read_list(&Place::of_group(Kind::ProposalRefs, group_id)?)
    }

    fn queued_proposals<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
        QueuedProposal: traits::QueuedProposal<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<(ProposalRef, QueuedProposal)>, Self::Error> {
        let refs: Vec<ProposalRef> = self.queued_proposal_refs(group_id)?;
        refs.into_iter()
            .map(|proposal_ref| {
                let place = Place::of_group(Kind::Proposal, group_id)?.at(&proposal_ref)?;
                let proposal = self.read(&place)?.ok_or(VaultError::Encoding)?;
                Ok((proposal_ref, proposal))
            })
            .collect()
    }

    fn remove_proposal<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        proposal_ref: &ProposalRef,
    ) -> Result<(), Self::Error> {
        let place = Place::of_group(Kind::ProposalRefs, group_id)?;
        let mut kept: Vec<ProposalRef> = Vec::new();
        for listed in self.read_list::<ProposalRef>(&place)? {
            // References have no equality in the trait, but one encoding each.
            if codec::encode(&listed)? != codec::encode(proposal_ref)? {
                kept.push(listed);
            }
        }
        self.write(&place, &kept)?;
        self.delete(&Place::of_group(Kind::Proposal, group_id)?.at(proposal_ref)?);
        Ok(())
    }

    fn clear_proposal_queue<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        ProposalRef: traits::ProposalRef<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<(), Self::Error> {
        self.delete(&Place::of_group(Kind::ProposalRefs, group_id)?);
        let all = Place::of_group(Kind::Proposal, group_id)?;
        for key in self.vault.keys(all.scope, MLS, &all.key) {
            self.vault.delete(all.scope, MLS, &key);
        }
        Ok(())
    }

    fn write_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
        key_pairs: &[HpkeKeyPair],
    ) -> Result<(), Self::Error> {
        let place = Place::of_group(Kind::EpochKeyPairs, group_id)?;
        self.write(&place.at(epoch)?.at(&leaf_index)?, key_pairs)
    }

    fn encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
        HpkeKeyPair: traits::HpkeKeyPair<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
    ) -> Result<Vec<HpkeKeyPair>, Self::Error> {
        let place = Place::of_group(Kind::EpochKeyPairs, group_id)?;
        self.read_list(&place.at(epoch)?.at(&leaf_index)?)
    }

    fn delete_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<CURRENT_VERSION>,
        EpochKey: traits::EpochKey<CURRENT_VERSION>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
    ) -> Result<(), Self::Error> {
        let place = Place::of_group(Kind::EpochKeyPairs, group_id)?;
        self.delete(&place.at(epoch)?.at(&leaf_index)?);
        Ok(())
    }

    one_per_name!(
        SignatureKeyPair,
        write_signature_key_pair<SignaturePublicKey, SignatureKeyPair>,
        signature_key_pair<SignaturePublicKey, SignatureKeyPair>,
        delete_signature_key_pair<SignaturePublicKey>
    );
    one_per_name!(
        EncryptionKeyPair,
        write_encryption_key_pair<EncryptionKey, HpkeKeyPair>,
        encryption_key_pair<HpkeKeyPair, EncryptionKey>,
        delete_encryption_key_pair<EncryptionKey>
    );
    one_per_name!(
        KeyPackage,
        write_key_package<HashReference, KeyPackage>,
        key_package<HashReference, KeyPackage>,
        delete_key_package<HashReference>
    );
    one_per_name!(
        Psk,
        write_psk<PskId, PskBundle>,
        psk<PskBundle, PskId>,
        delete_psk<PskId>
    );
}

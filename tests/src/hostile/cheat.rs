//! A member whose device was taken apart: it holds every key, its client is dead, and
//! nothing checks what it does.

use bytes::Bytes;
use openmls::prelude::{LeafNodeParameters, MlsGroup};
use openmls_traits::OpenMlsProvider;
use siegel_client_core::device::Device;
use siegel_client_core::mls::group::CONTENT_OVERHEAD;
use siegel_client_core::mls::group_id::RoomGroup;
use siegel_client_core::mls::provider::Provider;
use siegel_client_core::mls::signer::DeviceSigner;
use siegel_client_core::moment::{Entropy, StepRng};
use siegel_client_core::room::Room;
use siegel_client_core::vault::{Scope, Table, Vault};
use siegel_proto::content::{Content, Extras, Kind, Payload};
use siegel_proto::frame::{self, Request};
use siegel_proto::ids::{ContentHash, MessageId, RoomId};
use siegel_proto::room::{Append, AppendKind};

use super::crypto::Saboteur;
use crate::simulation::relay::ConnectionId;
use crate::simulation::{DeviceNo, World};

/// Somebody who cheats.
pub struct Cheat {
    /// Whose device it was.
    pub at: DeviceNo,
    /// Everything the device held.
    pub device: Device,
    /// Draws what the cheat needs.
    pub rng: StepRng,
    vault: Vault,
    connection: ConnectionId,
}

impl Cheat {
    /// Takes a device over while it is connected and at rest. Its client sees and says
    /// nothing from here on; the connection is the cheat's.
    pub fn take_over(world: &mut World, at: DeviceNo) -> Self {
        world.settle();
        let vault = world.devices[at].disk.vault().expect("the vault opens");
        let device = Device::load(&vault).expect("the device has joined");
        let link = world.devices[at].link.take().expect("connected");
        world.devices[at].online = false;
        let seed = u8::try_from(at).expect("few devices");
        Self {
            at,
            device,
            rng: StepRng::new(Entropy([seed; 32])),
            vault,
            connection: link.id,
        }
    }

    /// The room's row, as the client last stored it.
    pub fn room(&self, room: RoomId) -> Room {
        let row = self
            .vault
            .get(Scope::Room(room), Table::new("room"), b"state");
        row.expect("reads").expect("the cheat is in the room")
    }

    /// Signs as the device.
    pub fn signer(&self) -> DeviceSigner {
        DeviceSigner::new(&self.device.keys.signature)
    }

    /// Does something with the MLS group itself.
    pub fn with_group<T>(
        &mut self,
        room: RoomId,
        work: impl FnOnce(&mut MlsGroup, &Provider<'_>, &DeviceSigner) -> T,
    ) -> T {
        let signer = self.signer();
        let provider = Provider::new(&self.vault, &mut self.rng);
        work(&mut load(&provider, room), &provider, &signer)
    }

    /// A content that counts on from what the device last said.
    pub fn content(&mut self, room: RoomId, kind: Kind) -> Content {
        let state = self.room(room);
        let (log_seq, log_hash) = state
            .log_tail
            .back()
            .copied()
            .unwrap_or((0, ContentHash::new([0; 32])));
        Content {
            message: MessageId::new(self.rng.bytes()),
            counter: state.own_counter + 1,
            previous: state.own_chain,
            log_seq,
            log_hash,
            sent_at: 0,
            kind,
            extras: Extras::default(),
        }
    }

    /// Encrypts a content as it is; the ratchet moves on.
    pub fn encrypt(&mut self, room: RoomId, content: &Content) -> Bytes {
        let padded = content.encode_padded(CONTENT_OVERHEAD).expect("it fits");
        let mls = self.with_group(room, |group, provider, signer| {
            let message = group.create_message(provider, signer, &padded);
            message.expect("encrypts").to_bytes().expect("encodes")
        });
        payload(mls)
    }

    /// A commit that renews the cheat's leaf and cannot be processed by whoever sits on
    /// the victim's leaf. Everybody else finds nothing wrong with it.
    pub fn commit_without(&mut self, room: RoomId, victim: &[u8]) -> Bytes {
        let signer = self.signer();
        let provider = Saboteur::new(&self.vault, &mut self.rng, victim.to_vec());
        let mut group = load(&provider, room);
        let bundle = group.self_update(&provider, &signer, LeafNodeParameters::default());
        let commit = bundle.expect("commits").into_commit();
        payload(commit.to_bytes().expect("encodes"))
    }

    /// Forgets everything the cheat's group has done since the device was taken over.
    pub fn start_over(&mut self) {
        self.vault.discard();
    }

    /// The epoch the cheat's group is in.
    pub fn epoch(&mut self, room: RoomId) -> u64 {
        self.with_group(room, |group, _, _| group.epoch().as_u64())
    }

    /// The encryption key of the leaf of a device's credential.
    pub fn encryption_key_of(&mut self, room: RoomId, chain: &[u8]) -> Vec<u8> {
        self.with_group(room, |group, _, _| {
            let mut members = group.members();
            let member = members.find(|member| member.credential.serialized_content() == chain);
            member.expect("is a member").encryption_key
        })
    }

    /// Appends whatever it is. What the relay's rules say is theirs to say.
    pub fn append(&mut self, world: &mut World, room: RoomId, kind: AppendKind, payload: Bytes) {
        let epoch = self.epoch(room);
        let append = Append {
            room,
            epoch,
            message: MessageId::new(self.rng.bytes()),
            payload,
            expires_in_days: 30,
            kind,
        };
        self.request(world, Request::Append(append));
    }

    /// Asks the relay for anything; the answer is not waited for.
    pub fn request(&mut self, world: &mut World, request: Request) {
        let frame = frame::encode_request(1, request);
        world.relay.receive(self.connection, frame.into());
    }
}

fn load<P: OpenMlsProvider>(provider: &P, room: RoomId) -> MlsGroup {
    let id = RoomGroup {
        room,
        incarnation: 0,
    };
    MlsGroup::load(provider.storage(), &id.to_group_id())
        .unwrap_or_else(|_| panic!("the group can be read"))
        .expect("the group is there")
}

/// MLS bytes as an entry carries them.
pub fn payload(mls: Vec<u8>) -> Bytes {
    let payload = Payload {
        mls: mls.into(),
        welcome: Bytes::new(),
    };
    payload.encode().expect("it fits").into()
}

//! Becoming somebody: setting the organisation up, joining as staff or as a client.

use prost::Message as _;
use siegel_proto::account::Enrol;
use siegel_proto::capsule::{BearerToken, ClaimCapsule, ConfirmCapsule};
use siegel_proto::certificate::{self, PersonRole};
use siegel_proto::frame::Request;
use siegel_proto::ids::{PersonId, RoomId};
use siegel_proto::organisation::{Policy, SetUp, SetUpToken, Signed};
use siegel_proto::seat::SeatToken;
use siegel_proto::wire;

use super::connection::Pending;
use super::{Client, Cx};
use crate::device::{Device, Inbox, Joining, Stage};
use crate::error::Error;
use crate::event::Event;
use crate::identity::{self, Keys};
use crate::link::{Link, LinkTarget};
use crate::room::Room;
use crate::room::invitation::{GuestCapsule, StaffCapsule};
use crate::secret::Secret32;
use crate::step::{HttpPurpose, HttpRequest, Output};

impl Client {
    /// Makes the organisation's root on this device; the relay learns its public half.
    pub(super) fn set_up(
        &mut self,
        cx: &mut Cx,
        link: &Link,
        token: &SetUpToken,
        name: String,
        position: String,
    ) -> Result<(), Error> {
        let root = Secret32::random(&mut cx.rng);
        let person = PersonId::new(cx.rng.bytes());
        let never = crate::moment::Timestamp::from_seconds(0);
        let enrolment = identity::enrol_staff(&root, person, PersonRole::Admin, never, &mut cx.rng);
        let keys = enrolment.settle(&mut cx.rng)?;
        let device = Device {
            origin: link.origin.clone(),
            root: identity::public_key(&root),
            keys,
            root_seed: Some(root),
            directory_key: Some(Secret32::random(&mut cx.rng)),
            inbox: Some(new_inbox(cx)),
            stage: Stage::SetUp(token.clone()),
            name,
            position,
            policy: Policy::default(),
            generation: None,
            put_back_at: None,
            revocations: 0,
            directory_version: 0,
            directory_seen: 0,
            last_resort: false,
            key_packages_at: None,
        };
        device.save(&self.vault)?;
        self.connection = None;
        cx.output(Output::Reconnect);
        Ok(())
    }

    /// Asks for the capsule behind a link. The link names the relay, so this goes before
    /// any socket is open.
    pub(super) fn join(
        &mut self,
        cx: &mut Cx,
        link: Link,
        name: String,
        position: String,
    ) -> Result<(), Error> {
        let (guest, secret) = match link.target {
            LinkTarget::Staff(secret) => (false, secret),
            LinkTarget::Guest(secret) => (true, secret),
            LinkTarget::SetUp(_) => return Err(crate::link::LinkError::Kind.into()),
        };
        let known = Joining::load(&self.vault)?.filter(|known| known.secret == secret);
        let joining = known.unwrap_or(Joining {
            origin: link.origin,
            guest,
            secret,
            claimant: BearerToken::new(cx.rng.bytes()),
            name,
            position,
            opened: false,
        });
        joining.save(&self.vault)?;
        cx.output(Output::Http(claim(&joining)));
        Ok(())
    }

    pub(super) fn http_answered(
        &mut self,
        cx: &mut Cx,
        purpose: HttpPurpose,
        status: u16,
        body: &bytes::Bytes,
    ) -> Result<(), Error> {
        let Some(mut joining) = Joining::load(&self.vault)? else {
            return Ok(());
        };
        match (purpose, status) {
            (HttpPurpose::Claim(_), 200) if !joining.opened => {
                if let Err(error) = self.open_capsule(cx, &joining, body) {
                    // Nothing of a capsule that is not what the link promised is kept.
                    self.vault.discard();
                    Joining::delete(&self.vault);
                    return match error {
                        Error::Vault(error) => Err(error.into()),
                        _ => {
                            cx.event(Event::LinkUnavailable);
                            Ok(())
                        }
                    };
                }
                joining.opened = true;
                joining.save(&self.vault)?;
                cx.output(Output::Http(confirm(&joining)));
                cx.event(Event::Joined);
                return self.go_in(cx);
            }
            (HttpPurpose::Claim(_), 400..=499) => {
                Joining::delete(&self.vault);
                cx.event(Event::LinkUnavailable);
            }
            (HttpPurpose::Confirm(_), 200..=499) => Joining::delete(&self.vault),
            _ => {}
        }
        Ok(())
    }

    /// Goes on over the line that was laid while the capsule was on its way, or has one laid.
    fn go_in(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let Some(connection) = &mut self.connection else {
            cx.output(Output::Reconnect);
            return Ok(());
        };
        match connection.early_hello.take() {
            Some(hello) => self.hello(cx, hello),
            // It is on its way, and finds the device there.
            None => Ok(()),
        }
    }

    /// Asks for the capsule of a join that was broken off.
    pub(super) fn claim_again(&mut self, cx: &mut Cx) -> Result<(), Error> {
        if let Some(joining) = Joining::load(&self.vault)?
            && !joining.opened
        {
            cx.output(Output::Http(claim(&joining)));
        }
        Ok(())
    }

    /// The relay may not have heard that the capsule is opened and can go.
    pub(super) fn confirm_again(&mut self, cx: &mut Cx) -> Result<(), Error> {
        if let Some(joining) = Joining::load(&self.vault)?
            && joining.opened
        {
            cx.output(Output::Http(confirm(&joining)));
        }
        Ok(())
    }

    fn open_capsule(
        &mut self,
        cx: &mut Cx,
        joining: &Joining,
        body: &bytes::Bytes,
    ) -> Result<(), Error> {
        let claimed = wire::ClaimedCapsule::decode(body.clone())
            .map_err(|_| siegel_proto::Malformed("capsule"))?;
        let plain = joining.secret.open(joining.kind(), &claimed.sealed)?;
        if joining.guest {
            let capsule: GuestCapsule = decode(&plain)?;
            self.vault.absorb(&capsule.vault)?;
            let mut device = Device::load(&self.vault)?;
            device.origin.clone_from(&joining.origin);
            device.keys.verify(&device.root)?;
            device.save(&self.vault)?;
            return Ok(());
        }
        let capsule: StaffCapsule = decode(&plain)?;
        let keys: Keys = capsule.enrolment.settle(&mut cx.rng)?;
        keys.verify(&capsule.root)?;
        let device = Device {
            origin: joining.origin.clone(),
            root: capsule.root,
            keys,
            root_seed: capsule.root_seed,
            directory_key: Some(capsule.directory_key),
            inbox: Some(new_inbox(cx)),
            stage: Stage::Enrol,
            name: joining.name.clone(),
            position: joining.position.clone(),
            policy: capsule.policy,
            generation: None,
            put_back_at: None,
            revocations: 0,
            directory_version: 0,
            directory_seen: 0,
            last_resort: false,
            key_packages_at: None,
        };
        device.save(&self.vault)
    }

    pub(super) fn send_set_up(&mut self, cx: &mut Cx, device: &Device) -> Result<(), Error> {
        let Stage::SetUp(token) = &device.stage else {
            return Ok(());
        };
        let root = identity::signing_key(device.root_seed()?);
        let set_up = SetUp {
            token: token.clone(),
            root: device.root,
            policy: Signed::issue(&root, device.policy.clone()),
        };
        self.request(cx, Pending::SetUp, Request::SetUp(set_up));
        Ok(())
    }

    pub(super) fn send_enrol(&mut self, cx: &mut Cx, device: &Device) -> Result<(), Error> {
        let connection = self.connection.as_ref();
        let challenge = connection.and_then(|connection| connection.challenge);
        if let (Some(challenge), Some(auth)) = (challenge, &device.keys.auth) {
            let enrol = Enrol {
                chain: certificate::decode_chain(&device.keys.device_chain)?,
                answer: challenge.answer(&identity::signing_key(auth), device.keys.device),
            };
            self.request(cx, Pending::Enrol, Request::Enrol(enrol));
        }
        Ok(())
    }

    pub(super) fn enrolled(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        let was_set_up = matches!(device.stage, Stage::SetUp(_));
        device.stage = Stage::Ready;
        device.save(&self.vault)?;
        if was_set_up {
            cx.event(Event::Joined);
        }
        Ok(())
    }

    /// The rooms this device came into by its capsule.
    pub fn first_room(&self) -> Result<Option<RoomId>, Error> {
        Ok(Room::ids(&self.vault)?.into_iter().next())
    }
}

fn new_inbox(cx: &mut Cx) -> Inbox {
    Inbox {
        room: RoomId::new(cx.rng.bytes()),
        token: SeatToken::new(cx.rng.bytes()),
        cursor: 0,
        created: false,
    }
}

fn claim(joining: &Joining) -> HttpRequest {
    let claim = ClaimCapsule {
        token: joining.secret.claim_token(joining.kind()),
        claimant: joining.claimant.clone(),
    };
    let capsule = joining.secret.capsule_id(joining.kind());
    HttpRequest {
        purpose: HttpPurpose::Claim(capsule),
        origin: joining.origin.clone(),
        path: format!("/v1/capsules/{capsule}/claim"),
        body: wire::ClaimCapsule::from(&claim).encode_to_vec(),
    }
}

fn confirm(joining: &Joining) -> HttpRequest {
    let confirm = ConfirmCapsule {
        claimant: joining.claimant.clone(),
    };
    let capsule = joining.secret.capsule_id(joining.kind());
    HttpRequest {
        purpose: HttpPurpose::Confirm(capsule),
        origin: joining.origin.clone(),
        path: format!("/v1/capsules/{capsule}/confirm"),
        body: wire::ConfirmCapsule::from(&confirm).encode_to_vec(),
    }
}

/// Reads a capsule's CBOR.
fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    ciborium::from_reader(bytes).map_err(|_| siegel_proto::Malformed("capsule").into())
}

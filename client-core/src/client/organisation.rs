//! What the organisation decided, as its root has signed it: the policy and the revocations.

use siegel_proto::frame::Request;
use siegel_proto::organisation::{Policy, Revocation, Revoked, Signed};

use super::connection::Pending;
use super::{Client, Cx};
use crate::device::{self, Device, Stage};
use crate::error::Error;
use crate::event::Event;
use crate::identity;
use crate::room::Room;

impl Client {
    pub(super) fn policy_shown(
        &mut self,
        cx: &mut Cx,
        policy: &Signed<Policy>,
    ) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        let Ok(policy) = policy.verify(&device.root) else {
            return Ok(());
        };
        // A relay that shows an older or foreign policy changes nothing. The one that came
        // with the invitation has no notices.
        let known = device::known_policy(&self.vault)?;
        let is_news = match &known {
            Some(known) => policy.version > known.version,
            None => policy.version >= device.policy.version,
        };
        if is_news {
            device.policy = policy.without_notices();
            device.save(&self.vault)?;
            device::save_policy(&self.vault, policy)?;
            cx.event(Event::PolicyChanged);
            self.expire(cx)?;
        }
        // What the admin decided while the line was down is told number by number: the
        // relay takes no other than the next.
        if let (Some(known), Ok(root)) = (known, device.root_seed())
            && policy.version < known.version
            && !self.awaits(Pending::PutPolicy)
        {
            let next = Policy {
                version: policy.version + 1,
                ..known
            };
            let signed = Signed::issue(&identity::signing_key(root), next);
            self.request(cx, Pending::PutPolicy, Request::PutPolicy(signed));
        }
        Ok(())
    }

    /// Takes revocations in, in the order of their numbers and without a hole: one that is
    /// told before the list is complete waits for it, and a relay that leaves one out
    /// does not get anything to forward. What was sent before they were known is past;
    /// nothing is encrypted to the revoked from here on.
    pub(super) fn revocations(
        &mut self,
        cx: &mut Cx,
        signed: &[Signed<Revocation>],
        is_list: bool,
    ) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        let mut revoked = device::revoked(&self.vault)?;
        let (mut complete, mut told) = (true, 0);
        for signed in signed {
            let Ok(revocation) = signed.verify(&device.root) else {
                complete = false;
                break;
            };
            told = told.max(revocation.number);
            if revocation.number <= device.revocations {
                continue;
            }
            if revocation.number != device.revocations + 1 {
                complete = false;
                break;
            }
            match revocation.revoked {
                Revoked::Person(person) => revoked.persons.insert(person),
                Revoked::Device(device) => revoked.devices.insert(device),
            };
            device.revocations = revocation.number;
            device::keep_revocation(&self.vault, revocation.number, signed)?;
        }
        let is_self = revoked.persons.contains(&device.keys.person)
            || revoked.devices.contains(&device.keys.device);
        device.save(&self.vault)?;
        device::save_revoked(&self.vault, &revoked)?;
        if is_self {
            return self.revoked(cx);
        }
        let mut first = false;
        if let Some(connection) = &mut self.connection
            && is_list
            && complete
        {
            first = !std::mem::replace(&mut connection.revocations, true);
        }
        if first && !device.is_staff() {
            // A client had to show a seat to be told; now the log can be judged.
            for room in Room::ids(&self.vault)? {
                self.open_room(cx, room)?;
            }
        }
        self.tell_lost_revocations(cx, is_list, told)?;
        self.announce_revocations(cx)?;
        self.pump_all(cx)
    }

    pub(super) fn revoked(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        device.stage = Stage::Revoked;
        device.save(&self.vault)?;
        cx.event(Event::Revoked);
        Ok(())
    }
}

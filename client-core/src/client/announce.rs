//! Revocations on their way to the relay: written down when the admin decides, sent until
//! the relay itself has told them.

use siegel_proto::frame::Request;
use siegel_proto::organisation::{Revocation, Revoked, Signed};

use super::connection::Pending;
use super::{Client, Cx};
use crate::device::{self, Device};
use crate::error::Error;
use crate::identity;

impl Client {
    /// Tells a relay that was put back what it has lost, as the root has signed it. Every
    /// colleague's device does; the relay takes each number once.
    pub(super) fn tell_lost_revocations(
        &mut self,
        cx: &mut Cx,
        is_list: bool,
        told: u64,
    ) -> Result<(), Error> {
        let is_whole = (self.connection.as_mut()).is_some_and(|connection| {
            is_list && std::mem::take(&mut connection.lists_all_revocations)
        });
        if !is_whole {
            return Ok(());
        }
        for number in told.saturating_add(1)..=Device::load(&self.vault)?.revocations {
            let Some(signed) = device::kept_revocation(&self.vault, number)? else {
                return Ok(());
            };
            self.request(cx, Pending::PutRevocation, Request::PutRevocation(signed));
        }
        Ok(())
    }

    /// Sends the next revocation, one at a time and only when all that stand are known:
    /// its number is one more than theirs.
    pub(super) fn announce_revocations(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let told = self.revoked_set()?;
        let mut wishes = device::wished_revocations(&self.vault)?;
        wishes.retain(|wish| match wish {
            Revoked::Person(person) => !told.persons.contains(person),
            Revoked::Device(device) => !told.devices.contains(device),
        });
        device::save_wished_revocations(&self.vault, &wishes)?;
        let ready = (self.connection.as_ref())
            .is_some_and(|connection| connection.session && connection.revocations);
        let Some(revoked) = wishes.first().copied() else {
            return Ok(());
        };
        if !ready || self.awaits(Pending::PutRevocation) {
            return Ok(());
        }
        let device = Device::load(&self.vault)?;
        let root = identity::signing_key(device.root_seed()?);
        let revocation = Revocation {
            number: device.revocations + 1,
            revoked,
        };
        let signed = Signed::issue(&root, revocation);
        self.request(cx, Pending::PutRevocation, Request::PutRevocation(signed));
        Ok(())
    }
}

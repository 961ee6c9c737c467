//! Requests the relay put off because too many came at once: they are asked again when it
//! said, or a device would wait on an open line for what nobody answers any more.

use siegel_proto::Refusal;
use siegel_proto::frame::Request;

use super::connection::Pending;
use super::{Client, Cx};
use crate::device::Device;
use crate::error::Error;
use crate::step::Output;

impl Client {
    /// Notes what was put off.
    pub(super) fn hold_off(&mut self, cx: &mut Cx, pending: Pending, refusal: Refusal) {
        cx.output(Output::WakeAt(cx.now.plus(refusal.wait_seconds())));
        if let Some(connection) = &mut self.connection
            && !connection.held_off.contains(&pending)
        {
            connection.held_off.push(pending);
        }
    }

    /// Asks again for everything that was put off. What comes too early is put off once more.
    pub(super) fn ask_held_off(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let held_off =
            (self.connection.as_mut()).map(|connection| std::mem::take(&mut connection.held_off));
        for pending in held_off.unwrap_or_default() {
            if !self.awaits(pending) {
                self.ask_once_more(cx, pending)?;
            }
        }
        Ok(())
    }

    fn ask_once_more(&mut self, cx: &mut Cx, pending: Pending) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        match pending {
            Pending::Authenticate => self.authenticate(cx, &device),
            // The relay's policy shows what it does not have yet.
            Pending::GetPolicy | Pending::PutPolicy => {
                self.request(cx, Pending::GetPolicy, Request::GetPolicy);
                Ok(())
            }
            Pending::ListRevocations | Pending::PutRevocation => {
                self.list_revocations(cx, &device);
                Ok(())
            }
            Pending::ListDirectory => {
                self.list_directory(cx, device.directory_seen);
                Ok(())
            }
            Pending::PutDirectoryEntry(version) => self.put_directory_entry(cx, version),
            Pending::CreateInbox => {
                self.create_inbox(cx, &device);
                Ok(())
            }
            Pending::AttachInbox => self.attach_inbox(cx),
            Pending::CreateRoom(room) | Pending::Attach(room) | Pending::AttachRenewed(room) => {
                self.open_room(cx, room)
            }
            Pending::SetUp => self.send_set_up(cx, &device),
            Pending::Enrol => self.send_enrol(cx, &device),
            // Found again in the vault with every look at the time, or refused to whoever asked.
            Pending::Hello
            | Pending::Publish
            | Pending::Append(..)
            | Pending::Claim(..)
            | Pending::CreateCapsule(_)
            | Pending::WithdrawCapsule(_)
            | Pending::CreateBlob(_)
            | Pending::AskBack => Ok(()),
        }
    }
}

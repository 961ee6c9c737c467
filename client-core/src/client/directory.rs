//! The encrypted directory: who works here, and under which name.

use siegel_proto::directory::{Directory, DirectoryEntryBody, PutDirectoryEntry};
use siegel_proto::frame::Request;
use siegel_proto::{OutOfBounds, Part, certificate, label, padding};

use super::connection::Pending;
use super::{Client, Cx};
use crate::contact::{self, Contact, Meeting};
use crate::device::Device;
use crate::error::Error;
use crate::event::Event;
use crate::sealed;

impl Client {
    pub(super) fn put_directory_entry(&mut self, cx: &mut Cx, version: u64) -> Result<(), Error> {
        let device = Device::load(&self.vault)?;
        let own = Contact::load(&self.vault, device.keys.person)?;
        let before = own.map_or(0, |contact| contact.written_at);
        let body = DirectoryEntryBody {
            display_name: device.name.clone(),
            position: device.position.clone(),
            chain: certificate::decode_chain(&device.keys.identity_chain)?,
            // Later than the last, though the clock may have been put back since.
            written_at: (cx.now.seconds()).max(before.saturating_add(1)),
        };
        let key = sealed::derive(device.directory_key()?, label::DIRECTORY_ENTRY_KEY);
        let plain = body.encode();
        // Sealed so long that the envelope ends on a bucket.
        let room = padding::bucket(plain.len() + padding::OVERHEAD + sealed::OVERHEAD)
            .ok_or(OutOfBounds(Part::Whole))?;
        let mut padded = u32::try_from(plain.len())
            .map_err(|_| OutOfBounds(Part::Whole))?
            .to_be_bytes()
            .to_vec();
        padded.extend_from_slice(&plain);
        padded.resize(room - sealed::OVERHEAD, 0);
        let parts: [&[u8]; 1] = [device.keys.person.as_bytes()];
        let sealed = sealed::seal(&key, label::DIRECTORY_ENTRY, &parts, &padded, &mut cx.rng)?;
        let entry = PutDirectoryEntry {
            version,
            sealed: sealed.into(),
        };
        self.request(
            cx,
            Pending::PutDirectoryEntry(version),
            Request::PutDirectoryEntry(entry),
        );
        Ok(())
    }

    /// Asks for what was written to the directory after this change.
    pub(super) fn list_directory(&mut self, cx: &mut Cx, after: u64) {
        let list = Request::ListDirectory { after };
        self.request(cx, Pending::ListDirectory, list);
    }

    pub(super) fn directory(&mut self, cx: &mut Cx, page: Directory) -> Result<(), Error> {
        let mut device = Device::load(&self.vault)?;
        let key = sealed::derive(device.directory_key()?, label::DIRECTORY_ENTRY_KEY);
        // A relay that says there is more and does not get on is not asked for ever.
        let goes_on = page.more && page.up_to > device.directory_seen;
        device.directory_seen = page.up_to;
        device.save(&self.vault)?;
        for entry in page.entries {
            let parts: [&[u8]; 1] = [entry.person.as_bytes()];
            // An entry that does not open or prove itself is the relay's own invention.
            let Ok(padded) = sealed::open(&key, label::DIRECTORY_ENTRY, &parts, &entry.sealed)
            else {
                continue;
            };
            let Some(body) =
                unpad(&padded).and_then(|plain| DirectoryEntryBody::decode(plain).ok())
            else {
                continue;
            };
            let Ok(chain) = certificate::verify_chain(&device.root, &body.chain) else {
                continue;
            };
            if chain.person != entry.person {
                continue;
            }
            if contact::meet(&self.vault, &chain)? == Meeting::Changed {
                cx.event(Event::IdentityChanged(chain.person));
            }
            if let Some(mut contact) = Contact::load(&self.vault, chain.person)?
                && body.written_at >= contact.written_at
            {
                contact.name = body.display_name;
                contact.position = body.position;
                contact.written_at = body.written_at;
                contact.save(&self.vault)?;
            }
        }
        if goes_on {
            self.list_directory(cx, page.up_to);
        }
        cx.event(Event::ContactsChanged);
        self.pump_all(cx)
    }
}

fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_first_chunk::<4>()?;
    rest.get(..u32::from_be_bytes(*length) as usize)
}

//! Entries of the directory as a colleague's device seals and opens them.

use siegel_client_core::device::Device;
use siegel_client_core::moment::{Entropy, StepRng};
use siegel_client_core::sealed;
use siegel_proto::directory::{DirectoryEntry, DirectoryEntryBody};
use siegel_proto::ids::PersonId;
use siegel_proto::{label, padding};

/// Seals an entry under the directory key that this device holds.
pub fn seal(device: &Device, person: PersonId, body: &DirectoryEntryBody) -> DirectoryEntry {
    let plain = body.encode();
    let size = padding::bucket(plain.len() + padding::OVERHEAD + sealed::OVERHEAD);
    let mut padded = u32::try_from(plain.len())
        .expect("short")
        .to_be_bytes()
        .to_vec();
    padded.extend_from_slice(&plain);
    padded.resize(size.expect("a bucket") - sealed::OVERHEAD, 0);
    let directory = device.directory_key().expect("staff");
    let key = sealed::derive(directory, label::DIRECTORY_ENTRY_KEY);
    let parts: [&[u8]; 1] = [person.as_bytes()];
    let rng = &mut StepRng::new(Entropy([6; 32]));
    let sealed = sealed::seal(&key, label::DIRECTORY_ENTRY, &parts, &padded, rng);
    DirectoryEntry {
        person,
        version: 2,
        sealed: sealed.expect("seals").into(),
    }
}

/// Opens what stands in the directory.
pub fn open(device: &Device, entry: &DirectoryEntry) -> DirectoryEntryBody {
    let directory = device.directory_key().expect("staff");
    let key = sealed::derive(directory, label::DIRECTORY_ENTRY_KEY);
    let parts: [&[u8]; 1] = [entry.person.as_bytes()];
    let padded = sealed::open(&key, label::DIRECTORY_ENTRY, &parts, &entry.sealed);
    let padded = padded.expect("opens");
    let (length, rest) = padded.split_first_chunk::<4>().expect("padded");
    let plain = &rest[..u32::from_be_bytes(*length) as usize];
    DirectoryEntryBody::decode(plain).expect("parses")
}

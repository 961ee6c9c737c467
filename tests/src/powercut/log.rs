//! The record: what happened to the files, in order, and what was acknowledged when.

use super::Error;

const CREATE: u32 = 1;
const WRITE: u32 = 2;
const RESIZE: u32 = 3;
const SYNC_BEGIN: u32 = 4;
const SYNC_END: u32 = 5;
const REMOVE: u32 = 6;
const RENAME: u32 = 7;
const ACK: u32 = 8;

/// kind u32, path length u32, offset u64, data length u64; path and data follow.
const HEAD: usize = 24;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A file was opened in a way that makes or empties it.
    Create {
        /// Whether what was in it is gone.
        empty: bool,
    },
    /// Bytes were written.
    Write {
        /// Where in the file.
        at: usize,
        /// What.
        bytes: Vec<u8>,
    },
    /// The file was cut or extended.
    Resize(usize),
    /// Somebody began to wait for everything written to the file so far.
    SyncBegin(u64),
    /// The wait of that number is over.
    SyncEnd(u64),
    /// The file was removed.
    Remove,
    /// The file has another name now.
    Rename(String),
    /// Somebody was told that this is stored.
    Ack(Vec<u8>),
}

/// All events with the file each belongs to (empty for acknowledgements).
pub struct Log {
    /// In the order in which they happened.
    pub events: Vec<(String, Event)>,
}

impl Log {
    /// Reads what the recorder and the receivers of acknowledgements wrote.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut events = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let (event, length) = record(&bytes[at..]).ok_or(Error::Log(at))?;
            events.push(event);
            at += length;
        }
        Ok(Self { events })
    }

    /// How many acknowledgements there are.
    pub fn acks(&self) -> usize {
        self.events
            .iter()
            .filter(|(_, event)| matches!(event, Event::Ack(_)))
            .count()
    }
}

/// The bytes of one acknowledgement.
pub fn ack_record(id: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(HEAD + id.len());
    record.extend(ACK.to_ne_bytes());
    record.extend(0u32.to_ne_bytes());
    record.extend(0u64.to_ne_bytes());
    record.extend((id.len() as u64).to_ne_bytes());
    record.extend(id);
    record
}

fn record(bytes: &[u8]) -> Option<((String, Event), usize)> {
    let kind = u32::from_ne_bytes(*bytes.first_chunk()?);
    let path_length = u32::from_ne_bytes(*bytes.get(4..)?.first_chunk()?) as usize;
    let offset = u64::from_ne_bytes(*bytes.get(8..)?.first_chunk()?);
    let data_length = u64::from_ne_bytes(*bytes.get(16..)?.first_chunk()?);
    let data_length = usize::try_from(data_length).ok()?;

    let path = bytes.get(HEAD..)?.get(..path_length)?;
    let path = std::str::from_utf8(path).ok()?.to_owned();
    let data = bytes.get(HEAD + path_length..)?.get(..data_length)?;
    let event = match kind {
        CREATE => Event::Create { empty: offset != 0 },
        WRITE => Event::Write {
            at: usize::try_from(offset).ok()?,
            bytes: data.to_vec(),
        },
        RESIZE => Event::Resize(usize::try_from(offset).ok()?),
        SYNC_BEGIN => Event::SyncBegin(offset),
        SYNC_END => Event::SyncEnd(offset),
        REMOVE => Event::Remove,
        RENAME => Event::Rename(String::from_utf8(data.to_vec()).ok()?),
        ACK => Event::Ack(data.to_vec()),
        _ => return None,
    };
    Some(((path, event), HEAD + path_length + data_length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acknowledgements_are_read_back_and_damage_is_noticed() {
        let mut bytes = ack_record(b"first");
        bytes.extend(ack_record(b"second"));
        let log = Log::parse(&bytes).unwrap();
        assert_eq!(log.acks(), 2);
        assert_eq!(
            log.events[1],
            (String::new(), Event::Ack(b"second".to_vec()))
        );

        let second = ack_record(b"first").len();
        bytes.pop();
        assert!(matches!(Log::parse(&bytes), Err(Error::Log(at)) if at == second));
    }
}

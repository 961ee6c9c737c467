//! Entries that say who wrote them: the relay cannot read them, the test can.

use siegel_proto::ids::{MessageId, RoomId};
use siegel_proto::room::{Append, AppendKind, Deliver};

/// Bytes of an entry's payload, a bucket.
pub const PAYLOAD_BYTES: usize = 1024;

/// Who wrote an entry, and which of theirs it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The writer.
    pub writer: u32,
    /// Counts from 0.
    pub number: u64,
}

impl Mark {
    /// The append of this entry, the same bytes every time.
    pub fn append(self, room: RoomId) -> Append {
        let mut payload = vec![0; PAYLOAD_BYTES];
        payload[..16].copy_from_slice(&self.bytes());
        Append {
            room,
            epoch: 0,
            message: self.message(),
            payload: payload.into(),
            expires_in_days: 30,
            kind: AppendKind::Message,
        }
    }

    /// Its message id.
    pub fn message(self) -> MessageId {
        MessageId::new(self.bytes())
    }

    /// Which entry this is; nothing if no test wrote it.
    pub fn of(deliver: &Deliver) -> Option<Self> {
        Self::read(deliver.payload.first_chunk()?)
    }

    /// Which entry this message id belongs to.
    pub fn of_message(message: &MessageId) -> Option<Self> {
        Self::read(message.as_bytes())
    }

    fn bytes(self) -> [u8; 16] {
        let mut bytes = *b"mark............";
        bytes[4..8].copy_from_slice(&self.writer.to_be_bytes());
        bytes[8..].copy_from_slice(&self.number.to_be_bytes());
        bytes
    }

    fn read(bytes: &[u8; 16]) -> Option<Self> {
        let (mark, rest) = bytes.split_first_chunk::<4>()?;
        let (writer, number) = rest.split_first_chunk::<4>()?;
        (mark == b"mark").then_some(Self {
            writer: u32::from_be_bytes(*writer),
            number: u64::from_be_bytes(*number.first_chunk()?),
        })
    }
}

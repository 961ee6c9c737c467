//! What relays tell each other: where to look, never what is there. Whoever can send on
//! the way between them can make them look for nothing, or delay a wake-up; not more.

use bytes::Bytes;
use prost::Message as _;
use siegel_proto::ids::{RoomId, SeatHash};

use super::NodeId;
use crate::store::{Unsaid, Wake};

/// Rooms and seats in one signal: PostgreSQL takes 8,000 characters.
const PARTS: usize = 80;
/// Bytes of a signal that is looked at.
const BYTES: usize = 64 * 1024;

/// One signal.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Signal {
    /// Whose it is.
    #[prost(bytes = "vec", tag = "1")]
    node: Vec<u8>,
    /// Rooms with new entries.
    #[prost(message, repeated, tag = "2")]
    moved: Vec<Moved>,
    /// Seats that were taken.
    #[prost(message, repeated, tag = "3")]
    taken: Vec<Taken>,
    /// The policy or the revocations have changed.
    #[prost(bool, tag = "4")]
    pub organisation: bool,
}

/// A room with new entries.
#[derive(Clone, PartialEq, prost::Message)]
struct Moved {
    #[prost(bytes = "vec", tag = "1")]
    room: Vec<u8>,
    /// The last of them.
    #[prost(uint64, tag = "2")]
    seq: u64,
}

/// A seat that was taken at the sending relay.
#[derive(Clone, PartialEq, prost::Message)]
struct Taken {
    #[prost(bytes = "vec", tag = "1")]
    room: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    seat: Vec<u8>,
    /// When, by the database's clock, microseconds.
    #[prost(uint64, tag = "3")]
    at: u64,
}

impl Signal {
    /// Everything unsaid, in signals that fit.
    pub fn all(node: NodeId, unsaid: Unsaid) -> Vec<Self> {
        let moved: Vec<Moved> = (unsaid.moved.into_iter())
            .map(|(room, seq)| Moved {
                room: room.as_bytes().to_vec(),
                seq,
            })
            .collect();
        let taken: Vec<Taken> = (unsaid.taken.into_iter())
            .map(|((room, seat), at)| Taken {
                room: room.as_bytes().to_vec(),
                seat: seat.as_bytes().to_vec(),
                at,
            })
            .collect();
        let empty = |organisation| Self {
            organisation,
            ..Self::probe(node)
        };
        let mut signals = Vec::new();
        if unsaid.organisation {
            signals.push(empty(true));
        }
        signals.extend(moved.chunks(PARTS).map(|moved| Self {
            moved: moved.to_vec(),
            ..empty(false)
        }));
        signals.extend(taken.chunks(PARTS).map(|taken| Self {
            taken: taken.to_vec(),
            ..empty(false)
        }));
        signals
    }

    /// Says nothing, to see whether it comes back.
    pub fn probe(node: NodeId) -> Self {
        Self {
            node: node.to_vec(),
            moved: Vec::new(),
            taken: Vec::new(),
            organisation: false,
        }
    }

    /// The signal in these bytes, if they are one.
    pub fn parse(bytes: Bytes) -> Option<Self> {
        if bytes.len() > BYTES {
            return None;
        }
        let signal = Self::decode(bytes).ok()?;
        NodeId::try_from(signal.node.as_slice()).ok()?;
        Some(signal)
    }

    /// The bytes that travel.
    pub fn encode(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// Whether this relay sent it itself.
    pub fn is_from(&self, node: NodeId) -> bool {
        self.node == node
    }

    /// Where to look; what does not parse is left out.
    pub fn into_wake(self) -> Wake {
        let moved = (self.moved.iter())
            .filter_map(|moved| Some((RoomId::from_slice(&moved.room).ok()?, moved.seq)))
            .collect();
        let taken = (self.taken.iter())
            .filter_map(|taken| {
                let room = RoomId::from_slice(&taken.room).ok()?;
                let seat = SeatHash::from_slice(&taken.seat).ok()?;
                Some((room, seat, taken.at))
            })
            .collect();
        Wake { moved, taken }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_fits_a_notice_and_comes_back() {
        let node = [1; 16];
        let mut unsaid = Unsaid::default();
        for number in 0..200_u64 {
            let mut room = [0; 16];
            room[..8].copy_from_slice(&number.to_be_bytes());
            let room = RoomId::new(room);
            unsaid.moved.insert(room, u64::from(u32::MAX));
            (unsaid.taken).insert((room, SeatHash::new([7; 32])), u64::MAX);
        }
        unsaid.organisation = true;
        let signals = Signal::all(node, unsaid);
        let (mut moved, mut taken) = (0, 0);
        for signal in signals {
            let bytes = signal.encode();
            assert!(data_encoding::BASE64.encode(&bytes).len() < 8_000);
            let signal = Signal::parse(bytes.into()).expect("parses");
            assert!(signal.is_from(node) && !signal.is_from([2; 16]));
            let wake = signal.into_wake();
            moved += wake.moved.len();
            taken += wake.taken.len();
        }
        assert_eq!((moved, taken), (200, 200));
    }

    #[test]
    fn what_is_no_signal_is_none() {
        assert!(Signal::parse(Bytes::from_static(b"hello")).is_none());
        assert!(Signal::parse(Bytes::new()).is_none());
        assert!(Signal::parse(vec![0; BYTES + 1].into()).is_none());
    }
}

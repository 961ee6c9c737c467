//! How a blob lies in a bucket: in pieces of a mebibyte, the last one shorter, each an object.
//!
//! An object's name says which piece it is and how many bytes of it there are, and of two the
//! longer one counts. So a part that arrives late, or at two relays at once, can only add to
//! what is held: nobody takes back what another has acknowledged, without any lock.

use std::collections::BTreeMap;
use std::ops::Range;

use object_store::path::Path;
use siegel_proto::ids::BlobId;
use siegel_proto::limits;

use super::{name, parse_name};

/// What a piece holds when it is full.
pub const PIECE_BYTES: u64 = limits::BLOB_PART_BYTES as u64;
/// Where all of them lie.
pub const FOLDER: &str = "blobs";

/// One object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Of which blob.
    pub blob: BlobId,
    /// Which of its pieces, from 0 on.
    pub index: u64,
    /// How many bytes of it.
    pub bytes: u64,
}

impl Piece {
    /// The piece that holds this offset when the blob has `held` bytes.
    pub const fn at(blob: BlobId, offset: u64, held: u64) -> Self {
        let index = offset / PIECE_BYTES;
        let left = held - index * PIECE_BYTES;
        Self {
            blob,
            index,
            bytes: if left < PIECE_BYTES {
                left
            } else {
                PIECE_BYTES
            },
        }
    }

    /// The name of its object.
    pub fn path(&self) -> Path {
        let name = name(self.blob);
        Path::from(format!("{FOLDER}/{name}/{:04}.{}", self.index, self.bytes))
    }

    /// What an object's name says; nothing if it is not one of ours.
    pub fn parse(path: &Path) -> Option<Self> {
        let mut parts = path.as_ref().strip_prefix(FOLDER)?.split('/').skip(1);
        let (blob, piece) = (parts.next()?, parts.next()?);
        let (index, bytes) = piece.split_once('.')?;
        let piece = Self {
            blob: parse_name(blob)?,
            index: index.parse().ok()?,
            bytes: bytes.parse().ok()?,
        };
        (piece.path() == *path).then_some(piece)
    }
}

/// Where the pieces of a blob lie.
pub fn folder(blob: BlobId) -> Path {
    Path::from(format!("{FOLDER}/{}", name(blob)))
}

/// How many bytes from the beginning on these pieces hold.
pub fn held(pieces: impl IntoIterator<Item = Piece>) -> u64 {
    let mut longest: BTreeMap<u64, u64> = BTreeMap::new();
    for piece in pieces {
        let bytes = longest.entry(piece.index).or_default();
        *bytes = piece.bytes.max(*bytes);
    }
    let mut held = 0;
    while let Some(bytes) = longest.get(&(held / PIECE_BYTES)) {
        held += bytes;
        if *bytes < PIECE_BYTES {
            break;
        }
    }
    held
}

/// The pieces that hold the bytes from `first` to before `end` of a blob of this size, and
/// which bytes of each.
pub fn covering(
    blob: BlobId,
    size: u64,
    first: u64,
    end: u64,
) -> impl Iterator<Item = (Piece, Range<u64>)> + Send + 'static {
    (first / PIECE_BYTES..end.div_ceil(PIECE_BYTES)).map(move |index| {
        let begins = index * PIECE_BYTES;
        let piece = Piece::at(blob, begins, size);
        let range = first.max(begins) - begins..(end - begins).min(piece.bytes);
        (piece, range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOB: BlobId = BlobId::new([0xab; 16]);

    fn piece(index: u64, bytes: u64) -> Piece {
        Piece {
            blob: BLOB,
            index,
            bytes,
        }
    }

    #[test]
    fn a_name_says_what_an_object_holds_and_nothing_else_is_read_as_one() {
        let path = piece(3, 70_000).path();
        assert_eq!(
            path.as_ref(),
            "blobs/abababababababababababababababab/0003.70000"
        );
        assert_eq!(Piece::parse(&path), Some(piece(3, 70_000)));
        for other in [
            "siegel-generation",
            "blobs/abababababababababababababababab",
            "blobs/abababababababababababababababab/3.70000",
            "blobs/abababababababababababababababab/0003.70000/x",
            "blobs/ABabababababababababababababab/0003.1",
            "blobsx/abababababababababababababababab/0003.1",
        ] {
            assert_eq!(Piece::parse(&Path::from(other)), None, "{other}");
        }
    }

    #[test]
    fn what_is_held_never_shrinks_whoever_writes_what() {
        let full = PIECE_BYTES;
        assert_eq!(held([]), 0);
        assert_eq!(held([piece(0, 5)]), 5);
        assert_eq!(held([piece(0, 9), piece(0, 5)]), 9);
        assert_eq!(held([piece(0, full), piece(1, 7), piece(0, 3)]), full + 7);
        // After a hole nothing counts.
        assert_eq!(held([piece(0, full - 1), piece(1, 7)]), full - 1);
        assert_eq!(held([piece(1, full)]), 0);
    }

    #[test]
    fn a_range_is_put_together_from_its_pieces() {
        let size = 2 * PIECE_BYTES + 100;
        let of = |first, end| covering(BLOB, size, first, end).collect::<Vec<_>>();
        assert_eq!(of(10, 20), [(piece(0, PIECE_BYTES), 10..20)]);
        assert_eq!(
            of(PIECE_BYTES - 1, size),
            [
                (piece(0, PIECE_BYTES), PIECE_BYTES - 1..PIECE_BYTES),
                (piece(1, PIECE_BYTES), 0..PIECE_BYTES),
                (piece(2, 100), 0..100),
            ]
        );
        let whole: u64 = of(0, size).iter().map(|(_, range)| range.end).sum();
        assert_eq!(whole, size);
    }
}

//! A table's content as a number of rows and a hash over them, the same whichever database
//! holds it.

use std::fmt;

use data_encoding::HEXLOWER;

/// Characters of the hash that are shown.
const SHOWN: usize = 16;

/// How many rows, and the BLAKE3 hash of all of them in the order of their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// How many.
    pub rows: u64,
    hash: [u8; 32],
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = HEXLOWER.encode(&self.hash);
        write!(f, "{} rows, hash {}", self.rows, &hash[..SHOWN])
    }
}

/// A digest in the making. Every value goes in with its kind and length, so that no two
/// tables of the same columns look alike.
#[derive(Default)]
pub struct Digester {
    rows: u64,
    hasher: blake3::Hasher,
}

impl Digester {
    /// The next row begins.
    pub fn row(&mut self) {
        self.rows += 1;
        self.hasher.update(b"row");
    }

    /// The next column's number.
    pub fn int(&mut self, value: i64) {
        self.hasher.update(b"int");
        self.hasher.update(&value.to_be_bytes());
    }

    /// The next column's bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        self.hasher.update(b"bytes");
        self.hasher.update(&(value.len() as u64).to_be_bytes());
        self.hasher.update(value);
    }

    /// No more rows.
    pub fn finish(&self) -> Digest {
        Digest {
            rows: self.rows,
            hash: *self.hasher.finalize().as_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(rows: &[(i64, &[u8])]) -> Digest {
        let mut digester = Digester::default();
        for (int, bytes) in rows {
            digester.row();
            digester.int(*int);
            digester.bytes(bytes);
        }
        digester.finish()
    }

    #[test]
    fn rows_that_differ_anywhere_have_another_digest() {
        let one = digest(&[(1, b"ab"), (2, b"c")]);
        assert_eq!(one, digest(&[(1, b"ab"), (2, b"c")]));
        assert_eq!(one.rows, 2);
        for other in [
            digest(&[(1, b"ab")]),
            digest(&[(1, b"a"), (2, b"bc")]),
            digest(&[(2, b"c"), (1, b"ab")]),
            digest(&[(1, b"ab"), (3, b"c")]),
            digest(&[(1, b"ab"), (2, b"c"), (0, b"")]),
        ] {
            assert_ne!(one, other);
        }
    }
}

//! Compressed data inside other bytes.

use std::io::Read;

use aho_corasick::{AhoCorasick, BuildError};
use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

/// More than this comes out of no surface of ours; it bounds what a stray magic number
/// can cost.
const MOST: u64 = 64 << 20;

/// Formats without a magic number are tried at this many places from a beginning on, for
/// what may stand before them.
const TRIES: usize = 32;

/// What each magic number means, in the order in which they are looked for.
const MAGIC: &[(&[u8], Meaning)] = &[
    (&[0x1f, 0x8b, 8], Meaning::Gzip),
    (&[0x28, 0xb5, 0x2f, 0xfd], Meaning::Zstd),
    (&[0x78, 0x01], Meaning::Zlib),
    (&[0x78, 0x5e], Meaning::Zlib),
    (&[0x78, 0x9c], Meaning::Zlib),
    (&[0x78, 0xda], Meaning::Zlib),
    (b"\r\n\r\n", Meaning::Body),
];

#[derive(Clone, Copy)]
enum Meaning {
    Gzip,
    Zstd,
    Zlib,
    /// The body of an HTTP message begins behind it.
    Body,
}

/// Something compressed, and what was in it. What came out of a damaged or cut stream
/// counts.
pub struct Segment {
    /// Name of the format.
    pub format: &'static str,
    /// Where it begins.
    pub offset: usize,
    /// Unpacked bytes, never empty.
    pub content: Vec<u8>,
    /// Not recognised by a magic number; the content may be chance.
    pub guessed: bool,
}

/// Recognises compressed data.
pub struct Unpacker(AhoCorasick);

impl Unpacker {
    /// Fails never in practice: the numbers are few and fixed.
    pub fn new() -> Result<Self, BuildError> {
        AhoCorasick::new(MAGIC.iter().map(|(number, _)| number)).map(Self)
    }

    /// Calls back with everything that can be unpacked. With `guess`, formats without a
    /// magic number are tried as well.
    pub fn each_segment(&self, bytes: &[u8], guess: bool, mut found: impl FnMut(Segment)) {
        let mut report = |format, offset, content: Vec<u8>, guessed| {
            if !content.is_empty() {
                found(Segment {
                    format,
                    offset,
                    content,
                    guessed,
                });
            }
        };
        let mut beginnings = vec![0];
        for number in self.0.find_overlapping_iter(bytes) {
            let offset = number.start();
            let rest = &bytes[offset..];
            match MAGIC[number.pattern().as_usize()].1 {
                Meaning::Gzip => report("gzip", offset, drain(GzDecoder::new(rest)), false),
                Meaning::Zstd => report("zstd", offset, zstd(rest), false),
                Meaning::Zlib => report("zlib", offset, drain(ZlibDecoder::new(rest)), false),
                Meaning::Body => beginnings.push(number.end()),
            }
        }
        for beginning in beginnings.into_iter().filter(|_| guess) {
            for offset in beginning..bytes.len().min(beginning + TRIES) {
                let rest = &bytes[offset..];
                report("deflate", offset, drain(DeflateDecoder::new(rest)), true);
                report("brotli", offset, drain(Decompressor::new(rest, 4096)), true);
            }
        }
    }
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::decoding::StreamingDecoder::new(bytes)
        .map(drain)
        .unwrap_or_default()
}

/// Everything that comes out until the end or the first error.
fn drain(reader: impl Read) -> Vec<u8> {
    let mut content = Vec::new();
    match reader.take(MOST).read_to_end(&mut content) {
        Ok(_) | Err(_) => content,
    }
}

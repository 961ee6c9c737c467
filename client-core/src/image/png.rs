//! PNG (ISO/IEC 15948): a row of chunks.

use super::exif;
use super::reader::Reader;

pub(super) const MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What display needs: the picture, its animation, transparency and colours.
const NEEDED: [&[u8; 4]; 18] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"cICP", b"mDCV", b"cLLI", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    let mut out = reader.take(MAGIC.len())?.to_vec();
    let mut orientation = None;
    let header = chunk(&mut reader)?;
    if header.kind != b"IHDR" || header.content.len() != 13 {
        return None;
    }
    out.extend_from_slice(header.whole);
    let header_end = out.len();
    loop {
        let chunk = chunk(&mut reader)?;
        if chunk.kind == b"eXIf" {
            orientation = orientation.or(exif::orientation(chunk.content));
        } else if NEEDED.contains(&chunk.kind) {
            out.extend_from_slice(chunk.whole);
        } else if chunk.is_critical() {
            return None;
        }
        if chunk.kind == b"IEND" {
            break;
        }
    }
    if let Some(orientation) = orientation {
        let chunk = make_chunk(b"eXIf", &exif::with_orientation(orientation))?;
        out.splice(header_end..header_end, chunk);
    }
    Some(out)
}

struct Chunk<'a> {
    whole: &'a [u8],
    kind: &'a [u8; 4],
    content: &'a [u8],
}

impl Chunk<'_> {
    /// A decoder that does not know it must refuse the picture, and so must we.
    fn is_critical(&self) -> bool {
        self.kind[0].is_ascii_uppercase()
    }
}

fn chunk<'a>(reader: &mut Reader<'a>) -> Option<Chunk<'a>> {
    let start = reader.rest();
    let length = usize::try_from(reader.u32_be()?).ok()?;
    let kind: &[u8; 4] = reader.take(4)?.try_into().ok()?;
    let content = reader.take(length)?;
    let checksum: [u8; 4] = reader.array()?;
    let whole = start.get(..start.len() - reader.rest().len())?;
    let sound = crc(whole.get(4..8 + length)?) == u32::from_be_bytes(checksum);
    sound.then_some(Chunk {
        whole,
        kind,
        content,
    })
}

fn make_chunk(kind: &[u8; 4], content: &[u8]) -> Option<Vec<u8>> {
    let mut chunk = u32::try_from(content.len()).ok()?.to_be_bytes().to_vec();
    chunk.extend_from_slice(kind);
    chunk.extend_from_slice(content);
    let checksum = crc(chunk.get(4..)?);
    chunk.extend_from_slice(&checksum.to_be_bytes());
    Some(chunk)
}

/// CRC-32 as in PNG's annex D.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        CRC_TABLE[usize::from((crc as u8) ^ byte)] ^ (crc >> 8)
    })
}

const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                0xedb8_8320 ^ (crc >> 1)
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

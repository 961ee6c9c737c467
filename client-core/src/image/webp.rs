//! WebP (RFC 9649): a RIFF container.

use super::exif;
use super::reader::Reader;

const EXIF_FLAG: u8 = 0x08;
const XMP_FLAG: u8 = 0x04;
const HEADER_BYTES: usize = 12;
/// Position and duration before the chunks of an animation's frame.
const FRAME_HEADER_BYTES: usize = 16;

pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    reader.take(4)?;
    let length = usize::try_from(reader.u32_le()?).ok()?;
    // Anything behind the announced end is dropped.
    let mut reader = Reader::new(reader.take(length)?);
    reader.take(4)?;
    let mut orientation = None;
    let mut chunks = Vec::with_capacity(bytes.len());
    while !reader.is_empty() {
        let (kind, content) = chunk(&mut reader)?;
        match kind {
            b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANIM" | b"ICCP" => {
                append(&mut chunks, kind, content)?;
            }
            b"ANMF" => append(&mut chunks, kind, &frame(content)?)?,
            b"EXIF" => orientation = orientation.or(orientation_of(content)),
            _ => {}
        }
    }
    match chunks.get(..4)? {
        b"VP8X" => {
            let flags = chunks.get_mut(8)?;
            *flags &= !(EXIF_FLAG | XMP_FLAG);
            if orientation.is_some() {
                *flags |= EXIF_FLAG;
            }
        }
        b"VP8 " | b"VP8L" => orientation = None,
        _ => return None,
    }
    if let Some(orientation) = orientation {
        append(&mut chunks, b"EXIF", &exif::with_orientation(orientation))?;
    }
    let mut out = Vec::with_capacity(HEADER_BYTES + chunks.len());
    out.extend_from_slice(b"RIFF");
    out.extend_from_slice(&u32::try_from(chunks.len() + 4).ok()?.to_le_bytes());
    out.extend_from_slice(b"WEBP");
    out.extend_from_slice(&chunks);
    Some(out)
}

/// Some writers put JPEG's prefix before the TIFF structure.
fn orientation_of(content: &[u8]) -> Option<u8> {
    exif::orientation(content.strip_prefix(b"Exif\0\0").unwrap_or(content))
}

fn chunk<'a>(reader: &mut Reader<'a>) -> Option<(&'a [u8; 4], &'a [u8])> {
    let kind = reader.take(4)?.try_into().ok()?;
    let length = usize::try_from(reader.u32_le()?).ok()?;
    let content = reader.take(length)?;
    if length % 2 == 1 {
        reader.take(1)?;
    }
    Some((kind, content))
}

fn append(out: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) -> Option<()> {
    out.extend_from_slice(kind);
    out.extend_from_slice(&u32::try_from(content.len()).ok()?.to_le_bytes());
    out.extend_from_slice(content);
    if content.len() % 2 == 1 {
        out.push(0);
    }
    Some(())
}

fn frame(content: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(content);
    let mut out = reader.take(FRAME_HEADER_BYTES)?.to_vec();
    while !reader.is_empty() {
        let (kind, content) = chunk(&mut reader)?;
        if matches!(kind, b"VP8 " | b"VP8L" | b"ALPH") {
            append(&mut out, kind, content)?;
        }
    }
    Some(out)
}

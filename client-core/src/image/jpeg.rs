//! JPEG (ITU-T T.81): segments, and scans of entropy-coded data between them.

use super::exif;
use super::reader::Reader;

pub(super) const MAGIC: &[u8] = b"\xff\xd8\xff";

const EXIF: &[u8] = b"Exif\0\0";
const JFIF: &[u8] = b"JFIF\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const ADOBE: &[u8] = b"Adobe";

pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    reader.take(2)?;
    let mut orientation = None;
    let mut jfif = None;
    let mut body = Vec::with_capacity(bytes.len());
    loop {
        match marker(&mut reader)? {
            // What phones append behind the end (films, depth maps) goes with the rest.
            0xd9 => break,
            code => {
                let content = segment(&mut reader)?;
                match code {
                    0xe0 if content.starts_with(JFIF) && jfif.is_none() => {
                        jfif = Some(without_thumbnail(content)?);
                    }
                    0xe1 if content.starts_with(EXIF) => {
                        orientation = orientation.or(exif::orientation(content.get(6..)?));
                    }
                    _ if is_needed(code, content) => append(&mut body, code, content)?,
                    _ if is_metadata(code) => {}
                    _ => return None,
                }
                if code == 0xda {
                    body.extend_from_slice(scan(&mut reader)?);
                }
            }
        }
    }
    let mut out = vec![0xff, 0xd8];
    if let Some(jfif) = jfif {
        append(&mut out, 0xe0, &jfif)?;
    }
    if let Some(orientation) = orientation {
        let exif = [EXIF, &exif::with_orientation(orientation)].concat();
        append(&mut out, 0xe1, &exif)?;
    }
    out.extend_from_slice(&body);
    out.extend_from_slice(&[0xff, 0xd9]);
    Some(out)
}

fn marker(reader: &mut Reader<'_>) -> Option<u8> {
    if reader.u8()? != 0xff {
        return None;
    }
    loop {
        let code = reader.u8()?;
        if code != 0xff {
            return Some(code);
        }
    }
}

fn segment<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let length = usize::from(reader.u16_be()?).checked_sub(2)?;
    reader.take(length)
}

fn append(out: &mut Vec<u8>, code: u8, content: &[u8]) -> Option<()> {
    let length = u16::try_from(content.len() + 2).ok()?;
    out.extend_from_slice(&[0xff, code]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(content);
    Some(())
}

/// Frames, tables, scans, colour profile and Adobe's colour transform.
fn is_needed(code: u8, content: &[u8]) -> bool {
    match code {
        0xe2 => content.starts_with(ICC),
        0xee => content.starts_with(ADOBE) && content.len() == 12,
        0xc8 => false,
        0xc0..=0xcf | 0xda..=0xdf => true,
        _ => false,
    }
}

/// Application segments and comments.
fn is_metadata(code: u8) -> bool {
    matches!(code, 0xe0..=0xef | 0xfe)
}

/// JFIF's version, density and nothing else.
fn without_thumbnail(content: &[u8]) -> Option<Vec<u8>> {
    let mut jfif = content.get(..12)?.to_vec();
    jfif.extend_from_slice(&[0, 0]);
    Some(jfif)
}

/// Everything up to the next marker that is neither stuffing nor a restart.
fn scan<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let rest = reader.rest();
    let end = rest
        .windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff | 0xd0..=0xd7))?;
    reader.take(end)
}

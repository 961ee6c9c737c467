//! GIF (87a and 89a): blocks of sub-blocks.

use super::reader::Reader;

const TRAILER: u8 = 0x3b;
const IMAGE: u8 = 0x2c;
const EXTENSION: u8 = 0x21;
const GRAPHIC_CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;

pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(bytes);
    let mut out = Vec::with_capacity(bytes.len());
    let header = reader.take(13)?;
    out.extend_from_slice(header);
    out.extend_from_slice(colours(&mut reader, header[10])?);
    loop {
        match reader.u8()? {
            TRAILER => break,
            IMAGE => {
                let descriptor = reader.take(9)?;
                out.push(IMAGE);
                out.extend_from_slice(descriptor);
                out.extend_from_slice(colours(&mut reader, descriptor[8])?);
                out.push(reader.u8()?);
                out.extend_from_slice(sub_blocks(&mut reader)?);
            }
            EXTENSION => {
                let label = reader.u8()?;
                let blocks = sub_blocks(&mut reader)?;
                if label == GRAPHIC_CONTROL || (label == APPLICATION && is_loop(blocks)) {
                    out.extend_from_slice(&[EXTENSION, label]);
                    out.extend_from_slice(blocks);
                }
            }
            _ => return None,
        }
    }
    out.push(TRAILER);
    Some(out)
}

fn colours<'a>(reader: &mut Reader<'a>, flags: u8) -> Option<&'a [u8]> {
    if flags & 0x80 == 0 {
        return Some(&[]);
    }
    reader.take(3 << ((flags & 7) + 1))
}

/// All sub-blocks up to and with the empty one that ends them.
fn sub_blocks<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let start = reader.rest();
    loop {
        let length = reader.u8()?;
        if length == 0 {
            return start.get(..start.len() - reader.rest().len());
        }
        reader.take(usize::from(length))?;
    }
}

/// How often an animation repeats; no more room than that takes.
fn is_loop(blocks: &[u8]) -> bool {
    let named = blocks.starts_with(b"\x0bNETSCAPE2.0\x03\x01")
        || blocks.starts_with(b"\x0bANIMEXTS1.0\x03\x01");
    named && blocks.len() == 17
}

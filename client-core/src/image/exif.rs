//! The one thing of EXIF that display needs: how the picture is to be turned.

use super::reader::Reader;

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;

/// Reads the orientation, 2 to 8; `None` for upright, absent or unreadable.
pub(super) fn orientation(tiff: &[u8]) -> Option<u8> {
    let little_endian = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_of = |bytes: [u8; 2]| {
        if little_endian {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        }
    };
    let offset: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let offset = if little_endian {
        u32::from_le_bytes(offset)
    } else {
        u32::from_be_bytes(offset)
    };
    let mut directory = Reader::new(tiff.get(usize::try_from(offset).ok()?..)?);
    let entries = u16_of(directory.array()?);
    for _ in 0..entries {
        let tag = u16_of(directory.array()?);
        let kind = u16_of(directory.array()?);
        let _count: [u8; 4] = directory.array()?;
        let value: [u8; 4] = directory.array()?;
        if tag == ORIENTATION && kind == SHORT {
            let value = u16_of([value[0], value[1]]);
            return u8::try_from(value)
                .ok()
                .filter(|value| (2..=8).contains(value));
        }
    }
    None
}

/// A TIFF structure that holds the orientation and nothing else.
pub(super) fn with_orientation(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    tiff.extend_from_slice(&ORIENTATION.to_be_bytes());
    tiff.extend_from_slice(&SHORT.to_be_bytes());
    tiff.extend_from_slice(&[0, 0, 0, 1]);
    tiff.extend_from_slice(&[0, orientation, 0, 0]);
    tiff.extend_from_slice(&[0, 0, 0, 0]);
    tiff
}

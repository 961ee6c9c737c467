//! Taking out of a picture what nobody meant to send: place, time, camera, editor,
//! thumbnails, comments, and whatever hides behind the picture's end.
//!
//! The pixels are not decoded or encoded anew. Each parser copies the parts it knows to
//! be needed for display and drops everything else, so a kind of metadata invented
//! tomorrow is dropped as well. Colour profiles and the orientation stay.

mod exif;
mod gif;
mod jpeg;
mod png;
mod reader;
#[cfg(test)]
mod tests;
mod webp;

use reader::Reader;

/// A picture without metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// What it is, whatever its name says.
    pub format: ImageFormat,
    /// The cleaned file.
    pub bytes: Vec<u8>,
}

/// The kinds that can be cleaned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFormat {
    /// JPEG, including what phones put into JPEG files.
    Jpeg,
    /// PNG, still or animated.
    Png,
    /// WebP, still or animated.
    WebP,
    /// GIF, still or animated.
    Gif,
}

impl ImageFormat {
    /// The media type to send along.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}

/// Why there is no cleaned picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Send it as any other file.
    #[error("this is not a picture")]
    NotAnImage,
    /// A picture whose metadata stays in. Warn before sending it.
    #[error("metadata cannot be removed from {0} pictures")]
    CannotBeCleaned(&'static str),
    /// The file contradicts its own format. Warn before sending it.
    #[error("the picture is damaged")]
    Damaged,
}

/// Cleans a picture, recognised by its first bytes and never by its name.
///
/// # Errors
/// [`ImageError`]; the bytes must not be sent as a cleaned picture then.
pub fn strip(bytes: &[u8]) -> Result<Cleaned, ImageError> {
    let (format, cleaned) = if bytes.starts_with(jpeg::MAGIC) {
        (ImageFormat::Jpeg, jpeg::strip(bytes))
    } else if bytes.starts_with(png::MAGIC) {
        (ImageFormat::Png, png::strip(bytes))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        (ImageFormat::WebP, webp::strip(bytes))
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        (ImageFormat::Gif, gif::strip(bytes))
    } else {
        return Err(uncleanable(bytes).map_or(ImageError::NotAnImage, ImageError::CannotBeCleaned));
    };
    let bytes = cleaned.ok_or(ImageError::Damaged)?;
    Ok(Cleaned { format, bytes })
}

/// The name of a picture format this module knows only by sight.
fn uncleanable(bytes: &[u8]) -> Option<&'static str> {
    const BY_START: [(&[u8], &str); 10] = [
        (b"II*\0", "TIFF or camera raw"),
        (b"MM\0*", "TIFF or camera raw"),
        (b"II+\0", "TIFF or camera raw"),
        (b"MM\0+", "TIFF or camera raw"),
        (b"FUJIFILMCCD-RAW", "camera raw"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\0\0\0\x0cJXL ", "JPEG XL"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"8BPS", "Photoshop"),
    ];
    let by_start = BY_START.iter().find(|(start, _)| bytes.starts_with(start));
    by_start
        .map(|(_, name)| *name)
        .or_else(|| iso_media(bytes))
        .or_else(|| bitmap(bytes))
}

/// HEIC, AVIF and camera raw share the container of MP4; the brands tell them apart.
fn iso_media(bytes: &[u8]) -> Option<&'static str> {
    let mut reader = Reader::new(bytes);
    let length = reader.u32_be()?;
    if reader.take(4)? != b"ftyp" {
        return None;
    }
    let brands = reader.take(usize::try_from(length).ok()?.checked_sub(8)?.min(256))?;
    brands.chunks_exact(4).find_map(|brand| match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some("HEIC"),
        b"avif" | b"avis" => Some("AVIF"),
        b"mif1" | b"msf1" | b"miaf" => Some("HEIF"),
        b"crx " => Some("camera raw"),
        _ => None,
    })
}

/// Two letters are not enough: the header behind them must be one of a bitmap.
fn bitmap(bytes: &[u8]) -> Option<&'static str> {
    let header = bytes.get(14..18)?;
    let sizes: [u32; 6] = [12, 40, 52, 56, 108, 124];
    let is_header = sizes.iter().any(|size| size.to_le_bytes() == header);
    (bytes.starts_with(b"BM") && is_header).then_some("BMP")
}

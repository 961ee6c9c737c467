//! Files in lines: what may be shown of bytes that somebody else chose.

use siegel_client_core::file_name::FileName;
use siegel_proto::content::Attachment;
use siegel_web_bridge::view::{FileView, Shows};

/// The file as the page shows it.
pub fn view(file: &Attachment) -> FileView {
    FileView {
        name: FileName::clean(&file.file_name).as_str().to_owned(),
        media_type: safe_media_type(&file.media_type).to_owned(),
        size: file.size,
        caption: file.caption.clone(),
        shows: shows(&file.media_type),
    }
}

/// What of a file can be shown inside the app. SVG is a document, not a picture.
pub fn shows(media_type: &str) -> Shows {
    match safe_media_type(media_type) {
        "image/jpeg" | "image/png" | "image/webp" | "image/gif" => Shows::Picture,
        "audio/ogg" | "audio/mp4" | "audio/webm" | "audio/mpeg" | "audio/wav" => Shows::Sound,
        _ => Shows::Nothing,
    }
}

/// The media type a blob may carry: a known harmless one, or none that means anything.
/// A blob of another type could be opened as a document of this origin.
pub fn safe_media_type(media_type: &str) -> &'static str {
    const SAFE: [&str; 11] = [
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "audio/ogg",
        "audio/mp4",
        "audio/webm",
        "audio/mpeg",
        "audio/wav",
        "application/pdf",
        "text/plain",
    ];
    // Recorders add `;codecs=opus`.
    let plain = media_type.split(';').next().unwrap_or_default().trim();
    SAFE.into_iter()
        .find(|safe| safe.eq_ignore_ascii_case(plain))
        .unwrap_or("application/octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_could_run_keeps_its_type() {
        for active in [
            "text/html",
            "image/svg+xml",
            "application/xhtml+xml",
            "",
            "x",
        ] {
            assert_eq!(safe_media_type(active), "application/octet-stream");
            assert_eq!(shows(active), Shows::Nothing);
        }
        assert_eq!(shows("IMAGE/PNG"), Shows::Picture);
        assert_eq!(shows("audio/webm;codecs=opus"), Shows::Sound);
    }
}

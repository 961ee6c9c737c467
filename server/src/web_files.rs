//! The files of the web app, as the build script found them.
//!
//! `WEB_APP_DIR` names the folder while this crate is built; `cargo xtask` sets it. A
//! build without it has no files, and the relay says so at its address.

/// One file.
pub struct WebFile {
    /// `assets/app-0123456789abcdef.css`.
    pub path: &'static str,
    /// As it is.
    pub plain: &'static [u8],
    /// The same with brotli, if that is shorter.
    pub brotli: Option<&'static [u8]>,
}

impl WebFile {
    /// Names its content.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(self.plain).as_bytes()
    }
}

/// The file at a path.
pub fn find(path: &str) -> Option<&'static WebFile> {
    let place = FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
    FILES.get(place)
}

include!(concat!(env!("OUT_DIR"), "/web_files.rs"));

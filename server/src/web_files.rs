//! The files of the web app that a relay serves: those the build script found, or others.
//!
//! `WEB_APP_DIR` names the folder while this crate is built; `cargo xtask` sets it. A
//! build without it has no files, and the relay says so at its address.

use std::borrow::Cow;

use bytes::Bytes;

/// One file.
#[derive(Debug, Clone)]
pub struct WebFile {
    /// `assets/app-0123456789abcdef.css`.
    pub path: Cow<'static, str>,
    /// As it is.
    pub plain: Bytes,
    /// The same with brotli, if that is shorter.
    pub brotli: Option<Bytes>,
}

/// All files of one build of the app, by path.
#[derive(Debug, Clone)]
pub struct WebFiles(Cow<'static, [WebFile]>);

impl WebFile {
    /// Names its content.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.plain).as_bytes()
    }
}

impl WebFiles {
    /// The app this relay was built with.
    #[must_use]
    pub fn built_in() -> Self {
        Self(Cow::Borrowed(&FILES))
    }

    /// Another build of the app.
    #[must_use]
    pub fn new(mut files: Vec<WebFile>) -> Self {
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Self(Cow::Owned(files))
    }

    /// The file at a path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&WebFile> {
        let place = self
            .0
            .binary_search_by(|file| (*file.path).cmp(path))
            .ok()?;
        self.0.get(place)
    }

    /// Every file.
    pub fn all(&self) -> impl Iterator<Item = &WebFile> {
        self.0.iter()
    }
}

include!(concat!(env!("OUT_DIR"), "/web_files.rs"));

//! Files: addresses of blobs for this page, saving, sizes in words.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::document;

/// The address of a blob within this page. Given back when dropped.
pub(crate) struct BlobUrl(String);

impl BlobUrl {
    pub(crate) fn new(blob: &Blob) -> Option<Self> {
        Url::create_object_url_with_blob(blob).ok().map(Self)
    }

    pub(crate) fn address(&self) -> &str {
        &self.0
    }
}

impl Drop for BlobUrl {
    fn drop(&mut self) {
        Url::revoke_object_url(&self.0).ok();
    }
}

/// Lets the browser save a blob under a name.
pub(crate) fn save(blob: &Blob, name: &str) {
    let Some(url) = BlobUrl::new(blob) else {
        return;
    };
    let anchor = document().create_element("a").ok();
    if let Some(anchor) = anchor.and_then(|a| a.dyn_into::<HtmlAnchorElement>().ok()) {
        anchor.set_href(url.address());
        anchor.set_download(name);
        anchor.click();
    }
    // The download reads the blob after this turn.
    super::spawn(async move {
        super::clock::pause(60_000).await;
        drop(url);
    });
}

/// A blob of text.
pub(crate) fn text(content: &str, media_type: &str) -> Option<Blob> {
    let bytes = Uint8Array::from(content.as_bytes());
    let bag = BlobPropertyBag::new();
    bag.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(&bytes), &bag).ok()
}

/// “3.4 MB”, the same in every language.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

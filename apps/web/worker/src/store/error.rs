//! Why the browser did not store or read.

use siegel_web_bridge::StoreTrouble;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

/// A failure of IndexedDB. Nothing of the transaction is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk, or the browser's share of it, is full.
    #[error("no space is left")]
    Full,
    /// Another worker holds the vault now: this one must not write any more.
    #[error("another worker holds the vault")]
    Fenced,
    /// What is stored has not the form this program writes.
    #[error("the store cannot be read")]
    Form,
    /// The browser refuses IndexedDB, or it failed.
    #[error("the store failed")]
    Broken,
}

impl StoreError {
    /// Reads the browser's exception.
    pub fn of(thrown: &JsValue) -> Self {
        match thrown.dyn_ref::<DomException>().map(DomException::name) {
            Some(name) if name == "QuotaExceededError" => Self::Full,
            _ => Self::Broken,
        }
    }

    /// What the page is told.
    pub fn trouble(self) -> StoreTrouble {
        match self {
            Self::Full => StoreTrouble::Full,
            Self::Form => StoreTrouble::Damaged,
            Self::Fenced | Self::Broken => StoreTrouble::Broken,
        }
    }
}

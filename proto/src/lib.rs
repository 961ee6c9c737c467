//! Every byte a Siegel client and its relay must agree on.
//!
//! Decoding is where validation happens: a value of a type of this crate is within
//! limits and well formed, and nothing later needs to check again. [`wire`] holds what
//! the `.proto` sources compile to; the modules named after the resources hold the
//! checked types.

pub mod account;
pub mod availability;
pub mod blob;
pub mod capsule;
pub mod card;
pub mod certificate;
pub mod content;
pub mod directory;
pub mod error;
pub mod frame;
pub mod group;
pub mod ids;
pub mod key_package;
pub mod label;
pub mod limits;
pub mod organisation;
pub mod padding;
pub mod room;
pub mod seat;
pub mod signing;
pub mod version;

/// The messages of the `.proto` sources as `prost` sees them: unchecked.
pub mod wire {
    #![expect(missing_docs, reason = "documented in the .proto sources")]
    #![expect(clippy::all, reason = "generated")]
    include!(concat!(env!("OUT_DIR"), "/siegel.v1.rs"));
}

/// The compiled `.proto` sources (a `FileDescriptorSet`): every message, field and value
/// there is. For tools that must leave none out.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/siegel.v1.bin"));

pub use error::{ErrorCode, Malformed, OutOfBounds, Part, Refusal};

//! What each resource answers: decode has happened, so ask the rules or the store and
//! encode. One file per noun, the same nouns as in `siegel_proto`.

pub mod account;
pub mod app;
pub mod blob;
pub mod capsule;
pub mod directory;
pub mod health;
pub mod key_package;
pub mod organisation;
pub mod room;

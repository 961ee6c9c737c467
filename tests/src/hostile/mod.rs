//! What lies and cheats: a relay that perverts what it says, members whose devices were
//! taken apart. The clients they meet are the real ones of [`crate::simulation`].
//!
//! | module | who |
//! | --- | --- |
//! | [`relay`] | the relay, by what it makes of each frame |
//! | [`cheat`] | a member with all its keys and none of its client's checks |
//! | [`directory`] | entries of the directory, as a colleague could write them |
//! | [`crypto`] | the same member's broken cryptography |
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "an attack that cannot be carried out shows nothing"
)]

pub mod cheat;
pub mod crypto;
pub mod directory;
pub mod relay;

pub use cheat::Cheat;

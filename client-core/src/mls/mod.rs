//! Everything that names the MLS library.
//!
//! One ciphersuite, one version, no negotiation: the relay has nothing to downgrade.

pub mod crypto;
mod error;
pub mod group;
pub mod group_id;
pub mod key_package;
pub mod leaf;
pub mod policy;
pub mod provider;
pub mod signer;
pub mod storage;
#[cfg(test)]
mod tests;
pub mod undo;
pub mod welcome_seal;

pub use error::MlsError;

use openmls_traits::types::Ciphersuite;

/// The suite of protocol version 1. Another one is another protocol version.
pub const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519;

//! A passkey, as page and worker speak of it. Only a page can ask one; only the worker keeps
//! what it opens.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What a passkey made of a salt. Does not print, and wipes itself.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct PasskeySecret([u8; 32]);

impl PasskeySecret {
    /// Takes the bytes over. Whoever made them must not keep a copy.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the one call that needs them.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for PasskeySecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasskeySecret(..)")
    }
}

/// A passkey that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPasskey {
    /// How the authenticator calls it.
    pub credential: Vec<u8>,
    /// What it was given.
    pub salt: [u8; 32],
    /// What it made of that.
    pub secret: PasskeySecret,
}

/// Which passkey opens the vault, and what it is to be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPasskey {
    /// How the authenticator calls it.
    pub credential: Vec<u8>,
    /// What it is to be given.
    pub salt: [u8; 32],
}

//! What is stored in one transaction with a batch, beside the rows.

use super::{Asked, Kept};

/// Nothing, if not said otherwise.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// What is kept beside the vault, readable while it is locked.
    pub kept: Option<&'a Kept>,
    /// That an order was carried out by the batch.
    pub asked: Option<&'a Asked>,
    /// What happens to the vault key under a passkey.
    pub wrapping: WrappingStep<'a>,
}

/// What happens to the vault key under a passkey.
#[derive(Clone, Copy, Default)]
pub enum WrappingStep<'a> {
    /// It stays as it is.
    #[default]
    Stays,
    /// It is this from now on.
    Set(&'a [u8]),
    /// It goes.
    Delete,
}

impl<'a> Beside<'a> {
    /// Only what is kept.
    pub fn kept(kept: &'a Kept) -> Self {
        Self {
            kept: Some(kept),
            ..Self::default()
        }
    }

    /// Only the vault key under a passkey.
    pub fn wrapping(wrapping: WrappingStep<'a>) -> Self {
        Self {
            wrapping,
            ..Self::default()
        }
    }
}

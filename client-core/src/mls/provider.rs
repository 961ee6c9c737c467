//! What the MLS library is given for one step: the vault's staged rows and the step's
//! randomness.

use openmls_traits::OpenMlsProvider;

use super::crypto::Crypto;
use super::storage::Storage;
use crate::moment::StepRng;
use crate::vault::Vault;

/// Lives no longer than a step. If an operation of the library fails, the vault's writes
/// must be discarded and the group loaded again: the library leaves both half done.
pub struct Provider<'v> {
    storage: Storage<'v>,
    crypto: Crypto,
}

impl<'v> Provider<'v> {
    /// Gives the step a generator of its own, so that what the library draws cannot
    /// overlap with what others draw.
    #[must_use]
    pub fn new(vault: &'v Vault, rng: &mut StepRng) -> Self {
        Self {
            storage: Storage::new(vault),
            crypto: Crypto::new(rng.fork()),
        }
    }
}

impl<'v> OpenMlsProvider for Provider<'v> {
    type CryptoProvider = Crypto;
    type RandProvider = Crypto;
    type StorageProvider = Storage<'v>;

    fn storage(&self) -> &Storage<'v> {
        &self.storage
    }

    fn crypto(&self) -> &Crypto {
        &self.crypto
    }

    fn rand(&self) -> &Crypto {
        &self.crypto
    }
}

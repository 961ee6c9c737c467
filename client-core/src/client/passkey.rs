//! A passkey beside the passphrase. What is wrapped is kept by the driver, in the same
//! transaction as the step that comes with it.

use super::{Client, Cx};
use crate::error::Error;
use crate::moment::Moment;
use crate::secret::Secret32;
use crate::step::Step;
use crate::vault::{Passkey, SealedRow, Vault};

impl Client {
    /// Opens a stored vault with what its passkey made of the wrapping's salt.
    ///
    /// # Errors
    /// [`Error::Vault`]: a passkey that does not fit, which the passphrase helps out of, or
    /// anything [`Client::open`] fails with.
    pub fn open_by_passkey(
        header: &[u8],
        wrapping: &[u8],
        secret: &Secret32,
        rows: Vec<SealedRow>,
    ) -> Result<Self, Error> {
        let vault = Vault::open_by_passkey(header, wrapping, secret, rows)?;
        Ok(Self::with(vault))
    }

    /// Lets a passkey open the vault as well, instead of an earlier one. Gives the wrapping
    /// to keep.
    ///
    /// # Errors
    /// [`Error::Vault`] if `passphrase` is wrong.
    pub fn add_passkey(
        &mut self,
        passphrase: &[u8],
        passkey: &Passkey,
        moment: Moment,
    ) -> Result<(Step, Vec<u8>), Error> {
        let mut cx = Cx::new(moment);
        let wrapping = self.vault.add_passkey(passphrase, passkey, &mut cx.rng)?;
        Ok((self.finish(cx)?, wrapping))
    }

    /// Lets no passkey open the vault any more. The driver deletes the wrapping.
    ///
    /// # Errors
    /// [`Error::Vault`] if the step cannot be sealed.
    pub fn remove_passkey(&mut self, moment: Moment) -> Result<Step, Error> {
        self.vault.remove_passkey();
        self.finish(Cx::new(moment))
    }

    /// Whether a passkey was set up and not removed.
    #[must_use]
    pub fn has_passkey(&self) -> bool {
        self.vault.has_passkey()
    }

    /// Whether what the driver keeps is what the vault says: the wrapping of the passkey that
    /// was set up last, or none.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn is_wrapping_sound(&self, wrapping: Option<&[u8]>) -> Result<bool, Error> {
        Ok(match wrapping {
            Some(wrapping) => self.vault.knows_wrapping(wrapping)?,
            None => !self.vault.has_passkey(),
        })
    }
}

//! Unlocking by passkey: setting it up, using it, taking it away.

use siegel_client_core::Client;
use siegel_client_core::secret::Secret32;
use siegel_client_core::vault::{Passkey, PasskeyWrapping};
use siegel_web_bridge::view::PasskeyView;
use siegel_web_bridge::{KnownPasskey, NewPasskey, News, PasskeySecret, Reply, Secret, Trouble};

use super::Office;
use super::holder::{Holder, State};
use super::vault::{now, unusable};
use crate::store::{Kept, Opener};
use crate::trouble;

impl Holder {
    /// Opens the vault by its passkey. The wait after wrong tries is for guesses; nobody
    /// guesses what a passkey makes.
    pub(super) async fn unlock_by_passkey(
        &mut self,
        office: &Office,
        secret: PasskeySecret,
    ) -> Result<Reply, Trouble> {
        let (State::Locked, Some(kept)) = (&self.state, self.kept.clone()) else {
            return match self.state {
                State::Open(_) => Ok(Reply::Done),
                _ => Err(Trouble::Locked),
            };
        };
        let wrapping = self.wrapping.as_deref().ok_or(Trouble::PasskeyUnfit)?;
        let secret = Secret32::new(*secret.expose());
        let loaded = self.store.load_all().await.map_err(trouble::of_store)?;
        match Client::open_by_passkey(&loaded.header, wrapping, &secret, loaded.rows) {
            Ok(client) => {
                self.start(office, client).await;
                self.keep(Kept::new(kept.opener, kept.wipe_after)).await?;
                self.keep_rules().await;
                Ok(Reply::Done)
            }
            Err(error) => {
                let trouble = trouble::of_core(&error);
                if trouble != Trouble::PasskeyUnfit {
                    self.state = State::Unusable(unusable(&trouble));
                }
                Err(trouble)
            }
        }
    }

    /// Lets a passkey open the vault as well.
    pub(super) async fn add_passkey(
        &mut self,
        office: &Office,
        current: Secret,
        new: NewPasskey,
    ) -> Result<Reply, Trouble> {
        let guarded = matches!(self.opener(), Some(Opener::Pin | Opener::Passphrase));
        if !guarded || self.are_passkeys_forbidden() {
            return Err(Trouble::NotAllowed);
        }
        let passkey = Passkey {
            credential: new.credential,
            salt: new.salt,
            secret: Secret32::new(*new.secret.expose()),
        };
        let moment = now()?;
        let State::Open(device) = &mut self.state else {
            return Err(Trouble::Locked);
        };
        let current = current.0.as_bytes();
        let added = device
            .add_passkey(&self.store, current, &passkey, moment)
            .await;
        self.wrapping = Some(self.changed(office, added).await?);
        Ok(Reply::Done)
    }

    /// Lets no passkey open the vault any more.
    pub(super) async fn remove_passkey(&mut self, office: &Office) -> Result<Reply, Trouble> {
        let moment = now()?;
        let State::Open(device) = &mut self.state else {
            return Err(Trouble::Locked);
        };
        let removed = device.remove_passkey(&self.store, moment).await;
        self.changed(office, removed).await?;
        self.wrapping = None;
        Ok(Reply::Done)
    }

    /// What is kept must be what the vault says. If it is not, both go and the pages are told;
    /// where that cannot be stored the next unlocking looks again.
    pub(super) async fn check_wrapping(&mut self, office: &Office) {
        let State::Open(device) = &self.state else {
            return;
        };
        let sound = device.client().is_wrapping_sound(self.wrapping.as_deref());
        if matches!(sound, Ok(false)) && self.remove_passkey(office).await.is_ok() {
            self.tell_all(office, News::PasskeyLost);
        }
    }

    /// Takes a passkey away that the organisation no longer wants.
    pub(super) async fn forget_forbidden_passkey(&mut self, office: &Office) {
        let has_one = match &self.state {
            State::Open(device) => device.client().has_passkey(),
            _ => false,
        };
        if has_one && self.are_passkeys_forbidden() {
            // Where it cannot be stored whatever happens next tries again.
            self.remove_passkey(office).await.ok();
        }
    }

    fn are_passkeys_forbidden(&self) -> bool {
        let State::Open(device) = &self.state else {
            return false;
        };
        let profile = device.client().profile();
        profile.is_ok_and(|profile| profile.policy.forbid_passkeys)
    }

    /// What the screen of a locked vault shows.
    pub(super) fn passkey_view(&self) -> PasskeyView {
        match self.wrapping.as_deref().map(PasskeyWrapping::decode) {
            None => PasskeyView::None,
            Some(Err(_)) => PasskeyView::Damaged,
            Some(Ok(wrapping)) => PasskeyView::Known(KnownPasskey {
                credential: wrapping.credential().to_vec(),
                salt: *wrapping.salt(),
            }),
        }
    }
}

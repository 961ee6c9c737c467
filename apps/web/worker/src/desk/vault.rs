//! Making, opening, locking, wiping the vault.

use siegel_client_core::Client;
use siegel_client_core::moment::Moment;
use siegel_client_core::secret::Secret32;
use siegel_client_core::vault::PassphraseCost;
use siegel_web_bridge::view::Unusable;
use siegel_web_bridge::{Protection, Reply, Secret, StoreTrouble, Trouble};

use super::Office;
use super::holder::{Holder, State};
use crate::moment;
use crate::queue::Asker;
use crate::store::{Beside, Kept, Opener};
use crate::tabs::TabMessage;
use crate::trouble;

const PIN_LEAST: usize = 6;
const PASSPHRASE_LEAST: usize = 10;
/// An open vault is locked after this, whoever is there and whatever the policy says.
const LONGEST_OPEN_MS: f64 = 12.0 * 3_600_000.0;
const MINUTE_MS: f64 = 60_000.0;

/// What opens a vault, ready for use.
struct Key {
    bytes: Vec<u8>,
    cost: PassphraseCost,
    opener: Opener,
}

impl Holder {
    /// Makes the vault.
    pub(super) async fn create(
        &mut self,
        office: &Office,
        protection: Protection,
    ) -> Result<Reply, Trouble> {
        // The organisation's rules come with the link, after the vault.
        let key = key(protection, 0)?;
        match self.state {
            State::Nothing => {}
            State::Lost => self.clear(office).await?,
            _ => return Err(Trouble::AlreadyCreated),
        }
        let (client, step) = Client::create(&key.bytes, key.cost, now()?)
            .map_err(|error| trouble::of_core(&error))?;
        let kept = Kept::new(key.opener, 0);
        self.store
            .store(step.batch(), Beside::kept(&kept))
            .await
            .map_err(trouble::of_store)?;
        // What was made lets nothing out: an empty vault has nobody to talk to.
        drop(step.stored());
        self.store.witness().await.map_err(trouble::of_store)?;
        self.kept = Some(kept);
        self.start(office, client).await;
        Ok(Reply::Done)
    }

    /// Tries what somebody typed. The try is counted before it is made, so that no reload
    /// takes it back.
    pub(super) async fn unlock(
        &mut self,
        office: &Office,
        secret: Secret,
    ) -> Result<Reply, Trouble> {
        let (State::Locked, Some(kept)) = (&self.state, self.kept.clone()) else {
            return match self.state {
                State::Open(_) => Ok(Reply::Done),
                _ => Err(Trouble::Locked),
            };
        };
        let now = moment::now();
        let wait_seconds = seconds(kept.attempts().wait(now));
        if wait_seconds > 0 {
            return Err(Trouble::TooSoon { wait_seconds });
        }
        let counted = kept.attempts().begun(now);
        self.keep(kept.with(counted)).await?;
        match self.open(office, secret.0.as_bytes()).await {
            Ok(()) => {
                self.keep(Kept::new(kept.opener, kept.wipe_after)).await?;
                self.keep_rules().await;
                self.check_wrapping(office).await;
                Ok(Reply::Done)
            }
            Err(Trouble::WrongSecret { .. }) => {
                if counted.must_wipe(kept.wipe_after) {
                    self.clear(office).await?;
                    self.state = State::Nothing;
                }
                Err(Trouble::WrongSecret {
                    wait_seconds: seconds(counted.wait(now)),
                    tries_left: counted.left(kept.wipe_after),
                })
            }
            Err(trouble) => {
                self.keep(kept).await?;
                self.state = State::Unusable(unusable(&trouble));
                Err(trouble)
            }
        }
    }

    /// Keeps beside the vault what of the policy counts while it is locked. Where that
    /// cannot be stored the next unlocking or change of the policy tries again.
    pub(super) async fn keep_rules(&mut self) {
        let State::Open(device) = &self.state else {
            return;
        };
        let (Ok(profile), Some(kept)) = (device.client().profile(), self.kept.clone()) else {
            return;
        };
        let wipe_after = profile.policy.wipe_after_tries;
        if kept.wipe_after != wipe_after {
            self.keep(kept.wiped_after(wipe_after)).await.ok();
        }
    }

    /// Opens the vault with a passphrase.
    pub(super) async fn open(&mut self, office: &Office, passphrase: &[u8]) -> Result<(), Trouble> {
        let loaded = self.store.load_all().await.map_err(trouble::of_store)?;
        let client = Client::open(&loaded.header, passphrase, loaded.rows)
            .map_err(|error| trouble::of_core(&error))?;
        self.start(office, client).await;
        Ok(())
    }

    /// Puts the vault under another protection.
    pub(super) async fn protect(
        &mut self,
        office: &Office,
        current: Option<Secret>,
        new: Protection,
    ) -> Result<Reply, Trouble> {
        let (least, wipe_after) = match self.device()?.client().profile() {
            Ok(profile) => (
                profile.policy.passphrase_characters,
                profile.policy.wipe_after_tries,
            ),
            Err(_) => (0, 0),
        };
        let key = key(new, least)?;
        let current = match (self.opener(), current) {
            (Some(Opener::ThisBrowser(secret)), _) => secret.expose().to_vec(),
            (_, Some(typed)) => typed.0.into_bytes(),
            (_, None) => {
                return Err(Trouble::WrongSecret {
                    wait_seconds: 0,
                    tries_left: None,
                });
            }
        };
        let moment = now()?;
        let kept = Kept::new(key.opener, wipe_after);
        let State::Open(device) = &mut self.state else {
            return Err(Trouble::Locked);
        };
        let change =
            |client: &mut Client| client.change_passphrase(&current, &key.bytes, key.cost, moment);
        let protected = device.protect(&self.store, change, &kept).await;
        self.changed(office, protected).await?;
        self.kept = Some(kept);
        Ok(Reply::Done)
    }

    /// Closes the vault in all tabs. A vault that nothing protects would open again at
    /// once, so it stays open.
    pub(super) async fn lock(&mut self, office: &Office, asker: Option<Asker>) {
        let unprotected = matches!(self.opener(), Some(Opener::ThisBrowser(_)));
        let locks = !unprotected && matches!(self.state, State::Open(_));
        if locks {
            self.state = State::Locked;
            // Before the Web Lock passes on. Where it cannot be stored, the word has to do.
            self.store.count_locking(self.lockings + 1).await.ok();
        }
        if let Some(asker) = asker {
            let outcome = if unprotected {
                Err(Trouble::NotAllowed)
            } else {
                Ok((Reply::Done, None))
            };
            self.answer(office, asker, outcome);
        }
        if locks {
            self.stop(office, false);
        }
    }

    /// Deletes everything.
    pub(super) async fn wipe(&mut self, office: &Office, asker: Asker) {
        self.state = State::Nothing;
        match self.clear(office).await {
            Ok(()) => {
                self.answer(office, asker, Ok((Reply::Done, None)));
                self.stop(office, true);
            }
            Err(trouble) => {
                self.state = State::Unusable(Unusable::Broken);
                self.answer(office, asker, Err(trouble));
            }
        }
    }

    /// Looks at the clock: locks a vault that nobody uses.
    pub(super) async fn round(&mut self, office: &Office) {
        let State::Open(device) = &self.state else {
            return;
        };
        device.round();
        let minutes = match device.client().profile() {
            Ok(profile) => f64::from(profile.policy.lock_after_minutes),
            Err(_) => return,
        };
        let now = moment::now_ms();
        let unused = minutes > 0.0 && now - self.active_ms >= minutes * MINUTE_MS;
        if unused || now - self.opened_ms >= LONGEST_OPEN_MS {
            self.lock(office, None).await;
        }
    }

    fn stop(&mut self, office: &Office, wiped: bool) {
        office.channel.say(&TabMessage::Ended { wiped }, None);
        self.end(office, wiped);
    }

    /// Closes the vault in this tab.
    pub(super) fn end(&mut self, office: &Office, wiped: bool) {
        self.state = State::Locked;
        for (_, task) in std::mem::take(&mut self.transfers) {
            task.abort();
        }
        office.end(wiped);
    }

    pub(super) async fn keep(&mut self, kept: Kept) -> Result<(), Trouble> {
        self.store
            .store(&Default::default(), Beside::kept(&kept))
            .await
            .map_err(trouble::of_store)?;
        self.kept = Some(kept);
        Ok(())
    }

    /// Empties the store, and opens it anew.
    async fn clear(&mut self, office: &Office) -> Result<(), Trouble> {
        self.store.wipe().await.map_err(trouble::of_store)?;
        self.kept = None;
        self.wrapping = None;
        self.lockings = 0;
        self.store = Self::take_store(office).await.map_err(trouble::of_store)?;
        Ok(())
    }
}

/// What a vault that does not open means.
pub(super) fn unusable(trouble: &Trouble) -> Unusable {
    match trouble {
        Trouble::Store(StoreTrouble::Newer) => Unusable::Newer,
        Trouble::Store(StoreTrouble::Full | StoreTrouble::Broken) => Unusable::Broken,
        _ => Unusable::Damaged,
    }
}

fn seconds(wait: i64) -> u32 {
    u32::try_from(wait).unwrap_or(u32::MAX)
}

/// `least`: characters the policy asks for.
fn key(protection: Protection, least: u32) -> Result<Key, Trouble> {
    let asked = usize::try_from(least).unwrap_or(usize::MAX);
    let (secret, own, opener) = match protection {
        Protection::ThisBrowser => {
            let secret = moment::random().map_err(|_| no_randomness())?;
            return Ok(Key {
                bytes: secret.to_vec(),
                // 256 random bits are not guessed; nobody waits for stretching them.
                cost: PassphraseCost::TRIVIAL,
                opener: Opener::ThisBrowser(Secret32::new(secret)),
            });
        }
        Protection::Pin(pin) => (pin, PIN_LEAST, Opener::Pin),
        Protection::Passphrase(phrase) => (phrase, PASSPHRASE_LEAST, Opener::Passphrase),
    };
    let least = own.max(asked);
    if secret.0.chars().count() < least {
        let least = u32::try_from(least).unwrap_or(u32::MAX);
        let pin = opener == Opener::Pin;
        return Err(Trouble::WeakSecret { least, pin });
    }
    Ok(Key {
        bytes: secret.0.into_bytes(),
        cost: PassphraseCost::STANDARD,
        opener,
    })
}

pub(super) fn now() -> Result<Moment, Trouble> {
    moment::moment().map_err(|_| no_randomness())
}

fn no_randomness() -> Trouble {
    Trouble::Internal("randomness".to_owned())
}

//! Certificates by ACME (RFC 8555), proved on the port that is served (RFC 8737): ordered when
//! there is none, renewed with a third of their life left, served as long as they last
//! whatever the authority says.
//!
//! | file | job |
//! | --- | --- |
//! | [`settings`] | for which names, and where |
//! | `certificate` | what a certificate says, and when it is to be renewed |
//! | `served` | what is shown in a handshake |
//! | `folder` | what is kept, for this user alone |
//! | `order` | one order, from the account to the chain |

mod certificate;
mod folder;
mod order;
mod served;
pub mod settings;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::Receiver;

pub use certificate::Certificate;
pub use folder::{Failure, Folder};
pub use order::OrderError;
pub use served::{PROVING, Served};
pub use settings::Acme;

use crate::clock::Clock;
use crate::state::stopped;

/// After a failure; twice as long after each further one. Authorities count failures by the
/// hour.
const FIRST_PAUSE: Duration = Duration::from_secs(15 * 60);
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3_600);
/// How often to look at the clock, which may have been set.
const LOOK: Duration = Duration::from_secs(3_600);

/// The certificate of one relay.
#[derive(Debug, Clone)]
pub struct Renewal {
    settings: Acme,
    folder: Folder,
    served: Arc<Served>,
}

impl Renewal {
    /// Serves what was kept, if it is for these names; nothing is ordered yet.
    ///
    /// # Errors
    /// What was kept cannot be read.
    pub fn new(settings: &Acme, data_dir: &Path) -> io::Result<Self> {
        let folder = Folder::of(data_dir);
        let served = Arc::new(Served::default());
        if let Some(certificate) = kept(settings, &folder)? {
            served.serve(certificate);
        }
        Ok(Self {
            settings: settings.clone(),
            folder,
            served,
        })
    }

    /// What handshakes show.
    pub const fn served(&self) -> &Arc<Served> {
        &self.served
    }

    /// Why the last order failed; nothing after one that did not.
    pub fn failure(&self) -> Option<Failure> {
        self.folder.failure()
    }

    /// Orders whenever it is time, until the relay stops.
    pub async fn run(self, clock: Clock, mut stopping: Receiver<bool>) {
        let mut moved = clock.moved();
        let mut failures: u32 = 0;
        loop {
            let ordering = async {
                let left = self.left(&clock);
                if !left.is_zero() {
                    return left.min(LOOK);
                }
                match self.renew(&clock).await {
                    true => failures = 0,
                    false => failures += 1,
                }
                pause(failures)
            };
            let wait = tokio::select! {
                () = stopped(&mut stopping) => return,
                wait = ordering => wait,
            };
            tokio::select! {
                () = stopped(&mut stopping) => return,
                () = tokio::time::sleep(wait) => {}
                Ok(()) = moved.changed() => {}
            }
        }
    }

    /// Until the certificate is to be renewed; nothing if it is time.
    fn left(&self, clock: &Clock) -> Duration {
        let current = self.served.current();
        let left = current.map_or(0, |certificate| certificate.due() - clock.now());
        Duration::from_secs(u64::try_from(left).unwrap_or(0))
    }

    async fn renew(&self, clock: &Clock) -> bool {
        match order::order(&self.settings, &self.folder, &self.served).await {
            Ok(certificate) => {
                self.served.serve(certificate);
                tracing::info!(code = "certificate_renewed");
                self.note(None);
                true
            }
            Err(error) => {
                tracing::error!(code = "certificate_not_renewed", kind = error.code());
                self.note(Some(&Failure {
                    at: clock.now(),
                    what: with_causes(&error),
                    remedy: error.remedy().to_owned(),
                }));
                false
            }
        }
    }

    fn note(&self, failure: Option<&Failure>) {
        if let Err(error) = self.folder.keep_failure(failure) {
            tracing::warn!(code = "certificate_failure_unknown", kind = ?error.kind());
        }
    }
}

/// What is kept, if it can be served under these names.
///
/// # Errors
/// It cannot be read.
pub fn kept(settings: &Acme, folder: &Folder) -> io::Result<Option<Certificate>> {
    let Some(pem) = folder.certificate()? else {
        return Ok(None);
    };
    // What cannot be served is as good as none: another one is ordered.
    let certificate = Certificate::parse(&pem).ok();
    Ok(certificate.filter(|certificate| certificate.is_for(&settings.domains)))
}

fn pause(failures: u32) -> Duration {
    match failures {
        // Also if the new one seems due at once: the clock is wrong, and orders are counted.
        0 => LOOK,
        _ => FIRST_PAUSE
            .saturating_mul(2_u32.saturating_pow(failures - 1))
            .min(LONGEST_PAUSE),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_not_pestered() {
        let pauses: Vec<u64> = (0..8)
            .map(|failures| pause(failures).as_secs() / 60)
            .collect();
        assert_eq!(pauses, [60, 15, 30, 60, 120, 240, 360, 360]);
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }
}

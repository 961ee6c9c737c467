//! What a driver can be told, besides whose vault it opens.

use std::path::PathBuf;

use siegel_client_core::vault::PassphraseCost;

use crate::moment::Clock;
use crate::net::backoff::Backoff;
use crate::net::dial::Route;
use crate::store::Fault;

/// The settings of a driver. The default is what people use; tests change the rest.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which machine is dialled.
    pub route: Route,
    /// Further certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// The pauses between attempts.
    pub backoff: Backoff,
    /// The device's clock.
    pub clock: Clock,
    /// How hard guessing the passphrase of a new vault is made.
    pub cost: PassphraseCost,
    /// Where the store fails.
    pub fault: Fault,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            route: Route::Direct,
            ca_file: None,
            backoff: Backoff::PATIENT,
            clock: Clock::default(),
            cost: PassphraseCost::STANDARD,
            fault: Fault::None,
        }
    }
}

//! Why a driver cannot go on.

use siegel_client_core::Error as CoreError;

use crate::moment::NoRandomness;
use crate::net::address::AddressError;
use crate::net::tls::TlsError;
use crate::store::StoreError;

/// What went wrong in a driver. A refused command leaves everything as it was; after
/// [`DriverError::Store`] and [`DriverError::Stopped`] the driver must be opened again.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The client core refuses the command or the vault.
    #[error("the client refuses")]
    Client(#[from] CoreError),
    /// The batch of a step was not stored; the client core is gone.
    #[error("the vault cannot be used")]
    Store(#[from] StoreError),
    /// The store failed earlier.
    #[error("the device has stopped after a failure")]
    Stopped,
    /// Set up or join first: no relay is known.
    #[error("no relay is known yet")]
    NoRelay,
    /// The relay's address is unusable.
    #[error("the relay's address cannot be used")]
    Address(#[from] AddressError),
    /// The TLS settings are unusable.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// Without randomness there are no keys.
    #[error("no randomness")]
    Entropy(#[from] NoRandomness),
}

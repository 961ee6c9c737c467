//! The way to the relay: one address, one way to dial it, a WebSocket and plain HTTP.

pub mod address;
pub mod backoff;
pub mod blob;
pub mod dial;
pub mod http;
pub mod socket;
pub mod tls;

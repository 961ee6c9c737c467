//! The settings of the metrics.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Where the operator's numbers are served.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MetricsSettings {
    /// Address and port, on loopback; empty: not served.
    pub listen: Loopback,
}

/// An address that only this machine reaches, or none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Loopback(Option<SocketAddr>);

/// The address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotLoopback {
    /// Not an address.
    #[error("\"{0}\" is no address: write one like 127.0.0.1:9460, or nothing")]
    NoAddress(String),
    /// Others would read along.
    #[error(
        "{0} can be reached from outside: use 127.0.0.1 or [::1], and let whoever collects \
         the numbers run on this machine or come through a tunnel"
    )]
    Outside(SocketAddr),
}

impl Loopback {
    /// The address, if there is one.
    pub fn address(self) -> Option<SocketAddr> {
        self.0
    }
}

impl TryFrom<SocketAddr> for Loopback {
    type Error = NotLoopback;

    fn try_from(address: SocketAddr) -> Result<Self, NotLoopback> {
        if address.ip().to_canonical().is_loopback() {
            Ok(Self(Some(address)))
        } else {
            Err(NotLoopback::Outside(address))
        }
    }
}

impl TryFrom<String> for Loopback {
    type Error = NotLoopback;

    fn try_from(text: String) -> Result<Self, NotLoopback> {
        if text.is_empty() {
            return Ok(Self(None));
        }
        match text.parse::<SocketAddr>() {
            Ok(address) => address.try_into(),
            Err(_) => Err(NotLoopback::NoAddress(text)),
        }
    }
}

impl From<Loopback> for String {
    fn from(Loopback(address): Loopback) -> Self {
        address.map_or_else(Self::new, |address| address.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_listened_to() {
        let of = |text: &str| Loopback::try_from(text.to_owned());
        assert_eq!(of(""), Ok(Loopback(None)));
        for inside in ["127.0.0.1:9460", "127.3.2.1:1", "[::1]:9460"] {
            assert!(of(inside).is_ok(), "{inside}");
        }
        for outside in [
            "0.0.0.0:9460",
            "[::]:9460",
            "10.0.0.1:9460",
            "[::ffff:10.0.0.1]:9460",
        ] {
            assert!(
                matches!(of(outside), Err(NotLoopback::Outside(_))),
                "{outside}"
            );
        }
        assert!(matches!(of("9460"), Err(NotLoopback::NoAddress(_))));
    }
}

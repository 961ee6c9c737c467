//! The relay's address, as a link or the vault names it.

use std::fmt;
use std::net::IpAddr;

use hyper::Uri;

/// Scheme, host and port of a relay. Plain HTTP exists only towards this machine itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayAddress {
    secure: bool,
    host: String,
    port: u16,
}

/// Why a text is not the address of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Copy the link again, whole.
    #[error("not an address of the form https://HOST[:PORT]")]
    Malformed,
    /// Ask for a link with `https`.
    #[error("plain http is allowed to this machine only")]
    Insecure,
}

impl RelayAddress {
    /// Reads `http(s)://HOST[:PORT]`, with or without a closing slash.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError::Malformed)?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(AddressError::Malformed),
        };
        let authority = uri.authority().ok_or(AddressError::Malformed)?;
        let bare = authority.as_str().len() == authority_length(authority);
        let path_is_empty = matches!(uri.path(), "" | "/") && uri.query().is_none();
        if authority.host().is_empty() || !bare || !path_is_empty {
            return Err(AddressError::Malformed);
        }
        let host = authority.host().to_ascii_lowercase();
        if !secure && !is_this_machine(&host) {
            return Err(AddressError::Insecure);
        }
        let port = authority
            .port_u16()
            .unwrap_or(if secure { 443 } else { 80 });
        Ok(Self { secure, host, port })
    }

    /// Whether TLS protects the way.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The name or address to dial, without brackets.
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port to dial.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the `Host` header says.
    pub fn authority(&self) -> String {
        let usual = if self.secure { 443 } else { 80 };
        if self.port == usual {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The address of the relay's WebSocket.
    pub(super) fn socket_uri(&self, path: &str) -> String {
        format!(
            "{}://{}{path}",
            if self.secure { "wss" } else { "ws" },
            self.authority()
        )
    }
}

impl fmt::Display for RelayAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}://{}",
            if self.secure { "https" } else { "http" },
            self.authority()
        )
    }
}

/// The length the authority has when it consists of host and port alone.
fn authority_length(authority: &hyper::http::uri::Authority) -> usize {
    authority.host().len() + authority.port().map_or(0, |port| port.as_str().len() + 1)
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost"
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written_alike() {
        for text in [
            "https://siegel.example",
            "https://siegel.example:8443",
            "http://127.0.0.1:9000",
        ] {
            assert_eq!(RelayAddress::parse(text).unwrap().to_string(), text);
        }
        let six = RelayAddress::parse("http://[::1]:9000/").unwrap();
        assert_eq!((six.host(), six.port()), ("::1", 9000));
        assert_eq!(six.socket_uri("/v1/socket"), "ws://[::1]:9000/v1/socket");
    }

    #[test]
    fn plain_http_leaves_this_machine_never() {
        for text in [
            "http://siegel.example",
            "http://10.0.0.1:80",
            "http://localhost.example",
        ] {
            assert_eq!(
                RelayAddress::parse(text),
                Err(AddressError::Insecure),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_but_scheme_host_and_port_is_refused() {
        for text in [
            "",
            "siegel.example",
            "ftp://siegel.example",
            "https://",
            "https://u:p@siegel.example",
            "https://siegel.example/x",
            "https://siegel.example/?q",
        ] {
            assert_eq!(
                RelayAddress::parse(text),
                Err(AddressError::Malformed),
                "{text}"
            );
        }
    }
}

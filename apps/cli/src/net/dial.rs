//! Opening a connection to the relay: one place for routes, TLS and the time it may take.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::address::RelayAddress;

const LONGEST_DIAL: Duration = Duration::from_secs(15);

/// Which machine is dialled for the relay's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The one the name stands for.
    #[default]
    Direct,
    /// This one, whatever the name: a tunnel, or the scripted network of a test. TLS and
    /// headers still name the relay.
    Through(SocketAddr),
}

/// Opens connections to one relay.
#[derive(Clone)]
pub struct Dialler {
    address: RelayAddress,
    route: Route,
    tls: Arc<ClientConfig>,
}

/// Why the relay cannot be reached. Waiting and dialling again may help with all but
/// [`DialError::Name`].
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The host cannot be named in TLS.
    #[error("the relay's name cannot stand in a certificate")]
    Name,
    /// Nobody answers there, or TLS failed.
    #[error("cannot connect to the relay")]
    Io(#[from] io::Error),
    /// It takes too long.
    #[error("the relay does not answer")]
    Slow,
}

impl Dialler {
    /// A dialler for this relay.
    pub fn new(address: RelayAddress, route: Route, tls: Arc<ClientConfig>) -> Self {
        Self {
            address,
            route,
            tls,
        }
    }

    /// The relay's address.
    pub fn address(&self) -> &RelayAddress {
        &self.address
    }

    /// Dials another machine from now on.
    pub fn set_route(&mut self, route: Route) {
        self.route = route;
    }

    /// Opens one connection.
    pub async fn dial(&self) -> Result<Stream, DialError> {
        match tokio::time::timeout(LONGEST_DIAL, self.connect()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(DialError::Slow),
        }
    }

    async fn connect(&self) -> Result<Stream, DialError> {
        let tcp = match self.route {
            Route::Direct => TcpStream::connect((self.address.host(), self.address.port())).await?,
            Route::Through(machine) => TcpStream::connect(machine).await?,
        };
        tcp.set_nodelay(true)?;
        if !self.address.is_secure() {
            return Ok(Stream::Plain(tcp));
        }
        let name =
            ServerName::try_from(self.address.host().to_owned()).map_err(|_| DialError::Name)?;
        let tls = TlsConnector::from(Arc::clone(&self.tls))
            .connect(name, tcp)
            .await?;
        Ok(Stream::Tls(Box::new(tls)))
    }
}

/// A connection, protected or within this machine.
pub enum Stream {
    /// Without TLS: loopback only.
    Plain(TcpStream),
    /// With TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

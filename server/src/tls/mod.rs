//! TLS: with a certificate and key from files, or with what the relay orders itself.

mod files;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::WantsServerCert;
use tokio_rustls::TlsAcceptor;

use crate::acme::{Failure, PROVING, Renewal};
use crate::config::Config;

pub use files::Files;

const HTTP: &[u8] = b"http/1.1";

/// The certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not readable as PEM.
    #[error("{0} does not hold what it should, as PEM")]
    File(PathBuf, #[source] rustls_pki_types::pem::Error),
    /// What came is not PEM.
    #[error("it is not PEM")]
    Pem(#[source] rustls_pki_types::pem::Error),
    /// There is no certificate in it.
    #[error("it holds no certificate")]
    Empty,
    /// Certificate and key do not fit.
    #[error("the certificate and its key cannot be used")]
    Unfit(#[from] rustls::Error),
    /// What was ordered before cannot be read.
    #[error("the folder acme in the data directory cannot be read")]
    Kept(#[source] io::Error),
}

/// How people's connections are protected.
#[derive(Debug, Clone)]
pub enum Transport {
    /// By somebody else: the relay speaks to this machine only.
    Plain,
    /// By a certificate from files.
    Files(Arc<Files>),
    /// By a certificate that renews itself.
    Ordered(Renewal),
}

/// The life of a certificate, seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From when.
    pub begins: i64,
    /// Until when.
    pub ends: i64,
}

impl Transport {
    /// What the settings say, and what takes handshakes, if it is not plain.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn open(config: &Config) -> Result<(Self, Option<TlsAcceptor>), TlsError> {
        if config.tls.acme.is_set() {
            let renewal =
                Renewal::new(&config.tls.acme, &config.data_dir).map_err(TlsError::Kept)?;
            let mut server = server()?.with_cert_resolver(renewal.served().clone());
            server.alpn_protocols = vec![HTTP.to_vec(), PROVING.to_vec()];
            let acceptor = TlsAcceptor::from(Arc::new(server));
            return Ok((Self::Ordered(renewal), Some(acceptor)));
        }
        if !config.has_tls() {
            return Ok((Self::Plain, None));
        }
        let files = Arc::new(Files::open(&config.tls)?);
        let mut server = server()?.with_cert_resolver(files.clone());
        server.alpn_protocols = vec![HTTP.to_vec()];
        Ok((
            Self::Files(files),
            Some(TlsAcceptor::from(Arc::new(server))),
        ))
    }

    /// The life of the certificate that is served.
    pub fn validity(&self) -> Option<Validity> {
        match self {
            Self::Plain => None,
            Self::Files(files) => Some(files.current().validity),
            Self::Ordered(renewal) => renewal.served().current().map(|current| current.validity),
        }
    }

    /// Why the last order failed; nothing after one that did not, or where none are made.
    pub fn failure(&self) -> Option<Failure> {
        match self {
            Self::Plain | Self::Files(_) => None,
            Self::Ordered(renewal) => renewal.failure(),
        }
    }
}

fn server() -> Result<rustls::ConfigBuilder<ServerConfig, WantsServerCert>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth())
}

//! TLS with a certificate and key from files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::Tls;

/// The certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Not readable as PEM.
    #[error("{0} does not hold what it should, as PEM")]
    File(PathBuf, #[source] rustls_pki_types::pem::Error),
    /// Certificate and key do not fit.
    #[error("the certificate and its key cannot be used")]
    Unfit(#[from] rustls::Error),
}

/// When the certificate that the file begins with ends, seconds since 1970; nothing if there
/// is none to be read.
pub fn ends(tls: &Tls) -> Option<i64> {
    let certificate = CertificateDer::from_pem_file(&tls.certificate).ok()?;
    let (_, certificate) = x509_parser::parse_x509_certificate(&certificate).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

/// Reads the files.
///
/// # Errors
/// [`TlsError`] names the file.
pub fn acceptor(tls: &Tls) -> Result<TlsAcceptor, TlsError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |error| TlsError::File(path, error)
    };
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(file(&tls.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(file(&tls.key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

//! Whom the connection trusts: the public roots, or an organisation's own authority.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::{self, PemObject};

/// Why the TLS settings cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Give a readable PEM file.
    #[error("cannot read the certificates in {}", path.display())]
    File {
        /// The file that was named.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: pem::Error,
    },
    /// Give a file with at least one certificate.
    #[error("there is no usable certificate in {}", .0.display())]
    Empty(PathBuf),
    /// A fault in the build.
    #[error("the TLS library refuses its settings")]
    Library(#[source] rustls::Error),
}

/// TLS 1.3 and 1.2 with the public web's roots and, for in-house certificates, those in
/// `extra`.
pub fn config(extra: Option<&Path>) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = extra {
        let fail = |source| TlsError::File {
            path: path.to_owned(),
            source,
        };
        let before = roots.len();
        for certificate in CertificateDer::pem_file_iter(path).map_err(fail)? {
            // Several may stand in the file, some of them no authorities: those that fit count.
            roots.add_parsable_certificates([certificate.map_err(fail)?]);
        }
        if roots.len() == before {
            return Err(TlsError::Empty(path.to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Library)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused_and_not_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ca.pem");
        assert!(matches!(config(Some(&path)), Err(TlsError::File { .. })));
        std::fs::write(&path, "nothing here").unwrap();
        assert!(matches!(config(Some(&path)), Err(TlsError::Empty(_))));
        config(None).unwrap();
    }
}

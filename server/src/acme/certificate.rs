//! A certificate with its key: what it says, and when it is to be renewed.

use std::sync::Arc;

use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::extensions::GeneralName;

use crate::tls::{TlsError, Validity};

/// A certificate that can be served.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Chain and key.
    pub key: Arc<CertifiedKey>,
    /// Its life.
    pub validity: Validity,
    names: Vec<String>,
}

impl Certificate {
    /// From key and chain, PEM.
    ///
    /// # Errors
    /// They cannot be read or do not fit.
    pub fn parse(pem: &str) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(TlsError::Pem)?;
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(TlsError::Pem)?;
        Self::new(chain, key)
    }

    /// From a chain and its key.
    ///
    /// # Errors
    /// They do not fit, or the first certificate is none.
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, TlsError> {
        let first = chain.first().cloned().ok_or(TlsError::Empty)?;
        let (_, read) = x509_parser::parse_x509_certificate(&first).map_err(|_| TlsError::Empty)?;
        let names = match read.subject_alternative_name() {
            Ok(Some(names)) => (names.value.general_names.iter())
                .filter_map(|name| match name {
                    GeneralName::DNSName(name) => Some((*name).to_owned()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        let validity = read.validity();
        let provider = rustls::crypto::ring::default_provider();
        Ok(Self {
            validity: Validity {
                begins: validity.not_before.timestamp(),
                ends: validity.not_after.timestamp(),
            },
            names,
            key: Arc::new(CertifiedKey::from_der(chain, key, &provider)?),
        })
    }

    /// Whether it is for all of these names.
    pub fn is_for(&self, domains: &[String]) -> bool {
        domains.iter().all(|domain| self.names.contains(domain))
    }

    /// From when on it should be renewed: with a third of its life left, which is time enough
    /// for an authority, or an operator, to get well again.
    pub const fn due(&self) -> i64 {
        let Validity { begins, ends } = self.validity;
        ends - (ends - begins) / 3
    }
}

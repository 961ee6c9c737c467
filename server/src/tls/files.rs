//! A certificate and its key in files that something else renews.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;
use crate::acme::Certificate;
use crate::config::Tls;

/// What the files hold, looked at again before each handshake: a renewed pair is served to
/// whoever connects next.
#[derive(Debug)]
pub struct Files {
    paths: Tls,
    read: RwLock<Read>,
}

#[derive(Debug)]
struct Read {
    certificate: Certificate,
    /// Of the files when they were last tried.
    stamps: [Option<Stamp>; 2],
}

/// Tells a file from what it was before: which, how long, and when it was written.
type Stamp = (u64, u64, i64, i64);

impl Files {
    /// Reads them.
    ///
    /// # Errors
    /// [`TlsError`] names the file.
    pub fn open(paths: &Tls) -> Result<Self, TlsError> {
        let stamps = stamps(paths);
        let certificate = read(paths)?;
        Ok(Self {
            paths: paths.clone(),
            read: RwLock::new(Read {
                certificate,
                stamps,
            }),
        })
    }

    /// What is served: what the files hold, or what they held before if they do not fit each
    /// other, as between the writing of one and of the other.
    pub fn current(&self) -> Certificate {
        let stamps = stamps(&self.paths);
        {
            let last = self.read.read().unwrap_or_else(PoisonError::into_inner);
            if last.stamps == stamps {
                return last.certificate.clone();
            }
        }
        let mut last = self.read.write().unwrap_or_else(PoisonError::into_inner);
        if last.stamps != stamps {
            last.stamps = stamps;
            match read(&self.paths) {
                Ok(certificate) => {
                    last.certificate = certificate;
                    tracing::info!(code = "certificate_read");
                }
                Err(_) => tracing::warn!(code = "certificate_unfit"),
            }
        }
        last.certificate.clone()
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current().key)
    }
}

fn read(paths: &Tls) -> Result<Certificate, TlsError> {
    let in_file = |path: &Path| {
        let path = path.to_owned();
        move |error| TlsError::File(path, error)
    };
    let chain = CertificateDer::pem_file_iter(&paths.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(in_file(&paths.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&paths.key).map_err(in_file(&paths.key))?;
    Certificate::new(chain, key)
}

fn stamps(paths: &Tls) -> [Option<Stamp>; 2] {
    [&paths.certificate, &paths.key].map(|path| {
        let about = std::fs::metadata(path).ok()?;
        Some((about.ino(), about.len(), about.mtime(), about.mtime_nsec()))
    })
}

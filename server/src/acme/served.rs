//! What the relay shows in a TLS handshake: its certificate, or, to an authority that asks by
//! the name of RFC 8737 and nothing else, the proof that the relay is where the name leads.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::Certificate;

/// The protocol an authority asks for.
pub const PROVING: &[u8] = b"acme-tls/1";

/// The certificate that is served now, and the proofs that are asked for now.
#[derive(Debug, Default)]
pub struct Served {
    current: RwLock<Option<Certificate>>,
    proofs: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Served {
    /// The certificate that is served.
    pub fn current(&self) -> Option<Certificate> {
        (self.current.read())
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Serves another one, to whoever connects from now on.
    pub fn serve(&self, certificate: Certificate) {
        let mut current = (self.current.write()).unwrap_or_else(PoisonError::into_inner);
        *current = Some(certificate);
    }

    /// Shows this to the authority that asks for the name.
    pub fn prove(&self, domain: String, proof: Arc<CertifiedKey>) {
        let mut proofs = (self.proofs.write()).unwrap_or_else(PoisonError::into_inner);
        proofs.insert(domain, proof);
    }

    /// The order is over.
    pub fn forget_proofs(&self) {
        let mut proofs = (self.proofs.write()).unwrap_or_else(PoisonError::into_inner);
        proofs.clear();
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut asked = hello.alpn().into_iter().flatten();
        if asked.next() == Some(PROVING) && asked.next().is_none() {
            let name = hello.server_name()?.to_ascii_lowercase();
            let proofs = self.proofs.read().unwrap_or_else(PoisonError::into_inner);
            return proofs.get(&name).cloned();
        }
        self.current().map(|certificate| certificate.key)
    }
}

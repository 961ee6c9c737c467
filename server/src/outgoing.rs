//! Requests to the few machines an operator has named: over TLS, with certificates that this
//! machine trusts, and with a limit to waiting.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;

const CONNECT: Duration = Duration::from_secs(5);
/// Other ends close idle connections sooner or later; we do it sooner.
const IDLE: Duration = Duration::from_secs(15);
/// Until the head of an answer is there.
pub const ANSWER: Duration = Duration::from_secs(15);

/// Sends requests with bodies of this kind.
pub type Client<B> = legacy::Client<HttpsConnector<HttpConnector>, B>;

/// No request can be sent.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    /// The TLS library refuses.
    #[error("the TLS library cannot be set up")]
    Tls(#[from] rustls::Error),
}

/// A client that also trusts these authorities.
///
/// # Errors
/// TLS cannot be set up.
pub fn client<B>(also: &[CertificateDer<'static>]) -> Result<Client<B>, NoClient>
where
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
{
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        // A container without any: those of Mozilla, as they were when this was built.
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots.add_parsable_certificates(also.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut plain = HttpConnector::new();
    plain.enforce_http(false);
    plain.set_connect_timeout(Some(CONNECT));
    plain.set_nodelay(true);
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(plain);
    Ok(legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector))
}

/// The other end took too long.
pub fn too_late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time")
}

//! One order of a certificate, from the account to the chain.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use instant_acme::{
    Account, AuthorizationStatus, BodyWrapper, BytesResponse, ChallengeType, HttpClient,
    Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use super::{Acme, Certificate, Folder, Served};
use crate::outgoing::{self, Client, NoClient};
use crate::tls::TlsError;

/// An authority looks within seconds; some look from several places, one after the other.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(std::time::Duration::from_secs(90));

/// Why there is no new certificate.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The authority did not answer, or not what the protocol says.
    #[error("the authority cannot be asked")]
    Unreachable(#[source] instant_acme::Error),
    /// The authority says no.
    #[error("the authority refuses: {0}")]
    Refused(String),
    /// It did not find the proof under a name.
    #[error("the authority did not find this relay under {domain}: {said}")]
    NotProved {
        /// The name.
        domain: String,
        /// What the authority says it met.
        said: String,
    },
    /// It does not know the one way the relay can prove a name.
    #[error("the authority does not offer tls-alpn-01 for {0}")]
    NoWay(String),
    /// It took too long.
    #[error("the authority did not decide in time")]
    Late,
    /// What came is no certificate for these names.
    #[error("the authority gave a certificate that cannot be used")]
    Unfit(#[from] TlsError),
    /// It is for other names.
    #[error("the authority gave a certificate for other names")]
    OtherNames,
    /// No key or proof could be made.
    #[error("no key could be made")]
    Key(#[from] rcgen::Error),
    /// Something could not be kept.
    #[error("the folder acme in the data directory cannot be used")]
    Folder(#[from] io::Error),
    /// No request can be sent.
    #[error(transparent)]
    Client(#[from] NoClient),
}

impl OrderError {
    /// What an operator does about it.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::Late => {
                "see that this machine may connect to the authority, tls.acme.directory; the relay \
                 tries again by itself"
            }
            Self::Refused(_) => {
                "its words tell why; often too many orders in a short time, or a CAA record that \
                 names another authority"
            }
            Self::NotProved { .. } => {
                "the name must lead to this machine, and port 443 to the relay without a proxy \
                 that ends TLS"
            }
            Self::NoWay(_) => "name another authority in tls.acme.directory",
            Self::Unfit(_) | Self::OtherNames | Self::Key(_) | Self::Client(_) => {
                "the relay tries again by itself; if it stays, use tls.certificate and tls.key"
            }
            Self::Folder(_) => "let the folder belong to the relay's user, and look at the disk",
        }
    }

    /// For the log, which holds no names.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Refused(_) => "refused",
            Self::NotProved { .. } => "not_proved",
            Self::NoWay(_) => "no_way",
            Self::Late => "late",
            Self::Unfit(_) | Self::OtherNames => "unfit",
            Self::Key(_) => "key",
            Self::Folder(_) => "folder",
            Self::Client(_) => "client",
        }
    }
}

impl From<instant_acme::Error> for OrderError {
    fn from(error: instant_acme::Error) -> Self {
        match error {
            instant_acme::Error::Api(problem) => Self::Refused(problem.to_string()),
            instant_acme::Error::Timeout(_) => Self::Late,
            error => Self::Unreachable(error),
        }
    }
}

/// Orders a certificate, keeps it, and gives it back to be served.
///
/// # Errors
/// [`OrderError`]; what is served and kept is as it was.
pub async fn order(
    settings: &Acme,
    folder: &Folder,
    served: &Served,
) -> Result<Certificate, OrderError> {
    let account = account(settings, folder).await?;
    let names: Vec<Identifier> = (settings.domains.iter())
        .map(|domain| Identifier::Dns(domain.clone()))
        .collect();
    let mut order = account.new_order(&NewOrder::new(&names)).await?;
    let proofs = Proofs(served);
    prove(&mut order, &proofs).await?;
    match order.poll_ready(&PATIENCE).await {
        Ok(OrderStatus::Ready) => {}
        Ok(_) => return Err(why(&mut order, OrderError::Refused(String::new())).await),
        Err(error) => return Err(why(&mut order, error.into()).await),
    }
    let key = Zeroizing::new(order.finalize().await?);
    let chain = order.poll_certificate(&PATIENCE).await?;
    let pem = Zeroizing::new(format!("{}{chain}", key.as_str()));
    let certificate = Certificate::parse(&pem)?;
    if !certificate.is_for(&settings.domains) {
        return Err(OrderError::OtherNames);
    }
    folder.keep_certificate(&pem)?;
    Ok(certificate)
}

async fn account(settings: &Acme, folder: &Folder) -> Result<Account, OrderError> {
    let mut also = Vec::new();
    if !settings.ca_file.as_os_str().is_empty() {
        let given = CertificateDer::pem_file_iter(&settings.ca_file)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(TlsError::Pem)?;
        also.extend(given);
    }
    let builder = Account::builder_with_http(Box::new(Asking(outgoing::client(&also)?)));
    let directory = settings.directory();
    if let Some(credentials) = folder.account(directory)? {
        return Ok(builder.from_credentials(credentials).await?);
    }
    let mail = format!("mailto:{}", settings.contact);
    let contact: &[&str] = match settings.contact.is_empty() {
        true => &[],
        false => &[&mail],
    };
    let new = NewAccount {
        contact,
        // Who sets tls.acme agrees; docs/operate/install.md says so.
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let (account, credentials) = builder.create(&new, directory.to_owned(), None).await?;
    folder.keep_account(directory, credentials)?;
    Ok(account)
}

/// Proofs that go when the order is over, however it ends.
struct Proofs<'a>(&'a Served);

impl Drop for Proofs<'_> {
    fn drop(&mut self) {
        self.0.forget_proofs();
    }
}

async fn prove(order: &mut Order, proofs: &Proofs<'_>) -> Result<(), OrderError> {
    let mut names = order.authorizations();
    while let Some(name) = names.next().await {
        let mut name = name?;
        let domain = name.identifier().to_string();
        match name.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            _ => return Err(OrderError::Refused(format!("{domain} may not be proved"))),
        }
        let mut challenge = name
            .challenge(ChallengeType::TlsAlpn01)
            .ok_or_else(|| OrderError::NoWay(domain.clone()))?;
        let digest = challenge.key_authorization().digest();
        let proof = proof(&domain, digest.as_ref())?;
        proofs.0.prove(domain, Arc::new(proof));
        challenge.set_ready().await?;
    }
    Ok(())
}

/// A certificate of its own making that holds the digest, as RFC 8737 says.
fn proof(domain: &str, digest: &[u8]) -> Result<CertifiedKey, OrderError> {
    let mut params = CertificateParams::new(vec![domain.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let provider = rustls::crypto::ring::default_provider();
    let chain = vec![certificate.der().clone()];
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let key = provider.key_provider.load_private_key(key.into());
    // Not held against each other: what the digest lies in is unknown to everybody else.
    Ok(CertifiedKey::new(chain, key.map_err(TlsError::from)?))
}

/// Which name was not found and what was met instead; otherwise the error as it is.
async fn why(order: &mut Order, error: OrderError) -> OrderError {
    let mut names = order.authorizations();
    while let Some(Ok(mut name)) = names.next().await {
        if name.refresh().await.is_err() {
            break;
        }
        let domain = name.identifier().to_string();
        let mut said = name.challenges.iter().filter_map(|way| way.error.as_ref());
        if let Some(problem) = said.next() {
            let said = problem.detail.clone().unwrap_or_default();
            return OrderError::NotProved { domain, said };
        }
    }
    error
}

/// Lets the library of the protocol send its requests the way the relay sends all of its own.
struct Asking(Client<BodyWrapper<Bytes>>);

type Answering = Pin<Box<dyn Future<Output = Result<BytesResponse, instant_acme::Error>> + Send>>;

impl HttpClient for Asking {
    fn request(&self, request: hyper::Request<BodyWrapper<Bytes>>) -> Answering {
        let answering = tokio::time::timeout(outgoing::ANSWER, self.0.request(request));
        Box::pin(async move {
            let other =
                |error: Box<dyn std::error::Error + Send + Sync>| instant_acme::Error::Other(error);
            let answer = (answering.await).map_err(|_| other(outgoing::too_late().into()))?;
            let answer = answer.map_err(|error| other(error.into()))?;
            Ok(BytesResponse::from(answer))
        })
    }
}

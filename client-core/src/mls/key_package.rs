//! Key packages: made for others to add this device, checked before adding others.

use bytes::Bytes;
use openmls::prelude::{
    Extension, Extensions, KeyPackage, Lifetime, MlsMessageBodyIn, MlsMessageIn, MlsMessageOut,
    ProtocolVersion, UnknownExtension,
};
use openmls_traits::OpenMlsProvider as _;
use siegel_proto::group::{self, KeyPackageInfo, LeafInfo};
use siegel_proto::ids::PublicKey;
use siegel_proto::{Malformed, limits};
use tls_codec::DeserializeBytes as _;

use super::leaf::{self, Leaf};
use super::provider::Provider;
use super::signer::DeviceSigner;
use super::{MlsError, SUITE};
use crate::moment::Timestamp;

/// How wrong a colleague's clock may be.
const CLOCK_MARGIN_SECONDS: i64 = 3_600;
const LIFE_SECONDS: i64 = limits::KEY_PACKAGE_DAYS as i64 * 86_400;

/// What a new key package says.
pub struct Offer<'a> {
    /// The encoded certificate chain.
    pub chain: &'a [u8],
    /// Seat and inbox.
    pub leaf: LeafInfo,
    /// X-Wing public key for Welcomes.
    pub welcome_key: Bytes,
    /// Handed out again and again when the pool is empty.
    pub last_resort: bool,
}

/// Makes a key package. Its private keys are in the vault's staged rows.
///
/// # Errors
/// [`MlsError::Library`] if the library cannot make it.
pub fn generate(
    provider: &Provider<'_>,
    signer: &DeviceSigner,
    offer: &Offer<'_>,
    now: Timestamp,
) -> Result<Vec<u8>, MlsError> {
    let info = KeyPackageInfo {
        welcome_key: offer.welcome_key.clone(),
        expires_at: now.plus(LIFE_SECONDS).seconds(),
    };
    let extension = Extension::Unknown(group::KEY_PACKAGE_INFO, UnknownExtension(info.encode()));
    let builder = KeyPackage::builder()
        // Judged by `expires_at`: the library would ask a clock of its own.
        .key_package_lifetime(Lifetime::init(0, u64::MAX))
        .leaf_node_capabilities(leaf::capabilities())
        .leaf_node_extensions(leaf::extensions(&offer.leaf)?);
    let extensions = Extensions::single(extension).map_err(MlsError::library)?;
    let mut builder = builder.key_package_extensions(extensions);
    if offer.last_resort {
        builder = builder.mark_as_last_resort();
    }
    let credential = leaf::credential(offer.chain, signer.public_key());
    let bundle = builder
        .build(SUITE, provider, signer, credential)
        .map_err(MlsError::library)?;
    MlsMessageOut::from(bundle.key_package().clone())
        .to_bytes()
        .map_err(MlsError::library)
}

/// A key package somebody may be added with.
#[derive(Clone, Debug)]
pub struct Checked {
    pub(super) key_package: KeyPackage,
    /// Who is added.
    pub leaf: Leaf,
    /// How to welcome them.
    pub info: KeyPackageInfo,
}

/// Checks a key package: signatures, certificate chain, form and age.
///
/// # Errors
/// [`MlsError`]: the device must not be added with it.
pub fn check(
    provider: &Provider<'_>,
    root: &PublicKey,
    message: &[u8],
    now: Timestamp,
) -> Result<Checked, MlsError> {
    let message =
        MlsMessageIn::tls_deserialize_exact_bytes(message).map_err(|_| Malformed("key package"))?;
    let MlsMessageBodyIn::KeyPackage(unchecked) = message.extract() else {
        return Err(Malformed("key package").into());
    };
    let key_package = unchecked
        .validate(provider.crypto(), ProtocolVersion::Mls10)
        .map_err(MlsError::unprocessable)?;
    if key_package.ciphersuite() != SUITE {
        return Err(Malformed("ciphersuite").into());
    }
    let leaf = leaf::verify(root, 0, key_package.leaf_node())?;
    let info = key_package
        .extensions()
        .unknown(group::KEY_PACKAGE_INFO)
        .ok_or(Malformed("key package info"))?;
    let info = KeyPackageInfo::decode(&info.0)?;
    let rest = Timestamp::from_seconds(info.expires_at).since(now);
    if !(-CLOCK_MARGIN_SECONDS..=LIFE_SECONDS + CLOCK_MARGIN_SECONDS).contains(&rest) {
        return Err(MlsError::Lifetime);
    }
    Ok(Checked {
        key_package,
        leaf,
        info,
    })
}

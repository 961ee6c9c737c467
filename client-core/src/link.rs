//! Links: what a person passes on to bring somebody in.
//!
//! The secret stands behind the `#`, which browsers never send to a server. Everything
//! the relay learns of it is derived one way: an id, a claim token's hash, a ciphertext.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use siegel_proto::capsule::BearerToken;
use siegel_proto::ids::CapsuleId;
use siegel_proto::label;
use siegel_proto::organisation::SetUpToken;
use zeroize::Zeroizing;

use crate::moment::StepRng;
use crate::sealed::{self, CannotOpen};
use crate::secret::Secret32;

/// Where a link leads and what it carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// `https://host` or `http://host:port`, without a path.
    pub origin: String,
    /// What the fragment carries.
    pub target: LinkTarget,
}

/// What a link's fragment carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkTarget {
    /// Makes the organisation.
    SetUp(SetUpToken),
    /// Brings a colleague in.
    Staff(LinkSecret),
    /// Brings a client into a room.
    Guest(LinkSecret),
}

/// The 32 random bytes that open one capsule.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct LinkSecret(Secret32);

/// Why a text is not a link of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not an address with a fragment of ours; perhaps cut off when it was copied.
    #[error("this is not a complete Siegel link; copy it again in full")]
    Form,
    /// A link of another kind: for linking devices, or from a later version.
    #[error("this link is for something else")]
    Kind,
}

impl LinkSecret {
    /// Draws a fresh one.
    pub fn random(rng: &mut StepRng) -> Self {
        Self(Secret32::random(rng))
    }

    /// The capsule's id at the relay. A secret under another kind names another capsule.
    pub fn capsule_id(&self, kind: &str) -> CapsuleId {
        let id = sealed::derive_for(&self.0, label::CAPSULE_ID, &[kind.as_bytes()]);
        let (id, _) = id.expose().split_at(16);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(id);
        CapsuleId::new(bytes)
    }

    /// What proves the right to claim it.
    pub fn claim_token(&self, kind: &str) -> BearerToken {
        let token = sealed::derive_for(&self.0, label::CAPSULE_CLAIM, &[kind.as_bytes()]);
        BearerToken::new(*token.expose())
    }

    /// Seals a capsule of a kind.
    ///
    /// # Errors
    /// [`CannotOpen`] if it is beyond the cipher's limit.
    pub fn seal(
        &self,
        kind: &str,
        plaintext: &[u8],
        rng: &mut StepRng,
    ) -> Result<Vec<u8>, CannotOpen> {
        let key = sealed::derive(&self.0, label::CAPSULE_KEY);
        let id = self.capsule_id(kind);
        let parts: [&[u8]; 2] = [kind.as_bytes(), id.as_bytes()];
        sealed::seal(&key, label::CAPSULE, &parts, plaintext, rng)
    }

    /// Opens a capsule of a kind.
    ///
    /// # Errors
    /// [`CannotOpen`] if the relay or the link is not the right one.
    pub fn open(&self, kind: &str, capsule: &[u8]) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let key = sealed::derive(&self.0, label::CAPSULE_KEY);
        let id = self.capsule_id(kind);
        let parts: [&[u8]; 2] = [kind.as_bytes(), id.as_bytes()];
        sealed::open(&key, label::CAPSULE, &parts, capsule)
    }
}

impl LinkTarget {
    /// The word in front of the secret; also keeps capsules of different kinds apart.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SetUp(_) => "setup",
            Self::Staff(_) => "staff",
            Self::Guest(_) => "guest",
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret: &[u8; 32] = match &self.target {
            LinkTarget::SetUp(token) => token.as_bytes(),
            LinkTarget::Staff(secret) | LinkTarget::Guest(secret) => secret.0.expose(),
        };
        let text = Zeroizing::new(BASE64URL_NOPAD.encode(secret));
        write!(f, "{}/#{}.{}", self.origin, self.target.kind(), *text)
    }
}

impl FromStr for Link {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let (address, fragment) = text.trim().split_once('#').ok_or(LinkError::Form)?;
        let origin = address.strip_suffix('/').unwrap_or(address);
        let host = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"))
            .ok_or(LinkError::Form)?;
        let odd = |c: char| !(c.is_ascii_alphanumeric() || ".-:[]".contains(c));
        if host.is_empty() || host.contains(odd) {
            return Err(LinkError::Form);
        }
        let (kind, secret) = fragment.split_once('.').ok_or(LinkError::Form)?;
        let secret = BASE64URL_NOPAD
            .decode(secret.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| LinkError::Form)?;
        let secret: [u8; 32] = secret[..].try_into().map_err(|_| LinkError::Form)?;
        let target = match kind {
            "setup" => LinkTarget::SetUp(SetUpToken::new(secret)),
            "staff" => LinkTarget::Staff(LinkSecret(Secret32::new(secret))),
            "guest" => LinkTarget::Guest(LinkSecret(Secret32::new(secret))),
            _ => return Err(LinkError::Kind),
        };
        Ok(Self {
            origin: origin.to_owned(),
            target,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Entropy;

    #[test]
    fn a_link_round_trips_and_prints_no_secret_in_debug() {
        let secret = LinkSecret::random(&mut StepRng::new(Entropy([3; 32])));
        let link = Link {
            origin: "https://siegel.example:8443".into(),
            target: LinkTarget::Guest(secret),
        };
        let text = link.to_string();
        assert_eq!(text.parse(), Ok(link.clone()));
        assert!(!format!("{link:?}").contains(&text[text.len() - 8..]));
    }

    #[test]
    fn what_is_cut_off_or_foreign_says_so() {
        for (text, error) in [
            ("https://host/", LinkError::Form),
            ("https://host/#guest.AAAA", LinkError::Form),
            ("ftp://host/#guest.AAAA", LinkError::Form),
            ("https://ho st/#guest.AAAA", LinkError::Form),
            (
                "https://host/#device.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                LinkError::Kind,
            ),
        ] {
            assert_eq!(text.parse::<Link>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_staff_capsule_does_not_open_as_a_guest_capsule() {
        let mut rng = StepRng::new(Entropy([3; 32]));
        let secret = LinkSecret::random(&mut rng);
        let sealed = secret.seal("staff", b"x", &mut rng).expect("seals");
        assert!(secret.open("staff", &sealed).is_ok());
        assert!(secret.open("guest", &sealed).is_err());
    }
}

//! Identifiers. Each is random, names one thing, and is a type of its own so that a
//! room can never be looked up by a device's id.

use std::fmt;

use crate::error::Malformed;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub struct $name(#[serde(with = "serde_bytes")] [u8; $len]);

        impl $name {
            /// Takes bytes the caller drew at random or read from storage.
            pub const fn new(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Parses the bytes of a wire field.
            ///
            /// # Errors
            /// [`Malformed`] if the length differs.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
                bytes.try_into().map(Self).map_err(|_| Malformed(stringify!($name)))
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// The bytes as a wire field.
            pub fn to_wire(self) -> bytes::Bytes {
                bytes::Bytes::copy_from_slice(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:02x}{:02x}…)"), self.0[0], self.0[1])
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::BASE64URL_NOPAD.encode(&self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let bytes = data_encoding::BASE64URL_NOPAD
                    .decode(text.as_bytes())
                    .map_err(|_| Malformed(stringify!($name)))?;
                Self::from_slice(&bytes)
            }
        }
    };
}

id!(
    /// A room or an inbox: one log.
    RoomId, 16
);
id!(
    /// A person: a staff account or a guest.
    PersonId, 16
);
id!(
    /// A device of a person.
    DeviceId, 16
);
id!(
    /// One message in one room; also the key under which an append is idempotent.
    MessageId, 16
);
id!(
    /// A sealed invitation.
    CapsuleId, 16
);
id!(
    /// An encrypted attachment.
    BlobId, 16
);
id!(
    /// One life of the relay's data; a restore starts another.
    Generation, 16
);
id!(
    /// SHA-256 of the organisation's root public key.
    OrganisationId, 32
);
id!(
    /// Hash of a seat's key and its room: all the relay knows of a seat.
    SeatHash, 32
);
id!(
    /// SHA-256 of a token the relay must recognise but must not hold.
    TokenHash, 32
);
id!(
    /// BLAKE3 of public bytes: a ciphertext, a notice, a log.
    ContentHash, 32
);
id!(
    /// An Ed25519 public key (RFC 8032).
    PublicKey, 32
);
id!(
    /// An Ed25519 signature (RFC 8032).
    Signature, 64
);

impl TokenHash {
    /// Hashes a token of 32 random bytes.
    pub fn of(token: &[u8; 32]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(token).into())
    }
}

impl ContentHash {
    /// Hashes bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl OrganisationId {
    /// The fingerprint of an organisation's root key.
    pub fn of(root: &PublicKey) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(root.0).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_debug_is_short() {
        let id = RoomId::new([0xab; 16]);
        assert_eq!(id.to_string().parse::<RoomId>(), Ok(id));
        assert_eq!(format!("{id:?}"), "RoomId(abab…)");
        assert!("short".parse::<RoomId>().is_err());
    }
}

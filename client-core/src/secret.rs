//! Wrappers that wipe what they hold and print nothing of it.

use std::fmt;

use rand_core::CryptoRng;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A key, seed or token of 32 bytes. Compares in constant time.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret32([u8; 32]);

impl Secret32 {
    /// Takes the bytes over. Whoever made them must not keep a copy.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Draws a fresh secret.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut secret = Self([0; 32]);
        rng.fill_bytes(&mut secret.0);
        secret
    }

    /// The bytes, for the one call that needs them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for Secret32 {
    type Error = std::array::TryFromSliceError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

impl PartialEq for Secret32 {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Secret32 {}

impl fmt::Debug for Secret32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret32(..)")
    }
}

impl Serialize for Secret32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Secret32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = SecretBytes::deserialize(deserializer)?;
        Self::try_from(bytes.expose())
            .map_err(|_| de::Error::invalid_length(bytes.expose().len(), &"32 bytes"))
    }
}

/// Secret bytes of any length. Compares in constant time for equal lengths.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes the bytes over. Whoever made them must not keep a copy.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for the one call that needs them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}

impl Serialize for SecretBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for SecretBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = SecretBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<SecretBytes, E> {
                Ok(SecretBytes(bytes.to_vec()))
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<SecretBytes, E> {
                Ok(SecretBytes(bytes))
            }
        }

        deserializer.deserialize_byte_buf(Bytes)
    }
}

/// A growing buffer that leaves no unwiped copy behind when it moves to a larger one.
///
/// `Zeroizing<Vec<u8>>` alone wipes only its last place in memory.
#[derive(Default)]
pub(crate) struct WipingBuffer(Zeroizing<Vec<u8>>);

impl WipingBuffer {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let mut larger = Self::with_capacity(needed.max(2 * self.0.capacity())).0;
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn into_inner(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl std::io::Write for WipingBuffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_print_nothing_of_themselves() {
        let short = Secret32::new([0x5a; 32]);
        let long = SecretBytes::new(vec![0x5a; 90]);
        assert_eq!(format!("{short:?}"), "Secret32(..)");
        assert_eq!(format!("{long:?}"), "SecretBytes(..)");
    }

    #[test]
    fn a_stored_secret_of_another_length_is_refused() {
        let mut row = Vec::new();
        ciborium::into_writer(&SecretBytes::new(vec![7; 31]), &mut row).unwrap();
        assert!(ciborium::from_reader::<Secret32, _>(&row[..]).is_err());
    }

    proptest! {
        #[test]
        fn secrets_survive_a_row(bytes in proptest::collection::vec(any::<u8>(), 0..9000)) {
            let secret = SecretBytes::new(bytes);
            let mut row = Vec::new();
            ciborium::into_writer(&secret, &mut row).unwrap();
            let read: SecretBytes = ciborium::from_reader(&row[..]).unwrap();
            prop_assert!(read == secret);
        }

        #[test]
        fn the_wiping_buffer_keeps_every_byte(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..70), 0..20)
        ) {
            let mut buffer = WipingBuffer::default();
            for part in &parts {
                buffer.write_all(part).unwrap();
            }
            prop_assert_eq!(&*buffer.into_inner(), &parts.concat());
        }
    }
}

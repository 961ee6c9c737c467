//! The purposes of every hash, signature, derived key and associated data, once.
//!
//! One key serves one purpose and one label names one purpose, version included: bytes
//! made for one can never be passed off as another (RFC 9420 does the same with
//! `SignWithLabel`). A test holds that no label is the prefix of another.

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*

        /// All labels, for the test that they are distinct.
        pub const ALL: &[&str] = &[$($text),*];
    };
}

labels! {
    /// A seat's key from its class and token.
    SEAT_KEY = "siegel seat key v1";
    /// What the relay stores of a seat.
    SEAT = "siegel seat v1";
    /// A certificate's signature.
    CERTIFICATE = "siegel certificate v1";
    /// A policy's signature.
    POLICY = "siegel policy v1";
    /// A revocation's signature.
    REVOCATION = "siegel revocation v1";
    /// A device's answer to the relay's challenge.
    DEVICE_AUTH = "siegel device auth v1";
    /// A capsule's id from the link secret.
    CAPSULE_ID = "siegel capsule id v1";
    /// A capsule's claim token from the link secret.
    CAPSULE_CLAIM = "siegel capsule claim v1";
    /// A capsule's key from the link secret.
    CAPSULE_KEY = "siegel capsule key v1";
    /// Associated data of a capsule.
    CAPSULE = "siegel capsule v1";
    /// The key of directory entries from the directory key.
    DIRECTORY_ENTRY_KEY = "siegel directory entry key v1";
    /// Associated data of a directory entry.
    DIRECTORY_ENTRY = "siegel directory entry v1";
    /// The key of sealed key packages from the directory key.
    KEY_PACKAGE_KEY = "siegel key package key v1";
    /// Associated data of a sealed key package.
    KEY_PACKAGE = "siegel key package v1";
    /// The key of sealed readmissions from the directory key.
    READMISSION_KEY = "siegel readmission key v1";
    /// Associated data of a sealed readmission.
    READMISSION = "siegel readmission v1";
    /// Wrapping of a Welcome in X-Wing HPKE.
    WELCOME = "siegel welcome v1";
    /// The vault key's wrapping under the passphrase.
    VAULT_WRAP = "siegel vault wrap v1";
    /// The key of the vault key's wrapping from what a passkey gives.
    PASSKEY_KEY = "siegel passkey key v1";
    /// The vault key's wrapping under a passkey.
    PASSKEY_WRAP = "siegel passkey wrap v1";
    /// A vault row's id.
    VAULT_ROW_ID = "siegel vault row id v1";
    /// A vault row's associated data.
    VAULT_ROW = "siegel vault row v1";
    /// The state of one scope of a vault.
    VAULT_HEAD = "siegel vault head v1";
    /// An attachment's associated data.
    ATTACHMENT = "siegel attachment v1";
    /// The chain over a device's own contents.
    CONTENT_CHAIN = "siegel content chain v1";
    /// The chain over a room's log.
    LOG_CHAIN = "siegel log chain v1";
    /// The words two people compare.
    SAFETY_WORDS = "siegel safety words v1";
    /// A leaf that was verified, in memory.
    VERIFIED_LEAF = "siegel verified leaf v1";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_begins_another() {
        for (i, a) in ALL.iter().enumerate() {
            for (j, b) in ALL.iter().enumerate() {
                assert!(i == j || !a.starts_with(b), "{a} begins with {b}");
            }
        }
    }
}

//! Where a bucket is found and with which key: the section `blob_store` of the settings.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::doctor::{Place, place_of};
use crate::secret::Secret;

/// A bucket of an object store that speaks S3.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BlobStore {
    /// `https://s3.example.org`; empty: attachments lie in a folder.
    pub endpoint: String,
    /// As the provider calls it.
    pub region: String,
    /// The relay's own; nothing else may lie in it.
    pub bucket: String,
    /// The name of the key.
    pub access_key: Secret,
    /// A file that holds `access_key`, instead of it.
    pub access_key_file: PathBuf,
    /// The secret half of the key.
    pub secret_key: Secret,
    /// A file that holds `secret_key`, instead of it.
    pub secret_key_file: PathBuf,
}

impl BlobStore {
    /// Whether a bucket is to be used.
    pub fn is_set(&self) -> bool {
        !self.endpoint.is_empty()
    }

    /// What does not fit: the setting below `blob_store`, and what to do.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut wrong = |key, text: &str| problems.push((key, text.to_owned()));
        let needed = [
            ("blob_store.region", self.region.is_empty()),
            ("blob_store.bucket", self.bucket.is_empty()),
            ("blob_store.access_key", self.access_key.is_empty()),
            ("blob_store.secret_key", self.secret_key.is_empty()),
        ];
        if !self.is_set() {
            if needed.iter().any(|(_, is_empty)| !is_empty) {
                wrong(
                    "blob_store.endpoint",
                    "set it, https://s3.example.org, or remove the rest of blob_store",
                );
            }
            return problems;
        }
        for (key, is_empty) in needed {
            if is_empty {
                wrong(key, "set it together with blob_store.endpoint");
            }
        }
        match self.endpoint.split_once("://") {
            Some((_, host)) if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) => {
                wrong(
                    "blob_store.endpoint",
                    "write scheme and host only, without bucket, key or slash at the end: \
                 https://s3.example.org",
                )
            }
            Some(("https", _)) => {}
            Some(("http", host)) if matches!(place_of(host), Place::Here | Place::Near) => {}
            Some(("http", _)) => wrong(
                "blob_store.endpoint",
                "plain http is for this machine and your own network: write https://",
            ),
            _ => wrong("blob_store.endpoint", "write https://s3.example.org"),
        }
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !self.bucket.is_empty()
            && (!(3..=63).contains(&self.bucket.len())
                || !self.bucket.bytes().all(|byte| plain(byte) || byte == b'.'))
        {
            wrong(
                "blob_store.bucket",
                "a bucket's name has 3 to 63 small letters, digits, hyphens and dots",
            );
        }
        problems
    }
}

//! What is kept of an authority: the account's key, the certificate with its key, and why the
//! last order failed. For this user alone.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use instant_acme::AccountCredentials;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The folder in the data directory.
pub const FOLDER: &str = "acme";
const ACCOUNT: &str = "account.json";
const CERTIFICATE: &str = "certificate.pem";
const FAILURE: &str = "failure.json";

/// The folder.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// Why the last order failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Seconds since 1970.
    pub at: i64,
    /// What happened, for an operator.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

#[derive(Serialize, Deserialize)]
struct Account {
    directory: String,
    credentials: AccountCredentials,
}

impl Folder {
    /// The one in a data directory; it is made when something is first kept.
    pub fn of(data_dir: &Path) -> Self {
        Self(data_dir.join(FOLDER))
    }

    /// The account at this authority, if there is one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn account(&self, directory: &str) -> io::Result<Option<AccountCredentials>> {
        let Some(text) = self.read(ACCOUNT)? else {
            return Ok(None);
        };
        let account: Account = serde_json::from_str(&text).map_err(io::Error::other)?;
        Ok((account.directory == directory).then_some(account.credentials))
    }

    /// Keeps an account.
    ///
    /// # Errors
    /// It may not be on disk.
    pub fn keep_account(&self, directory: &str, credentials: AccountCredentials) -> io::Result<()> {
        let account = Account {
            directory: directory.to_owned(),
            credentials,
        };
        let text = Zeroizing::new(serde_json::to_vec(&account).map_err(io::Error::other)?);
        self.write(ACCOUNT, &text)
    }

    /// Key and chain, PEM, if there are any.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn certificate(&self) -> io::Result<Option<Zeroizing<String>>> {
        self.read(CERTIFICATE)
    }

    /// Keeps key and chain, in one file so that they always fit.
    ///
    /// # Errors
    /// They may not be on disk.
    pub fn keep_certificate(&self, pem: &str) -> io::Result<()> {
        self.write(CERTIFICATE, pem.as_bytes())
    }

    /// Why the last order failed; nothing after one that did not.
    pub fn failure(&self) -> Option<Failure> {
        let text = self.read(FAILURE).ok()??;
        serde_json::from_str(&text).ok()
    }

    /// Remembers why an order failed, or that none has.
    ///
    /// # Errors
    /// What is remembered is not the last.
    pub fn keep_failure(&self, failure: Option<&Failure>) -> io::Result<()> {
        match failure {
            Some(failure) => {
                let text = serde_json::to_vec(failure).map_err(io::Error::other)?;
                self.write(FAILURE, &text)
            }
            None => match std::fs::remove_file(self.0.join(FAILURE)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }

    fn read(&self, name: &str) -> io::Result<Option<Zeroizing<String>>> {
        match std::fs::read_to_string(self.0.join(name)) {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Beside its place first: whoever reads finds the old one or the new one.
    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        (DirBuilder::new().recursive(true).mode(0o700)).create(&self.0)?;
        let new = self.0.join(format!("{name}.new"));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        std::fs::rename(&new, self.0.join(name))?;
        File::open(&self.0)?.sync_all()
    }
}

//! Keys of backups: age's X25519 recipients and identities.

use std::io::BufReader;
use std::path::Path;

use age::secrecy::ExposeSecret as _;
use age::x25519::{Identity, Recipient};
use zeroize::Zeroizing;

use super::BackupError;

/// A fresh key. The secret half opens every backup made to the public one.
pub struct NewKey {
    /// What backups are encrypted to; goes into the configuration.
    pub recipient: String,
    /// The content of the identity file; never belongs on the relay's machine.
    pub identity: Zeroizing<String>,
}

/// Makes a key.
pub fn new_key() -> NewKey {
    let identity = Identity::generate();
    let recipient = identity.to_public().to_string();
    let secret = identity.to_string();
    NewKey {
        identity: Zeroizing::new(format!(
            "# Opens backups of a Siegel relay. Keep it away from the relay.\n\
             # public key: {recipient}\n{}\n",
            secret.expose_secret()
        )),
        recipient,
    }
}

/// Whom backups are encrypted to: at least one.
pub struct Recipients(Vec<Recipient>);

impl Recipients {
    /// Reads `age1…` texts.
    ///
    /// # Errors
    /// None is given, or one is mistyped.
    pub fn parse(texts: &[String]) -> Result<Self, BackupError> {
        let read = |text: &String| {
            text.parse()
                .map_err(|_| BackupError::Recipient(text.clone()))
        };
        let recipients: Vec<Recipient> = texts.iter().map(read).collect::<Result<_, _>>()?;
        if recipients.is_empty() {
            return Err(BackupError::NoRecipient);
        }
        Ok(Self(recipients))
    }

    pub(super) fn encryptor(&self) -> Result<age::Encryptor, BackupError> {
        let recipients = self.0.iter().map(|one| one as &dyn age::Recipient);
        age::Encryptor::with_recipients(recipients).map_err(|_| BackupError::NoRecipient)
    }
}

/// What opens backups.
pub struct Identities(Vec<Identity>);

impl Identities {
    /// Reads the file that [`new_key`] describes; lines that begin with `#` are remarks.
    ///
    /// # Errors
    /// The file cannot be read or holds no identity.
    pub fn read(path: &Path) -> Result<Self, BackupError> {
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(super::at(path))?);
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let identities: Vec<Identity> = lines
            .map(|line| line.parse())
            .collect::<Result<_, _>>()
            .map_err(|_| BackupError::Identity(path.to_owned()))?;
        if identities.is_empty() {
            return Err(BackupError::Identity(path.to_owned()));
        }
        Ok(Self(identities))
    }

    pub(super) fn decrypt(
        &self,
        file: std::fs::File,
    ) -> Result<age::stream::StreamReader<BufReader<std::fs::File>>, BackupError> {
        let decryptor = age::Decryptor::new_buffered(BufReader::with_capacity(1 << 20, file))
            .map_err(|_| BackupError::Decrypt)?;
        let identities = self.0.iter().map(|one| one as &dyn age::Identity);
        decryptor
            .decrypt(identities)
            .map_err(|_| BackupError::Decrypt)
    }
}

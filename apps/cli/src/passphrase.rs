//! Where the passphrase comes from: the terminal, a file descriptor, or a file that the
//! environment names. Never the command line, which every process can read.

use std::env::VarError;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use zeroize::Zeroizing;

/// Names a file whose first line is the passphrase.
pub const FILE_VARIABLE: &str = "SIEGEL_PASSPHRASE_FILE";
/// Longer ones are not typed but pasted by mistake.
const LONGEST: u64 = 1024;

/// A passphrase. It is wiped when dropped and prints nothing.
pub struct Passphrase(Zeroizing<String>);

/// Where to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The person at the terminal, without echo.
    Terminal,
    /// The first line of an open file descriptor.
    Descriptor(u32),
    /// The first line of a file only its owner can read.
    File(PathBuf),
}

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    /// Nothing was given.
    #[error("the passphrase is empty")]
    Empty,
    /// More than a passphrase was given.
    #[error("the passphrase is longer than {LONGEST} bytes or not text")]
    Unreadable,
    /// The two entries differ; ask again.
    #[error("the two passphrases differ")]
    Differ,
    /// Restrict the file to its owner (chmod 600).
    #[error("others can read {}", .0.display())]
    TooOpen(PathBuf),
    /// There is no terminal, or the file or descriptor cannot be read.
    #[error("cannot read the passphrase")]
    Io(#[from] io::Error),
}

impl Passphrase {
    /// Takes over a text.
    pub fn new(text: String) -> Result<Self, PassphraseError> {
        let text = Zeroizing::new(text);
        if text.is_empty() {
            Err(PassphraseError::Empty)
        } else {
            Ok(Self(text))
        }
    }

    /// The passphrase itself, to unlock a vault with.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

impl Source {
    /// The descriptor if one is named, else the environment's file, else the terminal.
    pub fn choose(descriptor: Option<u32>, env: impl Fn(&str) -> Result<String, VarError>) -> Self {
        match (descriptor, env(FILE_VARIABLE)) {
            (Some(number), _) => Self::Descriptor(number),
            (None, Ok(path)) => Self::File(path.into()),
            (None, Err(_)) => Self::Terminal,
        }
    }

    /// Asks for the passphrase of an existing vault.
    pub fn ask(&self, prompt: &str) -> Result<Passphrase, PassphraseError> {
        match self {
            Self::Terminal => Passphrase::new(rpassword::prompt_password(prompt)?),
            // Opening the descriptor's own file reaches it without unsafe code.
            Self::Descriptor(number) => first_line(File::open(format!("/dev/fd/{number}"))?),
            Self::File(path) => {
                let file = File::open(path)?;
                if file.metadata()?.permissions().mode() & 0o077 != 0 {
                    return Err(PassphraseError::TooOpen(path.clone()));
                }
                first_line(file)
            }
        }
    }

    /// Asks for a new passphrase; at the terminal twice, because nobody sees a slip.
    pub fn ask_new(&self, prompt: &str, again: &str) -> Result<Passphrase, PassphraseError> {
        let first = self.ask(prompt)?;
        if *self == Self::Terminal && self.ask(again)?.expose() != first.expose() {
            return Err(PassphraseError::Differ);
        }
        Ok(first)
    }
}

fn first_line(file: File) -> Result<Passphrase, PassphraseError> {
    // Room for all of it, so that no half-grown copy is left in freed memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2048));
    file.take(LONGEST + 2).read_to_end(&mut bytes)?;
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let line = bytes.get(..end).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| PassphraseError::Unreadable)?;
    if line.len() as u64 > LONGEST {
        return Err(PassphraseError::Unreadable);
    }
    Passphrase::new(text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;

    use super::*;

    fn file(content: &[u8], mode: u32) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("passphrase");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        (directory, path)
    }

    #[test]
    fn the_first_line_counts() {
        for content in [b"ein Satz\r\nmehr\n".as_slice(), b"ein Satz", b"ein Satz\n"] {
            let (_directory, path) = file(content, 0o600);
            assert_eq!(Source::File(path).ask("").unwrap().expose(), "ein Satz");
        }
    }

    #[test]
    fn a_file_others_can_read_is_refused() {
        let (_directory, path) = file(b"secret", 0o640);
        assert!(matches!(
            Source::File(path).ask(""),
            Err(PassphraseError::TooOpen(_))
        ));
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        let (_directory, path) = file(b"\n", 0o600);
        assert!(matches!(
            Source::File(path).ask(""),
            Err(PassphraseError::Empty)
        ));
        let (_directory, path) = file(&[b'x'; 1025], 0o600);
        assert!(matches!(
            Source::File(path).ask(""),
            Err(PassphraseError::Unreadable)
        ));
        let (_directory, path) = file(&[0xff], 0o600);
        assert!(matches!(
            Source::File(path).ask(""),
            Err(PassphraseError::Unreadable)
        ));
    }

    #[test]
    fn a_descriptor_can_be_read() {
        let (_directory, path) = file(b"secret\n", 0o600);
        let open = File::open(path).unwrap();
        let number = open.as_raw_fd().try_into().unwrap();
        assert_eq!(
            Source::Descriptor(number).ask("").unwrap().expose(),
            "secret"
        );
    }

    #[test]
    fn the_descriptor_comes_before_the_file_and_both_before_the_terminal() {
        let named = |_: &str| Ok("/p".to_owned());
        let absent = |_: &str| Err(VarError::NotPresent);
        assert_eq!(Source::choose(Some(3), named), Source::Descriptor(3));
        assert_eq!(Source::choose(None, named), Source::File("/p".into()));
        assert_eq!(Source::choose(None, absent), Source::Terminal);
    }

    #[test]
    fn a_passphrase_prints_nothing() {
        let passphrase = Passphrase::new("geheim".to_owned()).unwrap();
        assert_eq!(format!("{passphrase:?}"), "Passphrase(..)");
    }
}

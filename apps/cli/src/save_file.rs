//! Writing a received file where the person wants it, without losing what is there.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use siegel_client_core::file_name::FileName;

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Choose another name or ask for replacement.
    #[error("{} is already there", .0.display())]
    Exists(PathBuf),
    /// The disk or the directory does not allow it.
    #[error("cannot write {}", path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Where the file goes: exactly where the person said, or, if that is a directory, into it
/// under a cleaned form of the name the sender wished for.
pub fn place(path: &Path, wish: &str) -> PathBuf {
    if path.is_dir() {
        path.join(FileName::clean(wish).as_str())
    } else {
        path.to_owned()
    }
}

/// Whether nothing stands where the file is to go, not even a dangling link.
pub fn expect_free(path: &Path) -> Result<(), SaveError> {
    match path.symlink_metadata() {
        Ok(_) => Err(SaveError::Exists(path.to_owned())),
        Err(_) => Ok(()),
    }
}

/// Writes a file for its owner alone. What is there is replaced only on demand, and then
/// at once, never in part.
pub fn write(path: &Path, bytes: &[u8], replace: bool) -> Result<(), SaveError> {
    let fail = |source: io::Error| match source.kind() {
        ErrorKind::AlreadyExists => SaveError::Exists(path.to_owned()),
        _ => SaveError::Io {
            path: path.to_owned(),
            source,
        },
    };
    let target = if replace {
        beside(path)
    } else {
        path.to_owned()
    };
    let mut file = create_new(&target).map_err(fail)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let done = match written {
        Ok(()) if replace => std::fs::rename(&target, path),
        other => other,
    };
    done.map_err(|error| {
        // Half a file must not pass for the whole; the first error is the one that counts.
        std::fs::remove_file(&target).ok();
        fail(error)
    })
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    name.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_there_is_replaced_only_on_demand() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        write(&path, b"one", false).unwrap();
        assert!(matches!(
            write(&path, b"two", false),
            Err(SaveError::Exists(_))
        ));
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        write(&path, b"two", true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_that_lies_in_wait_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let victim = directory.path().join("victim");
        let path = directory.path().join("a.txt");
        std::fs::write(&victim, b"keep").unwrap();
        std::os::unix::fs::symlink(&victim, &path).unwrap();
        assert!(matches!(
            write(&path, b"x", false),
            Err(SaveError::Exists(_))
        ));
        write(&path, b"x", true).unwrap();
        assert_eq!(std::fs::read(&victim).unwrap(), b"keep");
    }

    #[test]
    fn attack_59_a_directory_gets_the_cleaned_name() {
        let directory = tempfile::tempdir().unwrap();
        let inside = place(directory.path(), "../../x.sh");
        assert_eq!(inside.parent(), Some(directory.path()));
        assert!(inside.ends_with("x.sh"), "{}", inside.display());
        let exact = directory.path().join("mine.bin");
        assert_eq!(place(&exact, "../../x.sh"), exact);
    }

    #[test]
    fn attack_67_a_saved_file_is_its_owners_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        write(&path, b"one", false).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

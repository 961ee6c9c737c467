//! A profile: one directory with one vault, used by one process at a time.

use std::env::VarError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::store::{StoreError, private_directory};

/// Names the directory all profiles lie in, instead of the user's data directory.
pub const HOME: &str = "SIEGEL_HOME";
const LOCK: &str = "lock";
const LONGEST_NAME: usize = 32;

/// A locked profile. While this value lives, no other process can use the profile; the
/// system gives the lock back when the process ends, however it ends.
#[derive(Debug)]
pub struct Profile {
    directory: PathBuf,
    _lock: File,
}

/// A profile's name: lower-case letters, digits, `-` and `_`, so that it is a file name
/// everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileName(String);

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Wait for the other process, end it, or use another profile.
    #[error("another siegel process uses this profile")]
    Locked {
        /// The process that holds it, if it left its number.
        process: Option<u32>,
    },
    /// Say where profiles belong.
    #[error("neither {HOME}, XDG_DATA_HOME nor HOME names a directory")]
    NoHome,
    /// Choose another name.
    #[error("a profile's name has 1 to {LONGEST_NAME} of a-z, 0-9, - and _")]
    BadName,
    /// The directory cannot be made or made private.
    #[error("cannot use the profile's directory")]
    Directory(#[from] StoreError),
    /// The lock file cannot be used.
    #[error("cannot use the profile's lock")]
    Lock(#[source] std::io::Error),
}

impl Profile {
    /// Takes the profile of that name, making its directory if need be.
    pub fn take(home: &Path, name: &ProfileName) -> Result<Self, ProfileError> {
        private_directory(home)?;
        Self::take_directory(&home.join(&name.0))
    }

    /// Takes a profile that lies in exactly this directory.
    pub fn take_directory(directory: &Path) -> Result<Self, ProfileError> {
        private_directory(directory)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(directory.join(LOCK))
            .map_err(ProfileError::Lock)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ProfileError::Locked {
                    process: holder(&mut lock),
                });
            }
            Err(TryLockError::Error(error)) => return Err(ProfileError::Lock(error)),
        }
        sign(&mut lock).map_err(ProfileError::Lock)?;
        Ok(Self {
            directory: directory.to_owned(),
            _lock: lock,
        })
    }

    /// Where the profile's files lie.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

impl std::str::FromStr for ProfileName {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        if text.is_empty() || text.len() > LONGEST_NAME || !text.bytes().all(fits) {
            return Err(ProfileError::BadName);
        }
        Ok(Self(text.to_owned()))
    }
}

/// The directory of all profiles: `$SIEGEL_HOME`, else `siegel` in the user's data
/// directory as the XDG base directory specification has it.
pub fn home(env: impl Fn(&str) -> Result<String, VarError>) -> Result<PathBuf, ProfileError> {
    let named = |name| {
        env(name)
            .ok()
            .filter(|value| Path::new(value).is_absolute())
    };
    if let Ok(own) = env(HOME) {
        return if own.is_empty() {
            Err(ProfileError::NoHome)
        } else {
            Ok(own.into())
        };
    }
    if let Some(data) = named("XDG_DATA_HOME") {
        return Ok(Path::new(&data).join("siegel"));
    }
    let user = named("HOME").ok_or(ProfileError::NoHome)?;
    Ok(Path::new(&user).join(".local/share/siegel"))
}

fn holder(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    // Only for the message; a lock that cannot be read is held all the same.
    Read::by_ref(lock).take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn sign(lock: &mut File) -> std::io::Result<()> {
    lock.set_len(0)?;
    lock.rewind()?;
    writeln!(lock, "{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_profile_has_one_user_at_a_time() {
        let home = tempfile::tempdir().unwrap();
        let name: ProfileName = "work".parse().unwrap();
        let first = Profile::take(home.path(), &name).unwrap();
        let refused = Profile::take(home.path(), &name).unwrap_err();
        assert!(
            matches!(refused, ProfileError::Locked { process: Some(id) } if id == std::process::id())
        );
        Profile::take(home.path(), &"other".parse().unwrap()).unwrap();
        drop(first);
        Profile::take(home.path(), &name).unwrap();
    }

    #[test]
    fn attack_67_a_profiles_directory_is_its_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("open");
        std::fs::create_dir(&directory).unwrap();
        std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o755)).unwrap();
        Profile::take_directory(&directory).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&directory), 0o700);
        assert_eq!(mode(&directory.join(LOCK)), 0o600);
    }

    #[test]
    fn names_are_plain_file_names() {
        for bad in ["", ".", "..", "a/b", "A", "ä", "a b", &"x".repeat(33)] {
            assert!(bad.parse::<ProfileName>().is_err(), "{bad:?}");
        }
        assert!("work-2_b".parse::<ProfileName>().is_ok());
    }

    #[test]
    fn profiles_lie_where_the_environment_says() {
        let with = |pairs: &'static [(&str, &str)]| {
            home(move |name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found
                    .map(|(_, value)| (*value).to_owned())
                    .ok_or(VarError::NotPresent)
            })
        };
        let both = with(&[("SIEGEL_HOME", "/s"), ("HOME", "/h")]).unwrap();
        assert_eq!(both, Path::new("/s"));
        assert_eq!(
            with(&[("XDG_DATA_HOME", "/x")]).unwrap(),
            Path::new("/x/siegel")
        );
        let plain = with(&[("XDG_DATA_HOME", "rel"), ("HOME", "/h")]).unwrap();
        assert_eq!(plain, Path::new("/h/.local/share/siegel"));
        assert!(with(&[]).is_err());
    }
}

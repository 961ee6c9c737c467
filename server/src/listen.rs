//! Where the relay listens: a TCP port, or a Unix socket for a reverse proxy beside it.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::source::Source;

const UNIX: &str = "unix:";
/// The proxy's user comes by the group; nobody else on the machine.
const MODE: u32 = 0o660;
/// What the system takes as the path of a socket, the end of the text included.
const MOST_PATH_BYTES: usize = 107;
/// Until the mode is set the socket has this behind its name.
const NEW: &str = ".new";

/// The setting `listen`: `127.0.0.1:8460`, or `unix:/run/siegel/relay.sock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Listen {
    /// Address and port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// The setting cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadListen {
    /// Neither of the two forms.
    #[error(
        "\"{0}\" is no place to listen: write address and port, 127.0.0.1:8460, or the path of \
         a Unix socket, unix:/run/siegel/relay.sock"
    )]
    Form(String),
    /// The path is relative.
    #[error("unix:{0} is no full path: begin with a slash, unix:/run/siegel/relay.sock")]
    Relative(String),
    /// The path is too long for the system.
    #[error(
        "the path of the Unix socket has {0} bytes: the system takes {most}", 
        most = MOST_PATH_BYTES - NEW.len()
    )]
    TooLong(usize),
}

/// The relay cannot listen there.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The port or path cannot be taken.
    #[error("could not listen on {listen}: choose another `listen`, or stop what uses it")]
    Bind {
        /// Where.
        listen: Listen,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Somebody answers on the socket.
    #[error("another process listens on {0}: stop it first, or choose another `listen`")]
    Taken(Listen),
    /// The path is something else, which is left alone.
    #[error("{0} is not a socket: nothing was changed; choose another `listen`, or move it away")]
    NotASocket(PathBuf),
    /// The folder of the socket is not there or not ours.
    #[error(
        "could not make a socket in {folder}: the folder must exist and belong to the relay's \
         user; with systemd RuntimeDirectory= makes it"
    )]
    Folder {
        /// Where the socket should lie.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl FromStr for Listen {
    type Err = BadListen;

    fn from_str(text: &str) -> Result<Self, BadListen> {
        let Some(path) = text.strip_prefix(UNIX) else {
            let address = text.parse().map(Self::Tcp);
            return address.map_err(|_| BadListen::Form(text.to_owned()));
        };
        if !path.starts_with('/') {
            return Err(BadListen::Relative(path.to_owned()));
        }
        if path.len() + NEW.len() > MOST_PATH_BYTES {
            return Err(BadListen::TooLong(path.len()));
        }
        Ok(Self::Unix(PathBuf::from(path)))
    }
}

impl TryFrom<String> for Listen {
    type Error = BadListen;

    fn try_from(text: String) -> Result<Self, BadListen> {
        text.parse()
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "{UNIX}{}", path.display()),
        }
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> Self {
        listen.to_string()
    }
}

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address)
    }
}

impl From<([u8; 4], u16)> for Listen {
    fn from(address: ([u8; 4], u16)) -> Self {
        Self::Tcp(address.into())
    }
}

impl Listen {
    /// Whether only this machine reaches it, so that plain HTTP may be spoken.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().is_loopback(),
            Self::Unix(_) => true,
        }
    }

    /// Begins to listen.
    ///
    /// # Errors
    /// [`ListenError`]; what lay at the path is still there.
    pub async fn bind(&self) -> Result<Listener, ListenError> {
        match self {
            Self::Tcp(address) => {
                let bound = TcpListener::bind(address).await;
                bound
                    .map(Listener::Tcp)
                    .map_err(|source| self.failed(source))
            }
            Self::Unix(path) => {
                self.make_way(path).await?;
                let socket = Socket::make(path)?;
                Ok(Listener::Unix(socket))
            }
        }
    }

    /// Whether it could be bound now.
    ///
    /// # Errors
    /// [`ListenError`], as [`Listen::bind`].
    pub async fn is_free(&self) -> Result<(), ListenError> {
        match self {
            Self::Tcp(_) => self.bind().await.map(drop),
            Self::Unix(path) => self.make_way(path).await,
        }
    }

    /// A socket that nobody listens on was left by a process that died.
    async fn make_way(&self, path: &Path) -> Result<(), ListenError> {
        match std::fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(folder_of(path, error)),
            Ok(found) if !found.file_type().is_socket() => {
                Err(ListenError::NotASocket(path.to_owned()))
            }
            Ok(_) => match UnixStream::connect(path).await {
                Ok(_) => Err(ListenError::Taken(self.clone())),
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
                Err(source) => Err(self.failed(source)),
            },
        }
    }

    fn failed(&self, source: io::Error) -> ListenError {
        ListenError::Bind {
            listen: self.clone(),
            source,
        }
    }
}

fn folder_of(path: &Path, source: io::Error) -> ListenError {
    ListenError::Folder {
        folder: path.parent().unwrap_or(path).to_owned(),
        source,
    }
}

/// A bound Unix socket; its file goes with it.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Made beside its place and moved there with its mode set: nobody finds it before, and a
    /// stale one is replaced in the same step.
    fn make(path: &Path) -> Result<Self, ListenError> {
        let mut new = path.as_os_str().to_owned();
        new.push(NEW);
        let new = PathBuf::from(new);
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(folder_of(path, error));
            }
            Ok(()) | Err(_) => {}
        }
        let made = UnixListener::bind(&new).and_then(|listener| {
            std::fs::set_permissions(&new, std::fs::Permissions::from_mode(MODE))?;
            std::fs::rename(&new, path)?;
            Ok(listener)
        });
        let listener = made.map_err(|error| folder_of(path, error))?;
        Ok(Self {
            listener,
            path: path.to_owned(),
        })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(code = "socket_stays", kind = ?error.kind());
        }
    }
}

/// Something that connections come from.
#[derive(Debug)]
pub enum Listener {
    /// A TCP port.
    Tcp(TcpListener),
    /// A Unix socket.
    Unix(Socket),
}

/// One connection that came.
#[derive(Debug)]
pub enum Stream {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over the Unix socket.
    Unix(UnixStream),
}

impl Listener {
    /// Where it really listens: the port is known where the setting had none.
    ///
    /// # Errors
    /// The system does not say.
    pub fn bound(&self) -> io::Result<Listen> {
        match self {
            Self::Tcp(listener) => listener.local_addr().map(Listen::Tcp),
            Self::Unix(socket) => Ok(Listen::Unix(socket.path.clone())),
        }
    }

    /// The next connection and whom to count it for. Everybody behind a Unix socket comes
    /// from the proxy and is counted as one.
    ///
    /// # Errors
    /// None could be taken; the next may.
    pub async fn accept(&self) -> io::Result<(Stream, Source)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                Ok((Stream::Tcp(stream), Source::from(address.ip())))
            }
            Self::Unix(socket) => {
                let (stream, _) = socket.listener.accept().await?;
                let local = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
                Ok((Stream::Unix(stream), Source::from(local)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_port_or_a_full_path() {
        let of = |text: &str| text.parse::<Listen>();
        assert_eq!(of("127.0.0.1:8460"), Ok(([127, 0, 0, 1], 8460).into()));
        let path = "unix:/run/siegel/relay.sock";
        assert_eq!(of(path).expect("a path").to_string(), path);
        assert!(matches!(of("8460"), Err(BadListen::Form(_))));
        assert!(matches!(of("unix:relay.sock"), Err(BadListen::Relative(_))));
        let long = format!("unix:/{}", "a".repeat(MOST_PATH_BYTES - NEW.len()));
        assert!(matches!(of(&long), Err(BadListen::TooLong(_))));
        assert!(of(&long[..long.len() - 1]).is_ok());
    }
}

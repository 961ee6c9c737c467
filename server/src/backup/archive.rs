//! The container: an age file that holds a tar stream of `siegel.db`, `blobs/<id>` and, last,
//! `manifest.json`. An archive that was cut off has no manifest, and age tells if a byte was
//! changed; the hashes tell if the disk that was copied from is going bad.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use siegel_proto::ids::BlobId;

use super::{BackupError, Identities, Recipients, at};

/// What this build writes and reads.
const FORMAT: u32 = 1;
const DATABASE: &str = "siegel.db";
const BLOBS: &str = "blobs/";
const MANIFEST: &str = "manifest.json";
const MANIFEST_BYTES: u64 = 1 << 30;
const CHUNK: usize = 128 * 1024;

/// The table of contents, at the end of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the container.
    pub format: u32,
    /// Of the database.
    pub schema: i64,
    /// When the copy was begun, seconds since 1970.
    pub made_at: i64,
    /// The database.
    pub database: Part,
    /// Attachments, by name.
    pub blobs: Vec<(String, Part)>,
    /// Attachments that were deleted while the copy was made.
    pub gone: Vec<String>,
}

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its length.
    pub bytes: u64,
    /// BLAKE3, hexadecimal.
    pub hash: String,
}

/// What an archive holds, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// When the copy was begun, seconds since 1970.
    pub made_at: i64,
    /// Bytes of the database.
    pub database_bytes: u64,
    /// How many attachments.
    pub blobs: u64,
    /// Bytes of all attachments.
    pub blob_bytes: u64,
}

impl Manifest {
    /// The archive in figures.
    pub fn summary(&self) -> Summary {
        Summary {
            made_at: self.made_at,
            database_bytes: self.database.bytes,
            blobs: self.blobs.len() as u64,
            blob_bytes: self.blobs.iter().map(|(_, part)| part.bytes).sum(),
        }
    }
}

/// An archive that is being written.
pub struct Writer {
    tar: tar::Builder<age::stream::StreamWriter<File>>,
}

impl Writer {
    /// Begins an archive in an empty file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(file: File, recipients: &Recipients) -> Result<Self, BackupError> {
        let stream = recipients
            .encryptor()?
            .wrap_output(file)
            .map_err(at("the backup"))?;
        Ok(Self {
            tar: tar::Builder::new(stream),
        })
    }

    /// Adds the database.
    ///
    /// # Errors
    /// It cannot be read or the archive not be written.
    pub fn database(&mut self, path: &Path) -> Result<Part, BackupError> {
        let file = File::open(path).map_err(at(path))?;
        self.add(DATABASE, file).map_err(at(path))
    }

    /// Adds an attachment.
    ///
    /// # Errors
    /// It cannot be read or the archive not be written.
    pub fn blob(&mut self, blob: BlobId, file: File) -> io::Result<Part> {
        self.add(&format!("{BLOBS}{}", blob_name(blob)), file)
    }

    /// Adds the manifest; the file is whole and on the disk afterwards.
    ///
    /// # Errors
    /// The archive cannot be written or synced.
    pub fn finish(mut self, manifest: &Manifest) -> Result<(), BackupError> {
        let ended = || -> io::Result<()> {
            let json = serde_json::to_vec(manifest).map_err(io::Error::other)?;
            self.tar
                .append_data(&mut header(json.len() as u64), MANIFEST, json.as_slice())?;
            let file = self.tar.into_inner()?.finish()?;
            file.sync_all()
        };
        ended().map_err(at("the backup"))
    }

    fn add(&mut self, name: &str, file: File) -> io::Result<Part> {
        let bytes = file.metadata()?.len();
        let mut hashing = Hashing::new(file.take(bytes));
        self.tar
            .append_data(&mut header(bytes), name, &mut hashing)?;
        Ok(hashing.part())
    }
}

impl Manifest {
    /// A manifest of this build's format.
    pub fn new(schema: i64, made_at: i64, database: Part) -> Self {
        Self {
            format: FORMAT,
            schema,
            made_at,
            database,
            blobs: Vec::new(),
            gone: Vec::new(),
        }
    }
}

/// Where what is read goes.
pub trait Sink {
    /// Takes the database.
    ///
    /// # Errors
    /// It cannot be written.
    fn database(&mut self) -> io::Result<Box<dyn Write + '_>>;
    /// Takes an attachment.
    ///
    /// # Errors
    /// It cannot be written.
    fn blob(&mut self, blob: BlobId) -> io::Result<Box<dyn Write + '_>>;
}

/// Reads an archive to its end into the sink, holding every part against the manifest.
///
/// # Errors
/// The key does not fit, a byte was changed, something is missing or too much.
pub fn read(
    path: &Path,
    identities: &Identities,
    sink: &mut impl Sink,
) -> Result<Manifest, BackupError> {
    let file = File::open(path).map_err(at(path))?;
    let mut tar = tar::Archive::new(identities.decrypt(file)?);
    let mut found = Found::default();
    for entry in tar.entries().map_err(unsound)? {
        let mut entry = entry.map_err(unsound)?;
        let name = entry.path().map_err(unsound)?;
        let name = name.to_str().unwrap_or_default().to_owned();
        if found.manifest.is_some() {
            return Err(BackupError::Unsound(
                "something follows the manifest".to_owned(),
            ));
        }
        if name == MANIFEST {
            let mut json = Vec::new();
            (entry.take(MANIFEST_BYTES).read_to_end(&mut json)).map_err(unsound)?;
            found.manifest = Some(serde_json::from_slice(&json).map_err(unsound)?);
        } else if name == DATABASE {
            let mut out = sink.database().map_err(at(path))?;
            found.database = Some(copy(&mut entry, &mut *out)?);
        } else if let Some(id) = name.strip_prefix(BLOBS).and_then(parse_blob_name) {
            let mut out = sink.blob(id).map_err(at(path))?;
            let part = copy(&mut entry, &mut *out)?;
            found.blobs.push((blob_name(id), part));
        } else {
            return Err(BackupError::Unsound("an unknown file".to_owned()));
        }
    }
    found.check()
}

#[derive(Default)]
struct Found {
    database: Option<Part>,
    blobs: Vec<(String, Part)>,
    manifest: Option<Manifest>,
}

impl Found {
    fn check(self) -> Result<Manifest, BackupError> {
        let wrong = |what: &str| Err(BackupError::Unsound(what.to_owned()));
        let Some(manifest) = self.manifest else {
            return wrong("it was cut off");
        };
        if manifest.format != FORMAT {
            return wrong("its format is newer than this build");
        }
        if self.database.as_ref() != Some(&manifest.database) {
            return wrong("the database is not as the manifest says");
        }
        if self.blobs != manifest.blobs {
            return wrong("the attachments are not as the manifest says");
        }
        Ok(manifest)
    }
}

/// An attachment's name, as its file is called.
pub fn blob_name(blob: BlobId) -> String {
    data_encoding::HEXLOWER.encode(blob.as_bytes())
}

fn parse_blob_name(name: &str) -> Option<BlobId> {
    let bytes = data_encoding::HEXLOWER.decode(name.as_bytes()).ok()?;
    BlobId::from_slice(&bytes).ok()
}

fn header(bytes: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header
}

fn copy(from: &mut impl Read, to: &mut dyn Write) -> Result<Part, BackupError> {
    let mut hashing = Hashing::new(from);
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = hashing.read(&mut buffer).map_err(unsound)?;
        if read == 0 {
            break;
        }
        to.write_all(&buffer[..read])
            .map_err(at("the data directory"))?;
    }
    to.flush().map_err(at("the data directory"))?;
    Ok(hashing.part())
}

fn unsound(error: impl std::fmt::Display) -> BackupError {
    BackupError::Unsound(error.to_string())
}

/// Hashes and counts what is read through it.
struct Hashing<R> {
    from: R,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    fn new(from: R) -> Self {
        Self {
            from,
            hasher: blake3::Hasher::new(),
            bytes: 0,
        }
    }

    fn part(&self) -> Part {
        Part {
            bytes: self.bytes,
            hash: self.hasher.finalize().to_hex().to_string(),
        }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

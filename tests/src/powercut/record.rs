//! Running a program with the recorder loaded into it.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;
use super::log::{self, Log};

const SOURCE: &str = include_str!("../../powercut/record.c");

/// A folder whose changes are recorded, and the log of them.
pub struct Recording {
    folder: tempfile::TempDir,
    data: PathBuf,
}

impl Recording {
    /// Compiles the recorder and makes an empty data folder.
    pub fn new() -> Result<Self, Error> {
        let folder = tempfile::tempdir()
            .map_err(|source| Error::file("cannot make", &std::env::temp_dir(), source))?;
        // The recorder compares with what the kernel calls the folder.
        let root = folder
            .path()
            .canonicalize()
            .map_err(|source| Error::file("cannot resolve", folder.path(), source))?;
        let data = root.join("data");
        std::fs::create_dir(&data).map_err(|source| Error::file("cannot make", &data, source))?;
        let recording = Self { folder, data };
        recording.compile()?;
        Ok(recording)
    }

    /// The folder to be recorded.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The program that is to be recorded; it must be linked dynamically.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment());
        command
    }

    /// The variables that load the recorder into a program.
    pub fn environment(&self) -> [(&'static str, OsString); 3] {
        [
            ("LD_PRELOAD", self.library().into()),
            ("POWERCUT_DIR", self.data.clone().into()),
            ("POWERCUT_LOG", self.log().into()),
        ]
    }

    /// Where whoever receives acknowledgements writes them down.
    pub fn acks(&self) -> Result<Acks, Error> {
        Acks::open(&self.log())
    }

    /// Reads the record back, after the program has ended.
    pub fn finish(&self) -> Result<Log, Error> {
        let path = self.log();
        let bytes =
            std::fs::read(&path).map_err(|source| Error::file("cannot read", &path, source))?;
        Log::parse(&bytes)
    }

    fn compile(&self) -> Result<(), Error> {
        let source = self.folder.path().join("record.c");
        std::fs::write(&source, SOURCE)
            .map_err(|error| Error::file("cannot write", &source, error))?;
        let output = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"])
            .arg(self.library())
            .arg(&source)
            .args(["-ldl", "-lpthread"])
            .output()
            .map_err(|error| Error::Compiler(error.to_string()))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(Error::Compiler(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ))
        }
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("record.so")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

/// Writes acknowledgements into the record, from the recorded program or beside it.
pub struct Acks(File);

impl Acks {
    /// Opens the log that `POWERCUT_LOG` names to the recorder.
    pub fn open(log: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new().create(true).append(true).open(log);
        file.map(Self)
            .map_err(|source| Error::file("cannot open", log, source))
    }

    /// `id` was acknowledged: from here on it must never be missing. Call it after the
    /// answer was received, never before.
    pub fn received(&mut self, id: &[u8]) -> std::io::Result<()> {
        // One write, so that records of several processes do not mix.
        self.0.write_all(&log::ack_record(id))
    }
}

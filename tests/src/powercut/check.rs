//! Cutting the power at many points and looking at what is left.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Error;
use super::log::{Event, Log};
use super::replay::{Disk, Luck};

/// Where in the recorded folder the acknowledged things are to be found.
pub struct Database<'a> {
    /// File name of the SQLite database in the folder.
    pub file: &'a str,
    /// A query for the ids of everything stored, one blob to a row.
    pub ids: &'a str,
}

/// What was found after all the cuts.
#[derive(Debug, Default)]
pub struct Report {
    /// How often the power was cut.
    pub states: usize,
    /// States whose database SQLite found damaged after something had been acknowledged.
    pub corrupt: usize,
    /// States in which something acknowledged was missing, damaged ones included.
    pub lossy: usize,
    /// The most acknowledged things that one state had lost.
    pub worst: usize,
    /// The first finding, to start looking from.
    pub first: Option<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            states,
            corrupt,
            lossy,
            worst,
            first,
        } = self;
        write!(
            f,
            "{states} states, {corrupt} corrupt, {lossy} lost something acknowledged"
        )?;
        write!(f, " (at worst {worst})")?;
        first
            .iter()
            .try_for_each(|first| write!(f, "; first: {first}"))
    }
}

/// Cuts the power at `states` random points of the record. The same seed cuts at the same
/// points.
///
/// First of all the whole record is played and compared with the files in `folder`: a
/// record that misses changes would prove nothing.
pub fn cut_many(
    log: &Log,
    folder: &Path,
    database: &Database<'_>,
    states: usize,
    seed: u64,
) -> Result<Report, Error> {
    compare_with_files(log, folder)?;

    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let length = log.events.len() as u64 + 1;
    let mut cuts: Vec<usize> = (0..states)
        .map(|_| usize::try_from(rng.next_u64() % length).unwrap_or(0))
        .collect();
    cuts.sort_unstable();

    let scratch = scratch_folder()?;
    let mut report = Report {
        states,
        ..Report::default()
    };
    let mut disk = Disk::default();
    let mut acked = BTreeSet::new();
    let mut played = 0;
    for cut in cuts {
        for (path, event) in &log.events[played..cut] {
            disk.play(path, event);
            if let Event::Ack(id) = event {
                acked.insert(id.as_slice());
            }
        }
        played = cut;
        let luck = [Luck::None, Luck::All, Luck::Some, Luck::Torn][(rng.next_u32() % 4) as usize];
        let files = disk.crash(luck, &mut rng);
        restore(&files, folder, scratch.path())?;
        let found = look(&scratch.path().join(database.file), database.ids);
        report.add(
            &found,
            &acked,
            &format!("event {cut}, {luck:?} of the unsynced, seed {seed}"),
        );
    }
    Ok(report)
}

impl Report {
    fn add(&mut self, found: &Found, acked: &BTreeSet<&[u8]>, at: &str) {
        let lost = match found {
            Found::Ids(ids) => acked.iter().filter(|id| !ids.contains(**id)).count(),
            Found::Nothing(_) | Found::Damage(_) => acked.len(),
        };
        if lost > 0 {
            let finding = match found {
                Found::Ids(_) => format!("{lost} lost"),
                Found::Nothing(problem) => problem.clone(),
                Found::Damage(problem) => {
                    self.corrupt += 1;
                    problem.clone()
                }
            };
            self.lossy += 1;
            self.worst = self.worst.max(lost);
            self.first
                .get_or_insert_with(|| format!("{finding} at {at}"));
        }
    }
}

/// What a database holds after a restart.
enum Found {
    /// It is sound and holds these.
    Ids(BTreeSet<Vec<u8>>),
    /// There is no such database or table, as before the program had ever run.
    Nothing(String),
    /// SQLite says that it is broken.
    Damage(String),
}

/// Opens the database as the program would after a restart and reads every id in it.
fn look(file: &Path, ids: &str) -> Found {
    let read = || -> Result<(String, BTreeSet<Vec<u8>>), rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let database = Connection::open_with_flags(file, flags)?;
        let verdict = database.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        let mut rows = database.prepare(ids)?;
        let ids = rows
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok((verdict, ids))
    };
    match read() {
        Ok((verdict, ids)) if verdict == "ok" => Found::Ids(ids),
        Ok((verdict, _)) => Found::Damage(verdict),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Found::Damage(error.to_string())
            }
            _ => Found::Nothing(error.to_string()),
        },
    }
}

fn compare_with_files(log: &Log, folder: &Path) -> Result<(), Error> {
    let mut disk = Disk::default();
    for (path, event) in &log.events {
        disk.play(path, event);
    }
    let files = disk.crash(Luck::All, &mut ChaCha8Rng::seed_from_u64(0));
    for (path, content) in files {
        if is_shared_memory(path) {
            continue;
        }
        let path = Path::new(path);
        let real = std::fs::read(path).map_err(|error| Error::file("cannot read", path, error))?;
        if real != content {
            let name = path.strip_prefix(folder).unwrap_or(path).display();
            let lengths = format!("{} bytes, the record says {}", real.len(), content.len());
            return Err(Error::Incomplete(format!("{name} has {lengths}")));
        }
    }
    Ok(())
}

/// Lays the files out afresh. SQLite's shared memory is none of them: it is gone with the
/// power.
fn restore(files: &BTreeMap<&str, Vec<u8>>, from: &Path, to: &Path) -> Result<(), Error> {
    let clear = |source| Error::file("cannot clear", to, source);
    for entry in std::fs::read_dir(to).map_err(clear)? {
        let path = entry.map_err(clear)?.path();
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        removed.map_err(clear)?;
    }
    for (path, content) in files {
        let Ok(relative) = Path::new(path).strip_prefix(from) else {
            continue;
        };
        if is_shared_memory(path) {
            continue;
        }
        let target = to.join(relative);
        let parent = target.parent().unwrap_or(to);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&target, content))
            .map_err(|source| Error::file("cannot write", &target, source))?;
    }
    Ok(())
}

fn is_shared_memory(path: &str) -> bool {
    path.ends_with("-shm")
}

/// In memory where there is such a place: thousands of states are written and read.
fn scratch_folder() -> Result<tempfile::TempDir, Error> {
    let memory = PathBuf::from("/dev/shm");
    let place = if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    };
    tempfile::tempdir_in(&place).map_err(|source| Error::file("cannot make", &place, source))
}

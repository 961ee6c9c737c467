//! A disk that forgets what was not synced.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rand_core::Rng;

use super::log::Event;

/// Drives promise to write this much at once or not at all.
const SECTOR: usize = 512;

/// The files as far as the record was played.
#[derive(Default)]
pub struct Disk<'log> {
    files: BTreeMap<String, File<'log>>,
    /// For each sync under way, the event it began with.
    syncs: BTreeMap<u64, usize>,
    played: usize,
}

#[derive(Default)]
struct File<'log> {
    durable: Vec<u8>,
    /// Not synced yet, each with the number of its event.
    pending: Vec<(usize, Change<'log>)>,
}

#[derive(Clone)]
enum Change<'log> {
    Write { at: usize, bytes: Cow<'log, [u8]> },
    Resize(usize),
}

/// How much of what was not synced has reached the disk all the same.
#[derive(Clone, Copy, Debug)]
pub enum Luck {
    /// Nothing.
    None,
    /// Everything.
    All,
    /// Some writes, each as a whole.
    Some,
    /// Some sectors of some writes.
    Torn,
}

impl<'log> Disk<'log> {
    /// Carries out the next event of the record.
    pub fn play(&mut self, path: &str, event: &'log Event) {
        self.played += 1;
        let number = self.played;
        match event {
            Event::Create { empty } => {
                let file = self.files.entry(path.to_owned()).or_default();
                if *empty && !(file.durable.is_empty() && file.pending.is_empty()) {
                    file.pending.push((number, Change::Resize(0)));
                }
            }
            Event::Write { at, bytes } => {
                let change = Change::Write {
                    at: *at,
                    bytes: Cow::Borrowed(bytes),
                };
                self.file(path).pending.push((number, change));
            }
            Event::Resize(length) => {
                self.file(path)
                    .pending
                    .push((number, Change::Resize(*length)));
            }
            Event::SyncBegin(ticket) => {
                self.syncs.insert(*ticket, number);
            }
            Event::SyncEnd(ticket) => {
                // A folder is synced, too, but is no file.
                let file = self.files.get_mut(path);
                if let (Some(begin), Some(file)) = (self.syncs.remove(ticket), file) {
                    file.sync(begin);
                }
            }
            Event::Remove => {
                self.files.remove(path);
            }
            Event::Rename(to) => {
                if let Some(file) = self.files.remove(path) {
                    self.files.insert(to.clone(), file);
                }
            }
            Event::Ack(_) => {}
        }
    }

    /// What is found after the power failed now: each file with its bytes.
    pub fn crash(&self, luck: Luck, rng: &mut impl Rng) -> BTreeMap<&str, Vec<u8>> {
        let files = self.files.iter().map(|(path, file)| {
            let mut content = file.durable.clone();
            for (_, change) in &file.pending {
                change.survive(luck, rng, &mut content);
            }
            (path.as_str(), content)
        });
        files.collect()
    }

    fn file(&mut self, path: &str) -> &mut File<'log> {
        self.files.entry(path.to_owned()).or_default()
    }
}

impl File<'_> {
    fn sync(&mut self, begin: usize) {
        let synced = self.pending.partition_point(|(number, _)| *number < begin);
        for (_, change) in self.pending.drain(..synced) {
            change.apply(&mut self.durable);
        }
    }
}

impl Change<'_> {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => write(content, *at, bytes),
            Self::Resize(length) => content.resize(*length, 0),
        }
    }

    fn survive(&self, luck: Luck, rng: &mut impl Rng, content: &mut Vec<u8>) {
        match (luck, self) {
            (Luck::None, _) => {}
            (Luck::All, _) => self.apply(content),
            (Luck::Torn, Self::Write { at, bytes }) => {
                if coin(rng) {
                    tear(*at, bytes, rng, content);
                }
            }
            (Luck::Some | Luck::Torn, _) => {
                if coin(rng) {
                    self.apply(content);
                }
            }
        }
    }
}

/// Writes only some of the sectors the write touches.
fn tear(at: usize, bytes: &[u8], rng: &mut impl Rng, content: &mut Vec<u8>) {
    let end = at + bytes.len();
    let mut from = at;
    while from < end {
        let to = end.min((from / SECTOR + 1) * SECTOR);
        if coin(rng) {
            write(content, from, &bytes[from - at..to - at]);
        }
        from = to;
    }
}

fn write(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[at..end].copy_from_slice(bytes);
}

fn coin(rng: &mut impl Rng) -> bool {
    rng.next_u32() & 1 == 1
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    use super::*;

    fn write_event(at: usize, byte: u8, length: usize) -> Event {
        Event::Write {
            at,
            bytes: vec![byte; length],
        }
    }

    #[test]
    fn a_sync_keeps_what_was_written_before_it_began() {
        let events = [
            write_event(0, 1, 4),
            Event::SyncBegin(1),
            write_event(4, 2, 4),
            Event::SyncEnd(1),
        ];
        let mut disk = Disk::default();
        for event in &events {
            disk.play("a", event);
        }
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        assert_eq!(disk.crash(Luck::None, &mut rng)["a"], [1, 1, 1, 1]);
        assert_eq!(
            disk.crash(Luck::All, &mut rng)["a"],
            [1, 1, 1, 1, 2, 2, 2, 2]
        );
    }

    #[test]
    fn an_unfinished_sync_keeps_nothing() {
        let events = [write_event(0, 1, 4), Event::SyncBegin(1)];
        let mut disk = Disk::default();
        for event in &events {
            disk.play("a", event);
        }
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        assert!(disk.crash(Luck::None, &mut rng)["a"].is_empty());
    }

    #[test]
    fn a_torn_write_breaks_at_sectors() {
        let event = write_event(100, 9, 2000);
        let mut disk = Disk::default();
        disk.play("a", &event);
        let mut torn = false;
        for seed in 0..50 {
            let content = disk.crash(Luck::Torn, &mut ChaCha8Rng::seed_from_u64(seed));
            for sector in content["a"].chunks(SECTOR).skip(1) {
                assert!(
                    sector.iter().all(|byte| *byte == sector[0]),
                    "torn inside a sector"
                );
            }
            let kept = content["a"].iter().filter(|byte| **byte == 9).count();
            torn |= kept > 0 && kept < 2000;
        }
        assert!(torn);
    }

    #[test]
    fn a_renamed_file_takes_its_unsynced_bytes_along() {
        let events = [
            write_event(0, 1, 2),
            Event::SyncBegin(1),
            Event::SyncEnd(1),
            write_event(2, 2, 2),
            Event::Rename("b".into()),
        ];
        let mut disk = Disk::default();
        for event in &events {
            disk.play("a", event);
        }
        let found = disk.crash(Luck::None, &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("b", vec![1, 1])]);
    }
}

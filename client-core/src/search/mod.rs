//! Search over all rooms: what the timelines say, folded, in memory only.
//!
//! Built at the first question after unlock, then kept up with what each step's batch
//! changed: received, edited, deleted, expired. It is as old as the vault, never older,
//! and gone when the client is dropped.

mod fold;

use std::collections::BTreeMap;

use siegel_proto::ids::RoomId;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::error::Error;
use crate::moment::Timestamp;
use crate::room::Room;
use crate::room::timeline::{self, Body, Line, TIMELINE};
use crate::vault::{Scope, Vault};

/// A line that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub room: RoomId,
    /// What.
    pub line: Line,
}

/// The searchable words of every line.
#[derive(Default)]
pub(crate) struct Index(BTreeMap<(RoomId, Vec<u8>), Entry>);

struct Entry {
    at: Timestamp,
    words: Zeroizing<String>,
}

impl Client {
    /// Lines in which every word of the question begins some word, newest first, `most` of
    /// them. A question without a word finds nothing.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn search(&self, question: &str, most: usize) -> Result<Vec<Hit>, Error> {
        let mut index = self.index.borrow_mut();
        let index = match &mut *index {
            Some(index) => index,
            empty => empty.insert(Index::build(&self.vault)?),
        };
        let places = index.find(question, most);
        let mut hits = Vec::new();
        for (room, key) in places {
            if let Some(line) = timeline::at(&self.vault, room, &key)? {
                hits.push(Hit { room, line });
            }
        }
        Ok(hits)
    }

    /// Takes over what a commit of the vault changed.
    pub(crate) fn index_changes(&mut self) -> Result<(), Error> {
        let changed = self.vault.changed();
        if let Some(index) = self.index.get_mut() {
            for (scope, key) in changed {
                if let Scope::Room(room) = scope {
                    index.update(&self.vault, room, key)?;
                }
            }
        }
        Ok(())
    }
}

impl Index {
    fn build(vault: &Vault) -> Result<Self, Error> {
        let mut index = Self::default();
        for room in Room::ids(vault)? {
            for key in vault.keys(Room::scope(room), TIMELINE, &[]) {
                index.update(vault, room, key)?;
            }
        }
        Ok(index)
    }

    fn update(&mut self, vault: &Vault, room: RoomId, key: Vec<u8>) -> Result<(), Error> {
        let line = timeline::at(vault, room, &key)?;
        let entry = line.and_then(|line| {
            let words = words_of(&line);
            let at = line.sent_at.unwrap_or(line.stored_at);
            (!words.is_empty()).then_some(Entry { at, words })
        });
        match entry {
            Some(entry) => self.0.insert((room, key), entry),
            None => self.0.remove(&(room, key)),
        };
        Ok(())
    }

    fn find(&self, question: &str, most: usize) -> Vec<(RoomId, Vec<u8>)> {
        let folded = Zeroizing::new(fold::words(question));
        let starts: Vec<String> = folded.split_whitespace().map(|w| format!(" {w}")).collect();
        if starts.is_empty() {
            return Vec::new();
        }
        let entries = self.0.iter();
        let mut found: Vec<_> = entries
            .filter(|(_, entry)| starts.iter().all(|start| entry.words.contains(start)))
            .collect();
        found.sort_by(|(one, a), (other, b)| b.at.cmp(&a.at).then_with(|| other.cmp(one)));
        found.truncate(most);
        found.into_iter().map(|(place, _)| place.clone()).collect()
    }
}

fn words_of(line: &Line) -> Zeroizing<String> {
    Zeroizing::new(match &line.body {
        Body::Text { body, .. } => fold::words(body),
        Body::Attachment(file) => fold::words(&file.file_name) + &fold::words(&file.caption),
        Body::DataCard(card) => card.fields.iter().map(|f| fold::words(&f.value)).collect(),
        _ => String::new(),
    })
}

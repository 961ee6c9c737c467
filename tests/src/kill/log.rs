//! What a room's log must hold, from what writers were answered and readers were given.

use std::collections::{BTreeMap, HashMap};

use crate::wire::entry::Mark;

/// An entry and its number, as answered to its writer or delivered to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The entry.
    pub mark: Mark,
    /// Its number.
    pub seq: u64,
}

/// One room's log as it must be.
#[derive(Debug, Default)]
pub struct Log {
    entries: BTreeMap<u64, Mark>,
    places: HashMap<Mark, u64>,
    /// Answered and not yet found in the log.
    answered: Vec<Place>,
    /// What every seat has, and the relay may have dropped.
    forgotten: u64,
    /// Each writer's last entry among the forgotten.
    last_of: HashMap<u32, u64>,
}

impl Log {
    /// A writer was answered.
    pub fn answered(&mut self, places: impl IntoIterator<Item = Place>) {
        self.answered.extend(places);
    }

    /// A reader, whose cursor the relay says stands at `cursor`, was given this up to the end
    /// of the log. The number of answered entries that were found.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&mut self, cursor: u64, given: &[Place]) -> Result<u64, String> {
        for (place, expected) in given.iter().zip(cursor + 1..) {
            if place.seq != expected {
                return Err(format!("{place:?} was delivered in place of {expected}"));
            }
            self.place(*place)?;
        }
        let last = cursor + given.len() as u64;
        if let Some((seq, mark)) = self.entries.last_key_value()
            && *seq > last
        {
            return Err(format!("{mark:?} at {seq} is gone: the log ends at {last}"));
        }
        let answered = std::mem::take(&mut self.answered);
        for Place { mark, seq } in &answered {
            match self.places.get(mark) {
                Some(at) if at == seq => {}
                Some(at) => return Err(format!("{mark:?} was answered {seq} and is at {at}")),
                None => return Err(format!("{mark:?} was answered {seq} and is lost")),
            }
        }
        self.in_order()?;
        Ok(answered.len() as u64)
    }

    fn place(&mut self, Place { mark, seq }: Place) -> Result<(), String> {
        if seq <= self.forgotten {
            return Ok(());
        }
        if let Some(before) = self.entries.insert(seq, mark)
            && before != mark
        {
            return Err(format!("{seq} was {before:?} and is now {mark:?}"));
        }
        match self.places.insert(mark, seq) {
            Some(before) if before != seq => {
                Err(format!("{mark:?} is there twice, at {before} and {seq}"))
            }
            _ => Ok(()),
        }
    }

    fn in_order(&self) -> Result<(), String> {
        let mut last_of = self.last_of.clone();
        for (seq, mark) in &self.entries {
            let before = last_of.insert(mark.writer, mark.number);
            if before.is_some_and(|before| before >= mark.number) {
                return Err(format!("{mark:?} at {seq} comes after {before:?}"));
            }
        }
        Ok(())
    }

    /// Whether this entry is in the log.
    pub fn has(&self, mark: &Mark) -> bool {
        self.places.contains_key(mark)
            || (self.last_of.get(&mark.writer)).is_some_and(|last| *last >= mark.number)
    }

    /// Every seat has acknowledged up to here, and the relay has stored that.
    pub fn forget(&mut self, up_to: u64) {
        let rest = self.entries.split_off(&(up_to + 1));
        for mark in std::mem::replace(&mut self.entries, rest).into_values() {
            self.places.remove(&mark);
            self.last_of.insert(mark.writer, mark.number);
        }
        self.forgotten = self.forgotten.max(up_to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(writer: u32, number: u64, seq: u64) -> Place {
        let mark = Mark { writer, number };
        Place { mark, seq }
    }

    /// Each broken log, and a word of what must be said about it.
    #[test]
    fn every_broken_promise_is_seen() {
        let answered = [place(1, 0, 1), place(1, 1, 2), place(2, 0, 3)];
        let broken: [(&str, &[Place]); 6] = [
            ("is lost", &answered[..2]),
            ("in place of", &[answered[0], answered[2]]),
            ("twice", &[answered[0], answered[1], place(1, 1, 3)]),
            (
                "was answered",
                &[answered[0], answered[1], place(3, 0, 3), place(2, 0, 4)],
            ),
            ("comes after", &[place(1, 1, 1), place(1, 0, 2)]),
            ("in place of", &[answered[1], answered[0], answered[2]]),
        ];
        for (word, given) in broken {
            let mut log = Log::default();
            if word != "comes after" {
                log.answered(answered);
            }
            let said = log.read(0, given).expect_err(word);
            assert!(said.contains(word), "{said}");
        }
        let mut log = Log::default();
        log.answered(answered);
        assert_eq!(log.read(0, &answered), Ok(3));
        let gone = log.read(1, &[answered[1]]).expect_err("an entry went away");
        assert!(gone.contains("is gone"), "{gone}");
    }

    #[test]
    fn what_is_forgotten_may_come_again_but_not_change_the_order() {
        let mut log = Log::default();
        assert_eq!(log.read(0, &[place(1, 0, 1), place(1, 1, 2)]), Ok(0));
        log.forget(2);
        assert!(log.has(&Mark {
            writer: 1,
            number: 1
        }));
        assert_eq!(log.read(1, &[place(1, 1, 2), place(1, 2, 3)]), Ok(0));
        let said = log.read(3, &[place(1, 1, 4)]).expect_err("again");
        assert!(said.contains("comes after"), "{said}");
    }
}

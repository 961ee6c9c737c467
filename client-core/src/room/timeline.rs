//! The timeline: what people see of a room, in the order of its log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siegel_proto::card::DataCard;
use siegel_proto::content::{Attachment, Content, Extras, Kind, Notice};
use siegel_proto::ids::{ContentHash, DeviceId, MessageId, PersonId, RoomId};
use siegel_proto::{OutOfBounds, Part};

use super::{Room, availability, consent, expiry};
use crate::error::{Error, Thing};
use crate::moment::Timestamp;
use crate::vault::{Table, Vault};

pub(crate) const TIMELINE: Table = Table::new("timeline");
const MESSAGE: Table = Table::new("message");

/// Lines that are read at a time.
const PAGE: usize = 64;
/// Unread lines are counted up to here: more are many, and a list of rooms asks for all.
pub const UNREAD_MOST: usize = 200;

/// One line of a room's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The entry it comes from.
    pub seq: u64,
    /// The message it is, if it is one.
    pub message: Option<MessageId>,
    /// Who, by the MLS leaf.
    pub author: Option<PersonId>,
    /// With which device.
    pub device: Option<DeviceId>,
    /// When, by the author's clock.
    pub sent_at: Option<Timestamp>,
    /// When it was stored here, by this device's clock.
    pub stored_at: Timestamp,
    /// What.
    pub body: Body,
    /// The author changed the text.
    pub edited: bool,
    /// Who reacted how.
    pub reactions: BTreeMap<PersonId, String>,
    /// Whom it names and where it comes from.
    #[serde(default)]
    pub extras: Extras,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Text, perhaps a reply.
    Text {
        /// What was said.
        body: String,
        /// The message it answers.
        reply_to: Option<MessageId>,
    },
    /// A file.
    Attachment(Attachment),
    /// What there is to know about a person; values go on their day.
    DataCard(DataCard),
    /// A text that asks for consent.
    Notice(Notice),
    /// A decision about a notice.
    Consent {
        /// Which text.
        notice_version: String,
        /// In which language.
        #[serde(default)]
        language: String,
        /// Of the text as it was shown; zeros in rows older than this field.
        #[serde(default = "unknown_hash")]
        notice_hash: ContentHash,
        /// Agreed or withdrawn.
        granted: bool,
    },
    /// Deleted by its author.
    Deleted,
    /// Messages live so many days from now on.
    RetentionChanged(u32),
    /// People who came in.
    Joined(Vec<PersonId>),
    /// People who are no longer members.
    Left(Vec<PersonId>),
    /// A guest has made keys of its own: the link was opened.
    Arrived(PersonId),
    /// Somebody's devices changed.
    DevicesChanged(PersonId),
    /// The room's title or managers changed.
    InfoChanged,
    /// The author verified a person.
    Verified(PersonId),
    /// The author asks to be removed.
    LeaveAsked,
    /// This device is too old for this message.
    TooNew,
    /// An entry that cannot be read here.
    Unreadable,
    /// Entries the relay no longer has.
    Missing {
        /// How many.
        entries: u64,
    },
    /// Messages of the author that never arrived.
    AuthorGap {
        /// How many.
        messages: u64,
    },
    /// The author's messages do not follow on from each other.
    AuthorBroken,
    /// The author saw another log than this device.
    SplitView,
    /// A commit was refused here.
    CommitRefused,
    /// A commit was taken back.
    CommitVoided,
    /// The relay was put back to a backup.
    PutBack,
    /// The author brought the room at the relay into step with its members again.
    Reset,
}

const fn unknown_hash() -> ContentHash {
    ContentHash::new([0; 32])
}

impl Line {
    pub(crate) fn event(seq: u64, author: Option<PersonId>, now: Timestamp, body: Body) -> Self {
        Self {
            seq,
            message: None,
            author,
            device: None,
            sent_at: None,
            stored_at: now,
            body,
            edited: false,
            reactions: BTreeMap::new(),
            extras: Extras::default(),
        }
    }

    /// Whether somebody said it, so that it counts as unread and stands in a list of rooms.
    #[must_use]
    pub const fn is_said(&self) -> bool {
        matches!(
            self.body,
            Body::Text { .. }
                | Body::Attachment(_)
                | Body::DataCard(_)
                | Body::Notice(_)
                | Body::TooNew
        )
    }
}

/// Adds a line behind the others of its entry.
pub(crate) fn add(vault: &Vault, room: RoomId, line: &Line) -> Result<(), Error> {
    let scope = Room::scope(room);
    let prefix = line.seq.to_be_bytes();
    let place = vault.keys(scope, TIMELINE, &prefix).len();
    let place = u8::try_from(place).map_err(|_| OutOfBounds(Part::Whole))?;
    let key = [&prefix[..], &[place]].concat();
    if let (Some(message), Some(author)) = (line.message, line.author) {
        let mut index = message.as_bytes().to_vec();
        // An id belongs to whoever used it first, but it takes nobody's line away.
        if vault.contains(scope, MESSAGE, &index) {
            index = index_of(message, author);
        }
        vault.put(scope, MESSAGE, &index, &serde_bytes::Bytes::new(&key))?;
    }
    expiry::note_card(vault, room, &key, line)?;
    Ok(vault.put(scope, TIMELINE, &key, line)?)
}

/// The index of a message whose id somebody else had used before its author.
fn index_of(message: MessageId, author: PersonId) -> Vec<u8> {
    [&message.as_bytes()[..], author.as_bytes()].concat()
}

/// Where a message stands; of several with one id, the first.
fn place(vault: &Vault, room: RoomId, message: MessageId) -> Result<Option<Vec<u8>>, Error> {
    let key: Option<serde_bytes::ByteBuf> =
        vault.get(Room::scope(room), MESSAGE, message.as_bytes())?;
    Ok(key.map(serde_bytes::ByteBuf::into_vec))
}

/// Where an author's message stands, whoever else has used its id.
fn place_by(
    vault: &Vault,
    room: RoomId,
    message: MessageId,
    author: PersonId,
) -> Result<Option<Vec<u8>>, Error> {
    let index = index_of(message, author);
    let own: Option<serde_bytes::ByteBuf> = vault.get(Room::scope(room), MESSAGE, &index)?;
    match own {
        Some(key) => Ok(Some(key.into_vec())),
        None => place(vault, room, message),
    }
}

/// Whether this author has said this message already.
pub(crate) fn is_said(
    vault: &Vault,
    room: RoomId,
    message: MessageId,
    author: PersonId,
) -> Result<bool, Error> {
    let Some(key) = place_by(vault, room, message, author)? else {
        return Ok(false);
    };
    let line: Option<Line> = vault.get(Room::scope(room), TIMELINE, &key)?;
    Ok(line.is_some_and(|line| line.author == Some(author)))
}

/// A message's line.
pub(crate) fn message(
    vault: &Vault,
    room: RoomId,
    message: MessageId,
) -> Result<Option<Line>, Error> {
    match place(vault, room, message)? {
        None => Ok(None),
        Some(key) => Ok(vault.get(Room::scope(room), TIMELINE, &key)?),
    }
}

/// Lines after an entry, oldest first.
pub(crate) fn after(
    vault: &Vault,
    room: RoomId,
    seq: u64,
    most: usize,
) -> Result<Vec<Line>, Error> {
    let from = seq.saturating_add(1).to_be_bytes();
    let keys = vault.keys_from(Room::scope(room), TIMELINE, &from, most);
    read(vault, room, &keys)
}

/// The last lines before an entry, oldest first.
pub(crate) fn before(
    vault: &Vault,
    room: RoomId,
    seq: u64,
    most: usize,
) -> Result<Vec<Line>, Error> {
    let before = seq.to_be_bytes();
    let mut keys = vault.keys_before(Room::scope(room), TIMELINE, Some(&before), most);
    keys.reverse();
    read(vault, room, &keys)
}

/// The last line somebody said; of a room in which nobody said anything lately, the last.
pub(crate) fn last(vault: &Vault, room: RoomId) -> Result<Option<Line>, Error> {
    let lines = before(vault, room, u64::MAX, PAGE)?;
    let last = lines.iter().rposition(Line::is_said);
    let last = last.or(lines.len().checked_sub(1));
    Ok(last.and_then(|at| lines.into_iter().nth(at)))
}

/// Lines that others said after an entry and up to another; counts no further than `most`.
pub(crate) fn said_by_others(
    vault: &Vault,
    room: RoomId,
    own: PersonId,
    (after, up_to): (u64, u64),
    most: usize,
) -> Result<usize, Error> {
    let scope = Room::scope(room);
    let mut from = after.saturating_add(1).to_be_bytes().to_vec();
    let mut found = 0;
    loop {
        let keys = vault.keys_from(scope, TIMELINE, &from, PAGE);
        for key in &keys {
            let line: Option<Line> = vault.get(scope, TIMELINE, key)?;
            let Some(line) = line.filter(|line| line.seq <= up_to) else {
                return Ok(found);
            };
            if line.is_said() && line.author != Some(own) {
                found += 1;
            }
            if found >= most {
                return Ok(found);
            }
        }
        match keys.into_iter().nth(PAGE - 1) {
            // The next key is this one with something behind it.
            Some(last) => from = [&last[..], &[0]].concat(),
            None => return Ok(found),
        }
    }
}

/// A line by its key.
pub(crate) fn at(vault: &Vault, room: RoomId, key: &[u8]) -> Result<Option<Line>, Error> {
    Ok(vault.get(Room::scope(room), TIMELINE, key)?)
}

fn read(vault: &Vault, room: RoomId, keys: &[Vec<u8>]) -> Result<Vec<Line>, Error> {
    keys.iter()
        .map(|key| {
            vault
                .get(Room::scope(room), TIMELINE, key)?
                .ok_or(Error::Unknown(Thing::Message))
        })
        .collect()
}

/// What a content does to the timeline.
pub(crate) enum Effect {
    /// It is a line of its own.
    Line(Box<Body>),
    /// It changed the line of this message.
    Changed(MessageId),
    /// It changed what is known of the room.
    Room,
    /// It is not for the timeline.
    Nothing,
}

/// Applies a content: a line of its own, or a change of a line of the same author.
pub(crate) fn apply(
    vault: &Vault,
    room: RoomId,
    author: PersonId,
    content: &Content,
) -> Result<Effect, Error> {
    let body = match content.kind.clone() {
        Kind::Text { body, reply_to } => Body::Text { body, reply_to },
        Kind::Attachment(file) => Body::Attachment(file),
        Kind::DataCard(card) => Body::DataCard(card),
        Kind::Notice(notice) => {
            consent::keep_notice(vault, room, &notice)?;
            Body::Notice(notice)
        }
        Kind::Consent {
            notice_version,
            language,
            granted,
            notice_hash,
        } => {
            consent::record(vault, room, author, content)?;
            Body::Consent {
                notice_version,
                language,
                notice_hash,
                granted,
            }
        }
        Kind::Availability(said) => {
            availability::note(vault, room, author, content.sent_at, &said)?;
            return Ok(Effect::Room);
        }
        Kind::RetentionChange { days } => Body::RetentionChanged(days),
        Kind::Leave => Body::LeaveAsked,
        Kind::Verified { person } => Body::Verified(person),
        Kind::TooNew => Body::TooNew,
        Kind::Edit { target, body } => {
            let own = place_by(vault, room, target, author)?;
            return change(vault, room, (target, own), |line| {
                if line.author == Some(author)
                    && let Body::Text { body: old, .. } = &mut line.body
                {
                    *old = body;
                    line.edited = true;
                    line.extras.mentions = content.extras.mentions.clone();
                }
            });
        }
        Kind::Delete { target } => {
            let own = place_by(vault, room, target, author)?;
            return change(vault, room, (target, own), |line| {
                if line.author == Some(author) {
                    line.body = Body::Deleted;
                    line.reactions.clear();
                    line.extras = Extras::default();
                }
            });
        }
        Kind::Reaction { target, emoji } => {
            let any = place(vault, room, target)?;
            return change(vault, room, (target, any), |line| {
                if line.body == Body::Deleted || emoji.is_empty() {
                    line.reactions.remove(&author);
                } else {
                    line.reactions.insert(author, emoji);
                }
            });
        }
        Kind::Receipt { .. } | Kind::Typing { .. } | Kind::CommitRefused { .. } => {
            return Ok(Effect::Nothing);
        }
    };
    Ok(Effect::Line(Box::new(body)))
}

/// Changes a message's line. An unknown message changes nothing: it expired, or never was.
fn change(
    vault: &Vault,
    room: RoomId,
    (target, place): (MessageId, Option<Vec<u8>>),
    change: impl FnOnce(&mut Line),
) -> Result<Effect, Error> {
    let scope = Room::scope(room);
    let Some(key) = place else {
        return Ok(Effect::Nothing);
    };
    let Some(mut line) = vault.get::<Line>(scope, TIMELINE, &key)? else {
        return Ok(Effect::Nothing);
    };
    change(&mut line);
    vault.put(scope, TIMELINE, &key, &line)?;
    Ok(Effect::Changed(target))
}

/// Deletes a line.
pub(super) fn delete(vault: &Vault, room: RoomId, key: &[u8], line: &Line) {
    let scope = Room::scope(room);
    vault.delete(scope, TIMELINE, key);
    if let (Some(message), Some(author)) = (line.message, line.author) {
        let index = index_of(message, author);
        if vault.contains(scope, MESSAGE, &index) {
            vault.delete(scope, MESSAGE, &index);
        } else {
            vault.delete(scope, MESSAGE, message.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::{Entropy, StepRng};

    const ROOM: RoomId = RoomId::new([7; 16]);

    fn person(n: u8) -> PersonId {
        PersonId::new([n; 16])
    }

    /// A room with so many texts, every second one by person 1.
    fn room_with(lines: u64) -> Vault {
        let mut rng = StepRng::new(Entropy([3; 32]));
        let vault = Vault::unprotected(&mut rng).expect("makes a vault");
        let now = Timestamp::from_seconds(0);
        for seq in 1..=lines {
            let body = Body::Text {
                body: format!("Nachricht {seq} mit ein paar Worten mehr"),
                reply_to: None,
            };
            let author = person(u8::try_from(seq % 2).expect("0 or 1"));
            let line = Line {
                message: Some(MessageId::new(rng.bytes())),
                ..Line::event(seq, Some(author), now, body)
            };
            add(&vault, ROOM, &line).expect("adds");
        }
        vault
    }

    #[test]
    fn pages_hold_what_they_should() {
        let vault = room_with(200);
        let seqs = |lines: Vec<Line>| lines.iter().map(|line| line.seq).collect::<Vec<_>>();
        let page = |from, most| seqs(after(&vault, ROOM, from, most).expect("reads"));
        assert_eq!(page(0, 3), [1, 2, 3]);
        assert_eq!(page(198, 9), [199, 200]);
        assert_eq!(page(u64::MAX, 9), [0; 0]);
        let page = |to, most| seqs(before(&vault, ROOM, to, most).expect("reads"));
        assert_eq!(page(u64::MAX, 2), [199, 200]);
        assert_eq!(page(3, 9), [1, 2]);
        assert_eq!(
            last(&vault, ROOM).expect("reads").map(|line| line.seq),
            Some(200)
        );
    }

    #[test]
    fn what_others_said_is_counted_over_pages_and_no_further_than_asked() {
        let vault = room_with(300);
        let count =
            |span, most| said_by_others(&vault, ROOM, person(1), span, most).expect("reads");
        assert_eq!(count((0, u64::MAX), UNREAD_MOST), 150);
        assert_eq!(count((100, 200), UNREAD_MOST), 50);
        assert_eq!(count((0, u64::MAX), 7), 7);
        assert_eq!(count((300, u64::MAX), 7), 0);
    }

    /// Prints what a view costs in a long room; fails only if it reads the whole of it.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    fn views_of_ten_thousand_lines_are_quick() {
        // The smallest of five: what else the machine does only adds to it.
        let cost = |read: &dyn Fn()| {
            let times = (0..5).map(|_| {
                let start = std::time::Instant::now();
                read();
                start.elapsed()
            });
            times.min().unwrap_or_default()
        };
        let vault = room_with(10_000);
        let view = cost(&|| {
            before(&vault, ROOM, u64::MAX, 50).expect("reads");
            last(&vault, ROOM).expect("reads");
        });
        let count = cost(&|| {
            let unread = said_by_others(&vault, ROOM, person(1), (0, u64::MAX), UNREAD_MOST);
            assert_eq!(unread.expect("reads"), UNREAD_MOST);
        });
        let all = cost(&|| {
            after(&vault, ROOM, 0, usize::MAX).expect("reads");
        });
        println!("page and last line {view:?}, {UNREAD_MOST} unread {count:?}, all lines {all:?}");
        assert!(
            view < all / 10,
            "a page costs {view:?}, the whole room {all:?}"
        );
    }
}

//! The consent ledger: who agreed to which text, and who took it back. It outlives the
//! lines of the timeline, because it is the proof that they were allowed to be there.

use serde::{Deserialize, Serialize};
use siegel_proto::content::{Content, Kind, Notice};
use siegel_proto::ids::{ContentHash, PersonId, RoomId};

use super::Room;
use crate::client::Client;
use crate::error::Error;
use crate::moment::Timestamp;
use crate::vault::{Table, Vault};

const CONSENT: Table = Table::new("consent");
const NOTICE: Table = Table::new("notice");

/// A text and what one person decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRecord {
    /// Who.
    pub person: PersonId,
    /// Which text.
    pub notice_version: String,
    /// In which language, BCP 47.
    pub language: String,
    /// Of the text as it was shown.
    pub notice_hash: ContentHash,
    /// The text, if it was shown in this room; a consent to another one is worth nothing.
    pub notice: Option<Notice>,
    /// When the person agreed, by their clock; `None` if they only ever refused.
    pub given_at: Option<Timestamp>,
    /// When the person took it back, by their clock.
    pub withdrawn_at: Option<Timestamp>,
}

impl ConsentRecord {
    /// Whether it holds now.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.notice.is_some() && self.given_at.is_some() && self.withdrawn_at.is_none()
    }
}

/// A decision, as it is stored.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Decision {
    person: PersonId,
    notice_version: String,
    language: String,
    notice_hash: ContentHash,
    granted: bool,
    at: Timestamp,
}

/// Keeps a text that a consent may name.
pub(super) fn keep_notice(vault: &Vault, room: RoomId, notice: &Notice) -> Result<(), Error> {
    let hash = ContentHash::of(notice.body.as_bytes());
    Ok(vault.put(Room::scope(room), NOTICE, hash.as_bytes(), notice)?)
}

/// Writes a decision down, behind the others of the room.
pub(super) fn record(
    vault: &Vault,
    room: RoomId,
    person: PersonId,
    content: &Content,
) -> Result<(), Error> {
    let Kind::Consent {
        notice_version,
        language,
        granted,
        notice_hash,
    } = content.kind.clone()
    else {
        return Ok(());
    };
    let decision = Decision {
        person,
        notice_version,
        language,
        notice_hash,
        granted,
        at: Timestamp::from_seconds(content.sent_at),
    };
    let scope = Room::scope(room);
    // After the relay was put back a decision may come once more.
    let known = vault.scan::<Decision>(scope, CONSENT, &[])?;
    if known.iter().any(|(_, other)| *other == decision) {
        return Ok(());
    }
    let last = vault.keys_before(scope, CONSENT, None, 1);
    let last = last.first().and_then(|key| key[..].try_into().ok());
    let number = last.map_or(0, u64::from_be_bytes) + 1;
    Ok(vault.put(scope, CONSENT, &number.to_be_bytes(), &decision)?)
}

impl Client {
    /// What people in a room agreed to and took back, oldest first. A text that was agreed
    /// to again after it was taken back stands twice.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn consents(&self, room: RoomId) -> Result<Vec<ConsentRecord>, Error> {
        let scope = Room::scope(room);
        let mut records: Vec<ConsentRecord> = Vec::new();
        for (_, decision) in self.vault.scan::<Decision>(scope, CONSENT, &[])? {
            let open = records.iter_mut().rev().find(|record| {
                record.person == decision.person
                    && record.notice_hash == decision.notice_hash
                    && record.notice_version == decision.notice_version
                    && record.withdrawn_at.is_none()
            });
            match (open, decision.granted) {
                (Some(_), true) => {}
                (Some(record), false) => record.withdrawn_at = Some(decision.at),
                (None, granted) => records.push(ConsentRecord {
                    notice: (self.vault).get(scope, NOTICE, decision.notice_hash.as_bytes())?,
                    person: decision.person,
                    notice_version: decision.notice_version,
                    language: decision.language,
                    notice_hash: decision.notice_hash,
                    given_at: granted.then_some(decision.at),
                    withdrawn_at: (!granted).then_some(decision.at),
                }),
            }
        }
        Ok(records)
    }
}

//! What is inside the ciphertext: messages as people know them.

use bytes::Bytes;
use prost::Message as _;

use crate::availability::Availability;
use crate::capsule::BearerToken;
use crate::card::DataCard;
use crate::error::{Malformed, OutOfBounds, Part};
use crate::ids::{BlobId, ContentHash, MessageId, PersonId};
use crate::wire::{self, content::Kind as WireKind};
use crate::{label, limits, padding, signing};

pub use wire::ReceiptKind;

/// The version of contents this build writes.
pub const VERSION: u32 = 1;

/// One content with its place among its author's contents.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Content {
    /// The same as the entry's.
    pub message: MessageId,
    /// Counts this device's contents in this room from 1.
    pub counter: u64,
    /// Chain over this device's contents, see [`Content::chain`].
    pub previous: ContentHash,
    /// The log as the author had processed it.
    pub log_seq: u64,
    /// Chain over that log.
    pub log_hash: ContentHash,
    /// The author's clock, seconds since 1970.
    pub sent_at: i64,
    /// Whom it names and where it comes from.
    #[serde(default)]
    pub extras: Extras,
    /// What is said.
    pub kind: Kind,
}

/// What any content can carry beside what it says.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Extras {
    /// People the text names: their devices tell them.
    pub mentions: Vec<PersonId>,
    /// It was said elsewhere before.
    pub forwarded: Option<Forwarded>,
}

/// Where a forwarded content comes from, as the forwarder says.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Forwarded {
    /// Taken out of another room; a reason is then given.
    pub crossed: bool,
    /// Why it was carried from one room into another.
    pub reason: String,
    /// Who said it first, by the name the forwarder knows; may be empty.
    pub author: String,
    /// When it was said first, seconds since 1970; 0 if that is not told.
    pub said_at: i64,
}

/// What can be said.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    /// Text, perhaps a reply.
    Text {
        /// What is said.
        body: String,
        /// The message this answers.
        reply_to: Option<MessageId>,
    },
    /// A new body for an own message.
    Edit {
        /// The message.
        target: MessageId,
        /// Its new body.
        body: String,
    },
    /// An own message goes on all devices.
    Delete {
        /// The message.
        target: MessageId,
    },
    /// An emoji at a message; empty takes it back.
    Reaction {
        /// The message.
        target: MessageId,
        /// One emoji or nothing.
        emoji: String,
    },
    /// A file.
    Attachment(Attachment),
    /// Everything up to a number has arrived or was read.
    Receipt {
        /// Whether the log was read or only arrived.
        read: bool,
        /// The number.
        up_to: u64,
    },
    /// Somebody is typing or stopped.
    Typing {
        /// Typing now.
        active: bool,
    },
    /// A text a client must see.
    Notice(Notice),
    /// A decision about a notice.
    Consent {
        /// Which text.
        notice_version: String,
        /// In which language, BCP 47.
        language: String,
        /// Agreed or withdrawn.
        granted: bool,
        /// Of the body that was shown.
        notice_hash: ContentHash,
    },
    /// How long messages of this room live, days.
    RetentionChange {
        /// 1 up to [`limits::EXPIRY_DAYS`].
        days: u32,
    },
    /// The author asks to be removed.
    Leave,
    /// The author verified a person.
    Verified {
        /// Whom.
        person: PersonId,
    },
    /// The author's device cannot process a commit.
    CommitRefused {
        /// The commit's number.
        seq: u64,
        /// Of its payload.
        payload_hash: ContentHash,
    },
    /// What there is to know about a person.
    DataCard(DataCard),
    /// When the author reads, and whom to call when nobody does.
    Availability(Availability),
    /// Something a later version says. Shown as such, never dropped.
    TooNew,
}

/// A text a client must see, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// Which text: "2026-11".
    pub version: String,
    /// BCP 47.
    pub language: String,
    /// The text.
    pub body: String,
}

/// A file: where its ciphertext lies and how to read it.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Attachment {
    /// The blob.
    pub blob: BlobId,
    /// Reads and deletes the blob.
    pub secret: BearerToken,
    /// Key of this file alone.
    #[serde(with = "serde_bytes")]
    pub key: [u8; 32],
    /// Of the ciphertext.
    pub hash: ContentHash,
    /// Bytes of ciphertext, a blob bucket.
    pub sealed_size: u64,
    /// Bytes of plaintext.
    pub size: u64,
    /// Display text, never a path.
    pub file_name: String,
    /// As the sender names it.
    pub media_type: String,
    /// Sent along; may be empty.
    pub caption: String,
    /// It is a voice note.
    #[serde(default)]
    pub voice: Option<Box<Voice>>,
}

/// What a voice note shows before it is fetched.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Voice {
    /// How long it lasts.
    pub duration_ms: u32,
    /// Loudness over time, one byte for each bar; may be empty.
    #[serde(with = "serde_bytes")]
    pub waveform: Vec<u8>,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({:?}, {} bytes)", self.blob, self.size)
    }
}

impl Content {
    /// Encodes and fills up so that the ciphertext, which is `overhead` bytes longer,
    /// ends on a bucket. `None` if the content is too large.
    pub fn encode_padded(&self, overhead: usize) -> Option<Vec<u8>> {
        let bytes = self.to_wire().encode_to_vec();
        let length = u32::try_from(bytes.len()).ok()?;
        let size = padding::bucket(4 + bytes.len() + overhead)? - overhead;
        let mut out = Vec::with_capacity(size);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&bytes);
        out.resize(size, 0);
        Some(out)
    }

    /// Reads what [`Content::encode_padded`] wrote, whoever wrote it.
    ///
    /// # Errors
    /// [`Malformed`] if it does not parse or a part is above its limit. A kind or version
    /// this build does not know is not an error but [`Kind::TooNew`].
    pub fn decode_padded(padded: &[u8]) -> Result<Self, Malformed> {
        let (length, rest) = padded
            .split_first_chunk::<4>()
            .ok_or(Malformed("content"))?;
        let bytes = rest
            .get(..u32::from_be_bytes(*length) as usize)
            .ok_or(Malformed("content"))?;
        wire::Content::decode(bytes)
            .map_err(|_| Malformed("content"))?
            .try_into()
    }

    /// The next link of the chain over a device's contents: goes into the `previous` of
    /// the content after this one.
    pub fn chain(&self) -> ContentHash {
        let bytes = self.to_wire().encode_to_vec();
        let message = signing::message(label::CONTENT_CHAIN, &[self.previous.as_bytes(), &bytes]);
        ContentHash::of(&message)
    }

    fn to_wire(&self) -> wire::Content {
        wire::Content {
            version: VERSION,
            message_id: self.message.to_wire(),
            counter: self.counter,
            previous: self.previous.to_wire(),
            log_seq: self.log_seq,
            log_hash: self.log_hash.to_wire(),
            sent_at: self.sent_at,
            mentions: (self.extras.mentions.iter())
                .map(|person| person.to_wire())
                .collect(),
            forwarded: self.extras.forwarded.clone().map(Into::into),
            kind: self.kind.to_wire(),
        }
    }
}

impl Extras {
    /// Whether every part is within its limit; to be asked before anything is stored.
    ///
    /// # Errors
    /// [`OutOfBounds`] naming the part.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        if self.mentions.len() > limits::MENTIONS {
            return Err(OutOfBounds(Part::Mentions));
        }
        let Some(forwarded) = &self.forwarded else {
            return Ok(());
        };
        if forwarded.author.len() > limits::NAME_BYTES {
            return Err(OutOfBounds(Part::Name));
        }
        let given = !forwarded.reason.trim().is_empty();
        if forwarded.reason.len() > limits::NOTE_BYTES || (forwarded.crossed && !given) {
            return Err(OutOfBounds(Part::Reason));
        }
        Ok(())
    }

    fn from_wire(
        mentions: &[Bytes],
        forwarded: Option<wire::Forwarded>,
    ) -> Result<Self, Malformed> {
        let extras = Self {
            mentions: mentions
                .iter()
                .map(|person| PersonId::from_slice(person))
                .collect::<Result<_, _>>()?,
            forwarded: forwarded.map(Into::into),
        };
        extras.check()?;
        Ok(extras)
    }
}

impl From<Forwarded> for wire::Forwarded {
    fn from(forwarded: Forwarded) -> Self {
        Self {
            crossed: forwarded.crossed,
            reason: forwarded.reason,
            author: forwarded.author,
            said_at: forwarded.said_at,
        }
    }
}

impl From<wire::Forwarded> for Forwarded {
    fn from(wire: wire::Forwarded) -> Self {
        Self {
            crossed: wire.crossed,
            reason: wire.reason,
            author: wire.author,
            said_at: wire.said_at,
        }
    }
}

impl Notice {
    /// Whether every part is within its limit.
    ///
    /// # Errors
    /// [`OutOfBounds`] naming the part.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        if self.version.len() > limits::NAME_BYTES {
            return Err(OutOfBounds(Part::Name));
        }
        if self.language.len() > limits::NAME_BYTES {
            return Err(OutOfBounds(Part::Name));
        }
        if self.body.len() > limits::NOTICE_BYTES {
            return Err(OutOfBounds(Part::Notice));
        }
        Ok(())
    }
}

impl From<&Notice> for wire::Notice {
    fn from(notice: &Notice) -> Self {
        Self {
            notice_version: notice.version.clone(),
            language: notice.language.clone(),
            body: notice.body.clone(),
        }
    }
}

impl From<wire::Notice> for Notice {
    fn from(wire: wire::Notice) -> Self {
        Self {
            version: wire.notice_version,
            language: wire.language,
            body: wire.body,
        }
    }
}

impl Kind {
    /// Whether every part is within its limit; to be asked before anything is stored.
    ///
    /// # Errors
    /// [`OutOfBounds`] naming the part.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        let fits = |part: Part, length: usize, most: usize| {
            if length <= most {
                Ok(())
            } else {
                Err(OutOfBounds(part))
            }
        };
        match self {
            Self::Text { body, .. } | Self::Edit { body, .. } => {
                fits(Part::Text, body.len(), limits::TEXT_BYTES)
            }
            Self::Reaction { emoji, .. } => fits(Part::Reaction, emoji.len(), limits::EMOJI_BYTES),
            Self::Attachment(file) => {
                fits(Part::File, file.file_name.len(), limits::NAME_BYTES)?;
                fits(Part::File, file.media_type.len(), limits::NAME_BYTES)?;
                fits(Part::Text, file.caption.len(), limits::TEXT_BYTES)?;
                let sizes = file.size <= limits::FILE_BYTES
                    && padding::is_blob_bucket(file.sealed_size)
                    && file.size < file.sealed_size;
                if !sizes {
                    return Err(OutOfBounds(Part::File));
                }
                match &file.voice {
                    Some(voice)
                        if voice.duration_ms > limits::VOICE_MS
                            || voice.waveform.len() > limits::WAVEFORM_BYTES =>
                    {
                        Err(OutOfBounds(Part::VoiceNote))
                    }
                    _ => Ok(()),
                }
            }
            Self::DataCard(card) => card.check(),
            Self::Availability(availability) => availability.check(),
            Self::Notice(notice) => notice.check(),
            Self::Consent {
                notice_version,
                language,
                ..
            } => {
                fits(Part::Name, notice_version.len(), limits::NAME_BYTES)?;
                fits(Part::Name, language.len(), limits::NAME_BYTES)
            }
            Self::RetentionChange { days } => {
                if (1..=limits::EXPIRY_DAYS).contains(days) {
                    Ok(())
                } else {
                    Err(OutOfBounds(Part::Retention))
                }
            }
            Self::Delete { .. }
            | Self::Receipt { .. }
            | Self::Typing { .. }
            | Self::Leave
            | Self::Verified { .. }
            | Self::CommitRefused { .. }
            | Self::TooNew => Ok(()),
        }
    }

    fn to_wire(&self) -> Option<WireKind> {
        Some(match self.clone() {
            Self::Text { body, reply_to } => WireKind::Text(wire::Text {
                body,
                reply_to: reply_to.map(MessageId::to_wire).unwrap_or_default(),
            }),
            Self::Edit { target, body } => WireKind::Edit(wire::Edit {
                target: target.to_wire(),
                body,
            }),
            Self::Delete { target } => WireKind::Delete(wire::Delete {
                target: target.to_wire(),
            }),
            Self::Reaction { target, emoji } => WireKind::Reaction(wire::Reaction {
                target: target.to_wire(),
                emoji,
            }),
            Self::Attachment(file) => WireKind::Attachment(wire::Attachment {
                blob_id: file.blob.to_wire(),
                blob_secret: Bytes::copy_from_slice(file.secret.as_bytes()),
                key: Bytes::copy_from_slice(&file.key),
                hash: file.hash.to_wire(),
                sealed_size: file.sealed_size,
                size: file.size,
                file_name: file.file_name,
                media_type: file.media_type,
                caption: file.caption,
                voice: file.voice.map(|voice| wire::Voice {
                    duration_ms: voice.duration_ms,
                    waveform: voice.waveform.into(),
                }),
            }),
            Self::DataCard(card) => WireKind::DataCard(card.to_wire()),
            Self::Availability(said) => WireKind::Availability(said.into()),
            Self::Receipt { read, up_to } => {
                let kind = if read {
                    ReceiptKind::Read
                } else {
                    ReceiptKind::Delivered
                };
                WireKind::Receipt(wire::Receipt {
                    kind: kind.into(),
                    up_to,
                })
            }
            Self::Typing { active } => WireKind::Typing(wire::Typing { active }),
            Self::Notice(notice) => WireKind::Notice((&notice).into()),
            Self::Consent {
                notice_version,
                language,
                granted,
                notice_hash,
            } => WireKind::Consent(wire::Consent {
                notice_version,
                language,
                granted,
                notice_hash: notice_hash.to_wire(),
            }),
            Self::RetentionChange { days } => {
                WireKind::RetentionChange(wire::RetentionChange { days })
            }
            Self::Leave => WireKind::System(wire::System {
                event: Some(wire::system::Event::Leave(wire::system::Leave {})),
            }),
            Self::Verified { person } => WireKind::System(wire::System {
                event: Some(wire::system::Event::Verified(wire::system::Verified {
                    person_id: person.to_wire(),
                })),
            }),
            Self::CommitRefused { seq, payload_hash } => WireKind::System(wire::System {
                event: Some(wire::system::Event::CommitRefused(
                    wire::system::CommitRefused {
                        seq,
                        payload_hash: payload_hash.to_wire(),
                    },
                )),
            }),
            Self::TooNew => return None,
        })
    }
}

impl TryFrom<wire::Content> for Content {
    type Error = Malformed;

    fn try_from(wire: wire::Content) -> Result<Self, Malformed> {
        let kind = match (wire.version, wire.kind) {
            (VERSION, Some(kind)) => kind_from_wire(kind)?,
            (0, _) => return Err(Malformed("content version")),
            _ => Kind::TooNew,
        };
        kind.check()?;
        Ok(Self {
            message: MessageId::from_slice(&wire.message_id)?,
            counter: wire.counter,
            previous: ContentHash::from_slice(&wire.previous)?,
            log_seq: wire.log_seq,
            log_hash: ContentHash::from_slice(&wire.log_hash)?,
            sent_at: wire.sent_at,
            extras: Extras::from_wire(&wire.mentions, wire.forwarded)?,
            kind,
        })
    }
}

fn kind_from_wire(kind: WireKind) -> Result<Kind, Malformed> {
    Ok(match kind {
        WireKind::Text(wire) => Kind::Text {
            reply_to: match wire.reply_to.is_empty() {
                true => None,
                false => Some(MessageId::from_slice(&wire.reply_to)?),
            },
            body: wire.body,
        },
        WireKind::Edit(wire) => Kind::Edit {
            target: MessageId::from_slice(&wire.target)?,
            body: wire.body,
        },
        WireKind::Delete(wire) => Kind::Delete {
            target: MessageId::from_slice(&wire.target)?,
        },
        WireKind::Reaction(wire) => Kind::Reaction {
            target: MessageId::from_slice(&wire.target)?,
            emoji: wire.emoji,
        },
        WireKind::Attachment(wire) => Kind::Attachment(Attachment {
            blob: BlobId::from_slice(&wire.blob_id)?,
            secret: BearerToken::from_slice(&wire.blob_secret)?,
            key: wire.key[..].try_into().map_err(|_| Malformed("file key"))?,
            hash: ContentHash::from_slice(&wire.hash)?,
            sealed_size: wire.sealed_size,
            size: wire.size,
            file_name: wire.file_name,
            media_type: wire.media_type,
            caption: wire.caption,
            voice: wire.voice.map(|voice| {
                Box::new(Voice {
                    duration_ms: voice.duration_ms,
                    waveform: voice.waveform.into(),
                })
            }),
        }),
        WireKind::DataCard(wire) => Kind::DataCard(DataCard::from_wire(wire)),
        WireKind::Availability(wire) => Kind::Availability(wire.into()),
        WireKind::Receipt(wire) => match wire.kind() {
            ReceiptKind::Delivered => Kind::Receipt {
                read: false,
                up_to: wire.up_to,
            },
            ReceiptKind::Read => Kind::Receipt {
                read: true,
                up_to: wire.up_to,
            },
            ReceiptKind::Unspecified => Kind::TooNew,
        },
        WireKind::Typing(wire) => Kind::Typing {
            active: wire.active,
        },
        WireKind::Notice(wire) => Kind::Notice(wire.into()),
        WireKind::Consent(wire) => Kind::Consent {
            notice_version: wire.notice_version,
            language: wire.language,
            granted: wire.granted,
            notice_hash: ContentHash::from_slice(&wire.notice_hash)?,
        },
        WireKind::RetentionChange(wire) => Kind::RetentionChange { days: wire.days },
        WireKind::System(wire) => match wire.event {
            Some(wire::system::Event::Leave(_)) => Kind::Leave,
            Some(wire::system::Event::Verified(wire)) => Kind::Verified {
                person: PersonId::from_slice(&wire.person_id)?,
            },
            Some(wire::system::Event::CommitRefused(wire)) => Kind::CommitRefused {
                seq: wire.seq,
                payload_hash: ContentHash::from_slice(&wire.payload_hash)?,
            },
            None => Kind::TooNew,
        },
    })
}

/// The plaintext of an entry's payload: an MLS message and, in commits and resets, a
/// Welcome for members that have no inbox.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Payload {
    /// `MLSMessage` (RFC 9420, section 6).
    pub mls: Bytes,
    /// A sealed Welcome, or nothing.
    pub welcome: Bytes,
}

impl Payload {
    /// Encodes and pads. `None` if it is too large.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let wire = wire::Payload {
            mls: self.mls.clone(),
            welcome: self.welcome.clone(),
        };
        padding::pad(&wire.encode_to_vec())
    }

    /// Reads what [`Payload::encode`] wrote.
    ///
    /// # Errors
    /// [`Malformed`] if it does not parse.
    pub fn decode(padded: &[u8]) -> Result<Self, Malformed> {
        let wire =
            wire::Payload::decode(padding::unpad(padded)?).map_err(|_| Malformed("payload"))?;
        Ok(Self {
            mls: wire.mls,
            welcome: wire.welcome,
        })
    }
}

/// One link of the chain over a room's log; see `docs/protocol/log.md`.
pub fn log_chain(
    previous: &ContentHash,
    seq: u64,
    kind: wire::EntryKind,
    payload: &ContentHash,
) -> ContentHash {
    let parts: [&[u8]; 4] = [
        previous.as_bytes(),
        &seq.to_be_bytes(),
        &(kind as i32).to_be_bytes(),
        payload.as_bytes(),
    ];
    ContentHash::of(&signing::message(label::LOG_CHAIN, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::WeeklySpan;
    use crate::card::{CardField, FieldKind};

    fn content(kind: Kind) -> Content {
        Content {
            message: MessageId::new([1; 16]),
            counter: 4,
            previous: ContentHash::new([2; 32]),
            log_seq: 9,
            log_hash: ContentHash::new([3; 32]),
            sent_at: 1_790_000_000,
            extras: Extras::default(),
            kind,
        }
    }

    #[test]
    fn a_card_and_hours_come_back_as_they_were_said() {
        let card = DataCard {
            fields: vec![CardField {
                kind: FieldKind::BirthDate,
                label: String::new(),
                value: "1998-03-14".into(),
                expires_day: 20_800,
            }],
        };
        let hours = Availability {
            spans: vec![WeeklySpan {
                weekday: 1,
                from_minute: 540,
                to_minute: 1_020,
            }],
            time_zone: "Europe/Berlin".into(),
            ..Availability::default()
        };
        for kind in [Kind::DataCard(card), Kind::Availability(hours)] {
            let content = content(kind);
            let padded = content.encode_padded(0).expect("fits");
            assert_eq!(Content::decode_padded(&padded), Ok(content));
        }
    }

    #[test]
    fn what_crosses_rooms_gives_a_reason() {
        let mut content = content(Kind::Leave);
        content.extras.mentions = vec![PersonId::new([4; 16])];
        content.extras.forwarded = Some(Forwarded {
            crossed: true,
            reason: "Fallübergabe".into(),
            author: "Anna".into(),
            said_at: 5,
        });
        let padded = content.encode_padded(0).expect("fits");
        assert_eq!(Content::decode_padded(&padded).as_ref(), Ok(&content));
        content.extras.forwarded = Some(Forwarded {
            crossed: true,
            reason: "  ".into(),
            ..Forwarded::default()
        });
        assert!(content.extras.check().is_err());
        let padded = content.encode_padded(0).expect("fits");
        assert!(Content::decode_padded(&padded).is_err());
    }

    #[test]
    fn a_later_kind_or_version_is_shown_not_dropped() {
        let mut wire = content(Kind::Leave).to_wire();
        wire.version = 2;
        assert_eq!(
            Content::try_from(wire.clone()).map(|c| c.kind),
            Ok(Kind::TooNew)
        );
        wire.version = VERSION;
        wire.kind = None;
        assert_eq!(Content::try_from(wire).map(|c| c.kind), Ok(Kind::TooNew));
    }

    #[test]
    fn padded_contents_end_on_a_bucket_and_round_trip() {
        for length in [0, 1, 100, 250, 251, 1_000, 5_000, limits::TEXT_BYTES] {
            let content = content(Kind::Text {
                body: "x".repeat(length),
                reply_to: None,
            });
            let padded = content.encode_padded(200).expect("fits");
            assert!(padding::is_bucket(padded.len() + 200));
            assert_eq!(Content::decode_padded(&padded), Ok(content));
        }
    }

    #[test]
    fn what_is_too_long_is_refused_on_both_sides() {
        let kind = Kind::Text {
            body: "x".repeat(limits::TEXT_BYTES + 1),
            reply_to: None,
        };
        assert_eq!(kind.check(), Err(OutOfBounds(Part::Text)));
        let padded = content(kind)
            .encode_padded(0)
            .expect("below the payload limit");
        assert!(Content::decode_padded(&padded).is_err());
    }
}

//! One line of a conversation.

use serde::Serialize;
use siegel_client_core::Client;
use siegel_client_core::room::receipts::{Reach, Receipts};
use siegel_client_core::room::timeline::{Body, Line};
use siegel_proto::card::{self, FieldKind};
use siegel_proto::ids::{PersonId, RoomId};

use super::output::Show;
use super::texts::Texts;
use super::{printable, when};
use crate::failure::Failure;
use crate::people;

/// A line as it is shown. Its JSON is stable: fields are added, never changed.
#[derive(Serialize)]
pub struct LineView {
    /// The room, in hexadecimal.
    room: String,
    /// Its number; absent while it waits in the outbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    /// Its id, if it is a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// Who, if somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<Author>,
    /// Seconds since 1970 by the author's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<i64>,
    /// What it says.
    #[serde(flatten)]
    said: Said,
    /// The author changed it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    edited: bool,
    /// Who reacted how.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<Reaction>,
    /// People it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<String>,
    /// It was said elsewhere before.
    #[serde(skip_serializing_if = "Option::is_none")]
    forwarded: Option<Forwarded>,
    /// How far an own message got.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<Delivery>,
    #[serde(skip)]
    head: String,
}

#[derive(Serialize)]
struct Delivery {
    /// People beside oneself who were in the room.
    people: usize,
    /// How many of them have it.
    delivered: usize,
    /// Who has read it, as far as they tell.
    read_by: Vec<String>,
    #[serde(skip)]
    reach: Reach,
}

#[derive(Serialize)]
struct Author {
    person: String,
    name: String,
    own: bool,
}

#[derive(Serialize)]
struct Forwarded {
    crossed: bool,
    reason: String,
    author: String,
    said_at: i64,
}

/// A field of a data card.
#[derive(Serialize)]
struct CardField {
    kind: &'static str,
    label: String,
    /// Absent once its day has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip)]
    name: String,
}

#[derive(Serialize)]
struct Reaction {
    person: String,
    emoji: String,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Said {
    Text {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_to: Option<String>,
    },
    Attachment {
        file_name: String,
        media_type: String,
        size: u64,
        caption: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        voice_ms: Option<u32>,
    },
    DataCard {
        fields: Vec<CardField>,
    },
    Notice {
        version: String,
        language: String,
        text: String,
    },
    Consent {
        version: String,
        language: String,
        granted: bool,
    },
    /// Everything that is no message of somebody: `event` says what.
    Event {
        event: &'static str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        people: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        count: Option<u64>,
        #[serde(skip)]
        sentence: String,
    },
}

impl LineView {
    /// Prepares a line of a room.
    pub fn new(client: &Client, room: RoomId, line: Line, texts: Texts) -> Result<Self, Failure> {
        let own = client
            .profile()
            .map_err(crate::driver::DriverError::from)?
            .person;
        let author = line
            .author
            .map(|person| author(client, person, own, texts))
            .transpose()?;
        let said = said(client, line.body, texts)?;
        let reactions = line
            .reactions
            .into_iter()
            .map(|(person, emoji)| Reaction {
                person: people::hex(person.as_bytes()),
                emoji,
            })
            .collect();
        let head = head(line.seq, author.as_ref(), line.sent_at);
        Ok(Self {
            room: people::hex(room.as_bytes()),
            seq: Some(line.seq),
            message: line.message.map(|message| people::hex(message.as_bytes())),
            author,
            sent_at: line
                .sent_at
                .map(siegel_client_core::moment::Timestamp::seconds),
            said,
            edited: line.edited,
            reactions,
            mentions: (line.extras.mentions.iter())
                .map(|person| people::hex(person.as_bytes()))
                .collect(),
            forwarded: line.extras.forwarded.map(|forwarded| Forwarded {
                crossed: forwarded.crossed,
                reason: forwarded.reason,
                author: forwarded.author,
                said_at: forwarded.said_at,
            }),
            delivery: None,
            head,
        })
    }

    /// The same with how far it got, if it is an own message.
    #[must_use]
    pub fn with_delivery(mut self, receipts: &Receipts) -> Self {
        let own = self.author.as_ref().is_some_and(|author| author.own);
        let seq = self.seq.filter(|_| own && self.message.is_some());
        self.delivery = seq.map(|seq| {
            let reach = receipts.reach(seq);
            let read_by = reach.read_by.iter();
            Delivery {
                people: reach.people,
                delivered: reach.delivered,
                read_by: (read_by.map(|person| people::hex(person.as_bytes()))).collect(),
                reach,
            }
        });
        self
    }
}

impl Show for LineView {
    fn text(&self, texts: Texts) -> String {
        const INDENT: &str = "      ";
        let said = match &self.said {
            Said::Text { text, .. } => printable::lines(text, INDENT),
            Said::Attachment {
                file_name,
                size,
                caption,
                voice_ms,
                ..
            } => {
                let file = match voice_ms {
                    Some(ms) => texts.voice_note(ms.div_ceil(1_000)),
                    None => texts.attachment(printable::line(file_name), when::size(*size)),
                };
                match caption.is_empty() {
                    true => file,
                    false => format!("{file}\n{INDENT}{}", printable::lines(caption, INDENT)),
                }
            }
            Said::DataCard { fields } => {
                let mut card = texts.data_card();
                for field in fields {
                    let value = match &field.value {
                        Some(value) => printable::lines(value, INDENT),
                        None => texts.expired_field(),
                    };
                    card.push_str(&format!("\n{INDENT}{}: {value}", field.name));
                }
                card
            }
            Said::Notice { version, text, .. } => {
                let title = texts.notice(printable::line(version));
                format!("{title}\n{INDENT}{}", printable::lines(text, INDENT))
            }
            Said::Consent {
                version,
                granted: true,
                ..
            } => texts.consented(printable::line(version)),
            Said::Consent {
                version,
                granted: false,
                ..
            } => texts.withdrew(printable::line(version)),
            Said::Event { sentence, .. } => format!("* {sentence}"),
        };
        let edited = if self.edited {
            format!(" ({})", texts.edited())
        } else {
            String::new()
        };
        let reactions: String = self
            .reactions
            .iter()
            .map(|reaction| format!(" [{}]", printable::line(&reaction.emoji)))
            .collect();
        let forwarded = match &self.forwarded {
            Some(forwarded) => {
                let author = printable::line(&forwarded.author);
                let mark = texts.forwarded(author, printable::line(&forwarded.reason));
                format!("{mark}\n{INDENT}")
            }
            None => String::new(),
        };
        let delivery = match self.delivery.as_ref().map(|delivery| &delivery.reach) {
            Some(reach) if !reach.read_by.is_empty() => {
                format!(" ({})", texts.read_by(reach.read_by.len(), reach.tell))
            }
            Some(reach) if reach.is_delivered() => format!(" ({})", texts.delivered()),
            _ => String::new(),
        };
        format!(
            "{}{forwarded}{said}{edited}{reactions}{delivery}",
            self.head
        )
    }
}

fn head(
    seq: u64,
    author: Option<&Author>,
    at: Option<siegel_client_core::moment::Timestamp>,
) -> String {
    let at = at
        .map(|at| format!("{}  ", when::minute(at)))
        .unwrap_or_default();
    let author = author
        .map(|author| format!("{}: ", author.name))
        .unwrap_or_default();
    format!("{seq:>5} {at}{author}")
}

fn author(
    client: &Client,
    person: PersonId,
    own: PersonId,
    texts: Texts,
) -> Result<Author, Failure> {
    let name = people::name(client, person, texts)?;
    Ok(Author {
        person: people::hex(person.as_bytes()),
        name,
        own: person == own,
    })
}

fn field(field: card::CardField, texts: Texts) -> CardField {
    let (kind, name) = match field.kind {
        FieldKind::Name => ("name", texts.field_name()),
        FieldKind::BirthDate => ("birth_date", texts.field_birth_date()),
        FieldKind::Address => ("address", texts.field_address()),
        FieldKind::Phone => ("phone", texts.field_phone()),
        FieldKind::Other | FieldKind::Unspecified => ("other", printable::line(&field.label)),
    };
    CardField {
        kind,
        label: field.label,
        value: (!field.value.is_empty()).then_some(field.value),
        name,
    }
}

fn said(client: &Client, body: Body, texts: Texts) -> Result<Said, Failure> {
    let event = |event, sentence| Said::Event {
        event,
        people: Vec::new(),
        count: None,
        sentence,
    };
    let counted = |event, count, sentence| Said::Event {
        event,
        people: Vec::new(),
        count: Some(count),
        sentence,
    };
    let about = |event, persons: &[PersonId], sentence: &dyn Fn(String) -> String| {
        let names: Result<Vec<_>, Failure> = persons
            .iter()
            .map(|person| people::name(client, *person, texts))
            .collect();
        let people = persons
            .iter()
            .map(|person| people::hex(person.as_bytes()))
            .collect();
        let sentence = sentence(names?.join(", "));
        Ok::<_, Failure>(Said::Event {
            event,
            people,
            count: None,
            sentence,
        })
    };
    Ok(match body {
        Body::Text { body, reply_to } => Said::Text {
            text: body,
            reply_to: reply_to.map(|message| people::hex(message.as_bytes())),
        },
        Body::Attachment(file) => Said::Attachment {
            file_name: file.file_name,
            media_type: file.media_type,
            size: file.size,
            caption: file.caption,
            voice_ms: file.voice.map(|voice| voice.duration_ms),
        },
        Body::DataCard(card) => Said::DataCard {
            fields: card.fields.into_iter().map(|f| field(f, texts)).collect(),
        },
        Body::Notice(notice) => Said::Notice {
            version: notice.version,
            language: notice.language,
            text: notice.body,
        },
        Body::Consent {
            notice_version: version,
            language,
            granted,
            ..
        } => Said::Consent {
            version,
            language,
            granted,
        },
        Body::Deleted => event("deleted", texts.deleted()),
        Body::RetentionChanged(days) => {
            counted("retention_changed", u64::from(days), texts.retention(days))
        }
        Body::Joined(persons) => about("joined", &persons, &|names| texts.joined(names))?,
        Body::Left(persons) => about("left", &persons, &|names| texts.left(names))?,
        Body::Arrived(person) => about("arrived", &[person], &|name| texts.guest_arrived(name))?,
        Body::DevicesChanged(person) => about("devices_changed", &[person], &|name| {
            texts.devices_changed(name)
        })?,
        Body::InfoChanged => event("info_changed", texts.info_changed()),
        Body::Verified(person) => about("verified", &[person], &|name| texts.verified_by(name))?,
        Body::LeaveAsked => event("leave_asked", texts.leave_asked()),
        Body::TooNew => event("too_new", texts.too_new()),
        Body::Unreadable => event("unreadable", texts.unreadable()),
        Body::Missing { entries } => counted("missing", entries, texts.missing(entries)),
        Body::AuthorGap { messages } => counted("author_gap", messages, texts.author_gap(messages)),
        Body::AuthorBroken => event("author_broken", texts.author_broken()),
        Body::SplitView => event("split_view", texts.split_view()),
        Body::CommitRefused => event("commit_refused", texts.commit_refused()),
        Body::CommitVoided => event("commit_voided", texts.commit_voided()),
        Body::PutBack => event("put_back", texts.put_back()),
        Body::Reset => event("reset", texts.room_reset()),
    })
}

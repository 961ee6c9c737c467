//! "My data": everything this device has of its person's rooms, as one readable structure.
//! An app writes it to a file as JSON or HTML. It holds no keys and nothing that opens
//! anything: who reads the file can read, not take part.

use std::collections::BTreeMap;

use serde::Serialize;
use siegel_proto::card::FieldKind;
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::Kind;
use siegel_proto::ids::PersonId;

use crate::client::{Client, MemberView};
use crate::contact::Contact;
use crate::error::Error;
use crate::moment::Timestamp;
use crate::room::Stage;
use crate::room::timeline::{Body, Line};

/// Everything, in the words of the person's own device. Times are seconds since 1970.
#[derive(Clone, Debug, Serialize)]
pub struct MyData {
    /// When it was put together.
    pub made_at: Timestamp,
    /// The relay.
    pub origin: String,
    /// What the person is: "client", "staff", "admin".
    pub role: &'static str,
    /// The person's name, as colleagues see it; clients have none.
    pub name: String,
    /// How long messages are kept at most, days.
    pub retention_days: u32,
    /// Every room.
    pub rooms: Vec<RoomData>,
}

/// One room.
#[derive(Clone, Debug, Serialize)]
pub struct RoomData {
    /// Its title; may be empty.
    pub title: String,
    /// Whether this person is still in it.
    pub member: bool,
    /// Who is in it.
    pub members: Vec<PersonData>,
    /// What was agreed to and taken back.
    pub consents: Vec<ConsentData>,
    /// What was said, oldest first.
    pub lines: Vec<LineData>,
    /// What was said and has not left the device.
    pub waiting: Vec<String>,
    /// What was being written.
    pub draft: String,
}

/// One member.
#[derive(Clone, Debug, Serialize)]
pub struct PersonData {
    /// What they are called.
    pub name: String,
    /// What they are: "client", "staff", "admin".
    pub role: &'static str,
    /// The person whose data this is.
    pub own: bool,
}

/// One decision about a text.
#[derive(Clone, Debug, Serialize)]
pub struct ConsentData {
    /// Who decided.
    pub who: String,
    /// Which text.
    pub notice_version: String,
    /// In which language.
    pub language: String,
    /// The text, as far as this device has it.
    pub text: Option<String>,
    /// When it was agreed to.
    pub given_at: Option<Timestamp>,
    /// When that was taken back.
    pub withdrawn_at: Option<Timestamp>,
}

/// One line.
#[derive(Clone, Debug, Serialize)]
pub struct LineData {
    /// Who; empty for what the room itself says.
    pub who: String,
    /// Said by the person whose data this is.
    pub own: bool,
    /// When, by the author's clock; else when it was stored here.
    pub at: Timestamp,
    /// What kind: "text", "file", "voice note", "data card", "notice", "consent", "deleted",
    /// "event".
    pub kind: &'static str,
    /// What it says.
    pub text: String,
    /// Of a file.
    pub file_name: Option<String>,
    /// Of a file, bytes.
    pub file_size: Option<u64>,
    /// It was changed.
    pub edited: bool,
    /// Why it was forwarded, if it was.
    pub forwarded: Option<String>,
    /// Who reacted how.
    pub reactions: BTreeMap<String, String>,
}

impl Client {
    /// Puts everything together.
    ///
    /// # Errors
    /// [`Error::NotJoined`] before set-up or join; [`Error::Vault`] if a row cannot be read.
    pub fn my_data(&self, now: Timestamp) -> Result<MyData, Error> {
        let profile = self.profile()?;
        let mut rooms = Vec::new();
        for view in self.rooms()? {
            let members = match view.stage {
                Stage::Removed => Vec::new(),
                _ => self.members(view.room)?,
            };
            let names = Names::new(&members, &self.contacts()?, profile.person, &profile.name);
            let lines = self.timeline_after(view.room, 0, usize::MAX)?.into_iter();
            let consents = self.consents(view.room)?.into_iter();
            let waiting = self.outbox(view.room)?.into_iter();
            rooms.push(RoomData {
                title: view.title,
                member: view.stage != Stage::Removed && !view.shut,
                members: members.iter().map(person).collect(),
                consents: consents
                    .map(|record| ConsentData {
                        who: names.of(record.person),
                        notice_version: record.notice_version,
                        language: record.language,
                        text: record.notice.map(|notice| notice.body),
                        given_at: record.given_at,
                        withdrawn_at: record.withdrawn_at,
                    })
                    .collect(),
                lines: lines.map(|line| line_data(line, &names)).collect(),
                waiting: waiting
                    .filter_map(|item| match item.kind {
                        Some(Kind::Text { body, .. }) => Some(body),
                        Some(Kind::Attachment(file)) => Some(file.file_name),
                        _ => None,
                    })
                    .collect(),
                draft: view.own.draft.text,
            });
        }
        Ok(MyData {
            made_at: now,
            role: role(profile.role),
            retention_days: profile.policy.retention_days,
            origin: profile.origin,
            name: profile.name,
            rooms,
        })
    }
}

/// What people are called, those who have left as well.
struct Names {
    own: PersonId,
    names: BTreeMap<PersonId, String>,
}

impl Names {
    fn new(members: &[MemberView], contacts: &[Contact], own: PersonId, own_name: &str) -> Self {
        let known = contacts.iter().map(|c| (c.person, c.display_name()));
        let there = members.iter().map(|m| (m.person, m.name.as_str()));
        let mut names = BTreeMap::new();
        for (person, name) in known.chain(there) {
            if !name.is_empty() {
                names.insert(person, name.to_owned());
            }
        }
        if !own_name.is_empty() {
            names.insert(own, own_name.to_owned());
        }
        Self { own, names }
    }

    fn of(&self, person: PersonId) -> String {
        self.names.get(&person).cloned().unwrap_or_default()
    }

    fn all(&self, people: &[PersonId]) -> String {
        let names: Vec<String> = people.iter().map(|person| self.of(*person)).collect();
        names.join(", ")
    }
}

const fn role(role: PersonRole) -> &'static str {
    match role {
        PersonRole::Guest => "client",
        PersonRole::Admin => "admin",
        PersonRole::Staff | PersonRole::Unspecified => "staff",
    }
}

fn person(member: &MemberView) -> PersonData {
    PersonData {
        name: member.name.clone(),
        role: role(member.role),
        own: member.own,
    }
}

fn line_data(line: Line, names: &Names) -> LineData {
    let mut data = LineData {
        who: line.author.map(|a| names.of(a)).unwrap_or_default(),
        own: line.author == Some(names.own),
        at: line.sent_at.unwrap_or(line.stored_at),
        kind: "event",
        text: String::new(),
        file_name: None,
        file_size: None,
        edited: line.edited,
        forwarded: line.extras.forwarded.map(|forwarded| forwarded.reason),
        reactions: line
            .reactions
            .into_iter()
            .map(|(person, emoji)| (names.of(person), emoji))
            .collect(),
    };
    (data.kind, data.text) = match line.body {
        Body::Text { body, .. } => ("text", body),
        Body::Attachment(file) => {
            data.file_name = Some(file.file_name);
            data.file_size = Some(file.size);
            let kind = if file.voice.is_some() {
                "voice note"
            } else {
                "file"
            };
            (kind, file.caption)
        }
        Body::DataCard(card) => {
            let fields = card.fields.into_iter().map(|field| {
                let name = match field.kind {
                    FieldKind::Name => "name".to_owned(),
                    FieldKind::BirthDate => "birth date".to_owned(),
                    FieldKind::Address => "address".to_owned(),
                    FieldKind::Phone => "phone".to_owned(),
                    FieldKind::Other | FieldKind::Unspecified => field.label,
                };
                format!("{name}: {}", field.value)
            });
            ("data card", fields.collect::<Vec<_>>().join("\n"))
        }
        Body::Notice(notice) => ("notice", notice.body),
        Body::Consent { granted: true, .. } => ("consent", "given".to_owned()),
        Body::Consent { granted: false, .. } => ("consent", "withdrawn".to_owned()),
        Body::Deleted => ("deleted", String::new()),
        event => ("event", event_text(&event, names)),
    };
    data
}

fn event_text(body: &Body, names: &Names) -> String {
    match body {
        Body::RetentionChanged(days) => format!("messages live {days} days"),
        Body::Joined(people) => format!("joined: {}", names.all(people)),
        Body::Left(people) => format!("left: {}", names.all(people)),
        Body::Arrived(person) => format!("opened the invitation: {}", names.of(*person)),
        Body::DevicesChanged(person) => format!("devices changed: {}", names.of(*person)),
        Body::InfoChanged => "title or managers changed".to_owned(),
        Body::Verified(person) => format!("verified: {}", names.of(*person)),
        Body::LeaveAsked => "asked to leave".to_owned(),
        Body::TooNew => "a message this device is too old for".to_owned(),
        Body::Missing { entries } => format!("{entries} entries are missing"),
        Body::AuthorGap { messages } => format!("{messages} messages never arrived"),
        _ => "an entry that cannot be shown".to_owned(),
    }
}

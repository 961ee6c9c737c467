//! What people say to each other, and the envelopes around it.

use bytes::Bytes;
use siegel_proto::availability::{Availability, EmergencyNumber, WeeklySpan};
use siegel_proto::card::{CardField, DataCard, FieldKind};
use siegel_proto::content::{Attachment, Content, Extras, Forwarded, Kind, Notice, Payload, Voice};
use siegel_proto::group::{
    KeyPackageInfo, LeafInfo, Readmission, RoomInfo, SealedReadmission, SealedWelcome,
};
use siegel_proto::ids::ContentHash;
use siegel_proto::padding;
use siegel_proto::seat::{SeatClass, SeatToken};

use super::samples::*;
use super::wire::Case;

/// X-Wing's public keys.
const WELCOME_KEY_BYTES: usize = 1_216;

pub fn all() -> Vec<Case> {
    let contents = kinds().into_iter();
    let plain = |(name, kind)| said(name, kind, Extras::default());
    let mut cases: Vec<Case> = contents.map(plain).collect();
    cases.extend([
        said(
            "forwarded_and_mentioning",
            text("Siehe unten, @Anna"),
            extras(),
        ),
        payload(),
        leaf_info(),
        key_package_info(),
        room_info(),
        sealed_welcome(),
        readmission(),
        sealed_readmission(),
    ]);
    cases
}

fn kinds() -> Vec<(&'static str, Kind)> {
    let reply = Kind::Text {
        body: "Ja, um drei. 👍".into(),
        reply_to: Some(OTHER_MESSAGE),
    };
    let consent = Kind::Consent {
        notice_version: "2026-11".into(),
        language: "de".into(),
        granted: true,
        notice_hash: ContentHash::of(notice().body.as_bytes()),
    };
    vec![
        ("text", text("Grüße")),
        ("reply", reply),
        (
            "edit",
            Kind::Edit {
                target: OTHER_MESSAGE,
                body: "besser".into(),
            },
        ),
        (
            "delete",
            Kind::Delete {
                target: OTHER_MESSAGE,
            },
        ),
        (
            "reaction",
            Kind::Reaction {
                target: OTHER_MESSAGE,
                emoji: "👍".into(),
            },
        ),
        ("attachment", Kind::Attachment(attachment())),
        ("voice_note", Kind::Attachment(voice_note())),
        ("data_card", Kind::DataCard(card())),
        ("availability", Kind::Availability(availability())),
        (
            "receipt_delivered",
            Kind::Receipt {
                read: false,
                up_to: 8,
            },
        ),
        (
            "receipt_read",
            Kind::Receipt {
                read: true,
                up_to: 8,
            },
        ),
        ("typing", Kind::Typing { active: true }),
        ("notice", Kind::Notice(notice())),
        ("consent", consent),
        ("retention_change", Kind::RetentionChange { days: 30 }),
        ("leave", Kind::Leave),
        ("verified", Kind::Verified { person: GUEST }),
        (
            "commit_refused",
            Kind::CommitRefused {
                seq: 9,
                payload_hash: HASH,
            },
        ),
    ]
}

fn text(body: &str) -> Kind {
    Kind::Text {
        body: body.into(),
        reply_to: None,
    }
}

fn extras() -> Extras {
    Extras {
        mentions: vec![STAFF],
        forwarded: Some(Forwarded {
            crossed: true,
            reason: "Vertretung in der Urlaubszeit".into(),
            author: "Bo Krause".into(),
            said_at: TIME - 60,
        }),
    }
}

fn voice_note() -> Attachment {
    Attachment {
        file_name: "Sprachnachricht.webm".into(),
        media_type: "audio/webm".into(),
        voice: Some(Box::new(Voice {
            duration_ms: 4_200,
            waveform: vec![0, 80, 255, 12],
        })),
        ..attachment()
    }
}

fn card() -> DataCard {
    let field = |kind, label: &str, value: &str, expires_day| CardField {
        kind,
        label: label.into(),
        value: value.into(),
        expires_day,
    };
    DataCard {
        fields: vec![
            field(FieldKind::Name, "", "Kim Beispiel", 0),
            field(FieldKind::BirthDate, "", "1991-04-03", 20_800),
            field(FieldKind::Address, "", "Am Holunder 5", 20_800),
            field(FieldKind::Phone, "", "030 5550143", 20_790),
            field(FieldKind::Other, "Aktenzeichen", "J-17", 0),
        ],
    }
}

/// Also part of the policy's vector.
pub fn hours() -> Vec<WeeklySpan> {
    vec![WeeklySpan {
        weekday: 1,
        from_minute: 540,
        to_minute: 1_020,
    }]
}

/// Also part of the policy's vector.
pub fn emergency() -> Vec<EmergencyNumber> {
    vec![EmergencyNumber {
        label: "Krisendienst".into(),
        number: "030 5550110".into(),
    }]
}

fn availability() -> Availability {
    Availability {
        spans: hours(),
        time_zone: "Europe/Berlin".into(),
        note: "Freitags im Außendienst".into(),
        emergency: emergency(),
        away_until: TIME,
    }
}

/// The message without its padding, which is the same for all and has a vector of its own.
fn said(name: &str, kind: Kind, extras: Extras) -> Case {
    let content = Content {
        message: MESSAGE,
        counter: 4,
        previous: HASH,
        log_seq: 8,
        log_hash: ContentHash::new([0x71; 32]),
        sent_at: TIME,
        extras,
        kind,
    };
    let encode = |content: &Content| {
        let padded = content.encode_padded(0).expect("small");
        padding::unpad(&padded)
            .expect("padded as payloads are")
            .to_vec()
    };
    let decode = |bytes: &[u8]| Content::decode_padded(&padding::pad(bytes).expect("small"));
    Case::new(
        format!("content/{name}"),
        "Content",
        content,
        encode,
        decode,
    )
}

/// Also part of the policy's vector.
pub fn notice() -> Notice {
    Notice {
        version: "2026-11".into(),
        language: "de".into(),
        body: "Ihre Daten bleiben hier.".into(),
    }
}

fn attachment() -> Attachment {
    Attachment {
        blob: BLOB,
        secret: token(),
        key: [0xb1; 32],
        hash: HASH,
        sealed_size: 4_096,
        size: 1_234,
        file_name: "Bescheid.pdf".into(),
        media_type: "application/pdf".into(),
        caption: "von heute".into(),
        voice: None,
    }
}

fn payload() -> Case {
    let payload = Payload {
        mls: Bytes::from_static(b"an MLS message"),
        welcome: Bytes::from_static(b"a sealed welcome"),
    };
    let encode = |payload: &Payload| {
        let padded = payload.encode().expect("small");
        padding::unpad(&padded).expect("padded").to_vec()
    };
    let decode = |bytes: &[u8]| Payload::decode(&padding::pad(bytes).expect("small"));
    // `Payload` prints nothing.
    let printable = |payload: Payload| (payload.mls, payload.welcome);
    Case::new(
        "content/payload",
        "Payload",
        printable(payload),
        move |(mls, welcome)| {
            encode(&Payload {
                mls: mls.clone(),
                welcome: welcome.clone(),
            })
        },
        move |bytes| decode(bytes).map(printable),
    )
}

fn leaf_info() -> Case {
    let info = LeafInfo {
        seat_key: SeatToken::new([0xe0; 32]).key(SeatClass::Staff),
        inbox: Some(INBOX),
    };
    Case::new(
        "group/leaf_info",
        "LeafInfo",
        info,
        LeafInfo::encode,
        LeafInfo::decode,
    )
}

fn key_package_info() -> Case {
    let info = KeyPackageInfo {
        welcome_key: vec![0xe1; WELCOME_KEY_BYTES].into(),
        expires_at: TIME,
    };
    let name = "group/key_package_info";
    Case::new(
        name,
        "KeyPackageInfo",
        info,
        KeyPackageInfo::encode,
        KeyPackageInfo::decode,
    )
}

fn room_info() -> Case {
    let info = RoomInfo {
        title: "Fall 7".into(),
        managers: vec![STAFF],
        retention_days: 90,
        people: vec![(STAFF, "Anna Albrecht".into())],
    };
    Case::new(
        "group/room_info",
        "RoomInfo",
        info,
        RoomInfo::encode,
        RoomInfo::decode,
    )
}

fn readmission() -> Case {
    let asks = Readmission {
        room: ROOM,
        device: DEVICE,
        seat: SEAT,
        seq: 16_390,
    };
    Case::new(
        "group/readmission",
        "Readmission",
        asks,
        Readmission::encode,
        Readmission::decode,
    )
}

fn sealed_readmission() -> Case {
    let asks = SealedReadmission {
        sealed: Bytes::from_static(b"sealed"),
    };
    Case::new(
        "group/sealed_readmission",
        "SealedReadmission",
        asks,
        SealedReadmission::encode,
        SealedReadmission::decode,
    )
}

fn sealed_welcome() -> Case {
    let welcome = SealedWelcome {
        key_id: HASH,
        sealed: Bytes::from_static(b"sealed"),
    };
    let name = "group/sealed_welcome";
    Case::new(
        name,
        "SealedWelcome",
        welcome,
        SealedWelcome::encode,
        SealedWelcome::decode,
    )
}

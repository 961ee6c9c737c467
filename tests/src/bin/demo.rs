//! The story of one day, through a real relay, and what the relay keeps of it.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a demonstration prints, and stops at the first broken promise"
)]

use std::collections::BTreeMap;
use std::path::Path;

use siegel_cli::files::without_metadata;
use siegel_client_core::Command;
use siegel_client_core::room::timeline::Body;
use siegel_proto::content::Kind;
use siegel_proto::ids::{ContentHash, RoomId};
use siegel_tests::harness::{Guest, Person, World, story};
use siegel_tests::scan::{Canary, Scanner};

const CLIENT_DATA: &str = "Kim Beispiel, geb. 3.4.1991, Am Holunder 5, Tel. 030 5550143";
const GREETING: &str = "Guten Tag, hier erreichen Sie mich. Antworten Sie, wann Sie möchten.";
const NOTICE: &str = "Was Sie hier schreiben, liest nur, wer mit Ihnen im Raum ist. \
                      Sie können Ihre Einwilligung jederzeit zurücknehmen.";
const ANSWER: &str = "Danke, ich kann am Dienstag kommen.";
const PLACE: &str = "GPS 52.5163N 13.3777E";

fn main() {
    story(day());
}

async fn day() {
    let world = World::start().await;
    println!("A throw-away relay listens on {}.", world.address());
    let anna = world.admin("Anna Berg").await;
    println!("Anna sets the organisation up. Its root key is made on her device and stays there.");
    let bo = world.staff(&anna, "Bo Tal").await;
    println!("Bo joins by a one-time link.");

    let room = anna.makes_room("Fall Beispiel", &[&bo]).await;
    anna.says(room, CLIENT_DATA).await;
    bo.sees(room, CLIENT_DATA).await;
    println!("\nAnna → Bo: {CLIENT_DATA}");
    let pdf = pdf();
    anna.sends_file(room, "bescheid.pdf", pdf.clone()).await;
    assert_eq!(bo.receives_file(room, "bescheid.pdf").await, pdf);
    println!(
        "Anna → Bo: bescheid.pdf, {} bytes, arrived byte for byte.",
        pdf.len()
    );
    let photo = photo_with_place();
    let clean = without_metadata("wohnung.jpg", photo.clone());
    let (_, clean) = clean.expect("the photo is sound");
    anna.sends_file(room, "wohnung.jpg", clean.to_vec()).await;
    let received = bo.receives_file(room, "wohnung.jpg").await;
    println!(
        "Anna → Bo: wohnung.jpg. The place it was taken at is in the original: {}; in what was sent: {}.",
        holds(&photo, PLACE),
        holds(&received, PLACE)
    );

    let guest = Guest {
        label: "Kim",
        greeting: GREETING,
        notice: NOTICE,
    };
    let link = world.guest_link(&anna, None, guest).await;
    anna.crash().await;
    println!("\nAnna makes a link for Kim, hands it over and switches her device off.");
    let (kim, case) = world.guest("Kim", &link).await;
    kim.sees(case, GREETING).await;
    println!("Kim opens the link and is in the room. All keys from the link are replaced.");
    println!("Kim reads: {GREETING}");
    consent(&kim, case).await;
    kim.says(case, ANSWER).await;
    println!("Kim consents and answers: {ANSWER}");
    anna.restart().await;
    anna.sees(case, ANSWER).await;
    println!("Anna comes back and reads it.");

    world.stop_relay().await;
    println!("\nWhat the relay keeps of this day:");
    print_tables(&world.relay_directory());
    let words = [
        "Anna Berg",
        "Bo Tal",
        "Fall Beispiel",
        CLIENT_DATA,
        GREETING,
        NOTICE,
        ANSWER,
        "bescheid.pdf",
        "wohnung.jpg",
        "Bescheid über Leistungen",
    ];
    let canaries: Vec<Canary> = words
        .iter()
        .map(|text| Canary {
            field: (*text).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    let scanner = Scanner::new(&canaries).expect("the words are long enough");
    let hits = scanner
        .scan_dir(&world.relay_directory())
        .expect("the relay's files can be read");
    println!("\nEverything above was searched for in all of it, in some fifty encodings.");
    println!("Found: {}", hits.len());
    assert!(hits.is_empty(), "{hits:?}");
}

async fn consent(kim: &Person, room: RoomId) {
    let lines = kim.lines(room).await;
    let notice = lines.into_iter().find_map(|line| match line.body {
        Body::Notice(notice) => Some(notice),
        _ => None,
    });
    let notice = notice.expect("the notice stands after the greeting");
    println!("Kim reads: {}", notice.body);
    kim.command(Command::Say {
        room,
        kind: Kind::Consent {
            notice_version: notice.version,
            language: notice.language,
            granted: true,
            notice_hash: ContentHash::of(notice.body.as_bytes()),
        },
    })
    .await;
}

/// Prints how many rows each table has and the beginning of one entry.
fn print_tables(directory: &Path) {
    for (name, size) in files(directory) {
        println!("  file {name}, {size} bytes");
    }
    let Some(path) = database(directory) else {
        return;
    };
    let database = rusqlite::Connection::open(path).expect("the database opens");
    let mut tables = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        .expect("a query");
    let names = tables.query_map([], |row| row.get::<_, String>(0));
    for name in names.expect("tables").map_while(Result::ok) {
        let count = database.query_row(&format!("SELECT count(*) FROM \"{name}\""), [], |row| {
            row.get::<_, i64>(0)
        });
        println!("  table {name}: {} rows", count.expect("a count"));
    }
    let entry = database.query_row("SELECT payload FROM entries LIMIT 1", [], |row| {
        row.get::<_, Vec<u8>>(0)
    });
    if let Ok(payload) = entry {
        let start: String = payload
            .iter()
            .take(48)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        println!("  one entry of {} bytes begins {start}…", payload.len());
    }
}

fn files(directory: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.map_while(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else if let (Ok(meta), Ok(name)) = (entry.metadata(), path.strip_prefix(directory)) {
                found.insert(name.display().to_string(), meta.len());
            }
        }
    }
    found
}

fn database(directory: &Path) -> Option<std::path::PathBuf> {
    let mut names = files(directory)
        .into_keys()
        .map(|name| directory.join(name));
    names
        .find(|path| std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0")))
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// A small PDF that readers open.
fn pdf() -> Vec<u8> {
    let text = "BT /F1 18 Tf 40 90 Td (Bescheid \\374ber Leistungen) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 150] /Contents 4 0 R \
         /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
    ];
    let mut pdf = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(pdf.len());
        pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let table = pdf.len();
    pdf.push_str("xref\n0 5\n0000000000 65535 f \n");
    for offset in offsets {
        pdf.push_str(&format!("{offset:010} 00000 n \n"));
    }
    pdf.push_str(&format!(
        "trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    ));
    pdf.into_bytes()
}

/// A JPEG of one grey pixel whose metadata says where it was taken.
fn photo_with_place() -> Vec<u8> {
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).expect("a short segment");
        [&[0xff, marker][..], &length.to_be_bytes(), body].concat()
    };
    let exif = [b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", PLACE.as_bytes()].concat();
    let mut counts = [0; 17];
    counts[1] = 1;
    let table = |class: u8| {
        let mut body = counts.to_vec();
        body[0] = class;
        [&body[..], &[0]].concat()
    };
    [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xe1, &exif),
        segment(0xdb, &[&[0][..], &[1; 64]].concat()),
        segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        segment(0xc4, &table(0)),
        segment(0xc4, &table(0x10)),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        vec![0x3f, 0xff, 0xd9],
    ]
    .concat()
}

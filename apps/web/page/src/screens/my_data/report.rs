//! “My data” as one text a person can read.

use std::fmt::Write as _;

use siegel_web_bridge::view::{Body, Line, MyData, MyRoom};
use siegel_web_texts::Texts;

use crate::browser::{dates, files};
use crate::screens::conversation::{author, card, sentence};
use crate::screens::people;
use crate::screens::shell::room_name;

/// What the file is called: nothing that tells on the phone it lies on.
pub(super) const NAME: &str = "notizen.txt";

pub(super) fn write(texts: Texts, data: &MyData) -> String {
    let mut out = String::new();
    let now = dates::full(texts.spoken(), crate::browser::clock::now());
    // Writing to a string cannot fail.
    writeln!(out, "{}\n{now}\n", texts.my_data()).ok();
    for room in &data.rooms {
        write_room(&mut out, texts, room);
    }
    out
}

fn write_room(out: &mut String, texts: Texts, room: &MyRoom) {
    let heading = room_name(texts, &room.card.title);
    writeln!(out, "{heading}\n{}\n", "=".repeat(heading.chars().count())).ok();
    writeln!(out, "{}:", texts.members()).ok();
    for member in &room.members {
        writeln!(out, "- {}", people::name(texts, &member.person)).ok();
    }
    out.push('\n');
    for line in &room.lines {
        let at = dates::full(texts.spoken(), line.at);
        writeln!(out, "[{at}] {}", said(texts, line)).ok();
    }
    out.push('\n');
}

fn said(texts: Texts, line: &Line) -> String {
    let who = author(texts, line);
    match &line.body {
        Body::Text { body, .. } => format!("{who}: {body}"),
        Body::File(file) => {
            let size = files::size(file.size);
            format!(
                "{who}: {} {}",
                texts.file_size(&file.name, &size),
                file.caption
            )
        }
        Body::Card(card) => {
            let fields: Vec<String> = card
                .fields
                .iter()
                .map(|field| match field.value.as_str() {
                    "" => format!("{}: {}", card::name(texts, field), texts.field_gone()),
                    value => format!("{}: {value}", card::name(texts, field)),
                })
                .collect();
            format!("{who}: {}\n  {}", texts.data_card(), fields.join("\n  "))
        }
        Body::Notice(notice) => format!("{}:\n{}", texts.line_notice(), notice.body),
        Body::Deleted => format!("{who}: {}", texts.deleted_line()),
        _ => sentence(texts, line).0,
    }
}

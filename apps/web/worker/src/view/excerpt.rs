//! One line in other words.

use siegel_client_core::room::timeline::{Body, Line};
use siegel_web_bridge::view::{Excerpt, ExcerptKind, Shows};

use super::names::Names;
use super::{file, message_id};

/// Characters of a text that an excerpt keeps.
const LONGEST: usize = 160;

/// The line as it stands in the rooms' list or in a reply.
pub fn excerpt(line: &Line, names: &Names) -> Excerpt {
    Excerpt {
        message: line.message.map(message_id),
        seq: line.seq,
        author_name: line.author.map(|who| names.name(who)).unwrap_or_default(),
        own: line.author == Some(names.own()),
        at: at(line),
        kind: kind(&line.body),
    }
}

/// What stands where a line is gone.
pub fn gone(message: siegel_proto::ids::MessageId) -> Excerpt {
    Excerpt {
        message: Some(message_id(message)),
        seq: 0,
        author_name: String::new(),
        own: false,
        at: 0,
        kind: ExcerptKind::Gone,
    }
}

/// When it was said, by the author's clock if that is known.
pub fn at(line: &Line) -> i64 {
    line.sent_at.unwrap_or(line.stored_at).seconds()
}

fn kind(body: &Body) -> ExcerptKind {
    match body {
        Body::Text { body, .. } => ExcerptKind::Text(one_line(body)),
        Body::Attachment(sent) => match file::shows(&sent.media_type) {
            Shows::Picture => ExcerptKind::Picture,
            Shows::Sound => ExcerptKind::Sound,
            Shows::Nothing => ExcerptKind::File(file::view(sent).name),
        },
        Body::DataCard(_) => ExcerptKind::Card,
        Body::Notice(_) => ExcerptKind::Notice,
        Body::Consent { granted, .. } => ExcerptKind::Consent { granted: *granted },
        Body::Deleted => ExcerptKind::Deleted,
        _ => ExcerptKind::Room,
    }
}

/// The beginning of a text, on one line.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(LONGEST).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(one_line("  Grüß\n\nGott \t Frau M. "), "Grüß Gott Frau M.");
        let long = one_line(&"ü".repeat(LONGEST + 1));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }
}

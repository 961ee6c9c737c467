//! Lines the room itself writes, in plain words.

use siegel_web_bridge::view::{Body, Line, Notice, PersonRef};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use super::Talk;
use super::line::author;

pub(super) fn view(talk: Talk, line: &Line) -> AnyView {
    let texts = talk.texts;
    if let Body::Notice(notice) = &line.body {
        return notice_view(texts, notice);
    }
    let (sentence, alert) = sentence(texts, line);
    el::p()
        .class(if alert { "system alert" } else { "system" })
        .child(sentence)
        .into_any()
}

fn notice_view(texts: Texts, notice: &Notice) -> AnyView {
    let language = siegel_web_texts::Language::from_code(&notice.language);
    let name = language.map_or(notice.language.clone(), |l| l.own_name().to_owned());
    el::details()
        .class("notice-card")
        .child((
            el::summary().child(format!("{} – {name}", texts.line_notice())),
            el::p()
                .attr("lang", notice.language.clone())
                .attr("dir", "auto")
                .child(notice.body.clone()),
        ))
        .into_any()
}

/// The sentence, and whether it should be noticed.
pub(in crate::screens) fn sentence(texts: Texts, line: &Line) -> (String, bool) {
    let who = author(texts, line);
    match &line.body {
        Body::Consent { granted: true, .. } => (texts.line_consented(&who), false),
        Body::Consent { granted: false, .. } => (texts.line_withdrew(&who), true),
        Body::Joined(people) => (texts.line_joined(&names(texts, people)), false),
        Body::Left(people) => (texts.line_left(&names(texts, people)), false),
        Body::Arrived(person) => (texts.line_arrived(&name(texts, person)), false),
        Body::DevicesChanged(person) => (texts.line_devices(&name(texts, person)), false),
        Body::InfoChanged => (texts.line_info().to_owned(), false),
        Body::Verified(person) => (texts.line_verified(&name(texts, person)), false),
        Body::LeaveAsked => (texts.line_leave_asked(&who), true),
        Body::RetentionChanged(days) => (texts.line_retention(u64::from(*days)), false),
        Body::TooNew => (texts.line_too_new().to_owned(), true),
        Body::Unreadable => (texts.line_unreadable().to_owned(), true),
        Body::Missing { entries } => (texts.line_missing(*entries), true),
        Body::AuthorGap { messages } => (texts.line_author_gap(*messages, &who), true),
        Body::AuthorBroken => (texts.line_author_broken(&who), true),
        Body::SplitView => (texts.line_split().to_owned(), true),
        Body::CommitRefused => (texts.line_refused().to_owned(), true),
        Body::CommitVoided => (texts.line_voided().to_owned(), false),
        Body::PutBack => (texts.line_put_back().to_owned(), true),
        Body::Reset => (texts.line_reset(&who), false),
        Body::Text { .. } | Body::File(_) | Body::Card(_) | Body::Notice(_) | Body::Deleted => {
            (String::new(), false)
        }
    }
}

fn names(texts: Texts, people: &[PersonRef]) -> String {
    let names: Vec<String> = people.iter().map(|person| name(texts, person)).collect();
    names.join(", ")
}

fn name(texts: Texts, person: &PersonRef) -> String {
    match (person.own, person.name.as_str()) {
        (true, _) => texts.you().to_owned(),
        (false, "") => texts.contact_person().to_owned(),
        (false, name) => name.to_owned(),
    }
}

//! Naming people after an `@`: choosing them while writing, and marking them in a text.
//!
//! Only colleagues can be named: what somebody calls a client is theirs alone, and a
//! mention would write it into a text that others read.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, Update, With, WithUntracked};
use siegel_web_bridge::view::{PersonRef, Role};
use siegel_web_bridge::{Ask, PersonId, Reply};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::Talk;
use crate::browser::{self, spawn};
use crate::worker;

/// Of whom the list is shown, and which one is about to be taken.
const MOST_SHOWN: usize = 6;
/// Letters after the `@` beyond which nobody is looked for any more.
const LONGEST_PREFIX: usize = 40;
pub(super) const LIST: &str = "mention-list";

/// Naming somebody while writing.
#[derive(Clone, Copy)]
pub(super) struct Mentions {
    talk: Talk,
    /// Colleagues in the room; `None` until somebody writes an `@`.
    people: RwSignal<Option<Vec<(PersonId, String)>>>,
    /// Where the `@` stands, and what was written after it.
    looking: RwSignal<Option<(usize, String)>>,
    selected: RwSignal<usize>,
}

impl Mentions {
    pub(super) fn new(talk: Talk) -> Self {
        Self {
            talk,
            people: RwSignal::new(None),
            looking: RwSignal::new(None),
            selected: RwSignal::new(0),
        }
    }

    /// Something was typed: looks whether it names somebody.
    pub(super) fn typed(self, text: &str, caret: usize) {
        if self.talk.app.is_client() {
            return;
        }
        let looking = prefix(text, caret);
        if looking.is_some() && self.people.with_untracked(Option::is_none) {
            self.load();
        }
        if looking != self.looking.get_untracked() {
            self.selected.set(0);
            self.looking.set(looking);
        }
    }

    fn load(self) {
        let room = self.talk.room_now();
        spawn(async move {
            if let Ok(Reply::Members(members)) = worker::ask(Ask::Members(room)).await {
                let colleagues = members
                    .into_iter()
                    .filter(|member| !member.own && member.person.role != Role::Client)
                    .map(|member| (member.person.person, member.person.name))
                    .filter(|(_, name)| !name.is_empty());
                self.people.try_set(Some(colleagues.collect()));
            }
        });
    }

    /// Who fits what was written so far.
    fn fitting(self) -> Vec<(PersonId, String)> {
        // Between two people nobody needs to be named.
        let members = self
            .talk
            .info
            .with(|info| info.as_ref().map_or(0, |one| one.card.members));
        let Some((_, prefix)) = self.looking.get().filter(|_| members > 2) else {
            return Vec::new();
        };
        let prefix = prefix.to_lowercase();
        self.people.with(|people| {
            let people = people.iter().flatten();
            let fits = |name: &str| {
                let name = name.to_lowercase();
                name.starts_with(&prefix)
                    || name
                        .split_whitespace()
                        .any(|word| word.starts_with(&prefix))
            };
            let fitting = people.filter(|(_, name)| fits(name));
            fitting.take(MOST_SHOWN).cloned().collect()
        })
    }

    /// Takes a key that belongs to the list. Tells whether it did.
    pub(super) fn pressed(self, key: &str) -> bool {
        let fitting = self.fitting();
        if fitting.is_empty() {
            return false;
        }
        match key {
            "ArrowDown" => self
                .selected
                .update(|place| *place = (*place + 1) % fitting.len()),
            "ArrowUp" => self
                .selected
                .update(|place| *place = (*place + fitting.len() - 1) % fitting.len()),
            "Enter" | "Tab" => {
                let Some(person) = fitting.get(self.selected.get_untracked()) else {
                    return false;
                };
                self.take(person.clone());
            }
            "Escape" => self.looking.set(None),
            _ => return false,
        }
        true
    }

    fn take(self, (person, name): (PersonId, String)) {
        let Some((start, prefix)) = self.looking.get_untracked() else {
            return;
        };
        let mut text = self.talk.text.get_untracked();
        let end = start + 1 + prefix.len();
        if text.get(start..end).is_none() {
            return;
        }
        let named = format!("@{name} ");
        text.replace_range(start..end, &named);
        let caret = text[..start + named.len()].encode_utf16().count();
        self.talk.text.set(text);
        self.talk
            .mentions
            .update(|known| known.push((person, name)));
        self.looking.set(None);
        browser::before_paint(move || browser::place_caret("composer", caret));
    }

    /// The list of who fits, above the field.
    pub(super) fn list(self) -> AnyView {
        let texts = self.talk.texts;
        (move || {
            let fitting = self.fitting();
            if fitting.is_empty() {
                return None;
            }
            let options: Vec<AnyView> = fitting
                .into_iter()
                .enumerate()
                .map(|(place, person)| {
                    let name = person.1.clone();
                    el::li()
                        .role("option")
                        .id(format!("{LIST}-{place}"))
                        .aria_selected(move || (self.selected.get() == place).to_string())
                        // The field keeps the keyboard.
                        .on(ev::mousedown, |event| event.prevent_default())
                        .on(ev::click, move |_| self.take(person.clone()))
                        .child(el::bdi().child(name))
                        .into_any()
                })
                .collect();
            Some(
                el::ul()
                    .class("mention-list")
                    .id(LIST)
                    .role("listbox")
                    .aria_label(texts.mention_list())
                    .child(options),
            )
        })
        .into_any()
    }

    /// Which option the keyboard is at, for screen readers.
    pub(super) fn active(self) -> Option<String> {
        (!self.fitting().is_empty()).then(|| format!("{LIST}-{}", self.selected.get()))
    }
}

/// Who of the named still stands in the text.
pub(super) fn named_in(talk: Talk, body: &str) -> Vec<PersonId> {
    let mut people: Vec<PersonId> = Vec::new();
    for (person, name) in talk.mentions.get_untracked() {
        if body.contains(&format!("@{name}")) && !people.contains(&person) {
            people.push(person);
        }
    }
    people
}

/// The `@` before the caret and what was written after it. `caret` counts as browsers do,
/// in UTF-16.
fn prefix(text: &str, caret: usize) -> Option<(usize, String)> {
    let mut units = 0;
    let end = text.char_indices().find_map(|(place, letter)| {
        let here = (units >= caret).then_some(place);
        units += letter.len_utf16();
        here
    });
    let before = &text[..end.unwrap_or(text.len())];
    let at = before.rfind('@')?;
    let free = before[..at]
        .chars()
        .next_back()
        .is_none_or(char::is_whitespace);
    let prefix = &before[at + 1..];
    let short = prefix.chars().count() <= LONGEST_PREFIX && !prefix.contains('\n');
    // A space right behind the sign, or two words that fit nobody, end the looking by
    // themselves: nobody is found.
    (free && short && !prefix.starts_with(' ')).then(|| (at, prefix.to_owned()))
}

/// A text with the people it names marked.
pub(super) fn marked(texts: Texts, body: &str, mentions: &[PersonRef]) -> Vec<AnyView> {
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some((start, end, own)) = next(rest, mentions) {
        parts.push(rest[..start].to_owned().into_any());
        let class = if own { "mention own" } else { "mention" };
        let hidden = own.then(|| el::span().class("sr-only").child(texts.mentioned()));
        parts.push(
            el::strong()
                .class(class)
                .child((rest[start..end].to_owned(), hidden))
                .into_any(),
        );
        rest = &rest[end..];
    }
    parts.push(rest.to_owned().into_any());
    parts
}

/// The first of the named people in a text; of two that begin alike, the longer name.
fn next(text: &str, mentions: &[PersonRef]) -> Option<(usize, usize, bool)> {
    let found = mentions
        .iter()
        .filter(|person| !person.name.is_empty())
        .filter_map(|person| {
            let sign = format!("@{}", person.name);
            text.find(&sign)
                .map(|start| (start, start + sign.len(), person.own))
        });
    found.min_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_at_sign_that_begins_a_word_looks_for_somebody() {
        assert_eq!(prefix("Hallo @Bo", 9), Some((6, "Bo".into())));
        assert_eq!(prefix("@", 1), Some((0, String::new())));
        // The caret counts an emoji as two.
        assert_eq!(prefix("😀 @Bo und", 6), Some((5, "Bo".into())));
        assert_eq!(prefix("a@b.de", 6), None);
        assert_eq!(prefix("@ morgen", 8), None);
        assert_eq!(prefix("ohne", 4), None);
        assert_eq!(prefix("@Bo\nund", 7), None);
    }

    #[test]
    fn of_two_names_that_begin_alike_the_longer_is_marked() {
        let person = |name: &str| PersonRef {
            person: PersonId(name.into()),
            name: name.into(),
            own: name == "Bo",
        };
        let people = [person("Bo"), person("Bo Tal"), person("")];
        assert_eq!(next("an @Bo Tal", &people), Some((3, 10, false)));
        assert_eq!(next("an @Bo!", &people), Some((3, 6, true)));
        assert_eq!(next("an alle", &people), None);
    }
}

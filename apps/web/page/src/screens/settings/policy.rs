//! For admins: the rules of the organisation.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, Update, WithUntracked};
use siegel_web_bridge::Ask;
use siegel_web_bridge::view::{EmergencyNumber, Policy};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::week::Week;
use crate::app::App;
use crate::browser::{self, dates, spawn};
use crate::ui::{Field, Icon, alert, button, choice, icon_button, soft};
use crate::{trouble, worker};

const RETENTION_DAYS: (u32, u32) = (1, 365);
const LOCK_MINUTES: (u32, u32) = (0, 720);
const INVITATION_HOURS: (u32, u32) = (1, 336);
const PASSPHRASE_CHARACTERS: (u32, u32) = (0, 64);
const WIPE_TRIES: (u32, u32) = (5, 100);

/// The rules while they are changed.
#[derive(Clone, Copy)]
struct Form {
    days: RwSignal<String>,
    minutes: RwSignal<String>,
    hours: RwSignal<String>,
    characters: RwSignal<String>,
    tries: RwSignal<String>,
    no_passkeys: RwSignal<bool>,
    title: RwSignal<String>,
    week: Week,
    numbers: RwSignal<Vec<Number>>,
}

#[derive(Clone, Copy, PartialEq)]
struct Number {
    label: RwSignal<String>,
    number: RwSignal<String>,
}

impl Form {
    fn of(policy: &Policy) -> Self {
        let text = |number: u32| RwSignal::new(number.to_string());
        let number = |entry: &EmergencyNumber| Number {
            label: RwSignal::new(entry.label.clone()),
            number: RwSignal::new(entry.number.clone()),
        };
        Self {
            days: text(policy.retention_days),
            minutes: text(policy.lock_after_minutes),
            hours: text(policy.invitation_hours),
            characters: text(policy.passphrase_characters),
            tries: text(policy.wipe_after_tries),
            no_passkeys: RwSignal::new(policy.forbid_passkeys),
            title: RwSignal::new(policy.neutral_title.clone()),
            week: Week::of(&policy.hours),
            numbers: RwSignal::new(policy.emergency.iter().map(number).collect()),
        }
    }

    /// What was set, or what is wrong with it.
    fn policy(self, texts: Texts) -> Result<Policy, String> {
        let read = |value: RwSignal<String>, (from, to): (u32, u32)| {
            let number = value.get_untracked().trim().parse::<u32>().ok();
            number
                .filter(|number| (from..=to).contains(number))
                .ok_or_else(|| texts.policy_range(&from.to_string(), &to.to_string()))
        };
        let tries = self.tries.get_untracked();
        let wipe_after_tries = match tries.trim() {
            "0" => 0,
            _ => read(self.tries, WIPE_TRIES).map_err(|_| texts.policy_wipe_range().to_owned())?,
        };
        let numbers = self.numbers.get_untracked().into_iter();
        let emergency: Vec<EmergencyNumber> = numbers
            .map(|entry| EmergencyNumber {
                label: entry.label.get_untracked(),
                number: entry.number.get_untracked(),
            })
            .collect();
        if emergency.iter().any(|entry| entry.number.trim().is_empty()) {
            return Err(texts.emergency_missing().to_owned());
        }
        Ok(Policy {
            retention_days: read(self.days, RETENTION_DAYS)?,
            lock_after_minutes: read(self.minutes, LOCK_MINUTES)?,
            invitation_hours: read(self.hours, INVITATION_HOURS)?,
            passphrase_characters: read(self.characters, PASSPHRASE_CHARACTERS)?,
            wipe_after_tries,
            forbid_passkeys: self.no_passkeys.get_untracked(),
            neutral_title: self.title.get_untracked().trim().to_owned(),
            hours: self
                .week
                .spans()
                .ok_or_else(|| texts.hours_wrong().to_owned())?,
            time_zone: dates::own_zone(),
            emergency,
        })
    }
}

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    let policy = app
        .profile
        .with_untracked(|profile| profile.as_ref().map(|profile| profile.policy.clone()));
    // Without a profile there is no admin and nobody is shown this.
    let Some(policy) = policy else {
        return ().into_any();
    };
    let form = Form::of(&policy);
    let error = RwSignal::new(None);
    let save = move || match form.policy(app.texts_now()) {
        Err(sentence) => error.set(Some(sentence)),
        Ok(policy) => spawn(async move {
            match worker::ask(Ask::SetPolicy(policy)).await {
                Ok(_) => {
                    error.set(None);
                    app.say(app.texts_now().policy_saved());
                }
                Err(trouble) => error.set(Some(trouble::sentence(app.texts_now(), &trouble))),
            }
        }),
    };
    let field = |id, label: &str, value| Field {
        id,
        label: label.into(),
        hint: String::new(),
        value,
        autocomplete: "off",
    };
    el::section()
        .id("policy")
        .child((
            el::h2().child(texts.policy()),
            soft(texts.policy_text()),
            el::form()
                .class("stack")
                .on(ev::submit, move |event| {
                    event.prevent_default();
                    save();
                })
                .child((
                    field("retention", texts.policy_retention(), form.days).number(),
                    field("lock", texts.policy_lock(), form.minutes).number(),
                    field("invitation", texts.policy_invitation(), form.hours).number(),
                    field("characters", texts.policy_passphrase(), form.characters).number(),
                    field("tries", texts.policy_wipe(), form.tries).number(),
                    choice(texts.policy_passkeys(), form.no_passkeys),
                    field("neutral-title", texts.policy_title(), form.title).line(),
                    el::h3().child(texts.emergency()),
                    soft(texts.emergency_text()),
                    numbers(texts, form.numbers),
                    el::h3().child(texts.policy_hours()),
                    soft(texts.policy_hours_text()),
                    form.week.view(texts),
                    alert(error),
                    el::button()
                        .attr("type", "submit")
                        .class("button")
                        .child(texts.policy_save()),
                )),
        ))
        .into_any()
}

fn numbers(texts: Texts, numbers: RwSignal<Vec<Number>>) -> AnyView {
    let add = move || {
        numbers.update(|all| {
            all.push(Number {
                label: RwSignal::new(String::new()),
                number: RwSignal::new(String::new()),
            });
        });
    };
    let list = move || {
        let drawn: Vec<AnyView> = numbers
            .get()
            .into_iter()
            .map(|entry| number(texts, entry, numbers))
            .collect();
        drawn
    };
    el::div()
        .class("stack-tight")
        .child((
            list,
            el::div().child(button(texts.emergency_add(), "quiet", add)),
        ))
        .into_any()
}

fn number(texts: Texts, entry: Number, numbers: RwSignal<Vec<Number>>) -> AnyView {
    let labelled = |words: &'static str, kind: &'static str, value: RwSignal<String>| {
        el::label().class("field grow").child((
            el::span().class("field-label").child(words),
            el::input()
                .attr("type", kind)
                .class("input")
                .attr("autocomplete", "off")
                .attr("dir", "auto")
                .prop("value", move || value.get())
                .on(ev::input, move |event| value.set(browser::value(&event))),
        ))
    };
    el::div()
        .class("hours-row emergency-row")
        .child((
            labelled(texts.emergency_label(), "text", entry.label),
            labelled(texts.emergency_number(), "tel", entry.number),
            icon_button(texts.remove(), Icon::Close, move || {
                numbers.update(|all| all.retain(|other| *other != entry));
            }),
        ))
        .into_any()
}

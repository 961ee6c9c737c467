//! Somebody wrote or called over a way that protects nothing: the ready answer in their
//! language, with a fresh link where one can be given, and what is to be deleted there.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set};
use siegel_web_bridge::view::{InvitationState, Notice};
use siegel_web_bridge::{Ask, Reply};
use siegel_web_texts::{Language, NOTICE_VERSION, Texts, notice};
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::shell::page;
use crate::app::App;
use crate::browser::{self, dates, spawn};
use crate::ui::{Field, Icon, alert, button, choose_language, icon, soft, text, working};
use crate::{trouble, worker};

/// Over which way it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channel {
    Facebook,
    Whatsapp,
    Email,
    Voicemail,
    Poster,
}

impl Channel {
    const ALL: [Self; 5] = [
        Self::Facebook,
        Self::Whatsapp,
        Self::Email,
        Self::Voicemail,
        Self::Poster,
    ];

    const fn name(self, texts: Texts) -> &'static str {
        match self {
            Self::Facebook => texts.channel_facebook(),
            Self::Whatsapp => texts.channel_whatsapp(),
            Self::Email => texts.channel_email(),
            Self::Voicemail => texts.channel_voicemail(),
            Self::Poster => texts.channel_poster(),
        }
    }

    /// The answer in a language, which ends where a link follows. A link goes to one person
    /// only: what everybody hears or reads carries none.
    fn answer(self, texts: Texts) -> String {
        let words = match self {
            Self::Facebook => texts.wrong_facebook(),
            Self::Whatsapp => texts.wrong_whatsapp(),
            Self::Email => texts.wrong_email(),
            Self::Voicemail => texts.wrong_voicemail(),
            Self::Poster => texts.wrong_poster(),
        };
        match self.takes_link() {
            true => format!("{words}\n{}", texts.wrong_link()),
            false => words.to_owned(),
        }
    }

    const fn takes_link(self) -> bool {
        matches!(self, Self::Facebook | Self::Whatsapp | Self::Email)
    }

    const fn reminder(self, texts: Texts) -> Option<&'static str> {
        match self {
            Self::Facebook => Some(texts.wrong_reminder_facebook()),
            Self::Whatsapp => Some(texts.wrong_reminder_whatsapp()),
            Self::Email => Some(texts.wrong_reminder_email()),
            Self::Voicemail => Some(texts.wrong_reminder_voicemail()),
            Self::Poster => None,
        }
    }
}

/// An answer that can be sent.
#[derive(Clone)]
struct Ready {
    channel: Channel,
    language: Language,
    link: Option<(String, i64)>,
}

pub(super) fn view(app: App, texts: Texts) -> AnyView {
    let channel = RwSignal::new(Channel::Facebook);
    let language = RwSignal::new(Language::German.code().to_owned());
    let label = RwSignal::new(String::new());
    let ready: RwSignal<Option<Ready>> = RwSignal::new(None);
    let error = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let make = move || {
        let channel = channel.get_untracked();
        let spoken = Language::from_code(&language.get_untracked()).unwrap_or(Language::German);
        let done = move |link| {
            ready.set(Some(Ready {
                channel,
                language: spoken,
                link,
            }));
            browser::before_paint(|| browser::focus("title"));
        };
        if !channel.takes_link() {
            return done(None);
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        spawn(async move {
            match worker::ask(invitation(spoken, &label.get_untracked())).await {
                Ok(Reply::Invitation(made)) => {
                    if let InvitationState::Ready { link } = made.state {
                        done(Some((link, made.expires_at)));
                    }
                }
                Ok(_) => {}
                Err(trouble) => error.set(Some(trouble::sentence(app.texts_now(), &trouble))),
            }
            busy.try_set(false);
        });
    };
    let content = move || match ready.get() {
        Some(made) => answer(app, texts, made, ready),
        None => el::form()
            .class("stack")
            .on(ev::submit, move |event| {
                event.prevent_default();
                make();
            })
            .child((
                text(texts.wrong_text()),
                channels(texts, channel),
                el::label().class("field").child((
                    el::span()
                        .class("field-label")
                        .child(texts.wrong_language()),
                    choose_language(language, &Language::ALL),
                )),
                move || {
                    channel.get().takes_link().then(|| {
                        Field {
                            id: "label",
                            label: texts.invite_label().into(),
                            hint: texts.invite_label_client_hint().into(),
                            value: label,
                            autocomplete: "off",
                        }
                        .line()
                    })
                },
                alert(error),
                move || match busy.get() {
                    true => working(texts.making_link()),
                    false => el::button()
                        .attr("type", "submit")
                        .class("button primary")
                        .child(move || match channel.get().takes_link() {
                            true => texts.wrong_make(),
                            false => texts.wrong_show(),
                        })
                        .into_any(),
                },
            ))
            .into_any(),
    };
    page(app, texts, texts.wrong_title(), content)
}

/// A room for whoever opens the link; the notice goes in all languages, the first words in
/// the one the person wrote in.
fn invitation(spoken: Language, label: &str) -> Ask {
    let notices = Language::ALL.into_iter().map(|language| Notice {
        version: NOTICE_VERSION.into(),
        language: language.code().into(),
        body: notice(language).into(),
    });
    Ask::InviteClient {
        room: None,
        label: label.trim().to_owned(),
        greeting: Texts::speaking(spoken).wrong_greeting().to_owned(),
        notices: notices.collect(),
    }
}

fn channels(texts: Texts, chosen: RwSignal<Channel>) -> AnyView {
    let choices: Vec<AnyView> = Channel::ALL
        .into_iter()
        .map(|channel| {
            el::label()
                .class("choice")
                .child((
                    el::input()
                        .attr("type", "radio")
                        .attr("name", "channel")
                        .prop("checked", move || chosen.get() == channel)
                        .on(ev::change, move |_| chosen.set(channel)),
                    el::span().child(channel.name(texts)),
                ))
                .into_any()
        })
        .collect();
    el::fieldset()
        .class("stack-tight")
        .child((el::legend().child(texts.wrong_channel()), choices))
        .into_any()
}

fn answer(app: App, texts: Texts, made: Ready, ready: RwSignal<Option<Ready>>) -> AnyView {
    let theirs = Texts::speaking(made.language);
    let words = made.channel.answer(theirs);
    let link = made.link.as_ref().map(|(link, _)| link.clone());
    let own = texts.spoken();
    let explained = (made.language != own).then(|| {
        el::details().child((
            el::summary().child(texts.wrong_meaning()),
            el::p().child(made.channel.answer(texts)),
        ))
    });
    let note = match made.link {
        Some((_, until)) => soft(texts.link_valid(&dates::full(own, until))),
        None => soft(texts.wrong_no_link()),
    };
    let copied = match &link {
        Some(link) => format!("{words}\n{link}"),
        None => words.clone(),
    };
    let copy = move || {
        let words = copied.clone();
        spawn(async move {
            if browser::copy(&words).await {
                app.say(app.texts_now().copied());
            }
        });
    };
    let poster = made.channel == Channel::Poster;
    let print = || {
        // A browser without printers says so itself.
        browser::window().print().ok();
    };
    (
        el::section().class("card").child((
            el::h2().child(made.channel.name(texts)),
            el::div().class("answer-text").id("answer").child((
                el::p()
                    .attr("lang", made.language.code())
                    .attr("dir", "auto")
                    .child(words),
                link.map(|link| el::p().attr("dir", "ltr").child(link)),
            )),
            explained,
            note,
            el::div().class("row").child((
                button(texts.wrong_copy(), "primary", copy),
                poster.then(|| button(texts.link_print(), "", print)),
                button(texts.wrong_again(), "quiet", move || ready.set(None)),
            )),
        )),
        made.channel.reminder(texts).map(|words| {
            el::section().class("card").child((
                el::h2().child(texts.wrong_reminder()),
                el::p()
                    .class("message warning")
                    .child((icon(Icon::Warning), el::span().child(words))),
            ))
        }),
        poster.then(|| sheet(theirs, made.language)),
    )
        .into_any()
}

/// The poster on paper: large, few words, and nothing that tells who is counselled for what.
fn sheet(theirs: Texts, language: Language) -> AnyView {
    el::div()
        .class("print-only poster")
        .attr("lang", language.code())
        .attr("dir", "auto")
        .child((
            el::h2().child(theirs.wrong_poster_title()),
            el::p().child(theirs.wrong_poster()),
        ))
        .into_any()
}

//! A file in a message: fetched when a person asks for it, never before.

use reactive_graph::owner::StoredValue;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, SetValue, WithValue};
use siegel_web_bridge::view::{FileView, Shows};
use siegel_web_bridge::{Ask, MessageId};
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::Talk;
use super::lines::scroll_to_end;
use crate::browser::files::{self, BlobUrl};
use crate::browser::spawn;
use crate::screens::dialog::Dialog;
use crate::ui::{Icon, button, icon, working};
use crate::worker;

/// How far a file is.
#[derive(Clone, PartialEq)]
enum Stage {
    There,
    Coming,
    /// Here, under this address within the page.
    Here(String),
}

pub(super) fn view(talk: Talk, file: FileView, message: Option<MessageId>) -> AnyView {
    let texts = talk.texts;
    let caption = (!file.caption.is_empty()).then(|| {
        el::p()
            .class("bubble-text")
            .attr("dir", "auto")
            .child(file.caption.clone())
    });
    let label = match file.shows {
        Shows::Sound => texts.voice_message().to_owned(),
        _ => file.name.clone(),
    };
    let size = files::size(file.size);
    let named = el::div().class("file").child((
        icon(if file.shows == Shows::Sound {
            Icon::Sound
        } else {
            Icon::File
        }),
        el::div().class("grow").child((
            el::strong().attr("dir", "auto").child(label),
            el::div().class("small soft").child(size),
        )),
    ));
    let body = message.map(|message| fetched(talk, file, message));
    el::div()
        .class("stack-tight")
        .child((named, body, caption))
        .into_any()
}

fn fetched(talk: Talk, file: FileView, message: MessageId) -> AnyView {
    let texts = talk.texts;
    let stage = RwSignal::new(Stage::There);
    let address: StoredValue<Option<BlobUrl>, _> = StoredValue::new_local(None);
    let blob: StoredValue<Option<web_sys::Blob>, _> = StoredValue::new_local(None);
    let transfer = RwSignal::new(None);
    let progress = move || match (transfer.get(), talk.app.progress.get()) {
        (Some(ours), Some((number, done, total))) if number == ours && total > 0 => {
            done * 100 / total
        }
        _ => 0,
    };
    let fetch = {
        let room = talk.room_now();
        move || {
            let ask = Ask::Fetch {
                room: room.clone(),
                message: message.clone(),
            };
            stage.set(Stage::Coming);
            spawn(async move {
                match worker::fetch(ask, |number| transfer.set(Some(number))).await {
                    Ok((_, bytes)) => {
                        let url = BlobUrl::new(&bytes);
                        let here = url.as_ref().map(|url| url.address().to_owned());
                        if stage.try_get_untracked().is_none() {
                            return;
                        }
                        address.set_value(url);
                        blob.set_value(Some(bytes));
                        stage.set(Stage::Here(here.unwrap_or_default()));
                    }
                    Err(trouble) => {
                        stage.set(Stage::There);
                        talk.app.complain(&trouble);
                    }
                }
            });
        }
    };
    let name = file.name.clone();
    let save = move || {
        blob.with_value(|blob| {
            if let Some(blob) = blob {
                files::save(blob, &name);
            }
        });
    };
    (move || match stage.get() {
        Stage::There => {
            let label = match file.shows {
                Shows::Picture => texts.show_image(),
                Shows::Sound | Shows::Nothing => texts.open_file(),
            };
            let fetch = fetch.clone();
            button(label, "", fetch)
        }
        Stage::Coming => el::div()
            .class("row")
            .child((
                move || working(texts.downloading(&progress().to_string())),
                button(texts.cancel(), "quiet", move || {
                    if let Some(number) = transfer.get_untracked() {
                        worker::cancel(number);
                    }
                }),
            ))
            .into_any(),
        Stage::Here(url) => {
            let save = save.clone();
            let save_button = button(texts.save_file(), "quiet", save);
            match file.shows {
                Shows::Picture => picture(talk, url, file.name.clone()),
                Shows::Sound => (
                    el::audio()
                        .attr("controls", "controls")
                        .attr("src", url)
                        .aria_label(texts.voice_message()),
                    save_button,
                )
                    .into_any(),
                Shows::Nothing => save_button,
            }
        }
    })
    .into_any()
}

/// Pictures are shown inside the app only, so that they do not end up among the photos.
fn picture(talk: Talk, url: String, name: String) -> AnyView {
    let (large, title) = (url.clone(), name.clone());
    let label = talk.texts.image_of(&name);
    el::button()
        .attr("type", "button")
        .class("file-picture")
        .aria_label(label.clone())
        .on(ev::click, move |_| {
            talk.app.dialog.set(Some(Dialog::Picture {
                url: large.clone(),
                name: title.clone(),
            }));
        })
        .child(
            el::img()
                .attr("src", url)
                .attr("alt", "")
                .on(ev::load, move |_| {
                    if talk.at_end.try_get_untracked() == Some(true) {
                        scroll_to_end();
                    }
                }),
        )
        .into_any()
}

//! Recording a voice note: it begins at once, and is sent or dropped.

use std::cell::RefCell;

use reactive_graph::owner::on_cleanup;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set, Update};
use tachys::html::element as el;
use tachys::prelude::*;
use wasm_bindgen::JsCast;

use super::{Talk, attach};
use crate::browser::clock::{self, Later};
use crate::browser::recorder::Recording;
use crate::browser::spawn;
use crate::ui::button;

thread_local! {
    static RECORDING: RefCell<Option<Recording>> = const { RefCell::new(None) };
    static CLOCK: RefCell<Option<Later>> = const { RefCell::new(None) };
}

pub(super) fn view(talk: Talk, recording: RwSignal<bool>) -> AnyView {
    let texts = talk.texts;
    let seconds = RwSignal::new(0_u32);
    on_cleanup(stop);
    spawn(async move {
        match Recording::begin().await {
            Ok(begun) if recording.try_get() == Some(true) => {
                RECORDING.with(|place| place.replace(Some(begun)));
                tick(seconds);
            }
            Ok(unwanted) => drop(unwanted),
            Err(_) => {
                talk.app.say(texts.no_microphone());
                recording.set(false);
            }
        }
    });
    let send = move || {
        let Some(done) = RECORDING.with(RefCell::take) else {
            return;
        };
        spawn(async move {
            if let Some(file) = done.finish().await.and_then(|sound| named(&sound)) {
                attach::start(talk, file, String::new(), false);
            }
            recording.set(false);
        });
    };
    let time = move || {
        let seconds = seconds.get();
        format!("{}:{:02}", seconds / 60, seconds % 60)
    };
    el::div()
        .class("recording")
        .child((
            el::span().class("recording-dot").aria_hidden("true"),
            el::span()
                .class("grow")
                .child(move || texts.recording(&time())),
            button(texts.recording_drop(), "", move || recording.set(false)),
            button(texts.recording_send(), "primary", send),
        ))
        .into_any()
}

fn tick(seconds: RwSignal<u32>) {
    let next = clock::later(1_000, move || {
        seconds.update(|count| *count += 1);
        // A call cannot replace itself while it runs.
        spawn(async move { tick(seconds) });
    });
    if RECORDING.with(|recording| recording.borrow().is_some()) {
        CLOCK.with(|clock| clock.replace(next));
    }
}

fn stop() {
    CLOCK.with(RefCell::take);
    RECORDING.with(RefCell::take);
}

/// A name that says nothing but what it is.
fn named(sound: &web_sys::Blob) -> Option<web_sys::File> {
    let kind = sound.type_();
    let ending = match kind.as_str() {
        "audio/mp4" => "m4a",
        "audio/ogg" => "ogg",
        _ => "webm",
    };
    let bag = web_sys::FilePropertyBag::new();
    bag.set_type(&kind);
    let parts = js_sys::Array::of1(sound.unchecked_ref());
    web_sys::File::new_with_blob_sequence_and_options(&parts, &format!("voice.{ending}"), &bag).ok()
}

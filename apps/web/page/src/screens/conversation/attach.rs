//! Sending files: chosen, dropped, pasted or from the camera; looked at first.

use std::cell::RefCell;

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set};
use siegel_web_bridge::{Ask, FileNote, Trouble};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{File, FileList, HtmlElement, HtmlInputElement};

use super::Talk;
use crate::browser::files::{self, BlobUrl};
use crate::browser::{by_id, matches, spawn};
use crate::screens::dialog::{self, Dialog};
use crate::ui::{Field, Icon, button, icon, icon_button};
use crate::worker;

const INPUT: &str = "file-input";
const CAMERA: &str = "camera-input";

thread_local! {
    /// The file that is looked at before it is sent.
    static STAGED: RefCell<Option<(File, Option<BlobUrl>)>> = const { RefCell::new(None) };
    /// The name of the file on its way, for the line that shows the progress.
    static SENDING: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The buttons beside the field: any file, and on phones the camera.
pub(super) fn chooser(talk: Talk) -> AnyView {
    let texts = talk.texts;
    // Beside staff's button for data cards there is no room on a phone, whose way to choose
    // a file offers the camera as well.
    let camera = (matches("(pointer: coarse)") && talk.app.is_client()).then(|| {
        let input = el::input()
            .attr("type", "file")
            .attr("accept", "image/*")
            .attr("capture", "environment")
            .id(CAMERA)
            .attr("hidden", "hidden")
            .aria_label(texts.take_photo())
            .on(ev::change, move |event| chosen(talk, &event));
        let button = icon_button(texts.take_photo(), Icon::Camera, || press(CAMERA));
        (input, button)
    });
    (
        el::input()
            .attr("type", "file")
            .id(INPUT)
            .attr("hidden", "hidden")
            .aria_label(texts.attach())
            .on(ev::change, move |event| chosen(talk, &event)),
        icon_button(texts.attach(), Icon::Attach, || press(INPUT)),
        camera,
    )
        .into_any()
}

fn press(id: &str) {
    if let Some(input) = by_id(id).and_then(|input| input.dyn_into::<HtmlElement>().ok()) {
        input.click();
    }
}

fn chosen(talk: Talk, event: &web_sys::Event) {
    let target = event.target();
    let Some(input) = target.and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    if let Some(file) = first(input.files()) {
        stage(talk, file);
    }
    // The same file can be chosen again.
    input.set_value("");
}

/// The first of some files.
pub(super) fn first(files: Option<FileList>) -> Option<File> {
    files?.get(0)
}

/// Shows a file before it is sent.
pub(super) fn stage(talk: Talk, file: File) {
    let picture = file.type_().starts_with("image/");
    let url = picture.then(|| BlobUrl::new(&file)).flatten();
    STAGED.with(|staged| staged.replace(Some((file, url))));
    talk.app.dialog.set(Some(Dialog::SendFile(talk)));
}

/// The dialog: what it is, a text beside it, send or not.
pub(in crate::screens) fn staged_view(talk: Talk, texts: Texts) -> AnyView {
    let Some((name, size, url)) = STAGED.with(|staged| {
        staged.borrow().as_ref().map(|(file, url)| {
            let address = url.as_ref().map(|url| url.address().to_owned());
            (file.name(), file.size(), address)
        })
    }) else {
        return ().into_any();
    };
    let caption = RwSignal::new(String::new());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size in bytes"
    )]
    let size = files::size(size as u64);
    let preview = match url {
        Some(url) => el::img().attr("src", url).attr("alt", "").into_any(),
        None => icon(Icon::File),
    };
    let send = move || {
        let staged = STAGED.with(RefCell::take);
        talk.app.dialog.set(None);
        if let Some((file, _)) = staged {
            start(talk, file, caption.get_untracked(), false);
        }
    };
    el::div()
        .class("stack")
        .child((
            dialog::heading(texts.send_file()),
            preview,
            el::p()
                .attr("dir", "auto")
                .child(texts.file_size(&name, &size)),
            Field {
                id: "caption",
                label: texts.caption().into(),
                hint: String::new(),
                value: caption,
                autocomplete: "off",
            }
            .line(),
            dialog::buttons(talk.app, texts, button(texts.send(), "primary", send)),
        ))
        .into_any()
}

/// Sends a file. Where a picture's place cannot be taken out, a person decides.
pub(super) fn start(talk: Talk, file: File, caption: String, keep_metadata: bool) {
    let note = FileNote {
        name: file.name(),
        media_type: file.type_(),
        caption,
        keep_metadata,
    };
    SENDING.with(|name| name.replace(file.name()));
    let app = talk.app;
    let attach = Ask::Attach {
        room: talk.room_now(),
        note: note.clone(),
    };
    spawn(async move {
        let begun = move |number| app.progress.set(Some((number, 0, 0)));
        let answer = worker::attach(attach, &file, begun).await;
        app.progress.set(None);
        SENDING.with(|name| name.take());
        match answer {
            Ok(_) => {}
            Err(Trouble::Metadata) => {
                STAGED.with(|staged| staged.replace(Some((file, None))));
                let texts = app.texts_now();
                let caption = note.caption.clone();
                app.confirm(texts.error_metadata(), texts.send_anyway(), move || {
                    if let Some((file, _)) = STAGED.with(RefCell::take) {
                        start(talk, file, caption.clone(), true);
                    }
                });
            }
            Err(trouble) => app.complain(&trouble),
        }
    });
}

/// The file on its way, with its progress.
pub(super) fn under_way(talk: Talk) -> AnyView {
    let texts = talk.texts;
    (move || {
        let (number, done, total) = talk.app.progress.get()?;
        let name = SENDING.with(|name| name.borrow().clone());
        let percent = (done * 100).checked_div(total).unwrap_or(0);
        (!name.is_empty()).then(|| {
            el::div().class("stack-tight").child((
                el::div().class("row").child((
                    el::span()
                        .class("grow small")
                        .child(texts.uploading(&name, &percent.to_string())),
                    button(texts.cancel(), "quiet", move || worker::cancel(number)),
                )),
                el::progress()
                    .attr("max", "100")
                    .attr("value", percent.to_string())
                    .aria_label(name),
            ))
        })
    })
    .into_any()
}

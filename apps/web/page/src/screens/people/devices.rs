//! The devices of a member, and locking a single one out.

use siegel_web_bridge::Ask;
use siegel_web_bridge::view::{Device, Member};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use super::{name, trust_badge};
use crate::app::App;
use crate::browser::spawn;
use crate::screens::dialog::{close, heading};
use crate::ui::{button, soft};
use crate::worker;

/// Digits of a device's number by which two people can tell devices apart on the phone.
const DIGITS: usize = 8;

/// The dialog.
pub(in crate::screens) fn view(app: App, texts: Texts, member: &Member) -> AnyView {
    let items: Vec<AnyView> = member
        .devices
        .iter()
        .map(|device| item(app, texts, member, device))
        .collect();
    el::div()
        .class("stack")
        .child((
            heading(texts.devices_of(&name(texts, &member.person))),
            soft(texts.devices_text()),
            el::ul().class("items").child(items),
            close(app, texts),
        ))
        .into_any()
}

fn item(app: App, texts: Texts, member: &Member, device: &Device) -> AnyView {
    let number: String = device.device.0.chars().take(DIGITS).collect();
    let id = device.device.clone();
    let revoke = move || {
        let (texts, id) = (app.texts_now(), id.clone());
        app.confirm(texts.device_revoke_sure(), texts.revoke(), move || {
            let id = id.clone();
            spawn(async move {
                match worker::ask(Ask::RevokeDevice(id)).await {
                    Ok(_) => app.say(app.texts_now().device_revoked()),
                    Err(trouble) => app.complain(&trouble),
                }
            });
        });
    };
    let revocable = app.is_admin() && !device.own && !member.person.revoked;
    el::li()
        .child(el::div().class("item").child(
            (
                el::div().class("grow stack-tight").child(
                    (
                        el::strong().child(texts.device_number(&number)),
                        el::div().class("row").child(
                            (
                                device.own.then(|| {
                                    el::span().class("badge good").child(texts.device_own())
                                }),
                                (!member.own).then(|| trust_badge(texts, &member.person)),
                            ),
                        ),
                    ),
                ),
                revocable.then(|| button(texts.revoke(), "danger", revoke)),
            ),
        ))
        .into_any()
}

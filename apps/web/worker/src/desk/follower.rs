//! A worker that does not hold the vault: passes on, and is ready to take over.

use std::collections::BTreeMap;

use siegel_web_bridge::view::{Standing, Unusable};
use siegel_web_bridge::{Ask, FromWorker, News, Number, ToWorker};
use web_sys::Blob;

use super::Office;
use crate::queue::Happening;
use crate::tabs::{Handover, TabMessage};

/// What a follower knows.
#[derive(Default)]
pub struct Follower {
    /// A holder has said that it is there.
    has_holder: bool,
    /// What opens the vault.
    handover: Option<Handover>,
    /// Questions without an answer, and whether they were passed on.
    open: BTreeMap<Number, (Ask, Option<Blob>, bool)>,
}

/// A question to be answered here, and whether a holder that went has seen it.
pub type Inherited = (Number, Ask, Option<Blob>, bool);

impl Follower {
    /// Takes what happened.
    pub fn take(&mut self, office: &Office, happening: Happening) {
        match happening {
            Happening::Page(message, blob) => self.page(office, message, blob),
            Happening::Tab(message, blob) => self.tab(office, message, blob),
            // Somebody holds the lock and does not speak this build's language.
            Happening::Round if !self.has_holder => not_together(office),
            _ => {}
        }
    }

    /// What goes over to the holder this worker becomes.
    pub fn inherit(self) -> (Option<Handover>, Vec<Inherited>) {
        let open = self.open.into_iter();
        let open = open.map(|(number, (ask, blob, passed))| (number, ask, blob, passed));
        (self.handover, open.collect())
    }

    fn page(&mut self, office: &Office, message: ToWorker, blob: Option<Blob>) {
        match message {
            ToWorker::Ask { number, ask } => {
                if self.has_holder {
                    pass_on(office, number, &ask, blob.as_ref(), false);
                }
                self.open.insert(number, (ask, blob, self.has_holder));
            }
            ToWorker::Cancel(number) => {
                let cancel = TabMessage::Cancel {
                    tab: office.tab,
                    number,
                };
                office.channel.say(&cancel, None);
            }
            ToWorker::Active => office.channel.say(&TabMessage::Active, None),
            ToWorker::Hello { .. } => {}
        }
    }

    fn tab(&mut self, office: &Office, message: TabMessage, blob: Option<Blob>) {
        match message {
            TabMessage::Holder {
                build,
                standing,
                link,
                handover,
            } => {
                if build != office.build {
                    self.has_holder = false;
                    return not_together(office);
                }
                self.handover = handover;
                self.has_holder = true;
                office.tell_standing(&standing);
                office.tell(&FromWorker::News(News::Connection(link)), None);
                for (number, (ask, blob, passed)) in &mut self.open {
                    pass_on(office, *number, ask, blob.as_ref(), *passed);
                    *passed = true;
                }
            }
            TabMessage::Answer {
                tab,
                number,
                answer,
            } if tab == office.tab && self.open.remove(&number).is_some() => {
                let answer = FromWorker::Answer { number, answer };
                office.tell(&answer, blob.as_ref());
            }
            TabMessage::News { tab, news } if tab.is_none_or(|tab| tab == office.tab) => {
                office.tell(&FromWorker::News(news), None);
            }
            TabMessage::Ended { wiped } => office.end(wiped),
            _ => {}
        }
    }
}

/// This page waits: it goes on when the tab of another version is closed or loaded anew,
/// which after an update happens by itself.
fn not_together(office: &Office) {
    office.tell_standing(&Standing::Unusable(Unusable::OtherVersion));
}

fn pass_on(office: &Office, number: Number, ask: &Ask, blob: Option<&Blob>, again: bool) {
    let ask = TabMessage::Ask {
        tab: office.tab,
        number,
        ask: ask.clone(),
        again,
    };
    office.channel.say(&ask, blob);
}

//! The desk: one loop that takes everything that happens in its order.
//!
//! While another tab's worker holds the vault this one passes its page's questions on; when
//! it gets the vault itself it answers them, and those of the other tabs.

mod asks;
mod follower;
mod holder;
mod news;
mod passkey;
mod vault;
mod waiting;

use std::cell::RefCell;

use siegel_web_bridge::view::{Standing, Unusable};
use siegel_web_bridge::{BUILD, FromWorker, News, ToWorker};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use crate::moment;
use crate::queue::{Asker, Happening, Queue};
use crate::tabs::{Channel, TabId, TabMessage, await_lock};
use follower::Follower;
use holder::Holder;

/// Between two looks at the clock: for the automatic lock and dead lines.
const ROUND_MS: f64 = 10_000.0;

/// What this worker is to the vault.
enum Part {
    /// Another tab's worker holds it, or nobody yet.
    Follower(Follower),
    /// This one.
    Holder(Box<Holder>),
    /// Neither can be: the page was told why.
    Useless,
}

/// What both parts work with.
pub struct Office {
    /// This tab.
    pub tab: TabId,
    /// Which build of the app this is, more exactly than its version: the address of this
    /// worker's script, which is made of its content.
    pub build: String,
    /// Everything that happens.
    pub queue: Queue,
    /// The other tabs.
    pub channel: Channel,
    /// What the page's marks say.
    pub used_before: bool,
    /// What this worker's page was last told of the vault.
    pub told: RefCell<Option<Standing>>,
}

impl Office {
    /// Tells this worker's page.
    pub fn tell(&self, message: &FromWorker, blob: Option<&Blob>) {
        if let Some(packed) = crate::tabs::pack(message, blob) {
            // Fails only for what cannot be cloned; bytes and blobs can.
            moment::scope().post_message(&packed).ok();
        }
    }

    /// Tells this worker's page how the vault stands, unless it knows: another holder is no
    /// reason to draw a screen anew on which somebody types.
    pub fn tell_standing(&self, standing: &Standing) {
        if self.told.borrow().as_ref() != Some(standing) {
            self.tell(&FromWorker::News(News::Standing(standing.clone())), None);
            self.told.replace(Some(standing.clone()));
        }
    }

    /// Ends this worker: keys go with its memory, the page starts another one.
    pub fn end(&self, wiped: bool) {
        self.tell(&FromWorker::Ending { wiped }, None);
        moment::scope().close();
    }
}

/// Runs until the worker ends.
pub async fn run(queue: Queue) {
    let first = queue.next().await;
    let Happening::Page(ToWorker::Hello { build, used_before }, _) = first else {
        return;
    };
    let Some((office, part)) = begin(&queue, &build, used_before) else {
        return unusable(Unusable::Browser);
    };
    let mut part = part;
    loop {
        part = turn(&office, part, queue.next().await).await;
    }
}

fn begin(queue: &Queue, build: &str, used_before: bool) -> Option<(Office, Part)> {
    let tab = u64::from_be_bytes(moment::random().ok()?);
    let office = Office {
        tab,
        build: moment::worker().location().pathname(),
        queue: queue.clone(),
        channel: Channel::open(queue.clone())?,
        used_before,
        told: RefCell::default(),
    };
    if build != BUILD {
        unusable(Unusable::OtherVersion);
        return Some((office, Part::Useless));
    }
    await_lock(queue.clone())?;
    office.channel.say(&TabMessage::Hello { tab }, None);
    let rounds = queue.clone();
    spawn_local(async move {
        loop {
            moment::sleep(ROUND_MS).await;
            rounds.push(Happening::Round);
        }
    });
    Some((office, Part::Follower(Follower::default())))
}

async fn turn(office: &Office, part: Part, happening: Happening) -> Part {
    match (part, happening) {
        (Part::Follower(follower), Happening::Held) => take_over(office, follower).await,
        (Part::Follower(mut follower), happening) => {
            follower.take(office, happening);
            Part::Follower(follower)
        }
        (Part::Holder(mut holder), happening) => {
            holder.take(office, happening).await;
            Part::Holder(holder)
        }
        (Part::Useless, _) => Part::Useless,
    }
}

/// The lock is ours: opens the store, and the vault if the last holder left it open, and
/// answers what this page has asked meanwhile.
async fn take_over(office: &Office, follower: Follower) -> Part {
    let (handover, open) = follower.inherit();
    match Holder::begin(office, handover).await {
        Ok(mut holder) => {
            for (asker, ask, blob, again) in open {
                let asker = Asker {
                    tab: office.tab,
                    number: asker,
                };
                holder.ask(office, asker, ask, blob, again).await;
            }
            Part::Holder(Box::new(holder))
        }
        Err(why) => {
            unusable(why);
            Part::Useless
        }
    }
}

fn unusable(why: Unusable) {
    let news = News::Standing(Standing::Unusable(why));
    if let Some(packed) = crate::tabs::pack(&FromWorker::News(news), None) {
        moment::scope().post_message(&packed).ok();
    }
}
